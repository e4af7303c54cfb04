// SPDX-License-Identifier: MIT
// Adam and AdamW; the formulas stand in optim.h.
#include "optim/adam.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class AdamRule : public Rule {
public:
    AdamRule(const char* name, const AdamOptions& options) : name_(name), options_(options) {
        check_share(name, "beta1", options_.beta1);
        check_share(name, "beta2", options_.beta2);
        check_option(name, "epsilon", options_.epsilon);
        check_option(name, "weight_decay", options_.weight_decay);
    }

    std::string name() const override { return name_; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> shared_names() const override {
        return {{"step"}, {"bias_correction1"}, {"bias_correction2"}};
    }
    std::vector<StateName> state_names() const override {
        if (options_.amsgrad) return {{"exp_avg"}, {"exp_avg_sq"}, {"max_exp_avg_sq"}};
        return {{"exp_avg"}, {"exp_avg_sq"}};
    }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        next_step(shared[0], graph);
        return {learning_rate / next_correction(options_.beta1, shared[1], graph),
                next_correction(options_.beta2, shared[2], graph)};
    }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        auto [m, v] = next_moments(slab, options_.beta1, options_.beta2, graph);
        if (options_.amsgrad) {
            v = maximum(slab.state[2], v);
            graph.update(slab.state[2], v);
        }
        const Tensor& step_size = slab.shared[0];
        const Tensor& correction2 = slab.shared[1];
        return slab.p - step_size * m / (sqrt(v / correction2) + number(options_.epsilon));
    }

private:
    const char* name_;
    AdamOptions options_;
};

std::unique_ptr<Rule> adam_rule(const AdamOptions& options) {
    return std::make_unique<AdamRule>("adam", options);
}

}  // namespace

std::unique_ptr<Rule> adamw_rule(const AdamWOptions& o) {
    return std::make_unique<AdamRule>(
        "adamw", AdamOptions{o.lr, o.beta1, o.beta2, o.epsilon, o.weight_decay, o.amsgrad, true});
}

Adam::Adam(const AdamOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, adam_rule(options)), step) {}

void Adam::add_group(std::vector<Parameter> parameters, const AdamOptions& options,
                     const GroupOptions& group) {
    add(std::move(parameters), {options.lr, adam_rule(options)}, group);
}

AdamW::AdamW(const AdamWOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, adamw_rule(options)), step) {}

void AdamW::add_group(std::vector<Parameter> parameters, const AdamWOptions& options,
                      const GroupOptions& group) {
    add(std::move(parameters), {options.lr, adamw_rule(options)}, group);
}

}  // namespace ingot::optim
