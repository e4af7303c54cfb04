// SPDX-License-Identifier: MIT
// `ingot train`: data, model, training, test, and a folder with all that came of it.
#include "commands.h"
#include "model.h"
#include "run_folder.h"

#include "core/check.h"

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kManySamples = 10'000;
constexpr std::int64_t kEpochsOfMany = 10;
constexpr std::int64_t kEpochsOfFew = 100;
constexpr int kInterrupted = 130;  // as shells report it

// Before anything is trained: a folder that cannot be written is said now.
fs::path make_run_folder(TrainSettings& s) {
    if (s.run_dir.empty()) s.run_dir = default_run_dir(s.model);
    std::error_code code;
    fs::create_directories(s.run_dir, code);
    if (code || !fs::is_directory(s.run_dir)) {
        fail(ErrorKind::kFile, "run folder {}: cannot be made: {}", s.run_dir,
             code ? code.message() : "a file of that name is there");
    }
    return s.run_dir;
}

DType precision_of(const TrainSettings& s) {
    return s.precision == "f16" ? f16 : s.precision == "bf16" ? bf16 : f32;
}

}  // namespace

int train(TrainSettings s) {
    s.split_seed = s.seed;
    const NamedData data = load_data(s);
    s.data = data.name;
    const auto [training, validation] = training_parts(data, s);
    const nn::Module net = s.model_description.empty() ? make_model(s.model, training)
                                                       : nn::from_json(s.model_description);
    check_model(net, s.model, training);
    s.model_description = nn::to_json(net);
    net.initialize(s.seed);
    if (!s.epochs) {
        s.epochs = data.samples.train.size() >= kManySamples ? kEpochsOfMany : kEpochsOfFew;
    }
    optim::Optimizer optimizer = make_optimizer(s);
    auto device = Device::pick({.name = s.device});
    train::Trainer trainer{
        device, net, loss_of(training), optimizer, {.precision = precision_of(s)}};
    const fs::path folder = make_run_folder(s);

    train::FitOptions options{.epochs = *s.epochs,
                              .batch_size = s.batch_size,
                              .validation = validation,
                              .metrics = metrics_of(training),
                              .seed = s.seed,
                              .checkpoint = {.path = folder / kCheckpointFile,
                                             .every_steps = s.checkpoint_every,
                                             .keep_best = s.keep_best},
                              .resume = s.resume};
    if (s.patience > 0) {
        options.callbacks.emplace_back(train::EarlyStopping{{.patience = s.patience}});
    }
    options.callbacks.emplace_back(train::Progress{
        {.to = stdout, .samples = data.has_pictures() ? "images" : "samples", .warnings = false}});
    options.callbacks.emplace_back(train::StopOnNonFinite{});
    options.callbacks.emplace_back(train::StopOnInterrupt{});
    if (s.time_limit_s > 0) options.callbacks.emplace_back(train::TimeLimit{s.time_limit_s});
    train::RunFolder run = open_run_folder(folder, s, data);
    options = run.record(options);

    fmt::print("{} on {}: {} parameters, {} training samples, {} epochs, batches of {}, {}\n",
               s.model, data.name, net.parameter_count(), training.size(), *s.epochs, s.batch_size,
               device.info().name);
    if (s.watch) fmt::print("watch: {}\n", fs::absolute(run.report_path()).string());
    std::fflush(stdout);

    const train::History history = trainer.fit(training, options);
    const train::Evaluation test =
        run.finish(trainer, data.samples.test, {.metrics = metrics_of(training)});

    fmt::print("test: {}\n", text_of(test));
    fmt::print("run folder: {}\nreport: {}\n", folder.string(), run.report_path().string());
    if (history.stopped == "interrupted") {
        fmt::print("to continue: ingot train --resume --run-dir {}\n", folder.string());
        return kInterrupted;
    }
    return 0;
}

}  // namespace ingot::cli
