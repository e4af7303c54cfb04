// SPDX-License-Identifier: MIT
// What minimize() adds to a graph: one group of kernels' work per slab, one for the scalars, the
// same state for every program, and clear refusals. None of it needs a device.
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/ops.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <map>
#include <sstream>

using namespace ingot;
using testing::thrown_message;

namespace {

Parameter weights(const Shape& shape, const std::string& name) {
    return Parameter(init::uniform(shape, -1, 1), {.name = name});
}

// "%45" -> the number of the group that computes it; and "adam.step" -> "%34" of the updates.
struct Dump {
    std::map<std::string, std::string> group_of;
    std::map<std::string, std::string> update_of;

    explicit Dump(const Graph& graph) {
        std::istringstream text(to_text(graph));
        std::string group;
        for (std::string line; std::getline(text, line);) {
            std::istringstream words(line);
            std::string first, second, arrow, value;
            words >> first >> second;
            if (first == "group") group = second;
            if (first.starts_with("%")) group_of[first.substr(0, first.find(':'))] = group;
            if (first == "update") {
                words >> arrow >> value;
                update_of[second] = value;
            }
        }
    }
    std::string group_of_update(const std::string& state) const {
        REQUIRE(update_of.contains(state));
        return group_of.at(update_of.at(state));
    }
};

}  // namespace

TEST_CASE("the whole update of a slab is one group, the scalars are another") {
    for (const bool decoupled : {false, true}) {
        const Parameter a = weights({7}, "a"), b = weights({7}, "b");
        const Tensor loss = sum(square(a * b));
        optim::Optimizer optimizer = optim::Adam{{.weight_decay = 0.1}};
        if (decoupled) optimizer = optim::AdamW{};
        const std::string name = optimizer.name();
        const Dump dump(optimizer.minimize(loss));

        const std::string slab = dump.group_of_update("parameters");
        CHECK(dump.group_of_update(name + ".exp_avg.0") == slab);
        CHECK(dump.group_of_update(name + ".exp_avg_sq.0") == slab);
        const std::string scalars = dump.group_of_update(name + ".step");
        CHECK(scalars != slab);
        CHECK(dump.group_of_update(name + ".bias_correction1") == scalars);
        CHECK(dump.group_of_update(name + ".bias_correction2") == scalars);
    }
}

TEST_CASE("a loss scaler leaves the update of a slab one group, its own numbers are another") {
    const Parameter a = weights({7, 3}, "a"), b = weights({3, 7}, "b");
    optim::AdamW optimizer{{}, {.loss_scaler = optim::LossScaler{}}};
    const Dump dump(optimizer.minimize(sum(square(matmul(a, b)))));
    const std::string slab = dump.group_of_update("parameters");
    CHECK(dump.group_of_update("adamw.exp_avg.0") == slab);
    CHECK(dump.group_of_update("adamw.exp_avg_sq.0") == slab);
    const std::string scale = dump.group_of_update("loss_scaler.scale");
    CHECK(scale != slab);
    CHECK(dump.group_of_update("loss_scaler.growth_tracker") == scale);
    CHECK(dump.group_of_update("loss_scaler.skipped_steps") == scale);
}

TEST_CASE("momentum is updated in the group of the parameters") {
    const Parameter a = weights({10, 7}, "a");
    optim::Sgd optimizer{{.lr = 0.1, .momentum = 0.9, .dampening = 0.1, .weight_decay = 0.01}};
    const Dump dump(optimizer.minimize(sum(square(a))));
    CHECK(dump.group_of_update("sgd.momentum_buffer.0") == dump.group_of_update("parameters"));
}

TEST_CASE("several programs share one state") {
    const Parameter a = weights({4}, "a"), b = weights({3}, "b");
    optim::Adam optimizer;
    CHECK(optimizer.state().size() == 3);
    const Graph first = optimizer.minimize(sum(square(a)) + sum(square(b)));
    REQUIRE(optimizer.state().size() == 5);
    CHECK(optimizer.state()[0].name() == "adam.step");
    CHECK(optimizer.state()[3].name() == "adam.exp_avg.0");
    CHECK(optimizer.state()[4].name() == "adam.exp_avg_sq.0");
    const Graph second = optimizer.minimize(sum(abs(a)) + sum(abs(b)));
    CHECK(optimizer.state().size() == 5);
    REQUIRE(first.updates.size() == second.updates.size());
    for (std::size_t i = 0; i < first.updates.size(); ++i) {
        CHECK(first.updates[i].target == second.updates[i].target);
    }
}

TEST_CASE("frozen parameters are left alone") {
    const Parameter a = weights({4}, "a"), b = weights({3}, "b");
    Parameter frozen = b;
    frozen.set_trainable(false);
    optim::Sgd optimizer;
    const Graph graph = optimizer.minimize(sum(square(a)) + sum(square(b)));
    REQUIRE(graph.updates.size() == 1);
    CHECK(graph.updates[0].target.shape().count() == 64);  // one parameter, padded to 256 bytes
}

TEST_CASE("what makes no sense is refused") {
    const Parameter a = weights({4}, "a"), b = weights({3}, "b");
    CHECK(thrown_message([] { optim::Sgd{{.lr = -1}}; }) ==
          "invalid argument: sgd: lr is -1, below 0 or not finite");
    CHECK(thrown_message([] { optim::Sgd{{.nesterov = true}}; }) ==
          "invalid argument: sgd: nesterov needs momentum and no dampening (momentum 0, dampening "
          "0)");
    CHECK(thrown_message([] { optim::Adam{{.beta2 = 1}}; }) ==
          "invalid argument: adam: beta2 is 1, not in [0, 1)");
    CHECK(thrown_message([] { optim::AdamW{{.weight_decay = -0.5}}; }) ==
          "invalid argument: adamw: weight_decay is -0.5, below 0 or not finite");
    CHECK(thrown_message([] { optim::Sgd{}.minimize(sum(square(input({4})))); }) ==
          "invalid argument: minimize: the loss depends on no trainable parameter");
    CHECK(thrown_message([&] {
              optim::Sgd optimizer;
              optimizer.minimize(sum(square(a)) + sum(square(b)));
              optimizer.minimize(sum(square(a)));
          }).find("parameter 'b' is updated together with others") != std::string::npos);
}
