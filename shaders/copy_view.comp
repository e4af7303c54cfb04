// SPDX-License-Identifier: MIT
// target[view] = source[view]: copies a strided view into another of the same sizes, as words of 32
// bits, so NaN payloads survive. One invocation an element.
//
// The host guarantees: both views lie inside their bindings, the target view does not overlap
// itself (no stride 0 on an axis longer than 1) nor the source, groups come from groups_for().
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/index.glsl"
#include "copy_view.h"

layout(local_size_x_id = 0) in;
layout(constant_id = 0) const uint LOCAL_SIZE = 64;

layout(push_constant) uniform Push { CopyViewParameters p; };

layout(set = 0, binding = 0) readonly buffer Source { uint source[]; };
layout(set = 0, binding = 1) writeonly buffer Target { uint target[]; };

void main() {
    const uint index = invocation_index();
    if (index >= p.count) return;

    uint rest = index;
    uint from = p.source_offset;
    uint to = p.target_offset;
    for (int axis = int(kCopyViewAxes) - 1; axis >= 0; --axis) {
        const uint coordinate = rest % p.sizes[axis];
        rest /= p.sizes[axis];
        from += coordinate * p.source_strides[axis];
        to += coordinate * p.target_strides[axis];
    }
    target[to] = source[from];
}
