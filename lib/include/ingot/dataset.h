// SPDX-License-Identifier: MIT
// Samples to learn from. A Dataset is a view: an order of samples over a source that is never
// changed and shared by all views, so copies, splits and subsets cost no data. Inputs are stored as
// f32 or u8 and delivered as f32, u8 divided by 255 on the way; or they are i32, tokens.
#pragma once

#include <ingot/error.h>
#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/image.h>
#include <ingot/shape.h>
#include <ingot/source.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot::data {

struct SplitOptions {
    bool stratify = false;   // all parts get each class in the same proportion; labels only
    std::uint64_t seed = 0;  // which samples go where; equal seeds give equal parts everywhere
};

// Delivered value = (value - mean) / deviation, one pair per channel (axis 0 of a sample with two
// or more axes) or per feature (samples of rank 0 or 1).
struct Normalization {
    std::vector<float> mean;
    std::vector<float> deviation;  // never 0: a constant channel is given 1

    bool operator==(const Normalization&) const = default;
};

struct Preparation;

class INGOT_API Dataset {
public:
    Dataset() = default;  // no samples

    // In memory. inputs: f32, u8 or i32 [N, sample...]. targets: i32 [N, target...], class labels
    // from 0, or f32 [N, target...]. Class names may be missing; when given, each label must have
    // one. Throws kData naming the sample at fault when counts differ or a label is out of range.
    Dataset(HostTensor inputs, HostTensor targets, std::vector<std::string> class_names = {});

    // All samples of a source, in its order. Throws kInvalidArgument beyond 2^32 - 1 samples.
    explicit Dataset(std::shared_ptr<const Source> source);

    std::int64_t size() const;
    bool empty() const { return size() == 0; }
    const Shape& sample_shape() const { return sample_shape_; }  // without the batch axis
    const Shape& target_shape() const;                           // [] for one number a sample
    DType input_dtype() const;  // as delivered: f32, or i32 for tokens

    bool has_labels() const;           // labels, not f32 targets
    std::int64_t class_count() const;  // of names, else the highest label of the source + 1
    const std::vector<std::string>& class_names() const;
    std::string class_name(std::int64_t label) const;  // its number when it has no name
    std::vector<std::int64_t> class_sizes() const;     // samples of each class in this view
    const std::vector<Feature>& features() const;      // of samples from a table; else none

    std::int32_t label(std::int64_t sample) const;  // throws unless there is one a sample
    std::string name(std::int64_t sample) const;    // its file, say, or its number in the source
    // Of samples [1 or 3, H, W] or [H, W] that are no tokens, without normalisation.
    Image picture(std::int64_t sample) const;

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
    // What Preparation::apply made this of; null: it did not. See preparation_of.
    const std::shared_ptr<const Preparation>& preparation() const { return preparation_; }

    // Gathers samples by position in this view. Sizes: inputs and tokens samples *
    // sample_shape().count(), labels and targets samples * target_shape().count(). Several threads
    // may read at once.
    void read_inputs(std::span<const std::uint32_t> samples, std::span<float> inputs) const;
    void read_tokens(std::span<const std::uint32_t> samples, std::span<std::int32_t> tokens) const;
    void read_labels(std::span<const std::uint32_t> samples, std::span<std::int32_t> labels) const;
    void read_targets(std::span<const std::uint32_t> samples, std::span<float> targets) const;

    const std::shared_ptr<const Source>& source() const { return source_; }
    std::int64_t row(std::int64_t sample) const;  // of the source; throws when out of range
    // The same order and shape over another source of as many samples.
    Dataset with_source(std::shared_ptr<const Source> source) const;

private:
    using Order = std::vector<std::uint32_t>;

    Dataset with_order(Order order) const;

    std::shared_ptr<const Source> source_;
    std::shared_ptr<const Order> order_;  // null: all samples in the source's order
    Shape sample_shape_;
    Normalization normalization_;
    std::shared_ptr<const std::vector<float>> byte_values_;  // [channels, 256], for u8 sources
    std::shared_ptr<const Preparation> preparation_;

    friend Preparation;
};

// Any container with size() and a const operator[] whose elements are two things, the input and the
// target: a pair, a tuple or a struct of two members. The input is a number, a contiguous range of
// numbers, an Image or a HostTensor; u8 is delivered divided by 255, other integers as tokens. The
// target is an integer, a label; a floating-point number; or a range or HostTensor of either. All
// must have the shape of sample 0. Elements are asked for whenever they are read, by several
// threads at once, and once more each here, to count the classes, if labels come without names.
template <typename Container>
Dataset dataset_of(Container container, std::vector<std::string> class_names = {}) {
    return Dataset(std::make_shared<detail::ContainerSource<Container>>(std::move(container),
                                                                        std::move(class_names)));
}

}  // namespace ingot::data
