// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "core/log.h"
#include "train/checkpoint_files.h"
#include "train/kernel_records.h"
#include "train/worst.h"

#include <ingot/io.h>
#include <ingot/run_folder.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>

namespace ingot::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr std::int64_t kShownPredictions = 30;
constexpr std::size_t kMostSnapshots = 40;  // of histograms on the page
constexpr std::size_t kShownKernels = 30;
constexpr std::size_t kWarmSteps = 3;  // before the kernels of one are looked at
constexpr const char* kRun = "run.json";
constexpr const char* kPage = "report.html";
constexpr const char* kEvents = "events";

std::string mebibytes(std::uint64_t bytes) {
    return fmt::format("{:.2f} MiB", static_cast<double>(bytes) / (1 << 20));
}

// Every second one goes when there are too many, so those left are as far apart as they can be.
template <typename T>
void thin(std::vector<T>& values, std::size_t most) {
    if (values.size() <= most) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); i += 2)
        values[kept++] = std::move(values[i]);
    values.resize(kept);
}

io::Histogram histogram_of(const Json& json) {
    io::Histogram histogram;
    histogram.min = json.at("min");
    histogram.max = json.at("max");
    histogram.counts = json.at("counts").get<std::vector<std::int64_t>>();
    histogram.not_finite = json.at("not_finite");
    const auto count = static_cast<double>(histogram.count());
    const auto number = [&](const char* name) {
        return json.at(name).is_null() ? kNotMeasured : json.at(name).get<double>();
    };
    histogram.sum = number("mean") * count;
    histogram.sum_of_squares = number("norm") * number("norm");
    return histogram;
}

// What a run that is resumed after `steps` steps had shown before. A page that is damaged or of
// another version costs its curves, not the run.
void take_up(io::RunReport& report, const fs::path& path, std::int64_t steps) {
    if (!fs::is_regular_file(path)) return;
    try {
        const Json json = Json::parse(io::read_file(path));
        const Json& rates = json.at("learning_rates");
        for (std::size_t i = 0; i < rates.at("x").size(); ++i) {
            const std::int64_t step = rates.at("x").at(i);
            if (step <= steps) report.learning_rates.push_back({step, rates.at("y").at(i)});
        }
        for (const Json& from : json.at("tensors")) {
            io::TensorRecord tensor{.name = from.at("name")};
            for (const Json& snapshot : from.at("snapshots")) {
                const std::int64_t step = snapshot.at("step");
                if (step >= steps) continue;
                tensor.snapshots.push_back({step, histogram_of(snapshot.at("weight")),
                                            histogram_of(snapshot.at("gradient"))});
            }
            report.tensors.push_back(std::move(tensor));
        }
    } catch (const std::exception& error) {
        log(LogLevel::kWarning, "run folder: {} is not taken up: {}", path.string(), error.what());
    }
}

}  // namespace

class RunFolder::Recorder : public Callback {
public:
    Recorder(fs::path path, RunFolderOptions options)
        : path_(std::move(path)),
          options_(std::move(options)),
          board_(path_ / kEvents, options_.histograms) {
        if (fs::exists(path_) && !fs::is_directory(path_))
            fail(ErrorKind::kFile, "run folder {}: a file of that name is there", path_.string());
        std::error_code code;
        fs::create_directories(path_, code);
        if (code) {
            fail(ErrorKind::kFile, "run folder {}: cannot be made: {}", path_.string(),
                 code.message());
        }
        report_.name = path_.has_filename() ? path_.filename().string()
                                            : path_.parent_path().filename().string();
        report_.title = options_.title.empty() ? report_.name : options_.title;
    }
    ~Recorder() override {
        if (report_.status != "running") return;  // an exception ended the run
        report_.status = "failed";
        try_to_write();
    }

    void on_begin(FitState& fit) override {
        const bool is_new = fit.history.step_losses.empty();
        report_.tensors.clear();
        report_.learning_rates.clear();
        if (!is_new) {
            take_up(report_, path_ / kRun,
                    static_cast<std::int64_t>(fit.history.step_losses.size()));
        } else {
            std::error_code code;
            fs::remove_all(path_ / kEvents, code);
        }
        if (options_.tensorboard) board_.on_begin(fit);
        report_.status = "running";
        report_.facts = options_.facts;
        report_.options = options_.options;
        report_.minimized.clear();
        report_.test.clear();
        report_.kernels.clear();
        steps_before_ = fit.history.step_losses.size();
        times_kernels_ = fit.program != nullptr;
        if (times_kernels_) fit.program->set_profile(true);
        describe(fit);
        write(fit);
    }

