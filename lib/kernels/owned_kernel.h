// SPDX-License-Identifier: MIT
// A kernel made at run time from the words of a SPIR-V module, which somebody else wrote. It owns
// what its Kernel shows; whoever holds a KernelCall of it keeps it alive.
#pragma once

#include "kernels/reflect.h"

namespace ingot {

class OwnedKernel {
public:
    // Throws what reflect() throws, naming `name`; and for what no pipeline of ours can be made of.
    OwnedKernel(std::string name, std::span<const std::uint32_t> spirv);
    OwnedKernel(const OwnedKernel&) = delete;
    OwnedKernel& operator=(const OwnedKernel&) = delete;

    const Kernel& kernel() const { return kernel_; }
    const Reflection& reflection() const { return reflection_; }

private:
    std::string name_;
    std::vector<std::uint32_t> spirv_;
    Reflection reflection_;
    std::vector<Binding> bindings_;
    std::vector<SpecConstant> constants_;
    Kernel kernel_;
};

// "Float64", or "capability 1234" for one that few know.
std::string capability_name(std::uint32_t capability);

}  // namespace ingot
