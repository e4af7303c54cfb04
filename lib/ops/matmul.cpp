// SPDX-License-Identifier: MIT
// Matrix product: y[b] = a[b] b[b], a [..., M, K], b [..., K, N], y [..., M, N]; leading axes are
// broadcast. Transposed operands are views that the kernels follow, so the three products of a
// training step (x W^T, d_y W, d_y^T x) run through the same kernels in NT, NN and TN form.
//   d_a = d_y b^T        d_b = a^T d_y        summed over broadcast axes
#include "shaders/matmul.h"
#include "graph/autocast.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/pointwise.h"

#include <algorithm>
#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::View;

// A matrix as the kernels read it: stored rows of `ld` elements, op() transposed or not.
struct Stored {
    bool transposed = false;
    std::int64_t ld = 0;
    std::int64_t batch_stride = 0;
};

// Nothing if the view is not such a matrix: both axes strided, or batches at irregular distances.
std::optional<Stored> stored(const View& view) {
    const std::size_t rank = view.shape.rank();
    const std::int64_t rows = view.shape[rank - 2], columns = view.shape[rank - 1];
    const std::int64_t row_stride = view.strides[rank - 2], column_stride = view.strides[rank - 1];
    Stored result;
    if (column_stride == 1 || columns == 1) {
        result.ld = rows == 1 ? columns : row_stride;
        if (result.ld < columns) return std::nullopt;
    } else if (row_stride == 1 || rows == 1) {
        result.transposed = true;
        result.ld = column_stride;
        if (result.ld < rows) return std::nullopt;
    } else {
        return std::nullopt;
    }
    // The leading axes as one, outermost last in this walk.
    std::int64_t count = 1;
    for (std::size_t axis = rank - 2; axis-- > 0;) {
        if (view.shape[axis] == 1) continue;
        if (view.strides[axis] < 0) return std::nullopt;
        if (count == 1) {
            result.batch_stride = view.strides[axis];
        } else if (view.strides[axis] != result.batch_stride * count) {
            return std::nullopt;
        }
        count *= view.shape[axis];
    }
    return result;
}

bool accepts(std::size_t, const View& view) {
    const bool aligned = view.offset * 4 % static_cast<std::int64_t>(graph::kAlignmentBytes) == 0;
    return aligned && stored(view).has_value();
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    const Shape& a = inputs[0].shape();
    const Shape& b = inputs[1].shape();
    const std::size_t rank = a.rank();
    return {{a.with(rank - 1, b[rank - 1]), f32}};  // matmul() has checked and broadcast them
}

bool is_transpose(const Tensor& x) {
    return x.node()->def->name == "permute";
}

// The gradient of a transposed operand is made transposed: turned back by the operand's own rule it
// lies as the operand's source does, and nothing is copied.
std::vector<Tensor> gradient(const GradientContext& c) {
    const Tensor &a = c.x(0), &b = c.x(1), &d = c.d_y();
    return {is_transpose(a) ? transpose(matmul(b, transpose(d))) : matmul(d, transpose(b)),
            is_transpose(b) ? transpose(matmul(transpose(d), a)) : matmul(transpose(a), d)};
}

std::uint32_t epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const auto rows = static_cast<std::uint32_t>(output[output.rank() - 2]);
    const auto columns = static_cast<std::uint32_t>(output[output.rank() - 1]);
    if (div == 1 && mod == columns) return shaders::kAccessColumn;
    if (div == columns && mod == rows) return shaders::kAccessRow;
    return shaders::kAccessNone;
}

struct Product {
    std::uint32_t m, n, k, batch;
    Stored a, b;
};

std::uint32_t tiles(std::uint32_t size, std::uint32_t tile) {
    return (size + tile - 1) / tile;
}

void set_common(KernelCall& call, const LowerContext& context, const Product& p) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    shaders::MatmulParameters parameters{};
    parameters.M = p.m;
    parameters.N = p.n;
    parameters.K = p.k;
    parameters.lda = static_cast<std::uint32_t>(p.a.ld);
    parameters.ldb = static_cast<std::uint32_t>(p.b.ld);
    parameters.a_batch_stride = static_cast<std::uint32_t>(p.a.batch_stride);
    parameters.b_batch_stride = static_cast<std::uint32_t>(p.b.batch_stride);
    call.parameters(parameters);
    for (const std::size_t i : {0u, 1u}) {
        Operand operand = graph::operand_of(context.body, op.inputs[i].value);
        operand.offset_bytes = static_cast<std::uint64_t>(op.inputs[i].view.offset) *
                               size_bytes_of(context.body.values[op.inputs[i].value].spec.dtype);
        operand.size_bytes -= operand.offset_bytes;
        call.bind(i == 0 ? "a" : "b", operand);
    }
    graph::set_program(call, context.body, context.group.program);
}

