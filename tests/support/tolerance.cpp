// SPDX-License-Identifier: MIT
#include "support/tolerance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace ingot::testing {

Tolerance widened(Tolerance tolerance, DType dtype) {
    if (dtype == f32) return tolerance;
    if (!is_floating(dtype)) return {.units = 0};
    constexpr double kRoundings = 8;
    const double unit = dtype == f16 ? 0x1p-11 : 0x1p-8;
    tolerance.scale = std::max(tolerance.scale, 1.0);
    tolerance.units += kRoundings * unit * 0x1p23 / tolerance.length;
    return tolerance;
}

double allowed(const Tolerance& tolerance, double reference) {
    return tolerance.absolute +
           tolerance.units * tolerance.length * 0x1p-23 * (tolerance.scale + std::abs(reference));
}

bool agrees(double value, double reference, const Tolerance& tolerance) {
    if (std::isnan(reference)) return std::isnan(value);
    if (std::isinf(reference)) return value == reference;
    return std::abs(value - reference) <= allowed(tolerance, reference);
}

void Worst::look_at(const std::string& what, std::size_t at, double value, double reference,
                    const Tolerance& tolerance) {
    if (agrees(value, reference, tolerance)) return;
    const double over = std::abs(value - reference) / allowed(tolerance, reference);
    if (!message.empty() && !(over > ratio)) return;
    ratio = over;
    message = what + "[" + std::to_string(at) + "] is " + std::to_string(value) + ", should be " +
              std::to_string(reference) + "; error " + std::to_string(over) +
              " times the tolerance";
}

void check_close(const std::string& what, const std::vector<double>& values,
                 const std::vector<double>& reference, const Tolerance& tolerance) {
    REQUIRE(values.size() == reference.size());
    Worst worst;
    for (std::size_t i = 0; i < values.size(); ++i) {
        worst.look_at(what, i, values[i], reference[i], tolerance);
    }
    CHECK_MESSAGE(worst.message.empty(), worst.message);
}

}  // namespace ingot::testing
