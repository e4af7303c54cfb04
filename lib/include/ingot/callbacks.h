// SPDX-License-Identifier: MIT
// Callbacks watch a training run and may end it. Each is a small type of its own; write one by
// deriving from Callback.
#pragma once

#include <ingot/export.h>
#include <ingot/history.h>
#include <ingot/host_tensor.h>
#include <ingot/metrics.h>
#include <ingot/nn/module.h>
#include <ingot/optim.h>
#include <ingot/schedules.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot {
class Device;
class Program;
}  // namespace ingot

namespace ingot::train {

struct FitOptions;

// The run as a callback sees it.
struct FitState {
    const History& history;
    const nn::Module& net;
    optim::Optimizer& optimizer;
    std::int64_t epochs = 0;  // in all
    std::int64_t epoch = 0;   // now, from 0
    std::int64_t steps_per_epoch = 0;
    std::int64_t step = 0;                       // steps of this epoch whose losses are known
    std::int64_t steps_before = 0;               // of them, done before this run was resumed
    double loss = kNotMeasured;                  // mean of this epoch so far
    double accuracy = kNotMeasured;              // likewise
    double samples_per_s = 0;                    // of this epoch so far
    double epoch_time_s = 0;                     // of this epoch so far, since a resume
    double data_s = 0;                           // of it, until the batches were there
    std::span<const metrics::Metric> metrics{};  // FitOptions::metrics
    const Device* device = nullptr;
    Program* program = nullptr;           // the training step for full batches, to look at
    const FitOptions* options = nullptr;  // of this call
    TensorSpec input{};                   // of that step: [B, sample...]

    // Ends training after the step that is running; the reason goes to History::stopped.
    void stop(std::string reason) {
        if (stopped.empty()) stopped = std::move(reason);
    }
    std::string stopped;
};

// Weights, and the gradients of the loss of one batch, before the step that trains on it. Of the
// trainable parameters that the loss depends on, under their names.
struct Probe {
    std::int64_t step = 0;  // of the run, from 0
    double loss = kNotMeasured;
    std::vector<HostTensor> weights{};
    std::vector<HostTensor> gradients{};  // in the same order
};

// What a callback wants to find again after a resume.
struct Notes {
    std::map<std::string, std::string> values;
    std::vector<HostTensor> tensors;
};

class INGOT_API Callback {
public:
    virtual ~Callback() = default;
    virtual void on_begin(FitState&) {}
    // A few times a second, and at the end of each epoch: the losses of some more steps are known.
    virtual void on_steps(FitState&) {}
    virtual void on_epoch(FitState&) {}  // history.epochs has grown
    // Asked before each step (of the run, from 0): whether on_probe() is to be called. Probing
    // waits for the device and computes the gradient once more; it changes no bit of the outcome.
    virtual bool wants_probe(const FitState&, std::int64_t /*step*/) { return false; }
    virtual void on_probe(FitState&, const Probe&) {}
    virtual void on_warning(FitState&, const std::string&) {}
    virtual void on_end(FitState&) {}
    virtual Notes save() const { return {}; }
    virtual void load(const Notes&) {}
};

// Any callback by value; copies share it.
class AnyCallback {
public:
    template <std::derived_from<Callback> T>
    AnyCallback(T callback)  // NOLINT: .callbacks = {EarlyStopping{{.patience = 2}}}
        : callback_(std::make_shared<T>(std::move(callback))) {}
    AnyCallback(std::shared_ptr<Callback> callback) : callback_(std::move(callback)) {}  // NOLINT

    Callback* operator->() const { return callback_.get(); }

private:
    std::shared_ptr<Callback> callback_;
};

class EpochTable;

struct ProgressOptions {
    std::FILE* to = stderr;
    std::string samples = "samples";  // what to call them: "images", say
    bool warnings = true;             // false: who reads the log shows them
    // Characters of a line; 0: `to` is no terminal. Empty: what the terminal says.
    std::optional<int> width{};
};

// One line an epoch, or two a second when epochs are shorter. On a terminal they are a table, of as
// many columns as fit in, below which a bar, loss, accuracy, speed and time left are shown while an
// epoch runs; elsewhere plain lines, also every ten seconds.
class INGOT_API Progress : public Callback {
public:
    explicit Progress(ProgressOptions options = {});
    void on_begin(FitState& fit) override;
    void on_steps(FitState& fit) override;
    void on_epoch(FitState& fit) override;
    void on_warning(FitState& fit, const std::string& warning) override;
    void on_end(FitState& fit) override;

private:
    int width() const;
    void clear_line();

