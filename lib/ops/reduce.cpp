// SPDX-License-Identifier: MIT
// sum, mean, max, min, prod, any and all over any set of axes, in a fixed order and without
// atomics.
//   x [k0, k1, r0, r1] in any order of the four runs -> y [k0, k1]
//   sum: y = scale * sum x      d_x = scale * d_y          (mean is a sum with scale 1 / count)
//   max: y = max x              d_x = d_y [x = y] / count(x = y): shared equally among ties
//   min: y = -max(-x), of integers ~max(~x)
//   prod: y = prod x        d_x = d_y * the product of the others
//   any, all: max, min of x != 0
// A NaN passes through max. The pointwise operations that make x run inside the kernel. Where more
// runs are kept or reduced, one run is reduced after the other: no set of axes needs a transposed
// copy.
#include "shaders/reduce.h"
#include "graph/autocast.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/lanes.h"
#include "ops/pointwise.h"
#include "ops/reduce.h"
#include "ops/word.h"

#include <ingot/ops.h>

#include <algorithm>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;

struct ReduceAttributes {
    std::vector<std::size_t> axes;  // ascending
    float scale = 1;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axes", axes);
        visit("scale", scale);
    }
};

std::vector<std::int64_t> axes_of(const GradientContext& c) {
    const auto& axes = c.attributes<ReduceAttributes>().axes;
    return {axes.begin(), axes.end()};
}

bool contains(const std::vector<std::size_t>& axes, std::size_t axis) {
    return std::binary_search(axes.begin(), axes.end(), axis);
}

}  // namespace

std::vector<std::size_t> reduced_axes(std::string_view operation,
                                      const std::vector<std::int64_t>& named, const Shape& shape) {
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : named) {
        axes.push_back(resolve_axis(std::string(operation).c_str(), axis, shape));
    }
    std::sort(axes.begin(), axes.end());
    if (std::adjacent_find(axes.begin(), axes.end()) != axes.end()) {
        fail(ErrorKind::kInvalidArgument, "{}: axes [{}] of {} name one axis twice", operation,
             fmt::join(named, ", "), to_string(shape));
    }
    for (std::size_t axis = 0; named.empty() && axis < shape.rank(); ++axis) {
        axes.push_back(axis);
    }
    return axes;
}

Shape reduced_shape(const Shape& shape, const std::vector<std::size_t>& axes, bool keep) {
    std::vector<std::int64_t> sizes;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (!contains(axes, axis)) {
            sizes.push_back(shape[axis]);
        } else if (keep) {
            sizes.push_back(1);
        }
    }
    return Shape(sizes);
}

namespace {

// Neighbouring axes that are all kept or all reduced, walked through as one.
struct Run {
    std::int64_t size;
    std::int64_t stride;
};
struct Runs {
    std::vector<Run> kept, reduced;  // outermost first
};

Runs runs_of(const Shape& shape, const std::vector<std::size_t>& axes) {
    Runs runs;
    const Strides strides = contiguous_strides(shape);
    const std::vector<Run>* last = nullptr;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        if (shape[axis] == 1) continue;
        std::vector<Run>& to = contains(axes, axis) ? runs.reduced : runs.kept;
        if (&to == last) {
            to.back() = {to.back().size * shape[axis], strides[axis]};
        } else {
            to.push_back({shape[axis], strides[axis]});
        }
        last = &to;
    }
    return runs;
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    const auto& axes = attributes.as<ReduceAttributes>().axes;
    return {{reduced_shape(inputs[0].shape(), axes, false),
             is_floating(inputs[0].dtype()) ? f32 : i32}};
}

// d (or y) seen in the shape of x again.
Tensor spread(const GradientContext& c, const Tensor& d) {
    const Shape& shape = c.x(0).shape();
    const auto& axes = c.attributes<ReduceAttributes>().axes;
    return expand(reshape(d, reduced_shape(shape, axes, true)), shape);
}