// Register tiles of a lane of matmul_subgroup, the first for a large product. Where buffer loads
// are dear (prefers_texels) larger tiles no longer pay; small ones run as fast and waste less at
// the edges. Measured on lavapipe 22.3.6 and 26.2.
struct SubgroupTile {
    std::uint32_t rows, columns;
    double speed;
};
constexpr SubgroupTile kTexelTiles[] = {{16, 8, 1.0}, {8, 8, 0.9}, {8, 4, 0.8}};
// Rows of B that lie a multiple of a page apart share sets of the cache: there, more work for each
// row that is fetched.
constexpr SubgroupTile kPagedTexelTiles[] = {{24, 8, 1.0}, {16, 8, 0.85}, {8, 4, 0.6}};
constexpr SubgroupTile kVectorTiles[] = {{32, 8, 1.0}, {16, 8, 0.95}, {8, 8, 0.85}, {8, 4, 0.75}};

bool reads_in_fours(const Stored& matrix, std::uint32_t rows, std::uint32_t columns) {
    const std::int64_t length = matrix.transposed ? rows : columns;
    return length % 4 == 0 && matrix.ld % 4 == 0 && matrix.batch_stride % 4 == 0;
}

void add_subgroup(std::vector<Candidate>& candidates, const LowerContext& context,
                  const Product& p) {
    const std::uint32_t lanes = context.device.subgroup_size;
    const bool texels = context.device.prefers_texels &&
                        graph::fits_texels(context.body, *context.group.anchor_in(context.body));
    const char wide = texels ? 't' : 'v';
    const bool a_wide = reads_in_fours(p.a, p.m, p.k);
    const bool b_wide = reads_in_fours(p.b, p.k, p.n);
    const std::string kernel =
        fmt::format("matmul_subgroup_{}{}", a_wide ? wide : 'w', b_wide ? wide : 'w');
    const std::span<const SubgroupTile> tile_list =
        !texels                                ? std::span<const SubgroupTile>(kVectorTiles)
        : p.b.transposed && p.b.ld % 1024 == 0 ? kPagedTexelTiles
                                               : std::span<const SubgroupTile>(kTexelTiles);
    for (const SubgroupTile& tile : tile_list) {
        KernelCall call = KernelCall::make(kernel);
        set_common(call, context, p);
        call.constant("LANES", lanes)
            .constant("ROWS", tile.rows)
            .constant("COLS", tile.columns)
            .constant("A_TRANSPOSED", p.a.transposed)
            .constant("B_TRANSPOSED", p.b.transposed)
            .constant("K_EDGE", p.k % 4 != 0);
        const std::uint32_t x = tiles(p.n, lanes * tile.columns);
        const std::uint32_t y = tiles(p.m, tile.rows);
        if (y > context.device.max_group_count[1]) continue;
        call.dispatch({x, y, p.batch});
        // Whole groups, on two threads at least.
        const double groups = std::ceil(x * y * static_cast<double>(p.batch) / 2) * 2;
        const double work = groups * tile.rows * tile.columns * lanes * (p.k + 8.0);
        const double words = (a_wide ? 1.0 : 1.2) * (b_wide ? 1.0 : 1.4);
        Candidate candidate;
        candidate.name = fmt::format("{} {}x{}", kernel, tile.rows, tile.columns);
        candidate.cost_ns = work * words / tile.speed / 20;
        candidate.calls.push_back(std::move(call));
        candidates.push_back(std::move(candidate));
    }
}

