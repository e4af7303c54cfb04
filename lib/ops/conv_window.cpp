// SPDX-License-Identifier: MIT
// Convolutions window by window (shaders/conv_window.comp, conv_window_sum.comp): for products with
// few rows or few terms, such as depthwise ones, whose matrix tiles would stay empty. Offered for
// every convolution whose taps fit in registers; the estimated costs decide.
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/conv_lower.h"

#include <algorithm>
#include <cstdlib>

namespace ingot::ops {

using graph::Candidate;
using graph::LowerContext;

namespace {

constexpr std::int64_t kMostTaps = 49;  // in registers
constexpr std::int64_t kMostLines = 24, kMostSpan = 24;
// Compilers for cards move the loads of many lines ahead: beyond this, registers are spilled
// (docs/kernels.md).
constexpr std::int64_t kMostOnCards = 256;
constexpr std::int64_t kMostOnNarrow = 72;     // sums, d_y and a line of conv_window_sum
constexpr std::uint64_t kMostRounds = 60'000;  // lavapipe before Mesa 25 leaves a loop after 65535

struct Tile {
    std::int64_t y, x;
};
constexpr Tile kTiles[] = {{4, 4}, {2, 4}, {1, 8}, {1, 4}, {1, 1}};

std::int64_t parts(std::int64_t size, std::int64_t part) {
    return (size + part - 1) / part;
}

// What a tile loads of the image, and what it computes, for one k0 and k1.
struct TileWork {
    std::int64_t lines, span;
    double multiplications;

    bool fits(bool cpu) const {
        return lines <= kMostLines && span <= kMostSpan && (cpu || lines * span <= kMostOnCards);
    }
    // A load costs a processor as much as four multiplications, and caches a card about that. The
    // scale is that of lower_products: a multiplication of a full matrix tile is 1.
    double cost(double further_loads) const {
        const double loads = static_cast<double>(lines * span) + further_loads;
        return (4 * loads + multiplications) / 1.3;
    }
};

TileWork tile_work(const Tile& tile, const Triple& tile_step, const Triple& taps,
                   const Triple& tap_step) {
    return {.lines = (tile.y - 1) * tile_step[1] + (taps[1] - 1) * std::abs(tap_step[1]) + 1,
            .span = (tile.x - 1) * tile_step[2] + (taps[2] - 1) * std::abs(tap_step[2]) + 1,
            .multiplications = static_cast<double>(tile.y * tile.x * taps[1] * taps[2])};
}

Triple columns_of(const ConvProduct& product) {
    return {product.p.n1, product.p.n2, product.p.n3};
}
Triple terms_of(const ConvProduct& product) {
    return {product.p.k1, product.p.k2, product.p.k3};
}

double per_ns(const LowerContext& context) {  // multiplications, as lower_products has it
    return context.device.device_class == DeviceClass::kCpu ? 10 : 5000;
}

KernelCall window_call(const LowerContext& context, const char* kernel,
                       const graph::PointwiseProgram& program, std::uint32_t local_size,
                       const Tile& tile, const Triple& taps) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    KernelCall call = KernelCall::make(kernel);
    const auto number = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
    graph::set_program(call, context.body, program);
    return call.bind("a", graph::operand_of(context.body, op.inputs[0]))
        .bind("x", graph::operand_of(context.body, op.inputs[1]))
        .constant("TILE_Y", number(tile.y))
        .constant("TILE_X", number(tile.x))
        .constant("TAPS_Y", number(taps[1]))
        .constant("TAPS_X", number(taps[2]))
        .constant(kernel == std::string("conv_window") ? "LOCAL_SIZE" : "LANES", local_size);
}

std::string candidate_name(const char* kernel, const Tile& tile, std::uint64_t splits) {
    return fmt::format("{} {}x{}{}", kernel, tile.y, tile.x,
                       splits > 1 ? fmt::format(" /{}", splits) : std::string());
}

}  // namespace

