// SPDX-License-Identifier: MIT
// Other views of the same source: splits, subsets, shapes and normalisation.
#include "core/check.h"
#include "core/random.h"
#include "data/channels.h"

#include <ingot/dataset.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ingot::data {
namespace {

using Positions = std::vector<std::uint32_t>;

// How many of each class go to the first part: fraction of each rounded down, then one more for
// those with the largest remainder until `total` are chosen.
std::vector<std::size_t> quotas(const std::vector<Positions>& classes, double fraction,
                                std::size_t total) {
    std::vector<std::size_t> quota(classes.size());
    std::vector<double> remainder(classes.size());
    for (std::size_t c = 0; c < classes.size(); ++c) {
        const double exact = fraction * static_cast<double>(classes[c].size());
        quota[c] = static_cast<std::size_t>(exact);
        remainder[c] = exact - std::floor(exact);
        total -= std::min(total, quota[c]);
    }
    std::vector<std::size_t> by_remainder(classes.size());
    std::iota(by_remainder.begin(), by_remainder.end(), std::size_t{0});
    std::stable_sort(by_remainder.begin(), by_remainder.end(),
                     [&](auto a, auto b) { return remainder[a] > remainder[b]; });
    for (const std::size_t c : by_remainder) {
        if (total == 0) break;
        if (quota[c] < classes[c].size()) ++quota[c], --total;
    }
    return quota;
}

}  // namespace

std::vector<std::int64_t> Dataset::class_sizes() const {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(class_count()));
    if (!has_labels()) return sizes;
    for (std::int64_t i = 0; i < size(); ++i)
        ++sizes[static_cast<std::size_t>(label(i))];
    return sizes;
}

std::pair<Dataset, Dataset> Dataset::split(double fraction, const SplitOptions& options) const {
    const auto count = static_cast<std::size_t>(size());
    const double wanted = std::round(fraction * static_cast<double>(count));
    if (!(fraction > 0 && fraction < 1) || wanted < 1 || wanted >= static_cast<double>(count)) {
        fail(ErrorKind::kInvalidArgument,
             "split: fraction {} of {} samples leaves one part empty or is not within 0..1",
             fraction, count);
    }
    if (options.stratify && !has_labels()) {
        fail(ErrorKind::kInvalidArgument, "split: stratify needs labels, the data has targets");
    }
    // Without stratify all samples are one class.
    std::vector<Positions> classes(options.stratify ? static_cast<std::size_t>(class_count()) : 1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t c =
            options.stratify ? static_cast<std::size_t>(label(static_cast<std::int64_t>(i))) : 0;
        classes[c].push_back(static_cast<std::uint32_t>(i));
    }
    const auto quota = quotas(classes, fraction, static_cast<std::size_t>(wanted));
    RandomStream random(options.seed, stream_of(RandomPurpose::kSplit));
    std::vector<bool> in_first(count);
    for (std::size_t c = 0; c < classes.size(); ++c) {
        shuffle(classes[c], random);
        for (std::size_t i = 0; i < quota[c]; ++i)
            in_first[classes[c][i]] = true;
    }
    std::array<Order, 2> orders;
    for (std::size_t i = 0; i < count; ++i) {
        orders[in_first[i] ? 0 : 1].push_back(
            static_cast<std::uint32_t>(row(static_cast<std::int64_t>(i))));
    }
    return {with_order(std::move(orders[0])), with_order(std::move(orders[1]))};
}

Dataset Dataset::subset(std::span<const std::int64_t> samples) const {
    Order order;
    order.reserve(samples.size());
    for (const std::int64_t sample : samples) {
        order.push_back(static_cast<std::uint32_t>(row(sample)));
    }
    return with_order(std::move(order));
}

Dataset Dataset::take(std::int64_t count) const {
    if (count < 0)
        fail(ErrorKind::kInvalidArgument, "dataset: take({}) of {} samples", count, size());
    std::vector<std::int64_t> samples(static_cast<std::size_t>(std::min(count, size())));
    std::iota(samples.begin(), samples.end(), std::int64_t{0});
    return subset(samples);
}

