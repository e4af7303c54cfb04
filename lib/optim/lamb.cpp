// SPDX-License-Identifier: MIT
// LAMB: Adam's step, scaled parameter by parameter; the formula stands in optim.h.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class LambRule : public Rule {
public:
    explicit LambRule(const LambOptions& options) : options_(options) {
        check_share("lamb", "beta1", options.beta1);
        check_share("lamb", "beta2", options.beta2);
        check_option("lamb", "epsilon", options.epsilon);
        check_option("lamb", "weight_decay", options.weight_decay);
    }

    std::string name() const override { return "lamb"; }
    std::vector<StateName> shared_names() const override {
        return {{"step"}, {"bias_correction1"}, {"bias_correction2"}};
    }
    std::vector<StateName> state_names() const override { return {{"exp_avg"}, {"exp_avg_sq"}}; }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared, const Tensor&,
                                      Graph& graph) const override {
        next_step(shared[0], graph);
        return {next_correction(options_.beta1, shared[1], graph),
                next_correction(options_.beta2, shared[2], graph)};
    }
    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const auto [m, v] = next_moments(slab, options_.beta1, options_.beta2, graph);
        Tensor step = m / slab.shared[0] / (sqrt(v / slab.shared[1]) + number(options_.epsilon));
        if (options_.weight_decay != 0) step = step + number(options_.weight_decay) * slab.p;
        const std::vector<Tensor> p = slab.slab.unpack(slab.p);
        std::vector<Tensor> scaled = slab.slab.unpack(step);
        for (std::size_t i = 0; i < p.size(); ++i) {
            const Tensor p_norm = sqrt(sum(square(p[i])));
            const Tensor step_norm = sqrt(sum(square(scaled[i])));
            const Tensor both = minimum(p_norm, step_norm);
            scaled[i] = scaled[i] * where(greater(both, 0.0F), p_norm / step_norm, 1.0F);
        }
        return slab.p - slab.learning_rate * slab.slab.pack(scaled);
    }

private:
    LambOptions options_;
};

}  // namespace

Lamb::Lamb(const LambOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<LambRule>(options)), step) {}

void Lamb::add_group(std::vector<Parameter> parameters, const LambOptions& options,
                     const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<LambRule>(options)}, group);
}

}  // namespace ingot::optim
