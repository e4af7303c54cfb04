// SPDX-License-Identifier: MIT
// Building a dataset and reading samples out of it; splits and statistics are in dataset_views.cpp.
#include <ingot/dataset.h>

#include "core/check.h"
#include "data/storage.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ingot::data {
namespace {

constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;  // beyond it a label is surely no class

void check_labels(std::span<const std::int32_t> labels, std::size_t name_count) {
    const std::int64_t limit =
        name_count == 0 ? kMaxClasses : static_cast<std::int64_t>(name_count);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || labels[i] >= limit) {
            fail(ErrorKind::kData, "dataset: the label of sample {} is {}, outside 0 to {}", i,
                 labels[i], limit - 1);
        }
    }
}

}  // namespace

Dataset::Dataset(HostTensor inputs, HostTensor targets, std::vector<std::string> class_names) {
    const Shape& shape = inputs.shape;
    if (shape.rank() == 0 || targets.shape.rank() == 0 || shape[0] != targets.shape[0]) {
        fail(ErrorKind::kData, "dataset: inputs {} and targets {} need one first axis, the samples",
             to_string(shape), to_string(targets.shape));
    }
    if (inputs.dtype == i32 || targets.dtype == u8) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: inputs are {} and targets {}; possible are f32 or u8 and i32 or f32",
             to_string(inputs.dtype), to_string(targets.dtype));
    }
    if (targets.dtype == i32 && targets.shape.rank() != 1) {
        fail(ErrorKind::kInvalidArgument, "dataset: labels are {}, one number a sample is needed",
             to_string(targets.shape));
    }
    if (shape[0] > std::numeric_limits<std::uint32_t>::max()) {
        fail(ErrorKind::kInvalidArgument, "dataset: {} samples, at most 2^32 - 1 are supported",
             shape[0]);
    }
    if (inputs.dtype == f32) {
        static_cast<void>(inputs.values<float>());  // throws when bytes and shape disagree
    } else {
        static_cast<void>(inputs.values<std::uint8_t>());
    }

    auto storage = std::make_shared<Storage>();
    if (targets.dtype == i32) {
        const auto labels = std::as_const(targets).values<std::int32_t>();
        check_labels(labels, class_names.size());
        const auto highest = std::max_element(labels.begin(), labels.end());
        storage->class_count = !class_names.empty() ? static_cast<std::int64_t>(class_names.size())
                               : highest == labels.end() ? 0
                                                         : std::int64_t{*highest} + 1;
    } else {
        static_cast<void>(targets.values<float>());
    }
    sample_shape_ = shape.without(0);
    storage->target_shape = targets.shape.without(0);
    storage->class_names = std::move(class_names);
    storage->inputs = std::move(inputs);
    storage->targets = std::move(targets);
    storage_ = std::move(storage);
    *this = normalized({});
}

std::int64_t Dataset::size() const {
    if (storage_ == nullptr) return 0;
    return order_ == nullptr ? storage_->inputs.shape[0]
                             : static_cast<std::int64_t>(order_->size());
}

const Shape& Dataset::target_shape() const {
    static const Shape kScalar;
    return storage_ == nullptr ? kScalar : storage_->target_shape;
}

bool Dataset::has_labels() const {
    return storage_ != nullptr && storage_->targets.dtype == i32;
}

std::int64_t Dataset::class_count() const {
    return storage_ == nullptr ? 0 : storage_->class_count;
}

const std::vector<std::string>& Dataset::class_names() const {
    static const std::vector<std::string> kNone;
    return storage_ == nullptr ? kNone : storage_->class_names;
}

std::string Dataset::class_name(std::int64_t label) const {
    const auto& names = class_names();
    const auto index = static_cast<std::size_t>(label);
    return label >= 0 && index < names.size() ? names[index] : std::to_string(label);
}

std::size_t Dataset::row(std::int64_t sample) const {
    if (sample < 0 || sample >= size()) {
        fail(ErrorKind::kInvalidArgument, "dataset: sample {} does not exist, there are {}", sample,
             size());
    }
    const auto index = static_cast<std::size_t>(sample);
    return order_ == nullptr ? index : (*order_)[index];
}

