// SPDX-License-Identifier: MIT
#include "ops/bad_input_rows.h"

#include "support/thrown_message.h"

#include <ingot/init.h>

#include <limits>

namespace ingot::testing {
namespace {

#define ROW(name, dtypes, expression, ...)                                                 \
    InputRow {                                                                             \
#name, Takes::dtypes, {__VA_ARGS__ }, [](const Tensors& in) { return expression; } \
    }

TensorSpec s(const Shape& shape, DType dtype = f32) {
    return {shape, dtype};
}
const TensorSpec kMatrix = s({4, 3}), kLabels = s({4}, i32), kChannels = s({3}),
                 kSignal = s({2, 3, 8}), kImage = s({2, 3, 8, 8}), kVolume = s({2, 3, 5, 5, 5}),
                 kTruth = s({4, 3}, boolean);

Generator& generator() {
    static Generator made(1);
    return made;
}

std::vector<RecurrentWeights> weights(const Tensors& in) {
    return {{in[1], in[2]}};
}

std::vector<InputRow> losses() {
    return {
        ROW(cross_entropy, kFloats, cross_entropy(in[0], in[1]), kMatrix, kLabels),
        ROW(cross_entropy, kFloats, cross_entropy(in[0], in[1], {.label_smoothing = 0.1F}), kMatrix,
            kLabels),
        ROW(cross_entropy, kFloats, cross_entropy(in[0], in[1]), kMatrix, kMatrix),
        ROW(nll_loss, kFloats, nll_loss(in[0], in[1]), kMatrix, kLabels),
        ROW(softmax_focal_loss, kFloats, softmax_focal_loss(in[0], in[1]), kMatrix, kLabels),
        ROW(multi_margin_loss, kFloats, multi_margin_loss(in[0], in[1]), kMatrix, kLabels),
        ROW(accuracy, kFloats, accuracy(in[0], in[1]), kMatrix, kLabels),
        ROW(binary_cross_entropy, kFloats, binary_cross_entropy(in[0], in[1]), kMatrix, kMatrix),
        ROW(binary_cross_entropy_with_logits, kFloats,
            binary_cross_entropy_with_logits(in[0], in[1], {in[2], in[3]}), kMatrix, kMatrix,
            kChannels, kChannels),
        ROW(sigmoid_focal_loss, kFloats, sigmoid_focal_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(kl_div, kFloats, kl_div(in[0], in[1]), kMatrix, kMatrix),
        ROW(dice_loss, kFloats, dice_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(mse_loss, kFloats, mse_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(l1_loss, kFloats, l1_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(smooth_l1_loss, kFloats, smooth_l1_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(huber_loss, kFloats, huber_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(poisson_nll_loss, kFloats, poisson_nll_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(gaussian_nll_loss, kFloats, gaussian_nll_loss(in[0], in[1], in[2]), kMatrix, kMatrix,
            kMatrix),
        ROW(hinge_embedding_loss, kFloats, hinge_embedding_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(hinge_loss, kFloats, hinge_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(soft_margin_loss, kFloats, soft_margin_loss(in[0], in[1]), kMatrix, kMatrix),
        ROW(margin_ranking_loss, kFloats, margin_ranking_loss(in[0], in[1], in[2]), kMatrix,
            kMatrix, kMatrix),
        ROW(cosine_similarity, kFloats, cosine_similarity(in[0], in[1]), kMatrix, kMatrix),
        ROW(pairwise_distance, kFloats, pairwise_distance(in[0], in[1]), kMatrix, kMatrix),
        ROW(cosine_embedding_loss, kFloats, cosine_embedding_loss(in[0], in[1], in[2]), kMatrix,
            kMatrix, s({4})),
        ROW(triplet_margin_loss, kFloats, triplet_margin_loss(in[0], in[1], in[2]), kMatrix,
            kMatrix, kMatrix),
    };
}

std::vector<InputRow> reductions_and_norms() {
    return {
        ROW(sum, kAll, sum(in[0], {.axes = {0}}), kMatrix),
        ROW(mean, kFloats, mean(in[0]), kMatrix),
        ROW(max, kAll, max(in[0]), kMatrix),
        ROW(min, kAll, min(in[0], {.axes = {1}}), kMatrix),
        ROW(prod, kAll, prod(in[0]), kMatrix),
        ROW(any, kAll, any(in[0]), kMatrix),
        ROW(all, kAll, all(in[0], {.axes = {-1}}), kMatrix),
        ROW(argmax, kAll, argmax(in[0]), kMatrix),
        ROW(argmin, kAll, argmin(in[0]), kMatrix),
        ROW(var, kFloats, var(in[0]), kMatrix),
        ROW(std, kFloats, ingot::std(in[0]), kMatrix),
        ROW(var_mean, kFloats, var_mean(in[0]).mean, kMatrix),
        ROW(var_mean, kFloats, var_mean(in[0]).var, kMatrix),
        ROW(logsumexp, kFloats, logsumexp(in[0]), kMatrix),
        ROW(norm, kFloats, norm(in[0]), kMatrix),
        ROW(batch_norm, kFloats,
            batch_norm(in[0], in[1], in[2], Parameter(init::zeros({3})),
                       Parameter(init::ones({3}))),
            kMatrix, kChannels, kChannels),
        ROW(layer_norm, kFloats, layer_norm(in[0], {3}, in[1], in[2]), kMatrix, kChannels,
            kChannels),
        ROW(rms_norm, kFloats, rms_norm(in[0], {3}, in[1]), kMatrix, kChannels),
        ROW(group_norm, kFloats, group_norm(in[0], 3, in[1], in[2]), kSignal, kChannels, kChannels),
        ROW(instance_norm, kFloats, instance_norm(in[0], in[1], in[2]), kSignal, kChannels,
            kChannels),
        ROW(cumsum, kAll, cumsum(in[0], 0), kMatrix),
        ROW(cumprod, kAll, cumprod(in[0], 0), kMatrix),
        ROW(softmax, kFloats, softmax(in[0]), kMatrix),
        ROW(log_softmax, kFloats, log_softmax(in[0]), kMatrix),
        ROW(matmul, kFloats, matmul(in[0], in[1]), kMatrix, s({3, 5})),
        ROW(matmul, kFloats, matmul(in[0], in[1]), s({2, 4, 3}), s({2, 3, 5})),
        ROW(linear, kFloats, linear(in[0], in[1], in[2]), kMatrix, s({5, 3}), s({5})),
        ROW(dropout, kFloats, dropout(in[0], generator()), kMatrix),
        ROW(scaled_dot_product_attention, kFloats,
            scaled_dot_product_attention(in[0], in[1], in[2]), s({2, 4, 5, 8}), s({2, 2, 6, 8}),
            s({2, 2, 6, 8})),
        ROW(rotary_embedding, kFloats, rotary_embedding(in[0]), s({2, 4, 5, 8})),
        ROW(lstm, kFloats, lstm(in[0], {}, weights(in)).output, s({5, 2, 3}), s({16, 3}),
            s({16, 4})),
        ROW(gru, kFloats, gru(in[0], {}, weights(in)).output, s({5, 2, 3}), s({12, 3}), s({12, 4})),
        ROW(rnn, kFloats, rnn(in[0], {}, weights(in)).output, s({5, 2, 3}), s({4, 3}), s({4, 4})),
        ROW(lstm, kFloats, lstm(in[0], {}, weights(in)).c, s({5, 2, 3}), s({16, 3}), s({16, 4})),
        ROW(lstm_cell, kFloats, lstm_cell(in[0], {}, weights(in)[0]).h, s({2, 3}), s({16, 3}),
            s({16, 4})),
        ROW(gru_cell, kFloats, gru_cell(in[0], {}, weights(in)[0]), s({2, 3}), s({12, 3}),
            s({12, 4})),
        ROW(rnn_cell, kFloats, rnn_cell(in[0], {}, weights(in)[0]), s({2, 3}), s({4, 3}),
            s({4, 4})),
    };
}

std::vector<InputRow> places_and_layouts() {
    return {
        ROW(sort, kAll, sort(in[0]).values, kMatrix),
        ROW(argsort, kAll, argsort(in[0]), kMatrix),
        ROW(topk, kAll, topk(in[0], 2).values, kMatrix),
        ROW(embedding, kFloats, embedding(in[0], in[1]), kMatrix, s({2, 5}, i32)),
        ROW(index_select, kAll, index_select(in[0], 0, in[1]), kMatrix, s({5}, i32)),
        ROW(gather, kAll, gather(in[0], 1, in[1]), kMatrix, s({4, 5}, i32)),
        ROW(take_along_axis, kAll, take_along_axis(in[0], in[1], 1), kMatrix, s({4, 5}, i32)),
        ROW(scatter, kAll, scatter(in[0], 1, in[1], in[2]), kMatrix, s({4, 5}, i32), s({4, 5})),
        ROW(scatter_add, kFloats, scatter_add(in[0], 1, in[1], in[2]), kMatrix, s({4, 5}, i32),
            s({4, 5})),
        ROW(index_add, kFloats, index_add(in[0], 0, in[1], in[2]), kMatrix, s({5}, i32), s({5, 3})),
        ROW(one_hot, kInts, one_hot(in[0], 7), s({4, 3}, i32)),
        ROW(reshape, kAll, reshape(in[0], {3, -1}), kMatrix),
        ROW(flatten, kAll, flatten(in[0]), kMatrix),
        ROW(transpose, kAll, transpose(in[0]), kMatrix),
        ROW(permute, kAll, permute(in[0], {1, 0}), kMatrix),
        ROW(expand, kAll, expand(in[0], {2, 4, 3}), kMatrix),
        ROW(slice, kAll, slice(in[0], {.begin = 1, .end = 2}), kMatrix),
        ROW(flip, kAll, flip(in[0], {0}), kMatrix),
        ROW(unsqueeze, kAll, unsqueeze(in[0], 0), kMatrix),
        ROW(squeeze, kAll, squeeze(in[0], 1), s({4, 1})),
        ROW(diagonal, kAll, diagonal(in[0]), kMatrix),
        ROW(concatenate, kAll, concatenate(in, 0), kMatrix, kMatrix),
        ROW(stack, kAll, stack(in, 0), kMatrix, kMatrix),
        ROW(split, kAll, split(in[0], 2).back(), kMatrix),
        ROW(chunk, kAll, chunk(in[0], 2)[0], kMatrix),
        ROW(unbind, kAll, unbind(in[0]).back(), kMatrix),
        ROW(tile, kAll, tile(in[0], {2, 2}), kMatrix),
        ROW(repeat_interleave, kAll, repeat_interleave(in[0], 2, 0), kMatrix),
        ROW(roll, kAll, roll(in[0], 1), kMatrix),
        ROW(pad, kAll, pad(in[0], {.axes = {{-1, 1, 1}}}), kMatrix),
        ROW(tril, kFloats, tril(in[0]), kMatrix),
        ROW(triu, kFloats, triu(in[0]), kMatrix),
        ROW(cast, kAll, cast(in[0], i32), kMatrix),
    };
}

std::vector<InputRow> windows() {
    return {
        ROW(conv1d, kFloats, conv1d(in[0], in[1], in[2]), kSignal, s({4, 3, 3}), s({4})),
        ROW(conv2d, kFloats, conv2d(in[0], in[1], in[2]), kImage, s({4, 3, 3, 3}), s({4})),
        ROW(conv3d, kFloats, conv3d(in[0], in[1], in[2]), kVolume, s({4, 3, 3, 3, 3}), s({4})),
        ROW(conv_transpose1d, kFloats, conv_transpose1d(in[0], in[1], in[2]), kSignal, s({3, 4, 3}),
            s({4})),
        ROW(conv_transpose2d, kFloats, conv_transpose2d(in[0], in[1], in[2]), kImage,
            s({3, 4, 3, 3}), s({4})),
        ROW(conv_transpose3d, kFloats, conv_transpose3d(in[0], in[1], in[2]), kVolume,
            s({3, 4, 3, 3, 3}), s({4})),
        ROW(max_pool1d, kFloats, max_pool1d(in[0]), kSignal),
        ROW(max_pool2d, kFloats, max_pool2d(in[0]), kImage),
        ROW(max_pool3d, kFloats, max_pool3d(in[0]), kVolume),
        ROW(max_pool1d_with_indices, kFloats, max_pool1d_with_indices(in[0]).first, kSignal),
        ROW(max_pool1d_with_indices, kFloats, max_pool1d_with_indices(in[0]).second, kSignal),
        ROW(avg_pool1d, kFloats, avg_pool1d(in[0]), kSignal),
        ROW(max_pool2d_with_indices, kFloats, max_pool2d_with_indices(in[0]).first, kImage),
        ROW(max_pool2d_with_indices, kFloats, max_pool2d_with_indices(in[0]).second, kImage),
        ROW(avg_pool2d, kFloats, avg_pool2d(in[0]), kImage),
        ROW(max_pool3d_with_indices, kFloats, max_pool3d_with_indices(in[0]).first, kVolume),
        ROW(max_pool3d_with_indices, kFloats, max_pool3d_with_indices(in[0]).second, kVolume),
        ROW(avg_pool3d, kFloats, avg_pool3d(in[0]), kVolume),
        ROW(adaptive_avg_pool1d, kFloats, adaptive_avg_pool1d(in[0], 3), kSignal),
        ROW(adaptive_avg_pool2d, kFloats, adaptive_avg_pool2d(in[0], {3, 3}), kImage),
        ROW(adaptive_avg_pool3d, kFloats, adaptive_avg_pool3d(in[0], {3, 3, 3}), kVolume),
        ROW(adaptive_max_pool1d, kFloats, adaptive_max_pool1d(in[0], 3), kSignal),
        ROW(adaptive_max_pool2d, kFloats, adaptive_max_pool2d(in[0], {3, 3}), kImage),
        ROW(adaptive_max_pool3d, kFloats, adaptive_max_pool3d(in[0], {3, 3, 3}), kVolume),
        ROW(global_avg_pool, kFloats, global_avg_pool(in[0]), kSignal),
        ROW(global_max_pool, kFloats, global_max_pool(in[0]), kSignal),
        ROW(interpolate, kFloats, interpolate(in[0], {.size = {4}}), kImage),
    };
}

std::vector<InputRow> pointwise() {
    std::vector<InputRow> rows{
        ROW(add, kNumbers, in[0] + in[1], kMatrix, kMatrix),
        ROW(subtract, kNumbers, in[0] - in[1], kMatrix, kMatrix),
        ROW(multiply, kNumbers, in[0] * in[1], kMatrix, kMatrix),
        ROW(divide, kFloats, in[0] / in[1], kMatrix, kMatrix),
        ROW(negate, kNumbers, -in[0], kMatrix),
        ROW(abs, kNumbers, abs(in[0]), kMatrix),
        ROW(maximum, kNumbers, maximum(in[0], in[1]), kMatrix, kMatrix),
        ROW(minimum, kNumbers, minimum(in[0], in[1]), kMatrix, kMatrix),
        ROW(floor_divide, kNumbers, floor_divide(in[0], in[1]), kMatrix, kMatrix),
        ROW(remainder, kNumbers, remainder(in[0], in[1]), kMatrix, kMatrix),
        ROW(pow, kFloats, pow(in[0], in[1]), kMatrix, kMatrix),
        ROW(prelu, kFloats, prelu(in[0], in[1]), kMatrix, kChannels),
        ROW(equal, kNumbers, equal(in[0], in[1]), kMatrix, kMatrix),
        ROW(not_equal, kNumbers, not_equal(in[0], in[1]), kMatrix, kMatrix),
        ROW(greater, kNumbers, greater(in[0], in[1]), kMatrix, kMatrix),
        ROW(greater_equal, kNumbers, greater_equal(in[0], in[1]), kMatrix, kMatrix),
        ROW(less, kNumbers, less(in[0], in[1]), kMatrix, kMatrix),
        ROW(square, kNumbers, square(in[0]), kMatrix),
        ROW(less_equal, kNumbers, less_equal(in[0], in[1]), kMatrix, kMatrix),
        ROW(logical_and, kBools, logical_and(in[0], in[1]), kTruth, kTruth),
        ROW(logical_or, kBools, logical_or(in[0], in[1]), kTruth, kTruth),
        ROW(logical_xor, kBools, logical_xor(in[0], in[1]), kTruth, kTruth),
        ROW(logical_not, kBools, logical_not(in[0]), kTruth),
        ROW(where, kAll, where(cast(in[2], boolean), in[0], in[1]), kMatrix, kMatrix, kTruth),
        ROW(clamp, kFloats, clamp(in[0], 0, 1), kMatrix),
        ROW(leaky_relu, kFloats, leaky_relu(in[0]), kMatrix),
        ROW(elu, kFloats, elu(in[0]), kMatrix),
        ROW(celu, kFloats, celu(in[0]), kMatrix),
        ROW(gelu, kFloats, gelu(in[0]), kMatrix),
        ROW(gelu, kFloats, gelu(in[0], GeluForm::kTanh), kMatrix),
        ROW(softplus, kFloats, softplus(in[0]), kMatrix),
        ROW(hardtanh, kFloats, hardtanh(in[0]), kMatrix),
        ROW(threshold, kFloats, threshold(in[0], 1, 2), kMatrix),
    };
#define UNARY(name) ROW(name, kFloats, ingot::name(in[0]), kMatrix)
    for (InputRow& row : std::vector<InputRow>{
             UNARY(reciprocal), UNARY(exp),         UNARY(expm1),     UNARY(log),
             UNARY(log1p),      UNARY(sqrt),        UNARY(rsqrt),     UNARY(sin),
             UNARY(cos),        UNARY(tan),         UNARY(asin),      UNARY(acos),
             UNARY(atan),       UNARY(sinh),        UNARY(asinh),     UNARY(acosh),
             UNARY(atanh),      UNARY(cosh),        UNARY(erf),       UNARY(floor),
             UNARY(ceil),       UNARY(trunc),       UNARY(round),     UNARY(sign),
             UNARY(relu),       UNARY(relu6),       UNARY(selu),      UNARY(tanh),
             UNARY(sigmoid),    UNARY(log_sigmoid), UNARY(silu),      UNARY(mish),
             UNARY(softsign),   UNARY(hardsigmoid), UNARY(hardswish), UNARY(isnan),
             UNARY(isfinite),   UNARY(isinf)}) {
        rows.push_back(row);
    }
    return rows;
}

}  // namespace

bool takes(Takes what, DType dtype) {
    switch (what) {
        case Takes::kFloats: return is_floating(dtype);
        case Takes::kNumbers: return is_floating(dtype) || dtype == i32;
        case Takes::kBools: return dtype == boolean;
        case Takes::kInts: return dtype == i32;
        case Takes::kAll: break;
    }
    return true;
}

std::vector<InputRow> input_rows() {
    std::vector<InputRow> rows;
    for (const auto& part :
         {losses(), reductions_and_norms(), places_and_layouts(), windows(), pointwise()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

std::vector<Refusals> refusals_without_tensors() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    return {
        {"arange",
         {{[] { arange(0); }, "0 elements, must be 1 to 2^31 - 1"},
          {[] { arange(-3); }, "-3 elements, must be 1 to 2^31 - 1"},
          {[] { arange(0x80000000ll); }, "2147483648 elements, must be 1 to 2^31 - 1"},
          {[] { arange(3, u8); }, "makes i32 or f32, not u8"},
          {[] { arange(3, boolean); }, "makes i32 or f32, not bool"}}},
        {"linspace",
         {{[] { linspace(0, 1, 0); }, "0 steps, must be 1 to 2^31 - 1"},
          {[] { linspace(0, 1, -1); }, "-1 steps, must be 1 to 2^31 - 1"},
          {[] { linspace(0, 1, 0x80000000ll); }, "2147483648 steps, must be 1 to 2^31 - 1"},
          {[=] { linspace(nan, 1, 3); }, "from nan to 1, must be finite"},
          {[=] { linspace(0, -inf, 3); }, "from 0 to -inf, must be finite"}}},
        {"eye",
         {{[] { eye(0); }, "0 x 0 is no matrix of 1 to 2^31 - 1 rows and columns"},
          {[] { eye(-2, 3); }, "-2 x 3 is no matrix of 1 to 2^31 - 1 rows and columns"},
          {[] { eye(3, -1); }, "3 x -1 is no matrix of 1 to 2^31 - 1 rows and columns"},
          {[] { eye(1, 0x80000000ll); },
           "1 x 2147483648 is no matrix of 1 to 2^31 - 1 rows and columns"}}},
    };
}

}  // namespace ingot::testing
