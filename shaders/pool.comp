// SPDX-License-Identifier: MIT
// y[plane, i] = program(max or mean over window i of x[plane]), windows over one to three axes as
// common/windows.glsl lays them: one invocation STRIP neighbouring outputs.
//
// max: the first maximum in row order wins, a NaN beats every number, and padding never does. Where
// in its plane the maximum stood is stored as well, if PLACES: what the gradient reads instead of x.
// mean: the sum over the part of the window that lies in x, divided as divisor() says.
//
// The host guarantees: every window meets x; fewer than 60000 positions in STRIP windows; MASKED
// unless every window lies inside x; groups from groups_for().
// variant: max_pool MAX=1
// variant: avg_pool
#version 450
#extension GL_GOOGLE_include_directive : require

#include "common/windows.glsl"

layout(constant_id = 20) const bool MASKED = true;

layout(set = 0, binding = 0) readonly buffer X { uint x[]; };

#ifdef MAX
layout(constant_id = 21) const bool PLACES = false;
layout(set = 0, binding = 1) writeonly buffer Place { uint place[]; };
#define PW_BINDING 2
#else
#define PW_BINDING 1
#endif
#include "common/pointwise.glsl"

bool inside(int at, int size) { return !MASKED || uint(at) < uint(size); }

void main() {
    const uint number = invocation_index();
    if (number >= p.count) return;
    const Axis across = AXIS_X;
    const Strip s = strip_of(number, p.slices, p.rows, p.columns);
    const Span depth = VOLUME ? window(s.z, AXIS_Z) : Span(0, 1);
    const Span height = window(s.y, AXIS_Y);
    const uint plane = s.plane * (p.depth * p.height * p.width);
    const float area = UNIFORM ? float(KERNEL_Z * KERNEL_Y * KERNEL_X)
                               : float((VOLUME ? divisor(s.z, AXIS_Z) : 1) * divisor(s.y, AXIS_Y));

    for (int i = s.begin; i < s.end; ++i) {
        const Span width = window(i, across);
#ifdef MAX
        uint best = 0u, at = 0u;
        bool found = false;
#else
        float sum = 0;
#endif
        for (int w = 0; w < depth.count; ++w) {
            const int z = depth.begin + w * DILATION_Z;
            for (int v = 0; v < height.count; ++v) {
                const int y = height.begin + v * DILATION_Y;
                const bool row_inside =
                    (!VOLUME || inside(z, int(p.depth))) && inside(y, int(p.height));
                const int row = (VOLUME ? z * int(p.height) + y : y) * int(p.width);
                for (int u = 0; u < width.count; ++u) {
                    const int column = width.begin + u * DILATION_X;
                    const bool here = row_inside && inside(column, int(p.width));
                    const uint position = here ? uint(row + column) : 0u;
                    const uint value = x[plane + position];
#ifdef MAX
                    const bool larger = uintBitsToFloat(value) > uintBitsToFloat(best);
                    if (here && (!found || !is_nan(best) && (larger || is_nan(value)))) {
                        best = value;
                        at = position;
                        found = true;
                    }
#else
                    sum += here ? uintBitsToFloat(value) : 0.0;
#endif
                }
            }
        }
        const uint element = s.row + uint(i);
#ifdef MAX
        if (PLACES) place[element] = at;
        pw_run(element, s.plane % p.channels, 0u, best);
#else
        const float mean = sum / (UNIFORM ? area : area * float(divisor(i, across)));
        pw_run(element, s.plane % p.channels, 0u, floatBitsToUint(mean));
#endif
    }
}
