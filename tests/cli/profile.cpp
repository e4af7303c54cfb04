// SPDX-License-Identifier: MIT
// `ingot profile`: of a model on data, and of a case of `ingot bench`.
#include "command.h"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

using namespace ingot::testing;
using Json = nlohmann::json;

TEST_CASE("command line: the profile of a model's training step, and its trace") {
    const TemporaryFolder folder;
    const Ended ended =
        run_ingot(folder, "profile --data spirals --model mlp --runs 2 --trace trace.json");
    REQUIRE_MESSAGE(ended.code == 0, ended.error);
    CHECK(ended.out.find("at best ") != std::string::npos);
    CHECK(ended.out.find("cross_entropy: cross_entropy") != std::string::npos);
    const Json trace = Json::parse(contents_of(folder / "trace.json"));
    std::size_t kernels = 0;
    for (const Json& event : trace["traceEvents"])
        kernels += event["ph"] == "X" && event["tid"] == 2 ? 1 : 0;
    CHECK(kernels >= 20);
    CHECK(kernels % 2 == 0);  // of two runs
}

TEST_CASE("command line: what cannot be profiled is named") {
    const TemporaryFolder folder;
    const Ended no_case = run_ingot(folder, "profile nothing");
    CHECK(no_case.code == 1);
    CHECK(no_case.error.find("there is no case 'nothing'") != std::string::npos);
    const Ended both = run_ingot(folder, "profile mlp_784_256_10 --model cnn");
    CHECK(both.code == 2);
    const Ended large = run_ingot(folder, "profile --data spirals --batch-size 1000000");
    CHECK(large.code == 1);
    CHECK(large.error.find("make no batch of 1000000") != std::string::npos);
}
