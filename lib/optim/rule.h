// SPDX-License-Identifier: MIT
// Rule: what one optimizer does to one slab of parameters, as expressions. All of a slab's update
// is pointwise over flat tensors and must fit one program: at most 8 inputs, 12 constants, 32
// instructions and 4 outputs.
#pragma once

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <span>
#include <string>
#include <vector>

namespace ingot::optim {

struct SlabUpdate {
    Tensor p;                          // f32 [count]: parameters, flat
    Tensor d_p;                        // f32 [count]
    std::span<const Parameter> state;  // as named by state_names()
    std::span<const Tensor> shared;    // as made by shared_values()
    Tensor learning_rate;              // f32 []
};

class Rule {
public:
    virtual ~Rule() = default;
    virtual std::string name() const = 0;

    // State kept once: parameters f32 [1], starting at 0.
    virtual std::vector<std::string> shared_names() const { return {}; }
    // State kept for each slab, in the slab's layout, starting at 0.
    virtual std::vector<std::string> state_names() const { return {}; }

    // Numbers that all slabs use, and the updates of the shared state; one small group.
    virtual std::vector<Tensor> shared_values(std::span<const Parameter>, const Tensor&,
                                              Graph&) const {
        return {};
    }
    // Adds the updates of the slab's state to the graph; the new value of p.
    virtual Tensor update(const SlabUpdate& slab, Graph& graph) const = 0;
};

// Throws naming the option unless the number is finite and at least 0.
void check_option(const char* optimizer, const char* option, double value);
// ... and below 1.
void check_share(const char* optimizer, const char* option, double value);

inline Tensor number(double value) {
    return Tensor(static_cast<float>(value));
}

}  // namespace ingot::optim
