// SPDX-License-Identifier: MIT
// Operators: free functions from tensors to a tensor. Shapes and dtypes are checked here, when the
// expression is written, and an Error quotes the sizes. Unless said otherwise operands are f32 and
// the result is f32. Axes count from the back when negative.
#pragma once

#include <ingot/parameter.h>
#include <ingot/tensor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ingot {

// --- pointwise; two operands are broadcast to a common shape by NumPy's rule ---------------------

INGOT_API Tensor operator+(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator-(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator*(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator/(const Tensor& a, const Tensor& b);
INGOT_API Tensor operator-(const Tensor& x);
INGOT_API Tensor maximum(const Tensor& a, const Tensor& b);  // a NaN in either passes on
INGOT_API Tensor minimum(const Tensor& a, const Tensor& b);
INGOT_API Tensor pow(const Tensor& base, const Tensor& exponent);
INGOT_API Tensor abs(const Tensor& x);
INGOT_API Tensor square(const Tensor& x);
INGOT_API Tensor exp(const Tensor& x);
INGOT_API Tensor log(const Tensor& x);  // natural
INGOT_API Tensor sqrt(const Tensor& x);
INGOT_API Tensor tanh(const Tensor& x);
INGOT_API Tensor sigmoid(const Tensor& x);
INGOT_API Tensor erf(const Tensor& x);
INGOT_API Tensor relu(const Tensor& x);  // the gradient at 0 is 0

enum class GeluForm { kErf, kTanh };  // PyTorch's approximate="none" and "tanh"
INGOT_API Tensor gelu(const Tensor& x, GeluForm form = GeluForm::kErf);

INGOT_API Tensor cast(const Tensor& x, DType dtype);  // i32 and u8 to f32, f32 to i32 (towards 0)

// 1 where the elements are equal, else 0; both f32 or both i32. No gradient.
INGOT_API Tensor equal(const Tensor& a, const Tensor& b);

// --- layout; views, free unless a kernel cannot follow their strides -----------------------------

INGOT_API Tensor reshape(const Tensor& x, const Shape& shape);
// One size may be given as -1: what is left.
INGOT_API Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes);
INGOT_API Tensor flatten(const Tensor& x, std::int64_t start_axis = 0, std::int64_t end_axis = -1);
INGOT_API Tensor transpose(const Tensor& x, std::int64_t axis_a = -2, std::int64_t axis_b = -1);
INGOT_API Tensor permute(const Tensor& x, std::span<const std::int64_t> axes);
INGOT_API Tensor permute(const Tensor& x, std::initializer_list<std::int64_t> axes);
INGOT_API Tensor expand(const Tensor& x, const Shape& shape);  // broadcast to `shape`

struct SliceOptions {
    std::int64_t axis = 0;
    std::int64_t begin = 0;           // from the back when negative
    std::optional<std::int64_t> end;  // exclusive; from the back when negative; default: the size
    std::int64_t step = 1;            // at least 1
};
INGOT_API Tensor slice(const Tensor& x, const SliceOptions& options);
// Shapes agree but for `axis`.
INGOT_API Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis = 0);

// --- reductions ----------------------------------------------------------------------------------

struct ReduceOptions {
    std::vector<std::int64_t> axes;  // empty: all
    bool keep_axes = false;          // as axes of size 1
};
INGOT_API Tensor sum(const Tensor& x, const ReduceOptions& options = {});
INGOT_API Tensor mean(const Tensor& x, const ReduceOptions& options = {});
// The gradient is shared equally among equal maxima, as in PyTorch's amax.
INGOT_API Tensor max(const Tensor& x, const ReduceOptions& options = {});
// The first of equal maxima; i32. No gradient.
INGOT_API Tensor argmax(const Tensor& x, std::int64_t axis = -1);

// --- matrix product ------------------------------------------------------------------------------

// a [..., M, K] x b [..., K, N] -> [..., M, N]; leading axes are broadcast.
INGOT_API Tensor matmul(const Tensor& a, const Tensor& b);
// x [..., K], weight [N, K], bias [N] or empty -> [..., N]: x weight^T + bias.
INGOT_API Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// --- softmax and losses --------------------------------------------------------------------------

INGOT_API Tensor softmax(const Tensor& x, std::int64_t axis = -1);
INGOT_API Tensor log_softmax(const Tensor& x, std::int64_t axis = -1);

enum class Reduction { kMean, kSum, kNone };
// logits [B, V], labels i32 [B] in [0, V) -> [] (or [B] without reduction). A label out of range is
// found on the device: nothing is updated, and the next run or read throws, naming it.
INGOT_API Tensor cross_entropy(const Tensor& logits, const Tensor& labels,
                               Reduction reduction = Reduction::kMean);
INGOT_API Tensor mse_loss(const Tensor& x, const Tensor& target,
                          Reduction reduction = Reduction::kMean);
// The share of rows whose largest logit is at the label: logits [B, V], labels i32 [B] -> [].
INGOT_API Tensor accuracy(const Tensor& logits, const Tensor& labels);

// --- normalisation, convolution, pooling ---------------------------------------------------------

struct BatchNormOptions {
    float epsilon = 1e-5F;
    float momentum = 0.1F;  // of the new batch in the running statistics
    bool training = true;   // false: the running statistics normalise
};
// x [B, C] or [B, C, ...]; scale, shift, running_mean, running_variance [C]. Training normalises by
// the batch's mean and biased variance and moves the running statistics (unbiased variance), as in
// PyTorch; refused when there is only one value per channel.
INGOT_API Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift,
                            const Parameter& running_mean, const Parameter& running_variance,
                            const BatchNormOptions& options = {});

struct Conv2dOptions {
    std::array<std::int64_t, 2> stride{1, 1};  // height, width
    std::array<std::int64_t, 2> padding{0, 0};
    std::array<std::int64_t, 2> dilation{1, 1};
    std::int64_t groups = 1;
};
// x [B, C, H, W], weight [O, C / groups, kh, kw], bias [O] or empty -> [B, O, H', W'] with
// H' = (H + 2 padding - dilation (kh - 1) - 1) / stride + 1, rounded down.
INGOT_API Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
                        const Conv2dOptions& options = {});

struct Pool2dOptions {
    std::array<std::int64_t, 2> kernel{2, 2};
    std::array<std::int64_t, 2> stride{0, 0};   // 0: the kernel's size
    std::array<std::int64_t, 2> padding{0, 0};  // at most half the kernel
};
// x [B, C, H, W] -> [B, C, H', W']. Of equal maxima the first takes the gradient.
INGOT_API Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options = {});
// Padding counts as zeros (PyTorch's count_include_pad=True).
INGOT_API Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options = {});

// --- random --------------------------------------------------------------------------------------

// A seeded source of random streams (Philox). Each run of a program that draws from it moves it on;
// equal seeds and equal counts of runs give equal words on every device.
class INGOT_API Generator {
public:
    explicit Generator(std::uint64_t seed = 0);
    std::uint32_t counter() const;  // runs so far; what a checkpoint keeps
    void set_counter(std::uint32_t counter);
    // f32 in [0, 1), of 24 random bits. Each call draws from a stream of its own.
    Tensor uniform(const Shape& shape);

private:
    struct Streams;
    std::shared_ptr<Streams> streams_;
};

// Zero with probability p in [0, 1), else x / (1 - p).
INGOT_API Tensor dropout(const Tensor& x, Generator& generator, float p = 0.5F);

}  // namespace ingot
