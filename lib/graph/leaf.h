// SPDX-License-Identifier: MIT
// Values that no kernel computes: fed by the host, kept from run to run, or known beforehand.
#pragma once

#include "graph/op_def.h"
#include "graph/state.h"

#include <ingot/graph.h>

#include <atomic>

namespace ingot::graph {

extern const OpDef kInputOp;         // InputAttributes
extern const OpDef kScalarOp;        // ScalarAttributes
extern const OpDef kStateOp;         // StateAttributes
extern const OpDef kConstantOp;      // ConstantAttributes
extern const OpDef kWithUpdateOp;    // the identity; the node carries the update
extern const OpDef kStopGradientOp;  // the identity; gradients end here

struct InputAttributes {
    std::uint64_t id;
    std::string name;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("id", id);
        visit("name", name);
    }
};

// One word that a program reads from the host at each run. A counter is increased by each run that
// reads it, so that random streams move on.
struct ScalarCell {
    std::uint64_t id = 0;
    std::string name;
    bool is_counter = false;
    std::atomic<std::uint32_t> word{0};
};

struct ScalarAttributes {
    std::shared_ptr<ScalarCell> cell;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("id", cell->id);
        visit("name", cell->name);
    }
};

struct StateAttributes {
    std::shared_ptr<State> state;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("id", state->id);
        visit("name", state->name);
    }
};

struct ConstantAttributes {
    std::uint32_t word;  // the bits of the value, in the node's dtype
    template <typename Visit>
    void fields(Visit visit) const {
        visit("word", word);
    }
};

// Throws, naming `operation`, unless the value fits the parameter that it is to replace.
void check_update(const char* operation, const Update& update);
Tensor leaf(const OpDef& def, Attributes attributes, TensorSpec spec);
Tensor constant_word(std::uint32_t word, DType dtype);
Tensor scalar_tensor(std::shared_ptr<ScalarCell> cell, DType dtype);
std::uint64_t next_id();  // unique in the process, growing

}  // namespace ingot::graph
