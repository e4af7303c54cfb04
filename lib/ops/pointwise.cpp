// SPDX-License-Identifier: MIT
// Pointwise functions: y[i] = f(a[i], b[i], c[i]) after broadcasting. The functions themselves are
// the rows of shaders/pointwise_ops.h; here stand what they take, what they give, and their
// gradients. They have no kernel of their own: the fuser writes them into programs.
#include "ops/pointwise.h"

#include "graph/leaf.h"

#include <cmath>
#include <numbers>

namespace ingot::ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::OpDef;
using graph::OpKind;

enum Opcode : std::uint32_t {
#define FLOAT(number, name, arity, result) k_##name = number,
#define WORD(number, name, arity, result) k_##name = number,
#include "shaders/pointwise_ops.h"
#undef FLOAT
#undef WORD
};

using Grads = std::vector<Tensor>;

Shape common_shape(std::span<const Tensor> inputs, const char* name) {
    Shape shape;
    for (const Tensor& input : inputs)
        shape = broadcast(name, shape, input.shape());
    return shape;
}

void expect_dtype(const char* name, const Tensor& tensor, DType dtype) {
    if (tensor.dtype() != dtype) {
        fail(ErrorKind::kInvalidArgument, "{}: takes {}, not {}", name, to_string(dtype),
             to_string(tensor.spec()));
    }
}

// The spec of a function from f32 to f32. `infer` has no access to the OpDef, hence the template.
template <std::size_t N>
struct Name {
    char text[N];
    constexpr Name(const char (&from)[N]) {
        for (std::size_t i = 0; i < N; ++i)
            text[i] = from[i];
    }
};

template <Name name, DType in, DType out>
std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    for (const Tensor& input : inputs)
        expect_dtype(name.text, input, in);
    return {{common_shape(inputs, name.text), out}};
}

struct UniformAttributes {
    Shape shape;
    std::uint32_t use;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("shape", shape);
        visit("use", use);
    }
};

Grads to_inputs(const GradientContext& c, std::initializer_list<Tensor> d) {
    Grads result(d);
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i]) result[i] = sum_to(result[i], c.x(i).shape());
    }
    return result;
}

// The share of d that goes to the larger (or smaller) of two: half each when equal.
Tensor share(const Tensor& wins, const Tensor& ties, const Tensor& d) {
    return d * (wins + ties * 0.5F);
}

#define DEFINE(op, ...)                                                                    \
    const OpDef op##_op{.name = #op,                                                       \
                        .kind = OpKind::kPointwise,                                        \
                        .infer = infer<#op, f32, f32>,                                     \
                        .gradient = [](const GradientContext& c) -> Grads { __VA_ARGS__ }, \
                        .opcode = k_##op,                                                  \
                        .fold = fold_##op};

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
constexpr auto fold_maximum = nullptr, fold_minimum = nullptr, fold_abs = nullptr,
               fold_pow = nullptr, fold_exp = nullptr, fold_log = nullptr, fold_tanh = nullptr,
               fold_sigmoid = nullptr, fold_erf = nullptr, fold_relu = nullptr;

DEFINE(add, return to_inputs(c, {c.d_y(), c.d_y()});)
DEFINE(subtract, return to_inputs(c, {c.d_y(), -c.d_y()});)
DEFINE(multiply, return to_inputs(c, {c.d_y() * c.x(1), c.d_y() * c.x(0)});)
DEFINE(divide, const Tensor d_a = c.d_y() / c.x(1); return to_inputs(c, {d_a, -d_a* c.y()});)
DEFINE(negate, return {-c.d_y()};)
DEFINE(maximum, const Tensor ties = equal(c.x(0), c.x(1));
       return to_inputs(c, {share(greater(c.x(0), c.x(1)), ties, c.d_y()),
                            share(greater(c.x(1), c.x(0)), ties, c.d_y())});)
DEFINE(minimum, const Tensor ties = equal(c.x(0), c.x(1));
       return to_inputs(c, {share(greater(c.x(1), c.x(0)), ties, c.d_y()),
                            share(greater(c.x(0), c.x(1)), ties, c.d_y())});)
