// SPDX-License-Identifier: MIT
// What a callback watches by its name: "loss", "accuracy" or a metric of the run.
#pragma once

#include <ingot/callbacks.h>

#include <string>

namespace ingot::train {

// Throws where the run does not measure it, naming the callback.
void expect_watchable(const char* callback, const std::string& name, const FitState& fit);

// Of the last epoch: of validation, or of training where that was not measured.
double watched(const std::string& name, const FitState& fit);

// The same, negated where more is better: a smaller one is an improvement.
double watched_cost(const std::string& name, const FitState& fit);

}  // namespace ingot::train
