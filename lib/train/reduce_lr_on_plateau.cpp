// SPDX-License-Identifier: MIT
#include <ingot/callbacks.h>

#include <cmath>

namespace ingot::train {

ReduceLrOnPlateau::ReduceLrOnPlateau(const optim::ReduceLrOnPlateauOptions& options)
    : options_(options), plateau_(options) {}

void ReduceLrOnPlateau::on_begin(FitState& fit) {
    // Without anything loaded this is a new run, whatever the last one left here.
    if (fit.history.epochs.empty()) plateau_ = optim::ReduceLrOnPlateau(options_);
}

void ReduceLrOnPlateau::on_epoch(FitState& fit) {
    const EpochResult& epoch = fit.history.epochs.back();
    const bool validated = std::isfinite(epoch.validation_loss);
    if (options_.maximize) {
        plateau_.step(fit.optimizer, validated ? epoch.validation_accuracy : epoch.train_accuracy);
    } else {
        plateau_.step(fit.optimizer, validated ? epoch.validation_loss : epoch.train_loss);
    }
}

Notes ReduceLrOnPlateau::save() const {
    return {.values = plateau_.state(), .tensors = {}};
}

void ReduceLrOnPlateau::load(const Notes& notes) {
    plateau_.load_state(notes.values);
}

}  // namespace ingot::train
