// SPDX-License-Identifier: MIT
// Matrix products.
#include "rows.h"

#include "core/check.h"

namespace ingot::onnx_tests {

namespace {

Values gemm(Call& c) {
    const Tensor a = c.integer("transA") != 0 ? transpose(c.x(0)) : c.x(0);
    const Tensor b = c.integer("transB") != 0 ? transpose(c.x(1)) : c.x(1);
    const Tensor product = matmul(a, b) * c.real("alpha", 1);
    return {c.has(2) ? product + c.x(2) * c.real("beta", 1) : product};
}

}  // namespace

Rows product_rows() {
    return {
        {"MatMul", binary<matmul>},
        {"Gemm", gemm},
    };
}

}  // namespace ingot::onnx_tests
