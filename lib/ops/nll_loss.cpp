// SPDX-License-Identifier: MIT
// The negative log likelihood of class numbers, and what is written with it: cross_entropy with
// class weights, ignored labels, label smoothing, probabilities, or positions.
//   log_probabilities [rows, V], labels i32 [rows], weight w [V]
//     -> loss [rows] = -w[label] x[row, label], row_weight [rows] = w[label]
// A mean is sum loss / sum row_weight. Ignored rows count 0 in both.
#include "shaders/nll_loss.h"
#include "graph/leaf.h"
#include "ops/axis.h"
#include "ops/losses.h"

#include <optional>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;
using graph::View;

struct NllAttributes {
    std::int64_t classes;
    bool ignores;
    std::int64_t ignored;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("classes", classes);
        visit("ignores", ignores);
        visit("ignored", ignored);
    }
    std::uint32_t ignored_word() const {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(ignored));
    }
};

std::uint32_t offset_of(const View& view) {
    return static_cast<std::uint32_t>(view.offset);
}
std::uint32_t stride_of(const View& view) {
    return static_cast<std::uint32_t>(view.strides[0]);
}

std::vector<graph::Candidate> lower(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto axis = axis_parameters("nll_loss", op.inputs[0].view.shape, 1);
    const auto& attributes = op.attributes.as<NllAttributes>();
    const View& weight = op.inputs[2].view;
    const shaders::NllLossParameters parameters{0,
                                                axis.rows,
                                                axis.cols,
                                                attributes.ignores,
                                                attributes.ignored_word(),
                                                offset_of(weight),
                                                stride_of(weight)};
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make("nll_loss");
    call.constant("LOCAL_SIZE", kLocalSize)
        .parameters(parameters)
        .bind("status", {Operand::Kind::kStatus, 0, 0, 0})
        .bind("x", graph::operand_of(context.body, op.inputs[0]))
        .bind("labels", graph::operand_of(context.body, op.inputs[1]))
        .bind("weight", graph::operand_of(context.body, op.inputs[2].value))
        .bind("loss", graph::operand_of(context.body, op.outputs[0]))
        .bind("row_weight", graph::operand_of(context.body, op.outputs[1]))
        .dispatch(groups_for(axis.rows, kLocalSize, context.device));
    return only_candidate(context, {std::move(call)}, 1.0);
}

std::vector<graph::Candidate> lower_backward(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const Shape& shape = context.body.values[op.outputs[0]].spec.shape;
    const auto axis = axis_parameters("nll_loss_backward", shape, 1);
    const auto& attributes = op.attributes.as<NllAttributes>();
    const LanePlan plan = plan_lanes(axis.rows, axis.cols, true, context.device);
    const View& weight = op.inputs[1].view;
    const View& d_rows = op.inputs[2].view;
    const shaders::NllLossBackwardParameters parameters{
        axis.rows,         axis.cols,         attributes.ignores, attributes.ignored_word(),
        offset_of(weight), stride_of(weight), offset_of(d_rows),  stride_of(d_rows)};
    KernelCall call = KernelCall::make("nll_loss_backward");
    plan.apply(call);
    call.parameters(parameters)
        .bind("labels", graph::operand_of(context.body, op.inputs[0]))
        .bind("weight", graph::operand_of(context.body, op.inputs[1].value))
        .bind("d_rows", graph::operand_of(context.body, op.inputs[2].value))
        .bind("d_x", graph::operand_of(context.body, op.outputs[0]))
        .dispatch(plan.groups(axis.rows, context.device));
    return only_candidate(context, {std::move(call)}, 1.0);
}

const OpDef nll_loss_backward_op{
    .name = "nll_loss_backward",
    .listed = graph::in_list<nll_loss_backward_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{{inputs[0].shape()[0], attributes.as<NllAttributes>().classes}, f32}};
    },
    .no_gradient = "it is a gradient; second derivatives are not supported",
    .lower = lower_backward,
    .reads_narrow = true,
    .accepts = [](std::size_t input, const View&) { return input >= 1; }};

