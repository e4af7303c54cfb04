// SPDX-License-Identifier: MIT
// Convolution of images, by implicit matrix products: the patches are gathered while the product
// runs and never stored.
//   x [B, C, H, W], weight [O, C/groups, kh, kw] -> y [B, O, H', W']
//   y[b, o, i, j] = sum over c, u, v of weight[o, c, u, v] x[b, c, i s + u d - p, j s + v d - p]
//   d_x: the same sum turned round, gathered from d_y; d_w: a product over all pixels of the batch.
// The operator is linear in both operands, so the three directions are each other's gradients. The
// bias is a pointwise addition that the fuser puts into the kernel.
#include "graph/program_call.h"
#include "kernels/device_description.h"
#include "ops/conv2d_product.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;

using Inputs = std::span<const Tensor>;
using Grads = std::vector<Tensor>;

// --- kernels -------------------------------------------------------------------------------------

std::uint32_t epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const bool images =
        std::int64_t{div} == output[2] * output[3] && std::int64_t{mod} == output[1];
    return images ? shaders::kAccessRow : shaders::kAccessNone;
}

// d_w's rows are its first axis.
std::uint32_t weight_epilogue_access(const Shape& output, std::uint32_t div, std::uint32_t mod) {
    const bool rows =
        std::int64_t{div} == output.count() / output[0] && std::int64_t{mod} == output[0];
    return rows ? shaders::kAccessRow : shaders::kAccessNone;
}

// A way to run the products, with the tile of C that a group owns. The speeds of the software
// drivers are measured; those of cards are what the tiles' reuse of loads suggests.
struct Method {
    const char* kernel;
    std::uint32_t rows, columns;  // of a group's tile
    std::uint32_t k_block;
    double speed;  // beside the other methods of the device class, where the tile is full
    std::uint32_t lanes, lane_columns;              // conv2d.comp
    std::uint32_t tile_rows = 0, tile_columns = 0;  // conv2d_tiled.comp: of an invocation
};

std::vector<Method> methods(const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    if (cpu && device.subgroup_size == 8) {
        return {
            {"conv2d_subgroup", 16, 96, 2, 1.0, 8, 12}, {"conv2d_subgroup", 16, 32, 2, 0.65, 8, 4},
            {"conv2d_subgroup", 16, 16, 2, 0.4, 8, 2},  {"conv2d_subgroup", 8, 64, 2, 0.65, 8, 8},
            {"conv2d_direct", 1, 64, 2, 0.2, 8, 8},     {"conv2d_direct", 1, 16, 2, 0.08, 8, 2}};
    }
    if (cpu) {
        return {{"conv2d_tiled_fixed", 32, 64, 16, 1.0, 0, 0, 4, 8},
                {"conv2d_direct", 1, 64, 2, 0.1, 8, 8}};
    }
    return {{"conv2d_tiled", 64, 64, 16, 1.0, 0, 0, 8, 8},
            {"conv2d_tiled", 32, 64, 16, 0.8, 0, 0, 4, 8},
            {"conv2d_tiled", 32, 32, 16, 0.6, 0, 0, 4, 4},
            {"conv2d_direct", 4, 64, 1, 0.2, 64, 1},
            {"conv2d_direct", 1, 64, 1, 0.1, 64, 1}};
}

std::uint64_t tiles_of(const Method& method, const shaders::Conv2dParameters& p) {
    const std::uint64_t down = (p.rows + method.rows - 1) / method.rows;
    const std::uint64_t across = (p.columns + method.columns - 1) / method.columns;
    return down * across;
}

// Splits of the reduction: enough groups to fill the device, long enough sums to be worth one.
std::uint32_t splits_for(const Method& method, const std::vector<Conv2dProduct>& products,
                         std::uint64_t groups, std::uint64_t output_bytes,
                         const DeviceDescription& device) {
    const bool cpu = device.device_class == DeviceClass::kCpu;
    std::uint64_t tiles = 0, k = 0;
    for (const Conv2dProduct& product : products) {
        tiles = std::max(tiles, tiles_of(method, product.p) * groups);
        k = std::max<std::uint64_t>(k, product.p.k);
    }
    const std::uint64_t wanted = cpu ? 8 : 512, shortest = cpu ? 1024 : 256;
    const std::uint64_t splits = std::min({wanted / std::max<std::uint64_t>(tiles, 1), k / shortest,
                                           device.max_storage_range_bytes / output_bytes,
                                           device.max_group_count[2] / groups, std::uint64_t{256}});
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(splits, 1));
}

