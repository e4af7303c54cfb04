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
// Whole channels at a time: x [B, C, L], [B, C, H, W], [B, C, D, H, W].
class INGOT_API Dropout1d : public Module {
public:
    explicit Dropout1d(double p = 0.5);
};
class INGOT_API Dropout2d : public Module {
public:
    explicit Dropout2d(double p = 0.5);
};
class INGOT_API Dropout3d : public Module {
public:
    explicit Dropout3d(double p = 0.5);
};

}  // namespace ingot::nn
