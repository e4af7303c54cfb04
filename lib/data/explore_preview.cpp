// SPDX-License-Identifier: MIT
// Some pictures of each class on their way into a network, by Batches itself.
#include "core/check.h"
#include "data/explore.h"

#include <algorithm>
#include <numeric>

namespace ingot::data {
namespace {

using Positions = std::vector<std::int64_t>;

// `count` of them, evenly spread.
Positions spread(const Positions& all, std::int64_t count) {
    Positions chosen;
    const std::int64_t size = std::ssize(all);
    for (std::int64_t i = 0; i < std::min(count, size); ++i)
        chosen.push_back(all[static_cast<std::size_t>(i * size / std::min(count, size))]);
    return chosen;
}

Positions choose(const Dataset& samples, const PreviewOptions& options) {
    if (!samples.has_labels() || samples.target_shape().count() != 1) {
        Positions all(static_cast<std::size_t>(samples.size()));
        std::iota(all.begin(), all.end(), std::int64_t{0});
        return spread(all, 4 * options.per_class);
    }
    std::vector<Positions> classes(
        static_cast<std::size_t>(std::min(options.classes, samples.class_count())));
    for (std::int64_t i = 0; i < samples.size(); ++i) {
        const auto label = static_cast<std::size_t>(samples.label(i));
        if (label < classes.size()) classes[label].push_back(i);
    }
    Positions chosen;
    for (const Positions& one : classes) {
        const Positions some = spread(one, options.per_class);
        chosen.insert(chosen.end(), some.begin(), some.end());
    }
    return chosen;
}

augment::Picture picture_of(const Dataset& samples, std::int64_t sample) {
    const Shape& shape = samples.sample_shape();
    augment::Picture picture{shape[0], shape[1], shape[2], {}};
    picture.values.resize(static_cast<std::size_t>(shape.count()));
    const auto position = static_cast<std::uint32_t>(sample);
    samples.read_inputs({&position, 1}, picture.values);
    return picture;
}

}  // namespace

std::vector<Preview> preview(const Dataset& samples, const PreviewOptions& options) {
    if (samples.sample_shape().rank() != 3 || samples.input_dtype() != f32) {
        fail(ErrorKind::kInvalidArgument, "preview: samples {} are no pictures [C, H, W]",
             to_string(samples.sample_shape()));
    }
    if (options.per_class < 1 || options.classes < 1) {
        fail(ErrorKind::kInvalidArgument, "preview: {} samples of {} classes", options.per_class,
             options.classes);
    }
    const Dataset plain = samples.normalized({});
    const Dataset prepared = options.preparation ? options.preparation->apply(plain)
                                                 : Preparation::learn(plain).apply(plain);
    std::vector<Preview> previews;
    Batches batches(prepared, 1, {.seed = options.seed, .augment = options.augment});
    for (const std::int64_t sample : choose(plain, options)) {
        Preview one{.sample = sample, .stored = picture_of(plain, sample)};
        if (samples.has_labels() && samples.target_shape().count() == 1)
            one.label = samples.label(sample);
        one.augmented = options.augment
                            ? augment::applied(options.augment, one.stored, options.seed, 0, sample)
                            : one.stored;
        // In batches of one, in the order of the dataset: batch i holds sample i.
        batches.start({.epoch = 0, .batch = sample});
        const Batch& batch = *batches.next();
        const Shape& shape = batches.sample_shape();
        one.received = {shape[0], shape[1], shape[2], {batch.inputs.begin(), batch.inputs.end()}};
        previews.push_back(std::move(one));
    }
    return previews;
}

}  // namespace ingot::data
