// SPDX-License-Identifier: MIT
// Graphs that must be refused, with the words they are refused with.
#include "body_tools.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::string refusal(const Graph& graph) {
    return thrown_message([&] { graph::linearize(graph); });
}

}  // namespace

TEST_CASE("graph: an update fits its parameter") {
    const Parameter p = parameter("weight", {2, 3});
    Graph graph;
    CHECK(thrown_message([&] {
              graph.update(p, input({3, 2}));
          }) == "invalid argument: update: 'weight' is f32[2, 3], its new value f32[3, 2]");
    CHECK(thrown_message([&] {
              with_update(input({2}), p, input({2, 3}, i32));
          }) == "invalid argument: with_update: 'weight' is f32[2, 3], its new value i32[2, 3]");
    graph.updates.push_back({p, input({7})});  // past the check
    CHECK(refusal(graph) == "invalid argument: graph: 'weight' is f32[2, 3], its new value f32[7]");
}

TEST_CASE("graph: empty tensors and parameters are named, not followed") {
    CHECK(refusal(outputs({input({2}), Tensor()})) ==
          "invalid argument: graph: output 1 is an empty Tensor");
    Graph graph;
    CHECK(thrown_message([&] { graph.update(Parameter(), input({2})); }) ==
          "invalid argument: update: an empty Parameter cannot be updated");
    CHECK(thrown_message([&] { with_update(input({2}), Parameter(), input({2})); }) ==
          "invalid argument: with_update: an empty Parameter cannot be updated");
    CHECK(thrown_message([&] {
              graph.update(parameter("p", {2}), Tensor());
          }).starts_with("invalid argument"));
    CHECK(thrown_message([&] { stop_gradient(Tensor()); }).starts_with("invalid argument"));
}

TEST_CASE("graph: nothing is updated twice, under whichever name") {
    const Parameter p = parameter("p", {4}), q = parameter("q", {4});
    const Tensor x = input({4});
    Graph twice;
    twice.update(p, x * 2.0F).update(p, x * 3.0F);
    CHECK(refusal(twice) == "invalid argument: graph: 'p' is updated twice in one step");

    Graph hidden;
    hidden.update(p, x * 2.0F).output(with_update(x * 4.0F, p, x * 3.0F));
    CHECK(refusal(hidden) == "invalid argument: graph: 'p' is updated twice in one step");

    Graph mixed;  // attached updates follow each other, but not one that the graph names
    mixed.update(p, x).output(with_update(with_update(x, p, x * 2.0F), p, p.tensor() + x));
    CHECK(refusal(mixed) == "invalid argument: graph: 'p' is updated twice in one step");

    const std::vector<Parameter> both{p, q};
    const std::vector<ParameterSlab> slabs = ParameterSlab::gather(both);
    Graph overlapping;
    overlapping.update(slabs[0].parameter(), slabs[0].tensor() * 2.0F).update(q, x * 2.0F);
    CHECK(refusal(overlapping) ==
          "invalid argument: graph: 'q' and 'parameters' share memory and are both updated");
}
