// SPDX-License-Identifier: MIT
// Modules made of modules, and of functions.
#pragma once

#include <ingot/nn/module.h>

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>

namespace ingot::nn {

// One module after the other, named by their places: "0", "1", ...
class INGOT_API Sequential : public Module {
public:
    Sequential(std::initializer_list<Module> modules);
    explicit Sequential(std::span<const Module> modules);
};

// body(x) + shortcut(x), or + x without one; children "body" and "shortcut". (He et al., "Deep
// residual learning for image recognition", CVPR 2016.)
class INGOT_API Residual : public Module {
public:
    explicit Residual(const Module& body);
    Residual(const Module& body, const Module& shortcut);
};

// A function as a layer without weights: Lambda{"Square", [](const Tensor& x) { return x * x; }}.
// to_json() refuses it by its name.
class INGOT_API Lambda : public Module {
public:
    Lambda(std::string name, std::function<Tensor(const Tensor& x)> function);
};

}  // namespace ingot::nn
