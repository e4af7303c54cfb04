// SPDX-License-Identifier: MIT
// The parts that Doctor's checks are made of.
#pragma once

#include "train/layer_probe.h"
#include "train/patient.h"
#include "train/preparing.h"

#include <ingot/train.h>

namespace ingot::doctor {

class Doctor::Impl {
public:
    data::Dataset prepared(const data::Dataset& given) const {
        return train::prepared_to_train(patient.net, given);
    }

    Patient patient;
};

BatchFacts facts_of(const Samples& samples);

std::vector<GradientProbe> check_gradients(Patient& patient, const data::Dataset& data,
                                           const Options& options);

// To a twentieth of the loss `expected` of an answer that does not look at the samples.
Overfit learn_by_heart(Patient& patient, const data::Dataset& data, std::int64_t samples,
                       double expected, const Options& options);

// One batch through the net as it is: weights and gradients, without an update, and the layers.
Doctor::Steps measure_as_it_is(Patient& patient, const data::Dataset& data, const Options& options);

Doctor::Steps measure_steps(Patient& patient, const data::Dataset& data, const Options& options);

// Short trainings, each undone.
class ShortTraining {
public:
    ShortTraining(Patient& patient, const data::Dataset& train, const Options& options);
    Doctor::Training run() const;
    std::vector<LearningPoint> learning_curve() const;
    // Without any: by the net as it is.
    bool has_labels_to_review() const;
    LabelReview review_as_it_is(bool held_out) const;

private:
    train::Trainer trainer() const;
    train::History fit(const data::Dataset& part, const data::Dataset& validation,
                       std::int64_t epochs) const;
    void judge(const data::Dataset& part, std::span<const std::int64_t> places,
               HostTensor& outputs) const;
    LabelReview review(const HostTensor& outputs, bool held_out) const;
    LabelReview review_by_folds() const;

    Patient& patient_;
    const data::Dataset& train_;
    const Options& options_;
};

}  // namespace ingot::doctor
