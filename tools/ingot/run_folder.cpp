// SPDX-License-Identifier: MIT
#include "run_folder.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <ctime>

namespace ingot::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

template <typename T>
void take(const Json& json, const char* name, T& value) {
    if (const auto found = json.find(name); found != json.end()) value = found->get<T>();
}

template <typename T>
void take(const Json& json, const char* name, std::optional<T>& value) {
    if (const auto found = json.find(name); found != json.end()) value = found->get<T>();
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
              {"skip_unreadable", s.skip_unreadable},
              {"normalize", s.normalize},
              {"model", s.model},
              {"epochs", *s.epochs},
              {"batch_size", s.batch_size},
              {"optimizer", s.optimizer},
              {"lr", *s.lr},
              {"momentum", s.momentum},
              {"weight_decay", *s.weight_decay},
              {"precision", s.precision},
              {"validation", s.validation},
              {"patience", s.patience},
              {"checkpoint_every", s.checkpoint_every},
              {"keep_best", s.keep_best},
              {"time_limit_s", s.time_limit_s},
              {"augment", s.augment},
              {"augment_on", s.augment_on},
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
        take(json, "skip_unreadable", s.skip_unreadable);
        take(json, "normalize", s.normalize);
        take(json, "model", s.model);
        take(json, "epochs", s.epochs);
        take(json, "batch_size", s.batch_size);
        take(json, "optimizer", s.optimizer);
        take(json, "lr", s.lr);
        take(json, "momentum", s.momentum);
        take(json, "weight_decay", s.weight_decay);
        take(json, "precision", s.precision);
        take(json, "validation", s.validation);
        take(json, "patience", s.patience);
        take(json, "checkpoint_every", s.checkpoint_every);
        take(json, "keep_best", s.keep_best);
        take(json, "time_limit_s", s.time_limit_s);
        take(json, "augment", s.augment);
        take(json, "augment_on", s.augment_on);
        take(json, "seed", s.seed);
        s.split_seed = s.seed;
        take(json, "device", s.device);
        s.model_description = json.at("model_description").dump(2);
        return s;
    } catch (const Json::exception& error) {
        fail(ErrorKind::kFile, "{}: {}", path.string(), error.what());
    }
}

nn::Module trained_net(const fs::path& folder, const TrainSettings& settings) {
    if (fs::exists(folder / kWeightsFile)) return io::load_module(folder / kWeightsFile);
    if (!fs::exists(folder / kCheckpointFile)) {
        fail(ErrorKind::kFile, "{}: holds neither {} nor {}", folder.string(), kWeightsFile,
             kCheckpointFile);
    }
    const nn::Module net = nn::from_json(settings.model_description);
    train::load_checkpoint_weights(net, folder / kCheckpointFile);
    return net;
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
    keep_data("--skip-unreadable", &DataSettings::skip_unreadable);
    keep_data("--normalize", &DataSettings::normalize);
    keep("--epochs", &TrainSettings::epochs);
    keep("--batch-size", &TrainSettings::batch_size);
    keep("--optimizer", &TrainSettings::optimizer);
    keep("--lr", &TrainSettings::lr);
    keep("--momentum", &TrainSettings::momentum);
    keep("--weight-decay", &TrainSettings::weight_decay);
    keep("--precision", &TrainSettings::precision);
    keep("--validation", &TrainSettings::validation);
    keep("--patience", &TrainSettings::patience);
    keep("--checkpoint-every", &TrainSettings::checkpoint_every);
    keep("--keep-best", &TrainSettings::keep_best);
    keep("--time-limit", &TrainSettings::time_limit_s);
    keep("--augment", &TrainSettings::augment);
    keep("--augment-on", &TrainSettings::augment_on);
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

train::RunFolder open_run_folder(const fs::path& folder, const TrainSettings& settings,
                                 const NamedData& data) {
    write_options(folder, settings);
    train::RunFolderOptions options;
    options.title =
        fmt::format("{} on {}", fs::path(settings.model).filename().string(), data.name);
    options.facts = {{"Data", fmt::format("{}: {} training and {} test samples {}", data.name,
                                          data.samples.train.size(), data.samples.test.size(),
                                          to_string(data.samples.train.sample_shape()))}};
    const Json given = Json::parse(io::read_file(folder / kOptionsFile));
    for (const auto& [name, value] : given.items()) {
        if (name == "model_description") continue;
        options.options.push_back(
            {name, value.is_string() ? value.get<std::string>() : value.dump()});
    }
    if (settings.watch) options.refresh_s = 2;
    return train::RunFolder{folder, options};
}

}  // namespace ingot::cli
