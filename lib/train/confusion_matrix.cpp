// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <ingot/metrics.h>

#include <numeric>

namespace ingot::metrics {
namespace {

double divided(const std::pair<double, double>& ratio) {
    return ratio.second == 0 ? 0.0 : ratio.first / ratio.second;
}

}  // namespace

ConfusionMatrix::ConfusionMatrix(std::int64_t classes) : classes_(classes) {
    if (classes < 1) fail(ErrorKind::kInvalidArgument, "ConfusionMatrix: of {} classes", classes);
    counts_.resize(static_cast<std::size_t>(classes * classes));
}

void ConfusionMatrix::add(std::int64_t label, std::int64_t predicted, std::int64_t samples) {
    const auto inside = [&](std::int64_t c) { return c >= 0 && c < classes_; };
    if (!inside(label) || !inside(predicted)) {
        fail(ErrorKind::kInvalidArgument,
             "ConfusionMatrix: class {} taken for {}, of classes 0 to {}", label, predicted,
             classes_ - 1);
    }
    counts_[static_cast<std::size_t>(label * classes_ + predicted)] += samples;
}

std::int64_t ConfusionMatrix::count(std::int64_t label, std::int64_t predicted) const {
    return counts_.at(static_cast<std::size_t>(label * classes_ + predicted));
}

std::int64_t ConfusionMatrix::samples() const {
    return std::reduce(counts_.begin(), counts_.end());
}

std::int64_t ConfusionMatrix::labelled(std::int64_t c) const {
    std::int64_t sum = 0;
    for (std::int64_t p = 0; p < classes_; ++p)
        sum += count(c, p);
    return sum;
}

std::int64_t ConfusionMatrix::predicted(std::int64_t c) const {
    std::int64_t sum = 0;
    for (std::int64_t t = 0; t < classes_; ++t)
        sum += count(t, c);
    return sum;
}

double ConfusionMatrix::accuracy() const {
    double sum = 0;
    for (std::int64_t c = 0; c < classes_; ++c)
        sum += right(c);
    return divided({sum, static_cast<double>(samples())});
}

ConfusionMatrix::Ratio ConfusionMatrix::precision_of(std::int64_t c) const {
    return {right(c), static_cast<double>(predicted(c))};
}
ConfusionMatrix::Ratio ConfusionMatrix::recall_of(std::int64_t c) const {
    return {right(c), static_cast<double>(labelled(c))};
}
ConfusionMatrix::Ratio ConfusionMatrix::f1_of(std::int64_t c) const {
    return {2 * right(c), static_cast<double>(labelled(c) + predicted(c))};
}
ConfusionMatrix::Ratio ConfusionMatrix::iou_of(std::int64_t c) const {
    return {right(c), static_cast<double>(labelled(c) + predicted(c)) - right(c)};
}

double ConfusionMatrix::precision(std::int64_t c) const {
    return divided(precision_of(c));
}
double ConfusionMatrix::recall(std::int64_t c) const {
    return divided(recall_of(c));
}
double ConfusionMatrix::f1(std::int64_t c) const {
    return divided(f1_of(c));
}
double ConfusionMatrix::iou(std::int64_t c) const {
    return divided(iou_of(c));
}

// ratio(c): what a class adds above and below the bar.
double ConfusionMatrix::averaged(Average average,
                                 Ratio (ConfusionMatrix::*ratio)(std::int64_t) const) const {
    if (average == Average::kBinary) {
        if (classes_ != 2) {
            fail(ErrorKind::kInvalidArgument,
                 "ConfusionMatrix: Average::kBinary is for two classes, not {}", classes_);
        }
        return divided((this->*ratio)(1));
    }
    double above = 0, below = 0;
    for (std::int64_t c = 0; c < classes_; ++c) {
        const auto [a, b] = (this->*ratio)(c);
        const auto occurs = static_cast<double>(labelled(c) + predicted(c) > 0);
        const double weight =
            average == Average::kWeighted ? static_cast<double>(labelled(c)) : occurs;
        above += average == Average::kMicro ? a : weight * divided({a, b});
        below += average == Average::kMicro ? b : weight;
    }
    return divided({above, below});
}

double ConfusionMatrix::precision(Average average) const {
    return averaged(average, &ConfusionMatrix::precision_of);
}
double ConfusionMatrix::recall(Average average) const {
    return averaged(average, &ConfusionMatrix::recall_of);
}
double ConfusionMatrix::f1(Average average) const {
    return averaged(average, &ConfusionMatrix::f1_of);
}
double ConfusionMatrix::iou(Average average) const {
    return averaged(average, &ConfusionMatrix::iou_of);
}

}  // namespace ingot::metrics
