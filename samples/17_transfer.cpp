// SPDX-License-Identifier: MIT
// What was learnt from clothes helps to read digits: a network trained on ten labelled samples of
// each digit, and the same network, trained alike, whose convolutions come from Fashion-MNIST: from
// telling the kinds of clothes apart, and from an autoencoder, which sees no label. It takes depth:
// a network of three convolutions, each pooled, reads as well without (in PyTorch: 86 %).
//     usage: sample_17_transfer MNIST_IMAGES MNIST_LABELS [CLOTHES [SEEDS [STEPS [TEST]]]]
// The files are IDX, plain or gzip: the 10,000 test digits, say. 40000, 5, 100, 2000 if left out.
#include "few.h"
#include "networks/autoencoder.h"
#include "networks/small_cnn.h"

#include <ingot/ingot.h>

#include <algorithm>
#include <cstdlib>

using namespace ingot;

namespace {

constexpr std::int64_t kWidth = 8, kBatch = 64, kFewBatch = 50;
using Weights = std::vector<HostTensor>;

// Of the convolutions, after one look at each picture.
Weights by_kinds(const Device& device, const data::Dataset& clothes) {
    const auto net = networks::small_cnn(kWidth, clothes.class_count());
    const augment::Transform moved =
        augment::random_affine({.degrees = {-15, 15},
                                .translate_x = 0.1,
                                .translate_y = 0.1,
                                .scale = {0.8, 1.2},
                                .shear_x = {-10, 10},
                                .interpolation = augment::Interpolation::kBilinear});
    train::Trainer{device, net, losses::cross_entropy(), optim::AdamW{{.lr = 3e-3}}}.fit(
        clothes, {.batch_size = kBatch,
                  .schedule = optim::one_cycle_lr({.total_steps = clothes.size() / kBatch}),
                  .last_batch = data::LastBatch::kDrop,
                  .augment = moved});
    return net["0"].state_dict();
}

Weights by_autoencoder(Device& device, const data::Dataset& clothes) {
    const auto encoder = networks::small_cnn(kWidth, 32);
    const nn::Sequential net{encoder, networks::decoder(kWidth, 32), nn::Sigmoid{}};
    const auto x = input({kBatch, 1, 28, 28});
    const auto loss = mse_loss(net(x, nn::Mode::kTrain), x);
    auto step = device.compile(optim::AdamW{{.lr = 3e-3}}.minimize(loss));
    data::Batches batches{clothes, kBatch, {.shuffle = true, .last = data::LastBatch::kDrop}};
    for (const auto& batch : batches)
        step.run({{x, batch.inputs}});
    return encoder["0"].state_dict();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::printf("usage: %s IMAGES LABELS [CLOTHES [SEEDS [STEPS [TEST]]]]\n", argv[0]);
        return 2;
    }
    const auto number = [&](int i, int otherwise) {
        return argc > i ? std::atoi(argv[i]) : otherwise;
    };
    const auto clothes = data::fashion_mnist().train.take(number(3, 40'000));
    const auto digits = data::idx(argv[1], argv[2]);
    const int seeds = number(4, 5), steps = number(5, 100);
    auto device = Device::pick();

    // Of other digits, for two rates; the better one.
    const auto accuracy = [&](const std::string& name, const Weights& convolutions) {
        double best = 0;
        for (const double rate : {3e-3, 1e-2}) {
            std::vector<double> right;
            for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(seeds); ++seed) {
                const auto net = networks::small_cnn(kWidth, 10);
                net.initialize(seed);
                if (!convolutions.empty())
                    nn::load_state_dict(net, convolutions, {.add_prefix = "0.", .only = {"0"}});
                const auto [few, others] = few_of_each(digits, 10, seed);
                train::Trainer trainer{device, net, losses::cross_entropy(),
                                       optim::AdamW{{.lr = rate}}};
                trainer.fit(few, {.epochs = steps * kFewBatch / few.size(),
                                  .batch_size = kFewBatch,
                                  .schedule = optim::one_cycle_lr({.total_steps = steps}),
                                  .seed = seed});
                right.push_back(trainer.evaluate(others.take(number(6, 2000))).accuracy);
            }
            best = std::max(best, print_row(name + (rate < 5e-3 ? ", 0.003" : ", 0.01"), right));
        }
        return best;
    };
    const double scratch = accuracy("from scratch", {});
    const double kinds = accuracy("kinds of clothes", by_kinds(device, clothes));
    const double codes = accuracy("autoencoder of clothes", by_autoencoder(device, clothes));
    return kinds > scratch && codes > scratch ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