DEFINE(abs, return {c.d_y() * (greater(c.x(0), 0.0F) - greater(0.0F, c.x(0)))};)
DEFINE(exp, return {c.d_y() * c.y()};)
DEFINE(log, return {c.d_y() / c.x(0)};)
DEFINE(sqrt, return {c.d_y() * 0.5F / c.y()};)
// d/da a^b = b a^(b-1); d/db a^b = a^b ln a, taken as 0 where a is 0.
DEFINE(pow, const Tensor zero = equal(c.x(0), 0.0F);
       const Tensor log_base = log(select(zero, 1.0F, c.x(0)));
       return to_inputs(c, {c.d_y() * c.x(1) * pow(c.x(0), c.x(1) - 1.0F),
                            c.d_y() * c.y() * log_base});)
DEFINE(tanh, return {c.d_y() * (1.0F - c.y() * c.y())};)
DEFINE(sigmoid, return {c.d_y() * c.y() * (1.0F - c.y())};)
// d/dx erf(x) = 2 / sqrt(pi) exp(-x^2)
DEFINE(erf, return {c.d_y() * exp(-(c.x(0) * c.x(0))) *
                    static_cast<float>(2.0 * std::numbers::inv_sqrtpi)};)
DEFINE(relu, return {pass_if_positive(c.y(), c.d_y())};)

constexpr std::string_view kSteps = "a step function, flat almost everywhere";

const OpDef pass_if_positive_op{
    .name = "pass_if_positive",
    .kind = OpKind::kPointwise,
    .infer = infer<"pass_if_positive", f32, f32>,
    .gradient = [](const GradientContext& c) -> Grads {
        return to_inputs(c, {Tensor(), pass_if_positive(c.x(0), c.d_y())});
    },
    .opcode = k_pass_if_positive};
const OpDef select_op{.name = "select",
                      .kind = OpKind::kPointwise,
                      .infer = infer<"select", f32, f32>,
                      .gradient = [](const GradientContext& c) -> Grads {
                          return to_inputs(c, {Tensor(), select(c.x(0), c.d_y(), 0.0F),
                                               select(c.x(0), 0.0F, c.d_y())});
                      },
                      .opcode = k_select};
const OpDef equal_op{.name = "equal",
                     .kind = OpKind::kPointwise,
                     .infer = infer<"equal", f32, f32>,
                     .no_gradient = kSteps,
                     .opcode = k_equal};
const OpDef equal_words_op{.name = "equal_words",
                           .kind = OpKind::kPointwise,
                           .infer = infer<"equal", i32, f32>,
                           .no_gradient = kSteps,
                           .opcode = k_equal_words};
const OpDef greater_op{.name = "greater",
                       .kind = OpKind::kPointwise,
                       .infer = infer<"greater", f32, f32>,
                       .no_gradient = kSteps,
                       .opcode = k_greater};
const OpDef greater_equal_op{.name = "greater_equal",
                             .kind = OpKind::kPointwise,
                             .infer = infer<"greater_equal", f32, f32>,
                             .no_gradient = kSteps,
                             .opcode = k_greater_equal};
const OpDef float_of_int_op{.name = "float_of_int",
                            .kind = OpKind::kPointwise,
                            .infer = infer<"cast", i32, f32>,
                            .no_gradient = "integers have none",
                            .opcode = k_float_of_int};
const OpDef float_of_byte_op{.name = "float_of_byte",
                             .kind = OpKind::kPointwise,
                             .infer = infer<"cast", u8, f32>,
                             .no_gradient = "integers have none",
                             .opcode = k_float_of_int};  // a byte arrives as a word
const OpDef int_of_float_op{.name = "int_of_float",
                            .kind = OpKind::kPointwise,
                            .infer = infer<"cast", f32, i32>,
                            .no_gradient = kSteps,
                            .opcode = k_int_of_float};
