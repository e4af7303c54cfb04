// SPDX-License-Identifier: MIT
#include <ingot/history.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

namespace ingot::train {
namespace {

struct Column {
    const char* name;
    double EpochResult::*value;
};

constexpr Column kColumns[] = {
    {"train_loss", &EpochResult::train_loss},
    {"train_accuracy", &EpochResult::train_accuracy},
    {"validation_loss", &EpochResult::validation_loss},
    {"validation_accuracy", &EpochResult::validation_accuracy},
    {"time_s", &EpochResult::time_s},
    {"samples_per_s", &EpochResult::samples_per_s},
    {"data_s", &EpochResult::data_s},
};

struct MetricColumns {
    const char* prefix;
    std::map<std::string, double> EpochResult::*values;
};

constexpr MetricColumns kMetricColumns[] = {
    {"train_", &EpochResult::train_metrics},
    {"validation_", &EpochResult::validation_metrics},
};

}  // namespace

std::string to_json(const History& history) {
    using Json = nlohmann::ordered_json;
    Json json{{"time_s", history.time_s}, {"steps", history.step_losses.size()}};
    if (!history.stopped.empty()) json["stopped"] = history.stopped;
    Json& epochs = json["epochs"] = Json::array();
    for (const EpochResult& epoch : history.epochs) {
        Json row{{"epoch", epochs.size() + 1}};
        for (const Column& column : kColumns) {
            const double value = epoch.*column.value;
            if (std::isfinite(value)) row[column.name] = value;
        }
        for (const MetricColumns& columns : kMetricColumns) {
            for (const auto& [name, value] : epoch.*columns.values)
                if (std::isfinite(value)) row[columns.prefix + name] = value;
        }
        epochs.push_back(std::move(row));
    }
    json["step_losses"] = history.step_losses;  // what is not finite becomes null
    return json.dump(1);
}

std::string to_csv(const History& history) {
    std::string text = "epoch";
    for (const Column& column : kColumns)
        text += fmt::format(",{}", column.name);
    std::set<std::string> names;  // a resumed run may have begun without some
    for (const EpochResult& epoch : history.epochs) {
        for (const auto& [name, value] : epoch.validation_metrics)
            names.insert(name);
        for (const auto& [name, value] : epoch.train_metrics)
            names.insert(name);
    }
    for (const MetricColumns& columns : kMetricColumns) {
        for (const std::string& name : names)
            text += fmt::format(",{}{}", columns.prefix, name);
    }
    text += '\n';
    const auto add = [&](double value) {
        text += std::isfinite(value) ? fmt::format(",{}", value) : ",";
    };
    for (std::size_t i = 0; i < history.epochs.size(); ++i) {
        text += fmt::format("{}", i + 1);
        const EpochResult& epoch = history.epochs[i];
        for (const Column& column : kColumns)
            add(epoch.*column.value);
        for (const MetricColumns& columns : kMetricColumns) {
            for (const std::string& name : names) {
                const auto found = (epoch.*columns.values).find(name);
                add(found == (epoch.*columns.values).end() ? kNotMeasured : found->second);
            }
        }
        text += '\n';
    }
    return text;
}

}  // namespace ingot::train
