// SPDX-License-Identifier: MIT
// Labels that look wrong: 5 % of the labels of Fashion-MNIST are changed at random, and the doctor
// names those it doubts. Each label is judged by a network that was trained on other samples.
// Prints how many of the named ones were changed, and how many of the changed ones are named.
//     usage: sample_21_wrong_labels [SAMPLES [EPOCHS [FOLDS]]]
#include <ingot/ingot.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>

using namespace ingot;

int main(int argc, char** argv) try {
    const auto argument = [&](int i, long otherwise) {
        return argc > i ? std::atol(argv[i]) : otherwise;
    };
    const auto clean = data::fashion_mnist({.flat = true}).train.take(argument(1, 60'000));
    std::vector<std::uint32_t> all(static_cast<std::size_t>(clean.size()));
    std::iota(all.begin(), all.end(), 0U);
    std::vector<float> pictures(all.size() * 784);
    std::vector<std::int32_t> right(all.size());
    clean.read_inputs(all, pictures);
    clean.read_labels(all, right);

    std::mt19937 random(1);
    std::shuffle(all.begin(), all.end(), random);
    std::vector<std::int32_t> labels = right;
    const std::size_t changed = all.size() / 20;
    for (std::size_t i = 0; i < changed; ++i)
        labels[all[i]] = static_cast<std::int32_t>((labels[all[i]] + 1 + random() % 9) % 10);
    const data::Dataset noisy{HostTensor::of("x", {clean.size(), 784}, pictures),
                              HostTensor::of("y", {clean.size()}, labels), clean.class_names()};

    const nn::Sequential net{nn::Linear{784, 256}, nn::ReLU{}, nn::Linear{256, 10}};
    net.initialize(1);
    doctor::Doctor doctor{Device::pick(), net, losses::cross_entropy(), optim::Adam{{.lr = 1e-3}}};
    const auto review =
        doctor.training(noisy, {.epochs = argument(2, 3), .folds = argument(3, 3)}).labels;
    double hits = 0;
    for (const doctor::SuspectLabel& suspect : review.suspects) {
        const auto i = static_cast<std::size_t>(suspect.sample);
        hits += labels[i] != right[i] ? 1 : 0;
    }
    const double precision = hits / static_cast<double>(review.suspects.size());
    const double recall = hits / static_cast<double>(changed);
    std::printf("%zu of %zu labels changed, %zu named: precision %.3f, recall %.3f\n", changed,
                labels.size(), review.suspects.size(), precision, recall);
    return precision > 0.7 && recall > 0.5 ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
