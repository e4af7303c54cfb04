// SPDX-License-Identifier: MIT
// Convolutions as implicit matrix products: methods, tiles, splits and what they cost.
#include "ops/conv_lower.h"

#include "graph/program_call.h"
#include "kernels/device_description.h"

#include <algorithm>

namespace ingot::ops {

using graph::Candidate;
using graph::LowerContext;

namespace {

// A way to run the products, with the tile of C that a group owns. The speeds of the software
// drivers are measured; those of cards are what the tiles' reuse of loads suggests.
struct Method {
    const char* kernel;
    std::uint32_t rows, columns;  // of a group's tile
    std::uint32_t k_block;
    double speed;  // beside the other methods of the device class, where the tile is full
    std::uint32_t lanes, lane_columns;              // conv.comp
    std::uint32_t tile_rows = 0, tile_columns = 0;  // conv_tiled.comp: of an invocation
};

std::vector<Method> methods(const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    if (cpu && device.subgroup_size == 8) {
        return {{"conv_subgroup", 16, 96, 2, 1.0, 8, 12}, {"conv_subgroup", 16, 32, 2, 0.65, 8, 4},
                {"conv_subgroup", 16, 16, 2, 0.4, 8, 2},  {"conv_subgroup", 8, 64, 2, 0.65, 8, 8},
                {"conv_direct", 1, 64, 2, 0.2, 8, 8},     {"conv_direct", 1, 16, 2, 0.08, 8, 2}};
    }
    if (cpu) {
        return {{"conv_tiled_fixed", 32, 64, 16, 1.0, 0, 0, 4, 8},
                {"conv_direct", 1, 64, 2, 0.1, 8, 8}};
    }
    return {{"conv_tiled", 64, 64, 16, 1.0, 0, 0, 8, 8},
            {"conv_tiled", 32, 64, 16, 0.8, 0, 0, 4, 8},
            {"conv_tiled", 32, 32, 16, 0.6, 0, 0, 4, 4},
            {"conv_direct", 4, 64, 1, 0.2, 64, 1},
            {"conv_direct", 1, 64, 1, 0.1, 64, 1}};
}

std::uint64_t tiles_of(const Method& method, const shaders::ConvParameters& p) {
    const std::uint64_t down = (p.rows + method.rows - 1) / method.rows;
    const std::uint64_t across = (p.columns + method.columns - 1) / method.columns;
    return down * across;
}

// Splits of the reduction: enough groups to fill the device, long enough sums to be worth one.
std::uint32_t splits_for(const Method& method, const std::vector<ConvProduct>& products,
                         std::uint64_t groups, std::uint64_t output_bytes,
                         const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    std::uint64_t tiles = 0, k = 0;
    for (const ConvProduct& product : products) {
        tiles = std::max(tiles, tiles_of(method, product.p) * groups);
        k = std::max<std::uint64_t>(k, product.p.k);
    }
    const std::uint64_t wanted = cpu ? 8 : 512, shortest = cpu ? 1024 : 256;
    const std::uint64_t splits = std::min({wanted / std::max<std::uint64_t>(tiles, 1), k / shortest,
                                           device.max_storage_range_bytes / output_bytes,
                                           device.max_group_count[2] / groups, std::uint64_t{256}});
    // lavapipe before Mesa 25 leaves a loop after 65535 rounds.
    const std::uint64_t longest = std::uint64_t{60000} * method.k_block;
    return static_cast<std::uint32_t>(
        std::max({splits, (k + longest - 1) / longest, std::uint64_t{1}}));
}

KernelCall product_call(const LowerContext& context, const Method& method, ConvProduct product,
                        std::uint32_t groups, std::uint32_t splits, std::uint64_t output_count) {
    shaders::ConvParameters& p = product.p;
    p.splits = splits;
    p.partial_stride = static_cast<std::uint32_t>(output_count);
    std::uint32_t k_block = method.k_block;
    if (k_block == 2 && p.k % 2 != 0 && p.k % 3 == 0) k_block = 3;  // no edge for 3x3 taps
    const std::uint32_t per_split = (p.k + splits - 1) / splits;
    p.k_per_split = (per_split + k_block - 1) / k_block * k_block;

    // With splits the program runs where the partial results are joined.
    const graph::PointwiseProgram program =
        splits > 1 ? graph::PointwiseProgram{} : context.group.program;
    KernelCall call = KernelCall::make(method.kernel);
    const graph::Operation& op = *context.group.anchor_in(context.body);
    // The left operand of the product is the second input in the forward direction and for d_x
    // (the weight), the first for d_w (d_y): each operator lists them in this order.
    call.bind("a", graph::operand_of(context.body, op.inputs[0]))
        .bind("x", graph::operand_of(context.body, op.inputs[1]))
        .bind("partial", {splits > 1 ? Operand::Kind::kScratch : Operand::Kind::kUnused})
        .constant("SPLIT", splits > 1);
    product.apply(call);
    if (method.tile_rows == 0) {
        call.constant("LANES", method.lanes)
            .constant("ROWS", method.rows)
            .constant("COLS", method.lane_columns)
            .constant("UNROLL", k_block)
            .constant("K_EDGE", p.k % k_block != 0);
    } else if (std::string_view(method.kernel) == "conv_tiled") {
        const std::uint32_t size =
            method.rows / method.tile_rows * (method.columns / method.tile_columns);
        call.constant("GROUP", size)
            .constant("BM", method.rows)
            .constant("BN", method.columns)
            .constant("BK", method.k_block)
            .constant("TM", method.tile_rows)
            .constant("TN", method.tile_columns);
    }
    graph::set_program(call, context.body, program);
    const auto grid = groups_for(tiles_of(method, p), 1, context.device);
    return call.dispatch({grid[0], grid[1], groups * splits});
}

KernelCall sum_call(const LowerContext& context, std::uint32_t count, std::uint32_t splits,
                    std::uint32_t row_div, std::uint32_t rows) {
    constexpr std::uint32_t kLocalSize = 64;
    KernelCall call = KernelCall::make("conv_sum");
    graph::set_program(call, context.body, context.group.program);
    return call.constant("LOCAL_SIZE", kLocalSize)
        .bind("partial", {Operand::Kind::kScratch})
        .parameters(shaders::ConvSumParameters{count, splits, row_div, rows})
        .dispatch(groups_for(count, kLocalSize, context.device));
}

}  // namespace

double dispatch_ns(const LowerContext& context) {
    return context.device.device_class == DeviceClass::kCpu ? 5000 : 3000;
}

double bytes_of(const ConvGeometry& g) {
    return 4.0 *
           static_cast<double>(g.x_shape().count() + g.w_shape().count() + g.y_shape().count());
}

void add_sum(Candidate& candidate, const LowerContext& context, std::uint64_t count,
             std::uint32_t splits, bool to_weight) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const Shape& output = context.body.values[op.outputs[0]].spec.shape;
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    const std::int64_t rows = output[to_weight ? 0 : 1];
    const std::int64_t row_div = output.count() / (to_weight ? rows : output[0] * rows);
    candidate.calls.push_back(sum_call(context, static_cast<std::uint32_t>(count), splits,
                                       static_cast<std::uint32_t>(row_div),
                                       static_cast<std::uint32_t>(rows)));
    candidate.scratch_bytes = {count * 4 * splits};
    candidate.cost_ns += 10e3 + static_cast<double>(count * 4 * splits) / (cpu ? 1 : 1000);
}