void add_tiled(std::vector<Candidate>& candidates, const LowerContext& context, const Product& p) {
    struct Tile {
        std::uint32_t bm, bn, bk, tm, tn;
        double speed;
    };
    constexpr Tile kTiles[] = {{64, 64, 16, 8, 8, 1.0},
                               {64, 32, 16, 4, 4, 0.7},
                               {32, 32, 16, 4, 4, 0.6},
                               {16, 16, 16, 2, 2, 0.25}};
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    // A card whose subgroups may be as small as 8 has few registers for a lane of a larger one
    // (Intel): there, copying must leave room for the sums, or these are spilled.
    const std::uint32_t at_once = context.device.min_subgroup_size <= 8 ? 4 : 16;
    for (const Tile& tile : kTiles) {
        const std::uint32_t group = tile.bm / tile.tm * (tile.bn / tile.tn);
        const std::uint32_t shared = 4 * tile.bk * (tile.bm + tile.bn + 8);
        if (group > context.device.max_invocations) continue;
        if (shared > context.device.shared_memory_bytes) continue;
        const char* fixed = p.a.transposed
                                ? (p.b.transposed ? "matmul_tiled_tt" : "matmul_tiled_tn")
                                : (p.b.transposed ? "matmul_tiled_nt" : "matmul_tiled_nn");
        const bool is_default = &tile == &kTiles[0];
        if (cpu && !is_default) continue;
        KernelCall call = KernelCall::make(cpu ? fixed : "matmul_tiled");
        set_common(call, context, p);
        if (!cpu) {
            call.constant("GROUP", group)
                .constant("BM", tile.bm)
                .constant("BN", tile.bn)
                .constant("BK", tile.bk)
                .constant("TM", tile.tm)
                .constant("TN", tile.tn)
                .constant("A_TRANSPOSED", p.a.transposed)
                .constant("B_TRANSPOSED", p.b.transposed)
                .constant("AT_ONCE", at_once);
        }
        const std::uint32_t x = tiles(p.n, tile.bn);
        const std::uint32_t y = tiles(p.m, tile.bm);
        call.dispatch({x, y, p.batch});
        // A card wants some hundred groups; below that, smaller tiles fill it better.
        const double groups = std::max(x * y * static_cast<double>(p.batch), cpu ? 2.0 : 128.0);
        Candidate candidate;
        candidate.name = fmt::format("{} {}x{}", call.kernel->name, tile.bm, tile.bn);
        candidate.cost_ns =
            groups * tile.bm * tile.bn * (p.k + 16.0) / tile.speed / (cpu ? 1 : 500);
        candidate.calls.push_back(std::move(call));
        candidates.push_back(std::move(candidate));
    }
}

std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const View& a = op.inputs[0].view;
    const View& b = op.inputs[1].view;
    const std::size_t rank = a.shape.rank();
    Product p{};
    p.m = static_cast<std::uint32_t>(a.shape[rank - 2]);
    p.k = static_cast<std::uint32_t>(a.shape[rank - 1]);
    p.n = static_cast<std::uint32_t>(b.shape[rank - 1]);
    std::int64_t batch = 1;
    for (std::size_t axis = 0; axis + 2 < rank; ++axis)
        batch *= a.shape[axis];
    if (batch > context.device.max_group_count[2]) {
        fail(ErrorKind::kUnsupported, "matmul: {} matrices in one product, {} takes {}", batch,
             context.device.name, context.device.max_group_count[2]);
    }
    p.batch = static_cast<std::uint32_t>(batch);
    p.a = stored(a).value();
    p.b = stored(b).value();

    std::vector<Candidate> candidates;
    const bool lanes_fit = context.device.subgroup_size == 8;
    if (context.device.device_class == DeviceClass::kCpu && lanes_fit) {
        add_subgroup(candidates, context, p);
    } else {
        add_tiled(candidates, context, p);
    }
    for (Candidate& candidate : candidates) {
        candidate.flops = 2.0 * p.m * p.n * p.k * p.batch;
        candidate.bytes = 4.0 * p.batch *
                          (static_cast<double>(p.m) * p.k + static_cast<double>(p.k) * p.n +
                           static_cast<double>(p.m) * p.n);
    }
    return candidates;
}

// [..., M, K] x [..., K, N]
std::int64_t flops(const graph::Node& node) {
    const Shape& a = node.inputs[0].shape();
    return 2 * node.outputs[0].shape.count() * a[a.rank() - 1];
}