const OpDef nll_loss_op{
    .name = "nll_loss",
    .listed = graph::in_list<nll_loss_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {{inputs[1].shape(), f32}, {inputs[1].shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        if (!c.d_y()) return {Tensor(), Tensor(), Tensor()};
        return {graph::apply(nll_loss_backward_op, c.node.attributes, {c.x(1), c.x(2), c.d_y()}),
                Tensor(), Tensor()};
    },
    .lower = lower,
    .reads_narrow = true,
    .reports = true,
    .accepts = [](std::size_t input, const View&) { return input == 2; }};

// Classes along axis 1 come last: [B, V, d1, ...] -> [B d1 ..., V].
Tensor class_rows(const Tensor& x) {
    std::vector<std::int64_t> axes;
    for (std::size_t axis = 0; axis < x.shape().rank(); ++axis) {
        if (axis != 1) axes.push_back(static_cast<std::int64_t>(axis));
    }
    axes.push_back(1);
    const Tensor last = x.shape().rank() == 2 ? x : permute(x, axes);
    return reshape(last, {-1, x.shape()[1]});
}

void expect_weight(const char* operation, const Tensor& weight, std::int64_t classes) {
    if (weight && (weight.shape() != Shape{classes} || !is_floating(weight.dtype()))) {
        fail(ErrorKind::kInvalidArgument, "{}: the weights of {} classes are f32[{}], not {}",
             operation, classes, classes, to_string(weight.spec()));
    }
}

// Weighted losses that are to be reduced: a mean is by the sum of the weights, if there are any.
// The division stands in front of the sum, so that it runs inside it.
Tensor reduced_by_weight(const Tensor& losses, const Tensor& weights, Reduction reduction) {
    if (weights && reduction == Reduction::kMean) return sum(losses / stop_gradient(sum(weights)));
    return reduced(losses, reduction);
}

struct Rows {
    Tensor loss;    // [rows]
    Tensor weight;  // [rows]: of the row's label; 0 where it is ignored
};

Rows nll_rows(const Tensor& log_probabilities, const Tensor& labels, const Tensor& weight,
              std::optional<std::int32_t> ignored) {
    const std::int64_t classes = log_probabilities.shape()[1];
    const NllAttributes attributes{classes, ignored.has_value(), ignored.value_or(0)};
    const Tensor weights = stop_gradient(weight ? cast(weight, f32) : constant(1.0F, {classes}));
    const auto both = graph::apply_all(nll_loss_op, Attributes::of(attributes),
                                       {log_probabilities, labels, weights});
    return {both[0], both[1]};
}

void expect_smoothing(double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1)) {
        fail(ErrorKind::kInvalidArgument, "cross_entropy: label_smoothing is {}, not in [0, 1]",
             smoothing);
    }
}

// Against probabilities: -sum over V of w t log softmax(x), a mean over the positions. They have no
// label to ignore; one below 0, PyTorch's default among them, stands for none.
Tensor soft_cross_entropy(const Tensor& logits, const Tensor& target,
                          const CrossEntropyOptions& o) {
    const Operands in = alike("cross_entropy", logits, target);
    if (logits.shape().rank() < 2) {
        fail(ErrorKind::kInvalidArgument, "cross_entropy: takes f32[B, V, ...], not {}",
             to_string(logits.spec()));
    }
    if (o.ignore_index.value_or(-1) >= 0) {
        fail(ErrorKind::kInvalidArgument,
             "cross_entropy: ignore_index is {}, but probabilities have no label to ignore",
             *o.ignore_index);
    }
    const std::int64_t classes = logits.shape()[1];
    expect_weight("cross_entropy", o.weight, classes);
    Tensor t = in.target;
    if (o.label_smoothing != 0) {
        t = t * (1 - o.label_smoothing) + o.label_smoothing / static_cast<float>(classes);
    }
    if (o.weight) {
        std::vector<std::int64_t> sizes(logits.shape().rank() - 1, 1);
        sizes[0] = classes;
        t = t * reshape(cast(o.weight, f32), Shape(std::span<const std::int64_t>(sizes)));
    }
    return in.reduced(-sum(t * log_softmax(in.x, 1), {.axes = {1}}), o.reduction);
}

