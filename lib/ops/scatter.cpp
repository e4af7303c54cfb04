// SPDX-License-Identifier: MIT
// Writing at indices along one axis, always in the same order:
//   scattered_sum: y[a, t, s] = sum of source[a, k, s] over k with index t     d_source =
//   gather(d_y) scatter:       y = x with y[a, index, s] = source[a, k, s], the last k staying
//                  d_x = d_y where nothing was written; d_source = gather(d_y), 0 for the losers
//   index i32 [K] or [A, K, S], source [A, K, S] -> y [A, N, S]
// A sum goes through all indices for each place, or, where that is too much, sorts them, with their
// positions, and sums the run of each place: no atomics on floats, and no more memory than two
// words an index. Which element stays at a place is an integer maximum.
#include "graph/program_call.h"
#include "ops/axis.h"
#include "ops/gather.h"
#include "ops/pointwise.h"
#include "ops/rows.h"
#include "ops/sort.h"

#include <ingot/ops.h>

#include <algorithm>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::Node;
using graph::OpDef;
using graph::OpKind;
using shaders::GatherParameters;

constexpr Operand kUnused{Operand::Kind::kUnused, 0, 0, 0};
constexpr Operand kStatus{Operand::Kind::kStatus, 0, 0, 0};
constexpr std::uint32_t kLocalSize = 64;
constexpr std::uint32_t kMaxRounds = 32768;  // of the loops of one invocation

// --- sums ----------------------------------------------------------------------------------------

Candidate all_indices_each(const LowerContext& context, GatherParameters p) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const bool elementwise = op.attributes.as<IndexAttributes>().elementwise;
    KernelCall call = KernelCall::make("scatter_sum");
    lay_out_rows(call, p, 1, context.device);
    call.parameters(p)
        .constant("ELEMENTWISE", elementwise)
        .bind("status", kStatus)
        .bind("index", graph::operand_of(context.body, op.inputs[0]))
        .bind("source", graph::operand_of(context.body, op.inputs[1]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    Candidate candidate{.name = "scatter_sum", .calls = {std::move(call)}, .scratch_bytes = {}};
    const double written = 4.0 * static_cast<double>(p.rows) * p.inner;
    candidate.bytes = written * (1.0 + 0.25 * p.count);
    candidate.cost_ns = candidate.bytes;
    return candidate;
}

Candidate sorted_indices(const LowerContext& context, GatherParameters p) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const bool elementwise = op.attributes.as<IndexAttributes>().elementwise;
    const Operand index = graph::operand_of(context.body, op.inputs[0]);
    Candidate candidate{.name = "scatter_sum_sorted", .calls = {}, .scratch_bytes = {}};

    const auto index_count = static_cast<std::uint32_t>(op.inputs[0].view.shape.count());
    GatherParameters checked = p;
    checked.count = index_count;
    KernelCall check = KernelCall::make("index_check");
    check.constant("LOCAL_SIZE", kLocalSize)
        .parameters(checked)
        .bind("status", kStatus)
        .bind("index", index)
        .dispatch(groups_for(index_count, kLocalSize, context.device));
    candidate.calls.push_back(std::move(check));

    const std::uint64_t index_bytes = 4ull * index_count;
    candidate.scratch_bytes = {index_bytes, index_bytes};
    const Operand sorted{Operand::Kind::kScratch, 0, 0, index_bytes};
    const Operand places{Operand::Kind::kScratch, 1, 0, index_bytes};
    SortTask task;
    task.axis = {index_count / p.count, p.count, elementwise ? p.inner : 1};
    task.keep = p.count;
    task.integers = true;
    task.x = index;
    task.values = sorted;
    task.places = places;
    add_sort(candidate, task, context.device);

    // Up to 64 elements share a search, fewer where the run may be long.
    const std::uint32_t elements = std::clamp(8 * kMaxRounds / p.count, 1u, 64u);
    KernelCall call = KernelCall::make("scatter_sum_sorted");
    lay_out_rows(call, p, elements, context.device);
    call.constant("ELEMENTWISE", elementwise)
        .bind("indices", sorted)
        .bind("places", places)
        .bind("source", graph::operand_of(context.body, op.inputs[1]))
        .bind("y", graph::operand_of(context.body, op.outputs[0]));
    for (p.begin = 0; p.begin < p.count; p.begin = p.end) {
        p.end = p.begin + std::min(p.count - p.begin, 8 * kMaxRounds / elements);
        candidate.calls.push_back(call.constant("ADD", p.begin > 0).parameters(p));
    }
    const double written = 4.0 * static_cast<double>(p.rows) * p.inner;
    const double read = 4.0 * static_cast<double>(op.inputs[1].view.shape.count());
    // A search is shared by neighbours; each dispatch has a price.
    candidate.bytes += written + read;
    candidate.cost_ns += written * (elementwise ? 8.0 : 2.0) + read +
                         20e3 * static_cast<double>(candidate.calls.size());
    return candidate;
}

