// SPDX-License-Identifier: MIT
// Normalisation.
#include "rows.h"

#include <numeric>

namespace ingot::onnx_tests {

namespace {

// ONNX's momentum is of the old statistics, and its running variance takes in the batch's as it is,
// where PyTorch's and ours takes in the unbiased one.
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
    const Tensor spread = var(x, {.axes = axes, .correction = 0});
    return {y, mean_now, variance.tensor() * momentum + spread * (1 - momentum)};
}

// Over the batch and the picture, so each channel has mean 0 and variance 1.
Values mean_variance_normalized(Call& c) {
    const Tensor x = c.x(0);
    const VarMean of =
        var_mean(x, {.axes = c.list("axes", {0, 2, 3}), .correction = 0, .keep_axes = true});
    return {(x - of.mean) / sqrt(of.var + 1e-9F)};
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

// Beside the result, the mean and one over the deviation.
Values layer_normalized(Call& c) {
    const Tensor x = c.x(0);
    const std::int64_t first = axis_of(c.integer("axis", -1), rank_of(x));
    const float epsilon = c.real("epsilon", 1e-5F);
    Shape normalized;
    VarOptions over{.correction = 0, .keep_axes = true};
    for (std::int64_t axis = first; axis < rank_of(x); ++axis) {
        normalized =
            normalized.inserted(normalized.rank(), x.shape()[static_cast<std::size_t>(axis)]);
        over.axes.push_back(axis);
    }
    const VarMean of = var_mean(x, over);
    return {layer_norm(x, normalized, c.x(1), c.x_or(2, {}), epsilon), of.mean,
            1.0F / sqrt(of.var + epsilon)};
}

Values instance_normalized(Call& c) {
    return {instance_norm(c.x(0), c.x(1), c.x(2), {.eps = c.real("epsilon", 1e-5F)})};
}

}  // namespace

Rows norm_rows() {
    return {
        {"InstanceNormalization", instance_normalized},
        {"LayerNormalization", layer_normalized},
        {"LRN", local_response},
        {"MeanVarianceNormalization", mean_variance_normalized},
        {"BatchNormalization", batch_normalized},
    };
}

}  // namespace ingot::onnx_tests
