#version 450
// SPDX-License-Identifier: MIT
// sums[i] = factor * (sum of the four components of texel i); one invocation per texel.
layout(local_size_x = 32) in;

layout(set = 0, binding = 0) uniform samplerBuffer texels;
layout(set = 0, binding = 1) uniform Parameters {
    uint count;
    float factor;
};
layout(set = 0, binding = 5) writeonly buffer Sums { float sums[]; };

void main() {
    const int i = int(gl_GlobalInvocationID.x);
    if (i < count) sums[i] = factor * dot(texelFetch(texels, i), vec4(1.0));
}
