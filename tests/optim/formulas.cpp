// SPDX-License-Identifier: MIT
// Each optimizer over 100 steps against the formula written out in double, on three parameters of
// awkward sizes in one slab. The gradient of the loss is 2 c (p - t) with t fed afresh each step,
// so it depends on where the parameters are.
#include "support/op_case.h"

#include <ingot/init.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace ingot;
using testing::check_validation;
using testing::test_device;

namespace {

constexpr int kSteps = 100;
const std::vector<Shape> kShapes = {{3, 5}, {67}, {1}};
constexpr double kScale = 0.3;  // c

// One parameter's element and its state, all in double.
struct Element {
    double p = 0, buffer = 0, m = 0, v = 0;
};
using Formula = std::function<void(Element& e, double g, double lr, int t)>;  // t from 1

Formula sgd(double momentum, double dampening, bool nesterov, double decay) {
    return [=](Element& e, double g, double lr, int t) {
        g += decay * e.p;
        if (momentum != 0) {
            e.buffer = t == 1 ? g : momentum * e.buffer + (1 - dampening) * g;
            g = nesterov ? g + momentum * e.buffer : e.buffer;
        }
        e.p -= lr * g;
    };
}

Formula adam(double beta1, double beta2, double epsilon, double decay, bool decoupled) {
    return [=](Element& e, double g, double lr, int t) {
        if (decoupled) {
            e.p -= lr * decay * e.p;
        } else {
            g += decay * e.p;
        }
        e.m = beta1 * e.m + (1 - beta1) * g;
        e.v = beta2 * e.v + (1 - beta2) * g * g;
        const double m = e.m / (1 - std::pow(beta1, t));
        const double v = e.v / (1 - std::pow(beta2, t));
        e.p -= lr * m / (std::sqrt(v) + epsilon);
    };
}

float target_of(int step, std::size_t parameter, std::size_t i) {
    return static_cast<float>(std::sin(0.37 * static_cast<double>(i) +
                                       1.3 * static_cast<double>(parameter) + 0.05 * step));
}

// Both sides start from the same floats and use the learning rate `lr`, then half of it.
void compare(optim::Optimizer optimizer, double lr, const Formula& formula) {
    std::vector<Parameter> parameters;
    std::vector<Tensor> targets;
    std::vector<std::vector<Element>> expected;
    Tensor loss;
    for (std::size_t k = 0; k < kShapes.size(); ++k) {
        const HostTensor start = init::uniform(kShapes[k], -1, 1, {.seed = 3, .stream = k});
        expected.emplace_back();
        for (const float value : start.values<float>())
            expected.back().push_back({.p = value});
        parameters.emplace_back(start);
        targets.push_back(input(kShapes[k]));
        const Tensor term = sum(square(parameters[k] - targets[k])) * static_cast<float>(kScale);
        loss = loss ? loss + term : term;
    }
    Program step = test_device().compile(optimizer.minimize(loss), {.guard_bytes = true});
    for (int t = 1; t <= kSteps; ++t) {
        if (t == kSteps / 2) optimizer.set_learning_rate(lr /= 2);
        std::vector<std::vector<float>> fed(kShapes.size());
        std::vector<Feed> feeds;
        for (std::size_t k = 0; k < kShapes.size(); ++k) {
            for (std::size_t i = 0; i < expected[k].size(); ++i) {
                fed[k].push_back(target_of(t, k, i));
                Element& e = expected[k][i];
                formula(e, 2 * kScale * (e.p - fed[k].back()), lr, t);
            }
            feeds.emplace_back(targets[k], fed[k]);
        }
        step.run(feeds);
    }
    step.wait();
    step.check_guards();
    for (std::size_t k = 0; k < kShapes.size(); ++k) {
        const HostTensor result = parameters[k].read();
        for (std::size_t i = 0; i < expected[k].size(); ++i) {
            CAPTURE(k);
            CAPTURE(i);
            // 100 steps of a few roundings each; the pull towards the target forgets them.
            CHECK(std::abs(result.values<float>()[i] - expected[k][i].p) < 5e-6);
        }
    }
    check_validation();
}

}  // namespace

TEST_CASE("sgd") {
    compare(optim::Sgd{{.lr = 0.1}}, 0.1, sgd(0, 0, false, 0));
}
TEST_CASE("sgd with weight decay") {
    compare(optim::Sgd{{.lr = 0.1, .weight_decay = 0.05}}, 0.1, sgd(0, 0, false, 0.05));
}
TEST_CASE("sgd with momentum") {
    compare(optim::Sgd{{.lr = 0.05, .momentum = 0.9}}, 0.05, sgd(0.9, 0, false, 0));
}
TEST_CASE("sgd with momentum, dampening and weight decay") {
    compare(optim::Sgd{{.lr = 0.1, .momentum = 0.8, .dampening = 0.3, .weight_decay = 0.01}}, 0.1,
            sgd(0.8, 0.3, false, 0.01));
}
TEST_CASE("sgd with Nesterov's momentum") {
    compare(optim::Sgd{{.lr = 0.05, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01}}, 0.05,
            sgd(0.9, 0, true, 0.01));
}
TEST_CASE("adam") {
    compare(optim::Adam{{.lr = 1e-2}}, 1e-2, adam(0.9, 0.999, 1e-8, 0, false));
}
TEST_CASE("adam with other betas, epsilon and weight decay") {
    compare(
        optim::Adam{
            {.lr = 2e-2, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}},
        2e-2, adam(0.8, 0.95, 1e-3, 0.1, false));
}
TEST_CASE("adamw") {
    compare(optim::AdamW{{.lr = 1e-2}}, 1e-2, adam(0.9, 0.999, 1e-8, 0.01, true));
}
TEST_CASE("adamw with strong decay") {
    compare(optim::AdamW{{.lr = 1e-2, .weight_decay = 0.5}}, 1e-2,
            adam(0.9, 0.999, 1e-8, 0.5, true));
}

TEST_CASE("the bias corrections keep their digits over many steps") {
    const Parameter p(init::zeros({1}), {.name = "p"});
    optim::Adam optimizer;
    Program step = test_device().compile(optimizer.minimize(sum(square(p))));
    for (int t = 1; t <= 3000; ++t) {
        step.run({});
        if (t != 1 && t != 10 && t != 1000 && t != 3000) continue;
        const auto state = optimizer.state();
        CHECK(state[0].read().values<float>()[0] == static_cast<float>(t));
        const double kept1 = state[1].read().values<float>()[0];
        const double kept2 = state[2].read().values<float>()[0];
        CHECK(kept1 == doctest::Approx(1 - std::pow(0.9, t)).epsilon(2e-5));
        CHECK(kept2 == doctest::Approx(1 - std::pow(0.999, t)).epsilon(2e-5));
    }
}
