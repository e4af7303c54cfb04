// SPDX-License-Identifier: MIT
// RAdam. The length of the simple moving average behind v,
//   rho_t = 2 / (1 - b) - 1 - 2 t b^t / (1 - b^t)       (b = beta2)
// loses all digits to cancellation in the first steps. It equals 2 W_t / S_t - 1 with
//   S_t = sum of b^j, W_t = sum of (j + 1) b^j, j < t;   S_t = b S_(t-1) + 1, W_t = b W_(t-1) + S_t
// where nothing cancels; S and W are kept as state.
#include "optim/rule.h"

#include <ingot/optim.h>

namespace ingot::optim {
namespace {

class RAdamRule : public Rule {
public:
    explicit RAdamRule(const RAdamOptions& options) : options_(options) {
        check_share("radam", "beta1", options.beta1);
        check_share("radam", "beta2", options.beta2);
        check_option("radam", "epsilon", options.epsilon);
        check_option("radam", "weight_decay", options.weight_decay);
    }

    std::string name() const override { return "radam"; }
    WeightDecay decay() const override {
        return {options_.weight_decay, options_.decoupled_weight_decay};
    }
    std::vector<StateName> shared_names() const override {
        return {{"step"}, {"bias_correction1"}, {"sum"}, {"weighted_sum"}};
    }
    std::vector<StateName> state_names() const override { return {{"exp_avg"}, {"exp_avg_sq"}}; }

    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        const double b = options_.beta2;
        next_step(shared[0], graph);
        const Tensor rate = learning_rate / next_correction(options_.beta1, shared[1], graph);
        const Tensor s = number(b) * shared[2] + 1.0F;
        const Tensor w = number(b) * shared[3] + s;
        graph.update(shared[2], s);
        graph.update(shared[3], w);
        const Tensor rho = 2.0F * w / s - 1.0F;
        const double last = 2 / (1 - b) - 1;
        const Tensor share =
            (rho - 4.0F) * (rho - 2.0F) / rho * number(last / ((last - 4) * (last - 2)));
        const Tensor root = sqrt(maximum(share, 0.0F) * (number(1 - b) * s));
        // One of the two is 0.
        const Tensor rectified = cast(greater(rho, 5.0F), f32);
        return {rate * root * rectified, rate * (1.0F - rectified)};
    }
    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const auto [m, v] = next_moments(slab, options_.beta1, options_.beta2, graph);
        const Tensor adaptive = slab.shared[0] / (sqrt(v) + number(options_.epsilon));
        return slab.p - m * (adaptive + slab.shared[1]);
    }

private:
    RAdamOptions options_;
};

}  // namespace

RAdam::RAdam(const RAdamOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<RAdamRule>(options)), step) {}

void RAdam::add_group(std::vector<Parameter> parameters, const RAdamOptions& options,
                      const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<RAdamRule>(options)}, group);
}

}  // namespace ingot::optim
