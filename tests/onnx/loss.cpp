// SPDX-License-Identifier: MIT
// Losses. Labels are i32 here.
#include "rows.h"

#include <map>

namespace ingot::onnx_tests {

namespace {

Reduction reduction_of(Call& c) {
    static const std::map<std::string, Reduction> names = {
        {"mean", Reduction::kMean}, {"sum", Reduction::kSum}, {"none", Reduction::kNone}};
    return names.at(c.text("reduction", "mean"));
}

std::optional<std::int32_t> ignored(Call& c) {
    if (!c.has("ignore_index")) return {};
    return static_cast<std::int32_t>(c.integer("ignore_index"));
}

Values softmax_cross_entropy(Call& c) {
    return {
        cross_entropy(
            c.x(0), c.x(1),
            {.weight = c.x_or(2, {}), .ignore_index = ignored(c), .reduction = reduction_of(c)}),
        log_softmax(c.x(0), 1)};
}

Values negative_log_likelihood(Call& c) {
    return {nll_loss(
        c.x(0), c.x(1),
        {.weight = c.x_or(2, {}), .ignore_index = ignored(c), .reduction = reduction_of(c)})};
}

}  // namespace

Rows loss_rows() {
    return {
        {"SoftmaxCrossEntropyLoss", softmax_cross_entropy},
        {"NegativeLogLikelihoodLoss", negative_log_likelihood},
    };
}

}  // namespace ingot::onnx_tests
