// SPDX-License-Identifier: MIT
// Ensembles as models: averages by hand, one file, and better than the members alone.
#include "small_run.h"
#include "support/temporary_folder.h"

#include <ingot/io.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

constexpr std::size_t kClasses = 3;
constexpr int kMembers = 7;

train::Trainer trainer_of(const nn::Module& net) {
    return {test_device(), net, losses::cross_entropy(), optim::Adam{{.lr = 1e-2}}};
}

std::vector<double> softmax(std::span<const float> row) {
    std::vector<double> p;
    double sum = 0;
    for (const float logit : row)
        sum += p.emplace_back(std::exp(static_cast<double>(logit)));
    for (double& x : p)
        x /= sum;
    return p;
}

std::vector<nn::Module> trained(const data::Dataset& train) {
    std::vector<nn::Module> nets;
    for (int m = 0; m < kMembers; ++m) {
        const nn::Sequential net{nn::Linear{2, 48}, nn::ReLU{}, nn::Linear{48, 48}, nn::ReLU{},
                                 nn::Linear{48, 3}};
        net.initialize(static_cast<std::uint64_t>(m));
        nets.push_back(net);
        // Each sees samples of its own drawing: bagging.
        train::Trainer trainer = trainer_of(nets.back());
        const std::vector<double> weights(static_cast<std::size_t>(train.size()), 1);
        trainer.fit(train, {.epochs = 50,
                            .batch_size = 16,
                            .seed = static_cast<std::uint64_t>(m),
                            .weights = weights});
    }
    return nets;
}

}  // namespace

TEST_CASE("ensemble: probabilities and votes by hand, through a trainer and one file") {
    const auto noisy = data::spirals({.per_class = 60, .noise = 0.25, .seed = 3});
    const std::vector<nn::Module> nets = trained(noisy.train);
    std::vector<HostTensor> outputs;
    double mean_accuracy = 0;
    for (const nn::Module& net : nets) {
        train::Trainer trainer = trainer_of(net);
        outputs.push_back(trainer.predict(noisy.test));
        mean_accuracy += trainer.evaluate(noisy.test).accuracy / static_cast<double>(nets.size());
    }
    const TemporaryFolder folder;
    for (const nn::Combine combine : {nn::Combine::kProbabilities, nn::Combine::kVotes}) {
        const nn::Ensemble ensemble{nets, {.combine = combine}};
        train::Trainer trainer = trainer_of(ensemble);
        const HostTensor together = trainer.predict(noisy.test);
        const auto values = together.values<float>();
        double correct = 0, loss = 0, worst = 0;
        for (std::int64_t i = 0; i < noisy.test.size(); ++i) {
            const auto at = static_cast<std::size_t>(i) * kClasses;
            std::vector<double> expected(kClasses, 0);
            for (const HostTensor& output : outputs) {
                const auto row = output.values<float>().subspan(at, kClasses);
                const auto p = softmax(row);
                const auto top = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) -
                                                          row.begin());
                for (std::size_t c = 0; c < kClasses; ++c) {
                    expected[c] +=
                        combine == nn::Combine::kVotes ? (c == top ? 1.0 : 0.0) : p[c] / kMembers;
                }
            }
            if (combine == nn::Combine::kVotes) {
                for (double& p : expected)
                    p = (p + 1) / (kMembers + 3);
            }
            for (std::size_t c = 0; c < kClasses; ++c)
                worst = std::max(worst, std::abs(std::exp(double(values[at + c])) - expected[c]));
            const auto label = static_cast<std::size_t>(noisy.test.label(i));
            const auto top = static_cast<std::size_t>(
                std::max_element(expected.begin(), expected.end()) - expected.begin());
            correct += top == label ? 1 : 0;
            loss -= std::log(expected[label]);
        }
        CHECK(worst < 1e-5);
        const auto result = trainer.evaluate(noisy.test);
        const auto count = static_cast<double>(noisy.test.size());
        CHECK(result.accuracy == doctest::Approx(correct / count));
        CHECK(result.loss == doctest::Approx(loss / count).epsilon(1e-4));
        CHECK_MESSAGE(result.accuracy > mean_accuracy, result.accuracy, " ", mean_accuracy);

        const auto state = ensemble.state_dict();
        CHECK(state.front().name == "0.0.weight");
        CHECK(state.back().name.starts_with("6."));
        io::save(ensemble, folder / "ensemble.safetensors");
        const nn::Module loaded = io::load_module(folder / "ensemble.safetensors");
        CHECK(loaded.type() == "Ensemble");
        CHECK(trainer_of(loaded).predict(noisy.test) == together);
    }
    check_validation();
}

TEST_CASE("ensemble: numbers are averaged, preparation is kept") {
    // y = 2 a of a in 0..1000, normalised.
    std::vector<float> a, y;
    for (int i = 0; i < 64; ++i) {
        a.push_back(static_cast<float>(16 * i));
        y.push_back(static_cast<float>(32 * i));
    }
    const data::Dataset raw(HostTensor::of("x", {64, 1}, a), HostTensor::of("y", {64, 1}, y));
    const auto learnt = data::Preparation::learn(raw, {.normalize_targets = true});
    std::vector<nn::Module> nets;
    std::vector<float> mean(64, 0);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        nn::Sequential net{nn::Linear{1, 4}, nn::Tanh{}, nn::Linear{4, 1}};
        net.initialize(seed);
        train::Trainer trainer{test_device(), net, losses::mse(), optim::Adam{{.lr = 1e-2}}};
        trainer.fit(learnt.apply(raw), {.epochs = 3, .batch_size = 16});
        const HostTensor outputs = trainer.predict(raw);
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += outputs.values<float>()[i] / 3;
        nets.push_back(net);
    }
    const nn::Ensemble ensemble{nets, {.combine = nn::Combine::kOutputs}};
    CHECK(ensemble.notes() == nets[0].notes());
    train::Trainer trainer{test_device(), ensemble, losses::mse(), optim::Sgd{}};
    const HostTensor together = trainer.predict(raw);  // raw inputs, targets' unit
    for (std::size_t i = 0; i < mean.size(); ++i)
        CHECK(together.values<float>()[i] == doctest::Approx(mean[i]).epsilon(1e-4));
}

TEST_CASE("ensemble: the members learn together where the mean has a gradient") {
    const auto data = small_data();
    const nn::Ensemble ensemble{small_net(1), small_net(2)};
    train::Trainer trainer = trainer_of(ensemble);
    const auto history = trainer.fit(data.train, {.epochs = 10, .batch_size = 16});
    CHECK(history.epochs.back().train_loss < 0.8 * history.epochs.front().train_loss);
}
