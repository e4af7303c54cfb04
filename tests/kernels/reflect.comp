// SPDX-License-Identifier: MIT
// Never run. INTERFACE declares one of each thing that reflection reads; every other define is an
// interface that it must refuse.
#version 450
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require

#ifdef INTERFACE

layout(local_size_x_id = 7, local_size_y_id = 3, local_size_z = 2) in;
layout(constant_id = 3) const uint ROWS = 4;
layout(constant_id = 0) const bool FLAG = true;
layout(constant_id = 1) const int SHIFT = -2;
layout(constant_id = 9) const float SCALE = 0.5;

layout(push_constant) uniform Push {
    vec2 head;
    uint sizes[5];
    float tail;
} p;

layout(binding = 5) readonly buffer Source { float source[]; };
layout(binding = 2) writeonly buffer Target { float values[]; } target;
layout(binding = 0) buffer State { uint step; float sums[]; };
layout(binding = 1) uniform Table { vec4 rows[3]; } table;
layout(binding = 3) uniform samplerBuffer weights;
layout(binding = 4, r32f) writeonly uniform imageBuffer pixels;
layout(binding = 6) readonly buffer Scalars { float as_scalars[]; };
layout(binding = 6) writeonly buffer Vectors { vec4 as_vectors[]; };

float helper(uint i) {
    return source[i] + texelFetch(weights, int(i)).x + as_scalars[i] + table.rows[i % 3].x;
}

void main() {
    const uint i = gl_GlobalInvocationID.x + ROWS + (FLAG ? 1 : 0) + uint(SHIFT);
    const float value = subgroupAdd(helper(i)) * SCALE + p.head.x + float(p.sizes[i % 5]) + p.tail;
    target.values[i] = value;
    sums[step] = value;
    as_vectors[i] = vec4(value);
    imageStore(pixels, int(i), vec4(value));
}

#else

layout(local_size_x = 64) in;

#if defined(SET_1)
layout(set = 1, binding = 0) buffer Values { float values[]; };
void main() { values[0] = 1; }
#elif defined(BINDING_ARRAY)
layout(binding = 0) buffer Values { float values[]; } many[2];
void main() { many[1].values[0] = 1; }
#elif defined(IMAGE)
layout(binding = 0, r32f) uniform image2D picture;
void main() { imageStore(picture, ivec2(0), vec4(0)); }
#elif defined(WIDE_CONSTANT)
layout(constant_id = 0) const double WIDE = 1.0;
layout(binding = 0) buffer Values { float values[]; };
void main() { values[0] = float(WIDE); }
#endif

#endif
