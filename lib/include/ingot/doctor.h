// SPDX-License-Identifier: MIT
// What is wrong with this net, or with its data? Doctor measures on a device what diagnosis.h
// judges: the first batch and the first loss, whether one sample and one batch can be learnt by
// heart, gradients against differences of the loss, the norms of layers and updates, the curves of
// a short training, labels that look wrong.
//
//     ingot::doctor::Doctor doctor{device, net, ingot::losses::cross_entropy(),
//                                  ingot::optim::AdamW{{.lr = 1e-3}}};
//     std::puts(to_text(doctor.examine(train, {.epochs = 5, .validation = validation})).c_str());
//
// Nothing of it stays: weights, running statistics, the optimizer's state and the generators of
// dropout are afterwards what they were before, whether a check ends well or throws. (Dropouts that
// are written after it draw other numbers than without it, as after any forward().)
#pragma once

#include <ingot/callbacks.h>
#include <ingot/data.h>
#include <ingot/device.h>
#include <ingot/diagnosis.h>
#include <ingot/export.h>
#include <ingot/losses.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace ingot::doctor {

struct Options {
    std::int64_t batch_size = 64;       // of the batches that are looked at, and of training
    std::int64_t overfit_samples = 32;  // of the batch to be learnt by heart
    std::int64_t overfit_steps = 1000;  // at most, for one sample and for one batch; 0: not tried
    // Parameters whose gradients are checked, at most, evenly spread over the model; 0: none.
    std::int64_t gradient_parameters = 32;
    std::int64_t steps = 50;     // of training until the size of an update is measured; at least 1
    std::int64_t epochs = 0;     // of training for its curves and for labels; 0: neither
    data::Dataset validation{};  // for the curves; empty: only the training loss is read
    // Labels are judged by nets trained on the other folds, so none has learnt by heart what it
    // judges. 0: by the net that was trained on all of them, in the same time.
    std::int64_t folds = 0;
    // Growing shares of the training samples, 0 to 1, {0.1, 0.3, 1} say: each is trained with for
    // as many steps as `epochs` are, and validated. Empty: not done.
    std::vector<double> shares{};
    std::uint64_t seed = 0;  // of batches, directions and folds
    // Told what is begun: "one batch", "labels" ... Empty: nobody.
    std::function<void(std::string_view)> progress{};
};

class INGOT_API Doctor {
public:
    // Shares the net's weights and the optimizer's state with the caller.
    Doctor(const Device& device, nn::Module net, losses::Loss loss, optim::Optimizer optimizer);
    ~Doctor();
    Doctor(Doctor&&) noexcept;
    Doctor& operator=(Doctor&&) noexcept;

    // All of the following that the options ask for, judged. What the device finds wrong with the
    // data (a label out of range) is thrown, as training would.
    Diagnosis examine(const data::Dataset& train, const Options& options = {});

    // Of a net that has been trained: its history's curves, its layers and weights as they are now,
    // and which labels of the samples look wrong to it. `held_out`: it was not trained on these.
    Diagnosis examine_trained(const data::Dataset& samples, const train::History& history,
                              const Options& options = {}, bool held_out = false);

    BatchFacts batch(const data::Dataset& train, const Options& options = {});
    OutputFacts outputs(const data::Dataset& train, const Options& options = {});
    FirstLoss first_loss(const data::Dataset& train, const Options& options = {});
    // Of as many samples. A net that cannot normalise a batch of one gets the sample twice.
    Overfit overfit(const data::Dataset& train, std::int64_t samples, const Options& options = {});
    std::vector<GradientProbe> gradients(const data::Dataset& train, const Options& options = {});
    // Of one batch, before training.
    std::vector<LayerNorms> layers(const data::Dataset& train, const Options& options = {});
    // Of `steps` steps.
    struct Steps {
        std::vector<float> losses;
        std::vector<ParameterNorms> parameters;  // the updates are the last step's
        std::vector<LayerNorms> layers;          // afterwards
    };
    Steps steps(const data::Dataset& train, const Options& options = {});
    // `epochs` of training; with labels, and unless `folds` says otherwise, these are judged by it.
    struct Training {
        train::History history;
        LabelReview labels;
    };
    Training training(const data::Dataset& train, const Options& options = {});
    // As they look to the net as it is.
    LabelReview labels(const data::Dataset& samples, bool held_out = false);
    std::vector<LearningPoint> learning_curve(const data::Dataset& train,
                                              const Options& options = {});

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

struct CheckupOptions {
    std::int64_t batch_size = 64;  // of the batch whose norms are measured
    std::int64_t every = 1;        // epochs between two looks
    Verdict stop_at =
        Verdict::kHealthy;   // ends training at a finding as bad as that; kHealthy: never
    std::uint64_t seed = 0;  // of the batch
    // Told of each finding above a note, once. Empty: the log is, as a warning.
    std::function<void(const Finding&)> found{};
};

// As a callback: after epochs the norms of the layers and the curves so far are judged.
//
//     auto checkup = std::make_shared<doctor::Checkup>(device, loss, train);
//     trainer.fit(train, {.epochs = 20, .callbacks = {checkup}});
//     std::puts(to_text(checkup->diagnosis()).c_str());
class INGOT_API Checkup : public train::Callback {
public:
    Checkup(const Device& device, losses::Loss loss, data::Dataset samples,
            CheckupOptions options = {});
    ~Checkup() override;
    Checkup(Checkup&&) noexcept;
    void on_epoch(train::FitState& fit) override;
    void on_end(train::FitState& fit) override;

    const Diagnosis& diagnosis() const;  // as of the last look; whole after the end

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ingot::doctor
