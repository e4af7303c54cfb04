// SPDX-License-Identifier: MIT
// The operators that the tests of custom.cpp and its neighbours define, as a user would.
#pragma once

#include <ingot/custom.h>
#include <ingot/graph.h>
#include <ingot/ops.h>

#include <vector>

namespace ingot::testing {

// y = x sigmoid(beta x), with a kernel for the gradient, too. Group size by the device.
const custom::Operator& swish();
// y = x / rms(x) of each row, and 1 / rms(x); the gradient is an expression.
const custom::Operator& rms_rows();
// Rows by index, and twice the index; reports indices out of range.
const custom::Operator& take_rows();
// start + i step for i below count: no inputs, attributes alone.
const custom::Operator& ramp();
// h[t] = a[t] h[t - 1] + x[t]: two inputs, and a backward kernel with two outputs.
const custom::Operator& linear_scan();

}  // namespace ingot::testing
