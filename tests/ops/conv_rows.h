// SPDX-License-Identifier: MIT
// Rows of the tables of convolutions over any number of axes, transposed or not.
#pragma once

#include "ops/conv_reference.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

namespace ingot::testing {

template <typename Options>
struct ConvRow {
    const char* name;
    Shape x, weight;
    Options options = {};
    bool bias = false;
};

template <typename Options>
using ConvFunction = Tensor (*)(const Tensor&, const Tensor&, const Tensor&, const Options&);

// The row as a case that lacks its reference: `channels` of a bias, sums of `length` and
// `gradient_length` terms.
template <typename Options>
OpCase conv_case(ConvFunction<Options> conv, const ConvRow<Options>& row, std::int64_t channels,
                 double length, double gradient_length) {
    OpCase made{.name = row.name,
                .inputs = {{.shape = row.x}, {.shape = row.weight}},
                .forward = {.units = 1, .length = length},
                .gradient = {.units = 2, .length = gradient_length}};
    if (row.bias) made.inputs.push_back({.shape = {channels}});
    made.build = [=, o = row.options, bias = row.bias](const Tensors& in) {
        return conv(in[0], in[1], bias ? in[2] : Tensor(), o);
    };
    return made;
}

template <typename Call>
std::string message(Call&& call) {
    const std::string text = thrown_message(call);
    const std::string kind = "invalid argument: ";
    return text.starts_with(kind) ? text.substr(kind.size()) : text;
}

}  // namespace ingot::testing
