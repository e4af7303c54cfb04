// SPDX-License-Identifier: MIT
// sort, argsort and topk along an axis: x [A, N, S] -> values, places i32 [A, K, S], K <= N.
//   values[k] = x[places[k]]      d_x[places[k]] = d_values[k], 0 elsewhere
// Blocks of a row are sorted in shared memory, then sorted runs are merged two by two until one is
// left. Where only the first K of the order are wanted, no run grows longer than that. Pairs of key
// and place are compared, so that the order is stable and depends on nothing but x.
#include "ops/sort.h"
#include "kernels/device_description.h"
#include "ops/axis.h"
#include "ops/gather.h"
#include "ops/pointwise.h"
#include "shaders/sort.h"

#include <ingot/ops.h>

#include <algorithm>
#include <bit>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

constexpr std::uint32_t kMaxRun = 1024;  // a pair of words each, in shared memory
constexpr Operand kUnused{Operand::Kind::kUnused, 0, 0, 0};

struct SortAttributes {
    std::size_t axis;
    std::int64_t count;
    bool descending;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("count", count);
        visit("descending", descending);
    }
};

std::uint32_t divided_up(std::uint32_t a, std::uint32_t b) {
    return (a + b - 1) / b;
}

// Elements of a row when all runs but the last are full.
std::uint32_t row_size(std::uint32_t runs, std::uint32_t width, std::uint32_t last) {
    return (runs - 1) * width + std::min(width, last);
}

bool is_used(const graph::Body& body, graph::ValueId value) {
    const auto is_value = [&](const auto& holder) { return holder.value == value; };
    return std::any_of(body.operations.begin(), body.operations.end(),
                       [&](const auto& op) {
                           return std::any_of(op.inputs.begin(), op.inputs.end(), is_value);
                       }) ||
           std::any_of(body.outputs.begin(), body.outputs.end(),
                       [&](const auto& output) { return is_value(output.use); }) ||
           std::any_of(body.updates.begin(), body.updates.end(),
                       [&](const auto& update) { return is_value(update.value); });
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    const auto& sort = attributes.as<SortAttributes>();
    const Shape shape = inputs[0].shape().with(sort.axis, sort.count);
    return {{shape, inputs[0].dtype()}, {shape, i32}};
}

std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& attributes = op.attributes.as<SortAttributes>();
    SortTask task;
    task.axis = axis_parameters(op.def->name, op.inputs[0].view.shape, attributes.axis);
    task.keep = static_cast<std::uint32_t>(attributes.count);
    task.integers = context.body.values[op.inputs[0].value].spec.dtype == i32;
    task.descending = attributes.descending;
    task.x = graph::operand_of(context.body, op.inputs[0]);
    Operand* const results[] = {&task.values, &task.places};
    for (std::size_t i = 0; i < 2; ++i) {
        if (is_used(context.body, op.outputs[i])) {
            *results[i] = graph::operand_of(context.body, op.outputs[i]);
        }
    }
    Candidate candidate{.name = "sort", .calls = {}, .scratch_bytes = {}};
    add_sort(candidate, task, context.device);
    return {std::move(candidate)};
}

const OpDef sort_op{.name = "sort",
                    .listed = graph::in_list<sort_op>,
                    .autocast = graph::AutocastRule::kAsGiven,
                    .infer = infer,
                    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                        if (!c.d_y()) return {Tensor()};
                        const std::size_t axis = c.attributes<SortAttributes>().axis;
                        return {put_back(c.d_y(), c.outputs[1], axis, c.x(0).shape()[axis])};
                    },
                    .lower = lower};

Sorted sorted(const char* name, const Tensor& x, std::int64_t axis, bool descending,
              std::optional<std::int64_t> k) {
    if (x.shape().rank() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: {} has no axis", name, to_string(x.spec()));
    }
    const std::size_t at = resolve_axis(name, axis, x.shape());
    const std::int64_t size = x.shape()[at];
    if (k && (*k < 1 || *k > size)) {
        fail(ErrorKind::kInvalidArgument, "{}: k is {}, axis {} of {} has {} elements", name, *k,
             axis, to_string(x.shape()), size);
    }
    const SortAttributes attributes{at, k.value_or(size), descending};
    const auto outputs = graph::apply_all(sort_op, Attributes::of(attributes), {in_words(x)});
    return {cast(outputs[0], x.dtype()), outputs[1]};
}

}  // namespace

