// SPDX-License-Identifier: MIT
// cumsum and cumprod along one axis: x [A, N, S] -> y of the same shape
//   y[i] = x[0] + ... + x[i]      d_x = the running sum of d_y from the other end
//   y[i] = x[0] ... x[i]          d_x = the running sum of d_y y from the other end, over x
// But for a zero: behind the first of a row nothing depends on anything, and the derivative by it
// is that of a row with a 1 in its place.
// Long rows are cut into splits: the sums of all splits first, then running sums of those, which
// may be long again, then each split with what stands before it.
#include "shaders/cumsum.h"
#include "kernels/device_description.h"
#include "ops/axis.h"
#include "ops/pointwise.h"

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
using shaders::CumsumParameters;

struct ScanAttributes {
    std::size_t axis;
    bool reverse, exclusive;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axis", axis);
        visit("reverse", reverse);
        visit("exclusive", exclusive);
    }
};

struct Task {
    shaders::AxisParameters axis;
    bool product, integers, reverse, exclusive;
    Operand x, y;
};

// The calls for one row after the other, long rows in splits.
void add_scan(Candidate& candidate, const Task& task, const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    const auto [rows, cols, stride] = task.axis;
    constexpr std::uint32_t kLocalSize = 64;
    // A lane a row for a processor, and where neighbouring rows stand side by side; else the lanes
    // of a card share the row, so that neighbours read neighbouring memory.
    const bool shared = !cpu && stride == 1;
    const std::uint32_t lanes = shared ? std::clamp(std::bit_ceil(cols) / 8, 1u, kLocalSize) : 1u;
    const std::uint32_t longest = shared ? 16u : 512u;
    // Shorter splits where there are too few rows to keep a device busy.
    const std::uint32_t busy = cpu ? 64u : 4096u;
    const std::uint32_t wanted = std::max(busy / std::min(rows, busy), 1u) * lanes;
    const std::uint32_t chunk =
        std::clamp((cols + wanted - 1) / wanted, std::min(longest, 16u), longest);

    CumsumParameters p{rows, cols, stride, (cols + lanes * chunk - 1) / (lanes * chunk)};
    const auto add = [&](bool totals, const Operand& before, const Operand& y) {
        KernelCall call = KernelCall::make("cumsum");
        call.constant("LOCAL_SIZE", kLocalSize)
            .constant("LANES", lanes)
            .constant("CHUNK", chunk)
            .constant("PRODUCT", task.product)
            .constant("INTEGERS", task.integers)
            .constant("REVERSE", task.reverse)
            .constant("EXCLUSIVE", task.exclusive)
            .constant("TOTALS", totals)
            .constant("BEFORE", before.kind != Operand::Kind::kUnused)
            .bind("x", task.x)
            .bind("before", before)
            .bind("y", y)
            .parameters(p)
            .dispatch(groups_for(std::uint64_t{rows} * p.splits, kLocalSize / lanes, device));
        candidate.calls.push_back(std::move(call));
        candidate.bytes += 4.0 * rows * cols * (totals ? 1 : 2);
    };
    Operand before{Operand::Kind::kUnused, 0, 0, 0};
    if (p.splits > 1) {
        const std::uint64_t bytes = 4ull * rows * p.splits;
        const auto first = static_cast<std::uint32_t>(candidate.scratch_bytes.size());
        candidate.scratch_bytes.insert(candidate.scratch_bytes.end(), {bytes, bytes});
        const Operand totals{Operand::Kind::kScratch, first, 0, bytes};
        before = {Operand::Kind::kScratch, first + 1, 0, bytes};
        add(true, {Operand::Kind::kUnused, 0, 0, 0}, totals);
        const Task joined{
            {rows, p.splits, 1}, task.product, task.integers, false, true, totals, before};
        add_scan(candidate, joined, device);
    }
    add(false, before, task.y);
}

template <bool product>
std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& attributes = op.attributes.as<ScanAttributes>();
    const Shape& shape = op.inputs[0].view.shape;
    const Task task{axis_parameters(op.def->name, shape, attributes.axis),
                    product,
                    context.body.values[op.outputs[0]].spec.dtype == i32,
                    attributes.reverse,
                    attributes.exclusive,
                    graph::operand_of(context.body, op.inputs[0]),
                    graph::operand_of(context.body, op.outputs[0])};
    Candidate candidate{.name = "cumsum", .calls = {}, .scratch_bytes = {}};
    add_scan(candidate, task, context.device);
    candidate.flops = 2.0 * static_cast<double>(shape.count());
    candidate.cost_ns = candidate.bytes;
    return {std::move(candidate)};
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    return {inputs[0].spec()};
}

// The sum, for each element, of what flows back into those that it is part of.
Tensor sum_back(const Tensor& d, const ScanAttributes& a) {
    return cumsum(d, static_cast<std::int64_t>(a.axis),
                  {.reverse = !a.reverse, .exclusive = a.exclusive});
}

std::vector<Tensor> gradient_product(const GradientContext& c) {
    const auto& a = c.attributes<ScanAttributes>();
    const auto axis = static_cast<std::int64_t>(a.axis);
    const Tensor& x = c.x(0);
    const Tensor zero = equal(x, 0.0F);
    const Tensor zeros_before =
        cumsum(cast(zero, i32), axis, {.reverse = a.reverse, .exclusive = true});
    const Tensor none_before = equal(zeros_before, 0.0F);
    const Tensor first = logical_and(zero, none_before);
    const Tensor without_first = cumprod(where(first, 1.0F, x), axis, {a.reverse, a.exclusive});
    const Tensor by_first = sum_back(c.d_y() * without_first, a);
    const Tensor by_others = sum_back(c.d_y() * c.y(), a) / where(zero, 1.0F, x);
    return {where(first, by_first, where(none_before, by_others, 0.0F))};
}

const OpDef cumsum_op{.name = "cumsum",
                      .listed = graph::in_list<cumsum_op>,
                      .autocast = graph::AutocastRule::kFloat32,
                      .infer = infer,
                      .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                          return {sum_back(c.d_y(), c.attributes<ScanAttributes>())};
                      },
                      .lower = lower<false>};
const OpDef cumprod_op{.name = "cumprod",
                       .listed = graph::in_list<cumprod_op>,
                       .autocast = graph::AutocastRule::kFloat32,
                       .infer = infer,
                       .gradient = gradient_product,
                       .lower = lower<true>};

Tensor scan(const OpDef& def, const Tensor& x, std::int64_t axis, bool reverse, bool exclusive) {
    const std::size_t at = resolve_axis(std::string(def.name).c_str(), axis, x.shape());
    return graph::apply(def, Attributes::of(ScanAttributes{at, reverse, exclusive}), {in_words(x)});
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor cumsum(const Tensor& x, std::int64_t axis, const CumsumOptions& o) {
    return ops::scan(ops::cumsum_op, x, axis, o.reverse, o.exclusive);
}

Tensor cumprod(const Tensor& x, std::int64_t axis, const CumprodOptions& o) {
    return ops::scan(ops::cumprod_op, x, axis, o.reverse, o.exclusive);
}

}  // namespace ingot
