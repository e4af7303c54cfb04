// SPDX-License-Identifier: MIT
// An operator of a user: what was declared, the kernel, and the table by which the graph knows it.
// Nodes and operations hold it through their attributes, so it lives as long as any program that
// runs it.
#pragma once

#include "graph/op_def.h"
#include "kernels/kernel_call.h"
#include "kernels/owned_kernel.h"

#include <ingot/custom.h>

namespace ingot::custom {

struct Definition {
    explicit Definition(Options given);  // throws where declaration and shader do not meet

    // Throws unless the shader may read or write this dtype at the operand's binding. Any dtype may
    // be taken for words.
    void check_element(const std::string& operand, const TensorSpec& spec) const;

    // The dispatch that `launch` asks for, without its operands. Throws kInvalidArgument for what
    // is wrong on any device, kUnsupported with all that this one lacks.
    KernelCall call(const Call& call, const Launch& launch, const DeviceDescription& device) const;
    double flops(const Launch& launch) const { return launch.flops_; }

    Options options;
    OwnedKernel kernel;
    bool reports = false;  // its shader includes ingot/status.glsl
    graph::OpDef def{.listed = graph::kUnlisted};

private:
    void set_parameters(KernelCall& to, const Call& call, const Launch& launch) const;
    void set_constants(KernelCall& to, const Launch& launch) const;
    void set_groups(KernelCall& to, const Launch& launch, const DeviceDescription& device,
                    std::vector<std::string>& problems) const;
};

// One call of an operator as the attributes of its node.
struct CallAttributes {
    std::shared_ptr<const Definition> definition;
    Attributes values;
    template <typename Visit>
    void fields(Visit visit) const {
        for (const Attribute& attribute : values)
            visit(attribute.name.c_str(), attribute.value);
    }
};

}  // namespace ingot::custom