std::vector<Candidate> lower_products(const LowerContext& context, const ConvGeometry& g,
                                      const std::vector<ConvProduct>& products, bool to_weight) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const Shape& output = context.body.values[op.outputs[0]].spec.shape;
    const auto count = static_cast<std::uint64_t>(output.count());
    const auto groups = static_cast<std::uint32_t>(g.groups);
    if (g.groups > context.device.max_group_count[2]) {
        fail(ErrorKind::kUnsupported, "conv: {} groups, {} takes {}", g.groups, context.device.name,
             context.device.max_group_count[2]);
    }
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    std::vector<Candidate> candidates;
    for (const Method& method : methods(context.device)) {
        const std::uint32_t splits =
            splits_for(method, products, groups, count * 4, context.device);
        Candidate candidate;
        candidate.name = fmt::format("{} {}x{}{}", method.kernel, method.rows, method.columns,
                                     splits > 1 ? fmt::format(" /{}", splits) : std::string());
        for (const ConvProduct& product : products) {
            const shaders::ConvParameters& p = product.p;
            candidate.calls.push_back(
                product_call(context, method, product, groups, splits, count));
            candidate.flops += 2.0 * p.rows * p.columns * p.k * groups;
            const double tiles = static_cast<double>(tiles_of(method, p)) * groups * splits;
            const double work = method.rows * method.columns * (p.k / splits + 8.0);
            candidate.cost_ns +=
                std::max(tiles, cpu ? 2.0 : 128.0) * work / method.speed / (cpu ? 10 : 5000) +
                dispatch_ns(context);
        }
        if (splits > 1) add_sum(candidate, context, count, splits, to_weight);
        candidate.bytes = bytes_of(g);
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

}  // namespace ingot::ops
