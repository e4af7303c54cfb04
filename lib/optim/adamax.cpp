// SPDX-License-Identifier: MIT
// Adamax: Adam with the largest gradient, fading, in place of the root mean square.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class AdamaxRule : public Rule {
public:
    explicit AdamaxRule(const AdamaxOptions& options) : options_(options) {
        check_share("adamax", "beta1", options.beta1);
        check_share("adamax", "beta2", options.beta2);
        check_option("adamax", "epsilon", options.epsilon);
        check_option("adamax", "weight_decay", options.weight_decay);
    }

    std::string name() const override { return "adamax"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> shared_names() const override {
        return {{"step"}, {"bias_correction1"}};
    }
    std::vector<StateName> state_names() const override { return {{"exp_avg"}, {"exp_inf"}}; }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        next_step(shared[0], graph);
        return {learning_rate / next_correction(options_.beta1, shared[1], graph)};
    }
    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor m = mix(options_.beta1, slab.state[0], slab.d_p);
        const Tensor u = maximum(number(options_.beta2) * slab.state[1],
                                 abs(slab.d_p) + number(options_.epsilon));
        graph.update(slab.state[0], m);
        graph.update(slab.state[1], u);
        return slab.p - slab.shared[0] * m / u;
    }

private:
    AdamaxOptions options_;
};

}  // namespace

Adamax::Adamax(const AdamaxOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<AdamaxRule>(options)), step) {}

void Adamax::add_group(std::vector<Parameter> parameters, const AdamaxOptions& options,
                       const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<AdamaxRule>(options)}, group);
}

}  // namespace ingot::optim
