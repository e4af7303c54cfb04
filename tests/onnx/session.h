// SPDX-License-Identifier: MIT
// One case: what its expressions are fed with, and a program made of them.
#pragma once

#include "adapter.h"

#include <utility>
#include <vector>

namespace ingot::onnx_tests {

class Session {
public:
    // The value as an expression; what the host knows becomes an input.
    Tensor expression(Value& value);
    // The values as numbers, all computed by one program.
    Arrays numbers(const Values& values);

    void also(const Graph& step);  // updates that run with the outputs

private:
    struct Fed {
        Tensor tensor;
        std::vector<std::byte> bytes;
    };
    std::vector<Fed> fed_;
    std::vector<Update> updates_;
};

}  // namespace ingot::onnx_tests
