// SPDX-License-Identifier: MIT
// Arithmetic: y[i] = f(a[i], b[i], c[i]) after broadcasting. The functions themselves are the rows
// of shaders/pointwise_ops.h; here stand what they take, what they give, and their gradients. They
// have no kernel of their own: the fuser writes them into programs.
#include "ops/pointwise_def.h"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace ingot::ops {
namespace {

#define FOLD(op, result)                                                         \
    float fold_##op([[maybe_unused]] float a, [[maybe_unused]] float b, float) { \
        return result;                                                           \
    }
FOLD(add, a + b)
FOLD(subtract, a - b)
FOLD(multiply, a* b)
FOLD(divide, a / b)
FOLD(negate, -a)
FOLD(sqrt, std::sqrt(a))
#undef FOLD

// What goes to the larger (or smaller) of two: half each when equal.
Tensor share(const Tensor& wins, const Tensor& ties, const Tensor& d) {
    return where(wins, d, where(ties, d * 0.5F, 0.0F));
}

INGOT_FLOAT_OP(add, fold_add, return to_inputs(c, {c.d_y(), c.d_y()});)
INGOT_FLOAT_OP(subtract, fold_subtract, return to_inputs(c, {c.d_y(), -c.d_y()});)
INGOT_FLOAT_OP(multiply, fold_multiply, return to_inputs(c, {c.d_y() * c.x(1), c.d_y() * c.x(0)});)
INGOT_FLOAT_OP(divide, fold_divide, const Tensor d_a = c.d_y() / c.x(1);
               return to_inputs(c, {d_a, -d_a* c.y()});)
INGOT_FLOAT_OP(negate, fold_negate, return {-c.d_y()};)
INGOT_FLOAT_OP(maximum, nullptr, const Tensor ties = equal(c.x(0), c.x(1));
               return to_inputs(c, {share(greater(c.x(0), c.x(1)), ties, c.d_y()),
                                    share(greater(c.x(1), c.x(0)), ties, c.d_y())});)
INGOT_FLOAT_OP(minimum, nullptr, const Tensor ties = equal(c.x(0), c.x(1));
               return to_inputs(c, {share(greater(c.x(1), c.x(0)), ties, c.d_y()),
                                    share(greater(c.x(0), c.x(1)), ties, c.d_y())});)
INGOT_FLOAT_OP(abs, nullptr, return {c.d_y() * sign(c.x(0))};)
INGOT_STEEP_OP(reciprocal, return {-c.d_y() * c.y() * c.y()};)
INGOT_STEEP_OP(exp, return {c.d_y() * c.y()};)
INGOT_STEEP_OP(expm1, return {c.d_y() * (c.y() + 1.0F)};)
INGOT_STEEP_OP(log, return {c.d_y() / c.x(0)};)
INGOT_STEEP_OP(log1p, return {c.d_y() / (c.x(0) + 1.0F)};)
INGOT_FLOAT_OP(sqrt, fold_sqrt, return {c.d_y() * 0.5F / c.y()};)
INGOT_FLOAT_OP(sin, nullptr, return {c.d_y() * cos(c.x(0))};)
INGOT_FLOAT_OP(cos, nullptr, return {-c.d_y() * sin(c.x(0))};)
INGOT_FLOAT_OP(atan, nullptr, return {c.d_y() / (c.x(0) * c.x(0) + 1.0F)};)
// d/da a^b = b a^(b-1); d/db a^b = a^b ln a, taken as 0 where a is 0.
INGOT_STEEP_OP(pow, const Tensor zero = equal(c.x(0), 0.0F);
               const Tensor log_base = log(where(zero, 1.0F, c.x(0)));
               return to_inputs(c, {c.d_y() * c.x(1) * pow(c.x(0), c.x(1) - 1.0F),
                                    c.d_y() * c.y() * log_base});)
// d/dx erf(x) = 2 / sqrt(pi) exp(-x^2)
INGOT_FLOAT_OP(erf, nullptr,
               return {c.d_y() * exp(-(c.x(0) * c.x(0))) *
                       static_cast<float>(2.0 * std::numbers::inv_sqrtpi)};)
INGOT_FLOAT_OP(clamp, nullptr,
               const Tensor inside = logical_and(greater_equal(c.x(0), c.x(1)),
                                                 less_equal(c.x(0), c.x(2)));
               return {where(inside, c.d_y(), 0.0F), Tensor(), Tensor()};)
// Zero, not refused: a straight line through a step is what the chain rule says almost everywhere.
INGOT_FLOAT_OP(floor, nullptr, return {c.d_y() * 0.0F};)
INGOT_FLOAT_OP(ceil, nullptr, return {c.d_y() * 0.0F};)
INGOT_FLOAT_OP(trunc, nullptr, return {c.d_y() * 0.0F};)
INGOT_FLOAT_OP(round, nullptr, return {c.d_y() * 0.0F};)
INGOT_FLOAT_OP(sign, nullptr, return {c.d_y() * 0.0F};)
INGOT_FLOAT_OP(pass_if_positive, nullptr,
               return to_inputs(c, {Tensor(), pass_if_positive(c.x(0), c.d_y())});)

