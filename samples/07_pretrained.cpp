// SPDX-License-Identifier: MIT
// Weights that PyTorch has trained, in a safetensors file, loaded into a network of ours: ResNet-20
// on CIFAR-10's test pictures.
//     usage: sample_07_pretrained WEIGHTS.safetensors TEST.bin [SAMPLES]
// The weights are those of github.com/akamaster/pytorch_resnet_cifar10 without "module." before the
// names, the pictures a file of CIFAR-10's binary version. tests/compare/resnet20.py says what
// PyTorch makes of the same files.
#include "networks/resnet.h"

#include <ingot/ingot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::printf("usage: %s WEIGHTS.safetensors TEST.bin [SAMPLES]\n", argv[0]);
        return 2;
    }
    const auto net = networks::resnet20();
    ingot::io::load(net, argv[1]);  // every name and shape must fit
    const auto samples = argc > 3 ? std::atoll(argv[3]) : 10'000;
    const auto test =
        ingot::data::cifar(argv[2], ingot::data::CifarLabels::kTen)
            .normalized({.mean = {0.485F, 0.456F, 0.406F}, .deviation = {0.229F, 0.224F, 0.225F}})
            .take(samples);

    auto device = ingot::Device::pick();
    ingot::train::Trainer trainer{device, net, ingot::losses::cross_entropy(), ingot::optim::Sgd{}};
    const auto result = trainer.evaluate(test, {.batch_size = 250});
    std::printf("%.0f of %lld right, accuracy %.2f %%, loss %.6f\nlogits of picture 0:",
                std::round(result.accuracy * static_cast<double>(result.samples)),
                static_cast<long long>(result.samples), 100 * result.accuracy, result.loss);
    const auto logits = trainer.predict(test.take(1));
    for (const float logit : logits.values<float>())
        std::printf(" %.4f", logit);
    std::printf("\n");
    return result.accuracy > 0.8 ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
