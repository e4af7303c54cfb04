// SPDX-License-Identifier: MIT
// What is made of sums and maxima along any set of axes, n values each:
//   var        v = sum (x - mean)^2 / (n - correction)    d_x = 2 d_v (x - mean) / (n - correction)
//   std        s = sqrt v                                 d_x = d_s (x - mean) / s / (n -
//   correction) logsumexp  y = m + log sum exp(x - m), m = max x      d_x = d_y exp(x - y) norm y =
//   (sum |x|^p)^(1 / p)                    d_x = d_y sign x (|x| / y)^(p - 1)
// The mean is found before the deviations from it, so that nothing cancels however far it is from
// 0; m keeps exp from overflowing and one term of the sum at 1. The gradients of std and norm are 0
// where their value is.
#include "graph/op_def.h"
#include "ops/reduce.h"

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <cmath>
#include <limits>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::Node;
using graph::OpDef;

constexpr float kLeast = std::numeric_limits<float>::min();
constexpr float kMost = std::numeric_limits<float>::max();

struct StatisticAttributes {
    std::vector<std::int64_t> axes;  // ascending; results keep them with size 1
    float parameter = 0;             // var, std: n - correction; norm: p
    template <typename Visit>
    void fields(Visit visit) const {
        visit("axes", axes);
        visit("parameter", parameter);
    }
    ReduceOptions options() const { return {.axes = axes, .keep_axes = true}; }
};

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    const auto& named = attributes.as<StatisticAttributes>().axes;
    const std::vector<std::size_t> axes(named.begin(), named.end());
    return {{reduced_shape(inputs[0].shape(), axes, true), f32}};
}

Tensor deviations(const Tensor& x, const StatisticAttributes& a) {
    return x - mean(x, a.options());
}

Tensor variance(const Tensor& x, const StatisticAttributes& a) {
    return sum(square(deviations(x, a)) * (1.0F / a.parameter), a.options());
}

const OpDef var_op{.name = "var",
                   .listed = graph::in_list<var_op>,
                   .autocast = graph::AutocastRule::kFloat32,
                   .kind = graph::OpKind::kComposite,
                   .infer = infer,
                   .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                       const auto& a = c.attributes<StatisticAttributes>();
                       return {c.d_y() * (2.0F / a.parameter) * deviations(c.x(0), a)};
                   },
                   .expand = [](const Node& node) -> std::vector<Tensor> {
                       return {variance(node.inputs[0], node.attributes.as<StatisticAttributes>())};
                   }};

const OpDef std_op{
    .name = "std",
    .listed = graph::in_list<std_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .kind = graph::OpKind::kComposite,
    .infer = infer,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& a = c.attributes<StatisticAttributes>();
        const Tensor normal = deviations(c.x(0), a) / maximum(c.y(), kLeast);
        return {c.d_y() * (1.0F / a.parameter) * normal};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        return {sqrt(variance(node.inputs[0], node.attributes.as<StatisticAttributes>()))};
    }};

// Infinities are left where they are: no difference of two of them is taken.
const OpDef logsumexp_op{.name = "logsumexp",
                         .listed = graph::in_list<logsumexp_op>,
                         .autocast = graph::AutocastRule::kFloat32,
                         .kind = graph::OpKind::kComposite,
                         .infer = infer,
                         .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
                             return {c.d_y() * exp(c.x(0) - maximum(c.y(), -kMost))};
                         },
                         .expand = [](const Node& node) -> std::vector<Tensor> {
                             const Tensor& x = node.inputs[0];
                             const ReduceOptions options =
                                 node.attributes.as<StatisticAttributes>().options();
                             const Tensor largest = max(x, options);
                             const Tensor shift = maximum(minimum(largest, kMost), -kMost);
                             return {log(sum(exp(x - shift), options)) + largest};
                         }};

