// SPDX-License-Identifier: MIT
// What is between the layers: names as in the state_dict, the tensors that forward() made.
#include "support/op_case.h"

#include <doctest/doctest.h>
#include <ingot/nn.h>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("a trace names each application of a layer and gives its tensors") {
    const nn::Linear shared{4, 4};
    const nn::Sequential net{nn::Linear{3, 4}, nn::ReLU{},
                             nn::Residual{nn::Sequential{shared, nn::Tanh{}}}, shared};
    const Tensor x = input({2, 3});
    const nn::Trace traced = nn::trace(net, x);
    std::vector<std::string> names;
    for (const nn::TracedLayer& layer : traced.layers)
        names.push_back(layer.name + " " + layer.type + (layer.has_parts ? " +" : ""));
    CHECK(names == std::vector<std::string>{"0 Linear", "1 ReLU", "2.body.0 Linear",
                                            "2.body.1 Tanh", "2.body Sequential +", "2 Residual +",
                                            "2.body.0 Linear", " Sequential +"});
    CHECK(traced.layers[0].inputs == std::vector{x});
    CHECK(traced.layers[1].inputs == std::vector{traced.layers[0].output});
    CHECK(traced.layers.back().output == traced.output);
    CHECK(traced.output.shape() == Shape{2, 4});

    // Nothing of it is left behind, and the values are those of the net.
    const Tensor loss = sum(traced.output);
    const auto d = gradients(loss, std::vector{traced.layers[1].output});
    auto program = test_device().compile(Graph{}.output(net(x)).output(traced.output).output(d[0]));
    const std::vector<float> values{1, 2, 3, -1, 0, 5};
    program.run({{x, values}});
    CHECK(program.read_all<float>(traced.output).size() == 8);
    CHECK(program.read_all<float>(d[0]) != std::vector<float>(8, 0));
    check_validation();
}

TEST_CASE("a trace of a model that is one layer") {
    const nn::Trace traced = nn::trace(nn::Linear{3, 4}, input({2, 3}));
    REQUIRE(traced.layers.size() == 1);
    CHECK(traced.layers[0].name.empty());
    CHECK(!traced.layers[0].has_parts);
}
