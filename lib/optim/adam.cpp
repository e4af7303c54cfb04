// SPDX-License-Identifier: MIT
// Adam and AdamW; the formulas stand in optim.h.
//
// The bias corrections c_t = 1 - beta^t are kept as state and moved by c' = beta c + (1 - beta):
// good to 2e-5 at any t, where 1 - pow(beta, t) loses most digits in the first steps.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

struct Settings {
    std::string name;
    AdamOptions options;
    bool decoupled;  // weight decay scales the parameters, not the gradient
};

class AdamRule : public Rule {
public:
    explicit AdamRule(Settings settings) : settings_(std::move(settings)) {
        const char* name = settings_.name.c_str();
        check_share(name, "beta1", settings_.options.beta1);
        check_share(name, "beta2", settings_.options.beta2);
        check_option(name, "epsilon", settings_.options.epsilon);
        check_option(name, "weight_decay", settings_.options.weight_decay);
    }

    std::string name() const override { return settings_.name; }
    std::vector<std::string> shared_names() const override {
        return {"step", "bias_correction1", "bias_correction2"};
    }
    std::vector<std::string> state_names() const override { return {"exp_avg", "exp_avg_sq"}; }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        const AdamOptions& o = settings_.options;
        const Tensor correction1 = number(o.beta1) * shared[1] + number(1 - o.beta1);
        const Tensor correction2 = number(o.beta2) * shared[2] + number(1 - o.beta2);
        graph.update(shared[0], shared[0] + 1.0F);
        graph.update(shared[1], correction1);
        graph.update(shared[2], correction2);
        return {learning_rate / correction1, correction2};
    }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const AdamOptions& o = settings_.options;
        Tensor p = slab.p;
        Tensor g = slab.d_p;
        if (o.weight_decay != 0) {
            const Tensor decay = number(o.weight_decay);
            if (settings_.decoupled) {
                p = p - slab.learning_rate * (decay * p);  // in this order: no group of its own
            } else {
                g = g + decay * p;
            }
        }
        const Tensor m = number(o.beta1) * slab.state[0] + number(1 - o.beta1) * g;
        const Tensor v = number(o.beta2) * slab.state[1] + number(1 - o.beta2) * (g * g);
        graph.update(slab.state[0], m);
        graph.update(slab.state[1], v);
        const Tensor& step_size = slab.shared[0];
        const Tensor& correction2 = slab.shared[1];
        return p - step_size * m / (sqrt(v / correction2) + number(o.epsilon));
    }

private:
    Settings settings_;
};

}  // namespace

Adam::Adam(const AdamOptions& options)
    : Optimizer(options.lr, std::make_unique<AdamRule>(Settings{"adam", options, false})) {}

AdamW::AdamW(const AdamWOptions& o)
    : Optimizer(o.lr, std::make_unique<AdamRule>(Settings{
                          "adamw", {o.lr, o.beta1, o.beta2, o.epsilon, o.weight_decay}, true})) {}

}  // namespace ingot::optim
