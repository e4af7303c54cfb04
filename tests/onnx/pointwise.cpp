// SPDX-License-Identifier: MIT
// Element by element: arithmetic, activations, comparisons.
#include "rows.h"

#include "core/check.h"

namespace ingot::onnx_tests {

namespace {

Tensor clamped(const Tensor& x, float low, float high) {
    return minimum(maximum(x, low), high);
}

Values convert(Call& c, int type) {
    return {cast(c.x(0), dtype_of(type))};
}

// A quotient of integers is rounded towards 0, which no function of ingot's does; a power of them
// is one of floats there. Of floats they are exact up to 2^24.
template <Tensor (*function)(const Tensor&, const Tensor&)>
Tensor as_floats(const Tensor& a, const Tensor& b) {
    return cast(function(cast(a, f32), cast(b, f32)), a.dtype());
}

// The sign of the divisor, as ours; or, with fmod, that of the dividend.
Values modulus(Call& c) {
    const Tensor a = c.x(0), b = c.x(1);
    if (c.integer("fmod") == 0) return {remainder(a, b)};
    const Tensor size = remainder(abs(a), abs(b));
    return {where(less(a, 0.0F), -size, size)};
}

// Before opset 7 a second operand of lower rank was laid along the axes from `axis` on.
Tensor laid_along(const Tensor& b, std::int64_t axis, const Tensor& a) {
    Shape shape = b.shape();
    while (axis + static_cast<std::int64_t>(shape.rank()) < rank_of(a))
        shape = shape.inserted(shape.rank(), 1);
    return reshape(b, shape);
}

template <Tensor (*function)(const Tensor&, const Tensor&)>
Values arithmetic(Call& c) {
    const Tensor b = c.has("axis") ? laid_along(c.x(1), c.integer("axis"), c.x(0)) : c.x(1);
    return {function(c.x(0), b)};
}

Values clip(Call& c) {
    Tensor x = c.x(0);
    if (c.has("min")) x = maximum(x, c.real("min"));
    if (c.has("max")) x = minimum(x, c.real("max"));
    if (c.has(1)) x = maximum(x, c.x(1));
    if (c.has(2)) x = minimum(x, c.x(2));
    return {x};
}

Values prelu(Call& c) {
    const Tensor x = c.x(0);
    const bool of_channels = c.opset() < 7 && c.x(1).shape().count() > 1;
    const Tensor slope = of_channels ? laid_along(c.x(1), 1, x) : c.x(1);
    return {maximum(x, 0.0F) + minimum(x, 0.0F) * slope};
}

// Only what is the same in every implementation: no ratio, or no training.
Values dropped(Call& c) {
    const bool training = c.has(2) && c.number(2) != 0;
    if (training && c.number_or(1, 0.5) != 0) {
        fail(ErrorKind::kUnsupported, "Dropout: which elements are dropped is random");
    }
    const Tensor x = c.x(0);
    return {x, Value(TypedArray{Array(x.shape(), 1), onnx::TensorProto::BOOL})};
}

}  // namespace

Rows pointwise_rows() {
    return {
        {"Add", arithmetic<add>},
        {"Sub", arithmetic<subtract>},
        {"Mul", arithmetic<multiply>},
        {"Div", arithmetic<as_floats<divide>>},
        {"Mod", modulus},
        {"Neg", [](Call& c) -> Values { return {-c.x(0)}; }},
        {"Abs", unary<abs>},
        {"Exp", unary<exp>},
        {"Log", unary<log>},
        {"Sqrt", unary<sqrt>},
        {"Tanh", unary<tanh>},
        {"Sigmoid", unary<sigmoid>},
        {"Erf", unary<erf>},
        {"Relu", unary<relu>},
        {"Pow", arithmetic<as_floats<pow>>},
        {"Reciprocal", unary<reciprocal>},
        {"Max", [](Call& c) -> Values { return {folded<maximum>(c)}; }},
        {"Min", [](Call& c) -> Values { return {folded<minimum>(c)}; }},
        {"Sum", [](Call& c) -> Values { return {folded<add>(c)}; }},
        {"Mean",
         [](Call& c) -> Values { return {folded<add>(c) / static_cast<float>(c.count())}; }},
        {"Sin", unary<sin>},
        {"Cos", unary<cos>},
        {"Tan", unary<tan>},
        {"Asin", unary<asin>},
        {"Acos", unary<acos>},
        {"Atan", unary<atan>},
        {"Sinh", unary<sinh>},
        {"Cosh", unary<cosh>},
        {"Asinh", unary<asinh>},
        {"Acosh", unary<acosh>},
        {"Atanh", unary<atanh>},
        {"Floor", unary<floor>},
        {"Ceil", unary<ceil>},
        {"Round", unary<round>},
        {"Sign", unary<sign>},
        {"LeakyRelu",
         [](Call& c) -> Values { return {leaky_relu(c.x(0), c.real("alpha", 0.01F))}; }},
        {"Elu", [](Call& c) -> Values { return {elu(c.x(0), c.real("alpha", 1))}; }},
        {"Selu",
         [](Call& c) -> Values {
             return {elu(c.x(0), c.real("alpha", 1.67326319F)) * c.real("gamma", 1.05070102F)};
         }},
        {"Softplus", [](Call& c) -> Values { return {softplus(c.x(0))}; }},
        {"ThresholdedRelu",
         [](Call& c) -> Values { return {threshold(c.x(0), c.real("alpha", 1), 0)}; }},
        {"Clip", clip},
        {"HardSigmoid",
         [](Call& c) -> Values {
             return {clamped(c.x(0) * c.real("alpha", 0.2F) + c.real("beta", 0.5F), 0, 1)};
         }},
        {"HardSwish",
         [](Call& c) -> Values { return {c.x(0) * clamped(c.x(0) / 6.0F + 0.5F, 0, 1)}; }},
        {"Celu",
         [](Call& c) -> Values {
             const float alpha = c.real("alpha", 1);
             const Tensor below = minimum(c.x(0), 0.0F);
             return {maximum(c.x(0), 0.0F) + (exp(below / alpha) - 1.0F) * alpha};
         }},
        {"PRelu", prelu},
        {"Dropout", dropped},
        {"Softsign", [](Call& c) -> Values { return {c.x(0) / (1.0F + abs(c.x(0)))}; }},
        {"Cast", [](Call& c) { return convert(c, static_cast<int>(c.integer("to"))); }},
        {"CastLike", [](Call& c) { return convert(c, c.type(1)); }},
        {"Identity", [](Call& c) -> Values { return {c.x(0)}; }},
    };
}

}  // namespace ingot::onnx_tests