void add_sort(Candidate& candidate, const SortTask& task, const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    const std::uint32_t rows = task.axis.rows, cols = task.axis.cols;
    const std::uint32_t run = std::min(std::bit_ceil(cols), kMaxRun);
    // Short rows share a group; a processor's groups are small, since each barrier stops all.
    const std::uint32_t tile =
        std::clamp(std::bit_ceil(std::min(rows, kMaxRun) * run), std::max(run, 64u), kMaxRun);
    const std::uint32_t local_size =
        std::min({cpu ? 32u : 256u, tile / 2, std::bit_floor(device.max_invocations)});

    shaders::SortParameters p{};
    p.rows = rows;
    p.cols = cols;
    p.stride = task.axis.stride;
    p.keep = task.keep;
    p.runs = divided_up(cols, run);
    p.width_out = std::min(run, task.keep);
    p.row_out = row_size(p.runs, p.width_out, cols - (p.runs - 1) * run);

    // The runs go back and forth between two pairs of keys and places.
    const auto scratch = static_cast<std::uint32_t>(candidate.scratch_bytes.size());
    const std::uint64_t scratch_bytes = 4ull * rows * p.row_out;
    const bool one_pass = p.runs == 1;
    const std::uint32_t pairs = one_pass ? 0 : p.runs > 2 ? 2 : 1;
    for (std::uint32_t i = 0; i < 2 * pairs; ++i)
        candidate.scratch_bytes.push_back(scratch_bytes);
    const auto held = [&](std::uint32_t pair, std::uint32_t which) {
        return Operand{Operand::Kind::kScratch, scratch + 2 * pair + which, 0, scratch_bytes};
    };
    const auto add = [&](KernelCall call, std::uint32_t pair_out, bool last, std::uint32_t size) {
        call.constant("LOCAL_SIZE", size)
            .constant("INTEGERS", task.integers)
            .constant("DESCENDING", task.descending)
            .constant("LAST", last)
            .constant("VALUES", task.values.kind != Operand::Kind::kUnused)
            .constant("PLACES", task.places.kind != Operand::Kind::kUnused)
            .bind("x", task.x)
            .bind("out_keys", last ? task.values : held(pair_out, 0))
            .bind("out_places", last ? task.places : held(pair_out, 1))
            .parameters(p);
        candidate.calls.push_back(std::move(call));
    };

    KernelCall blocks = KernelCall::make("sort_blocks");
    blocks.constant("RUN", run).constant("TILE", tile);
    blocks.dispatch(groups_for(std::uint64_t{rows} * p.runs, tile / run, device));
    add(std::move(blocks), 0, one_pass, local_size);
    double passes = std::bit_width(run);
    std::uint32_t pair = 0;
    while (p.runs > 1) {
        p.width_in = p.width_out;
        p.row_in = p.row_out;
        const std::uint32_t last_pair =
            p.row_in - (divided_up(p.runs, 2) - 1) * 2 * p.width_in;  // elements of it
        p.runs = divided_up(p.runs, 2);
        p.width_out = std::min(2 * p.width_in, task.keep);
        p.row_out = row_size(p.runs, p.width_out, last_pair);
        KernelCall merge = KernelCall::make("sort_merge");
        merge.bind("in_keys", held(pair, 0)).bind("in_places", held(pair, 1));
        merge.dispatch(groups_for(std::uint64_t{rows} * p.row_in, 64, device));
        add(std::move(merge), 1 - pair, p.runs == 1, 64);
        pair = 1 - pair;
        passes += std::bit_width(p.width_in);
    }
    const double elements = static_cast<double>(rows) * cols;
    candidate.bytes += 16.0 * elements * static_cast<double>(candidate.calls.size());
    candidate.flops += 8.0 * elements * passes;
    candidate.cost_ns += 8.0 * elements * passes;
}

}  // namespace ingot::ops

namespace ingot {

Sorted sort(const Tensor& x, const SortOptions& options) {
    return ops::sorted("sort", x, options.axis, options.descending, {});
}

Tensor argsort(const Tensor& x, const SortOptions& options) {
    return ops::sorted("argsort", x, options.axis, options.descending, {}).indices;
}

Sorted topk(const Tensor& x, std::int64_t k, const TopkOptions& options) {
    return ops::sorted("topk", x, options.axis, options.largest, k);
}

}  // namespace ingot
