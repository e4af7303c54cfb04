// SPDX-License-Identifier: MIT
#include "training.h"

#include "augment.h"

#include "core/check.h"

namespace ingot::cli {
namespace {

constexpr std::int64_t kManySamples = 10'000;
constexpr std::int64_t kEpochsOfMany = 10;
constexpr std::int64_t kEpochsOfFew = 100;

// Of the training part alone, so pictures must keep their shape for the net to take the others.
Augmentation checked_augmentation(const TrainSettings& s, const Shape& shape) {
    Augmentation wanted = augmentation_of(s.augment, shape);
    if (!wanted.transform) return wanted;
    const Shape after = augment::shape_after(wanted.transform, shape);
    if (after != shape) {
        fail(ErrorKind::kInvalidArgument,
             "--augment: makes {} of pictures {}, and those to validate and test stay as they "
             "are; resize:size={}x{} behind it makes them equal",
             to_string(after), to_string(shape), shape[1], shape[2]);
    }
    return wanted;
}

}  // namespace

TrainingData training_data(TrainSettings& s) {
    s.split_seed = s.seed;
    TrainingData result{.all = load_data(s)};
    result.training = result.all.samples.train;
    if (s.validation > 0) {
        std::tie(result.training, result.validation) = result.training.split(
            1 - s.validation, {.stratify = result.training.has_labels(), .seed = s.seed});
    }
    if (const auto learnt = learn_preparation(result.all, result.training, s)) {
        result.training = learnt->apply(result.training);
    }
    return result;
}

DType precision_of(const TrainSettings& s) {
    return s.precision == "f16" ? f16 : s.precision == "bf16" ? bf16 : f32;
}

std::int64_t epochs_of(const TrainSettings& s, const data::Dataset& training) {
    return s.epochs.value_or(training.size() >= kManySamples ? kEpochsOfMany : kEpochsOfFew);
}

train::FitOptions fit_options(const TrainSettings& s, const data::Dataset& training) {
    const Augmentation augmentation = checked_augmentation(s, training.sample_shape());
    train::FitOptions options{
        .epochs = epochs_of(s, training),
        .batch_size = s.batch_size,
        .metrics = metrics_of(training),
        .seed = s.seed,
        .augment = augmentation.transform,
        .augment_on = s.augment_on == "device" ? augment::Place::kDevice : augment::Place::kHost,
        .mix = augmentation.mix};
    if (s.patience > 0) {
        options.callbacks.emplace_back(train::EarlyStopping{{.patience = s.patience}});
    }
    return options;
}

}  // namespace ingot::cli
