// SPDX-License-Identifier: MIT
// The index of an invocation or a group in a one-dimensional dispatch that groups_for() folded into
// x and y. The last row may be partly beyond the end: compare with the count before use.
// Macros, because a function could not name the group's size above the line that declares it. Users
// of the library may include this file ("ingot/index.glsl").
#ifndef INGOT_SHADERS_COMMON_INDEX_GLSL
#define INGOT_SHADERS_COMMON_INDEX_GLSL

#define group_index() (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x)
#define invocation_index() (group_index() * gl_WorkGroupSize.x + gl_LocalInvocationID.x)

#endif
