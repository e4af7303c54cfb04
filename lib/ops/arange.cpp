// SPDX-License-Identifier: MIT
// arange, whose elements are their own numbers, and what is said with it: linspace, eye and the
// triangles of a matrix. Made where they are needed, as part of a pointwise program.
#include "ops/pointwise.h"

#include "graph/op_def.h"

#include <algorithm>
#include <cmath>

namespace ingot::ops {
namespace {

using graph::Attributes;

struct CountAttributes {
    std::int64_t count;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("count", count);
    }
};

enum Opcode : std::uint32_t {
#define FLOAT(number, name, arity, result) k_##name = number,
#define WORD(number, name, arity, result) k_##name = number,
#include "shaders/pointwise_ops.h"
#undef FLOAT
#undef WORD
};

const graph::OpDef arange_op{
    .name = "arange",
    .listed = graph::in_list<arange_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = graph::OpKind::kPointwise,
    .infer = [](std::span<const Tensor>, const Attributes& attributes) -> std::vector<TensorSpec> {
        return {{Shape{attributes.as<CountAttributes>().count}, i32}};
    },
    .no_gradient = "integers have none",
    .opcode = k_element};

// Where column - row is at least `diagonal`, for the last two axes of a shape.
bool is_count(std::int64_t count) {
    return count >= 1 && count <= 0x7fffffff;
}

Tensor above(const char* operation, const Tensor& x, std::int64_t diagonal) {
    const std::size_t rank = x.shape().rank();
    if (!is_floating(x.dtype()) || rank < 2) {
        fail(ErrorKind::kInvalidArgument, "{}: takes f32 [.., N, M], not {}", operation,
             to_string(x.spec()));
    }
    const std::int64_t rows = x.shape()[rank - 2], columns = x.shape()[rank - 1];
    // Beyond the matrix all diagonals are the same; numbers this small are exact in f32.
    const auto offset = static_cast<float>(std::clamp(diagonal, -rows, columns));
    return greater_equal(arange(columns, f32), unsqueeze(arange(rows, f32) + offset, 1));
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor arange(std::int64_t count, DType dtype) {
    if (!ops::is_count(count)) {
        fail(ErrorKind::kInvalidArgument, "arange: {} elements, must be 1 to 2^31 - 1", count);
    }
    if (dtype != i32 && !is_floating(dtype)) {
        fail(ErrorKind::kInvalidArgument, "arange: makes i32 or f32, not {}", to_string(dtype));
    }
    return cast(
        graph::apply(ops::arange_op, graph::Attributes::of(ops::CountAttributes{count}), {}),
        dtype);
}

Tensor linspace(float start, float end, std::int64_t steps) {
    if (!ops::is_count(steps)) {
        fail(ErrorKind::kInvalidArgument, "linspace: {} steps, must be 1 to 2^31 - 1", steps);
    }
    if (!std::isfinite(start) || !std::isfinite(end)) {
        fail(ErrorKind::kInvalidArgument, "linspace: from {} to {}, must be finite", start, end);
    }
    if (steps == 1) return constant(start, Shape{1});
    const Tensor t = arange(steps, f32) / static_cast<float>(steps - 1);
    return (1.0F - t) * start + t * end;
}

Tensor eye(std::int64_t rows, std::int64_t columns) {
    const std::int64_t wide = columns == 0 ? rows : columns;
    if (!ops::is_count(rows) || !ops::is_count(wide)) {
        fail(ErrorKind::kInvalidArgument,
             "eye: {} x {} is no matrix of 1 to 2^31 - 1 rows and columns", rows, wide);
    }
    const Tensor across = arange(wide);
    return cast(equal(across, unsqueeze(arange(rows), 1)), f32);
}

Tensor tril(const Tensor& x, std::int64_t diagonal) {
    return where(ops::above("tril", x, diagonal + 1), 0.0F, x);
}

Tensor triu(const Tensor& x, std::int64_t diagonal) {
    return where(ops::above("triu", x, diagonal), x, 0.0F);
}

}  // namespace ingot
