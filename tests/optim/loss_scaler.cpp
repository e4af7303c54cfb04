// SPDX-License-Identifier: MIT
// LossScaler against torch.amp.GradScaler's rules in double precision; steps that are skipped to
// the last bit; gradients that f16 loses without one.
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/autocast.h>
#include <ingot/init.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

using namespace ingot;
using testing::check_validation;
using testing::test_device;
using testing::thrown_message;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Parameter weights(const Shape& shape, const std::string& name) {
    return Parameter(init::uniform(shape, -1, 1, {.stream = name.size()}), {.name = name});
}

float number(const Parameter& parameter) {
    return parameter.read().values<float>()[0];
}

// GradScaler.update(), after the paper's and PyTorch's words.
struct ScalerReference {
    optim::LossScalerOptions options;
    double scale = options.init_scale;
    std::int64_t good = 0, skipped = 0;

    void update(bool finite) {
        if (!finite) {
            scale *= options.backoff_factor;
            good = 0;
            ++skipped;
        } else if (++good == options.growth_interval) {
            const double larger = scale * options.growth_factor;
            if (larger <= std::numeric_limits<float>::max()) scale = larger;
            good = 0;
        }
    }
};

// Adam with its defaults, of one weight.
struct AdamReference {
    double p, m = 0, v = 0;
    int steps = 0;

    void update(double g) {
        ++steps;
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        const double m_hat = m / (1 - std::pow(0.9, steps)),
                     v_hat = v / (1 - std::pow(0.999, steps));
        p -= 1e-3 * m_hat / (std::sqrt(v_hat) + 1e-8);
    }
};

// Everything that a step may change but the scaler's own numbers.
std::vector<HostTensor> contents(const std::vector<Parameter>& weights,
                                 const optim::Optimizer& optimizer) {
    std::vector<HostTensor> all;
    for (const Parameter& parameter : weights)
        all.push_back(parameter.read());
    for (const Parameter& parameter : optimizer.state()) {
        if (!parameter.name().starts_with("loss_scaler.")) all.push_back(parameter.read());
    }
    return all;
}

}  // namespace

TEST_CASE("loss scaler: 100 steps follow GradScaler's rules") {
    const optim::LossScalerOptions options{
        .init_scale = 1024, .growth_factor = 4, .backoff_factor = 0.25, .growth_interval = 7};
    const optim::LossScaler scaler(options);
    optim::Adam optimizer{{}, {.loss_scaler = scaler}};
    const Parameter w = weights({3}, "w");
    const Tensor x = input({3});
    Program step = test_device().compile(optimizer.minimize(sum(w * x)));

    ScalerReference expected{options};
    std::array<AdamReference, 3> adam{};
    for (std::size_t i = 0; i < 3; ++i)
        adam[i].p = w.read().values<float>()[i];
    // Not finite as they are; and too large for f32 only once they are scaled.
    std::map<int, float> injected{{3, kInfinity}, {20, -kInfinity}, {21, kNaN}, {50, kInfinity}};
    injected[60] = injected[61] = 3e36F;
    bool grew = false, overflowed_by_scale = false;
    for (int i = 0; i < 100; ++i) {
        std::vector<float> fed{0.5F + 0.01F * static_cast<float>(i), -2.0F,
                               std::sin(0.7F * static_cast<float>(i))};
        if (injected.contains(i)) fed[static_cast<std::size_t>(i) % 3] = injected[i];
        const auto before = contents({w}, optimizer);
        step.run({{x, fed}});
        bool finite = true;
        for (const float g : fed) {
            const double scaled = g * expected.scale;
            finite = finite && std::abs(scaled) <= std::numeric_limits<float>::max();
        }
        if (finite) {
            for (std::size_t j = 0; j < 3; ++j)
                adam[j].update(fed[j]);
        }
        if (!finite && std::isfinite(fed[static_cast<std::size_t>(i) % 3]))
            overflowed_by_scale = true;
        const double scale_before = expected.scale;
        expected.update(finite);
        grew = grew || expected.scale > scale_before;
        CAPTURE(i);
        CHECK((contents({w}, optimizer) == before) == !finite);
        CHECK(scaler.get_scale() == expected.scale);
        CHECK(scaler.skipped_steps() == expected.skipped);
        CHECK(number(scaler.state()[1]) == static_cast<float>(expected.good));
        for (std::size_t j = 0; j < 3; ++j)
            CHECK(w.read().values<float>()[j] == doctest::Approx(adam[j].p).epsilon(2e-5));
    }
    CHECK(grew);
    CHECK(overflowed_by_scale);
    CHECK(expected.skipped >= 5);
    check_validation();
}

