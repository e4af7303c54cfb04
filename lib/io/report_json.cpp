// SPDX-License-Identifier: MIT
// A run as the text that its page is drawn from. Losses of steps are thinned, so a long run makes
// no large page; histories in full are the run folder's history.json.
#include "core/check.h"
#include "io/html.h"
#include "io/thinned.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

namespace ingot::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxDrawnSteps = 3000;

std::string valid_text(const std::string& text) {  // names from anywhere may be no UTF-8
    return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json json_of(double value) {
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json json_of(const std::vector<Fact>& facts) {
    Json json = Json::array();
    for (const Fact& fact : facts)
        json.push_back({valid_text(fact.name), valid_text(fact.value)});
    return json;
}

Json json_of(const std::vector<StepValue>& points) {
    Json x = Json::array(), y = Json::array();
    for (const StepValue& point : points) {
        x.push_back(point.step);
        y.push_back(json_of(point.value));
    }
    return {{"x", x}, {"y", y}};
}

Json json_of(const Histogram& histogram) {
    return {{"min", histogram.min},
            {"max", histogram.max},
            {"mean", json_of(histogram.mean())},
            {"deviation", json_of(histogram.deviation())},
            {"norm", json_of(std::sqrt(histogram.sum_of_squares))},
            {"not_finite", histogram.not_finite},
            {"counts", histogram.counts}};
}

std::string png_of(const Image& image) {
    return base64(encode_png(image));
}

Json json_of(const PredictionRecord& record) {
    Json json{{"label", valid_text(record.label)},
              {"prediction", valid_text(record.prediction)},
              {"probability", json_of(record.probability)},
              {"loss", json_of(record.loss)},
              {"name", valid_text(record.name)}};
    if (!record.picture.pixels.empty()) json["picture"] = png_of(record.picture);
    return json;
}

Json json_of(const std::vector<double>& values) {
    Json json = Json::array();
    for (const double value : values)
        json.push_back(json_of(value));
    return json;
}

Json json_of(const ResidualRecord& record) {
    Json json{{"name", valid_text(record.name)},
              {"target", json_of(record.target)},
              {"prediction", json_of(record.prediction)},
              {"error", json_of(record.error)}};
    if (!record.picture.pixels.empty()) json["picture"] = png_of(record.picture);
    return json;
}

Json json_of(const KernelRecord& record) {
    return {{"name", valid_text(record.name)}, {"label", valid_text(record.label)},
            {"count", record.count},           {"ms", json_of(record.ms)},
            {"flops", json_of(record.flops)},  {"bytes", json_of(record.bytes)}};
}

Json confusion_of(const RunReport& report) {
    const std::int64_t classes = report.confusion.classes();
    Json names = Json::array(), cells = Json::array();
    for (std::int64_t t = 0; t < classes; ++t) {
        const auto place = static_cast<std::size_t>(t);
        names.push_back(place < report.classes.size() ? valid_text(report.classes[place])
                                                      : std::to_string(t));
        for (std::int64_t p = 0; p < classes; ++p) {
            const std::int64_t count = report.confusion.count(t, p);
            if (count > 0) cells.insert(cells.end(), {t, p, count});
        }
    }
    return {{"classes", names}, {"cells", cells}};
}

}  // namespace

std::string to_json(const RunReport& report) {
    const Json history = Json::parse(train::to_json(report.history));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    Json json{{"ingot_run", 1},
              {"title", valid_text(report.title)},
              {"name", valid_text(report.name)},
              {"summary", valid_text(report.summary)},
              {"status", report.status},
              {"updated_s", std::chrono::duration<double>(now).count()},
              {"facts", json_of(report.facts)},
              {"options", json_of(report.options)},
              {"resources", json_of(report.resources)},
              {"model", valid_text(report.model)},
              {"parameters", report.parameters},
              {"epochs_planned", report.epochs_planned},
              {"time_s", report.history.time_s},
              {"minimized", report.minimized},
              {"epochs", history.at("epochs")}};
    json["step_losses"] = json_of(thinned(report.history.step_losses, kMaxDrawnSteps));
    json["step_means"] = json_of(stretch_means(report.history.step_losses, kMaxDrawnSteps / 4));
    Json steps = Json::array(), rates = Json::array();
    for (const RatePoint& point : report.learning_rates) {
        steps.push_back(point.step);
        rates.push_back(json_of(point.rate));
    }
    json["learning_rates"] = {{"x", steps}, {"y", rates}};
    json["test"] = Json::object();
    for (const auto& [name, value] : report.test)
        json["test"][name] = json_of(value);
    if (report.confusion.classes() > 0) json["confusion"] = confusion_of(report);
    json["predictions_title"] = valid_text(report.predictions_title);
    json["predictions"] = Json::array();
    for (const PredictionRecord& record : report.predictions)
        json["predictions"].push_back(json_of(record));
    json["residuals"] = Json::array();
    for (const ResidualRecord& record : report.residuals)
        json["residuals"].push_back(json_of(record));
    json["kernels"] = Json::array();
    for (const KernelRecord& record : report.kernels)
        json["kernels"].push_back(json_of(record));
    json["filters"] = Json::array();
    for (const Image& filter : report.filters)
        json["filters"].push_back(png_of(filter));
    json["tensors"] = Json::array();
    for (const TensorRecord& tensor : report.tensors) {
        Json snapshots = Json::array();
        for (const auto& snapshot : tensor.snapshots) {
            snapshots.push_back({{"step", snapshot.step},
                                 {"weight", json_of(snapshot.weight)},
                                 {"gradient", json_of(snapshot.gradient)}});
        }
        json["tensors"].push_back({{"name", valid_text(tensor.name)}, {"snapshots", snapshots}});
    }
    return json.dump();
}

}  // namespace ingot::io