const OpDef matmul_op{.name = "matmul",
                      .listed = graph::in_list<matmul_op>,
                      .autocast = graph::AutocastRule::kLower,
                      .infer = infer,
                      .gradient = gradient,
                      .flops = flops,
                      .lower = lower,
                      .fusion = graph::Fusion::kEpilogue,
                      .reads_narrow = true,
                      .epilogue_access = epilogue_access,
                      .accepts = accepts};

// Of operands that fit.
Tensor product(const Tensor& a, const Tensor& b) {
    const Shape& sa = a.shape();
    const Shape& sb = b.shape();
    const std::int64_t m = sa[sa.rank() - 2], k = sa[sa.rank() - 1], n = sb[sb.rank() - 1];
    if (sb.rank() == 2 && sa.rank() > 2) {  // one matrix for all: more rows of a single product
        const Tensor rows = reshape(a, Shape{sa.count() / k, k});
        return reshape(product(rows, b), sa.with(sa.rank() - 1, n));
    }
    // A sum that is too long for one loop of a kernel: products of slices, added up.
    constexpr std::int64_t kLongestSum = 61440;
    if (k > kLongestSum) {
        Tensor total;
        for (std::int64_t begin = 0; begin < k; begin += kLongestSum) {
            const std::int64_t end = std::min(k, begin + kLongestSum);
            const Tensor part = product(slice(a, {.axis = -1, .begin = begin, .end = end}),
                                        slice(b, {.axis = -2, .begin = begin, .end = end}));
            total = total ? total + part : part;
        }
        return total;
    }
    const auto lead = [](const Shape& shape) {
        return Shape(shape.sizes().first(shape.rank() - 2));
    };
    const Shape batch = broadcast("matmul", lead(sa), lead(sb));
    Shape full = batch;
    full = full.inserted(batch.rank(), 1).inserted(batch.rank() + 1, 1);
    const Tensor wide_a = expand(a, full.with(batch.rank(), m).with(batch.rank() + 1, k));
    const Tensor wide_b = expand(b, full.with(batch.rank(), k).with(batch.rank() + 1, n));
    return graph::apply(matmul_op, {}, {wide_a, wide_b});
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor matmul(const Tensor& a, const Tensor& b) {
    const Shape& sa = a.shape();
    const Shape& sb = b.shape();
    if (!is_floating(a.dtype()) || !is_floating(b.dtype()) || sa.rank() < 2 || sb.rank() < 2) {
        fail(ErrorKind::kInvalidArgument,
             "matmul: takes f32 matrices [..., M, K] and [..., K, N], not {} and {}",
             to_string(a.spec()), to_string(b.spec()));
    }
    const std::int64_t k = sa[sa.rank() - 1];
    if (k != sb[sb.rank() - 2]) {
        fail(ErrorKind::kInvalidArgument, "matmul: inner sizes differ: lhs {}, rhs {} ({} and {})",
             to_string(sa), to_string(sb), k, sb[sb.rank() - 2]);
    }
    const graph::Casting casting(ops::matmul_op.autocast);
    return casting.result(ops::product(casting(a), casting(b)));
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    if (weight.shape().rank() != 2 || x.shape().rank() < 1 ||
        x.shape()[x.shape().rank() - 1] != weight.shape()[1]) {
        fail(ErrorKind::kInvalidArgument, "linear: x {} does not fit weight {} [out, in]",
             to_string(x.shape()), to_string(weight.shape()));
    }
    if (bias && bias.shape() != Shape{weight.shape()[0]}) {
        fail(ErrorKind::kInvalidArgument, "linear: bias {} does not fit weight {} [out, in]",
             to_string(bias.shape()), to_string(weight.shape()));
    }
    for (const Tensor& operand : {x, weight, bias}) {
        if (!operand || is_floating(operand.dtype())) continue;
        fail(ErrorKind::kInvalidArgument, "linear: takes f32, not {}", to_string(operand.spec()));
    }
    const bool vector = x.shape().rank() == 1;
    const graph::Casting casting(ops::matmul_op.autocast);
    const Tensor rows = casting(vector ? reshape(x, Shape{1, x.shape()[0]}) : x);
    Tensor y = matmul(rows, transpose(casting(weight)));
    if (bias) y = y + casting(bias);
    y = casting.result(y);
    return vector ? reshape(y, Shape{weight.shape()[0]}) : y;
}

}  // namespace ingot
