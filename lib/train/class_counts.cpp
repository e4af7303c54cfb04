// SPDX-License-Identifier: MIT
#include "train/class_counts.h"

#include "core/check.h"

#include <ingot/ops.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace ingot::train {
namespace {

// [C, C]: samples by label and largest output.
Tensor counts_of_classes(const Tensor& output, const Tensor& labels, const Tensor& mask) {
    const std::int64_t classes = output.shape()[1];
    Tensor should = one_hot(labels, classes);
    if (mask) should = should * reshape(mask, {mask.shape()[0], 1});
    return matmul(transpose(should), one_hot(argmax(output), classes));
}

// [2, 2]: elements by target and output, each above its threshold or not.
Tensor counts_of_elements(const Tensor& output, const Tensor& target, float threshold,
                          const Tensor& mask) {
    const Tensor flat = reshape(output, {output.shape().count()});
    const Tensor expected = reshape(cast(target, f32), flat.shape());
    const auto two = [](const Tensor& is_one) {
        const Tensor one = cast(is_one, f32);
        return concatenate(std::array{reshape(1.0F - one, {1, one.shape()[0]}),
                                      reshape(one, {1, one.shape()[0]})});
    };
    const Tensor is = two(greater(cast(flat, f32), constant(threshold, flat.shape())));
    Tensor should = two(greater(expected, constant(0.5F, flat.shape())));
    if (mask) {
        const std::int64_t samples = mask.shape()[0];
        const Shape by_sample{2, samples, flat.shape()[0] / samples};
        should =
            reshape(reshape(should, by_sample) * reshape(mask, {1, samples, 1}), should.shape());
    }
    return matmul(should, transpose(is));
}

}  // namespace

Measure Measure::of(std::span<const metrics::Metric> metrics) {
    Measure measure;
    std::set<std::string> names{"loss"};
    for (const metrics::Metric& metric : metrics) {
        if (!names.insert(metric.name).second) {
            fail(ErrorKind::kInvalidArgument, "metrics: more than one is called {}", metric.name);
        }
        if (metric.wants == metrics::Wants::kOutputs) measure.outputs = true;
        if (metric.wants != metrics::Wants::kConfusion) continue;
        if (!std::isfinite(metric.threshold)) {
            fail(ErrorKind::kInvalidArgument, "{}: the threshold is {}", metric.name,
                 metric.threshold);
        }
        if (std::ranges::find(measure.thresholds, metric.threshold) == measure.thresholds.end()) {
            measure.thresholds.push_back(metric.threshold);
        }
    }
    return measure;
}

std::string Measure::key() const {
    return fmt::format("{} {}", outputs, fmt::join(thresholds, " "));
}

bool by_largest(const Shape& output, DType target) {
    return target == i32 && output.rank() == 2 && output[1] > 1;
}

void ClassCounts::count(Graph& graph, const Measure& measure, const Tensor& output,
                        const Tensor& target, const Tensor& mask) {
    const bool largest = by_largest(output.shape(), target.dtype());
    if (!largest && !measure.thresholds.empty() &&
        output.shape().count() != target.shape().count()) {
        fail(ErrorKind::kInvalidArgument,
             "metrics: outputs {} are compared with targets of their shape, or as [B, C] with "
             "labels, not with {}",
             to_string(output.spec()), to_string(target.spec()));
    }
    for (const float threshold : measure.thresholds) {
        const std::int64_t classes = largest ? output.shape()[1] : 2;
        Counted& counted = counted_[threshold];
        if (counted.classes != classes) {
            const std::string name = fmt::format("{}.{}", name_, threshold);
            counted = {Parameter(HostTensor::zeros(name, {classes, classes}),
                                 {.name = name, .trainable = false}),
                       classes};
        }
        const Tensor counts = largest ? counts_of_classes(output, target, mask)
                                      : counts_of_elements(output, target, threshold, mask);
        graph.update(counted.counts, counted.counts.tensor() + counts);
    }
}

void ClassCounts::ran(std::int64_t compared) {
    compared_ += compared;
}

void ClassCounts::forget() {
    for (auto& [threshold, counted] : counted_)
        counted.counts.write(HostTensor::zeros(counted.counts.name(), counted.counts.shape()));
    compared_ = 0;
}

void ClassCounts::fetch_into(Confusions& confusions) {
    for (auto& [threshold, counted] : counted_) {
        auto [found, is_new] = confusions.try_emplace(threshold, counted.classes);
        const HostTensor counts = counted.counts.read();
        const auto values = counts.values<float>();
        for (std::int64_t i = 0; i < counted.classes * counted.classes; ++i) {
            found->second.add(i / counted.classes, i % counted.classes,
                              std::llround(values[static_cast<std::size_t>(i)]));
        }
    }
    forget();
}

}  // namespace ingot::train
