// SPDX-License-Identifier: MIT
// Modules made of modules.
#pragma once

#include <ingot/nn/module.h>

#include <initializer_list>
#include <span>

namespace ingot::nn {

// One module after the other, named by their places: "0", "1", ...
class INGOT_API Sequential : public Module {
public:
    Sequential(std::initializer_list<Module> modules);
    explicit Sequential(std::span<const Module> modules);
};

}  // namespace ingot::nn
