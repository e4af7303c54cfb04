// SPDX-License-Identifier: MIT
// Layers on a device: what they compute with their weights, and how training and evaluation differ.
// The operators behind them are tested by themselves.
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/nn.h>
#include <ingot/nn/layer.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::nn;
using testing::check_validation;
using testing::test_device;
using testing::thrown_message;

namespace {

std::vector<float> ramp(std::int64_t count) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) {
        values.push_back(static_cast<float>(std::sin(0.7 * static_cast<double>(i))));
    }
    return values;
}

// The module's output for ramp(); the updates of its buffers are carried out.
std::vector<float> run(const Module& module, const Shape& shape, Mode mode = Mode::kEval) {
    const Tensor x = input(shape);
    const Tensor y = module(x, mode);
    Program program = test_device().compile(Graph{}.output(y), {.guard_bytes = true});
    program.run({{x, ramp(shape.count())}});
    const auto values = program.read_all<float>(y);
    program.check_guards();
    check_validation();
    return values;
}

Shape shape_of(const Module& module, const Shape& shape) {
    return module(input(shape)).shape();
}

}  // namespace

TEST_CASE("linear layers in a row") {
    const Sequential net{Linear{5, 4}, Tanh{}, Linear{4, 3, {.bias = false}}};
    const auto state = net.state_dict();
    const auto w0 = state[0].values<float>(), b0 = state[1].values<float>(),
               w1 = state[2].values<float>();
    const auto x = ramp(2 * 5);
    const auto y = run(net, {2, 5});
    for (std::size_t row = 0; row < 2; ++row) {
        double hidden[4];
        for (std::size_t n = 0; n < 4; ++n) {
            hidden[n] = b0[n];
            for (std::size_t k = 0; k < 5; ++k)
                hidden[n] += double{w0[n * 5 + k]} * x[row * 5 + k];
            hidden[n] = std::tanh(hidden[n]);
        }
        for (std::size_t n = 0; n < 3; ++n) {
            double sum = 0;
            for (std::size_t k = 0; k < 4; ++k)
                sum += w1[n * 4 + k] * hidden[k];
            CHECK(y[row * 3 + n] == doctest::Approx(sum).epsilon(1e-5));
        }
    }
}

TEST_CASE("the shapes of a convolutional net") {
    CHECK(shape_of(Conv2d{1, 32, {.kernel = 3, .padding = 1}}, {2, 1, 28, 28}) ==
          Shape{2, 32, 28, 28});
    CHECK(shape_of(Conv2d{2, 4, {.kernel = {3, 5}, .stride = 2, .groups = 2}}, {2, 2, 9, 9}) ==
          Shape{2, 4, 4, 3});
    CHECK(shape_of(MaxPool2d{2}, {2, 3, 9, 8}) == Shape{2, 3, 4, 4});
    CHECK(shape_of(AvgPool2d{3, {.stride = 1, .padding = 1}}, {2, 3, 9, 8}) == Shape{2, 3, 9, 8});
    CHECK(shape_of(Flatten{}, {2, 3, 4, 5}) == Shape{2, 60});
    CHECK(shape_of(Flatten{2}, {2, 3, 4, 5}) == Shape{2, 3, 20});
}

TEST_CASE("batch norm normalises by the batch while training, by its statistics otherwise") {
    const BatchNorm1d norm{3};
    const auto x = ramp(8 * 3);
    const auto untrained = run(norm, {8, 3});
    CHECK(untrained[5] == doctest::Approx(x[5] / std::sqrt(1 + 1e-5)));
    const auto trained = run(norm, {8, 3}, Mode::kTrain);
    for (std::size_t c = 0; c < 3; ++c) {
        double mean = 0, variance = 0, y_mean = 0;
        for (std::size_t b = 0; b < 8; ++b)
            mean += x[b * 3 + c] / 8.0;
        for (std::size_t b = 0; b < 8; ++b) {
            variance += std::pow(x[b * 3 + c] - mean, 2) / 8;
            y_mean += trained[b * 3 + c] / 8.0;
        }
        CHECK(std::abs(y_mean) < 1e-6);
        CHECK(trained[c] == doctest::Approx((x[c] - mean) / std::sqrt(variance + 1e-5)));
        CHECK(norm.buffers()[0].parameter.read().values<float>()[c] == doctest::Approx(0.1 * mean));
        CHECK(norm.buffers()[1].parameter.read().values<float>()[c] ==
              doctest::Approx(0.9 + 0.1 * variance * 8 / 7));
    }
}

TEST_CASE("dropout works while training only, and follows the seed") {
    const auto net = [](std::uint64_t seed) {
        Sequential result{Dropout{0.5}};
        result.initialize(seed);
        return result;
    };
    CHECK(run(net(1), {4, 64}) == ramp(4 * 64));
    const auto first = run(net(1), {4, 64}, Mode::kTrain);
    CHECK(first != ramp(4 * 64));
    CHECK(run(net(1), {4, 64}, Mode::kTrain) == first);
    CHECK(run(net(2), {4, 64}, Mode::kTrain) != first);
    const Sequential used = net(1);
    CHECK(used.generators().empty());
    run(used, {4, 64}, Mode::kTrain);
    REQUIRE(used.generators().size() == 1);
    CHECK(used.generators()[0].counter() == 1);
}

