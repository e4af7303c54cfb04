// SPDX-License-Identifier: MIT
// What stands behind an Optimizer: its groups, the slabs that their parameters lie in, and the
// state of both. optimizer.cpp lays them out, step.cpp writes the step.
#pragma once

#include "optim/rule.h"

#include <ingot/optim.h>

#include <memory>
#include <string>
#include <vector>

namespace ingot::optim {

struct SlabWithState {
    ParameterSlab slab;
    std::vector<Parameter> state;  // the rule's
    Parameter gradient_sum;        // with accumulation
    Parameter average;             // with ema_decay

    bool holds(const Parameter& parameter) const;
};

struct GroupOfSlabs {
    std::unique_ptr<Rule> rule;
    GroupOptions options;
    std::string prefix;            // of the names of its state
    std::vector<Parameter> named;  // empty: whatever no group names and the rule takes
    Scalar learning_rate;
    double exact_learning_rate;
    double initial_learning_rate;
    std::vector<Parameter> shared;
    std::vector<SlabWithState> slabs;
};

struct Optimizer::Impl {
    StepOptions options;
    std::string name;
    std::vector<GroupOfSlabs> groups;
    Parameter micro_batch;  // f32 [1]: runs since the last update, with accumulation
    Parameter averaged;     // f32 [1]: updates that the averages have seen, with ema_decay

    void add(std::vector<Parameter> parameters, Group group, const GroupOptions& of_group);
    // Lays out those of the parameters that were never seen.
    void adopt(std::span<const Parameter> parameters);
    std::size_t group_of(const Parameter& parameter) const;
    bool holds(const Parameter& parameter) const;
    const GroupOfSlabs& group(std::size_t index) const;
    template <typename Action>
    void each_slab(Action action) const {
        for (const GroupOfSlabs& group : groups) {
            for (const SlabWithState& entry : group.slabs)
                action(entry);
        }
    }
};

}  // namespace ingot::optim