KernelCall product_call(const LowerContext& context, const Method& method, Conv2dProduct product,
                        std::uint32_t groups, std::uint32_t splits, std::uint64_t output_count) {
    shaders::Conv2dParameters& p = product.p;
    p.splits = splits;
    p.partial_stride = static_cast<std::uint32_t>(output_count);
    std::uint32_t k_block = method.k_block;
    if (k_block == 2 && p.k % 2 != 0 && p.k % 3 == 0) k_block = 3;  // no edge for 3x3 taps
    const std::uint32_t per_split = (p.k + splits - 1) / splits;
    p.k_per_split = (per_split + k_block - 1) / k_block * k_block;

    // With splits the program runs where the partial results are joined.
    const graph::PointwiseProgram program =
        splits > 1 ? graph::PointwiseProgram{} : context.group.program;
    KernelCall call = KernelCall::make(std::string(method.kernel) + graph::light_suffix(program));
    const graph::Operation& op = *context.group.anchor_in(context.body);
    // The left operand of the product is the second input in the forward direction and for d_x
    // (the weight), the first for d_w (d_y): each operator lists them in this order.
    call.bind("a", graph::operand_of(context.body, op.inputs[0]))
        .bind("x", graph::operand_of(context.body, op.inputs[1]))
        .bind("partial", {splits > 1 ? Operand::Kind::kScratch : Operand::Kind::kUnused})
        .constant("MASKED", product.masked)
        .constant("SPLIT", splits > 1)
        .parameters(p);
    if (method.tile_rows == 0) {
        call.constant("LANES", method.lanes)
            .constant("ROWS", method.rows)
            .constant("COLS", method.lane_columns)
            .constant("UNROLL", k_block)
            .constant("K_EDGE", p.k % k_block != 0);
    } else if (std::string_view(method.kernel) == "conv2d_tiled") {
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
    KernelCall call =
        KernelCall::make(std::string("conv2d_sum") + graph::light_suffix(context.group.program));
    graph::set_program(call, context.body, context.group.program);
    return call.constant("LOCAL_SIZE", kLocalSize)
        .bind("partial", {Operand::Kind::kScratch})
        .parameters(shaders::Conv2dSumParameters{count, splits, row_div, rows})
        .dispatch(groups_for(count, kLocalSize, context.device));
}

using Products = std::vector<Conv2dProduct> (*)(const Conv2dGeometry&);

template <Products make_products, bool to_weight>
std::vector<Candidate> lower(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    const auto& g = op.attributes.as<Conv2dGeometry>();
    const std::vector<Conv2dProduct> products = make_products(g);
    const Shape& output = context.body.values[op.outputs[0]].spec.shape;
    const auto count = static_cast<std::uint64_t>(output.count());
    const auto groups = static_cast<std::uint32_t>(g.groups);
    if (g.groups > context.device.max_group_count[2]) {
        fail(ErrorKind::kUnsupported, "conv2d: {} groups, {} takes {}", g.groups,
             context.device.name, context.device.max_group_count[2]);
    }
    const bool cpu = context.device.device_class == DeviceClass::kCpu;
    std::vector<Candidate> candidates;
    for (const Method& method : methods(context.device)) {
        const std::uint32_t splits =
            splits_for(method, products, groups, count * 4, context.device);
        Candidate candidate;
        candidate.name = fmt::format("{} {}x{}{}", method.kernel, method.rows, method.columns,
                                     splits > 1 ? fmt::format(" /{}", splits) : std::string());
        for (const Conv2dProduct& product : products) {
            const shaders::Conv2dParameters& p = product.p;
            candidate.calls.push_back(
                product_call(context, method, product, groups, splits, count));
            candidate.flops += 2.0 * p.rows * p.columns * p.k * groups;
            const double tiles = static_cast<double>(tiles_of(method, p)) * groups * splits;
            const double work = method.rows * method.columns * (p.k / splits + 8.0);
            candidate.cost_ns +=
                std::max(tiles, cpu ? 2.0 : 128.0) * work / method.speed / (cpu ? 10 : 5000);
        }
        if (splits > 1) {
            const auto row_div = to_weight ? output.count() / output[0] : output[2] * output[3];
            candidate.calls.push_back(
                sum_call(context, static_cast<std::uint32_t>(count), splits,
                         static_cast<std::uint32_t>(row_div),
                         static_cast<std::uint32_t>(output[to_weight ? 0 : 1])));
            candidate.scratch_bytes = {count * 4 * splits};
            candidate.cost_ns += 10e3 + static_cast<double>(count * 4 * splits) / (cpu ? 1 : 1000);
        }
        candidate.bytes = 4.0 * static_cast<double>(g.x_shape().count() + g.w_shape().count() +
                                                    g.y_shape().count());
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

// --- operators -----------------------------------------------------------------------------------
// Inputs in the order (left, gathered) of the product. conv2d() has checked the sizes.

Tensor forward(const Conv2dGeometry& g, const Tensor& weight, const Tensor& x);
Tensor input_gradient(const Conv2dGeometry& g, const Tensor& weight, const Tensor& d_y);
Tensor weight_gradient(const Conv2dGeometry& g, const Tensor& d_y, const Tensor& x);

const OpDef conv2d_op{
    .name = "conv2d",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Conv2dGeometry>().y_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<Conv2dGeometry>();
        return {weight_gradient(g, c.d_y(), c.x(1)), input_gradient(g, c.x(0), c.d_y())};
    },
    .lower = lower<forward_product, false>,
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

const OpDef conv2d_input_gradient_op{
    .name = "conv2d_input_gradient",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Conv2dGeometry>().x_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<Conv2dGeometry>();
        return {weight_gradient(g, c.x(1), c.d_y()), forward(g, c.x(0), c.d_y())};
    },
    .lower = lower<input_gradient_products, false>,
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = epilogue_access};

const OpDef conv2d_weight_gradient_op{
    .name = "conv2d_weight_gradient",
    .infer = [](Inputs, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{attributes.as<Conv2dGeometry>().w_shape(), f32}};
    },
    .gradient = [](const GradientContext& c) -> Grads {
        const auto& g = c.attributes<Conv2dGeometry>();
        return {forward(g, c.d_y(), c.x(1)), input_gradient(g, c.d_y(), c.x(0))};
    },
    .lower = lower<weight_gradient_product, true>,
    .fusion = graph::Fusion::kEpilogue,
    .epilogue_access = weight_epilogue_access};

Tensor forward(const Conv2dGeometry& g, const Tensor& weight, const Tensor& x) {
    return graph::apply(conv2d_op, Attributes::of(g), {weight, x});
}
Tensor input_gradient(const Conv2dGeometry& g, const Tensor& weight, const Tensor& d_y) {
    return graph::apply(conv2d_input_gradient_op, Attributes::of(g), {weight, d_y});
}
Tensor weight_gradient(const Conv2dGeometry& g, const Tensor& d_y, const Tensor& x) {
    return graph::apply(conv2d_weight_gradient_op, Attributes::of(g), {d_y, x});
}

Conv2dGeometry geometry_of(const Tensor& x, const Tensor& weight, const Conv2dOptions& options) {
    const Shape& xs = x.shape();
    const Shape& ws = weight.shape();
    if (x.dtype() != f32 || weight.dtype() != f32 || xs.rank() != 4 || ws.rank() != 4) {
        fail(ErrorKind::kInvalidArgument,
             "conv2d: takes f32 x [B, C, H, W] and weight [O, C / groups, kh, kw], not {} and {}",
             to_string(x.spec()), to_string(weight.spec()));
    }
    Conv2dGeometry g{.batch = xs[0],
                     .channels = xs[1],
                     .outputs = ws[0],
                     .groups = options.groups,
                     .image = {xs[2], xs[3]},
                     .kernel = {ws[2], ws[3]},
                     .result = {},
                     .stride = options.stride,
                     .padding = options.padding,
                     .dilation = options.dilation};
    if (g.groups < 1 || g.channels % g.groups != 0 || g.outputs % g.groups != 0) {
        fail(ErrorKind::kInvalidArgument,
             "conv2d: {} groups do not divide the {} channels of x {} and the {} of weight {}",
             g.groups, g.channels, to_string(xs), g.outputs, to_string(ws));
    }
    if (ws[1] != g.channels / g.groups) {
        fail(ErrorKind::kInvalidArgument,
             "conv2d: weight {} takes {} channels a group, x {} in {} groups has {}", to_string(ws),
             ws[1], to_string(xs), g.groups, g.channels / g.groups);
    }
    if (xs.count() == 0 || ws.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "conv2d: nothing to do: x {}, weight {}", to_string(xs),
             to_string(ws));
    }
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const char* name = axis == 0 ? "height" : "width";
        if (g.stride[axis] < 1 || g.dilation[axis] < 1 || g.padding[axis] < 0) {
            fail(ErrorKind::kInvalidArgument,
                 "conv2d: in {}: stride {} and dilation {} must be at least 1, padding {} at least "
                 "0",
                 name, g.stride[axis], g.dilation[axis], g.padding[axis]);
        }
        const std::int64_t reach = g.dilation[axis] * (g.kernel[axis] - 1) + 1;
        const std::int64_t padded = g.image[axis] + 2 * g.padding[axis];
        if (reach > padded) {
            fail(ErrorKind::kInvalidArgument,
                 "conv2d: in {}: the kernel reaches over {} (size {}, dilation {}), the padded "
                 "image of x {} has {}",
                 name, reach, g.kernel[axis], g.dilation[axis], to_string(xs), padded);
        }
        g.result[axis] = (padded - reach) / g.stride[axis] + 1;
    }
    return g;
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
    const ops::Conv2dGeometry geometry = ops::geometry_of(x, weight, options);
    const Tensor y = ops::forward(geometry, weight, x);
    if (!bias) return y;
    if (bias.shape() != Shape{geometry.outputs}) {
        fail(ErrorKind::kInvalidArgument, "conv2d: bias {} does not fit weight {}: takes [{}]",
             to_string(bias.shape()), to_string(weight.shape()), geometry.outputs);
    }
    return y + reshape(bias, Shape{geometry.outputs, 1, 1});
}

}  // namespace ingot
