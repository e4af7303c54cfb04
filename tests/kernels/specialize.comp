// SPDX-License-Identifier: MIT
// Never run: what specialization must follow, and what it must leave alone.
#version 450

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;
layout(constant_id = 1) const uint CHOICE = 0;
layout(constant_id = 2) const bool FLAG = false;
layout(constant_id = 3) const int ROUNDS = 4;
layout(constant_id = 4) const float SCALE = 1.0;

layout(binding = 0) readonly buffer Source { float source[]; };
layout(binding = 1) buffer Target { float target[]; };
layout(binding = 2) writeonly buffer Extra { float extra[]; };

shared float tile[LOCAL_SIZE * 2];

float chosen(const uint choice, const float x) {
    switch (choice) {
        case 0: return x;
        case 1: return sin(x);
        case 2: return cos(x);
        default: return tan(x);
    }
}

// A break out of the middle of a case: its switch is still one when the choice is known.
float broken_off(const uint choice, const float x) {
    float y = 0.0;
    switch (choice) {
        case 0: y = x; break;
        case 1:
            if (x > 1.0) break;
            y = exp(x);
            break;
        default: y = log(x); break;
    }
    return y;
}

uint nested(const uint choice) {
    return choice == 0u ? 3u : choice == 1u ? 5u : 7u;
}

void main() {
    const uint i = gl_GlobalInvocationID.x;
    float x = source[i] * SCALE;
    if (FLAG) extra[i] = x;
    if (FLAG && ROUNDS > 2) x = inversesqrt(x);
    for (int k = 0; k < ROUNDS; ++k) {
        if (CHOICE == 9u) break;
        if (CHOICE == 8u) continue;
        x += chosen(CHOICE, x) + chosen(CHOICE + 1u, x);
    }
    for (int k = 0; CHOICE == 7u && k < 3; ++k)
        x += atan(x);
    if (nested(CHOICE) == 5u) {
        tile[gl_LocalInvocationID.x] = x;
        barrier();
        x = tile[LOCAL_SIZE - 1u];
    }
    target[i] = x + broken_off(CHOICE, x);
}