const OpDef uniform_op{.name = "uniform",
                       .kind = OpKind::kPointwise,
                       .infer = [](std::span<const Tensor> inputs,
                                   const Attributes& attributes) -> std::vector<TensorSpec> {
                           for (const Tensor& input : inputs)
                               expect_dtype("uniform", input, i32);
                           return {{attributes.as<UniformAttributes>().shape, f32}};
                       },
                       .no_gradient = "random numbers depend on nothing",
                       .opcode = k_uniform};

Tensor apply(const OpDef& def, std::vector<Tensor> inputs) {
    return graph::apply(def, {}, std::move(inputs));
}

}  // namespace

Tensor pass_if_positive(const Tensor& gate, const Tensor& x) {
    return apply(pass_if_positive_op, {gate, x});
}
Tensor select(const Tensor& condition, const Tensor& a, const Tensor& b) {
    return apply(select_op, {condition, a, b});
}
Tensor greater(const Tensor& a, const Tensor& b) {
    return apply(greater_op, {a, b});
}
Tensor greater_equal(const Tensor& a, const Tensor& b) {
    return apply(greater_equal_op, {a, b});
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
    return ops::apply(add_op, {a, b});
}
Tensor operator-(const Tensor& a, const Tensor& b) {
    return ops::apply(subtract_op, {a, b});
}
Tensor operator*(const Tensor& a, const Tensor& b) {
    return ops::apply(multiply_op, {a, b});
}
Tensor operator/(const Tensor& a, const Tensor& b) {
    return ops::apply(divide_op, {a, b});
}
Tensor operator-(const Tensor& x) {
    return ops::apply(negate_op, {x});
}
Tensor maximum(const Tensor& a, const Tensor& b) {
    return ops::apply(maximum_op, {a, b});
}
Tensor minimum(const Tensor& a, const Tensor& b) {
    return ops::apply(minimum_op, {a, b});
}
Tensor pow(const Tensor& base, const Tensor& exponent) {
    return ops::apply(pow_op, {base, exponent});
}
Tensor abs(const Tensor& x) {
    return ops::apply(abs_op, {x});
}
Tensor square(const Tensor& x) {
    return x * x;
}
Tensor exp(const Tensor& x) {
    return ops::apply(exp_op, {x});
}
Tensor log(const Tensor& x) {
    return ops::apply(log_op, {x});
}
Tensor sqrt(const Tensor& x) {
    return ops::apply(sqrt_op, {x});
}
Tensor tanh(const Tensor& x) {
    return ops::apply(tanh_op, {x});
}
Tensor sigmoid(const Tensor& x) {
    return ops::apply(sigmoid_op, {x});
}
Tensor erf(const Tensor& x) {
    return ops::apply(erf_op, {x});
}
Tensor relu(const Tensor& x) {
    return ops::apply(relu_op, {x});
}

// x Phi(x), or 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))): Hendrycks and Gimpel,
// Gaussian Error Linear Units, 2016.
Tensor gelu(const Tensor& x, GeluForm form) {
    if (form == GeluForm::kErf) {
        return x * 0.5F * (1.0F + erf(x * static_cast<float>(1.0 / std::numbers::sqrt2)));
    }
    const auto scale = static_cast<float>(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    return x * 0.5F * (1.0F + tanh((x + x * x * x * 0.044715F) * scale));
}

Tensor cast(const Tensor& x, DType dtype) {
    if (x.dtype() == dtype) return x;
    if (x.dtype() == i32 && dtype == f32) return ops::apply(float_of_int_op, {x});
    if (x.dtype() == u8 && dtype == f32) return ops::apply(float_of_byte_op, {x});
    if (x.dtype() == f32 && dtype == i32) return ops::apply(int_of_float_op, {x});
    fail(ErrorKind::kUnsupported, "cast: {} to {} is not supported", to_string(x.spec()),
         to_string(dtype));
}

Tensor equal(const Tensor& a, const Tensor& b) {
    return ops::apply(a.dtype() == i32 ? equal_words_op : equal_op, {a, b});
}

}  // namespace ingot
