// SPDX-License-Identifier: MIT
// Stochastic gradient descent with momentum; the formula stands in optim.h.
#include "optim/rule.h"

#include "core/check.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class SgdRule : public Rule {
public:
    explicit SgdRule(const SgdOptions& options) : options_(options) {
        check_option("sgd", "momentum", options.momentum);
        check_option("sgd", "weight_decay", options.weight_decay);
        check_finite("sgd", "dampening", options.dampening);
        if (options.nesterov && (options.momentum == 0 || options.dampening != 0)) {
            fail(ErrorKind::kInvalidArgument,
                 "sgd: nesterov needs momentum and no dampening (momentum {}, dampening {})",
                 options.momentum, options.dampening);
        }
    }

    std::string name() const override { return "sgd"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }

    // The first gradient enters the momentum undamped: `started` is 0 then, 1 ever after.
    std::vector<StateName> shared_names() const override {
        if (!damped()) return {};
        return {{"started"}};
    }
    std::vector<StateName> state_names() const override {
        if (options_.momentum == 0) return {};
        return {{"momentum_buffer"}};
    }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared, const Tensor&,
                                      Graph& graph) const override {
        if (!damped()) return {};
        const Tensor started = shared[0];
        graph.update(shared[0], maximum(started, 1.0F));
        return {1.0F - number(options_.dampening) * started};
    }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        Tensor g = slab.d_p;
        if (options_.momentum != 0) {
            const Tensor momentum = number(options_.momentum);
            const Tensor entering = damped() ? slab.shared[0] * g : g;
            const Tensor buffer = momentum * slab.state[0] + entering;
            graph.update(slab.state[0], buffer);
            g = options_.nesterov ? g + momentum * buffer : buffer;
        }
        return slab.p - slab.learning_rate * g;
    }

private:
    bool damped() const { return options_.momentum != 0 && options_.dampening != 0; }

    SgdOptions options_;
};

}  // namespace

Sgd::Sgd(const SgdOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<SgdRule>(options)), step) {}

void Sgd::add_group(std::vector<Parameter> parameters, const SgdOptions& options,
                    const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<SgdRule>(options)}, group);
}

}  // namespace ingot::optim
