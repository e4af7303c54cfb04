// SPDX-License-Identifier: MIT
#include "run_folder.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace ingot::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr std::int64_t kShownPredictions = 30;

template <typename T>
void take(const Json& json, const char* name, T& value) {
    if (const auto found = json.find(name); found != json.end()) value = found->get<T>();
}

template <typename T>
void take(const Json& json, const char* name, std::optional<T>& value) {
    if (const auto found = json.find(name); found != json.end()) value = found->get<T>();
}

// One line a layer: "1 Linear: in_features 784, out_features 256, bias true".
void add_layers(std::string& text, const Json& module, const std::string& name) {
    text += name + module.at("type").get<std::string>();
    char separator = ':';
    for (const auto& [key, value] : module.items()) {
        if (key == "type" || key == "layers") continue;
        text += fmt::format("{} {} {}", separator, key,
                            value.is_string() ? value.get<std::string>() : value.dump());
        separator = ',';
    }
    text += '\n';
    if (!module.contains("layers")) return;
    std::size_t number = 0;
    for (const Json& layer : module.at("layers")) {
        add_layers(text, layer, fmt::format("{}{} ", name, number++));
    }
}

std::string layers_of(const std::string& description) {
    std::string text;
    add_layers(text, Json::parse(description), "");
    return text;
}

// The first test samples with what the model says about them.
std::vector<io::PredictionRecord> sample_predictions(const NamedData& data,
                                                     train::Trainer& trainer) {
    if (!data.has_pictures() || !data.samples.test.has_labels()) return {};
    const data::Dataset samples = data.samples.test.take(kShownPredictions);
    const HostTensor outputs = trainer.predict(samples);
    const auto logits = outputs.values<float>();
    const auto classes = static_cast<std::size_t>(outputs.shape[1]);
    std::vector<io::PredictionRecord> records;
    for (std::int64_t i = 0; i < samples.size(); ++i) {
        const auto row = logits.subspan(static_cast<std::size_t>(i) * classes, classes);
        const auto best = std::max_element(row.begin(), row.end());
        double sum = 0;
        for (const float logit : row)
            sum += std::exp(static_cast<double>(logit) - *best);
        records.push_back({.picture = samples.picture(i),
                           .label = samples.class_name(samples.label(i)),
                           .prediction = samples.class_name(best - row.begin()),
                           .probability = 1 / sum});
    }
    return records;
}

io::RunReport report_of(const RunResult& result, train::Trainer& trainer) {
    const TrainSettings& s = result.settings;
    io::RunReport report;
    report.title = fmt::format("{} on {}", fs::path(s.model).filename().string(), result.data.name);
    report.summary = fmt::format("Test: {}; {} epochs, {:.1f} s of training", text_of(result.test),
                                 result.history.epochs.size(), result.history.time_s);
    if (!result.history.stopped.empty()) {
        report.summary += "; stopped: " + result.history.stopped;
    }
    report.facts = {
        {"Device", result.device.name},
        {"Driver", fmt::format("{}, Vulkan {}", result.device.driver, result.device.api_version)},
        {"Data", fmt::format("{}: {} training and {} test samples {}, {} classes", result.data.name,
                             result.data.samples.train.size(), result.data.samples.test.size(),
                             to_string(result.data.samples.train.sample_shape()),
                             result.data.samples.train.class_count())},
        {"Optimizer",
         fmt::format("{}, learning rate {}, weight decay {}", s.optimizer, *s.lr, *s.weight_decay)},
        {"Batch size", std::to_string(s.batch_size)},
        {"Seed", std::to_string(s.seed)},
        {"Parameters", std::to_string(trainer.net().parameter_count())},
        {"Model", layers_of(s.model_description)},
    };
    for (const train::EpochResult& epoch : result.history.epochs) {
        report.epochs.push_back({.train_loss = epoch.train_loss,
                                 .train_accuracy = epoch.train_accuracy,
                                 .validation_loss = epoch.validation_loss,
                                 .validation_accuracy = epoch.validation_accuracy,
                                 .time_s = epoch.time_s});
    }
    report.step_losses = result.history.step_losses;
    if (std::isfinite(result.test.accuracy)) report.test_accuracy = result.test.accuracy;
    report.test_loss = result.test.loss;
    report.predictions = sample_predictions(result.data, trainer);
    return report;
}

}  // namespace

std::string default_run_dir(const std::string& model) {
    const std::time_t now = std::time(nullptr);
    char date[32] = "";
    std::strftime(date, sizeof date, "%Y-%m-%d-%H%M%S", std::localtime(&now));
    return fmt::format("runs/{}-{}", date, fs::path(model).stem().string());
}

