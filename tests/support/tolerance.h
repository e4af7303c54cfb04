// SPDX-License-Identifier: MIT
// How far a value may be from the reference's: what a row's tolerance allows, and the element that
// is furthest beyond it.
#pragma once

#include "support/op_case.h"

#include <string>

namespace ingot::testing {

// A row's tolerance when its tensors are stored in `dtype`: what is rounded to f32 in between is
// now rounded to 11 or 8 bits, a few times.
Tolerance widened(Tolerance tolerance, DType dtype);

double allowed(const Tolerance& tolerance, double reference);
// NaN agrees with NaN, an infinity with itself.
bool agrees(double value, double reference, const Tolerance& tolerance);

// The worst element only: a table of thousands of lines helps nobody.
struct Worst {
    std::string message;  // empty: all agree
    double ratio = 0;

    void look_at(const std::string& what, std::size_t at, double value, double reference,
                 const Tolerance& tolerance);
};

// Fails the running case, naming the worst of the values, when one is beyond the tolerance.
void check_close(const std::string& what, const std::vector<double>& values,
                 const std::vector<double>& reference, const Tolerance& tolerance);

}  // namespace ingot::testing
