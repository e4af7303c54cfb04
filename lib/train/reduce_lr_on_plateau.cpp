// SPDX-License-Identifier: MIT
#include "train/watched.h"

#include <utility>

namespace ingot::train {

ReduceLrOnPlateau::ReduceLrOnPlateau(const optim::ReduceLrOnPlateauOptions& options,
                                     std::string watch)
    : options_(options),
      watch_(!watch.empty()     ? std::move(watch)
             : options.maximize ? "accuracy"
                                : "loss"),
      plateau_(options) {}

void ReduceLrOnPlateau::on_begin(FitState& fit) {
    expect_watchable("ReduceLrOnPlateau", watch_, fit);
    // Without anything loaded this is a new run, whatever the last one left here.
    if (fit.history.epochs.empty()) plateau_ = optim::ReduceLrOnPlateau(options_);
}

void ReduceLrOnPlateau::on_epoch(FitState& fit) {
    plateau_.step(fit.optimizer, watched(watch_, fit));
}

Notes ReduceLrOnPlateau::save() const {
    return {.values = plateau_.state(), .tensors = {}};
}

void ReduceLrOnPlateau::load(const Notes& notes) {
    plateau_.load_state(notes.values);
}

}  // namespace ingot::train
