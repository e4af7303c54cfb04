// SPDX-License-Identifier: MIT
// NAdam; the formula stands in optim.h. The product of the momenta is kept as state.
#include "optim/rule.h"

#include <ingot/optim.h>

#include <cmath>

namespace ingot::optim {
namespace {

class NAdamRule : public Rule {
public:
    explicit NAdamRule(const NAdamOptions& options) : options_(options) {
        check_share("nadam", "beta1", options.beta1);
        check_share("nadam", "beta2", options.beta2);
        check_option("nadam", "epsilon", options.epsilon);
        check_option("nadam", "weight_decay", options.weight_decay);
        check_option("nadam", "momentum_decay", options.momentum_decay);
    }

    std::string name() const override { return "nadam"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> shared_names() const override {
        return {{"step"}, {"bias_correction2"}, {"mu_product", 1}};
    }
    std::vector<StateName> state_names() const override { return {{"exp_avg"}, {"exp_avg_sq"}}; }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        const Tensor step = next_step(shared[0], graph);
        const Tensor mu = momentum_at(step);
        const Tensor mu_next = momentum_at(step + 1.0F);
        const Tensor product = shared[2] * mu;
        graph.update(shared[2], product);
        return {learning_rate * (1.0F - mu) / (1.0F - product),
                learning_rate * mu_next / (1.0F - product * mu_next),
                next_correction(options_.beta2, shared[1], graph)};
    }
    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const auto [m, v] = next_moments(slab, options_.beta1, options_.beta2, graph);
        const Tensor root = sqrt(v / slab.shared[2]) + number(options_.epsilon);
        return slab.p - (slab.shared[0] * slab.d_p + slab.shared[1] * m) / root;
    }

private:
    // beta1 (1 - 0.96^(t momentum_decay) / 2)
    Tensor momentum_at(const Tensor& t) const {
        const Tensor power = exp(t * number(options_.momentum_decay * std::log(0.96)));
        return number(options_.beta1) * (1.0F - 0.5F * power);
    }

    NAdamOptions options_;
};

}  // namespace

NAdam::NAdam(const NAdamOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<NAdamRule>(options)), step) {}

void NAdam::add_group(std::vector<Parameter> parameters, const NAdamOptions& options,
                      const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<NAdamRule>(options)}, group);
}

}  // namespace ingot::optim
