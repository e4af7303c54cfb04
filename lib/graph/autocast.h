// SPDX-License-Identifier: MIT
// What an Autocast makes of the operands and the result of one operator, by its AutocastRule; or of
// a function that is several operators to us but one to its user, a product with a bias, say: then
// operands are rounded where they enter, the result where it leaves, and nothing in between.
#pragma once

#include "graph/op_def.h"

#include <ingot/autocast.h>

#include <optional>

namespace ingot::graph {

class Casting {
public:
    explicit Casting(AutocastRule rule);

    // An operand in its place: f32, with the values of the 16-bit type where the rule is kLower.
    Tensor operator()(const Tensor& x) const;
    Tensor result(const Tensor& y) const;
    // Of a function that gives the type of its operands, where they are floats of `dtype`.
    DType result_type(DType dtype) const;

private:
    AutocastRule rule_;
    DType lower_;  // f32: nothing is to be done
    std::optional<Autocast> as_written_;
};

}  // namespace ingot::graph
