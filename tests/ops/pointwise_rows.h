// SPDX-License-Identifier: MIT
// Rows for functions of one or two operands, written as the function and its reference.
#pragma once

#include "support/op_case.h"
#include "support/reference.h"

namespace ingot::testing {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

struct UnaryRow {
    std::string name;
    Unary function;
    double (*reference)(double);
    OpInput input;
    double units = 4;
    double gradient_units = 16;
    double absolute = 0;
};

inline std::vector<OpCase> unary_cases(const std::vector<UnaryRow>& rows) {
    std::vector<OpCase> cases;
    for (const UnaryRow& row : rows) {
        OpInput input = row.input;
        if (input.values.empty()) input.shape = {5, 13};
        cases.push_back({.name = row.name,
                         .inputs = {input},
                         .build = [row](const Tensors& in) { return row.function(in[0]); },
                         .reference = [row](const Arrays& in) { return map(in[0], row.reference); },
                         .forward = {.units = row.units, .absolute = row.absolute},
                         .gradient = {.units = row.gradient_units, .absolute = row.absolute}});
    }
    return cases;
}

struct BinaryRow {
    std::string name;
    Binary function;
    double (*reference)(double, double);
    OpInput a, b;
    double units = 4;
    double gradient_units = 16;
    bool has_gradient = true;
};

inline std::vector<OpCase> binary_cases(const std::vector<BinaryRow>& rows) {
    std::vector<OpCase> cases;
    for (const BinaryRow& row : rows) {
        OpInput a = row.a, b = row.b;
        if (a.values.empty()) a.shape = b.shape = {5, 13};
        cases.push_back(
            {.name = row.name,
             .inputs = {a, b},
             .build = [row](const Tensors& in) { return row.function(in[0], in[1]); },
             .reference = [row](const Arrays& in) { return map(in[0], in[1], row.reference); },
             .forward = {.units = row.units},
             .gradient = {.units = row.gradient_units},
             .has_gradient = row.has_gradient});
    }
    return cases;
}

}  // namespace ingot::testing
