// SPDX-License-Identifier: MIT
// The index of an invocation or a group in a one-dimensional dispatch that groups_for() folded into
// x and y. The last row may be partly beyond the end: compare with the count before use.
#ifndef INGOT_SHADERS_COMMON_INDEX_GLSL
#define INGOT_SHADERS_COMMON_INDEX_GLSL

uint group_index() {
    return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
}

uint invocation_index() {
    return group_index() * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
}

#endif