TEST_CASE("loss scaler: the scale stops growing at the end of f32") {
    const optim::LossScaler scaler({.init_scale = 0x1p126, .growth_interval = 1});
    const Parameter w = weights({2}, "w");
    optim::Sgd optimizer{{}, {.loss_scaler = scaler}};
    Program step = test_device().compile(optimizer.minimize(sum(w * 1e-3F)));
    for (int i = 0; i < 4; ++i)
        step.run({});
    CHECK(scaler.get_scale() == 0x1p127);
    CHECK(scaler.skipped_steps() == 0);
    scaler.state()[0].read();
    optimizer.reset();
    CHECK(scaler.get_scale() == 0x1p126);
}

// Two layers in f16 whose gradients are about 1e-8: below all but the last bit of f16.
TEST_CASE("loss scaler: what f16 cannot hold survives scaled, and only then") {
    const auto gradient = [](bool scales) {
        const optim::LossScaler scaler({.enabled = scales});
        const Parameter first = weights({4, 4}, "first"), second = weights({4, 4}, "second.");
        const Tensor x = input({1, 4});
        Tensor loss;
        {
            const Autocast autocast(f16);
            loss = sum(linear(linear(x, first), second)) * 2e-8F;
        }
        const std::vector<Tensor> wrt{first};
        const auto d = scaler.unscale(gradients(scaler.scale(loss), wrt));
        CHECK(d[0].dtype() == f32);
        Program program = test_device().compile(Graph{}.output(d[0]));
        const std::vector<float> ones(4, 1);
        program.run({{x, ones}});
        std::vector<double> expected;
        for (int row = 0; row < 4; ++row) {
            double sum_of_column = 0;
            for (int i = 0; i < 4; ++i)
                sum_of_column +=
                    Float16(second.read().values<float>()[static_cast<std::size_t>(4 * i + row)]);
            for (int column = 0; column < 4; ++column)
                expected.push_back(2e-8 * sum_of_column);
        }
        return std::pair(program.read_all<float>(d[0]), expected);
    };
    const auto [scaled, expected] = gradient(true);
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(scaled[i] == doctest::Approx(expected[i]).epsilon(2e-3));
    for (const float lost : gradient(false).first)
        CHECK(lost == 0.0F);
    check_validation();
}

TEST_CASE("loss scaler: a skipped step leaves every bit, whatever the optimizer keeps") {
    using Make = std::function<optim::Optimizer(const optim::StepOptions&)>;
    const std::vector<std::pair<std::string, Make>> rows{
        {"sgd",
         [](const auto& step) {
             return optim::Sgd{{.lr = 0.1, .momentum = 0.9, .dampening = 0.1}, step};
         }},
        {"adam",
         [](const auto& step) {
             return optim::Adam{{.amsgrad = true}, step};
         }},
        {"adamw",
         [](const auto& step) {
             return optim::AdamW{{}, step};
         }},
        {"rmsprop",
         [](const auto& step) {
             return optim::RmsProp{{.centered = true}, step};
         }},
        {"nadam",
         [](const auto& step) {
             return optim::NAdam{{}, step};
         }},
        {"lamb",
         [](const auto& step) {
             return optim::Lamb{{}, step};
         }},
        {"adafactor",
         [](const auto& step) {
             return optim::Adafactor{{}, step};
         }},
        {"muon",
         [](const auto& step) {
             return optim::Muon{{}, {}, step};
         }},
    };
    for (const auto& [name, make] : rows) {
        INFO(name);
        const nn::Sequential net{nn::Linear{3, 8}, nn::BatchNorm1d{8}, nn::ReLU{},
                                 nn::Linear{8, 2}};
        net.initialize(1);
        optim::Optimizer optimizer = make({.clip_value = 10,
                                           .clip_norm = 1,
                                           .ema_decay = 0.9,
                                           .loss_scaler = optim::LossScaler{}});
        const Tensor x = input({4, 3}), y = input({4, 2});
        Tensor loss;
        {
            const Autocast autocast(f16);
            loss = mse_loss(net.forward(x, nn::Mode::kTrain), y);
        }
        Program step = test_device().compile(optimizer.minimize(loss));
        std::vector<Parameter> all;
        for (const auto& named : {net.parameters(), net.buffers()}) {
            for (const nn::NamedParameter& parameter : named)
                all.push_back(parameter.parameter);
        }
        std::vector<float> inputs{0.1F, 0.2F, -0.3F, 0.5F, 0.4F, 1,  //
                                  2,    -1,   0.7F,  0,    0.9F, 1};
        const std::vector<float> targets(8, 0.5F);
        const auto start = contents(all, optimizer);
        step.run({{x, inputs}, {y, targets}});
        const auto moved = contents(all, optimizer);
        CHECK(moved != start);
        for (const float bad : {1e6F, kInfinity, kNaN}) {  // the first only in f16
            std::vector<float> spoilt = inputs;
            spoilt[4] = bad;
            step.run({{x, spoilt}, {y, targets}});
            CHECK(contents(all, optimizer) == moved);
        }
        CHECK(optimizer.loss_scaler()->skipped_steps() == 3);
        CHECK(optimizer.loss_scaler()->get_scale() == 65536.0 / 8);
        step.run({{x, inputs}, {y, targets}});
        const auto after = contents(all, optimizer);
        CHECK(after != moved);
        for (const HostTensor& tensor : after) {
            for (const float value : tensor.values<float>())
                CHECK(std::isfinite(value));
        }
    }
    check_validation();
}