std::vector<Tensor> gradient_sum(const GradientContext& c) {
    return {spread(c, c.d_y() * c.attributes<ReduceAttributes>().scale)};
}

std::vector<Tensor> gradient_max(const GradientContext& c) {
    const Tensor ties = cast(equal(c.x(0), spread(c, c.y())), f32);
    return {ties * spread(c, c.d_y() / sum(ties, {.axes = axes_of(c)}))};
}

// A zero is no divisor: with ones in the place of zeros, an element's others make the product over
// the element, or 0 where another one is zero.
std::vector<Tensor> gradient_prod(const GradientContext& c) {
    const Tensor zero = cast(equal(c.x(0), 0.0F), f32);
    const Tensor filled = c.x(0) + zero;
    const Tensor product = prod(filled, {.axes = axes_of(c)});
    const Tensor zeros = sum(zero, {.axes = axes_of(c)});
    const Tensor alone = cast(equal(spread(c, zeros) - zero, 0.0F), f32);
    return {spread(c, c.d_y() * product) / filled * alone};
}

void set_stage(KernelCall& call, const shaders::ReduceParameters& parameters, const LanePlan& plan,
               std::uint32_t operation, bool two_runs, const DeviceDescription& device) {
    plan.apply(call);
    call.constant("OPERATION", operation)
        .constant("TWO_RUNS", two_runs)
        .parameters(parameters)
        .dispatch(plan.groups(parameters.kept, device));
}

const char* kernel_for(const LowerContext& context, bool plain) {
    const Operation& op = *context.group.anchor_in(context.body);
    if (context.body.values[op.outputs[0]].spec.dtype == i32) {
        return plain ? "reduce_integers_plain" : "reduce_integers";
    }
    return plain ? "reduce_plain" : "reduce";
}

// The second stage: partial results [kept, splits], in scratch, to y [kept].
KernelCall join(const LowerContext& context, const shaders::ReduceParameters& first,
                std::uint32_t operation, float scale) {
    shaders::ReduceParameters parameters{};
    parameters.kept = parameters.kept_inner = first.kept;
    parameters.kept_inner_stride = first.splits;
    parameters.reduced = parameters.reduced_inner = parameters.chunk = first.splits;
    parameters.reduced_inner_stride = 1;
    parameters.splits = 1;
    parameters.scale = scale;
    const LanePlan plan = plan_lanes(first.kept, first.splits, true, context.device);
    KernelCall call = KernelCall::make(kernel_for(context, true));
    set_stage(call, parameters, plan, operation, false, context.device);
    const Operation& op = *context.group.anchor_in(context.body);
    call.bind("x", {Operand::Kind::kScratch, 0, 0, 4ull * first.kept * first.splits})
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    return call;
}

// The kernel for a program; without instructions, the one that reads x itself.
KernelCall programmed(const LowerContext& context, shaders::ReduceParameters& parameters) {
    const graph::PointwiseProgram& program = context.group.program;
    if (program.empty() && program.inputs.size() == 1 && program.result == 0) {
        KernelCall call = KernelCall::make(kernel_for(context, true));
        call.bind("x", graph::operand_of(context.body, program.inputs[0].use));
        return call;
    }
    KernelCall call = KernelCall::make(kernel_for(context, false));
    graph::set_program(call, context.body, program, parameters.div, parameters.mod);
    return call;
}

