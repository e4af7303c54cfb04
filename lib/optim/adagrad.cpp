// SPDX-License-Identifier: MIT
// Adagrad; the formula stands in optim.h.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class AdagradRule : public Rule {
public:
    explicit AdagradRule(const AdagradOptions& options) : options_(options) {
        check_option("adagrad", "lr_decay", options.lr_decay);
        check_option("adagrad", "weight_decay", options.weight_decay);
        check_option("adagrad", "initial_accumulator_value", options.initial_accumulator_value);
        check_option("adagrad", "epsilon", options.epsilon);
    }

    std::string name() const override { return "adagrad"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> shared_names() const override { return {{"step"}}; }
    std::vector<StateName> state_names() const override {
        return {{"sum", options_.initial_accumulator_value}};
    }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        const Tensor before = shared[0];
        next_step(shared[0], graph);
        return {learning_rate / (1.0F + before * number(options_.lr_decay))};
    }
    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor total = slab.state[0] + slab.d_p * slab.d_p;
        graph.update(slab.state[0], total);
        return slab.p - slab.shared[0] * slab.d_p / (sqrt(total) + number(options_.epsilon));
    }

private:
    AdagradOptions options_;
};

}  // namespace

Adagrad::Adagrad(const AdagradOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<AdagradRule>(options)), step) {}

void Adagrad::add_group(std::vector<Parameter> parameters, const AdagradOptions& options,
                        const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<AdagradRule>(options)}, group);
}

}  // namespace ingot::optim
