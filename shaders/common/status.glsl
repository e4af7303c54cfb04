// SPDX-License-Identifier: MIT
// How a kernel tells the host that the data is at fault, without a wait: it raises a flag that stops
// every later update of the step, and keeps the smallest offender of its call.
//
// A kernel that includes this declares `status` read and written, and that is how the executor knows
// that its calls can report. The first word of such a kernel's parameters is `uint site`, which the
// executor sets: the word of the status, 1 or above, that is the call's.
//
// The including kernel defines STATUS_BINDING beforehand. Users of the library may include this file
// ("ingot/status.glsl"), where report(site, number) stays as it is.
#ifndef INGOT_STATUS_GLSL
#define INGOT_STATUS_GLSL

layout(set = 0, binding = STATUS_BINDING) buffer Status {
    uint status[];  // [0] the flag; [site] the smallest offender, 0xffffffff when there is none
};

void report(uint site, uint offender) {
    atomicOr(status[0], 1u);
    atomicMin(status[site], offender);
}

#endif
