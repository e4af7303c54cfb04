// SPDX-License-Identifier: MIT
// `ingot doctor`: what is wrong with a net or its data, on one page of text and one of HTML.
#include "commands.h"
#include "run_folder.h"
#include "training.h"

#include "core/check.h"

#include <ingot/doctor.h>
#include <ingot/io.h>

#include <filesystem>

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

// Of a history alone.
doctor::Diagnosis examine_curves(const std::string& run, const train::History& history) {
    doctor::Diagnosis diagnosis{.title = fmt::format("The curves of {}", run)};
    diagnosis.history = history;
    diagnosis.summary =
        fmt::format("{} epochs, {} steps", history.epochs.size(), history.step_losses.size());
    diagnosis.findings = doctor::judge_curves(history);
    return diagnosis;
}

void say(std::string_view what) {
    fmt::print(stderr, "ingot: {} ...\n", what);
}

// The net and the training part of a run, as they were.
doctor::Diagnosis examine_trained(const fs::path& run, const train::History& history,
                                  const std::string& device_name) {
    TrainSettings s = read_options(run);
    const TrainingData parts = training_data(s);
    const nn::Module net = trained_net(run, s);
    check_model(net, s.model, parts.training);
    const optim::Optimizer optimizer = make_optimizer(s);
    auto device = Device::pick({.name = device_name.empty() ? s.device : device_name});
    doctor::Doctor doctor{device, net, loss_of(parts.training), optimizer};
    doctor::Diagnosis diagnosis = doctor.examine_trained(
        parts.training, history, {.batch_size = s.batch_size, .seed = s.seed, .progress = say});
    diagnosis.title = fmt::format("{}: {} on {}", run.string(),
                                  fs::path(s.model).filename().string(), parts.all.name);
    return diagnosis;
}

// What cannot be opened any more is said, and the curves remain.
doctor::Diagnosis examine_run(const DoctorSettings& settings) {
    const fs::path run = settings.run;
    const train::History history = train::read_history(run);
    if (!fs::is_directory(run) || !fs::exists(run / kOptionsFile))
        return examine_curves(settings.run, history);
    try {
        return examine_trained(run, history, settings.train.device);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kFile && error.kind() != ErrorKind::kInvalidArgument) throw;
        doctor::Diagnosis diagnosis = examine_curves(settings.run, history);
        diagnosis.findings.push_back({"net and data", doctor::Verdict::kNote, "not examined",
                                      error.what(), "Its curves were read all the same."});
        return diagnosis;
    }
}

doctor::Diagnosis examine_net(const DoctorSettings& settings) {
    TrainSettings s = settings.train;
    if (!settings.suspects.empty() && s.epochs.value_or(0) == 0) {
        fail(ErrorKind::kInvalidArgument, "doctor: labels are judged after training: --epochs");
    }
    const TrainingData parts = training_data(s);
    const data::Dataset& training = parts.training;
    const nn::Module net = make_model(s.model, training);
    check_model(net, s.model, training);
    net.initialize(s.seed);
    const optim::Optimizer optimizer = make_optimizer(s);
    auto device = Device::pick({.name = s.device});

    doctor::Options options{.batch_size = s.batch_size,
                            .epochs = s.epochs.value_or(0),
                            .validation = parts.validation,
                            .folds = settings.folds,
                            .shares = settings.shares,
                            .seed = s.seed};
    options.progress = say;
    doctor::Doctor doctor{device, net, loss_of(training), optimizer};
    doctor::Diagnosis diagnosis = doctor.examine(training, options);
    diagnosis.title =
        fmt::format("{} on {}", fs::path(s.model).filename().string(), parts.all.name);
    return diagnosis;
}

}  // namespace

int doctor(const DoctorSettings& settings) {
    const bool of_run = !settings.run.empty();
    const doctor::Diagnosis diagnosis = of_run ? examine_run(settings) : examine_net(settings);
    fmt::print("{}", doctor::to_text(diagnosis));
    if (!settings.html.empty()) {
        io::write_diagnosis_html(settings.html, diagnosis);
        fmt::print("\npage: {}\n", settings.html);
    }
    if (!settings.json.empty()) {
        io::write_file(settings.json, doctor::to_json(diagnosis) + "\n");
        fmt::print("JSON: {}\n", settings.json);
    }
    if (!settings.suspects.empty()) {
        io::write_file(settings.suspects, doctor::to_csv(diagnosis.labels));
        fmt::print("suspect labels: {}\n", settings.suspects);
    }
    constexpr int kIll = 3;
    return diagnosis.worst() == doctor::Verdict::kIll ? kIll : 0;
}

}  // namespace ingot::cli
