// SPDX-License-Identifier: MIT
// Groups with options of their own, accumulation and averages as a user meets them.
#include "reference.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace ingot;
using testing::check_validation;
using testing::reference;
using testing::test_device;
using testing::thrown_message;
using testing::Weights;

namespace {

Parameter weights(const Shape& shape, const std::string& name) {
    return Parameter(init::uniform(shape, -1, 1, {.stream = name.size()}), {.name = name});
}

Weights expected_of(const Parameter& parameter) {
    const HostTensor start = parameter.read();
    const auto values = start.values<float>();
    return {.shape = parameter.shape(), .p = {values.begin(), values.end()}, .g = {}};
}

void check_close(const HostTensor& tensor, const std::vector<double>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(tensor.values<float>()[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

std::vector<float> floats(const Parameter& parameter) {
    const HostTensor tensor = parameter.read();
    return {tensor.values<float>().begin(), tensor.values<float>().end()};
}

}  // namespace

TEST_CASE("each group follows its own options; the norm is taken over all of them") {
    const std::array parameters{weights({3, 5}, "body"), weights({5}, "body.bias"),
                                weights({2, 3}, "head.of.it")};
    const optim::SgdOptions slow{.lr = 0.01, .weight_decay = 0.1};
    const optim::SgdOptions fast{.lr = 0.1, .momentum = 0.9};
    const optim::SgdOptions bias{.lr = 0.05};
    optim::StepOptions all{.clip_norm = 0.5};
    optim::Sgd optimizer{slow, all};
    optimizer.add_group({parameters[2]}, fast, {.max_norm = 0.5});
    optimizer.add_group({parameters[1]}, bias, {.l1 = 0.01});
    CHECK(optimizer.group_count() == 3);
    CHECK(optimizer.learning_rate(1) == 0.1);

    std::vector<Weights> expected;
    Tensor loss;
    for (const Parameter& parameter : parameters) {
        expected.push_back(expected_of(parameter));
        const Tensor term = sum(square(parameter.tensor() - 0.5F));
        loss = loss ? loss + term : term;
    }
    Program program = test_device().compile(optimizer.minimize(loss), {.guard_bytes = true});
    for (int t = 1; t <= 20; ++t) {
        program.run({});
        double squares = 0;
        for (Weights& w : expected) {
            w.g.clear();
            for (const double p : w.p) {
                w.g.push_back(2 * (p - 0.5));
                squares += w.g.back() * w.g.back();
            }
        }
        const double scale = std::min(1.0, 0.5 / (std::sqrt(squares) + 1e-6));
        for (Weights& w : expected) {
            for (double& g : w.g)
                g *= scale;
        }
        const std::array options{slow, bias, fast};
        const std::array of_group{optim::GroupOptions{}, optim::GroupOptions{.l1 = 0.01},
                                  optim::GroupOptions{.max_norm = 0.5}};
        for (std::size_t k = 0; k < expected.size(); ++k) {
            std::vector<Weights> one{std::move(expected[k])};
            testing::step(one, reference(options[k]), {.others = of_group[k]}, 1, t);
            expected[k] = std::move(one[0]);
        }
    }
    program.wait();
    program.check_guards();
    for (std::size_t k = 0; k < expected.size(); ++k)
        check_close(parameters[k].read(), expected[k].p);
    const auto state = optimizer.state();
    REQUIRE(state.size() == 1);
    CHECK(state[0].name() == "sgd.group1.momentum_buffer.0");
    check_validation();
}

TEST_CASE("k micro-batches do what one batch of k times the size does") {
    const auto train = [](std::int64_t batch, std::int64_t accumulate) {
        const Parameter w = weights({3, 4}, "w");
        const Tensor x = input({batch, 4}), y = input({batch, 3});
        optim::Adam optimizer{{.lr = 1e-2}, {.accumulate = accumulate}};
        Program program = test_device().compile(optimizer.minimize(mse_loss(linear(x, w), y)),
                                                {.guard_bytes = true});
        for (std::int64_t sample = 0; sample < 120; sample += batch) {
            std::vector<float> xs, ys;
            for (std::int64_t s = sample; s < sample + batch; ++s) {
                for (int i = 0; i < 4; ++i)
                    xs.push_back(static_cast<float>(std::sin(1.7 * static_cast<double>(s) + i)));
                for (int i = 0; i < 3; ++i)
                    ys.push_back(static_cast<float>(std::cos(0.9 * static_cast<double>(s) + i)));
            }
            program.run({{x, xs}, {y, ys}});
        }
        program.wait();
        program.check_guards();
        CHECK(optimizer.state()[0].read().values<float>()[0] == 10);  // updates, not runs
        return floats(w);
    };
    const std::vector<float> large = train(12, 1);
    const std::vector<float> small = train(3, 4);
    for (std::size_t i = 0; i < large.size(); ++i)
        CHECK(small[i] == doctest::Approx(large[i]).epsilon(1e-5));
}

TEST_CASE("between two updates nothing moves but the sum of the gradients") {
    const Parameter w = weights({5}, "w");
    optim::AdamW optimizer{{.lr = 0.1}, {.accumulate = 3, .ema_decay = 0.5}};
    Program program = test_device().compile(optimizer.minimize(sum(square(w))));
    std::vector<std::vector<float>> seen;
    for (int run = 0; run < 6; ++run) {
        program.run({});
        program.wait();
        seen.push_back(floats(w));
        std::vector<float> rest;
        for (const Parameter& state : optimizer.state()) {
            if (state.name() == "adamw.gradient_sum.0") continue;
            if (state.name() == "adamw.micro_batch") {
                CHECK(floats(state)[0] == static_cast<float>((run + 1) % 3));
                continue;
            }
            for (const float value : floats(state))
                seen.back().push_back(value);
        }
    }
    CHECK(seen[0] == seen[1]);
    CHECK(seen[1] != seen[2]);
    CHECK(seen[2] == seen[3]);
    CHECK(seen[3] == seen[4]);
    CHECK(seen[4] != seen[5]);
}

TEST_CASE("parameters that a program has laid out before are updated by themselves") {
    const Parameter number(init::constant({}, 2), {.name = "number"});
    const Parameter a = weights({3, 4}, "a"), b = weights({5}, "b");
    const Tensor loss = square(number) + sum(square(a)) + sum(square(b));
    Program before = test_device().compile(Graph{}.output(loss));
    const optim::StepOptions all{
        .clip_norm = 5, .accumulate = 2, .ema_decay = 0.5, .others = {.l1 = 0.01, .max_norm = 10}};
    std::vector<optim::Optimizer> optimizers{optim::Adam{{}, all},     optim::RAdam{{}, all},
                                             optim::NAdam{{}, all},    optim::Lamb{{}, all},
                                             optim::Muon{{}, {}, all}, optim::Adafactor{{}, all}};
    for (optim::Optimizer& optimizer : optimizers) {
        CAPTURE(optimizer.name());
        before.run({});
        const float was = before.read<float>(loss);
        Program step = test_device().compile(optimizer.minimize(loss), {.guard_bytes = true});
        for (int run = 0; run < 4; ++run)
            step.run({});
        step.wait();
        step.check_guards();
        before.run({});
        CHECK(before.read<float>(loss) < was);
        CHECK(optimizer.averages().size() == 3);
    }
    check_validation();
}

TEST_CASE("averages can be saved, and swapped in for an evaluation") {
    const Parameter a = weights({3, 2}, "a"), b = weights({5}, "b");
    optim::Sgd optimizer{{.lr = 0.1}, {.ema_decay = 0.9}};
    optimizer.adopt(std::array{a, b});
    CHECK(optimizer.averages()[0].name == "a");
    CHECK(optimizer.averages()[1].shape == Shape{5});
    CHECK(optimizer.averages()[0].data == a.read().data);

    const Tensor loss = sum(square(a)) + sum(square(b));
    Program program = test_device().compile(optimizer.minimize(loss));
    for (int run = 0; run < 5; ++run)
        program.run({});
    program.wait();
    const std::vector<float> weights_now = floats(a);
    const HostTensor average = optimizer.averages()[0];
    optimizer.swap_averages();
    CHECK(a.read().data == average.data);
    optimizer.swap_averages();
    CHECK(floats(a) == weights_now);
    CHECK(thrown_message([] { optim::Sgd{}.averages(); }) ==
          "invalid argument: sgd: keeps no averages: ema_decay is 0");
}

TEST_CASE("groups and options that make no sense are refused") {
    const Parameter a = weights({4}, "a"), b = weights({3, 3}, "b");
    optim::Adam adam;
    adam.add_group({a}, {.lr = 1e-4});
    CHECK(thrown_message([&] { adam.add_group({a}, {}); }) ==
          "invalid argument: adam: parameter 'a' is in a group already");
    CHECK(thrown_message([&] {
              adam.add_group({b, b}, {});
          }) == "invalid argument: adam: parameter 'b' is in a group already");
    CHECK(thrown_message([&] { adam.add_group({}, {}); }) ==
          "invalid argument: adam: a group without parameters");
    adam.minimize(sum(square(a)) + sum(square(b)));
    CHECK(thrown_message([&] { adam.add_group({b}, {}); }).find("laid out before") !=
          std::string::npos);
    CHECK(thrown_message([&] { adam.learning_rate(2); }) ==
          "invalid argument: adam: there is no group 2, only 2 of them");
    CHECK(thrown_message([&] { optim::Muon{}.add_group({a}, {}); }) ==
          "invalid argument: muon: is not for parameter 'a' f32[4]");
    CHECK(thrown_message([] {
              optim::Sgd{{}, {.clip_norm = -1}};
          }) == "invalid argument: sgd: clip_norm is -1, below 0 or not finite");
    CHECK(thrown_message([] {
              optim::Sgd{{}, {.accumulate = 0}};
          }) == "invalid argument: sgd: accumulate is 0, not in 1..1000000");
    CHECK(thrown_message([] {
              optim::Sgd{{}, {.ema_decay = 1}};
          }) == "invalid argument: sgd: ema_decay is 1, not in [0, 1)");
    CHECK(thrown_message([] {
              optim::Sgd{{}, {.others = {.max_norm = -2}}};
          }) == "invalid argument: sgd: max_norm is -2, below 0 or not finite");
    CHECK(thrown_message([] { optim::RmsProp{{.alpha = 1}}; }) ==
          "invalid argument: rmsprop: alpha is 1, not in [0, 1)");
    CHECK(thrown_message([] { optim::Adafactor{{.beta2_decay = 0.5}}; }) ==
          "invalid argument: adafactor: beta2_decay is 0.5, above 0");
    CHECK(thrown_message([] { optim::Adafactor{{.d = 0.5}}; }) ==
          "invalid argument: adafactor: d is 0.5, below 1");
    CHECK(thrown_message([] { optim::Muon{{.ns_steps = 0}}; }) ==
          "invalid argument: muon: ns_steps is 0, not in 1..99");
}