    ProgressOptions options_;
    std::shared_ptr<EpochTable> table_;  // from the first epoch on
    bool line_open_ = false;
    double last_line_s_ = 0;  // in the time of the epoch
    std::chrono::steady_clock::time_point last_epoch_line_;
};

struct EarlyStoppingOptions {
    std::int64_t patience = 3;   // epochs without improvement before training ends; at least 1
    double min_change = 0;       // of the watched value, to count as an improvement
    std::string watch = "loss";  // "accuracy", or the name of a metric of the run; of validation,
                                 // or of training where that was not measured
    bool restore_best = true;    // the weights of the best epoch are put back at the end
};

class INGOT_API EarlyStopping : public Callback {
public:
    explicit EarlyStopping(EarlyStoppingOptions options = {});
    void on_begin(FitState& fit) override;
    void on_epoch(FitState& fit) override;
    void on_end(FitState& fit) override;
    Notes save() const override;
    void load(const Notes& notes) override;

    std::int64_t best_epoch() const { return best_epoch_; }  // from 0; -1 before the first

private:
    void stop_when_due(FitState& fit) const;

    EarlyStoppingOptions options_;
    std::optional<double> best_;
    std::int64_t best_epoch_ = -1;
    std::int64_t epochs_without_ = 0;
    std::vector<HostTensor> best_weights_;
};

// optim::ReduceLrOnPlateau, looking once an epoch at what `watch` names, as EarlyStopping does.
// Empty: the loss, or the accuracy with `maximize`.
class INGOT_API ReduceLrOnPlateau : public Callback {
public:
    explicit ReduceLrOnPlateau(const optim::ReduceLrOnPlateauOptions& options = {},
                               std::string watch = {});
    void on_begin(FitState& fit) override;
    void on_epoch(FitState& fit) override;
    Notes save() const override;
    void load(const Notes& notes) override;

private:
    optim::ReduceLrOnPlateauOptions options_;
    std::string watch_;
    optim::ReduceLrOnPlateau plateau_;
};

// Ends training when this much time has passed since fit() began, validation and all.
class INGOT_API TimeLimit : public Callback {
public:
    explicit TimeLimit(double seconds);  // above 0
    void on_begin(FitState& fit) override;
    void on_steps(FitState& fit) override;
    void on_epoch(FitState& fit) override { on_steps(fit); }

private:
    double seconds_;
    std::chrono::steady_clock::time_point begin_;
};

// Ends training when the loss of a step is infinite or no number, and says which step it was.
class INGOT_API StopOnNonFinite : public Callback {
public:
    void on_begin(FitState& fit) override;
    void on_steps(FitState& fit) override;

private:
    std::size_t looked_at_ = 0;  // of the history's step losses
};

// Ends training when Ctrl-C is pressed: the steps that are running end, the checkpoint is written,
// fit() returns. Ctrl-C a second time ends the process. The signal's former handler is back when
// fit() has returned; at most one fit() at a time may have this callback.
class INGOT_API StopOnInterrupt : public Callback {
public:
    void on_begin(FitState& fit) override;
    void on_steps(FitState& fit) override;
    void on_end(FitState& fit) override;

private:
    void (*former_)(int) = nullptr;
};

// The history as to_csv() gives it, written anew after every epoch. A file that cannot be written
// is a warning in the log.
class INGOT_API CsvLog : public Callback {
public:
    explicit CsvLog(std::filesystem::path path);
    void on_epoch(FitState& fit) override;

private:
    std::filesystem::path path_;
};

// A function as a callback: `.callbacks = {OnEpoch{[](FitState& fit) { ... }}}`.
class OnEpoch : public Callback {
public:
    explicit OnEpoch(std::function<void(FitState&)> call) : call_(std::move(call)) {}
    void on_epoch(FitState& fit) override { call_(fit); }

private:
    std::function<void(FitState&)> call_;
};

class OnSteps : public Callback {
public:
    explicit OnSteps(std::function<void(FitState&)> call) : call_(std::move(call)) {}
    void on_steps(FitState& fit) override { call_(fit); }

private:
    std::function<void(FitState&)> call_;
};

}  // namespace ingot::train
