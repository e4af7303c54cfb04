// SPDX-License-Identifier: MIT
#include "train/worst.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::train {
namespace {

constexpr std::int64_t kPart = 4096;  // samples whose outputs are in host memory at a time

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
        // A loss that is no number is worse than any; ties by the sample's place.
        const auto worse = [](const Wrong& a, const Wrong& b) {
            const double x = std::isnan(a.loss) ? HUGE_VAL : a.loss;
            const double y = std::isnan(b.loss) ? HUGE_VAL : b.loss;
            return x != y ? x > y : a.sample < b.sample;
        };
        const auto kept = std::min(worst.size(), static_cast<std::size_t>(most));
        std::partial_sort(worst.begin(), worst.begin() + static_cast<std::ptrdiff_t>(kept),
                          worst.end(), worse);
        worst.resize(kept);
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

}  // namespace ingot::train
