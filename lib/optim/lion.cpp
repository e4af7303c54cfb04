// SPDX-License-Identifier: MIT
// Lion: the sign of a mix of momentum and gradient; the formula stands in optim.h.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class LionRule : public Rule {
public:
    explicit LionRule(const LionOptions& options) : options_(options) {
        check_share("lion", "beta1", options.beta1);
        check_share("lion", "beta2", options.beta2);
        check_option("lion", "weight_decay", options.weight_decay);
    }

    std::string name() const override { return "lion"; }
    WeightDecay decay() const override { return {options_.weight_decay, true}; }
    std::vector<StateName> state_names() const override { return {{"exp_avg"}}; }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor direction = sign(mix(options_.beta1, slab.state[0], slab.d_p));
        graph.update(slab.state[0], mix(options_.beta2, slab.state[0], slab.d_p));
        return slab.p - slab.learning_rate * direction;
    }

private:
    LionOptions options_;
};

}  // namespace

Lion::Lion(const LionOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<LionRule>(options)), step) {}

void Lion::add_group(std::vector<Parameter> parameters, const LionOptions& options,
                     const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<LionRule>(options)}, group);
}

}  // namespace ingot::optim