std::vector<Candidate> lower_sum(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const GatherParameters p = gather_parameters(op.def->name, op.attributes.as<IndexAttributes>(),
                                                 op.inputs[1].view.shape, false);
    std::vector<Candidate> candidates{sorted_indices(context, p)};
    if (p.count <= kMaxRounds) candidates.push_back(all_indices_each(context, p));
    return candidates;
}

// index, source -> y
const OpDef scatter_sum_op{
    .name = "scatter_sum",
    .listed = graph::in_list<scatter_sum_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& index = attributes.as<IndexAttributes>();
        return {{inputs[1].shape().with(index.axis, index.size), f32}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {Tensor(), gathered(c.d_y(), c.x(0), c.attributes<IndexAttributes>())};
    },
    .lower = lower_sum,
    .reports = true};

// --- what stays ----------------------------------------------------------------------------------

template <bool checked>
std::vector<Candidate> lower_winners(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& index = op.attributes.as<IndexAttributes>();
    const auto small = gather_parameters(op.def->name, index, op.inputs[0].view.shape, true);
    const auto large = gather_parameters(op.def->name, index, op.inputs[0].view.shape, false);
    Candidate candidate{.name = "scatter_winners", .calls = {}, .scratch_bytes = {}};
    for (const bool clear : {true, false}) {
        const GatherParameters& p = clear ? large : small;
        KernelCall call = KernelCall::make("scatter_winners");
        call.constant("LOCAL_SIZE", kLocalSize)
            .constant("CLEAR", clear)
            .constant("CHECKED", checked)
            .bind("status", checked && !clear ? kStatus : kUnused)
            .bind("index", clear ? kUnused : graph::operand_of(context.body, op.inputs[0]))
            .bind("w", graph::operand_of(context.body, op.outputs[0]))
            .parameters(p)
            .dispatch(groups_for(std::uint64_t{p.rows} * p.inner, kLocalSize, context.device));
        candidate.calls.push_back(std::move(call));
        candidate.bytes += 4.0 * static_cast<double>(p.rows) * p.inner;
    }
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

std::vector<TensorSpec> infer_winners(std::span<const Tensor> inputs,
                                      const Attributes& attributes) {
    const auto& index = attributes.as<IndexAttributes>();
    return {{inputs[0].shape().with(index.axis, index.size), i32}};
}

constexpr std::string_view kNumbers = "it makes integers";
const OpDef winners_op{.name = "scatter_winners",
                       .listed = graph::in_list<winners_op>,
                       .autocast = graph::AutocastRule::kAsGiven,
                       .infer = infer_winners,
                       .no_gradient = kNumbers,
                       .lower = lower_winners<true>,
                       .reports = true};
const OpDef known_winners_op{
    .name = "known_winners",
    .listed = graph::in_list<known_winners_op>,  // of indices that an operator made
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = infer_winners,
    .no_gradient = kNumbers,
    .lower = lower_winners<false>};

// winners, source and perhaps x -> y
const OpDef take_op{
    .name = "scatter_take",
    .listed = graph::in_list<take_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {{inputs[0].shape(), inputs[1].dtype()}};
    },
    .no_gradient = "it is a part of scatter, which has one",
    .lower = [](const LowerContext& context) -> std::vector<Candidate> {
        const graph::Operation& op = *context.group.anchor_in(context.body);
        const auto p = gather_parameters("scatter", op.attributes.as<IndexAttributes>(),
                                         op.inputs[1].view.shape, false);
        const bool into_x = op.inputs.size() > 2;
        KernelCall call = KernelCall::make("scatter_take");
        call.constant("LOCAL_SIZE", kLocalSize)
            .constant("INTO_X", into_x)
            .bind("winners", graph::operand_of(context.body, op.inputs[0]))
            .bind("source", graph::operand_of(context.body, op.inputs[1]))
            .bind("x", into_x ? graph::operand_of(context.body, op.inputs[2]) : kUnused)
            .bind("y", graph::operand_of(context.body, op.outputs[0]))
            .parameters(p)
            .dispatch(groups_for(std::uint64_t{p.rows} * p.inner, kLocalSize, context.device));
        Candidate candidate{
            .name = "scatter_take", .calls = {std::move(call)}, .scratch_bytes = {}};
        candidate.bytes = 12.0 * static_cast<double>(p.rows) * p.inner;
        candidate.cost_ns = candidate.bytes;
        return {std::move(candidate)};
    }};

