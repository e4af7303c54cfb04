// SPDX-License-Identifier: MIT
// Comparisons and logic, of bools; and `where`, whose gradient goes to what was chosen:
//   d_a = d_y where condition, else 0        d_b = 0 where condition, else d_y
#include "ops/pointwise_def.h"

#include <array>

namespace ingot::ops {
namespace {

constexpr std::string_view kNoNumbers = "bools have none";

#define INGOT_COMPARE_OP(op) INGOT_FLAT_OP(op, #op, f32, boolean, kSteps)
INGOT_COMPARE_OP(equal)
INGOT_COMPARE_OP(greater)
INGOT_COMPARE_OP(greater_equal)
INGOT_COMPARE_OP(is_nan)
INGOT_COMPARE_OP(is_finite)
INGOT_FLAT_OP(greater_ints, "greater", i32, boolean, kSteps)
INGOT_FLAT_OP(equal_words, "equal", i32, boolean, kSteps)
INGOT_FLAT_OP(logical_and, "logical_and", boolean, boolean, kNoNumbers)
INGOT_FLAT_OP(logical_or, "logical_or", boolean, boolean, kNoNumbers)
INGOT_FLAT_OP(logical_xor, "logical_xor", boolean, boolean, kNoNumbers)
INGOT_FLAT_OP(logical_not, "logical_not", boolean, boolean, kNoNumbers)

std::vector<TensorSpec> infer_where(std::span<const Tensor> inputs, const Attributes&) {
    const Tensor &condition = inputs[0], &a = inputs[1], &b = inputs[2];
    expect_dtype("where", condition, boolean);
    const bool floats = is_floating(a.dtype()) && is_floating(b.dtype());
    if (!floats && a.dtype() != b.dtype()) {
        fail(ErrorKind::kInvalidArgument, "where: chooses between {} and {}, which differ in type",
             to_string(a.spec()), to_string(b.spec()));
    }
    return {{common_shape(inputs, "where"), floats ? graph::promoted(inputs) : a.dtype()}};
}

const OpDef where_op{
    .name = "where",
    .listed = graph::in_list<where_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = OpKind::kPointwise,
    .infer = infer_where,
    .gradient = [](const GradientContext& c) -> Grads {
        return to_inputs(c, {Tensor(), where(c.x(0), c.d_y(), 0.0F), where(c.x(0), 0.0F, c.d_y())});
    },
    .opcode = graph::k_where};

// First, where other functions do the work, so that errors name this one.
void expect_comparable(const char* name, const Tensor& a, const Tensor& b) {
    const auto [x, y] = met(a, b);
    const std::array both{x, y};
    if (!are_ints(x, y)) expect_floats(name, both);
    common_shape(both, name);
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

using namespace ops;

Tensor equal(const Tensor& a, const Tensor& b) {
    return apply_either(equal_op, equal_words_op, a, b);
}
Tensor not_equal(const Tensor& a, const Tensor& b) {
    expect_comparable("not_equal", a, b);
    return logical_not(equal(a, b));
}
Tensor greater(const Tensor& a, const Tensor& b) {
    return apply_either(greater_op, greater_ints_op, a, b);
}
Tensor greater_equal(const Tensor& a, const Tensor& b) {
    expect_comparable("greater_equal", a, b);
    const auto [x, y] = met(a, b);
    return are_ints(x, y) ? logical_not(greater(y, x)) : apply_op(greater_equal_op, {x, y});
}
Tensor less(const Tensor& a, const Tensor& b) {
    expect_comparable("less", a, b);
    return greater(b, a);
}
Tensor less_equal(const Tensor& a, const Tensor& b) {
    expect_comparable("less_equal", a, b);
    return greater_equal(b, a);
}
Tensor isnan(const Tensor& x) {
    expect_floats("isnan", x);
    return apply_op(is_nan_op, {x});
}
Tensor isfinite(const Tensor& x) {
    expect_floats("isfinite", x);
    return apply_op(is_finite_op, {x});
}
Tensor isinf(const Tensor& x) {
    expect_floats("isinf", x);
    return logical_not(logical_or(isnan(x), isfinite(x)));
}
Tensor logical_and(const Tensor& a, const Tensor& b) {
    return apply_op(logical_and_op, {a, b});
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
    return apply_op(logical_or_op, {a, b});
}
Tensor logical_xor(const Tensor& a, const Tensor& b) {
    return apply_op(logical_xor_op, {a, b});
}
Tensor logical_not(const Tensor& x) {
    return apply_op(logical_not_op, {x});
}
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
    const auto [x, y] = met(a, b);
    return apply_op(where_op, {condition, x, y});
}

}  // namespace ingot
