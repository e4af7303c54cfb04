#version 450
// SPDX-License-Identifier: MIT
// y[i] = scale * x[i] + addend for i < count; one invocation per element. `scale` is a specialization
// constant and `addend` a push constant, so both ways into a shader are seen to work.
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint kScale = 1;

layout(push_constant) uniform Parameters {
    uint count;
    uint addend;
};
layout(set = 0, binding = 0) readonly buffer X { uint x[]; };
layout(set = 0, binding = 1) buffer Y { uint y[]; };

void main() {
    const uint i = gl_GlobalInvocationID.x;
    if (i < count) y[i] = kScale * x[i] + addend;
}