// x, index, source
const OpDef scatter_op{
    .name = "scatter",
    .listed = graph::in_list<scatter_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& index = c.attributes<IndexAttributes>();
        const auto axis = static_cast<std::int64_t>(index.axis);
        const Tensor winners = graph::apply(winners_op, c.node.attributes, {c.x(1)});
        // An element stays where the winner at its place has its number, counted from 1.
        const Tensor number = slice(arange(c.x(1).shape()[index.axis] + 1), {.begin = 1});
        Shape shape{number.shape()[0]};
        for (std::size_t i = index.axis + 1; i < c.x(1).shape().rank(); ++i)
            shape = shape.inserted(shape.rank(), 1);
        const Tensor stays = equal(gather(winners, axis, c.x(1)), reshape(number, shape));
        return {where(cast(winners, boolean), 0.0F, c.d_y()), Tensor(),
                gather(c.d_y(), axis, c.x(1)) * cast(stays, f32)};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const Tensor winners = graph::apply(winners_op, node.attributes, {node.inputs[1]});
        return {graph::apply(take_op, node.attributes, {winners, node.inputs[2], node.inputs[0]})};
    }};

// d, places
const OpDef put_back_op{
    .name = "put_back",
    .listed = graph::in_list<put_back_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs,
                const Attributes& attributes) -> std::vector<TensorSpec> {
        const auto& index = attributes.as<IndexAttributes>();
        return {{inputs[0].shape().with(index.axis, index.size), inputs[0].dtype()}};
    },
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        return {gathered(c.d_y(), c.x(1), c.attributes<IndexAttributes>()), Tensor()};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const Tensor winners = graph::apply(known_winners_op, node.attributes, {node.inputs[1]});
        return {graph::apply(take_op, node.attributes, {winners, node.inputs[0]})};
    }};

// The source as large as the index, once the shapes are known to allow it.
Tensor source_like_index(const char* operation, const Tensor& x, std::size_t axis,
                         const Tensor& index, const Tensor& source) {
    bool fits = index.dtype() == i32 && source.dtype() == x.dtype() &&
                index.shape().rank() == x.shape().rank() &&
                source.shape().rank() == x.shape().rank() && index.shape().count() > 0;
    Tensor part = source;
    for (std::size_t i = 0; fits && i < x.shape().rank(); ++i) {
        fits = (i == axis || index.shape()[i] == x.shape()[i]) &&
               index.shape()[i] <= source.shape()[i];
        if (!fits) break;
        part = slice(part, {.axis = static_cast<std::int64_t>(i), .end = index.shape()[i]});
    }
    if (!fits) {
        fail(ErrorKind::kInvalidArgument,
             "{}: x is {}, index {}, source {}: the index must be i32, agree with x but for axis "
             "{}, and be no larger than the source, which has the dtype of x",
             operation, to_string(x.spec()), to_string(index.spec()), to_string(source.spec()),
             axis);
    }
    return part;
}

}  // namespace

Tensor scattered_sum(const Tensor& small, const Tensor& indices, const IndexAttributes& index) {
    return graph::apply(scatter_sum_op, Attributes::of(index), {indices, small});
}

Tensor put_back(const Tensor& d, const Tensor& places, std::size_t axis, std::int64_t size) {
    return graph::apply(put_back_op, Attributes::of(IndexAttributes{axis, size, true}),
                        {d, places});
}

}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor scatter(const Tensor& x, std::int64_t axis, const Tensor& index, const Tensor& source) {
    const std::size_t at = resolve_axis("scatter", axis, x.shape());
    const Tensor part = source_like_index("scatter", x, at, index, source);
    const IndexAttributes attributes{at, x.shape()[at], true};
    const Tensor y = graph::apply(scatter_op, graph::Attributes::of(attributes),
                                  {in_words(x), index, in_words(part)});
    return cast(y, x.dtype());
}

Tensor scatter_add(const Tensor& x, std::int64_t axis, const Tensor& index, const Tensor& source) {
    const std::size_t at = resolve_axis("scatter_add", axis, x.shape());
    if (!is_floating(x.dtype())) {
        fail(ErrorKind::kInvalidArgument, "scatter_add: takes f32, not {}", to_string(x.spec()));
    }
    const Tensor part = source_like_index("scatter_add", x, at, index, source);
    return x + scattered_sum(part, index, {at, x.shape()[at], true});
}

Tensor index_add(const Tensor& x, std::int64_t axis, const Tensor& indices, const Tensor& source) {
    const std::size_t at = resolve_axis("index_add", axis, x.shape());
    if (!is_floating(x.dtype()) || source.dtype() != x.dtype() || indices.dtype() != i32 ||
        indices.shape().rank() != 1 || source.shape() != x.shape().with(at, indices.shape()[0])) {
        fail(ErrorKind::kInvalidArgument,
             "index_add: takes x f32[.., N, ..], indices i32[K] and source f32[.., K, ..], not {}, "
             "{} and {} along axis {}",
             to_string(x.spec()), to_string(indices.spec()), to_string(source.spec()), axis);
    }
    return x + scattered_sum(source, indices, {at, x.shape()[at], false});
}

}  // namespace ingot
