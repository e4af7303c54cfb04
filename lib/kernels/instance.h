// SPDX-License-Identifier: MIT
// Functions of a SPIR-V module as they are for arguments that are known: which blocks can be
// reached, what is known in them, and the words of what is left.
#pragma once

#include "kernels/spirv_constants.h"
#include "kernels/spirv_function.h"

#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace ingot::spirv {

struct Instance {
    const Function* function = nullptr;
    std::vector<Id> arguments;                  // constants; 0: not known
    std::vector<Id> alias;                      // by id: what is the same; 0: nothing
    std::unordered_map<Id, int> stores;         // by local variable; 2: more, or out of sight
    std::unordered_map<Id, Id> stored;          // by local variable with one store: the constant
    std::vector<bool> reached;                  // by block
    std::vector<Id> taken;                      // by block: the only way on, where a choice was
    std::unordered_map<Id, Instance*> callees;  // by the call's result
    Id result = 0;                              // the constant that it returns on every way
    bool may_be_left_out = false;               // it does nothing that `result` does not tell
    Id id = 0;                                  // in the new module, once it is written

    bool leads_to(std::size_t block, Id label) const;
};

class Instances {
public:
    Instances(const std::map<Id, Function>& functions, Constants& constants)
        : functions_(functions), constants_(constants) {}

    // Worked out when first asked for. `arguments`: one a parameter, 0 where not known.
    Instance& get(Id function, std::vector<Id> arguments);

    // Appends it to written(), behind what it calls.
    void write(Instance& instance);

    const Words& written() const { return words_; }
    const std::vector<bool>& live() const { return live_; }  // by id: what written() speaks of

private:
    void count_stores(Instance& instance) const;
    void explore(Instance& instance);
    void explore(Instance& instance, const Instruction& next, std::size_t block);
    void explore_call(Instance& instance, const Instruction& next);
    void explore_phi(Instance& instance, const Instruction& next, std::size_t block) const;
    Id way_on(const Instance& instance, std::size_t block) const;
    void summarize(Instance& instance) const;

    Id resolved(const Instance& instance, Id id) const;
    std::optional<std::uint32_t> bits_of(const Instance& instance, Id id) const {
        return constants_.bits_of(resolved(instance, id));
    }
    bool is_folded(const Instance& instance, const Instruction& next) const;
    bool has_effect(const Instance& instance, const Instruction& next) const;
    std::vector<bool> needed(const Instance& instance) const;

    const std::map<Id, Function>& functions_;
    Constants& constants_;
    std::map<std::pair<Id, std::vector<Id>>, std::unique_ptr<Instance>> instances_;
    std::set<Id> has_own_ids_;  // functions of which an instance has the ids that they came with
    Words words_;
    std::vector<bool> live_;
};

}  // namespace ingot::spirv
