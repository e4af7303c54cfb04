// SPDX-License-Identifier: MIT
// Reductions along axes, in a fixed order; of floats where nothing else is said.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <vector>

namespace ingot {

struct ReduceOptions {
    std::vector<std::int64_t> axes;  // empty: all
    bool keep_axes = false;          // as axes of size 1
};
// Of any type. i32, u8 and bool give i32 (PyTorch's i64 does not exist here), which wraps.
INGOT_API Tensor sum(const Tensor& x, const ReduceOptions& options = {});
INGOT_API Tensor mean(const Tensor& x, const ReduceOptions& options = {});
// Of any type, which the result has, too. The gradient is shared equally among equal maxima, as in
// PyTorch's amax.
INGOT_API Tensor max(const Tensor& x, const ReduceOptions& options = {});
INGOT_API Tensor min(const Tensor& x, const ReduceOptions& options = {});  // likewise
// Types as of sum. The gradient counts an element's others, so that zeros do no harm.
INGOT_API Tensor prod(const Tensor& x, const ReduceOptions& options = {});
// Whether any, or all, elements differ from 0, as a NaN does. Of any type; bool.
INGOT_API Tensor any(const Tensor& x, const ReduceOptions& options = {});
INGOT_API Tensor all(const Tensor& x, const ReduceOptions& options = {});
// The first of equal maxima or minima, a NaN being both. Of any type; i32. No gradient.
INGOT_API Tensor argmax(const Tensor& x, std::int64_t axis = -1);
INGOT_API Tensor argmin(const Tensor& x, std::int64_t axis = -1);

struct VarOptions {
    std::vector<std::int64_t> axes;  // empty: all
    double correction = 1;           // taken off the number of values; less than that
    bool keep_axes = false;          // as axes of size 1
};
// The mean squared deviation from the mean, and its root, whose gradient is 0 where it is 0.
INGOT_API Tensor var(const Tensor& x, const VarOptions& options = {});
INGOT_API Tensor std(const Tensor& x, const VarOptions& options = {});
struct VarMean {
    Tensor var;
    Tensor mean;
};
INGOT_API VarMean var_mean(const Tensor& x, const VarOptions& options = {});

// log sum exp x without overflow; -inf where all of x is.
INGOT_API Tensor logsumexp(const Tensor& x, const ReduceOptions& options = {});

struct NormOptions {
    float p = 2;  // any but NaN; infinity: the largest magnitude, 0: how many are not 0
    std::vector<std::int64_t> axes;  // empty: all
    bool keep_axes = false;          // as axes of size 1
};
// (sum |x|^p)^(1/p). The gradient is 0 where the norm is.
INGOT_API Tensor norm(const Tensor& x, const NormOptions& options = {});

}  // namespace ingot
