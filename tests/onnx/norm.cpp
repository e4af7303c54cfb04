// SPDX-License-Identifier: MIT
// Normalisation.
#include "rows.h"

#include <numeric>

namespace ingot::onnx_tests {

namespace {

// ONNX's momentum is of the old statistics, and its running variance takes the batch's as it is,
// where PyTorch's and ours is unbiased first. So the new variance v' = m v + (1 - m) u n / (n - 1)
// gives u back, and ONNX's is composed of that.
Values batch_normalized(Call& c) {
    const float momentum = c.real("momentum", 0.9F);
    const Parameter mean_now = c.parameter(3, "mean"), variance = c.parameter(4, "variance");
    const bool training = c.integer("training_mode") != 0;
    const Tensor x = c.x(0);
    const Tensor y = batch_norm(
        x, c.x(1), c.x(2), mean_now, variance,
        {.epsilon = c.real("epsilon", 1e-5F), .momentum = 1 - momentum, .training = training});
    if (!training) return {y};
    std::vector<std::int64_t> axes(x.shape().rank() - 1);
    std::iota(axes.begin(), axes.end(), 1);
    axes[0] = 0;
    const Tensor centred = x - mean(x, {.axes = axes, .keep_axes = true});
    const Tensor spread = mean(square(centred), {.axes = axes});
    return {y, mean_now, variance.tensor() * momentum + spread * (1 - momentum)};
}

// Over the batch and the picture, so each channel has mean 0 and variance 1.
Values mean_variance_normalized(Call& c) {
    const Tensor x = c.x(0);
    const ReduceOptions over{.axes = c.list("axes", {0, 2, 3}), .keep_axes = true};
    const Tensor centred = x - mean(x, over);
    return {centred / sqrt(mean(square(centred), over) + 1e-9F)};
}

// Krizhevsky's local response: a mean of squares over neighbouring channels.
Values local_response(Call& c) {
    const Tensor x = c.x(0);
    const Shape& s = x.shape();
    const std::int64_t size = c.integer("size");
    const Tensor rows = reshape(square(x), Shape{s[0], 1, s[1], s.count() / (s[0] * s[1])});
    const Tensor around =
        padded(rows, {0, 0, (size - 1) / 2, 0}, {0, 0, size - 1 - (size - 1) / 2, 0}, 0);
    const Tensor means = avg_pool2d(around, {.kernel = {size, 1}, .stride = {1, 1}});
    const Tensor base = reshape(means, s) * c.real("alpha", 1e-4F) + c.real("bias", 1);
    return {x / pow(base, c.real("beta", 0.75F))};
}

}  // namespace

Rows norm_rows() {
    return {
        {"LRN", local_response},
        {"MeanVarianceNormalization", mean_variance_normalized},
        {"BatchNormalization", batch_normalized},
    };
}

}  // namespace ingot::onnx_tests
