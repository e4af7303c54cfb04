// SPDX-License-Identifier: MIT
// Building a dataset and reading samples out of it; views and statistics are in dataset_views.cpp.
#include <ingot/dataset.h>

#include "core/check.h"
#include "data/memory_source.h"
#include "data/room.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ingot::data {
namespace {

std::size_t bytes_of(const Shape& shape, DType dtype) {
    return static_cast<std::size_t>(shape.count()) * size_bytes_of(dtype);
}

const SourceSpec& spec_of(const std::shared_ptr<const Source>& source) {
    static const SourceSpec kNone{.target_dtype = f32};
    return source == nullptr ? kNone : source->spec();
}

}  // namespace

Dataset::Dataset(HostTensor inputs, HostTensor targets, std::vector<std::string> class_names)
    : Dataset(memory_source(std::move(inputs), std::move(targets), std::move(class_names))) {}

Dataset::Dataset(std::shared_ptr<const Source> source) : source_(std::move(source)) {
    if (source_ == nullptr) fail(ErrorKind::kInvalidArgument, "dataset: of no source");
    sample_shape_ = source_->spec().sample_shape;
    *this = normalized({});
}

Dataset Dataset::with_source(std::shared_ptr<const Source> source) const {
    if (source->spec().size != spec_of(source_).size) {
        fail(ErrorKind::kInvalidArgument, "dataset: a source of {} samples in place of one of {}",
             source->spec().size, spec_of(source_).size);
    }
    Dataset result(std::move(source));
    result.order_ = order_;
    return result;
}

std::int64_t Dataset::size() const {
    return order_ == nullptr ? spec_of(source_).size : static_cast<std::int64_t>(order_->size());
}

const Shape& Dataset::target_shape() const {
    return spec_of(source_).target_shape;
}

DType Dataset::input_dtype() const {
    return spec_of(source_).input_dtype == i32 ? i32 : f32;
}

bool Dataset::has_labels() const {
    return spec_of(source_).target_dtype == i32;
}

std::int64_t Dataset::class_count() const {
    return spec_of(source_).class_count;
}

const std::vector<std::string>& Dataset::class_names() const {
    return spec_of(source_).class_names;
}

const std::vector<Feature>& Dataset::features() const {
    return spec_of(source_).features;
}

std::string Dataset::class_name(std::int64_t label) const {
    const auto& names = class_names();
    const auto index = static_cast<std::size_t>(label);
    return label >= 0 && index < names.size() ? names[index] : std::to_string(label);
}

std::int64_t Dataset::row(std::int64_t sample) const {
    if (sample < 0 || sample >= size()) {
        fail(ErrorKind::kInvalidArgument, "dataset: sample {} does not exist, there are {}", sample,
             size());
    }
    return order_ == nullptr ? sample : (*order_)[static_cast<std::size_t>(sample)];
}

std::string Dataset::name(std::int64_t sample) const {
    const std::int64_t place = row(sample);
    return source_->name(place);
}

std::int32_t Dataset::label(std::int64_t sample) const {
    static_cast<void>(row(sample));
    if (!has_labels()) fail(ErrorKind::kInvalidArgument, "dataset: it has targets, no labels");
    if (target_shape().count() != 1) {
        fail(ErrorKind::kInvalidArgument, "dataset: a sample has labels {}, not one",
             to_string(target_shape()));
    }
    const auto position = static_cast<std::uint32_t>(sample);
    std::int32_t label = 0;
    read_labels({&position, 1}, {&label, 1});
    return label;
}

Image Dataset::picture(std::int64_t sample) const {
    const Shape& shape = sample_shape_;
    const bool has_channels = shape.rank() == 3;
    if ((!has_channels && shape.rank() != 2) || (has_channels && shape[0] != 1 && shape[0] != 3) ||
        input_dtype() != f32) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: samples {} of {} are no pictures, [1, H, W], [3, H, W] or [H, W]",
             to_string(shape), to_string(spec_of(source_).input_dtype));
    }
    const auto axis = static_cast<std::size_t>(has_channels);
    Image image{shape[axis + 1], shape[axis], has_channels ? shape[0] : 1, {}};
    const auto count = static_cast<std::size_t>(shape.count());
    const auto channels = static_cast<std::size_t>(image.channels);
    const DType dtype = spec_of(source_).input_dtype;
    const std::int64_t place = row(sample);
    const Room room(bytes_of(shape, dtype));
    const std::byte* bytes = source_->input(place, room.bytes());
    image.pixels.resize(count);
    for (std::size_t i = 0; i < count; ++i) {  // [C, H, W] to [H, W, C]
        const std::size_t from = i % channels * (count / channels) + i / channels;
        if (dtype == u8) {
            image.pixels[i] = std::to_integer<std::uint8_t>(bytes[from]);
        } else {
            const float value = reinterpret_cast<const float*>(bytes)[from];
            image.pixels[i] = static_cast<std::uint8_t>(
                std::lround(255.0F * (value > 0 ? std::min(value, 1.0F) : 0.0F)));  // NaN is black
        }
    }
    return image;
}

