// SPDX-License-Identifier: MIT
// A row for every public operator and loss (lib/include/ingot/ops): what it is given when all is
// well, to be spoilt by bad_input.cpp, which also finds functions without a row.
#pragma once

#include "support/op_case.h"

#include <functional>
#include <string>
#include <vector>

namespace ingot::testing {

enum class Takes { kFloats, kNumbers, kBools, kInts, kAll };  // numbers: floats and i32

bool takes(Takes what, DType dtype);

struct InputRow {
    std::string name;
    Takes dtypes;  // of input 0 and of those that are given like it
    std::vector<TensorSpec> inputs;
    std::function<Tensor(const Tensors&)> build;
};

std::vector<InputRow> input_rows();

// A function that takes no tensor, and calls of it that it refuses, with the words it does so.
struct Refusals {
    std::string name;
    struct Call {
        std::function<void()> call;
        std::string message;  // behind the name
    };
    std::vector<Call> calls;
};
std::vector<Refusals> refusals_without_tensors();

}  // namespace ingot::testing
