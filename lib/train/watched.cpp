// SPDX-License-Identifier: MIT
#include "train/watched.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>

namespace ingot::train {

void expect_watchable(const char* callback, const std::string& name, const FitState& fit) {
    std::string others;
    for (const metrics::Metric& metric : fit.metrics) {
        if (metric.name == name) return;
        if (metric.name == "accuracy") continue;
        others += (&metric == &fit.metrics.back() ? " and " : ", ") + metric.name;
    }
    if (name == "loss" || name == "accuracy") return;
    fail(ErrorKind::kInvalidArgument, "{}: watches {}, the run measures loss{}accuracy{}", callback,
         name, others.empty() ? " and " : ", ", others);
}

double watched(const std::string& name, const FitState& fit) {
    const EpochResult& epoch = fit.history.epochs.back();
    const auto either = [](double validation, double train) {
        return std::isnan(validation) ? train : validation;
    };
    if (name == "loss") return either(epoch.validation_loss, epoch.train_loss);
    if (name == "accuracy") return either(epoch.validation_accuracy, epoch.train_accuracy);
    const auto of = [&](const std::map<std::string, double>& values) {
        const auto found = values.find(name);
        return found == values.end() ? kNotMeasured : found->second;
    };
    return either(of(epoch.validation_metrics), of(epoch.train_metrics));
}

double watched_cost(const std::string& name, const FitState& fit) {
    const auto found = std::ranges::find(fit.metrics, name, &metrics::Metric::name);
    const bool more_is_better = found == fit.metrics.end() ? name == "accuracy" : found->maximize;
    return watched(name, fit) * (more_is_better ? -1 : 1);
}

}  // namespace ingot::train
