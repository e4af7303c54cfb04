// SPDX-License-Identifier: MIT
// A diagnosis as JSON, for programs.
#include <ingot/diagnosis.h>

#include <nlohmann/json.hpp>

#include <cmath>

namespace ingot::doctor {
namespace {

using Json = nlohmann::ordered_json;

// JSON knows no NaN and no infinity.
Json json_of(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json json_of(const Finding& finding) {
    return {{"check", finding.check},
            {"verdict", to_string(finding.verdict)},
            {"disease", finding.disease},
            {"evidence", finding.evidence},
            {"remedy", finding.remedy}};
}

Json json_of(const FirstLoss& first) {
    return {{"loss", first.loss},
            {"classes", first.classes},
            {"samples", first.samples},
            {"measured", json_of(first.measured)},
            {"expected", json_of(first.expected)},
            {"expectation", first.expectation},
            {"target_mean", json_of(first.target_mean)},
            {"target_deviation", json_of(first.target_deviation)}};
}

Json json_of(const Overfit& overfit) {
    return {{"what", overfit.what},
            {"samples", overfit.samples},
            {"optimizer", overfit.optimizer},
            {"learning_rate", json_of(overfit.learning_rate)},
            {"steps", overfit.steps},
            {"first_loss", json_of(overfit.first_loss)},
            {"last_loss", json_of(overfit.last_loss)},
            {"last_accuracy", json_of(overfit.last_accuracy)},
            {"goal", json_of(overfit.goal)},
            {"other_steps", overfit.other_steps},
            {"other_loss", json_of(overfit.other_loss)},
            {"contradictory", overfit.contradictory},
            {"note", overfit.note}};
}

Json json_of(const LearningPoint& point) {
    return {{"samples", point.samples},
            {"train_loss", json_of(point.train_loss)},
            {"validation_loss", json_of(point.validation_loss)}};
}

Json json_of(const GradientProbe& probe) {
    return {{"parameter", probe.parameter},      {"analytic", json_of(probe.analytic)},
            {"numeric", json_of(probe.numeric)}, {"error", json_of(probe.error)},
            {"step", json_of(probe.step)},       {"gradient_norm", json_of(probe.gradient_norm)},
            {"is_wrong", probe.is_wrong()},      {"is_open", probe.is_open()}};
}

Json json_of(const LayerNorms& layer) {
    return {{"name", layer.name},
            {"type", layer.type},
            {"output", json_of(layer.output)},
            {"variation", json_of(layer.variation)},
            {"gradient", json_of(layer.gradient)},
            {"dead", json_of(layer.dead)},
            {"saturated", json_of(layer.saturated)}};
}

Json json_of(const ParameterNorms& parameter) {
    return {{"name", parameter.name},
            {"weight", json_of(parameter.weight)},
            {"gradient", json_of(parameter.gradient)},
            {"update", json_of(parameter.update)},
            {"is_trained", parameter.is_trained}};
}

Json json_of(const LabelReview& review) {
    const auto named = [&](std::int64_t c) -> Json {
        const auto index = static_cast<std::size_t>(c);
        if (index < review.class_names.size()) return review.class_names[index];
        return c;
    };
    Json suspects = Json::array();
    for (const SuspectLabel& suspect : review.suspects) {
        suspects.push_back({{"sample", suspect.sample},
                            {"name", suspect.name},
                            {"label", named(suspect.label)},
                            {"prediction", named(suspect.prediction)},
                            {"probability", json_of(suspect.probability)},
                            {"label_probability", json_of(suspect.label_probability)},
                            {"loss", json_of(suspect.loss)}});
    }
    return {{"samples", review.samples}, {"held_out", review.held_out}, {"suspects", suspects}};
}

template <typename Items>
Json list_of(const Items& items) {
    Json list = Json::array();
    for (const auto& item : items)
        list.push_back(json_of(item));
    return list;
}

}  // namespace

std::string to_json(const Diagnosis& diagnosis) {
    Json json{{"title", diagnosis.title},
              {"summary", diagnosis.summary},
              {"verdict", to_string(diagnosis.worst())},
              {"findings", list_of(diagnosis.findings)}};
    if (diagnosis.first_loss) json["first_loss"] = json_of(*diagnosis.first_loss);
    json["overfits"] = list_of(diagnosis.overfits);
    json["learning_curve"] = list_of(diagnosis.learning_curve);
    json["gradients"] = list_of(diagnosis.gradients);
    json["layers"] = list_of(diagnosis.layers);
    json["parameters"] = list_of(diagnosis.parameters);
    json["history"] = Json::parse(train::to_json(diagnosis.history));
    if (diagnosis.labels.samples > 0) json["labels"] = json_of(diagnosis.labels);
    // Names from anywhere may be no UTF-8.
    return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ingot::doctor