template <std::uint32_t operation>
std::vector<Candidate> lower(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto& attributes = op.attributes.as<ReduceAttributes>();
    const Shape& shape = op.inputs[0].view.shape;
    if (shape.count() > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "{}: {} has more elements than a kernel can number (2^32)",
             op.def->name, to_string(shape));
    }
    Runs runs = runs_of(shape, attributes.axes);
    for (std::vector<Run>* list : {&runs.kept, &runs.reduced}) {
        INGOT_CHECK(list->size() <= 2);
        while (list->size() < 2)
            list->insert(list->begin(), {1, 0});
    }

    shaders::ReduceParameters parameters{};
    parameters.kept = word(runs.kept[0].size * runs.kept[1].size);
    parameters.kept_inner = word(runs.kept[1].size);
    parameters.kept_outer_stride = word(runs.kept[0].stride);
    parameters.kept_inner_stride = word(runs.kept[1].stride);
    parameters.reduced = word(runs.reduced[0].size * runs.reduced[1].size);
    parameters.reduced_inner = word(runs.reduced[1].size);
    parameters.reduced_outer_stride = word(runs.reduced[0].stride);
    parameters.reduced_inner_stride = word(runs.reduced[1].stride);
    const bool two_runs = runs.reduced[0].size > 1;
    const bool contiguous = runs.reduced[1].stride == 1 || parameters.kept == 1;
    const LanePlan plan =
        plan_lanes(parameters.kept, parameters.reduced, contiguous, context.device, 1024);
    parameters.splits = plan.splits;
    parameters.chunk = plan.chunk;
    parameters.scale = plan.splits == 1 ? attributes.scale : 1.0F;

    Candidate candidate{.name = "reduce", .calls = {}, .scratch_bytes = {}};
    KernelCall call = programmed(context, parameters);
    set_stage(call, parameters, plan, operation, two_runs, context.device);
    if (plan.splits == 1) {
        call.bind("y", graph::operand_of(context.body, op.outputs[0]));
        candidate.calls = {std::move(call)};
    } else {
        const std::uint64_t bytes = 4ull * parameters.kept * plan.splits;
        call.bind("y", {Operand::Kind::kScratch, 0, 0, bytes});
        candidate.scratch_bytes = {bytes};
        candidate.calls = {std::move(call), join(context, parameters, operation, attributes.scale)};
    }
    for (const graph::ValueId value : context.group.reads(context.body)) {
        candidate.bytes +=
            static_cast<double>(graph::size_bytes_of(context.body.values[value].spec));
    }
    candidate.bytes += 4.0 * parameters.kept;
    candidate.flops = static_cast<double>(shape.count()) *
                      static_cast<double>(context.group.program.instructions.size() + 1);
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

const OpDef sum_op{.name = "sum",
                   .listed = graph::in_list<sum_op>,
                   .autocast = graph::AutocastRule::kFloat32,
                   .infer = infer,
                   .gradient = gradient_sum,
                   .lower = lower<shaders::kReduceSum>,
                   .fusion = graph::Fusion::kPrologue};
const OpDef max_op{.name = "max",
                   .listed = graph::in_list<max_op>,
                   .autocast = graph::AutocastRule::kAsGiven,
                   .infer = infer,
                   .gradient = gradient_max,
                   .lower = lower<shaders::kReduceMax>,
                   .fusion = graph::Fusion::kPrologue};

const OpDef prod_op{.name = "prod",
                    .listed = graph::in_list<prod_op>,
                    .autocast = graph::AutocastRule::kFloat32,
                    .infer = infer,
                    .gradient = gradient_prod,
                    .lower = lower<shaders::kReduceProduct>,
                    .fusion = graph::Fusion::kPrologue};

// The same in steps, each of them one of the above: the reduced runs from the last to the first, so
// that the axes in front keep their numbers.
template <const OpDef& step>
std::vector<Tensor> expand_steps(const graph::Node& node) {
    const auto& attributes = node.attributes.as<ReduceAttributes>();
    Tensor y = node.inputs[0];
    std::vector<std::size_t> left = attributes.axes;
    while (!left.empty()) {
        std::vector<std::size_t> run{left.back()};
        for (left.pop_back(); !left.empty() && left.back() + 1 == run.front(); left.pop_back()) {
            run.insert(run.begin(), left.back());
        }
        const float scale = left.empty() ? attributes.scale : 1.0F;
        y = graph::apply(step, Attributes::of(ReduceAttributes{run, scale}), {y});
    }
    return {y};
}

