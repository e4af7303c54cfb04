// SPDX-License-Identifier: MIT
// A network of the literature learns to tell pictures apart: Fashion-MNIST, or CIFAR-10 where a
// folder with its binary files is given.
//     usage: sample_06_classify [NETWORK [SAMPLES [EPOCHS [WIDTH [POOL [FOLDER]]]]]]
//            sample_06_classify resnet18 60000 5 0.25
// NETWORK is resnet18, resnet20, resnet50, densenet40 or mobilenet_v2; WIDTH multiplies its
// channels, and POOL x POOL pixels become one before it sees them. With 0 epochs, all there is to
// see is the table of its layers. Of as many Fashion-MNIST test pictures as it trained on:
//     resnet18 10000 5 0.25 2        87.5 % right
//     resnet50 5000 5 0.125 2        80.8 %
//     densenet40 5000 5 0.5 2        84.4 %
//     mobilenet_v2 5000 5 0.25 2     79.8 %
#include "networks/densenet.h"
#include "networks/mobilenet.h"
#include "networks/resnet.h"

#include <ingot/ingot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

// For small pictures of ten classes.
ingot::nn::Module network(const std::string& name, std::int64_t channels, double width) {
    const auto resnet = [&](int usual) -> networks::ResNetOptions {
        return {.in_channels = channels,
                .classes = 10,
                .width = std::llround(usual * width),
                .small_images = true};
    };
    if (name == "resnet18") return networks::resnet18(resnet(64));
    if (name == "resnet20") return networks::resnet20(resnet(16));
    if (name == "resnet50") return networks::resnet50(resnet(64));
    if (name == "densenet40") {
        return networks::densenet40({.in_channels = channels,
                                     .classes = 10,
                                     .growth = std::llround(12 * width),
                                     .small_images = true});
    }
    if (name == "mobilenet_v2") {
        return networks::mobilenet_v2(
            {.in_channels = channels, .classes = 10, .width = width, .small_images = true});
    }
    throw std::invalid_argument("there is no network " + name);
}

int main(int argc, char** argv) try {
    const std::string name = argc > 1 ? argv[1] : "resnet20";
    const auto samples = argc > 2 ? std::atoll(argv[2]) : 60'000;
    const auto epochs = argc > 3 ? std::atoll(argv[3]) : 5, batch = 64LL;
    const double width = argc > 4 ? std::atof(argv[4]) : 1;
    const auto pool = argc > 5 ? std::atoll(argv[5]) : 1;
    const auto data = argc > 6 ? ingot::data::cifar10(argv[6], {.normalize = true})
                               : ingot::data::fashion_mnist({.normalize = true});
    const auto train = data.train.take(samples);

    const auto picture = train.sample_shape();  // [C, H, W]
    const ingot::nn::Sequential net{ingot::nn::AvgPool2d{pool}, network(name, picture[0], width)};
    const auto x = ingot::input({batch, picture[0], picture[1], picture[2]});
    if (epochs == 0) return std::puts(to_string(ingot::nn::summary(net, x)).c_str()) < 0;
    std::printf("%s: %lld parameters\n", name.c_str(),
                static_cast<long long>(net.parameter_count()));

    auto device = ingot::Device::pick();
    ingot::train::Trainer trainer{device, net, ingot::losses::cross_entropy(),
                                  ingot::optim::AdamW{{.lr = 3e-3, .weight_decay = 0.05}}};
    const auto steps = epochs * (train.size() / batch);
    const auto history =
        trainer.fit(train, {.epochs = epochs,
                            .batch_size = batch,
                            .callbacks = {ingot::train::Progress{{.samples = "images"}}},
                            .schedule = ingot::optim::one_cycle_lr({.total_steps = steps}),
                            .last_batch = ingot::data::LastBatch::kDrop});
    const auto result = trainer.evaluate(data.test.take(samples), {.batch_size = batch});
    std::printf("test accuracy %.2f %%\n", 100 * result.accuracy);
    return history.epochs.back().train_loss < history.step_losses.front() ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
