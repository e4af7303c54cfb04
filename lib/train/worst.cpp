// SPDX-License-Identifier: MIT
#include "train/worst.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::train {
namespace {

constexpr std::size_t kMostTargets = 16;  // of a sample whose numbers are shown
constexpr std::int64_t kPart = 4096;      // samples whose outputs are in host memory at a time

struct Wrong {
    double loss;
    double probability;
    std::int64_t sample, label, prediction;
};

// Of logits [C]: -log softmax at the label, by the prediction's margin.
Wrong judge(std::span<const float> logits, std::int64_t sample, std::int64_t label) {
    const auto best = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - *best);
    const double at_label = static_cast<double>(logits[static_cast<std::size_t>(label)]) - *best;
    return {std::log(sum) - at_label, 1 / sum, sample, label, best - logits.begin()};
}

// What is no number is worse than any; ties by the sample's place.
template <typename T, typename Measure>
void keep_worst(std::vector<T>& all, std::int64_t most, Measure measure) {
    const auto worse = [&](const T& a, const T& b) {
        const double x = std::isnan(measure(a)) ? HUGE_VAL : measure(a);
        const double y = std::isnan(measure(b)) ? HUGE_VAL : measure(b);
        return x != y ? x > y : a.sample < b.sample;
    };
    const auto kept = std::min(all.size(), static_cast<std::size_t>(most));
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                      worse);
    all.resize(kept);
}

bool has_picture(const data::Dataset& data) {
    const Shape& shape = data.sample_shape();
    if (data.input_dtype() == i32) return false;
    return shape.rank() == 2 || (shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3));
}

}  // namespace

Predictions predictions_of(Trainer& trainer, const data::Dataset& data, std::int64_t most) {
    if (data.empty() || !data.has_labels() || data.target_shape().rank() > 0) return {};
    Predictions result;
    std::vector<Wrong> worst;
    for (std::int64_t begin = 0; begin < data.size(); begin += kPart) {
        std::vector<std::int64_t> part(
            static_cast<std::size_t>(std::min(kPart, data.size() - begin)));
        std::iota(part.begin(), part.end(), begin);
        const HostTensor outputs = trainer.predict(data.subset(part));
        if (outputs.shape.rank() != 2 || outputs.dtype != f32) return {};
        const std::int64_t classes = outputs.shape[1];
        if (classes < data.class_count() || classes < 2) return {};
        if (begin == 0) result.confusion = metrics::ConfusionMatrix(classes);
        const auto values = outputs.values<float>();
        for (std::size_t i = 0; i < part.size(); ++i) {
            const auto width = static_cast<std::size_t>(classes);
            worst.push_back(judge(values.subspan(i * width, width), part[i], data.label(part[i])));
            result.confusion.add(worst.back().label, worst.back().prediction);
        }
        keep_worst(worst, most, [](const Wrong& wrong) { return wrong.loss; });
    }
    for (const Wrong& wrong : worst) {
        result.worst.push_back({.picture = has_picture(data) ? data.picture(wrong.sample) : Image{},
                                .label = data.class_name(wrong.label),
                                .prediction = wrong.prediction < data.class_count()
                                                  ? data.class_name(wrong.prediction)
                                                  : std::to_string(wrong.prediction),
                                .probability = wrong.probability,
                                .loss = wrong.loss,
                                .name = data.name(wrong.sample)});
    }
    return result;
}

std::vector<io::ResidualRecord> residuals_of(Trainer& trainer, const data::Dataset& data,
                                             std::int64_t most) {
    if (data.empty() || data.has_labels()) return {};
    const auto width = static_cast<std::size_t>(data.target_shape().count());
    if (width == 0 || width > kMostTargets) return {};
    struct Residual {
        double error;
        std::int64_t sample;
        std::vector<double> target, prediction;
    };
    std::vector<Residual> worst;
    for (std::int64_t begin = 0; begin < data.size(); begin += kPart) {
        std::vector<std::int64_t> part(
            static_cast<std::size_t>(std::min(kPart, data.size() - begin)));
        std::iota(part.begin(), part.end(), begin);
        const HostTensor outputs = trainer.predict(data.subset(part));
        if (outputs.dtype != f32 || outputs.values<float>().size() != part.size() * width)
            return {};
        const std::vector<std::uint32_t> samples(part.begin(), part.end());
        std::vector<float> targets(part.size() * width);
        data.read_targets(samples, targets);
        // predict() answers in the units of data that was not prepared.
        if (const auto& preparation = data.preparation()) preparation->restore_targets(targets);
        const auto values = outputs.values<float>();
        for (std::size_t i = 0; i < part.size(); ++i) {
            Residual residual{.error = 0, .sample = part[i], .target = {}, .prediction = {}};
            for (std::size_t j = i * width; j < (i + 1) * width; ++j) {
                const double off = static_cast<double>(values[j]) - targets[j];
                residual.error += off * off / static_cast<double>(width);
                residual.target.push_back(targets[j]);
                residual.prediction.push_back(values[j]);
            }
            residual.error = std::sqrt(residual.error);
            worst.push_back(std::move(residual));
        }
        keep_worst(worst, most, [](const Residual& residual) { return residual.error; });
    }
    std::vector<io::ResidualRecord> records;
    for (Residual& residual : worst) {
        records.push_back({.name = data.name(residual.sample),
                           .target = std::move(residual.target),
                           .prediction = std::move(residual.prediction),
                           .error = residual.error,
                           .picture = has_picture(data) ? data.picture(residual.sample) : Image{}});
    }
    return records;
}

}  // namespace ingot::train
