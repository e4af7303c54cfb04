// SPDX-License-Identifier: MIT
// Adafactor; the formula stands in optim.h. A parameter with axes [..., R, C] keeps the mean
// squares of its rows [..., R, 1] and of its columns [..., 1, C]; their product, over the mean of
// the rows', stands for the mean squares of its elements. One with fewer axes keeps those.
#include "optim/rule.h"

#include "core/check.h"

#include <ingot/optim.h>

#include <cmath>

namespace ingot::optim {
namespace {

Tensor mean_square(const Tensor& x, std::int64_t axis) {
    return mean(square(x), {.axes = {axis}, .keep_axes = true});
}

Tensor root_mean_square(const Tensor& x) {
    return sqrt(mean(square(x)));
}

class AdafactorRule : public Rule {
public:
    explicit AdafactorRule(const AdafactorOptions& options) : options_(options) {
        for (const auto& [name, value] :
             {std::pair("epsilon1", options.epsilon1), std::pair("epsilon2", options.epsilon2),
              std::pair("weight_decay", options.weight_decay)}) {
            check_option("adafactor", name, value);
        }
        check_finite("adafactor", "beta2_decay", options.beta2_decay);
        check_finite("adafactor", "d", options.d);
        if (options.beta2_decay > 0) {
            fail(ErrorKind::kInvalidArgument, "adafactor: beta2_decay is {}, above 0",
                 options.beta2_decay);
        }
        if (options.d < 1) {
            fail(ErrorKind::kInvalidArgument, "adafactor: d is {}, below 1", options.d);
        }
    }

    std::string name() const override { return "adafactor"; }
    std::vector<StateName> shared_names() const override { return {{"step"}}; }

    std::vector<Parameter> make_state(const ParameterSlab& slab,
                                      const Named& named) const override {
        std::vector<Parameter> state;
        const auto add = [&](const std::string& name, const Shape& shape) {
            state.emplace_back(HostTensor::zeros(name, shape),
                               ParameterOptions{.name = name, .trainable = false});
        };
        for (std::size_t i = 0; i < slab.parameters().size(); ++i) {
            const Shape& shape = slab.parameters()[i].shape();
            const std::string end = "." + std::to_string(i);
            const std::size_t rank = shape.rank();
            if (rank > 1) {
                add(named("row_var") + end, shape.with(rank - 1, 1));
                add(named("col_var") + end, shape.with(rank - 2, 1));
            } else {
                add(named("variance") + end, shape);
            }
        }
        ParameterSlab::gather(state);  // end to end: memory is not held for each of them
        return state;
    }

    // The share of the new squares, the largest relative step, and the scale of decay.
    std::vector<Tensor> shared_values(std::span<const Parameter> shared,
                                      const Tensor& learning_rate, Graph& graph) const override {
        const Tensor step = next_step(shared[0], graph);
        return {exp(number(options_.beta2_decay) * log(step)),
                minimum(learning_rate, 1.0F / sqrt(step)),
                1.0F - learning_rate * number(options_.weight_decay)};
    }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const std::vector<Tensor> p = slab.slab.unpack(slab.p);
        const std::vector<Tensor> d_p = slab.slab.unpack(slab.d_p);
        std::vector<Tensor> steps;
        std::size_t at = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            const Tensor v = next_mean_squares(d_p[i], slab, at, graph);
            const Tensor u =
                d_p[i] / sqrt(maximum(v, number(options_.epsilon1 * options_.epsilon1)));
            const Tensor shrink = maximum(root_mean_square(u) * number(1 / options_.d), 1.0F);
            const Tensor scale = maximum(root_mean_square(p[i]), number(options_.epsilon2));
            steps.push_back(u * (scale * slab.shared[1] / shrink));
        }
        const Tensor decayed = options_.weight_decay != 0 ? slab.p * slab.shared[2] : slab.p;
        return decayed - slab.slab.pack(steps);
    }

private:
    // ... of the elements of g, or what stands for them; `at` is the place of its state.
    Tensor next_mean_squares(const Tensor& g, const SlabUpdate& slab, std::size_t& at,
                             Graph& graph) const {
        const auto moved = [&](const Tensor& squares) {
            const Parameter& kept = slab.state[at++];
            const Tensor next = kept + slab.shared[0] * (squares - kept);
            graph.update(kept, next);
            return next;
        };
        if (g.shape().rank() < 2) return moved(square(g));
        const Tensor rows = moved(mean_square(g, -1));
        const Tensor cols = moved(mean_square(g, -2));
        const Tensor all = mean(rows, {.axes = {-2}, .keep_axes = true});
        return rows * cols / maximum(all, number(options_.epsilon1));
    }

    AdafactorOptions options_;
};

}  // namespace

Adafactor::Adafactor(const AdafactorOptions& options, const StepOptions& step)
    : Optimizer(one(options.lr, std::make_unique<AdafactorRule>(options)), step) {}

void Adafactor::add_group(std::vector<Parameter> parameters, const AdafactorOptions& options,
                          const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<AdafactorRule>(options)}, group);
}

}  // namespace ingot::optim
