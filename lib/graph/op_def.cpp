// SPDX-License-Identifier: MIT
#include "graph/op_def.h"

namespace ingot::graph {

constinit const Listing* Listing::first_ = nullptr;

std::vector<const OpDef*> Listing::all() {
    std::vector<const OpDef*> defs;
    for (const Listing* listing = first_; listing != nullptr; listing = listing->next_)
        defs.push_back(&listing->def_);
    return defs;
}

}  // namespace ingot::graph
