// SPDX-License-Identifier: MIT
// Text and Graphviz dumps: what a person reads first when a step is not what it should be.
#include "body_tools.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("to_text: operations by group, with names, shapes, views, constants and updates") {
    const Tensor x = input({2, 3}, f32, "x");
    const Parameter w = parameter("w", {3, 2});
    Graph graph = outputs({relu(matmul(x, w.tensor()) + 0.5F)});
    graph.update(w, w * 2.0F + transpose(x));
    const std::string text = to_text(graph);
    INFO(text);
    CHECK(text.find("group 0 over [2, 2]\n") == 0);
    CHECK(text.find("f32[2, 2] = matmul(x, w)\n") != std::string::npos);
    CHECK(text.find(", 0.5[2, 2]/[0, 0]+0)") != std::string::npos);
    CHECK(text.find("x[3, 2]/[1, 3]+0") != std::string::npos);
    CHECK(text.find("update w <- %") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 8);
    CHECK(to_text(graph) == text);
}

TEST_CASE("to_text: attributes tell equal names apart") {
    const std::string text = to_text(outputs({mean(input({2, 3}, f32, "x"), {.axes = {1}})}));
    INFO(text);
    CHECK(text.find("sum(x) {axes=[1], scale=0.33333334}") != std::string::npos);
}

TEST_CASE("to_dot: one node a group and a leaf, one edge a value, names quoted") {
    const Tensor x = input({2, 2}, f32, "a \"quoted\\\" name");
    const std::string dot = to_dot(outputs({sum(exp(x), {.axes = {0}}), matmul(x, exp(x))}));
    INFO(dot);
    CHECK(dot.find("digraph step {\n") == 0);
    CHECK(dot.find("a \\\"quoted\\\\\\\" name") != std::string::npos);
    CHECK(dot.find(" -> ") != std::string::npos);
    CHECK(dot.ends_with("}\n"));
    CHECK(std::count(dot.begin(), dot.end(), '{') == 1);
    // Quotes come in pairs on every line.
    std::size_t begin = 0;
    while (begin < dot.size()) {
        const std::size_t end = dot.find('\n', begin);
        std::size_t quotes = 0;
        for (std::size_t i = begin; i < end; ++i)
            quotes += dot[i] == '"' && (i == 0 || dot[i - 1] != '\\');
        CHECK(quotes % 2 == 0);
        begin = end + 1;
    }
}