void Dataset::read_inputs(std::span<const std::uint32_t> samples, std::span<float> inputs) const {
    const auto count = static_cast<std::size_t>(sample_shape_.count());
    if (input_dtype() != f32 || inputs.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: {} samples {} need room for {} values, not {}{}", samples.size(),
             to_string(sample_shape_), samples.size() * count, inputs.size(),
             input_dtype() == f32 ? "" : ", and are tokens");
    }
    const std::size_t channels = std::max<std::size_t>(1, normalization_.mean.size());
    const std::size_t inner = count / channels;
    const DType dtype = spec_of(source_).input_dtype;
    const Room kept(bytes_of(sample_shape_, dtype));
    const std::span<std::byte> room = kept.bytes();
    float* out = inputs.data();
    for (const std::uint32_t sample : samples) {
        const std::int64_t place = row(sample);
        const std::byte* bytes = source_->input(place, room);
        if (dtype == u8) {
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

void Dataset::read_tokens(std::span<const std::uint32_t> samples,
                          std::span<std::int32_t> tokens) const {
    const auto count = static_cast<std::size_t>(sample_shape_.count());
    if (input_dtype() != i32 || tokens.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: {} samples {} need room for {} tokens, not {}{}", samples.size(),
             to_string(sample_shape_), samples.size() * count, tokens.size(),
             input_dtype() == i32 ? "" : ", and are no tokens");
    }
    const Room kept(bytes_of(sample_shape_, i32));
    const std::span<std::byte> room = kept.bytes();
    std::int32_t* out = tokens.data();
    for (const std::uint32_t sample : samples) {
        const std::int64_t place = row(sample);
        std::memcpy(out, source_->input(place, room), room.size());
        out += count;
    }
}

void Dataset::read_labels(std::span<const std::uint32_t> samples,
                          std::span<std::int32_t> labels) const {
    const auto count = static_cast<std::size_t>(target_shape().count());
    if (!has_labels() || labels.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument, "dataset: room for {} labels of {} samples{}",
             labels.size(), samples.size(), has_labels() ? "" : ", but it has no labels");
    }
    const Room kept(bytes_of(target_shape(), i32));
    const std::span<std::byte> room = kept.bytes();
    std::int32_t* out = labels.data();
    for (const std::uint32_t sample : samples) {
        const std::int64_t place = row(sample);
        std::memcpy(out, source_->target(place, room), room.size());
        for (std::size_t i = 0; i < count; ++i, ++out) {
            if (*out < 0 || *out >= class_count()) {
                fail(ErrorKind::kData, "dataset: the label of sample {} is {}, outside 0 to {}",
                     source_->name(place), *out, class_count() - 1);
            }
        }
    }
}

void Dataset::read_targets(std::span<const std::uint32_t> samples, std::span<float> targets) const {
    const auto count = static_cast<std::size_t>(target_shape().count());
    if (source_ == nullptr || has_labels() || targets.size() != samples.size() * count) {
        fail(ErrorKind::kInvalidArgument, "dataset: room for {} values of {} targets {}{}",
             targets.size(), samples.size(), to_string(target_shape()),
             has_labels() ? ", but it has labels" : "");
    }
    const Room kept(bytes_of(target_shape(), f32));
    const std::span<std::byte> room = kept.bytes();
    float* out = targets.data();
    for (const std::uint32_t sample : samples) {
        const std::int64_t place = row(sample);
        std::memcpy(out, source_->target(place, room), room.size());
        out += count;
    }
}

}  // namespace ingot::data