    void on_steps(FitState& fit) override {
        if (options_.tensorboard) board_.on_steps(fit);
        const auto step = static_cast<std::int64_t>(fit.history.step_losses.size());
        report_.learning_rates.push_back({step, fit.optimizer.learning_rate()});
        thin(report_.learning_rates, 1000);
        take_kernels(fit, kWarmSteps);
        write_if_due(fit);
    }

    void on_epoch(FitState& fit) override {
        if (options_.tensorboard) board_.on_epoch(fit);
        write_if_due(fit);
    }

    bool wants_probe(const FitState& fit, std::int64_t step) override {
        return board_.wants_probe(fit, step);
    }
    void on_probe(FitState& fit, const Probe& probe) override {
        if (options_.tensorboard) board_.on_probe(fit, probe);
        report_.tensors.resize(probe.weights.size());
        for (std::size_t i = 0; i < probe.weights.size(); ++i) {
            io::TensorRecord& tensor = report_.tensors[i];
            tensor.name = probe.weights[i].name;
            tensor.snapshots.push_back({probe.step, io::histogram(probe.weights[i].values<float>()),
                                        io::histogram(probe.gradients[i].values<float>())});
            thin(tensor.snapshots, kMostSnapshots);
        }
    }

    void on_end(FitState& fit) override {
        report_.status = fit.stopped.empty() ? "finished" : "stopped";
        take_kernels(fit, 1);
        write(fit);
    }

    void finish(Trainer& trainer, const data::Dataset& test, const EvaluateOptions& options,
                Evaluation& evaluation) {
        if (!test.empty()) {
            evaluation = trainer.evaluate(test, options);
            report_.test = evaluation.metrics;
            report_.test["loss"] = evaluation.loss;
            if (std::isfinite(evaluation.accuracy)) report_.test["accuracy"] = evaluation.accuracy;
            Predictions predictions = predictions_of(trainer, test, kShownPredictions);
            report_.confusion = std::move(predictions.confusion);
            report_.predictions = std::move(predictions.worst);
            report_.residuals = residuals_of(trainer, test, kShownPredictions);
            report_.predictions_title = "Worst predictions on the test data";
            report_.classes.clear();
            for (std::int64_t c = 0; c < test.class_count(); ++c)
                report_.classes.push_back(test.class_name(c));
            report_.filters = first_layer_filters(trainer.net(), test.sample_shape());
        }
        const ProgramStats stats = trainer.step_stats();
        if (stats.dispatches > 0) add_resources(stats);
        report_.summary = summary();
        io::save(trainer.net(), path_ / "weights.safetensors");
        write_files();
    }

    FitOptions record(FitOptions options, const std::shared_ptr<Recorder>& self) const {
        if (options.checkpoint.path.empty())
            options.checkpoint.path = path_ / "checkpoint.safetensors";
        remove_temporaries_in(path_);
        if (!options.resume) {
            std::error_code code;
            for (const char* name :
                 {kRun, kPage, "history.json", "history.csv", "weights.safetensors"})
                fs::remove(path_ / name, code);
            fs::remove(options.checkpoint.path, code);
        }
        options.callbacks.emplace_back(std::shared_ptr<Callback>(self));
        return options;
    }

    const fs::path& path() const { return path_; }

private:
    void describe(const FitState& fit) {
        const auto fact = [&](const char* name, std::string value) {
            report_.facts.push_back({name, std::move(value)});
        };
        const auto option = [&](const char* name, auto value) {
            const std::string text = fmt::format("{}", value);
            for (const io::Fact& given : report_.options)
                if (given.name == name) return;
            report_.options.push_back({name, text});
        };
        if (fit.device != nullptr) {
            const DeviceInfo& info = fit.device->info();
            fact("Device", info.name);
            fact("Driver", fmt::format("{}, Vulkan {}", info.driver, info.api_version));
            option("device", info.name);
        }
        option("optimizer", fit.optimizer.name());
        option("lr", fit.optimizer.initial_learning_rate());
        option("epochs", fit.epochs);
        if (fit.options != nullptr) {
            option("batch_size", fit.options->batch_size);
            option("seed", fit.options->seed);
            option("shuffle", fit.options->shuffle);
            fact("Seed", std::to_string(fit.options->seed));
        }
        report_.parameters = fit.net.parameter_count();
        report_.epochs_planned = fit.epochs;
        fact("Parameters", std::to_string(report_.parameters));
        for (const metrics::Metric& metric : fit.metrics)
            if (!metric.maximize) report_.minimized.push_back(metric.name);
        if (fit.input.shape.rank() > 0) {
            report_.model =
                to_string(nn::summary(fit.net, input(fit.input.shape, fit.input.dtype, "x")));
        }
    }

