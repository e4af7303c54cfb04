// SPDX-License-Identifier: MIT
// Looking at gradients while training: they are the step's own, and looking changes nothing.
#include "small_run.h"

#include <doctest/doctest.h>
#include <ingot/tensorboard.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

class KeepProbes : public train::Callback {
public:
    KeepProbes(std::vector<train::Probe>* probes, std::int64_t every)
        : probes_(probes), every_(every) {}
    bool wants_probe(const train::FitState&, std::int64_t step) override {
        return step % every_ == 0;
    }
    void on_probe(train::FitState&, const train::Probe& probe) override {
        probes_->push_back(probe);
    }

private:
    std::vector<train::Probe>* probes_;
    std::int64_t every_;
};

}  // namespace

TEST_CASE("probe: the gradient is the one that the step takes") {
    const auto data = small_data();
    const nn::Sequential net{nn::Linear{2, 8}, nn::Tanh{}, nn::Linear{8, 3}};
    net.initialize(3);
    net["0"].parameters()[1].parameter.set_trainable(false);
    std::vector<train::Probe> probes;
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Sgd{{.lr = 0.5}}};
    auto options = small_options(data, 2);
    options.callbacks = {KeepProbes(&probes, 1)};
    const auto history = trainer.fit(data.train, options);
    REQUIRE(probes.size() == history.step_losses.size());
    for (std::size_t i = 0; i < probes.size(); ++i) {
        CAPTURE(i);
        CHECK(probes[i].step == static_cast<std::int64_t>(i));
        CHECK(probes[i].loss == doctest::Approx(history.step_losses[i]).epsilon(1e-6));
    }
    for (std::size_t i = 0; i + 1 < probes.size(); ++i) {
        REQUIRE(probes[i].weights.size() == 3);  // one is frozen
        CHECK(probes[i].weights[0].name == "0.weight");
        CHECK(probes[i].gradients[2].name == "2.bias");
        for (std::size_t p = 0; p < 3; ++p) {
            const auto before = probes[i].weights[p].values<float>();
            const auto after = probes[i + 1].weights[p].values<float>();
            const auto gradient = probes[i].gradients[p].values<float>();
            CHECK(probes[i].gradients[p].shape == probes[i].weights[p].shape);
            for (std::size_t k = 0; k < before.size(); ++k) {
                // One rounding of the weight, and as much of the gradient's sums.
                CHECK(std::abs(before[k] - 0.5F * gradient[k] - after[k]) <
                      1e-6 * (1 + std::abs(before[k])));
            }
        }
    }
}

TEST_CASE("probe: no bit of the outcome depends on it") {
    const auto data = small_data();
    const auto run = [&](std::vector<train::AnyCallback> callbacks) {
        auto options = small_options(data, 3);
        options.callbacks = std::move(callbacks);
        const nn::Module net = small_net();
        const auto history = small_trainer(net).fit(data.train, options);
        return std::pair{history.step_losses, net.state_dict()};
    };
    std::vector<train::Probe> probes;
    const auto with = run({KeepProbes(&probes, 4)});
    const auto without = run({});
    CHECK(probes.size() == 8);
    CHECK(with.first == without.first);
    CHECK(with.second == without.second);
}

TEST_CASE("filters: of convolutions and of layers over pictures, scaled about grey") {
    const nn::Sequential grey{nn::Conv2d{1, 4, {.kernel = 3}}, nn::ReLU{}};
    grey.initialize(1);
    Parameter weight = grey.parameters()[0].parameter;
    std::vector<float> values(36, 0);
    values[0] = 2;
    values[8] = -2;
    values[4] = 1;
    weight.write(HostTensor::of("w", weight.shape(), values));
    const auto pictures = train::first_layer_filters(grey, {1, 8, 8});
    REQUIRE(pictures.size() == 4);
    CHECK(pictures[0] == Image{3, 3, 1, {255, 128, 128, 128, 191, 128, 128, 128, 0}});
    CHECK(pictures[1].pixels == std::vector<std::uint8_t>(9, 128));

    const nn::Sequential flat{nn::Flatten{}, nn::Linear{12, 5}};
    const auto rows = train::first_layer_filters(flat, {3, 2, 2}, 2);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].channels == 3);
    CHECK(rows[0].width == 2);
    CHECK(train::first_layer_filters(flat, {12}).empty());
    CHECK(train::first_layer_filters(nn::Sequential{nn::Conv2d{2, 4, {.kernel = 3}}}, {2, 8, 8})
              .empty());
    CHECK(train::first_layer_filters(nn::Sequential{nn::ReLU{}}, {1, 8, 8}).empty());
}
