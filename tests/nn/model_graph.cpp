// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <ingot/model_graph.h>
#include <ingot/nn.h>

#include <algorithm>
#include <set>

using namespace ingot;

TEST_CASE("model graph: boxes by layer, inputs before their readers, every name once") {
    const nn::Sequential net{
        nn::Conv2d{1, 4, {.kernel = 3, .padding = 1}},
        nn::Residual{nn::Sequential{nn::Conv2d{4, 4, {.kernel = 1}}, nn::ReLU{}}}, nn::Flatten{},
        nn::Linear{64, 3}};
    const auto nodes = nn::model_graph(net, input({2, 1, 4, 4}, f32, "x"));
    std::set<std::string> names;
    for (const io::GraphNode& node : nodes) {
        CAPTURE(node.name);
        for (const std::string& from : node.inputs)
            CHECK(names.contains(from.substr(0, from.find(':'))));
        CHECK(names.insert(node.name).second);
        CHECK(node.outputs.size() >= 1);
    }
    CHECK(nodes.front().name == "x");
    CHECK(nodes.front().operation == "input");
    CHECK(nodes.back().outputs[0] == Shape{2, 3});
    const auto starts = [&](const std::string& prefix) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& name) { return name.starts_with(prefix); });
    };
    CHECK(names.contains("0_Conv2d/weight"));
    CHECK(starts("1_Residual/"));
    CHECK(starts("3_Linear/"));
    const auto residual = std::find_if(nodes.begin(), nodes.end(), [](const io::GraphNode& node) {
        return node.name.starts_with("1_Residual/") && node.operation == "add";
    });
    REQUIRE(residual != nodes.end());
    CHECK(residual->inputs.size() == 2);
}
