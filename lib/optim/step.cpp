// SPDX-License-Identifier: MIT
// minimize(): from a loss to the graph of a training step. In this order, all of it on the device:
//
//   gradients -> unscale -> sum over runs -> clip by value -> clip by norm -> maximize -> L1, L2
//     -> decoupled decay of p -> the optimizer's rule -> max_norm -> average
//
// With accumulation every new value behind the sum is chosen by whether this run is the last of its
// k: where(due, new, old), in the same kernel that makes the new one. With a loss scaler, likewise
// by whether all gradients are finite.
#include "optim/optimizer.h"

#include "core/check.h"

#include <ingot/autocast.h>

#include <algorithm>

namespace ingot::optim {
namespace {

struct Part {  // one slab of the step
    const GroupOfSlabs& group;
    const SlabWithState& entry;
    Tensor d_p;  // f32 [count]
};

// Counters are [1]; a slab may be a single number, [], and is to stay one.
Tensor as_number(const Tensor& x) {
    return reshape(x, Shape{});
}

// The slabs that hold what the loss depends on, and only that.
template <typename Groups>
std::vector<Part> parts_of(const Groups& groups, const std::vector<Parameter>& parameters) {
    const auto reached = [&](const Parameter& parameter) {
        return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
    };
    std::vector<Part> parts;
    for (const GroupOfSlabs& group : groups) {
        for (const SlabWithState& entry : group.slabs) {
            const auto& held = entry.slab.parameters();
            if (std::none_of(held.begin(), held.end(), reached)) continue;
            const auto missing = std::find_if_not(held.begin(), held.end(), reached);
            if (missing != held.end()) {
                fail(ErrorKind::kInvalidArgument,
                     "minimize: parameter '{}' is updated together with others that this loss "
                     "depends on, but is not reached or not trainable itself; give the loss an "
                     "optimizer of its own",
                     missing->name());
            }
            parts.push_back({group, entry, {}});
        }
    }
    return parts;
}

void add_gradients(const Tensor& loss, std::vector<Part>& parts,
                   const std::optional<LossScaler>& scaler) {
    std::vector<Tensor> wrt;
    for (const Part& part : parts) {
        const auto& held = part.entry.slab.parameters();
        wrt.insert(wrt.end(), held.begin(), held.end());
    }
    std::vector<Tensor> d = gradients(scaler ? scaler->scale(loss) : loss, wrt);
    // Before they are laid end to end, so that it costs nothing: the kernels that make them do it.
    if (scaler) d = scaler->unscale(d);
    std::size_t at = 0;
    for (Part& part : parts) {
        const std::size_t count = part.entry.slab.parameters().size();
        part.d_p = part.entry.slab.pack(std::span(d).subspan(at, count));
        at += count;
    }
}

void clip(std::vector<Part>& parts, const StepOptions& options) {
    if (options.clip_value > 0) {
        const Tensor bound = number(options.clip_value);
        for (Part& part : parts)
            part.d_p = maximum(minimum(part.d_p, bound), -bound);
    }
    if (options.clip_norm > 0) {
        Tensor squares;  // the gaps of a slab hold 0
        for (const Part& part : parts) {
            const Tensor of_slab = sum(square(part.d_p));
            squares = squares ? squares + of_slab : of_slab;
        }
        const Tensor scale = minimum(number(options.clip_norm) / (sqrt(squares) + 1e-6F), 1.0F);
        for (Part& part : parts)
            part.d_p = part.d_p * scale;
    }
}

// torch.renorm(p, 2, dim=0, max_norm) of every parameter with two axes or more.
Tensor within_max_norm(const ParameterSlab& slab, const Tensor& flat, double max_norm) {
    const Tensor bound = number(max_norm);
    std::vector<Tensor> parts = slab.unpack(flat);
    for (Tensor& part : parts) {
        const Shape shape = part.shape();
        if (shape.rank() < 2) continue;
        const Tensor rows = reshape(part, {shape[0], -1});
        const Tensor norm = sqrt(sum(square(rows), {.axes = {1}, .keep_axes = true}));
        const Tensor scale = where(greater(norm, bound), bound / (norm + 1e-7F), 1.0F);
        part = reshape(rows * scale, shape);
    }
    return slab.pack(parts);
}

// The new value of the slab; updates of its state go to `graph`.
Tensor next_value(const Part& part, std::span<const Tensor> shared, Graph& graph) {
    const GroupOfSlabs& group = part.group;
    const ParameterSlab& slab = part.entry.slab;
    const Tensor rate = group.learning_rate.tensor();
    Tensor p = slab.tensor();
    Tensor g = group.options.maximize ? -part.d_p : part.d_p;
    if (group.options.l1 != 0) g = g + number(group.options.l1) * sign(p);
    const WeightDecay decay = group.rule->decay();
    if (decay.amount != 0) {
        const Tensor amount = number(decay.amount);
        if (decay.decoupled) {
            p = p - rate * (amount * p);  // in this order: no group of its own
        } else {
            g = g + amount * p;
        }
    }
    Tensor next = group.rule->update({p, g, part.entry.state, shared, rate, slab}, graph);
    if (group.options.max_norm > 0) next = within_max_norm(slab, next, group.options.max_norm);
    graph.update(slab.parameter(), next);
    return next;
}

}  // namespace

Graph Optimizer::minimize(const Tensor& loss) {
    const Autocast as_written(f32);
    const StepOptions& options = impl_->options;
    const std::vector<Parameter> parameters = parameters_of(loss);
    if (parameters.empty()) {
        fail(ErrorKind::kInvalidArgument, "minimize: the loss depends on no trainable parameter");
    }
    impl_->adopt(parameters);
    std::vector<Part> parts = parts_of(impl_->groups, parameters);
    const bool scales = options.loss_scaler && options.loss_scaler->options().enabled;
    add_gradients(loss, parts, options.loss_scaler);

    Graph step;
    step.output(loss);
    Tensor finite;  // whether no gradient of this update overflowed; empty: nobody looks
    if (scales) {
        std::vector<Tensor> looked_at;  // sums of earlier runs, too: they keep what was not finite
        for (const Part& part : parts) {
            looked_at.push_back(part.d_p);
            if (options.accumulate > 1) looked_at.push_back(part.entry.gradient_sum);
        }
        finite = all_finite(looked_at);
        step.attached_if = finite;
    }
    Tensor due;  // whether this run updates; empty: each does
    if (options.accumulate > 1) {
        const auto runs = static_cast<float>(options.accumulate);
        const Tensor run = impl_->micro_batch + 1.0F;
        due = as_number(equal(run, runs));
        step.update(impl_->micro_batch, where(due, 0.0F, run));
        for (Part& part : parts) {
            const Tensor total = part.entry.gradient_sum + part.d_p;
            step.update(part.entry.gradient_sum, where(due, 0.0F, total));
            part.d_p = total / runs;
        }
    }
    if (scales) options.loss_scaler->update(step, finite, due);
    const Tensor chosen = !finite ? due : due ? logical_and(due, finite) : finite;
    clip(parts, options);

    Graph update;
    const GroupOfSlabs* group = nullptr;
    std::vector<Tensor> shared;
    Tensor share_of_new;
    if (options.ema_decay > 0) {
        const Parameter& averaged = impl_->averaged;
        share_of_new = as_number(maximum(number(1 - options.ema_decay), 1.0F - averaged));
        update.update(averaged, averaged + 1.0F);
    }
    for (const Part& part : parts) {
        if (group != &part.group) {
            group = &part.group;
            shared =
                group->rule->shared_values(group->shared, group->learning_rate.tensor(), update);
            for (Tensor& value : shared)
                value = as_number(value);
        }
        const Tensor next = next_value(part, shared, update);
        if (share_of_new) {
            const Parameter& average = part.entry.average;
            update.update(average, average + share_of_new * (next - average));
        }
    }
    for (Update& change : update.updates) {
        const Tensor& value = change.value;
        step.update(change.target, chosen ? where(chosen, value, change.target.tensor()) : value);
    }
    return step;
}

}  // namespace ingot::optim
