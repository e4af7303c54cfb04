// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <ingot/history.h>
#include <ingot/io.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

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

namespace {

using Json = nlohmann::ordered_json;

// By the name of its column; of one that there is no place for, nothing.
void store(EpochResult& epoch, const std::string& name, double value) {
    for (const Column& column : kColumns) {
        if (name == column.name) {
            epoch.*column.value = value;
            return;
        }
    }
    for (const MetricColumns& columns : kMetricColumns) {
        const std::string prefix = columns.prefix;
        if (name.starts_with(prefix)) (epoch.*columns.values)[name.substr(prefix.size())] = value;
    }
}

History from_json(const Json& json) {
    History history;
    for (const Json& row : json.at("epochs").get_ref<const Json::array_t&>()) {
        EpochResult& epoch = history.epochs.emplace_back();
        for (const auto& [name, value] : row.get_ref<const Json::object_t&>())
            store(epoch, name, value.get<double>());
    }
    if (const auto steps = json.find("step_losses"); steps != json.end()) {
        for (const Json& loss : steps->get_ref<const Json::array_t&>())
            history.step_losses.push_back(loss.is_null() ? static_cast<float>(kNotMeasured)
                                                         : loss.get<float>());
    }
    history.time_s = json.value("time_s", 0.0);
    history.stopped = json.value("stopped", "");
    return history;
}

std::vector<std::string> cells_of(std::string line) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells(1);
    for (const char c : line) {
        if (c == ',') {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

History from_csv(const std::string& text, const std::string& file) {
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = cells_of(line);
    if (names.front() != "epoch") {
        fail(ErrorKind::kFile, "{}: is no history: its first column is '{}', not 'epoch'", file,
             names.front().substr(0, 40));
    }
    History history;
    for (int number = 2; std::getline(lines, line); ++number) {
        const std::vector<std::string> cells = cells_of(line);
        if (cells.size() != names.size()) {
            fail(ErrorKind::kFile, "{}: line {} has {} values, the first line names {}", file,
                 number, cells.size(), names.size());
        }
        EpochResult& epoch = history.epochs.emplace_back();
        for (std::size_t i = 1; i < cells.size(); ++i) {
            if (cells[i].empty()) continue;  // not measured
            double value = 0;
            const char* const end = cells[i].data() + cells[i].size();
            const auto [stop, error] = std::from_chars(cells[i].data(), end, value);
            if (error != std::errc{} || stop != end) {
                fail(ErrorKind::kFile, "{}: line {}: '{}' of {} is no number", file, number,
                     cells[i].substr(0, 40), names[i]);
            }
            store(epoch, names[i], value);
        }
        history.time_s += epoch.time_s;
    }
    return history;
}

}  // namespace

History read_history(const std::filesystem::path& path) {
    std::filesystem::path file = path;
    if (std::filesystem::is_directory(path)) {
        file = path / "history.json";
        if (!std::filesystem::exists(file)) file = path / "history.csv";
        if (!std::filesystem::exists(file)) {
            fail(ErrorKind::kFile, "{}: holds neither history.json nor history.csv", path.string());
        }
    }
    const std::string text = io::read_file(file);
    if (file.extension() == ".csv") return from_csv(text, file.string());
    try {
        return from_json(Json::parse(text));
    } catch (const Json::exception& error) {
        fail(ErrorKind::kFile, "{}: is no history: {}", file.string(), error.what());
    }
}

}  // namespace ingot::train