Dataset Dataset::with_order(Order order) const {
    Dataset result = *this;
    result.order_ = std::make_shared<const Order>(std::move(order));
    return result;
}

Dataset Dataset::reshaped(const Shape& sample_shape) const {
    if (sample_shape.count() != sample_shape_.count()) {
        fail(ErrorKind::kInvalidArgument, "dataset: samples {} of {} values cannot become {} of {}",
             to_string(sample_shape_), sample_shape_.count(), to_string(sample_shape),
             sample_shape.count());
    }
    Dataset result = *this;
    result.sample_shape_ = sample_shape;
    return result;
}

Normalization Dataset::measure() const {
    const auto count = static_cast<std::size_t>(sample_shape_.count());
    if (empty() || count == 0) {
        fail(ErrorKind::kInvalidArgument, "dataset: nothing to measure in {} samples {}", size(),
             to_string(sample_shape_));
    }
    const auto channels = static_cast<std::size_t>(channel_count(sample_shape_));
    const double values_per_channel =
        static_cast<double>(size()) * static_cast<double>(count / channels);
    const Dataset plain = normalized({});
    std::vector<float> sample(count);
    std::vector<double> mean(channels), square(channels);
    // Two passes in double: the mean, then the squares of what is left.
    for (const bool second : {false, true}) {
        for (std::int64_t i = 0; i < size(); ++i) {
            const auto position = static_cast<std::uint32_t>(i);
            plain.read_inputs({&position, 1}, sample);
            const float* value = sample.data();
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const double centre = second ? mean[channel] : 0.0;
                double sum = 0.0;
                for (std::size_t j = 0; j < count / channels; ++j) {
                    const double left = *value++ - centre;
                    sum += second ? left * left : left;
                }
                (second ? square : mean)[channel] += sum;
            }
        }
        for (double& value : second ? square : mean)
            value /= values_per_channel;
    }
    Normalization result;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const auto deviation = static_cast<float>(std::sqrt(square[channel]));
        if (!std::isfinite(mean[channel]) || !std::isfinite(deviation)) {
            fail(ErrorKind::kData, "dataset: channel {} holds a value that is not finite", channel);
        }
        result.mean.push_back(static_cast<float>(mean[channel]));
        result.deviation.push_back(deviation > 0 ? deviation : 1.0F);
    }
    return result;
}

Dataset Dataset::normalized(const Normalization& normalization) const {
    const auto& [mean, deviation] = normalization;
    const auto channels = static_cast<std::size_t>(channel_count(sample_shape_));
    if (!mean.empty() && input_dtype() != f32) {
        fail(ErrorKind::kInvalidArgument, "dataset: tokens are not normalised");
    }
    if (mean.size() != deviation.size() || (mean.size() > 1 && mean.size() != channels)) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: {} means and {} deviations for samples {} of {} channels", mean.size(),
             deviation.size(), to_string(sample_shape_), channels);
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
        if (!std::isfinite(mean[i]) || !std::isfinite(deviation[i]) || !(deviation[i] > 0)) {
            fail(ErrorKind::kInvalidArgument, "dataset: channel {} has mean {} and deviation {}", i,
                 mean[i], deviation[i]);
        }
    }
    Dataset result = *this;
    result.normalization_ = normalization;
    if (source_ == nullptr || source_->spec().input_dtype != u8) return result;
    // A byte has 256 values: what each becomes is worked out once, not for every pixel.
    std::vector<float> values;
    for (std::size_t channel = 0; channel < std::max<std::size_t>(1, mean.size()); ++channel) {
        for (int byte = 0; byte < 256; ++byte) {
            const float value = static_cast<float>(byte) / 255.0F;
            values.push_back(mean.empty() ? value : (value - mean[channel]) / deviation[channel]);
        }
    }
    result.byte_values_ = std::make_shared<const std::vector<float>>(std::move(values));
    return result;
}

}  // namespace ingot::data