INGOT_FLAT_OP(add_ints, "add", i32, i32, "integers have none")
INGOT_FLAT_OP(subtract_ints, "subtract", i32, i32, "integers have none")
INGOT_FLAT_OP(multiply_ints, "multiply", i32, i32, "integers have none")
INGOT_FLAT_OP(maximum_ints, "maximum", i32, i32, "integers have none")
INGOT_FLAT_OP(minimum_ints, "minimum", i32, i32, "integers have none")
INGOT_FLAT_OP(floor_divide_ints, "floor_divide", i32, i32, "integers have none")

struct UniformAttributes {
    Shape shape;
    std::uint32_t use;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("shape", shape);
        visit("use", use);
    }
};

const OpDef uniform_op{.name = "uniform",
                       .listed = graph::in_list<uniform_op>,
                       .autocast = graph::AutocastRule::kAsGiven,
                       .kind = OpKind::kPointwise,
                       .infer = [](std::span<const Tensor> inputs,
                                   const Attributes& attributes) -> std::vector<TensorSpec> {
                           for (const Tensor& input : inputs)
                               expect_dtype("uniform", input, i32);
                           return {{attributes.as<UniformAttributes>().shape, f32}};
                       },
                       .no_gradient = "random numbers depend on nothing",
                       .opcode = graph::k_uniform};

// The operand of a function that an Autocast computes in f32.
Tensor steep(const Tensor& x) {
    return graph::Casting(graph::AutocastRule::kFloat32)(x);
}

}  // namespace

std::pair<Tensor, Tensor> met(const Tensor& a, const Tensor& b) {
    const auto as_int = [](const Tensor& x, const Tensor& other) -> Tensor {
        const bool literal = x && other && other.dtype() == i32 && x.dtype() == f32 &&
                             x.shape().rank() == 0 && x.node()->def == &graph::kConstantOp;
        if (!literal) return x;
        const auto value =
            std::bit_cast<float>(x.node()->attributes.as<graph::ConstantAttributes>().word);
        if (std::trunc(value) != value || std::abs(value) >= 0x1p31F) return x;
        return graph::constant_word(std::bit_cast<std::uint32_t>(static_cast<std::int32_t>(value)),
                                    i32);
    };
    return {as_int(a, b), as_int(b, a)};
}

bool are_ints(const Tensor& a, const Tensor& b) {
    return a && b && a.dtype() == i32 && b.dtype() == i32;
}

Tensor apply_either(const OpDef& of_floats, const OpDef& of_ints, const Tensor& a,
                    const Tensor& b) {
    const auto [x, y] = met(a, b);
    return apply_op(are_ints(x, y) ? of_ints : of_floats, {x, y});
}

Tensor in_words(const Tensor& x) {
    return size_bytes_of(x.dtype()) == 1 ? cast(x, i32) : x;
}

Tensor pass_if_positive(const Tensor& gate, const Tensor& x) {
    return apply_op(pass_if_positive_op, {gate, x});
}

Tensor uniform(const Shape& shape, const Tensor& key, const Tensor& counter, const Tensor& stream,
               std::uint32_t use) {
    return graph::apply(uniform_op, Attributes::of(UniformAttributes{shape, use}),
                        {key, counter, stream});
}

