// SPDX-License-Identifier: MIT
// The first losses of a training run are PyTorch's. make_fixtures.py has trained the same models,
// from the same file NAME.safetensors and on batches that both sides compute by one formula, and
// recorded the losses in NAME.json. A wrong gradient, default or update shows within a few steps.
#include "samples/networks/gpt.h"
#include "samples/networks/resnet.h"
#include "support/named_numbers.h"
#include "support/op_case.h"

#include <ingot/io.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace ingot;
using testing::numbers;
using testing::uniform;

namespace {

constexpr int kBatches = 4;              // they come round again and again
constexpr double kRelativeError = 1e-5;  // a hundred times what software drivers show

std::vector<std::int32_t> below(std::int64_t limit, std::string_view name, std::int64_t count) {
    std::vector<std::int32_t> values;
    for (const std::uint32_t word : numbers(name, count))
        values.push_back(static_cast<std::int32_t>(word % static_cast<std::uint32_t>(limit)));
    return values;
}

struct Model {
    std::string name;
    nn::Module net;
    optim::Optimizer optimizer;
    Shape input;  // a batch
    std::int64_t classes;
    bool tokens = false;  // inputs are tokens of as many kinds as classes, with a label each
};

nn::Module mlp() {
    return nn::Sequential{nn::Linear{20, 33}, nn::ReLU{}, nn::Linear{33, 17}, nn::Tanh{},
                          nn::Linear{17, 5}};
}

nn::Module cnn() {
    return nn::Sequential{nn::Conv2d{2, 6, {.kernel = 3, .padding = 1, .bias = false}},
                          nn::BatchNorm2d{6},
                          nn::ReLU{},
                          nn::MaxPool2d{2},
                          nn::Conv2d{6, 8, {.kernel = 3, .stride = 2, .padding = 1, .groups = 2}},
                          nn::BatchNorm2d{8},
                          nn::GELU{},
                          nn::AvgPool2d{2},
                          nn::Flatten{},
                          nn::Linear{32, 5}};
}

void compare(Model model) {
    const std::string fixtures = fmt::format("{}/{}", INGOT_PARITY_FIXTURES, model.name);
    const auto fixture = nlohmann::json::parse(io::read_file(fixtures + ".json"));
    io::load(model.net, fixtures + ".safetensors");
    const std::int64_t count = model.tokens ? model.input.count() : model.input[0];  // of labels
    const Tensor x = input(model.input, model.tokens ? i32 : f32), y = input({count}, i32);
    const Tensor logits = reshape(model.net(x, nn::Mode::kTrain), {count, model.classes});
    const Tensor loss = cross_entropy(logits, y);
    Program step = testing::test_device().compile(model.optimizer.minimize(loss));
    const std::vector<double> expected = fixture.at("losses");
    REQUIRE(expected.size() == 20);
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        const std::string inputs = fmt::format("input {}", i % kBatches);
        const auto labels = below(model.classes, fmt::format("labels {}", i % kBatches), count);
        if (model.tokens) {
            step.run({{x, below(model.classes, inputs, count)}, {y, labels}});
        } else {
            step.run({{x, uniform(inputs, model.input)}, {y, labels}});
        }
        const double error = std::abs(step.read<float>(loss) - expected[i]) / expected[i];
        CHECK(error < kRelativeError);
        worst = std::max(worst, error);
    }
    MESSAGE(model.name << ": largest relative error " << worst);
    testing::check_validation();
}

}  // namespace

TEST_CASE("mlp loses as PyTorch's does") {
    compare({"mlp",
             mlp(),
             optim::Sgd{{.lr = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 1e-3}},
             {16, 20},
             5});
}

TEST_CASE("cnn loses as PyTorch's does") {
    compare({"cnn", cnn(), optim::Adam{{.lr = 0.01}}, {8, 2, 16, 16}, 5});
}

TEST_CASE("gpt loses as PyTorch's does") {
    const auto net = networks::make<networks::Gpt>(networks::GptOptions{
        .vocabulary = 29, .length = 19, .layers = 2, .heads = 4, .width = 32, .dropout = 0});
    compare({"gpt", net, optim::AdamW{{.lr = 0.01}}, {3, 17}, 29, /*tokens=*/true});
}

TEST_CASE("resnet loses as PyTorch's does") {
    const auto net = networks::make<networks::ResNet<networks::BasicBlock>>(
        std::vector{2, 1, 1},
        networks::ResNetOptions{.classes = 5, .width = 8, .small_images = true});
    compare({"resnet",
             net,
             optim::Sgd{{.lr = 0.05, .momentum = 0.9, .weight_decay = 1e-4}},
             {8, 3, 16, 16},
             5});
}
