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

enum class Combine {
    // Logits of classes: log of the mean of the members' probabilities, whose softmax is that mean.
    kProbabilities,
    // Logits of classes: each member has a vote for its largest output (the first of equal ones);
    // log((votes + 1) / (members + V)), whose softmax is Laplace's estimate. Equally many votes:
    // the first of the classes. No gradient.
    kVotes,
    kOutputs  // the mean of the outputs, of any shape: for numbers
};

struct EnsembleOptions {
    Combine combine = Combine::kProbabilities;
};

// Several nets as one model, children "0", "1", ...: each is given x. For classes their outputs are
// logits [B, V] or [B, V, ...]. Notes that all members have alike are the ensemble's; members with
// different notes, as of data that was prepared differently, are refused.
class INGOT_API Ensemble : public Module {
public:
    explicit Ensemble(std::span<const Module> members, const EnsembleOptions& options = {});
    Ensemble(std::initializer_list<Module> members, const EnsembleOptions& options = {});
};

// A function as a layer without weights: Lambda{"Square", [](const Tensor& x) { return x * x; }}.
// to_json() refuses it by its name.
class INGOT_API Lambda : public Module {
public:
    Lambda(std::string name, std::function<Tensor(const Tensor& x)> function);
};

}  // namespace ingot::nn
