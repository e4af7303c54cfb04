// SPDX-License-Identifier: MIT
// What the families of pointwise functions share: their opcodes, how specs follow from operands,
// and the macro that writes an OpDef of a function of floats.
#pragma once

#include "graph/autocast.h"
#include "graph/cast.h"
#include "graph/leaf.h"
#include "graph/opcodes.h"
#include "ops/pointwise.h"

#include <algorithm>
#include <utility>

namespace ingot::ops {

using graph::Attributes;
using graph::GradientContext;
using graph::OpDef;
using graph::OpKind;
using Grads = std::vector<Tensor>;

inline Shape common_shape(std::span<const Tensor> inputs, const char* name) {
    Shape shape;
    for (const Tensor& input : inputs)
        shape = broadcast(name, shape, input.shape());
    return shape;
}

inline void expect_dtype(const char* name, const Tensor& tensor, DType dtype) {
    const bool fits = dtype == f32 ? is_floating(tensor.dtype()) : tensor.dtype() == dtype;
    if (!fits) {
        fail(ErrorKind::kInvalidArgument, "{}: takes {}, not {}", name,
             dtype == f32 ? "floating-point numbers" : to_string(dtype), to_string(tensor.spec()));
    }
}

// `infer` has no access to the OpDef, hence the template.
template <std::size_t N>
struct Name {
    char text[N];
    constexpr Name(const char (&from)[N]) {
        for (std::size_t i = 0; i < N; ++i)
            text[i] = from[i];
    }
};

// Floats of any width give floats of the promoted width.
template <Name name>
std::vector<TensorSpec> infer_floats(std::span<const Tensor> inputs, const Attributes&) {
    for (const Tensor& input : inputs)
        expect_dtype(name.text, input, f32);
    return {{common_shape(inputs, name.text), graph::promoted(inputs)}};
}

template <Name name, DType in, DType out>
std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    for (const Tensor& input : inputs)
        expect_dtype(name.text, input, in);
    return {{common_shape(inputs, name.text), out}};
}

// For functions that are written with others, so that errors name them.
inline void expect_floats(const char* name, std::span<const Tensor> inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i]) {
            fail(ErrorKind::kInvalidArgument, "{}: input {} is an empty Tensor", name, i);
        }
        expect_dtype(name, inputs[i], f32);
    }
    common_shape(inputs, name);
}
inline void expect_floats(const char* name, const Tensor& x) {
    expect_floats(name, std::span(&x, 1));
}

// Gradients summed over the axes along which their operands were repeated.
inline Grads to_inputs(const GradientContext& c, std::initializer_list<Tensor> d) {
    Grads result(d);
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i]) result[i] = sum_to(result[i], c.x(i).shape());
    }
    return result;
}

inline Tensor apply_op(const OpDef& def, std::vector<Tensor> inputs) {
    return graph::apply(def, {}, std::move(inputs));
}

// The operands with an integral float literal turned into an i32 where the other is i32.
std::pair<Tensor, Tensor> met(const Tensor& a, const Tensor& b);
// Whether both are i32; an empty one is not.
bool are_ints(const Tensor& a, const Tensor& b);
// `of_ints` when both are i32 then, else `of_floats`.
Tensor apply_either(const OpDef& of_floats, const OpDef& of_ints, const Tensor& a, const Tensor& b);

inline constexpr std::string_view kSteps = "a step function, flat almost everywhere";

// A function of floats, gradient in braces: from `c` to one tensor an input.
#define INGOT_FLOAT_OP(op, fold_function, ...) \
    INGOT_FLOAT_OP_OF_RULE(op, kAsGiven, fold_function, __VA_ARGS__)
// ... whose values or whose errors grow so fast that an Autocast computes it in f32.
#define INGOT_STEEP_OP(op, ...) INGOT_FLOAT_OP_OF_RULE(op, kFloat32, nullptr, __VA_ARGS__)

#define INGOT_FLOAT_OP_OF_RULE(op, rule, fold_function, ...)                               \
    const OpDef op##_op{.name = #op,                                                       \
                        .listed = graph::in_list<op##_op>,                                 \
                        .autocast = graph::AutocastRule::rule,                             \
                        .kind = OpKind::kPointwise,                                        \
                        .infer = infer_floats<#op>,                                        \
                        .gradient = [](const GradientContext& c) -> Grads { __VA_ARGS__ }, \
                        .opcode = graph::k_##op,                                           \
                        .fold = fold_function};

// A function without a gradient, of operands of type `in` with results of type `out`.
#define INGOT_FLAT_OP(op, shown_name, in, out, reason)             \
    const OpDef op##_op{.name = #op,                               \
                        .listed = graph::in_list<op##_op>,         \
                        .autocast = graph::AutocastRule::kAsGiven, \
                        .kind = OpKind::kPointwise,                \
                        .infer = infer<shown_name, in, out>,       \
                        .no_gradient = reason,                     \
                        .opcode = graph::k_##op};

}  // namespace ingot::ops