const OpDef sum_steps_op{.name = "sum_steps",
                         .listed = graph::in_list<sum_steps_op>,
                         .autocast = graph::AutocastRule::kFloat32,
                         .kind = graph::OpKind::kComposite,
                         .infer = infer,
                         .gradient = gradient_sum,
                         .expand = expand_steps<sum_op>};
const OpDef max_steps_op{.name = "max_steps",
                         .listed = graph::in_list<max_steps_op>,
                         .autocast = graph::AutocastRule::kAsGiven,
                         .kind = graph::OpKind::kComposite,
                         .infer = infer,
                         .gradient = gradient_max,
                         .expand = expand_steps<max_op>};
const OpDef prod_steps_op{.name = "prod_steps",
                          .listed = graph::in_list<prod_steps_op>,
                          .autocast = graph::AutocastRule::kFloat32,
                          .kind = graph::OpKind::kComposite,
                          .infer = infer,
                          .gradient = gradient_prod,
                          .expand = expand_steps<prod_op>};

// `name` is that of the public function, for errors.
Tensor reduce(std::string_view name, const OpDef& def, const Tensor& x,
              const ReduceOptions& options) {
    const Shape& shape = x.shape();
    const std::vector<std::size_t> axes = reduced_axes(name, options.axes, shape);
    const Shape result = reduced_shape(shape, axes, options.keep_axes);
    std::int64_t count = 1;
    for (const std::size_t axis : axes)
        count *= shape[axis];
    if (count == 1) return reshape(graph::Casting(def.autocast)(x), result);

    const Runs runs = runs_of(shape, axes);
    const bool one_step = runs.kept.size() <= 2 && runs.reduced.size() <= 2;
    const OpDef& in_steps = &def == &sum_op   ? sum_steps_op
                            : &def == &max_op ? max_steps_op
                                              : prod_steps_op;
    const OpDef& chosen = one_step ? def : in_steps;
    const float scale = name == "mean" ? 1.0F / static_cast<float>(count) : 1.0F;
    return reshape(graph::apply(chosen, Attributes::of(ReduceAttributes{axes, scale}), {x}),
                   result);
}

// The other way round: the largest of these is the smallest of x. -x of the least i32 is itself.
Tensor turned(const Tensor& x) {
    return is_floating(x.dtype()) ? -x : -1.0F - x;
}

Tensor largest(std::string_view name, const Tensor& x, const ReduceOptions& options) {
    return cast(reduce(name, max_op, in_words(x), options), x.dtype());
}

Tensor smallest(std::string_view name, const Tensor& x, const ReduceOptions& options) {
    const Tensor y = turned(reduce(name, max_op, turned(in_words(x)), options));
    return cast(y, x.dtype());
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor sum(const Tensor& x, const ReduceOptions& options) {
    return ops::reduce("sum", sum_op, in_words(x), options);
}
Tensor mean(const Tensor& x, const ReduceOptions& options) {
    if (!is_floating(x.dtype())) {
        fail(ErrorKind::kInvalidArgument, "mean: takes f32, not {}", to_string(x.spec()));
    }
    return ops::reduce("mean", sum_op, x, options);
}
Tensor max(const Tensor& x, const ReduceOptions& options) {
    return ops::largest("max", x, options);
}
Tensor min(const Tensor& x, const ReduceOptions& options) {
    return ops::smallest("min", x, options);
}
Tensor prod(const Tensor& x, const ReduceOptions& options) {
    return ops::reduce("prod", prod_op, in_words(x), options);
}
Tensor any(const Tensor& x, const ReduceOptions& options) {
    return ops::largest("any", cast(x, boolean), options);
}
Tensor all(const Tensor& x, const ReduceOptions& options) {
    return ops::smallest("all", cast(x, boolean), options);
}

}  // namespace ingot
