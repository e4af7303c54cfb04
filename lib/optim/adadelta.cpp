// SPDX-License-Identifier: MIT
// Adadelta; the formula stands in optim.h.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class AdadeltaRule : public Rule {
public:
    explicit AdadeltaRule(const AdadeltaOptions& options) : options_(options) {
        check_share("adadelta", "rho", options.rho);
        check_option("adadelta", "epsilon", options.epsilon);
        check_option("adadelta", "weight_decay", options.weight_decay);
    }

    std::string name() const override { return "adadelta"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> state_names() const override { return {{"square_avg"}, {"acc_delta"}}; }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor epsilon = number(options_.epsilon);
        const Tensor v = mix(options_.rho, slab.state[0], slab.d_p * slab.d_p);
        const Tensor step = sqrt(slab.state[1] + epsilon) / sqrt(v + epsilon) * slab.d_p;
        graph.update(slab.state[0], v);
        graph.update(slab.state[1], mix(options_.rho, slab.state[1], step * step));
        return slab.p - slab.learning_rate * step;
    }

private:
    AdadeltaOptions options_;
};

}  // namespace

Adadelta::Adadelta(const AdadeltaOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<AdadeltaRule>(options)), step) {}

void Adadelta::add_group(std::vector<Parameter> parameters, const AdadeltaOptions& options,
                         const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<AdadeltaRule>(options)}, group);
}

}  // namespace ingot::optim
