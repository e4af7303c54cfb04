// SPDX-License-Identifier: MIT
// The loop over epochs and batches. The host only feeds batches and submits; a few times a second
// it fetches the results of the steps that have run. When it does that changes no bit of the
// outcome.
#include "train/fit.h"

#include "core/check.h"
#include "core/log.h"
#include "train/watched.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace ingot::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kFetchEvery_s = 0.2;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

class Fit {
public:
    Fit(Trainer::Impl& trainer, const data::Dataset& train, const FitOptions& options)
        : trainer_(trainer),
          options_(options),
          measure_(Measure::of(options.metrics)),
          batches_(train, options.batch_size,
                   {.shuffle = options.shuffle,
                    .seed = options.seed,
                    .last = options.last_batch,
                    .threads = threads_of(options),
                    .weights = options.weights,
                    .augment = options.augment,
                    .augment_on = options.augment_on,
                    .mix = options.mix}),
          form_(form_of(batches_, options)),
          identity_(identity_of(trainer, train, options)),
          view_{.history = state_.history,
                .net = trainer.net,
                .optimizer = trainer.optimizer,
                .metrics = options.metrics,
                .device = &trainer.device,
                .options = &options} {}

    History run() {
        check_options();
        measure_.outputs = false;                         // not while training
        if (form_.is_mixed) measure_.thresholds.clear();  // no labels to compare with
        trainer_.train_results.forget();
        compile();
        trainer_.train_counts.forget();
        if (trainer_.full_step != nullptr) {
            view_.program = &trainer_.full_step->program;
            view_.input = trainer_.full_step->taken.spec();
        }
        resume();
        state_.history.stopped.clear();
        view_.epochs = options_.epochs;
        view_.steps_per_epoch = batches_.batches_per_epoch();
        begin_epoch();
        last_save_ = Clock::now();
        each([&](const AnyCallback& callback) { callback->on_begin(view_); });
        while (batches_.cursor().epoch < options_.epochs && view_.stopped.empty())
            run_epoch();
        fetch();
        state_.history.stopped = view_.stopped;
        save();
        each([&](const AnyCallback& callback) { callback->on_end(view_); });
        if (!save_error_.empty()) {
            fail(ErrorKind::kFile, "the last checkpoint was not written: {}", save_error_);
        }
        return std::move(state_.history);
    }

private:
    static int threads_of(const FitOptions& options) {
        if (options.threads != -1) return options.threads;
        const bool on_device = options.augment_on == augment::Place::kDevice;
        if ((!options.augment || on_device) && !options.mix) return 0;
        return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) - 1, 1, 8);
    }

    static SampleForm form_of(const data::Batches& batches, const FitOptions& options) {
        SampleForm form = SampleForm::of(batches);
        form.is_padded = options.last_batch == data::LastBatch::kPad &&
                         batches.dataset().size() % batches.batch_size() != 0;
        if (batches.plan() != nullptr) {
            form.plan = batches.plan();
            form.normalization = batches.dataset().normalization();
            form.augmentation = to_string(options.augment);
        }
        return form;
    }

    // Of the program that takes a batch of `count` samples.
    std::int64_t size_of(std::int64_t count) const {
        return form_.is_padded ? options_.batch_size : count;
    }

    void check_options() const {
        if (options_.epochs < 0) {
            fail(ErrorKind::kInvalidArgument, "fit: {} epochs", options_.epochs);
        }
        const CheckpointOptions& checkpoint = options_.checkpoint;
        if (checkpoint.keep < 1 || checkpoint.keep_best < 0) {
            fail(ErrorKind::kInvalidArgument,
                 "fit: of checkpoints, {} latest and {} best are kept; at least 1 and 0 are needed",
                 checkpoint.keep, checkpoint.keep_best);
        }
        if (checkpoint.keep_best > 0) expect_watchable("fit", checkpoint.watch, view_);
    }

    template <typename Action>
    void each(Action action) {
        for (const AnyCallback& callback : options_.callbacks)
            action(callback);
    }

    void resume() {
        const std::filesystem::path& path = options_.checkpoint.path;
        if (path.empty()) return;
        remove_temporaries(path);
        const std::filesystem::path from = options_.resume ? latest_checkpoint(path) : "";
        is_new_ = from.empty();
        if (is_new_) return;
        try {
            state_ = load_checkpoint(from, trainer_, identity_, options_.callbacks);
        } catch (const Error& error) {
            const std::filesystem::path before = earlier_checkpoint(path, 1);
            if (error.kind() != ErrorKind::kFile || from == before ||
                !std::filesystem::exists(before)) {
                throw;
            }
            fail(ErrorKind::kFile,
                 "cannot resume: {}; the checkpoint before it is {}: remove the damaged one to "
                 "resume from there",
                 error.what(), before.string());
        }
        batches_.start(state_.cursor);
    }

    // Every program that the run will take, so that what cannot work is said before the first step.
    void compile() {
        const std::int64_t last = batches_.last_batch_count();
        const bool has_full =
            batches_.batches_per_epoch() > 1 || size_of(last) == options_.batch_size;
        if (has_full) {
            trainer_.full_step = &program(options_.batch_size);
        }
        StepProgram& step = program(size_of(last));
        if (!has_full) trainer_.full_step = &step;
    }

    StepProgram& program(std::int64_t count) {
        return trainer_.program(Purpose::kTrain, form_, count, measure_);
    }

    void run_epoch() {
        while (const data::Batch* batch = next_batch()) {
            set_learning_rates();
            probe_if_wanted(*batch);
            StepProgram& step = program(size_of(batch->count));
            trainer_.run(step, *batch);
            trainer_.train_results.pushed();
            trainer_.train_counts.ran(step.output.shape().count());
            counts_.push_back(batch->count);
            ++steps_;
            const double waited_s = seconds_since(last_fetch_);
            if (trainer_.train_results.full() || waited_s > kFetchEvery_s ||
                !view_.stopped.empty()) {
                fetch();
                each([&](const AnyCallback& callback) { callback->on_steps(view_); });
            }
            if (trainer_.train_counts.full()) fetch_counts();
            if (save_is_due()) save();
            if (!view_.stopped.empty()) return;
        }
        end_epoch();
    }

    const data::Batch* next_batch() {
        // What neither comes from another thread nor is read again is gathered where the step
        // reads it.
        const bool is_direct = threads_of(options_) == 0 && !options_.mix && !form_.is_padded;
        const data::Cursor next = batches_.cursor();
        const std::int64_t last = batches_.batches_per_epoch() - 1;
        if (is_direct && next.batch <= last) {
            return gathered(next.batch < last ? options_.batch_size : batches_.last_batch_count());
        }
        const data::Batch* batch = nullptr;
        timed([&] { batch = batches_.next(); });
        return batch;
    }

    const data::Batch* gathered(std::int64_t count) {
        StepProgram& step = program(count);
        std::span<float> inputs, targets;
        std::span<std::int32_t> tokens, labels;
        std::span<float> draws;
        if (form_.dtype == i32) {
            tokens = step.program.input_memory<std::int32_t>(step.x);
        } else {
            inputs = step.program.input_memory<float>(step.x);
        }
        if (form_.has_labels) {
            labels = step.program.input_memory<std::int32_t>(step.target);
        } else {
            targets = step.program.input_memory<float>(step.target);
        }
        if (step.drawn) draws = step.program.input_memory<float>(step.drawn);
        timed([&] { batches_.next_into(inputs, labels, targets, tokens, draws); });
        gathered_ = {.inputs = inputs,
                     .labels = labels,
                     .targets = targets,
                     .tokens = tokens,
                     .draws = draws,
                     .count = count};
        return &gathered_;
    }

    template <typename Prepare>
    void timed(Prepare prepare) {
        const Clock::time_point begin = Clock::now();
        prepare();
        const double passed_s = seconds_since(begin);
        state_.sums.data_s += passed_s;
        data_here_s_ += passed_s;
    }

    // Of the run, from 0: the step of the batch that was taken last.
    std::int64_t step_of_run() const {
        const data::Cursor next = batches_.cursor();
        return next.epoch * batches_.batches_per_epoch() + next.batch - 1;
    }

    // For the batch that was taken last. A function of where the run is, so a resumed one goes on.
    void set_learning_rates() {
        if (!options_.schedule) return;
        const std::int64_t updates = step_of_run() / trainer_.optimizer.accumulate();
        options_.schedule.apply(trainer_.optimizer,
                                options_.schedule_by_epoch ? batches_.cursor().epoch : updates);
    }

    void probe_if_wanted(const data::Batch& batch) {
        const std::int64_t step = step_of_run();
        bool wanted = false;
        each([&](const AnyCallback& callback) {
            if (callback->wants_probe(view_, step)) wanted = true;
        });
        if (!wanted) return;
        fetch();
        StepProgram& program = trainer_.program(Purpose::kProbe, form_, size_of(batch.count));
        const Probe probe = trainer_.probe(program, batch, step);
        each([&](const AnyCallback& callback) { callback->on_probe(view_, probe); });
        last_fetch_ = Clock::now();  // looking is not training
    }

    // Takes in the results of the steps that ran since the last time; waits for them.
    void fetch() {
        trainer_.wait();
        std::size_t i = 0;
        EpochSums& sums = state_.sums;
        for (const Result& result : trainer_.train_results.fetch()) {
            const std::int64_t count = counts_[i++];
            sums.loss += static_cast<double>(result.loss) * static_cast<double>(count);
            sums.correct += result.correct;
            sums.samples += count;
            ++sums.steps;
            samples_here_ += count;
            state_.history.step_losses.push_back(result.loss);
        }
        counts_.clear();
        const double passed_s = seconds_since(last_fetch_);
        sums.time_s += passed_s;
        time_here_s_ += passed_s;
        state_.history.time_s += passed_s;
        last_fetch_ = Clock::now();

        const auto samples = static_cast<double>(sums.samples);
        view_.step = sums.steps;
        view_.loss = sums.samples > 0 ? sums.loss / samples : kNotMeasured;
        view_.accuracy =
            sums.samples > 0 && trainer_.counts_hits(form_) ? sums.correct / samples : kNotMeasured;
        view_.epoch_time_s = time_here_s_;
        view_.data_s = data_here_s_;
        view_.samples_per_s =
            time_here_s_ > 0 ? static_cast<double>(samples_here_) / time_here_s_ : 0;
    }

    void fetch_counts() {
        trainer_.wait();
        if (!measure_.thresholds.empty()) trainer_.train_counts.fetch_into(state_.sums.confusions);
    }

    // The accuracy has a place of its own.
    static void store(std::map<std::string, double> values, double& accuracy,
                      std::map<std::string, double>& metrics) {
        if (const auto node = values.extract("accuracy")) accuracy = node.mapped();
        metrics = std::move(values);
    }

    void begin_epoch() {
        view_.epoch = batches_.cursor().epoch;
        view_.step = state_.sums.steps;
        view_.steps_before = state_.sums.steps;
        samples_here_ = 0;
        time_here_s_ = 0;
        data_here_s_ = 0;
        last_fetch_ = Clock::now();
    }

    void end_epoch() {
        fetch();
        each([&](const AnyCallback& callback) { callback->on_steps(view_); });
        EpochResult result{.train_loss = view_.loss,
                           .train_accuracy = view_.accuracy,
                           .time_s = state_.sums.time_s,
                           .samples_per_s = view_.samples_per_s,
                           .data_s = state_.sums.data_s};
        fetch_counts();
        metrics::Measured measured{.samples = state_.sums.samples, .loss = view_.loss};
        store(values_of(options_.metrics, measured, state_.sums.confusions, false),
              result.train_accuracy, result.train_metrics);
        const auto& scaler = trainer_.optimizer.loss_scaler();
        if (scaler && scaler->options().enabled) {
            result.train_metrics["loss_scale"] = scaler->get_scale();
            result.train_metrics["skipped_steps"] = static_cast<double>(scaler->skipped_steps());
        }
        if (!options_.validation.empty()) {
            const Evaluation evaluation = trainer_.evaluate(
                options_.validation, {.batch_size = options_.batch_size,
                                      .metrics = options_.metrics,
                                      .prepare = false});  // it was, before training began
            result.validation_loss = evaluation.loss;
            result.validation_accuracy = evaluation.accuracy;
            store(evaluation.metrics, result.validation_accuracy, result.validation_metrics);
        }
        state_.history.epochs.push_back(result);
        state_.sums = {};
        each([&](const AnyCallback& callback) { callback->on_epoch(view_); });
        save_best();
        if (batches_.cursor().epoch < options_.epochs && view_.stopped.empty()) save();
        begin_epoch();
    }

    bool save_is_due() const {
        const CheckpointOptions& checkpoint = options_.checkpoint;
        if (checkpoint.path.empty()) return false;
        if (checkpoint.every_steps > 0 && steps_ % checkpoint.every_steps == 0) return true;
        return checkpoint.every_s > 0 && seconds_since(last_save_) > checkpoint.every_s;
    }

    void save() {
        const CheckpointOptions& checkpoint = options_.checkpoint;
        if (checkpoint.path.empty()) return;
        fetch();
        fetch_counts();
        state_.cursor = batches_.cursor();
        try_to_save([&] {
            replace_checkpoint(checkpoint.path, checkpoint.keep, [&] { write(checkpoint.path); });
        });
        last_save_ = Clock::now();
        last_fetch_ = last_save_;  // writing a file is not training
    }

    void save_best() {
        const CheckpointOptions& checkpoint = options_.checkpoint;
        if (checkpoint.path.empty() || checkpoint.keep_best == 0) return;
        const double value = watched_cost(checkpoint.watch, view_);
        const std::int64_t place = state_.best.place_of(value, checkpoint.keep_best);
        if (place < 0) return;
        state_.cursor = batches_.cursor();
        try_to_save([&] {
            state_.best.insert(checkpoint.path, place, value, checkpoint.keep_best,
                               [&](const std::filesystem::path& path) { write(path); });
        });
    }

    void write(const std::filesystem::path& path) {
        if (std::exchange(is_new_, false)) forget_others(options_.checkpoint.path);
        save_checkpoint(path, trainer_, identity_, state_, options_.callbacks);
    }

    template <typename Save>
    void try_to_save(Save save) {
        try {
            save();
            save_error_.clear();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kFile) throw;
            save_error_ = error.what();
            log(LogLevel::kWarning, "checkpoint not written, training goes on: {}", save_error_);
            each([&](const AnyCallback& callback) {
                callback->on_warning(view_,
                                     "checkpoint not written, training goes on: " + save_error_);
            });
        }
    }

    Trainer::Impl& trainer_;
    const FitOptions& options_;
    Measure measure_;
    data::Batches batches_;
    SampleForm form_;
    data::Batch gathered_;
    RunIdentity identity_;
    RunState state_;
    FitState view_;
    std::vector<std::int64_t> counts_;  // of the batches whose results were not fetched yet
    std::int64_t steps_ = 0;            // of this call
    std::int64_t samples_here_ = 0;     // of this epoch, since a resume
    double time_here_s_ = 0;
    double data_here_s_ = 0;
    Clock::time_point last_fetch_;
    Clock::time_point last_save_;
    std::string save_error_;
    bool is_new_ = true;  // no checkpoint of this run is there
};

}  // namespace

History fit(Trainer::Impl& trainer, const data::Dataset& train, const FitOptions& options) {
    return Fit(trainer, train, options).run();
}

}  // namespace ingot::train
