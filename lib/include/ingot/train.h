// SPDX-License-Identifier: MIT
// Trainer: compiles the programs that training a model takes (the training step, the short last
// batch, evaluation) and runs them. All share the parameters. Losses and hits are kept on the
// device and fetched a few times a second, so that no step waits for the host.
//
//     ingot::train::Trainer trainer{device, net, ingot::losses::cross_entropy(),
//                                   ingot::optim::AdamW{{.lr = 1e-3}}};
//     auto history = trainer.fit(train, {.epochs = 5, .batch_size = 64, .validation = validation});
#pragma once

#include <ingot/callbacks.h>
#include <ingot/data.h>
#include <ingot/device.h>
#include <ingot/export.h>
#include <ingot/history.h>
#include <ingot/learning_rate_finder.h>
#include <ingot/losses.h>
#include <ingot/metrics.h>
#include <ingot/nn.h>
#include <ingot/optim.h>
#include <ingot/schedules.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ingot::train {

struct CheckpointOptions {
    std::filesystem::path path{};  // empty: none are written
    std::int64_t every_steps = 0;  // besides the end of each epoch and of the run; 0: not
    double every_s = 60;           // likewise, by the clock; 0: not
    // For PATH.EXT: the latest is PATH.EXT, those before it are PATH.1.EXT, PATH.2.EXT ...; the
    // best after an epoch PATH.best.EXT, PATH.best.1.EXT ...
    std::int64_t keep = 2;       // of the latest, at least 1
    std::int64_t keep_best = 0;  // by `watch`, as EarlyStopping does
    std::string watch = "loss";
};

struct FitOptions {
    std::int64_t epochs = 1;  // in all: a resumed run does what is left of them
    std::int64_t batch_size = 64;
    data::Dataset validation{};  // evaluated after each epoch; empty: none
    // Measured for each epoch, of training (those that count classes, as it goes on) and
    // validation.
    std::vector<metrics::Metric> metrics{};
    std::vector<AnyCallback> callbacks{};
    optim::Schedule schedule{};  // of the learning rates, by updates; empty: they stay as they are
    bool schedule_by_epoch = false;  // by epochs instead
    std::uint64_t seed = 0;          // of the order of the samples and of augmentation
    bool shuffle = true;
    // Of an epoch, where the batch size does not divide the samples. With kPad the loss, its
    // gradient and the metrics leave out what fills up; the statistics of batch norm do not.
    data::LastBatch last_batch = data::LastBatch::kShorter;
    // As in data::BatchOptions; of the training samples alone.
    augment::Transform augment{};
    // kDevice: as part of the step, from what is drawn on the host; the same pictures but for
    // rounding, and the same bits with any number of threads and from wherever a run resumes. For
    // transforms of which a device can carry out all (augment::plan_of names the others), and not
    // together with `mix`. A change of the normalisation compiles the step anew.
    augment::Place augment_on = augment::Place::kHost;
    augment::Mix mix{};             // labels become probabilities: for losses::cross_entropy
    std::vector<double> weights{};  // of the samples: see data::balanced_weights
    // As many as prepare batches in the background, 0 to 256; the batches are the same. -1: where
    // there is augmentation or a mixture, as many as processors but one, 1 to 8; else none, as
    // gathering a batch while the device works on the one before takes less than a thread does.
    int threads = -1;

    // A full disk does not end training: it is logged, told to the callbacks, and tried again at
    // the next point. fit() throws kFile at its end if the last attempt failed.
    CheckpointOptions checkpoint{};
    // Continue from checkpoint.path when that file is there: same weights, optimizer state, random
    // streams and samples, so the same bits as a run that was never interrupted. Throws
    // kInvalidArgument when model, optimizer, data or batches are not those of the checkpoint, and
    // kFile when it is damaged (its bytes have a checksum), naming the one before it.
    bool resume = false;
};

struct EvaluateOptions {
    std::int64_t batch_size = 256;
    std::vector<metrics::Metric> metrics{};
    // The data goes through what the training data went through, unless it has already; what is
    // prepared otherwise is refused. Off: it is taken as it is.
    bool prepare = true;
};

struct Evaluation {
    double loss = kNotMeasured;      // mean over the samples
    double accuracy = kNotMeasured;  // 0..1; with labels only
    std::int64_t samples = 0;
    // Standard errors: of the loss from how its means over batches differ, so not of a single
    // batch; of the accuracy as of independent samples.
    double loss_error = kNotMeasured;
    double accuracy_error = kNotMeasured;
    std::map<std::string, double> metrics{};
    metrics::ConfusionMatrix confusion{};  // where a metric needed one (the first's, if thresholds
                                           // differ); else of no classes
};

struct TrainerOptions {
    // f16 or bf16: mixed precision. Net and loss are written under an Autocast (ingot/autocast.h),
    // in training, evaluation and prediction; weights, losses and what is measured stay f32. With
    // f16, an optimizer that has no loss scaler is given one, with its defaults. Throws
    // kUnsupported for a device without 16-bit storage, where this would cost and not save.
    DType precision = f32;
};

class INGOT_API Trainer {
public:
    // Shares the net's weights and the optimizer's state with the caller. What is replaced, frozen
    // or thawed in the net takes effect at the next call. What this optimizer has updated together
    // can only go on together: once a part of it is frozen or replaced, fit() takes a new trainer.
    Trainer(const Device& device, nn::Module net, losses::Loss loss, optim::Optimizer optimizer,
            const TrainerOptions& options = {});
    ~Trainer();
    Trainer(Trainer&&) noexcept;
    Trainer& operator=(Trainer&&) noexcept;

    // What the training data went through (data::preparation_of) becomes a note of the net, so
    // io::save keeps it in the model's file; data without any goes through what the net has noted.
    // So does validation data.
    History fit(const data::Dataset& train, const FitOptions& options = {});
    // Trains for a few steps with growing rates and puts weights, running statistics, the
    // optimizer's state and rates, and dropout's counters back, to the last bit. Throws for options
    // out of range; the groups' rates keep their proportions. Waits for each step.
    LearningRateCurve find_learning_rate(const data::Dataset& train,
                                         const LearningRateFinderOptions& options = {});
    // As if it had never trained, to the last bit: weights drawn from `seed`, the optimizer as at
    // the start, no preparation noted. Programs stay compiled, but for training steps with dropout,
    // whose numbers follow the seed. Waits.
    void restart(std::uint64_t seed);
    // Of targets that were normalised: loss and metrics are of the normalised ones.
    Evaluation evaluate(const data::Dataset& data, const EvaluateOptions& options = {});
    // The net's outputs in evaluation mode: f32 [N, ...]. If there is one for each target and those
    // were normalised, back in the targets' unit.
    HostTensor predict(const data::Dataset& data, const EvaluateOptions& options = {});

    const nn::Module& net() const;
    optim::Optimizer& optimizer();
    // Of the training step for full batches, once fit() has run.
    ProgramStats step_stats() const;

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

// The weights and running statistics of a checkpoint, for a net that is not to go on training.
// Throws kFile for one that is damaged, kInvalidArgument for another net's.
INGOT_API void load_checkpoint_weights(const nn::Module& net, const std::filesystem::path& path);

}  // namespace ingot::train
