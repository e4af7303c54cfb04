// SPDX-License-Identifier: MIT
// A preparation as JSON: {"version", "one_hot", "ignore_unknown", "features": [{"name", "missing",
// "fill", "categories"}], "inputs": {"mean", "deviation"}, "targets": likewise, "classes"}. Numbers
// are written so that the same bits are read again.
#include <ingot/preparation.h>

#include "core/check.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace ingot::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr const char* kMissingNames[] = {"error",  "drop row",      "mean",
                                         "median", "most frequent", "constant"};

Json json_of(const Normalization& normalization) {
    return {{"mean", normalization.mean}, {"deviation", normalization.deviation}};
}

std::vector<float> numbers_of(const Json& json) {
    std::vector<float> numbers;
    for (const Json& number : json) {
        numbers.push_back(number.get<float>());
        if (!std::isfinite(numbers.back())) {
            fail(ErrorKind::kFile, "preparation: {} is not finite in 32 bits", number.dump());
        }
    }
    return numbers;
}

Normalization normalization_of(const Json& json) {
    Normalization result{numbers_of(json.at("mean")), numbers_of(json.at("deviation"))};
    if (result.mean.size() != result.deviation.size()) {
        fail(ErrorKind::kFile, "preparation: {} means and {} deviations", result.mean.size(),
             result.deviation.size());
    }
    for (const float deviation : result.deviation) {
        if (!(deviation > 0)) fail(ErrorKind::kFile, "preparation: a deviation of {}", deviation);
    }
    return result;
}

PreparedFeature feature_of(const Json& json) {
    PreparedFeature feature{.name = json.at("name").get<std::string>(),
                            .categories = json.at("categories").get<std::vector<std::string>>()};
    const auto missing = json.at("missing").get<std::string>();
    const auto* const found =
        std::find(std::begin(kMissingNames), std::end(kMissingNames), missing);
    if (found == std::end(kMissingNames)) {
        fail(ErrorKind::kFile, "preparation: feature '{}' has the rule '{}'; possible are {}",
             feature.name, missing, fmt::join(kMissingNames, ", "));
    }
    feature.missing = static_cast<Missing>(found - std::begin(kMissingNames));
    feature.fill = numbers_of(Json::array({json.at("fill")})).front();
    const std::vector<std::string>& names = feature.categories;
    if (names.empty()) return feature;
    const bool is_sorted =
        std::adjacent_find(names.begin(), names.end(), std::greater_equal<>()) == names.end();
    const bool is_index = feature.fill >= 0 && feature.fill == std::floor(feature.fill) &&
                          feature.fill < static_cast<float>(names.size());
    if (!is_sorted || !is_index) {
        fail(ErrorKind::kFile, "preparation: the categories of feature '{}' {}", feature.name,
             is_sorted ? "do not have the one for missing values" : "are not in order");
    }
    return feature;
}

}  // namespace

std::string Preparation::to_json() const {
    Json json{{"version", kVersion}, {"one_hot", one_hot}, {"ignore_unknown", ignore_unknown}};
    json["features"] = Json::array();
    for (const PreparedFeature& feature : features) {
        json["features"].push_back({{"name", feature.name},
                                    {"missing", kMissingNames[static_cast<int>(feature.missing)]},
                                    {"fill", feature.fill},
                                    {"categories", feature.categories}});
    }
    json["inputs"] = json_of(inputs);
    json["targets"] = json_of(targets);
    json["classes"] = class_names;
    try {
        return json.dump();
    } catch (const Json::exception& error) {
        fail(ErrorKind::kData, "preparation: a name is not UTF-8: {}", error.what());
    }
}

Preparation Preparation::from_json(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        if (json.at("version") != kVersion) {
            fail(ErrorKind::kFile, "preparation: of version {}, this reads version {}",
                 json.at("version").dump(), kVersion);
        }
        Preparation result{.one_hot = json.at("one_hot").get<bool>(),
                           .ignore_unknown = json.at("ignore_unknown").get<bool>(),
                           .inputs = normalization_of(json.at("inputs")),
                           .targets = normalization_of(json.at("targets")),
                           .class_names = json.at("classes").get<std::vector<std::string>>()};
        for (const Json& feature : json.at("features"))
            result.features.push_back(feature_of(feature));
        return result;
    } catch (const Json::exception& error) {
        fail(ErrorKind::kFile, "preparation: {}", error.what());
    }
}

}  // namespace ingot::data
