// SPDX-License-Identifier: MIT
// What a callback watches by its name: "loss", "accuracy" or a metric of the run.
#pragma once

#include <ingot/callbacks.h>

#include <string>

namespace ingot::train {

// Throws where the run does not measure it, naming the callback.
void expect_watchable(const char* callback, const std::string& name, const FitState& fit);

bool more_is_better(const std::string& name, const FitState& fit);

// Of the last epoch: of validation, or of training where that was not measured.
double watched(const std::string& name, const FitState& fit);

}  // namespace ingot::train
