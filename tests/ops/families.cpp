// SPDX-License-Identifier: MIT
// Every operator family has a table of cases, and what belongs to no family has rows here. (That
// the tables leave out no operator of a family is what coverage/main.cpp looks at.)
#include "support/op_case.h"
#include "support/reference.h"

#include <ingot/graph.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("families: each has a table") {
    const std::vector<std::string>& tested = registered_families();
#define FAMILY(name)                                                              \
    CHECK_MESSAGE(std::find(tested.begin(), tested.end(), #name) != tested.end(), \
                  "tests/ops/" #name ".cpp is missing or lacks INGOT_OP_FAMILY(" #name ")");
#include "ops/families.inc"
#undef FAMILY
}

TEST_CASE("families: a checkpoint computes and differentiates what its section does") {
    run_op_cases({{.name = "checkpoint",
                   .inputs = {{.shape = {7, 5}}, {.shape = {5}}},
                   .build =
                       [](const Tensors& in) {
                           return checkpoint([&] { return tanh(in[0] * in[1]) * in[0]; });
                       },
                   .reference =
                       [](const Arrays& in) {
                           return map(in[0], in[1],
                                      [](double a, double b) { return std::tanh(a * b) * a; });
                       },
                   .gradient = {.units = 16, .length = 7}}});
}
