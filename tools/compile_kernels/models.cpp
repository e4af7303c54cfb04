// SPDX-License-Identifier: MIT
#include "models.h"

#include "tools/ingot/bench_cases.h"

#include <ingot/nn.h>
#include <ingot/ops.h>
#include <ingot/optim.h>

namespace ingot::compile_kernels {
namespace {

nn::Sequential convolutional() {
    return nn::Sequential{nn::Conv2d{3, 32, {.kernel = 3, .padding = 1}},
                          nn::BatchNorm2d{32},
                          nn::ReLU{},
                          nn::MaxPool2d{2},
                          nn::Conv2d{32, 64, {.kernel = 3, .stride = 2, .padding = 1}},
                          nn::BatchNorm2d{64},
                          nn::ReLU{},
                          nn::Flatten{},
                          nn::Dropout{0.5},
                          nn::Linear{64 * 8 * 8, 100}};
}

// One step of training on a batch of 128 small colour images.
Graph step(optim::Optimizer optimizer) {
    const nn::Sequential net = convolutional();
    net.initialize(1);
    const Tensor x = input({128, 3, 32, 32}, f32, "images");
    const Tensor labels = input({128}, i32, "labels");
    return optimizer.minimize(cross_entropy(net.forward(x, nn::Mode::kTrain), labels));
}

}  // namespace

std::vector<std::pair<std::string, Graph>> models() {
    std::vector<std::pair<std::string, Graph>> all;
    for (const cli::NamedBenchCase& entry : cli::bench_cases()) {
        // A card's case has the kernels of a smaller one, and gigabytes of state.
        if (!entry.for_cards) all.emplace_back("bench " + entry.name, entry.make().graph);
    }
    all.emplace_back("convolutional, SGD", step(optim::Sgd{{.lr = 0.1, .momentum = 0.9}}));
    all.emplace_back("convolutional, Adam", step(optim::Adam{{.lr = 1e-3}}));
    all.emplace_back("convolutional, AdamW", step(optim::AdamW{{.lr = 1e-3}}));
    return all;
}

}  // namespace ingot::compile_kernels
