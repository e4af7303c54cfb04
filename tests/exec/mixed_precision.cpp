// SPDX-License-Identifier: MIT
// What an Autocast saves: the planned arena of whole training steps, on a device with 16-bit
// storage that is not there.
#include "exec/compile.h"
#include "kernels/narrow.h"
#include "samples/networks/gpt.h"

#include <ingot/autocast.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <doctest/doctest.h>

#include <functional>

using namespace ingot;

namespace {

std::uint64_t arena_bytes(DType precision, const std::function<Tensor()>& loss) {
    DeviceDescription device;
    device.max_invocations = 256;
    device.max_group_size = {256, 256, 64};
    device.capabilities.push_back(kNarrowCapability);
    Tensor value;
    {
        const Autocast autocast(precision);
        value = loss();
    }
    return exec::compile(optim::AdamW{}.minimize(value), device).memory.arena_bytes;
}

double share(DType precision, const std::function<Tensor()>& loss) {
    const auto all = static_cast<double>(arena_bytes(f32, loss));
    const double ratio = static_cast<double>(arena_bytes(precision, loss)) / all;
    MESSAGE(std::string(to_string(precision))
            << ": " << ratio << " of " << all / (1 << 20) << " MiB");
    return ratio;
}

Tensor cnn_loss() {
    const nn::Sequential net{nn::Conv2d{1, 32, {.kernel = 3, .padding = 1}},
                             nn::BatchNorm2d{32},
                             nn::ReLU{},
                             nn::Conv2d{32, 64, {.kernel = 3, .padding = 1}},
                             nn::BatchNorm2d{64},
                             nn::ReLU{},
                             nn::MaxPool2d{2},
                             nn::Flatten{},
                             nn::Linear{64 * 14 * 14, 10}};
    net.initialize(1);
    return cross_entropy(net.forward(input({64, 1, 28, 28}), nn::Mode::kTrain), input({64}, i32));
}

Tensor gpt_loss() {
    constexpr std::int64_t kBatch = 16, kLength = 64, kKinds = 65;
    const auto net = networks::make<networks::Gpt>(networks::GptOptions{
        .vocabulary = kKinds, .length = kLength, .layers = 4, .heads = 4, .width = 128});
    const Tensor logits = net(input({kBatch, kLength}, i32), nn::Mode::kTrain);
    return cross_entropy(reshape(logits, {kBatch * kLength, kKinds}),
                         input({kBatch * kLength}, i32));
}

}  // namespace

TEST_CASE("mixed precision: the arena of a convolutional network's step is clearly smaller") {
    for (const DType precision : {f16, bf16})
        CHECK(share(precision, cnn_loss) < 0.65);
}

TEST_CASE("mixed precision: the arena of a GPT's step is clearly smaller") {
    for (const DType precision : {f16, bf16})
        CHECK(share(precision, gpt_loss) < 0.7);
}