TEST_CASE("dropout of channels drops all of a channel or nothing") {
    const auto y = run(Dropout2d{0.25}, {8, 16, 3, 3}, Mode::kTrain);
    const auto x = ramp(8 * 16 * 9);
    std::size_t dropped = 0;
    for (std::size_t channel = 0; channel < 8 * 16; ++channel) {
        const float scale = y[channel * 9 + 1] == 0 ? 0.0F : 4.0F / 3;
        dropped += scale == 0 ? 1 : 0;
        for (std::size_t i = channel * 9; i < channel * 9 + 9; ++i)
            CHECK(y[i] == doctest::Approx(scale * x[i]));
    }
    CHECK(dropped > 16);  // 32 expected, with a deviation of 5
    CHECK(dropped < 48);
    CHECK(run(Dropout1d{0.25}, {2, 3, 5}) == ramp(30));
}

TEST_CASE("a layer of the user's own") {
    class Scale : public Layer {
    public:
        Scale() {
            add_parameter("scale", [](const auto&) { return init::constant({1}, 3); });
            add_child("inner", Linear{2, 2});
        }
        std::string type() const override { return "Scale"; }
        Tensor forward(const Tensor& x, Mode mode) override {
            return children()[0](x, mode) * parameter(0);
        }
    };
    const Sequential net{ReLU{}, std::make_shared<Scale>()};
    CHECK(net.parameters()[0].name == "1.scale");
    CHECK(net.parameters()[1].name == "1.inner.weight");
    CHECK(run(net, {1, 2}).size() == 2);
}

TEST_CASE("a function as a layer") {
    const Sequential net{Lambda{"Square", [](const Tensor& x) { return x * x; }}, Identity{}};
    const auto x = ramp(6), y = run(net, {2, 3});
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(y[i] == doctest::Approx(x[i] * x[i]));
    CHECK(net["0"].type() == "Square");
}

TEST_CASE("parts of a model are found by name, and frozen") {
    const TransformerEncoder net{TransformerEncoderLayer{8, 2, {.dim_feedforward = 4}}, 2};
    CHECK(net.children().size() == 2);
    CHECK(net.children()[1].name == "layers.1");
    CHECK(net["layers.1.linear1"].type() == "Linear");
    CHECK(net["layers.1"]["linear1"].layer() == net["layers.1.linear1"].layer());
    CHECK(net["layers.0"].state_dict() != net["layers.1"].state_dict());  // not copies

    net["layers.0"].set_trainable(false);
    std::size_t trained = 0;
    for (const NamedParameter& named : net.parameters()) {
        CHECK(named.parameter.trainable() == named.name.starts_with("layers.1."));
        trained += named.parameter.trainable() ? 1 : 0;
    }
    CHECK(trained == 12);
    CHECK(parameters_of(net(input({2, 3, 8}))).size() == trained);
    net.set_trainable(true);
    CHECK(parameters_of(net(input({2, 3, 8}))).size() == 2 * trained);
}

TEST_CASE("dropout inside layers works while training only") {
    const auto differs = [](const Module& module, const Shape& shape) {
        const auto quiet = run(module, shape);
        CHECK(run(module, shape) == quiet);
        return run(module, shape, Mode::kTrain) != quiet;
    };
    CHECK(differs(LSTM{3, 4, {.num_layers = 2, .dropout = 0.5}}, {5, 2, 3}));
    CHECK_FALSE(differs(LSTM{3, 4, {.dropout = 0.5}}, {5, 2, 3}));  // none behind the last layer
    CHECK(differs(MultiheadAttention{8, 2, {.dropout = 0.5}}, {2, 5, 8}));
    CHECK(differs(TransformerEncoderLayer{8, 2, {.dim_feedforward = 4}}, {2, 5, 8}));
}

TEST_CASE("weights are drawn as PyTorch draws them") {
    const auto bound_of = [](const Module& module, const char* name) {
        for (const HostTensor& tensor : module.state_dict()) {
            if (tensor.name != name) continue;
            float largest = 0;
            for (const float value : tensor.values<float>())
                largest = std::max(largest, std::abs(value));
            return largest;
        }
        return -1.0F;
    };
    const auto about = [](float got, double bound) { return got <= bound && got > 0.95 * bound; };
    const LSTM lstm{16, 25};
    for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
        CHECK(about(bound_of(lstm, name), 0.2));
    const MultiheadAttention attention{24, 3};
    CHECK(about(bound_of(attention, "in_proj_weight"), std::sqrt(6.0 / (24 + 72))));
    CHECK(about(bound_of(attention, "out_proj.weight"), 1 / std::sqrt(24.0)));
    CHECK(bound_of(attention, "in_proj_bias") == 0);
    CHECK(bound_of(attention, "out_proj.bias") == 0);
    CHECK(about(bound_of(ConvTranspose2d{8, 6, {.groups = 2}}, "weight"), 1 / std::sqrt(27.0)));

    const HostTensor table = Embedding{50, 40, {.padding_idx = 3}}.state_dict()[0];
    double squares = 0;
    for (std::size_t i = 0; i < 2000; ++i) {
        const float value = table.values<float>()[i];
        if (i / 40 == 3) CHECK(value == 0);
        squares += value * value;
    }
    CHECK(squares / 1960 == doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("a layer that does not fit is named") {
    const Sequential net{Flatten{}, Linear{784, 10}, ReLU{}, Linear{11, 2}};
    const std::string message = thrown_message([&] { net(input({2, 1, 28, 28})); });
    CHECK(message.starts_with("invalid argument: layer 3, Linear, given f32[2, 10]: "));
}
