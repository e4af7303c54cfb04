// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "train/watched.h"

#include <cmath>

namespace ingot::train {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options) : options_(options) {
    if (options.patience < 1 || !(options.min_change >= 0)) {
        fail(ErrorKind::kInvalidArgument,
             "EarlyStopping: patience is {} and min_change {}; they are at least 1 and 0",
             options.patience, options.min_change);
    }
}

void EarlyStopping::on_begin(FitState& fit) {
    expect_watchable("EarlyStopping", options_.watch, fit);
    // Without anything loaded this is a new run, whatever the last one left here.
    if (fit.history.epochs.empty()) {
        best_.reset();
        best_epoch_ = -1;
        epochs_without_ = 0;
        best_weights_.clear();
    }
    stop_when_due(fit);
}

void EarlyStopping::on_epoch(FitState& fit) {
    const double value = watched_cost(options_.watch, fit);
    // What is not a number never counts as an improvement.
    if (std::isfinite(value) && (!best_ || value < *best_ - options_.min_change)) {
        best_ = value;
        best_epoch_ = static_cast<std::int64_t>(fit.history.epochs.size()) - 1;
        epochs_without_ = 0;
        if (options_.restore_best) best_weights_ = fit.net.state_dict();
        return;
    }
    ++epochs_without_;
    stop_when_due(fit);
}

void EarlyStopping::stop_when_due(FitState& fit) const {
    if (epochs_without_ < options_.patience) return;
    fit.stop(fmt::format("no improvement for {} epochs; the best was epoch {}", epochs_without_,
                         best_epoch_ + 1));
}

void EarlyStopping::on_end(FitState& fit) {
    if (!best_weights_.empty() && epochs_without_ > 0) fit.net.load_state_dict(best_weights_);
}

Notes EarlyStopping::save() const {
    Notes notes;
    if (best_) notes.values["best"] = fmt::format("{}", *best_);
    notes.values["best_epoch"] = fmt::format("{}", best_epoch_);
    notes.values["epochs_without"] = fmt::format("{}", epochs_without_);
    notes.tensors = best_weights_;
    return notes;
}

void EarlyStopping::load(const Notes& notes) {
    best_.reset();
    if (const auto best = notes.values.find("best"); best != notes.values.end()) {
        best_ = std::stod(best->second);
    }
    best_epoch_ = std::stoll(notes.values.at("best_epoch"));
    epochs_without_ = std::stoll(notes.values.at("epochs_without"));
    best_weights_ = notes.tensors;
}

}  // namespace ingot::train