void write_options(const fs::path& folder, const TrainSettings& s) {
    Json json{{"data", s.data},
              {"target", s.target},
              {"labels", s.labels},
              {"resize", s.resize},
              {"normalize", s.normalize},
              {"model", s.model},
              {"epochs", *s.epochs},
              {"batch_size", s.batch_size},
              {"optimizer", s.optimizer},
              {"lr", *s.lr},
              {"momentum", s.momentum},
              {"weight_decay", *s.weight_decay},
              {"validation", s.validation},
              {"patience", s.patience},
              {"checkpoint_every", s.checkpoint_every},
              {"keep_best", s.keep_best},
              {"time_limit_s", s.time_limit_s},
              {"seed", s.seed},
              {"device", s.device}};
    json["model_description"] = Json::parse(s.model_description);
    io::write_file(folder / kOptionsFile, json.dump(2) + "\n");
}

TrainSettings read_options(const fs::path& folder) {
    const fs::path path = folder / kOptionsFile;
    if (!fs::is_regular_file(path)) {
        fail(ErrorKind::kFile, "{} is not the folder of a run: it has no {}", folder.string(),
             kOptionsFile);
    }
    try {
        const Json json = Json::parse(io::read_file(path));
        TrainSettings s;
        take(json, "data", s.data);
        take(json, "target", s.target);
        take(json, "labels", s.labels);
        take(json, "resize", s.resize);
        take(json, "normalize", s.normalize);
        take(json, "model", s.model);
        take(json, "epochs", s.epochs);
        take(json, "batch_size", s.batch_size);
        take(json, "optimizer", s.optimizer);
        take(json, "lr", s.lr);
        take(json, "momentum", s.momentum);
        take(json, "weight_decay", s.weight_decay);
        take(json, "validation", s.validation);
        take(json, "patience", s.patience);
        take(json, "checkpoint_every", s.checkpoint_every);
        take(json, "keep_best", s.keep_best);
        take(json, "time_limit_s", s.time_limit_s);
        take(json, "seed", s.seed);
        s.split_seed = s.seed;
        take(json, "device", s.device);
        s.model_description = json.at("model_description").dump(2);
        return s;
    } catch (const Json::exception& error) {
        fail(ErrorKind::kFile, "{}: {}", path.string(), error.what());
    }
}

void take_options_of_run(TrainSettings& settings, const std::set<std::string>& given) {
    TrainSettings before = read_options(settings.run_dir);
    const auto keep = [&](const char* name, auto TrainSettings::*field) {
        if (given.contains(name)) before.*field = settings.*field;
    };
    const auto keep_data = [&](const char* name, auto DataSettings::*field) {
        if (given.contains(name)) before.*field = settings.*field;
    };
    keep_data("--data", &DataSettings::data);
    keep_data("--target", &DataSettings::target);
    keep_data("--labels", &DataSettings::labels);
    keep_data("--resize", &DataSettings::resize);
    keep_data("--normalize", &DataSettings::normalize);
    keep("--epochs", &TrainSettings::epochs);
    keep("--batch-size", &TrainSettings::batch_size);
    keep("--optimizer", &TrainSettings::optimizer);
    keep("--lr", &TrainSettings::lr);
    keep("--momentum", &TrainSettings::momentum);
    keep("--weight-decay", &TrainSettings::weight_decay);
    keep("--validation", &TrainSettings::validation);
    keep("--patience", &TrainSettings::patience);
    keep("--checkpoint-every", &TrainSettings::checkpoint_every);
    keep("--keep-best", &TrainSettings::keep_best);
    keep("--time-limit", &TrainSettings::time_limit_s);
    keep("--seed", &TrainSettings::seed);
    keep("--device", &TrainSettings::device);
    if (given.contains("--model")) {
        before.model = settings.model;
        before.model_description.clear();
    }
    before.run_dir = settings.run_dir;
    before.resume = true;
    settings = std::move(before);
}

std::string text_of(const train::Evaluation& evaluation) {
    std::string text = fmt::format("{} samples, loss {:.4f}", evaluation.samples, evaluation.loss);
    if (std::isfinite(evaluation.accuracy))
        text += fmt::format(", accuracy {:.2f} %", 100 * evaluation.accuracy);
    for (const auto& [name, value] : evaluation.metrics)
        text += fmt::format(", {} {:.4f}", name, value);
    return text;
}

void write_results(const fs::path& folder, const RunResult& result, train::Trainer& trainer) {
    io::save(trainer.net(), folder / kWeightsFile);
    io::write_file(folder / "history.json", train::to_json(result.history) + "\n");
    io::write_file(folder / "history.csv", train::to_csv(result.history));
    io::write_report_html(folder / "report.html", report_of(result, trainer));
}

}  // namespace ingot::cli