std::vector<Candidate> lower_windows(const LowerContext& context, const ConvGeometry& g,
                                     const std::vector<ConvProduct>& products) {
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    const std::uint32_t local_size = cpu ? 16 : 64;
    std::vector<Candidate> candidates;
    for (const Tile& tile : kTiles) {
        Candidate candidate;
        candidate.name = candidate_name("conv_window", tile, 1);
        bool fits = true;
        for (ConvProduct product : products) {
            shaders::ConvParameters& p = product.p;
            const Triple taps = terms_of(product), columns = columns_of(product);
            const TileWork work = tile_work(tile, product.n_step, taps, product.k_step);
            const std::uint64_t rounds = p.k / (p.k2 * p.k3);
            fits = fits && work.fits(cpu) && taps[1] * taps[2] <= kMostTaps &&
                   rounds < kMostRounds && (tile.y == 1 || columns[1] > 1) &&
                   (tile.x == 1 || columns[2] > 1);
            const std::int64_t batch = p.columns / word(ops::product(columns));
            const auto tiles =
                static_cast<std::uint64_t>(batch * p.rows * columns[0] * parts(columns[1], tile.y) *
                                           parts(columns[2], tile.x));
            p.splits = 1;
            const bool whole_tiles = columns[1] % tile.y == 0 && columns[2] % tile.x == 0;
            product.masked = product.masked || !whole_tiles;
            KernelCall call =
                window_call(context, "conv_window", context.group.program, local_size, tile, taps);
            call.bind("partial", {Operand::Kind::kUnused});
            product.apply(call);
            const auto grid = groups_for(tiles, local_size, context.device);
            call.dispatch({grid[0], grid[1], static_cast<std::uint32_t>(g.groups)});
            candidate.calls.push_back(std::move(call));

            const double groups =
                static_cast<double>((tiles + local_size - 1) / local_size) * g.groups;
            const double one =
                static_cast<double>(rounds) * work.cost(static_cast<double>(taps[1] * taps[2])) +
                16.0 * static_cast<double>(tile.y * tile.x);
            candidate.flops += 2.0 * p.rows * p.columns * p.k * static_cast<double>(g.groups);
            candidate.cost_ns +=
                std::max(groups, cpu ? 2.0 : 128.0) * local_size * one / per_ns(context) +
                dispatch_ns(context);
        }
        if (!fits) continue;
        candidate.bytes = bytes_of(g);
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

std::vector<Candidate> lower_window_sums(const LowerContext& context, const ConvGeometry& g,
                                         const ConvProduct& of) {
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    const Triple taps = columns_of(of), pixels = terms_of(of);
    const std::uint32_t lanes = cpu ? 8 : 64;
    const auto count = static_cast<std::uint64_t>(g.w_shape().count());
    std::vector<Candidate> candidates;
    if (taps[1] * taps[2] > kMostTaps) return candidates;
    for (const Tile& tile : kTiles) {
        const TileWork work = tile_work(tile, of.k_step, taps, of.n_step);
        if (!work.fits(cpu) || (tile.y > 1 && pixels[1] == 1) || (tile.x > 1 && pixels[2] == 1)) {
            continue;
        }
        const std::int64_t held = taps[1] * taps[2] + tile.y * tile.x + work.span;
        if (context.device.chooses_narrow_subgroups() && held > kMostOnNarrow) continue;
        ConvProduct product = of;
        shaders::ConvParameters& p = product.p;
        const std::uint64_t owned = p.rows * std::uint64_t{p.columns / (p.n2 * p.n3)};
        const std::uint64_t groups = owned * static_cast<std::uint64_t>(g.groups);
        const std::uint64_t tiles =
            p.k / (p.k2 * p.k3) *
            static_cast<std::uint64_t>(parts(pixels[1], tile.y) * parts(pixels[2], tile.x));
        // Splits of the sum: enough groups to fill the device, long enough sums to be worth one.
        std::uint64_t splits =
            std::min({(cpu ? 8 : 512) / groups, tiles / (4 * lanes),
                      context.device.max_storage_range_bytes / (count * 4),
                      context.device.max_group_count[2] / static_cast<std::uint64_t>(g.groups)});
        splits = std::max({splits, tiles / (kMostRounds * lanes) + 1, std::uint64_t{1}});
        p.splits = static_cast<std::uint32_t>(splits);
        p.k_per_split = static_cast<std::uint32_t>((tiles + splits - 1) / splits);
        p.partial_stride = static_cast<std::uint32_t>(count);
        const bool whole_tiles = pixels[1] % tile.y == 0 && pixels[2] % tile.x == 0;
        product.masked = product.masked || !whole_tiles;

        Candidate candidate;
        candidate.name = candidate_name("conv_window_sum", tile, splits);
        KernelCall call = window_call(
            context, "conv_window_sum",
            splits > 1 ? graph::PointwiseProgram{} : context.group.program, lanes, tile, taps);
        call.bind("partial", {splits > 1 ? Operand::Kind::kScratch : Operand::Kind::kUnused})
            .constant("SPLIT", splits > 1);
        product.apply(call);
        const auto grid = groups_for(owned, 1, context.device);
        call.dispatch({grid[0], grid[1], static_cast<std::uint32_t>(g.groups) * p.splits});
        candidate.calls.push_back(std::move(call));
        const double rounds = static_cast<double>((p.k_per_split + lanes - 1) / lanes);
        const double one = rounds * work.cost(static_cast<double>(tile.y * tile.x)) +
                           8.0 * static_cast<double>(taps[1] * taps[2]) + 100;
        candidate.cost_ns = std::max(static_cast<double>(groups * splits), cpu ? 2.0 : 128.0) *
                                lanes * one / per_ns(context) +
                            dispatch_ns(context);
        if (splits > 1) add_sum(candidate, context, count, p.splits, true);
        candidate.flops = 2.0 * p.rows * p.columns * p.k * static_cast<double>(g.groups);
        candidate.bytes = bytes_of(g);
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

}  // namespace ingot::ops
