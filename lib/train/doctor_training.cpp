// SPDX-License-Identifier: MIT
// What takes a training of its own: curves, labels, and whether more data would help.
#include "train/doctor.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace ingot::doctor {

ShortTraining::ShortTraining(Patient& patient, const data::Dataset& train, const Options& options)
    : patient_(patient), train_(train), options_(options) {}

train::History ShortTraining::fit(const data::Dataset& part, const data::Dataset& validation,
                                  std::int64_t epochs) const {
    return trainer().fit(part, {.epochs = epochs,
                                .batch_size = std::min(options_.batch_size, part.size()),
                                .validation = validation,
                                .seed = options_.seed});
}

train::Trainer ShortTraining::trainer() const {
    return {patient_.device, patient_.net, patient_.loss, patient_.optimizer};
}

// The outputs for these samples, placed as they lie in the whole.
void ShortTraining::judge(const data::Dataset& part, std::span<const std::int64_t> places,
                          HostTensor& outputs) const {
    const HostTensor some = trainer().predict(part);
    if (outputs.data.empty()) {
        outputs = HostTensor::zeros("outputs", some.shape.with(0, train_.size()));
    }
    const std::size_t row = some.data.size() / static_cast<std::size_t>(part.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        std::memcpy(outputs.data.data() + static_cast<std::size_t>(places[i]) * row,
                    some.data.data() + i * row, row);
    }
}

LabelReview ShortTraining::review(const HostTensor& outputs, bool held_out) const {
    std::vector<std::int32_t> labels;
    for (std::int64_t i = 0; i < train_.size(); ++i)
        labels.push_back(train_.label(i));
    LabelReview review{.samples = train_.size(),
                       .held_out = held_out,
                       .suspects = suspect_labels(outputs, labels),
                       .class_names = train_.class_names()};
    const Shape& shape = train_.sample_shape();
    const bool is_picture =
        train_.input_dtype() == f32 &&
        (shape.rank() == 2 || (shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3)));
    constexpr std::size_t kPictures = 48;
    for (std::size_t i = 0; i < review.suspects.size(); ++i) {
        SuspectLabel& suspect = review.suspects[i];
        suspect.name = train_.name(suspect.sample);
        if (is_picture && i < kPictures && train_.normalization().mean.empty())
            suspect.picture = train_.picture(suspect.sample);
    }
    return review;
}

// Each sample by a net that was trained on the others.
LabelReview ShortTraining::review_by_folds() const {
    std::vector<std::vector<std::int64_t>> inside(static_cast<std::size_t>(options_.folds));
    // In turns within each class, so that every fold has all of them.
    std::vector<std::size_t> turn(static_cast<std::size_t>(train_.class_count()), 0);
    for (std::int64_t i = 0; i < train_.size(); ++i) {
        std::size_t& next = turn[static_cast<std::size_t>(train_.label(i))];
        inside[next++ % inside.size()].push_back(i);
    }
    HostTensor outputs;
    for (std::size_t fold = 0; fold < inside.size(); ++fold) {
        std::vector<std::int64_t> others;
        for (std::size_t other = 0; other < inside.size(); ++other) {
            if (other == fold) continue;
            others.insert(others.end(), inside[other].begin(), inside[other].end());
        }
        std::sort(others.begin(), others.end());
        const Snapshot snapshot(patient_);
        fit(train_.subset(others), {}, options_.epochs);
        judge(train_.subset(inside[fold]), inside[fold], outputs);
    }
    return review(outputs, true);
}

LabelReview ShortTraining::review_as_it_is(bool held_out) const {
    std::vector<std::int64_t> places(static_cast<std::size_t>(train_.size()));
    std::iota(places.begin(), places.end(), std::int64_t{0});
    HostTensor outputs;
    judge(train_, places, outputs);
    return review(outputs, held_out);
}

bool ShortTraining::has_labels_to_review() const {
    const bool by_class = patient_.loss.name == "cross_entropy" || patient_.loss.name == "nll";
    return by_class && train_.has_labels() && train_.target_shape().rank() == 0;
}

Doctor::Training ShortTraining::run() const {
    Doctor::Training result;
    {
        const Snapshot snapshot(patient_);
        result.history = fit(train_, options_.validation, options_.epochs);
        if (has_labels_to_review() && options_.folds == 0) result.labels = review_as_it_is(false);
    }
    if (has_labels_to_review() && options_.folds > 0) result.labels = review_by_folds();
    return result;
}

std::vector<LearningPoint> ShortTraining::learning_curve() const {
    std::vector<LearningPoint> points;
    for (const double share : options_.shares) {
        const auto count =
            static_cast<std::int64_t>(std::llround(share * static_cast<double>(train_.size())));
        if (!(share > 0 && share <= 1) || count < 1) {
            fail(ErrorKind::kInvalidArgument,
                 "doctor: a share of {} of {} training samples; shares are above 0 and at most 1",
                 share, train_.size());
        }
        const data::Dataset part = train_.has_labels() && train_.target_shape().rank() == 0
                                       ? data::representative(train_, count, options_.seed)
                                   : count == train_.size()
                                       ? train_
                                       : train_.split(share, {.seed = options_.seed}).first;
        const Snapshot snapshot(patient_);
        const auto epochs = std::llround(static_cast<double>(options_.epochs) / share);
        const train::History history = fit(part, options_.validation, epochs);
        LearningPoint point{.samples = part.size()};
        // The best epoch, as early stopping would end there.
        for (const train::EpochResult& epoch : history.epochs) {
            if (epoch.validation_loss >= point.validation_loss) continue;
            point.validation_loss = epoch.validation_loss;
            point.train_loss = epoch.train_loss;
        }
        points.push_back(point);
    }
    return points;
}

}  // namespace ingot::doctor
