// SPDX-License-Identifier: MIT
// `ingot doctor`: what is wrong with a net or its data, on one page of text and one of HTML.
#include "commands.h"
#include "training.h"

#include "core/check.h"

#include <ingot/doctor.h>
#include <ingot/io.h>

#include <filesystem>

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

// Of a run that is over, by its history alone.
doctor::Diagnosis examine_run(const std::string& run) {
    doctor::Diagnosis diagnosis{.title = fmt::format("The curves of {}", run)};
    diagnosis.history = train::read_history(run);
    diagnosis.summary = fmt::format("{} epochs, {} steps", diagnosis.history.epochs.size(),
                                    diagnosis.history.step_losses.size());
    diagnosis.findings = doctor::judge_curves(diagnosis.history);
    return diagnosis;
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
    options.progress = [](std::string_view what) { fmt::print(stderr, "ingot: {} ...\n", what); };
    doctor::Doctor doctor{device, net, loss_of(training), optimizer};
    doctor::Diagnosis diagnosis = doctor.examine(training, options);
    diagnosis.title =
        fmt::format("{} on {}", fs::path(s.model).filename().string(), parts.all.name);
    return diagnosis;
}

}  // namespace

int doctor(const DoctorSettings& settings) {
    const bool of_run = !settings.run.empty();
    const doctor::Diagnosis diagnosis = of_run ? examine_run(settings.run) : examine_net(settings);
    fmt::print("{}", doctor::to_text(diagnosis));
    if (!settings.html.empty()) {
        io::write_diagnosis_html(settings.html, diagnosis);
        fmt::print("\npage: {}\n", settings.html);
    }
    if (!settings.suspects.empty()) {
        io::write_file(settings.suspects, doctor::to_csv(diagnosis.labels));
        fmt::print("suspect labels: {}\n", settings.suspects);
    }
    constexpr int kIll = 3;
    return diagnosis.worst() == doctor::Verdict::kIll ? kIll : 0;
}

}  // namespace ingot::cli
