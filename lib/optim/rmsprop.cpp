// SPDX-License-Identifier: MIT
// RMSprop, plain or centered, with or without momentum; the formula stands in optim.h.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class RmsPropRule : public Rule {
public:
    explicit RmsPropRule(const RmsPropOptions& options) : options_(options) {
        check_share("rmsprop", "alpha", options.alpha);
        check_option("rmsprop", "epsilon", options.epsilon);
        check_option("rmsprop", "weight_decay", options.weight_decay);
        check_option("rmsprop", "momentum", options.momentum);
    }

    std::string name() const override { return "rmsprop"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> state_names() const override {
        std::vector<StateName> names{{"square_avg"}};
        if (options_.centered) names.push_back({"grad_avg"});
        if (options_.momentum != 0) names.push_back({"momentum_buffer"});
        return names;
    }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor& g = slab.d_p;
        Tensor v = mix(options_.alpha, slab.state[0], g * g);
        graph.update(slab.state[0], v);
        if (options_.centered) {
            const Tensor average = mix(options_.alpha, slab.state[1], g);
            graph.update(slab.state[1], average);
            v = maximum(v - average * average, 0.0F);  // rounding may leave it below
        }
        Tensor step = g / (sqrt(v) + number(options_.epsilon));
        if (options_.momentum != 0) {
            const Parameter& buffer = slab.state.back();
            step = number(options_.momentum) * buffer + step;
            graph.update(buffer, step);
        }
        return slab.p - slab.learning_rate * step;
    }

private:
    RmsPropOptions options_;
};

}  // namespace

RmsProp::RmsProp(const RmsPropOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<RmsPropRule>(options)), step) {}

void RmsProp::add_group(std::vector<Parameter> parameters, const RmsPropOptions& options,
                        const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<RmsPropRule>(options)}, group);
}

}  // namespace ingot::optim
