// SPDX-License-Identifier: MIT
// Samples in host memory. A Dataset is a view: an order of samples over storage that is never
// changed and shared by all views, so copies, splits and subsets cost no data. Inputs are stored as
// f32 or u8 and always delivered as f32; u8 is divided by 255 on the way.
#pragma once

#include <ingot/error.h>
#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/image.h>
#include <ingot/shape.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot::data {

struct SplitOptions {
    bool stratify = false;   // both parts get each class in the same proportion; labels only
    std::uint64_t seed = 0;  // which samples go where; equal seeds give equal parts everywhere
};

// Delivered value = (value - mean) / deviation, one pair per channel (axis 0 of a sample with two
// or more axes) or per feature (samples of rank 0 or 1).
struct Normalization {
    std::vector<float> mean;
    std::vector<float> deviation;  // never 0: a constant channel is given 1

    bool operator==(const Normalization&) const = default;
};

class INGOT_API Dataset {
public:
    Dataset() = default;  // no samples

    // inputs: f32 or u8 [N, sample...]. targets: i32 [N], class labels from 0, or f32
    // [N, target...]. Class names may be missing; when given, each label must have one. Throws
    // kData naming the sample at fault when counts differ or a label is out of range.
    Dataset(HostTensor inputs, HostTensor targets, std::vector<std::string> class_names = {});

    std::int64_t size() const;
    bool empty() const { return size() == 0; }
    const Shape& sample_shape() const { return sample_shape_; }  // without the batch axis
    const Shape& target_shape() const;                           // [] for labels

    bool has_labels() const;           // labels, not f32 targets
    std::int64_t class_count() const;  // of names, else the highest label of the storage + 1
    const std::vector<std::string>& class_names() const;
    std::string class_name(std::int64_t label) const;  // its number when it has no name
    std::vector<std::int64_t> class_sizes() const;     // samples of each class in this view

    std::int32_t label(std::int64_t sample) const;
    Image picture(std::int64_t sample) const;  // of [1 or 3, H, W] or [H, W], without normalisation

    // Two disjoint views that together are this one: round(fraction * size()) samples and the rest,
    // both in this view's order. Throws when a part would be empty.
    std::pair<Dataset, Dataset> split(double fraction, const SplitOptions& options = {}) const;
    Dataset subset(std::span<const std::int64_t> samples) const;  // positions in this view
    Dataset take(std::int64_t count) const;  // the first `count`, or all when there are fewer

    Dataset reshaped(const Shape& sample_shape) const;  // same count of elements per sample
    Dataset flattened() const { return reshaped({sample_shape_.count()}); }

    // Mean and deviation over all samples of this view: measure on the training part, apply to all.
    // Always of the values as stored (u8 / 255), so it replaces an earlier normalisation.
    Normalization measure() const;
    Dataset normalized(const Normalization& normalization) const;
    const Normalization& normalization() const {
        return normalization_;
    }  // empty when there is none

    // Gathers samples by position in this view. Sizes: inputs samples * sample_shape().count(),
    // labels one per sample, targets samples * target_shape().count().
    void read_inputs(std::span<const std::uint32_t> samples, std::span<float> inputs) const;
    void read_labels(std::span<const std::uint32_t> samples, std::span<std::int32_t> labels) const;
    void read_targets(std::span<const std::uint32_t> samples, std::span<float> targets) const;

private:
    struct Storage;
    using Order = std::vector<std::uint32_t>;

    Dataset with_order(Order order) const;
    std::size_t row(std::int64_t sample) const;  // of the storage; throws when out of range

    std::shared_ptr<const Storage> storage_;
    std::shared_ptr<const Order> order_;  // null: all samples as stored
    Shape sample_shape_;
    Normalization normalization_;
    std::shared_ptr<const std::vector<float>> byte_values_;  // [channels, 256], for u8 storage
};

}  // namespace ingot::data