std::int32_t Dataset::label(std::int64_t sample) const {
    const std::size_t place = row(sample);
    if (!has_labels()) fail(ErrorKind::kInvalidArgument, "dataset: it has targets, no labels");
    return std::as_const(storage_->targets).values<std::int32_t>()[place];
}

Image Dataset::picture(std::int64_t sample) const {
    const Shape& shape = sample_shape_;
    const bool has_channels = shape.rank() == 3;
    if ((!has_channels && shape.rank() != 2) || (has_channels && shape[0] != 1 && shape[0] != 3)) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: samples {} are no pictures, [1, H, W], [3, H, W] or [H, W]",
             to_string(shape));
    }
    const auto axis = static_cast<std::size_t>(has_channels);
    Image image{shape[axis + 1], shape[axis], has_channels ? shape[0] : 1, {}};
    const auto count = static_cast<std::size_t>(shape.count());
    const std::size_t first = row(sample) * count;
    const auto channels = static_cast<std::size_t>(image.channels);
    image.pixels.resize(count);
    for (std::size_t i = 0; i < count; ++i) {  // [C, H, W] to [H, W, C]
        const std::size_t from = first + i % channels * (count / channels) + i / channels;
        if (storage_->inputs.dtype == u8) {
            image.pixels[i] = storage_->inputs.values<std::uint8_t>()[from];
        } else {
            const float value = storage_->inputs.values<float>()[from];
            image.pixels[i] = static_cast<std::uint8_t>(
                std::lround(255.0F * (value > 0 ? std::min(value, 1.0F) : 0.0F)));  // NaN is black
        }
    }
    return image;
}

void Dataset::read_inputs(std::span<const std::uint32_t> samples, std::span<float> inputs) const {
    const auto count = static_cast<std::size_t>(sample_shape_.count());
    if (inputs.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument, "dataset: {} samples {} need room for {} values, not {}",
             samples.size(), to_string(sample_shape_), samples.size() * count, inputs.size());
    }
    const std::size_t channels = std::max<std::size_t>(1, normalization_.mean.size());
    const std::size_t inner = count / channels;
    float* out = inputs.data();
    for (const std::uint32_t sample : samples) {
        const std::byte* bytes = storage_->inputs.data.data() +
                                 row(sample) * count * size_bytes_of(storage_->inputs.dtype);
        if (storage_->inputs.dtype == u8) {
            const auto* from = reinterpret_cast<const std::uint8_t*>(bytes);
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const float* values = byte_values_->data() + 256 * channel;
                for (std::size_t i = 0; i < inner; ++i)
                    *out++ = values[*from++];
            }
        } else if (normalization_.mean.empty()) {
            const auto* from = reinterpret_cast<const float*>(bytes);
            out = std::copy(from, from + count, out);
        } else {
            const auto* from = reinterpret_cast<const float*>(bytes);
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const float mean = normalization_.mean[channel];
                const float deviation = normalization_.deviation[channel];
                for (std::size_t i = 0; i < inner; ++i)
                    *out++ = (*from++ - mean) / deviation;
            }
        }
    }
}

void Dataset::read_labels(std::span<const std::uint32_t> samples,
                          std::span<std::int32_t> labels) const {
    if (!has_labels() || labels.size() != samples.size()) {
        fail(ErrorKind::kInvalidArgument, "dataset: room for {} labels of {} samples{}",
             labels.size(), samples.size(), has_labels() ? "" : ", but it has no labels");
    }
    const auto all = std::as_const(storage_->targets).values<std::int32_t>();
    for (std::size_t i = 0; i < samples.size(); ++i)
        labels[i] = all[row(samples[i])];
}

void Dataset::read_targets(std::span<const std::uint32_t> samples, std::span<float> targets) const {
    const auto count = static_cast<std::size_t>(target_shape().count());
    if (storage_ == nullptr || has_labels() || targets.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument, "dataset: room for {} values of {} targets {}{}",
             targets.size(), samples.size(), to_string(target_shape()),
             has_labels() ? ", but it has labels" : "");
    }
    const auto all = std::as_const(storage_->targets).values<float>();
    for (std::size_t i = 0; i < samples.size(); ++i) {
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(row(samples[i]) * count), count,
                    targets.begin() + static_cast<std::ptrdiff_t>(i * count));
    }
}

}  // namespace ingot::data