// Whether each of the labels is the one that is ignored.
Tensor is_ignored(const Tensor& labels, std::int32_t ignored) {
    return equal(labels, graph::constant_word(static_cast<std::uint32_t>(ignored), i32));
}

}  // namespace

void expect_classes(const char* operation, const Tensor& x, const Tensor& labels) {
    const std::size_t rank = x.shape().rank();
    if (!is_floating(x.dtype()) || rank < 2 || labels.dtype() != i32 ||
        labels.shape() != x.shape().without(1)) {
        fail(ErrorKind::kInvalidArgument,
             "{}: takes f32[B, V, ...] and labels i32[B, ...], not {} and {}", operation,
             to_string(x.spec()), to_string(labels.spec()));
    }
}

Tensor weights_of(const char* operation, const Tensor& x, const Tensor& labels,
                  const Tensor& weight) {
    expect_classes(operation, x, labels);
    expect_weight(operation, weight, x.shape()[1]);
    const Rows rows = nll_rows(stop_gradient(class_rows(x)), reshape(labels, {-1}), weight, {});
    return reshape(rows.weight, labels.shape());
}

}  // namespace ingot::ops

namespace ingot {

Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels, const NllLossOptions& o) {
    ops::expect_classes("nll_loss", log_probabilities, labels);
    ops::expect_weight("nll_loss", o.weight, log_probabilities.shape()[1]);
    const ops::Rows rows = ops::nll_rows(ops::class_rows(cast(log_probabilities, f32)),
                                         reshape(labels, {-1}), o.weight, o.ignore_index);
    const Tensor loss = o.reduction == Reduction::kNone
                            ? reshape(rows.loss, labels.shape())
                            : ops::reduced_by_weight(rows.loss, rows.weight, o.reduction);
    return cast(loss, ops::type_of_loss(log_probabilities.dtype()));
}

// (1 - s) nll + s / V sum over V of -w log softmax(x), both 0 where the label is ignored; a mean is
// by the weights of the labels, for the second term too.
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& o) {
    ops::expect_smoothing(o.label_smoothing);
    if (is_floating(target.dtype())) return ops::soft_cross_entropy(logits, target, o);
    ops::expect_classes("cross_entropy", logits, target);
    const std::int64_t classes = logits.shape()[1];
    ops::expect_weight("cross_entropy", o.weight, classes);
    const Tensor x = ops::class_rows(cast(logits, f32));
    const Tensor labels = reshape(target, {-1});
    const auto finished = [&](const Tensor& losses, const Tensor& weights) {
        const Tensor loss = o.reduction == Reduction::kNone
                                ? reshape(losses, target.shape())
                                : ops::reduced_by_weight(losses, weights, o.reduction);
        return cast(loss, ops::type_of_loss(logits.dtype()));
    };
    if (!o.weight && o.label_smoothing == 0) {
        const Tensor losses = ops::cross_entropy_rows(x, labels, o.ignore_index);
        if (!o.ignore_index) return finished(losses, {});
        return finished(losses, 1.0F - cast(ops::is_ignored(labels, *o.ignore_index), f32));
    }
    const Tensor log_probabilities = log_softmax(x, 1);
    const ops::Rows rows = ops::nll_rows(log_probabilities, labels, o.weight, o.ignore_index);
    Tensor losses = rows.loss;
    if (o.label_smoothing != 0) {
        const Tensor weighted = o.weight ? log_probabilities * o.weight : log_probabilities;
        Tensor smooth =
            sum(weighted, {.axes = {1}}) * (-o.label_smoothing / static_cast<float>(classes));
        if (o.ignore_index) {
            smooth = where(ops::is_ignored(labels, *o.ignore_index), 0.0F, smooth);
        }
        losses = losses * (1 - o.label_smoothing) + smooth;
    }
    return finished(losses, rows.weight);
}

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, Reduction reduction) {
    return cross_entropy(logits, labels, CrossEntropyOptions{.reduction = reduction});
}

}  // namespace ingot
