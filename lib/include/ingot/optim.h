// SPDX-License-Identifier: MIT
// Optimizers. An optimizer only adds nodes: minimize() takes a loss to the graph of a whole
// training step, with the gradients and one pointwise update per slab of parameters. Formulas and
// defaults are PyTorch's.
//
//     auto step = device.compile(ingot::optim::Sgd{{.lr = 0.1}}.minimize(loss));
//
// An optimizer is a handle: copies share its state. Several programs may be made with one (the
// short last batch, say); they move the same state.
#pragma once

#include <ingot/export.h>
#include <ingot/graph.h>
#include <ingot/parameter.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot::optim {

class Rule;

class INGOT_API Optimizer {
public:
    // Outputs: the loss. Updates: every trainable parameter that it depends on, and this
    // optimizer's state. The first call lays the parameters out in slabs, so it comes before any
    // program that uses them is compiled; a later one finds them there. Throws when there is
    // nothing to train, or when the loss reaches only some of the parameters that are updated
    // together since an earlier call.
    Graph minimize(const Tensor& loss);

    // Lays parameters out without a loss yet, for when another program that uses them is compiled
    // first. minimize() must then reach all of them.
    void adopt(std::span<const Parameter> parameters);

    // Read afresh at each run of the programs.
    void set_learning_rate(double rate);
    double learning_rate() const;

    // What a checkpoint keeps: "adam.step", "adam.exp_avg.0" (of the first slab) ... Complete once
    // minimize() was called.
    std::vector<Parameter> state() const;
    const std::string& name() const;  // "sgd", "adam", "adamw"

protected:
    Optimizer(double learning_rate, std::unique_ptr<Rule> rule);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

struct SgdOptions {
    double lr = 1e-3;
    double momentum = 0;      // 0: none, and no state
    double dampening = 0;     // of the gradient as it enters the momentum, from the second step on
    bool nesterov = false;    // needs momentum and no dampening
    double weight_decay = 0;  // L2: added to the gradient
};

// g = d_p + weight_decay p;  buffer = momentum buffer + (1 - dampening) g, the first time g;
// p -= lr buffer, or lr (g + momentum buffer) with Nesterov's (Sutskever et al., "On the importance
// of initialization and momentum in deep learning", ICML 2013).
class INGOT_API Sgd : public Optimizer {
public:
    explicit Sgd(const SgdOptions& options = {});
};

struct AdamOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;  // L2: added to the gradient
};

// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015:
// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
// p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon).
class INGOT_API Adam : public Optimizer {
public:
    explicit Adam(const AdamOptions& options = {});
};

struct AdamWOptions {
    double lr = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 1e-2;  // decoupled: p is scaled by 1 - lr weight_decay first
};

// Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
class INGOT_API AdamW : public Optimizer {
public:
    explicit AdamW(const AdamWOptions& options = {});
};

}  // namespace ingot::optim