TEST_CASE("loss scaler: one run that overflows spoils the update that it belongs to") {
    const optim::LossScaler scaler({.init_scale = 8});
    optim::Adam optimizer{{}, {.accumulate = 3, .loss_scaler = scaler}};
    const Parameter w = weights({3}, "w");
    const Tensor x = input({3});
    Program step = test_device().compile(optimizer.minimize(sum(w * x)));
    const std::vector<float> good{1, 2, 3}, bad{1, kInfinity, 3};
    const auto run = [&](const std::vector<float>& fed) { step.run({{x, fed}}); };
    const HostTensor start = w.read();
    run(good), run(bad);
    CHECK(scaler.get_scale() == 8);  // not due
    CHECK(scaler.skipped_steps() == 0);
    run(good);
    CHECK(w.read() == start);
    CHECK(scaler.get_scale() == 4);
    CHECK(scaler.skipped_steps() == 1);
    run(good), run(good);
    CHECK(w.read() == start);
    run(good);
    CHECK(w.read() != start);  // the sums began anew
    CHECK(scaler.get_scale() == 4);
    CHECK(scaler.skipped_steps() == 1);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(w.read().values<float>()[i] ==
              doctest::Approx(start.values<float>()[i] - 1e-3).epsilon(1e-5));
}

TEST_CASE("loss scaler: powers of two change no bit, whatever else is done to the gradients") {
    const auto trained = [](bool scales) {
        const nn::Sequential net{nn::Linear{3, 8}, nn::Tanh{}, nn::Linear{8, 2}};
        net.initialize(1);
        optim::AdamW optimizer{{.lr = 1e-2},
                               {.clip_value = 0.5,
                                .clip_norm = 0.1,
                                .accumulate = 2,
                                .ema_decay = 0.9,
                                .loss_scaler = optim::LossScaler(
                                    {.init_scale = 512, .growth_interval = 2, .enabled = scales})}};
        const Tensor x = input({4, 3}), y = input({4, 2});
        Program step = test_device().compile(optimizer.minimize(mse_loss(net.forward(x), y)));
        std::vector<float> inputs(12), targets(8, 3);
        for (int i = 0; i < 10; ++i) {
            for (std::size_t j = 0; j < 12; ++j)
                inputs[j] = std::sin(static_cast<float>(12 * i) + static_cast<float>(j));
            step.run({{x, inputs}, {y, targets}});
        }
        CHECK(optimizer.loss_scaler()->get_scale() == (scales ? 2048 : 1));
        return net.state_dict();
    };
    CHECK(trained(true) == trained(false));
}

TEST_CASE("loss scaler: one that is not enabled adds nothing") {
    const auto updates = [](std::optional<optim::LossScaler> scaler) {
        const Parameter w(HostTensor::zeros("w", {5}), {.name = "w"});
        optim::Adam optimizer{{}, {.loss_scaler = std::move(scaler)}};
        const Graph graph = optimizer.minimize(sum(square(w)));
        CHECK(!graph.attached_if);
        CHECK(optimizer.state().size() == 5);
        const std::string text = to_text(graph);
        return text.substr(text.find("group 3"));  // the slab's number stands in group 2
    };
    CHECK(updates(optim::LossScaler({.enabled = false})) == updates({}));
    CHECK(optim::LossScaler({.enabled = false}).get_scale() == 1);
}

TEST_CASE("loss scaler: options out of range are refused by name") {
    const auto message = [](const optim::LossScalerOptions& options) {
        return thrown_message([&] { optim::LossScaler scaler(options); });
    };
    CHECK(message({.init_scale = 0}).find("loss_scaler: init_scale is 0, not above 0") !=
          std::string::npos);
    CHECK(message({.init_scale = 1e39}).find("init_scale") != std::string::npos);
    CHECK(message({.growth_factor = 1}).find("growth_factor is 1, not above 1") !=
          std::string::npos);
    CHECK(message({.backoff_factor = 1}).find("backoff_factor is 1, not between 0 and 1") !=
          std::string::npos);
    CHECK(message({.growth_interval = 0}).find("growth_interval is 0, not in 1..2^24") !=
          std::string::npos);
    CHECK(thrown_message([] { optim::all_finite({}); }).find("all_finite: of no tensors") !=
          std::string::npos);
    Graph graph;
    graph.attached_if = input({2}, boolean);
    CHECK(thrown_message([&] { to_text(graph); }).find("graph: attached_if is a bool[]") !=
          std::string::npos);
}
