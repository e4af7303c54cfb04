// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

// Srivastava et al., "Dropout", JMLR 2014: while training, zero with probability p in [0, 1), else
// x / (1 - p).
class INGOT_API Dropout : public Module {
public:
    explicit Dropout(double p = 0.5);
};

}  // namespace ingot::nn
