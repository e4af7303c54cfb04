// SPDX-License-Identifier: MIT
// What stands behind a Trainer: its programs, each compiled when it is first needed. fit.cpp holds
// the loop over epochs.
#pragma once

#include "train/class_counts.h"
#include "train/results.h"

#include <ingot/train.h>

#include <map>
#include <string>

namespace ingot::train {

enum class Purpose { kTrain, kEvaluate, kPredict, kProbe };

struct StepProgram {
    Tensor x;       // f32 [B, sample...]
    Tensor drawn;   // f32 [B, numbers], where the device augments
    Tensor taken;   // what the net takes of these: x, or what augmentation makes of it
    Tensor target;  // i32 [B] or f32 [B, target...]; empty for kPredict
    Tensor mask;    // f32 [B], with LastBatch::kPad
    Tensor output;  // of kPredict, and where outputs are measured
    Program program;
    Tensor loss;  // of kProbe, as those below
    std::vector<Parameter> parameters{};
    std::vector<Tensor> gradients{};  // of the loss by them
    bool draws = false;               // in Mode::kTrain: dropout, if there is any, draws numbers
};

// What a program takes besides the number of samples.
struct SampleForm {
    DType dtype = f32;
    Shape sample;
    Shape target;
    bool has_labels = false;
    bool is_mixed = false;  // targets are probabilities that were labels
    bool is_padded = false;
    // Where the device augments: `sample` is then what it begins with.
    std::shared_ptr<const augment::Step> plan{};
    data::Normalization normalization{};
    std::string augmentation{};  // to_string() of the transform

    static SampleForm of(const data::Dataset& data) {
        return {data.input_dtype(), data.sample_shape(), data.target_shape(), data.has_labels()};
    }
    static SampleForm of(const data::Batches& batches) {  // after augmentation
        return {batches.dataset().input_dtype(), batches.sample_shape(), batches.target_shape(),
                batches.has_labels(), batches.dataset().has_labels() && !batches.has_labels()};
    }
};

// Layers and parameters of a net, and whether their statistics are frozen or they are trained.
using NetParts = std::vector<std::pair<std::shared_ptr<const void>, bool>>;

class Trainer::Impl {
public:
    Impl(const Device& on, nn::Module model, losses::Loss measure, optim::Optimizer mover,
         const TrainerOptions& how);

    // For batches of `count` samples.
    StepProgram& program(Purpose purpose, const SampleForm& form, std::int64_t count,
                         const Measure& measure = {});
    // Whether the hits among samples with such targets are counted.
    bool counts_hits(const SampleForm& form) const {
        return form.has_labels && (loss.of_labels || loss.of_both);
    }
    // Drops the programs when modules of the net were replaced, frozen or thawed since they were
    // compiled.
    void follow_net();
    void run(StepProgram& step, const data::Batch& batch);
    // Runs a program of kProbe; running statistics and random streams are as before afterwards.
    Probe probe(StepProgram& program, const data::Batch& batch, std::int64_t step);
    void wait();  // for all that was run; throws what the device found
    Evaluation evaluate(const data::Dataset& data, const EvaluateOptions& options);

    Device device;
    nn::Module net;
    losses::Loss loss;
    optim::Optimizer optimizer;
    DType precision;
    Results train_results{"train.results"};
    Results evaluate_results{"evaluate.results"};
    ClassCounts train_counts{"train.counts"};
    ClassCounts evaluate_counts{"evaluate.counts"};
    std::map<std::string, StepProgram> programs;
    StepProgram* full_step = nullptr;  // the latest fit's, for full batches

private:
    std::vector<StepProgram*> running_;  // since the last wait()
    NetParts net_;                       // what the programs were compiled for

    StepProgram compile(Purpose purpose, const SampleForm& form, std::int64_t count,
                        const Measure& measure);
    StepProgram compile_probe(const Tensor& x, const Tensor& draws, const Tensor& target,
                              const Tensor& mask, const Tensor& value);
};

// The values of the metrics by their names. NaN: `measured` lacks what a metric wants.
std::map<std::string, double> values_of(std::span<const metrics::Metric> metrics,
                                        metrics::Measured& measured, const Confusions& confusions,
                                        bool has_outputs);

History fit(Trainer::Impl& trainer, const data::Dataset& train, const FitOptions& options);

}  // namespace ingot::train
