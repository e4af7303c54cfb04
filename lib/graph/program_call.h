// SPDX-License-Identifier: MIT
// From a pointwise program to the constants and operands of the kernel that runs it. Every kernel
// that includes shaders/common/pointwise.glsl is set up here and nowhere else.
#pragma once

#include "graph/group.h"
#include "shaders/pointwise.h"

namespace ingot::graph {

// The memory a use reads: exactly its elements when contiguous, the whole value when strided.
Operand operand_of(const Body& body, const Use& use);
Operand operand_of(const Body& body, ValueId value);

// Whether texel fetches can convert what the operation reads: no format holds bf16.
bool fits_texels(const Body& body, const Operation& operation);

// Sets the PW_ constants and binds pw_in and pw_out. `div` and `mod` receive what a kernel that
// offers kAccessModular puts into its parameters.
void set_program(KernelCall& call, const Body& body, const PointwiseProgram& program,
                 std::uint32_t* div = nullptr, std::uint32_t* mod = nullptr);

// Candidates for a group without an anchor.
std::vector<Candidate> lower_pointwise(const Body& body, const Group& group,
                                       const DeviceDescription& device);

// The call that moves a contiguous use; not made once the device has seen an error if `guarded`.
KernelCall copy_call(const Body& body, const Use& from, bool guarded,
                     const DeviceDescription& device);

}  // namespace ingot::graph
