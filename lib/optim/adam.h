// SPDX-License-Identifier: MIT
// AdamW's rule, which others take for parameters that they are not for.
#pragma once

#include "optim/rule.h"

#include <ingot/optim.h>

#include <memory>

namespace ingot::optim {

std::unique_ptr<Rule> adamw_rule(const AdamWOptions& options);

}  // namespace ingot::optim
