// SPDX-License-Identifier: MIT
// {"ingot_search": 1, "search": {what is searched, how}, "trials": [{"number", "settings", "value",
// "error", "time_s"}]}. A value that is not finite is null.
#include "train/search.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <cmath>

namespace ingot::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxBytes = std::size_t{1} << 28;

Json json_of(const Value& value) {
    return value.is_number() ? Json(value.number()) : Json(value.text());
}

Json json_of(const SearchOption& option) {
    Json values = Json::array();
    for (const Value& value : option.values)
        values.push_back(json_of(value));
    return {{"name", option.name},  {"values", values},  {"low", option.low},
            {"high", option.high},  {"log", option.log}, {"whole", option.whole},
            {"steps", option.steps}};
}

Json json_of(const SearchResult& result, const SearchOptions& how) {
    Json options = Json::array();
    for (const SearchOption& option : result.options)
        options.push_back(json_of(option));
    return {{"options", options},
            {"by", how.by == SearchBy::kGrid ? "grid" : "random"},
            {"seed", how.seed},
            {"metric", result.metric},
            {"maximize", result.maximize}};
}

Json json_of(const Trial& trial) {
    Json settings = Json::object();
    for (const auto& [name, value] : trial.settings.values)
        settings[name] = json_of(value);
    return {{"number", trial.number},
            {"settings", settings},
            {"value", std::isfinite(trial.value) ? Json(trial.value) : Json(nullptr)},
            {"error", trial.error},
            {"time_s", trial.time_s}};
}

Value value_of(const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    return json.get<double>();
}

Trial trial_of(const Json& json, const SearchResult& result) {
    Trial trial{
        .number = json.at("number"), .error = json.at("error"), .time_s = json.at("time_s")};
    if (!json.at("value").is_null()) trial.value = json.at("value");
    for (const SearchOption& option : result.options) {
        trial.settings.values.emplace(option.name, value_of(json.at("settings").at(option.name)));
    }
    return trial;
}

}  // namespace

void save_trials(const SearchResult& result, const SearchOptions& how) {
    Json trials = Json::array();
    for (const Trial& trial : result.trials)
        trials.push_back(json_of(trial));
    const Json json{
        {"ingot_search", kVersion}, {"search", json_of(result, how)}, {"trials", trials}};
    // An exception's words may be in any encoding.
    io::write_file(how.file, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<Trial> load_trials(const SearchResult& result, const SearchOptions& how) {
    const std::string text = io::read_file(how.file, kMaxBytes);
    try {
        const Json json = Json::parse(text);
        if (json.at("ingot_search") != kVersion) {
            fail(ErrorKind::kFile, "{}: is a search of version {}, this reads version {}",
                 how.file.string(), json.at("ingot_search").dump(), kVersion);
        }
        const Json is = json_of(result, how);
        for (const auto& item : is.items()) {
            const Json& was = json.at("search").at(item.key());
            if (was == item.value()) continue;
            fail(ErrorKind::kInvalidArgument,
                 "search: {} is of another search: its {} is {}, now it is {}", how.file.string(),
                 item.key(), was.dump(), item.value().dump());
        }
        std::vector<Trial> trials;
        for (const Json& trial : json.at("trials"))
            trials.push_back(trial_of(trial, result));
        for (std::size_t i = 0; i < trials.size(); ++i) {
            if (trials[i].number == static_cast<std::int64_t>(i)) continue;
            fail(ErrorKind::kFile, "{}: trial {} stands in place {}", how.file.string(),
                 trials[i].number, i);
        }
        return trials;
    } catch (const Json::exception& error) {
        fail(ErrorKind::kFile, "{}: is no file of a search: {}", how.file.string(), error.what());
    }
}

}  // namespace ingot::train
