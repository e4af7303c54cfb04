// SPDX-License-Identifier: MIT
#include <ingot/search.h>

#include "core/check.h"
#include "train/text_table.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::train {
namespace {

double watched(const std::string& watch, const Evaluation& evaluation) {
    if (watch == "loss") return evaluation.loss;
    const auto found = evaluation.metrics.find(watch);
    if (found != evaluation.metrics.end()) return found->second;
    return evaluation.accuracy;
}

bool is_maximized(const std::string& watch, const FitOptions& fit) {
    if (watch == "loss") return false;
    const auto found =
        std::find_if(fit.metrics.begin(), fit.metrics.end(),
                     [&](const metrics::Metric& metric) { return metric.name == watch; });
    if (found != fit.metrics.end()) return found->maximize;
    if (watch == "accuracy" && fit.validation.has_labels()) return true;
    fail(ErrorKind::kInvalidArgument, "random_restarts: '{}' is not measured", watch);
}

bool is_better(double value, double than, bool maximize) {
    if (!std::isfinite(value)) return false;
    return !std::isfinite(than) || (maximize ? value > than : value < than);
}

}  // namespace

Restarts random_restarts(Trainer& trainer, const data::Dataset& train, const FitOptions& fit,
                         const RestartOptions& options) {
    if (options.starts < 1) {
        fail(ErrorKind::kInvalidArgument, "random_restarts: {} starts, at least 1 is needed",
             options.starts);
    }
    if (fit.validation.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "random_restarts: there is no validation data to tell by");
    }
    if (!fit.checkpoint.path.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "random_restarts: checkpoints go to {}, of every start to the same",
             fit.checkpoint.path.string());
    }
    const bool maximize = is_maximized(options.watch, fit);
    Restarts result{.watch = options.watch, .starts = {}};
    std::vector<HostTensor> weights;
    std::map<std::string, std::string> notes;
    for (std::int64_t i = 0; i < options.starts; ++i) {
        const std::uint64_t seed = options.seed + static_cast<std::uint64_t>(i);
        trainer.restart(seed);
        FitOptions seeded = fit;
        seeded.seed = seed;
        Restart start{.seed = seed};
        start.history = trainer.fit(train, seeded);
        start.validation = trainer.evaluate(fit.validation, {.metrics = fit.metrics});
        start.value = watched(options.watch, start.validation);
        const double best = weights.empty() ? kNotMeasured : result.starts[result.best].value;
        if (is_better(start.value, best, maximize)) {
            result.best = result.starts.size();
            weights = trainer.net().state_dict();
            notes = trainer.net().notes();
        }
        result.starts.push_back(std::move(start));
    }
    if (weights.empty()) {
        fail(ErrorKind::kData, "random_restarts: the {} of no start is finite", options.watch);
    }
    trainer.net().load_state_dict(weights);
    for (const auto& [name, text] : notes)
        trainer.net().set_note(name, text);
    return result;
}

std::string to_text(const Restarts& restarts) {
    std::vector<std::size_t> order(restarts.starts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Towards the best one; what is not finite comes last.
    const double best = restarts.starts.empty() ? 0 : restarts.starts[restarts.best].value;
    const auto distance = [&](std::size_t i) {
        const double value = restarts.starts[i].value;
        return std::isfinite(value) ? std::abs(value - best) : HUGE_VAL;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
    std::vector<std::vector<std::string>> rows;
    const bool other = restarts.watch != "loss" && restarts.watch != "accuracy";
    for (const std::size_t i : order) {
        const Restart& start = restarts.starts[i];
        rows.push_back({fmt::format("{}", start.seed), short_number(start.validation.loss),
                        short_number(start.validation.accuracy),
                        fmt::format("{}", start.history.epochs.size())});
        if (other) rows.back().push_back(short_number(start.value));
    }
    std::vector<std::string> head{"seed", "loss", "accuracy", "epochs"};
    if (other) head.push_back(restarts.watch);
    return text_table(head, rows);
}

}  // namespace ingot::train
