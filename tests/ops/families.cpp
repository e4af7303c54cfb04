// SPDX-License-Identifier: MIT
// Every operator family has a table of cases.
#include "support/op_case.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ingot::testing;

TEST_CASE("families: each has a table") {
    const std::vector<std::string>& tested = registered_families();
#define FAMILY(name)                                                              \
    CHECK_MESSAGE(std::find(tested.begin(), tested.end(), #name) != tested.end(), \
                  "tests/ops/" #name ".cpp is missing or lacks INGOT_OP_FAMILY(" #name ")");
#include "ops/families.inc"
#undef FAMILY
}
