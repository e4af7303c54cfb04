// SPDX-License-Identifier: MIT
// `ingot search`: training with many settings of some options, and what came of each.
#include "commands.h"
#include "training.h"

#include "core/check.h"

#include <ingot/io.h>
#include <ingot/search.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

// What may be varied, by the name of the option of `ingot train`.
using Set = std::function<void(TrainSettings&, const train::Settings&, const std::string&)>;

struct Variable {
    bool is_number = true, is_whole = false;
    Set set;
};

const std::map<std::string, Variable>& variables() {
    const auto number = [](auto TrainSettings::*field) {
        return Variable{true, false, [field](TrainSettings& s, const auto& from, const auto& name) {
                            s.*field = from.number(name);
                        }};
    };
    const auto whole = [](auto TrainSettings::*field) {
        return Variable{true, true, [field](TrainSettings& s, const auto& from, const auto& name) {
                            s.*field = from.whole(name);
                        }};
    };
    const auto text = [](std::string TrainSettings::*field) {
        return Variable{false, false,
                        [field](TrainSettings& s, const auto& from, const auto& name) {
                            s.*field = from.text(name);
                        }};
    };
    static const std::map<std::string, Variable> kAll{
        {"batch-size", whole(&TrainSettings::batch_size)},
        {"epochs", whole(&TrainSettings::epochs)},
        {"lr", number(&TrainSettings::lr)},
        {"model", text(&TrainSettings::model)},
        {"momentum", number(&TrainSettings::momentum)},
        {"optimizer", text(&TrainSettings::optimizer)},
        {"weight-decay", number(&TrainSettings::weight_decay)}};
    return kAll;
}

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "lr=1e-4..1e-1:log", "batch-size=16,32,64"
train::SearchOption option_of(const std::string& text) {
    const std::size_t equals = text.find('=');
    train::SearchOption option{.name = text.substr(0, equals)};
    const auto found = variables().find(option.name);
    if (found == variables().end()) {
        std::vector<std::string> names;
        for (const auto& [name, variable] : variables())
            names.push_back(name);
        fail(ErrorKind::kInvalidArgument, "--try '{}': '{}' is none of {}", text, option.name,
             fmt::join(names, ", "));
    }
    const auto refuse = [&](const std::string& part) {
        fail(
            ErrorKind::kInvalidArgument, "--try '{}': '{}' is {}", text, part,
            found->second.is_number
                ? "neither numbers such as 16,32,64 nor a range such as 1e-4..1e-1, 1e-4..1e-1:log "
                  "or 1..9:steps=5"
                : "no list of names with commas between");
    };
    std::string rest = equals == std::string::npos ? "" : text.substr(equals + 1);
    const std::size_t dots = rest.find("..");
    if (found->second.is_number && dots != std::string::npos) {
        const std::size_t colon = rest.find(':');
        const auto low = number_in(std::string_view(rest).substr(0, dots));
        const auto high = number_in(
            std::string_view(rest).substr(dots + 2, std::min(colon, rest.size()) - dots - 2));
        if (!low || !high) refuse(rest);
        option.low = *low;
        option.high = *high;
        option.whole = found->second.is_whole;
        rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
        while (!rest.empty()) {
            const std::string one = rest.substr(0, rest.find(':'));
            rest = one.size() < rest.size() ? rest.substr(one.size() + 1) : "";
            const auto steps =
                one.starts_with("steps=") ? number_in(one.substr(6)) : std::optional<double>{};
            if (one == "log") {
                option.log = true;
            } else if (steps && *steps >= 2 && *steps <= 1e6 && *steps == std::floor(*steps)) {
                option.steps = static_cast<std::int64_t>(*steps);
            } else {
                refuse(one);
            }
        }
        return option;
    }
    std::size_t begin = 0;
    while (begin <= rest.size()) {
        const std::size_t end = std::min(rest.find(',', begin), rest.size());
        const std::string value = rest.substr(begin, end - begin);
        begin = end + 1;
        const auto number = number_in(value);
        if (value.empty() || (found->second.is_number && !number)) refuse(value);
        if (found->second.is_number) {
            option.values.emplace_back(*number);
        } else {
            option.values.emplace_back(value);
        }
    }
    return option;
}

}  // namespace

int search(SearchSettings settings) {
    TrainSettings& s = settings.train;
    if (!(s.validation > 0)) {
        fail(ErrorKind::kInvalidArgument,
             "search: trials are told apart on validation data: "
             "--validation above 0");
    }
    std::vector<train::SearchOption> options;
    for (const std::string& text : settings.tries)
        options.push_back(option_of(text));
    const TrainingData data = training_data(s);
    const bool has_labels = data.training.has_labels();
    if (settings.watch.empty()) settings.watch = has_labels ? "accuracy" : "r2";
    if (settings.watch != "loss" && settings.watch != (has_labels ? "accuracy" : "r2")) {
        fail(ErrorKind::kInvalidArgument, "search: --watch '{}' is neither loss nor {}",
             settings.watch, has_labels ? "accuracy" : "r2");
    }
    const auto device = Device::pick({.name = s.device});
    fmt::print("{} on {}: {} samples to train, {} to validate, {}\n", s.model, data.all.name,
               data.training.size(), data.validation.size(), device.info().name);
    std::fflush(stdout);

    const auto measure = [&](const train::Settings& chosen) {
        TrainSettings one = s;
        for (const auto& [name, value] : chosen.values)
            variables().at(name).set(one, chosen, name);
        const nn::Module net = make_model(one.model, data.training);
        check_model(net, one.model, data.training);
        net.initialize(one.seed);
        train::Trainer trainer{device,
                               net,
                               loss_of(data.training),
                               make_optimizer(one),
                               {.precision = precision_of(one)}};
        train::FitOptions fit = fit_options(one, data.training);
        fit.validation = one.patience > 0 ? data.validation : data::Dataset{};
        trainer.fit(data.training, fit);
        const train::Evaluation found = trainer.evaluate(data.validation, {.metrics = fit.metrics});
        if (settings.watch == "loss") return found.loss;
        return has_labels ? found.accuracy : found.metrics.at(settings.watch);
    };
    train::SearchOptions how{
        .by = settings.by == "grid" ? train::SearchBy::kGrid : train::SearchBy::kRandom,
        .trials = settings.trials.value_or(settings.by == "grid" ? 0 : 20),
        .metric = settings.watch,
        .maximize = settings.watch != "loss",
        .seed = s.seed};
    if (!settings.out.empty()) {
        std::error_code code;
        fs::create_directories(settings.out, code);
        how.file = fs::path(settings.out) / "search.json";
    }
    how.on_trial = [&](const train::Trial& trial) {
        std::string text;
        for (const auto& [name, value] : trial.settings.values)
            text += fmt::format(" {} {}", name, to_string(value));
        fmt::print(stderr, "ingot: trial {}:{}: {}\n", trial.number + 1, text,
                   trial.error.empty() ? fmt::format("{} {:.4f}", settings.watch, trial.value)
                                       : trial.error);
    };
    const train::SearchResult result = train::search(options, measure, how);
    fmt::print("{}", to_text(result));
    if (!settings.out.empty()) {
        const fs::path page = fs::path(settings.out) / "search.html";
        io::write_plots_html(page, page_of(result));
        fmt::print("trials: {}\npage: {}\n", how.file.string(), page.string());
    }
    static_cast<void>(result.best());  // throws where every trial has failed
    return 0;
}

}  // namespace ingot::cli
