// SPDX-License-Identifier: MIT
#include "train/evaluating.h"

#include <algorithm>
#include <cmath>

namespace ingot::train {

Evaluating::Evaluating(Trainer::Impl& trainer, const data::Dataset& data,
                       const EvaluateOptions& options)
    : trainer_(trainer),
      data_(data),
      options_(options),
      measure_(Measure::of(options.metrics)),
      batches_(data, std::min(options.batch_size, std::max<std::int64_t>(data.size(), 1))) {}

Evaluation Evaluating::run() {
    trainer_.evaluate_results.forget();
    trainer_.evaluate_counts.forget();
    for (const data::Batch& batch : batches_)
        take(batch);
    fetch();

    const auto samples = static_cast<double>(data_.size());
    measured_.samples = data_.size();
    measured_.loss = loss_sum_ / samples;
    Evaluation result{.loss = measured_.loss, .samples = data_.size(), .loss_error = loss_error()};
    if (trainer_.counts_hits(SampleForm::of(data_))) {
        result.accuracy = correct_ / samples;
        result.accuracy_error = std::sqrt(result.accuracy * (1 - result.accuracy) / samples);
    }
    result.metrics = values_of(options_.metrics, measured_, confusions_, true);
    if (!measure_.thresholds.empty()) result.confusion = confusions_.at(measure_.thresholds[0]);
    return result;
}

void Evaluating::take(const data::Batch& batch) {
    StepProgram& step =
        trainer_.program(Purpose::kEvaluate, SampleForm::of(data_), batch.count, measure_);
    trainer_.run(step, batch);
    trainer_.evaluate_results.pushed();
    trainer_.evaluate_counts.ran(step.output.shape().count());
    counts_.push_back(batch.count);
    if (measure_.outputs) keep_outputs(step, batch);
    if (trainer_.evaluate_results.full() || trainer_.evaluate_counts.full()) fetch();
}

void Evaluating::fetch() {
    trainer_.wait();
    std::size_t i = 0;
    for (const Result& result : trainer_.evaluate_results.fetch()) {
        const auto count = static_cast<double>(counts_[i++]);
        loss_sum_ += static_cast<double>(result.loss) * count;
        correct_ += result.correct;
        losses_.push_back({result.loss, count});
    }
    counts_.clear();
    trainer_.evaluate_counts.fetch_into(confusions_);
}

void Evaluating::keep_outputs(StepProgram& step, const data::Batch& batch) {
    const Shape& shape = step.output.shape();
    measured_.output_shape = shape.without(0);
    const std::size_t before = measured_.outputs.size();
    measured_.outputs.resize(before + static_cast<std::size_t>(shape.count()));
    step.program.read(step.output,
                      std::as_writable_bytes(std::span(measured_.outputs).subspan(before)));
    if (by_largest(shape, step.target.dtype())) {
        measured_.labels.insert(measured_.labels.end(), batch.labels.begin(), batch.labels.end());
    } else if (step.target.dtype() == i32) {
        measured_.targets.insert(measured_.targets.end(), batch.labels.begin(), batch.labels.end());
    } else {
        measured_.targets.insert(measured_.targets.end(), batch.targets.begin(),
                                 batch.targets.end());
    }
}

// Of the weighted mean over batches, from how they lie around it.
double Evaluating::loss_error() const {
    if (losses_.size() < 2) return kNotMeasured;
    double samples = 0, squares = 0;
    for (const BatchLoss& batch : losses_) {
        const double d = batch.samples * (batch.loss - measured_.loss);
        squares += d * d;
        samples += batch.samples;
    }
    const auto n = static_cast<double>(losses_.size());
    return std::sqrt(squares * n / (n - 1)) / samples;
}

}  // namespace ingot::train