Tensor sum_to(const Tensor& d, const Shape& shape) {
    if (d.shape() == shape) return d;
    const std::size_t lead = d.shape().rank() - shape.rank();
    ReduceOptions options{.axes = {}, .keep_axes = true};
    for (std::size_t axis = 0; axis < d.shape().rank(); ++axis) {
        const bool repeated = axis < lead || (shape[axis - lead] == 1 && d.shape()[axis] != 1);
        if (repeated) options.axes.push_back(static_cast<std::int64_t>(axis));
    }
    return options.axes.empty() ? reshape(d, shape) : reshape(sum(d, options), shape);
}

}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor operator+(const Tensor& a, const Tensor& b) {
    return apply_either(add_op, add_ints_op, a, b);
}
Tensor operator-(const Tensor& a, const Tensor& b) {
    return apply_either(subtract_op, subtract_ints_op, a, b);
}
Tensor operator*(const Tensor& a, const Tensor& b) {
    return apply_either(multiply_op, multiply_ints_op, a, b);
}
Tensor operator/(const Tensor& a, const Tensor& b) {
    return apply_op(divide_op, {a, b});
}
Tensor operator-(const Tensor& x) {
    return x && x.dtype() == i32 ? 0.0F - x : apply_op(negate_op, {x});
}
Tensor maximum(const Tensor& a, const Tensor& b) {
    return apply_either(maximum_op, maximum_ints_op, a, b);
}
Tensor minimum(const Tensor& a, const Tensor& b) {
    return apply_either(minimum_op, minimum_ints_op, a, b);
}
Tensor floor_divide(const Tensor& a, const Tensor& b) {
    const auto [x, y] = met(a, b);
    if (are_ints(x, y)) {
        return apply_op(floor_divide_ints_op, {x, y});
    }
    expect_floats("floor_divide", std::array{x, y});
    return floor(a / b);
}
Tensor remainder(const Tensor& a, const Tensor& b) {
    const auto [x, y] = met(a, b);
    if (!are_ints(x, y)) expect_floats("remainder", std::array{x, y});
    return a - floor_divide(a, b) * b;
}
Tensor pow(const Tensor& base, const Tensor& exponent) {
    return apply_op(pow_op, {base, exponent});
}
Tensor abs(const Tensor& x) {
    return x && x.dtype() == i32 ? maximum(x, -x) : apply_op(abs_op, {x});
}
Tensor square(const Tensor& x) {
    if (x && x.dtype() != i32) expect_floats("square", x);
    return x * x;
}
Tensor reciprocal(const Tensor& x) {
    return apply_op(reciprocal_op, {x});
}
Tensor exp(const Tensor& x) {
    return apply_op(exp_op, {x});
}
Tensor expm1(const Tensor& x) {
    return apply_op(expm1_op, {x});
}
Tensor log(const Tensor& x) {
    return apply_op(log_op, {x});
}
Tensor log1p(const Tensor& x) {
    return apply_op(log1p_op, {x});
}
Tensor sqrt(const Tensor& x) {
    return apply_op(sqrt_op, {x});
}
Tensor rsqrt(const Tensor& x) {
    expect_floats("rsqrt", x);
    return reciprocal(sqrt(steep(x)));
}
Tensor sin(const Tensor& x) {
    return apply_op(sin_op, {x});
}
Tensor cos(const Tensor& x) {
    return apply_op(cos_op, {x});
}
Tensor tan(const Tensor& x) {
    expect_floats("tan", x);
    const Tensor angle = steep(x);
    return sin(angle) / cos(angle);
}
Tensor asin(const Tensor& x) {
    expect_floats("asin", x);
    const Tensor sine = steep(x);
    return atan(sine / sqrt((1.0F - sine) * (1.0F + sine)));
}
Tensor acos(const Tensor& x) {
    expect_floats("acos", x);
    return static_cast<float>(0.5 * std::numbers::pi) - asin(x);
}
Tensor atan(const Tensor& x) {
    return apply_op(atan_op, {x});
}
Tensor sinh(const Tensor& x) {
    expect_floats("sinh", x);
    return (expm1(x) - expm1(-x)) * 0.5F;
}
Tensor cosh(const Tensor& x) {
    expect_floats("cosh", x);
    return (exp(x) + exp(-x)) * 0.5F;
}
// Exact near 0, with u = |x|: log(u + sqrt(u^2 + 1)) = log1p(u + u^2 / (1 + sqrt(u^2 + 1))), and
// log 2u where u^2 would overflow.
Tensor asinh(const Tensor& x) {
    expect_floats("asinh", x);
    const Tensor negative = less(x, 0.0F);
    const Tensor u = where(negative, -x, x);
    const float most = 1e4F;
    const Tensor small = minimum(u, most), square_of_small = small * small;
    const Tensor near = log1p(small + square_of_small / (1.0F + sqrt(square_of_small + 1.0F)));
    const Tensor far = log(maximum(u, most)) + static_cast<float>(std::numbers::ln2);
    const Tensor y = where(greater(u, most), far, near);
    return where(negative, -y, y);
}
// 2 asinh(sqrt((x - 1) / 2)), exact near 1, where nothing overflows: w + 1 = (x + 1) / 2.
Tensor acosh(const Tensor& x) {
    expect_floats("acosh", x);
    const Tensor w = (x - 1.0F) * 0.5F;
    return log1p(sqrt(w) + w / (1.0F + sqrt(w + 1.0F))) * 2.0F;
}
Tensor atanh(const Tensor& x) {
    expect_floats("atanh", x);
    return (log1p(x) - log1p(-x)) * 0.5F;
}
Tensor erf(const Tensor& x) {
    return apply_op(erf_op, {x});
}
Tensor clamp(const Tensor& x, float low, float high) {
    if (!(low <= high)) {
        fail(ErrorKind::kInvalidArgument, "clamp: low {} is not at most high {}", low, high);
    }
    return apply_op(clamp_op, {x, low, high});
}
Tensor floor(const Tensor& x) {
    return apply_op(floor_op, {x});
}
Tensor ceil(const Tensor& x) {
    return apply_op(ceil_op, {x});
}
Tensor trunc(const Tensor& x) {
    return apply_op(trunc_op, {x});
}
Tensor round(const Tensor& x) {
    return apply_op(round_op, {x});
}
Tensor sign(const Tensor& x) {
    return apply_op(sign_op, {x});
}
Tensor cast(const Tensor& x, DType dtype) {
    return graph::cast(x, dtype);
}

}  // namespace ingot
