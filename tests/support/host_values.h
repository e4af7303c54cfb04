// SPDX-License-Identifier: MIT
// Values of the reference, doubles, on their way to a device and back: in an element type's own
// bytes, and rounded as that type rounds them.
#pragma once

#include <ingot/device.h>

#include <cstddef>
#include <vector>

namespace ingot::testing {

// An input's values in its own dtype.
class HostValues {
public:
    HostValues(DType dtype, const std::vector<double>& values);
    HostView view() const;

private:
    template <typename T>
    void put(T value);

    DType dtype_;
    std::vector<std::byte> bytes_;
};

double rounded(double value, DType dtype);

// What an output of the program's last run holds.
std::vector<double> read_doubles(Program& program, const Tensor& output);

}  // namespace ingot::testing