    void add_resources(const ProgramStats& stats) {
        auto& list = report_.resources;
        list.clear();
        list.push_back({"Training step on the device", fmt::format("{:.3f} ms", stats.step_ms)});
        list.push_back(
            {"Kernels a step", fmt::format("{}, {} barriers, {} submissions", stats.dispatches,
                                           stats.barriers, stats.submissions)});
        list.push_back({"Activations and gradients", mebibytes(stats.arena_bytes)});
        list.push_back({"Inputs, constants, results", mebibytes(stats.program_bytes)});
        list.push_back({"Weights and optimizer", mebibytes(stats.state_bytes)});
        if (memory_.bytes_peak > 0) {
            list.push_back({"Device memory, at most", mebibytes(memory_.bytes_peak)});
            list.push_back({"Device memory, planned", mebibytes(memory_.bytes_planned)});
        }
        double data_s = 0, time_s = 0;
        for (const EpochResult& epoch : report_.history.epochs) {
            data_s += epoch.data_s;
            time_s += epoch.time_s;
        }
        if (time_s > 0) {
            list.push_back({"Until batches were there",
                            fmt::format("{:.1f} % of the time", 100 * data_s / time_s)});
        }
    }

    std::string summary() const {
        std::string text;
        const auto accuracy = report_.test.find("accuracy");
        if (accuracy != report_.test.end())
            text = fmt::format("Test accuracy {:.2f} %, ", 100 * accuracy->second);
        text += fmt::format("{} epochs, {:.1f} s of training", report_.history.epochs.size(),
                            report_.history.time_s);
        if (!report_.history.stopped.empty()) text += "; stopped: " + report_.history.stopped;
        return text;
    }

    // Kernels are timed in the first steps of a call, and the last of these is kept: afterwards the
    // step runs as it would without this callback.
    void take_kernels(const FitState& fit, std::size_t after) {
        if (!times_kernels_ || fit.history.step_losses.size() < steps_before_ + after) return;
        report_.kernels = kernel_records(fit.program->kernel_times(), kShownKernels);
        fit.program->set_profile(false);
        times_kernels_ = false;
    }

    void take(const FitState& fit) {
        report_.history = fit.history;
        report_.history.stopped = fit.stopped;
        if (fit.device != nullptr) memory_ = fit.device->memory();
        if (fit.program != nullptr && !fit.history.step_losses.empty())
            add_resources(fit.program->stats());
        report_.summary = summary();
    }

    void write_if_due(const FitState& fit) {
        const double since_s = std::chrono::duration<double>(Clock::now() - written_).count();
        if (options_.refresh_s > 0 && since_s >= options_.refresh_s) write(fit);
    }

    void write(const FitState& fit) {
        take(fit);
        if (fit.input.shape.rank() > 1) {
            report_.filters = first_layer_filters(fit.net, fit.input.shape.without(0));
        }
        try_to_write();
    }

    void try_to_write() {
        try {
            write_files();
        } catch (const std::exception& error) {
            log(LogLevel::kWarning, "run folder: {}", error.what());
        }
        written_ = Clock::now();
    }

    void write_files() const {
        const std::string run = io::to_json(report_);
        io::write_file(path_ / "history.json", to_json(report_.history) + "\n");
        io::write_file(path_ / "history.csv", to_csv(report_.history));
        io::write_file(path_ / kRun, run + "\n");
        io::write_report_html(path_ / kPage, std::span(&run, 1), options_.refresh_s);
    }

    fs::path path_;
    RunFolderOptions options_;
    TensorBoard board_;
    io::RunReport report_;
    MemoryUse memory_;
    std::size_t steps_before_ = 0;  // this call of fit()
    bool times_kernels_ = false;
    Clock::time_point written_;
};

RunFolder::RunFolder(fs::path path, RunFolderOptions options)
    : recorder_(std::make_shared<Recorder>(std::move(path), std::move(options))) {}

FitOptions RunFolder::record(FitOptions options) const {
    return recorder_->record(std::move(options), recorder_);
}

Evaluation RunFolder::finish(Trainer& trainer, const data::Dataset& test,
                             const EvaluateOptions& options) {
    Evaluation evaluation;
    recorder_->finish(trainer, test, options, evaluation);
    return evaluation;
}

const fs::path& RunFolder::path() const {
    return recorder_->path();
}
fs::path RunFolder::report_path() const {
    return recorder_->path() / kPage;
}

void write_comparison(const fs::path& path, std::span<const fs::path> runs) {
    std::vector<std::string> texts;
    for (const fs::path& run : runs) {
        if (!fs::is_regular_file(run / kRun)) {
            fail(ErrorKind::kFile, "{} is not the folder of a run: it has no {}", run.string(),
                 kRun);
        }
        texts.push_back(io::read_file(run / kRun));
    }
    try {
        io::write_report_html(path, texts, 2);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kInvalidArgument) throw;
        fail(ErrorKind::kFile, "{} of a run folder is damaged: {}", kRun, error.what());
    }
}

}  // namespace ingot::train
