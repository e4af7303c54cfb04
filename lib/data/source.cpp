// SPDX-License-Identifier: MIT
#include <ingot/source.h>

#include "core/check.h"
#include "data/memory_source.h"

#include <limits>

namespace ingot::data {
namespace {

constexpr std::int64_t kMaxClasses = std::int64_t{1} << 24;  // beyond it a label is surely no class

class MemorySource final : public Source {
public:
    MemorySource(SourceSpec spec, HostTensor inputs, HostTensor targets)
        : Source(std::move(spec)),
          inputs_(std::move(inputs)),
          targets_(std::move(targets)),
          input_bytes_(row_bytes(inputs_)),
          target_bytes_(row_bytes(targets_)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte>) const override {
        return inputs_.data.data() + static_cast<std::size_t>(row) * input_bytes_;
    }
    const std::byte* target(std::int64_t row, std::span<std::byte>) const override {
        return targets_.data.data() + static_cast<std::size_t>(row) * target_bytes_;
    }

private:
    static std::size_t row_bytes(const HostTensor& tensor) {
        return static_cast<std::size_t>(tensor.shape.without(0).count()) *
               size_bytes_of(tensor.dtype);
    }

    HostTensor inputs_;   // [N, sample...]
    HostTensor targets_;  // [N, target...]
    std::size_t input_bytes_;
    std::size_t target_bytes_;
};

// Throws when bytes and shape disagree.
void check_bytes(const HostTensor& tensor) {
    if (tensor.dtype == f32) static_cast<void>(tensor.values<float>());
    if (tensor.dtype == i32) static_cast<void>(tensor.values<std::int32_t>());
    if (tensor.dtype == u8) static_cast<void>(tensor.values<std::uint8_t>());
}

}  // namespace

Source::Source(SourceSpec spec) : spec_(std::move(spec)) {
    const auto is_one_of = [](DType dtype, std::initializer_list<DType> possible) {
        return std::find(possible.begin(), possible.end(), dtype) != possible.end();
    };
    if (!is_one_of(spec_.input_dtype, {f32, u8, i32}) ||
        !is_one_of(spec_.target_dtype, {i32, f32})) {
        fail(ErrorKind::kInvalidArgument,
             "dataset: inputs are {} and targets {}; possible are f32, u8 or i32 and i32 or f32",
             to_string(spec_.input_dtype), to_string(spec_.target_dtype));
    }
    if (spec_.size < 0 || spec_.size > std::numeric_limits<std::uint32_t>::max()) {
        fail(ErrorKind::kInvalidArgument, "dataset: {} samples, at most 2^32 - 1 are supported",
             spec_.size);
    }
    const auto names = static_cast<std::int64_t>(spec_.class_names.size());
    if (names != 0 && names != spec_.class_count) {
        fail(ErrorKind::kInvalidArgument, "dataset: {} names for {} classes", names,
             spec_.class_count);
    }
    const auto features = static_cast<std::int64_t>(spec_.features.size());
    if (features != 0 && spec_.sample_shape != Shape{features}) {
        fail(ErrorKind::kInvalidArgument, "dataset: {} features are named for samples {}", features,
             to_string(spec_.sample_shape));
    }
}

Source::~Source() = default;

std::string Source::name(std::int64_t row) const {
    return std::to_string(row);
}

std::int64_t check_labels(std::span<const std::int32_t> labels, std::size_t name_count) {
    const std::int64_t limit =
        name_count == 0 ? kMaxClasses : static_cast<std::int64_t>(name_count);
    std::int64_t count = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || labels[i] >= limit) {
            fail(ErrorKind::kData, "dataset: the label of sample {} is {}, outside 0 to {}", i,
                 labels[i], limit - 1);
        }
        count = std::max(count, std::int64_t{labels[i]} + 1);
    }
    return name_count == 0 ? count : limit;
}

std::shared_ptr<const Source> memory_source(HostTensor inputs, HostTensor targets,
                                            std::vector<std::string> class_names,
                                            std::vector<Feature> features) {
    const Shape& shape = inputs.shape;
    if (shape.rank() == 0 || targets.shape.rank() == 0 || shape[0] != targets.shape[0]) {
        fail(ErrorKind::kData, "dataset: inputs {} and targets {} need one first axis, the samples",
             to_string(shape), to_string(targets.shape));
    }
    check_bytes(inputs);
    check_bytes(targets);
    SourceSpec spec{.size = shape[0],
                    .sample_shape = shape.without(0),
                    .input_dtype = inputs.dtype,
                    .target_shape = targets.shape.without(0),
                    .target_dtype = targets.dtype,
                    .class_names = std::move(class_names),
                    .features = std::move(features)};
    if (targets.dtype == i32) {
        spec.class_count =
            check_labels(std::as_const(targets).values<std::int32_t>(), spec.class_names.size());
    } else {
        spec.class_names.clear();
    }
    return std::make_shared<MemorySource>(std::move(spec), std::move(inputs), std::move(targets));
}

namespace detail {

void refuse_sample(std::int64_t sample, const std::string& what) {
    fail(ErrorKind::kData, "dataset: sample {} {}", sample, what);
}

void put(std::int64_t sample, const Image& image, DType, std::byte* room) {
    const auto channels = static_cast<std::size_t>(image.channels);
    const auto area = static_cast<std::size_t>(image.width * image.height);
    if (image.pixels.size() != channels * area) {
        refuse_sample(sample,
                      fmt::format("is a picture of {} x {} x {} with {} values", image.height,
                                  image.width, channels, image.pixels.size()));
    }
    for (std::size_t i = 0; i < image.pixels.size(); ++i)  // [H, W, C] to [C, H, W]
        room[i % channels * area + i / channels] = static_cast<std::byte>(image.pixels[i]);
}

void put(std::int64_t, const HostTensor& tensor, DType, std::byte* room) {
    check_bytes(tensor);
    std::copy(tensor.data.begin(), tensor.data.end(), room);
}

}  // namespace detail

}  // namespace ingot::data
