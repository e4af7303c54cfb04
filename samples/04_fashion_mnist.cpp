// SPDX-License-Identifier: MIT
// A small convolutional network on Fashion-MNIST: layers, a trainer, early stopping, a file of
// weights.
//     usage: sample_04_fashion_mnist [SAMPLES [EPOCHS]]      all of them, 5 epochs
#include <ingot/ingot.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) try {
    auto device = ingot::Device::pick();       // best GPU, else a software driver
    auto data = ingot::data::fashion_mnist();  // .train, .test
    const auto samples = argc > 1 ? std::atoll(argv[1]) : data.train.size();
    const auto epochs = argc > 2 ? std::atoll(argv[2]) : 5;
    auto [train, val] = data.train.take(samples).split(0.9, {.stratify = true, .seed = 1});

    auto net = ingot::nn::Sequential{ingot::nn::Conv2d{1, 32, {.kernel = 3, .padding = 1}},
                                     ingot::nn::BatchNorm2d{32},
                                     ingot::nn::ReLU{},
                                     ingot::nn::MaxPool2d{2},
                                     ingot::nn::Flatten{},
                                     ingot::nn::Linear{32 * 14 * 14, 10}};

    ingot::train::Trainer trainer{device, net, ingot::losses::cross_entropy(),
                                  ingot::optim::AdamW{{.lr = 1e-3}}};
    auto history =
        trainer.fit(train, {.epochs = epochs,
                            .batch_size = 64,
                            .validation = val,
                            .callbacks = {ingot::train::Progress{{.samples = "images"}},
                                          ingot::train::EarlyStopping{{.patience = 2}}}});
    const auto result = trainer.evaluate(data.test.take(samples));
    std::printf("test accuracy %.2f %%\n", 100 * result.accuracy);
    ingot::io::save(net, "net.safetensors");
    return history.step_losses.back() < history.step_losses.front() ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
