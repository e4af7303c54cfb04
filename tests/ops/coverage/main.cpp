// SPDX-License-Identifier: MIT
// Every operator of the library is in a row of the op tables, and every gradient rule in a row that
// compares it: fails, naming those that are not. The tables are visited, not run, so this takes no
// device; that the rows hold is for test_ops to say.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support/op_case.h"
#include "support/op_coverage.h"

#include <cstdio>

int main() {
    using namespace ingot::testing;
    OpCoverage coverage;
    visit_tables([&](const std::string& row, const ingot::Graph& graph) {
        coverage.look_at(graph, row != kComputed);
    });
    const std::vector<std::string> missing = coverage.missing();
    for (const std::string& what : missing)
        std::fprintf(stderr, "tests/ops: %s\n", what.c_str());
    std::printf("%zu operators in the tables, %zu things missing\n", coverage.count(),
                missing.size());
    return missing.empty() && coverage.count() > 0 ? 0 : 1;
}