const OpDef norm_op{
    .name = "norm",
    .listed = graph::in_list<norm_op>,
    .autocast = graph::AutocastRule::kFloat32,
    .kind = graph::OpKind::kComposite,
    .infer = infer,
    .gradient = [](const GradientContext& c) -> std::vector<Tensor> {
        const auto& a = c.attributes<StatisticAttributes>();
        const Tensor& x = c.x(0);
        const Tensor y = maximum(c.y(), kLeast);
        if (a.parameter == 2) return {x / y * c.d_y()};
        const Tensor zero = cast(equal(x, 0.0F), f32);
        const Tensor magnitude = abs(x);
        const Tensor sign = x / (magnitude + zero);
        return {sign * pow(magnitude / y + zero, a.parameter - 1) * c.d_y()};
    },
    .expand = [](const Node& node) -> std::vector<Tensor> {
        const auto& a = node.attributes.as<StatisticAttributes>();
        const Tensor& x = node.inputs[0];
        if (a.parameter == 2) return {sqrt(sum(square(x), a.options()))};
        return {pow(sum(pow(abs(x), a.parameter), a.options()), 1.0F / a.parameter)};
    }};

void expect_f32(const char* function, const Tensor& x) {
    if (is_floating(x.dtype())) return;
    fail(ErrorKind::kInvalidArgument, "{}: takes f32, not {}", function, to_string(x.spec()));
}

struct Axes {
    std::vector<std::int64_t> axes;
    Shape result;
    std::int64_t count = 1;  // values of each result
};

Axes axes_for(const char* function, const Tensor& x, const std::vector<std::int64_t>& named,
              bool keep) {
    const auto axes = reduced_axes(function, named, x.shape());
    Axes found{{axes.begin(), axes.end()}, reduced_shape(x.shape(), axes, keep)};
    for (const std::size_t axis : axes)
        found.count *= x.shape()[axis];
    return found;
}

Tensor apply_statistic(const OpDef& def, const Tensor& x, const Axes& over, float parameter = 0) {
    if (over.axes
            .empty()) {  // a scalar: no axes would mean all of them, and all there is is one value
        return reshape(apply_statistic(def, reshape(x, Shape{1}), {{0}, over.result}, parameter),
                       over.result);
    }
    const StatisticAttributes attributes{over.axes, parameter};
    return reshape(graph::apply(def, Attributes::of(attributes), {x}), over.result);
}

Tensor spread_of(const OpDef& def, const char* function, const Tensor& x,
                 const VarOptions& options) {
    expect_f32(function, x);
    const Axes over = axes_for(function, x, options.axes, options.keep_axes);
    const double divisor = static_cast<double>(over.count) - options.correction;
    if (!(divisor > 0) || !std::isfinite(divisor)) {
        fail(ErrorKind::kInvalidArgument,
             "{}: {} values with a correction of {}: the sum of squares is divided by their "
             "difference",
             function, over.count, options.correction);
    }
    return apply_statistic(def, x, over, static_cast<float>(divisor));
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor var(const Tensor& x, const VarOptions& options) {
    return ops::spread_of(ops::var_op, "var", x, options);
}

Tensor std(const Tensor& x, const VarOptions& options) {
    return ops::spread_of(ops::std_op, "std", x, options);
}

VarMean var_mean(const Tensor& x, const VarOptions& options) {
    return {ops::spread_of(ops::var_op, "var_mean", x, options),
            mean(x, {.axes = options.axes, .keep_axes = options.keep_axes})};
}

Tensor logsumexp(const Tensor& x, const ReduceOptions& options) {
    ops::expect_f32("logsumexp", x);
    return ops::apply_statistic(ops::logsumexp_op, x,
                                ops::axes_for("logsumexp", x, options.axes, options.keep_axes));
}

Tensor norm(const Tensor& x, const NormOptions& options) {
    using namespace ops;
    expect_f32("norm", x);
    const Axes over = axes_for("norm", x, options.axes, options.keep_axes);
    const ReduceOptions reduce{.axes = options.axes, .keep_axes = options.keep_axes};
    if (std::isnan(options.p)) fail(ErrorKind::kInvalidArgument, "norm: p is nan");
    if (std::isinf(options.p)) return options.p > 0 ? max(abs(x), reduce) : min(abs(x), reduce);
    if (options.p == 0) return stop_gradient(sum(1.0F - cast(equal(x, 0.0F), f32), reduce));
    if (options.p == 1) return sum(abs(x), reduce);
    return apply_statistic(norm_op, x, over, options.p);
}

}  // namespace ingot
