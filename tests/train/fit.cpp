// SPDX-License-Identifier: MIT
// Fitting, evaluating and predicting: it learns, equal seeds give equal bits, the short last batch
// counts, numbers are what they say they are, and mistakes are named.
#include "small_run.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

// Loss and accuracy from predict(), in double.
train::Evaluation by_hand(train::Trainer& trainer, const data::Dataset& data) {
    const HostTensor outputs = trainer.predict(data, {.batch_size = 7});
    const auto logits = outputs.values<float>();
    const auto classes = static_cast<std::size_t>(outputs.shape[1]);
    double loss = 0, correct = 0;
    for (std::int64_t i = 0; i < data.size(); ++i) {
        const auto row = logits.subspan(static_cast<std::size_t>(i) * classes, classes);
        double sum = 0;
        for (const float logit : row)
            sum += std::exp(static_cast<double>(logit));
        loss += std::log(sum) - row[static_cast<std::size_t>(data.label(i))];
        const auto best = std::max_element(row.begin(), row.end()) - row.begin();
        correct += best == data.label(i) ? 1 : 0;
    }
    const auto count = static_cast<double>(data.size());
    return {loss / count, correct / count, data.size()};
}

}  // namespace

TEST_CASE("a small net learns spirals") {
    const auto data = data::spirals({.per_class = 100});
    const nn::Sequential net{nn::Linear{2, 64}, nn::ReLU{}, nn::Linear{64, 64}, nn::ReLU{},
                             nn::Linear{64, 3}};
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Adam{{.lr = 1e-2}}};
    const auto history = trainer.fit(data.train, {.epochs = 40, .batch_size = 32});
    CHECK(history.epochs.size() == 40);
    CHECK(history.epochs.back().train_loss < 0.3 * history.epochs.front().train_loss);
    CHECK(trainer.evaluate(data.test).accuracy > 0.93);
    check_validation();
}

TEST_CASE("equal seeds give equal bits, other seeds others") {
    const auto data = small_data();
    const auto run = [&](std::uint64_t seed) {
        const nn::Module net = small_net(seed);
        train::Trainer trainer = small_trainer(net);
        const auto history = trainer.fit(data.train, small_options(data, 3));
        return std::pair(net.state_dict(), history.step_losses);
    };
    const auto first = run(1);
    CHECK(first == run(1));
    CHECK(first.second != run(2).second);
    check_validation();
}

TEST_CASE("the short last batch is a step of its own") {
    const auto data = small_data();
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    CHECK(trainer.fit(data.train, small_options(data, 2)).step_losses.size() == 20);
    auto options = small_options(data, 2);
    options.last_batch = data::LastBatch::kDrop;
    CHECK(trainer.fit(data.train, options).step_losses.size() == 18);
    options.batch_size = 1000;  // more than there are
    options.last_batch = data::LastBatch::kShorter;
    CHECK(trainer.fit(data.train, options).step_losses.size() == 2);
}

TEST_CASE("evaluation is the mean over the samples, whatever the batches") {
    const auto data = small_data();
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    const auto before = trainer.evaluate(data.test, {.batch_size = 64});  // before any fit
    trainer.fit(data.train, small_options(data, 2));
    const auto expected = by_hand(trainer, data.test);
    for (const std::int64_t batch_size : {150, 64, 1}) {
        const auto evaluation = trainer.evaluate(data.test, {.batch_size = batch_size});
        CHECK(evaluation.loss == doctest::Approx(expected.loss).epsilon(1e-5));
        CHECK(evaluation.accuracy == doctest::Approx(expected.accuracy).epsilon(1e-9));
        CHECK(evaluation.samples == 150);
        CHECK(evaluation.loss != before.loss);
    }
    check_validation();
}

TEST_CASE("the history adds up") {
    const auto data = small_data();
    train::Trainer trainer = small_trainer(small_net());
    const auto history = trainer.fit(data.train, small_options(data, 2));
    double sum = 0;
    for (std::size_t i = 10; i < 20; ++i) {
        sum += history.step_losses[i] * (i == 19 ? 6.0 : 16.0) / 150.0;
    }
    CHECK(history.epochs[1].train_loss == doctest::Approx(sum));
    CHECK(history.epochs[1].validation_loss ==
          trainer.evaluate(data.test, {.batch_size = 16}).loss);
    CHECK(history.epochs[1].samples_per_s > 0);
    CHECK(history.time_s >= history.epochs[0].time_s + history.epochs[1].time_s);
    const std::string csv = train::to_csv(history);
    CHECK(csv.starts_with("epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,"));
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
}

TEST_CASE("a loss of numbers") {
    std::vector<float> x, y;
    for (int i = 0; i < 64; ++i) {
        x.push_back(static_cast<float>(i) / 32 - 1);
        y.push_back(3 * x.back() - 0.5F);
    }
    const data::Dataset data{HostTensor::of("x", {64, 1}, x), HostTensor::of("y", {64, 1}, y)};
    const nn::Linear net{1, 1};
    train::Trainer trainer{test_device(), net, losses::mse(), optim::Sgd{{.lr = 0.2}}};
    trainer.fit(data, {.epochs = 20, .batch_size = 16});
    CHECK(net.state_dict()[0].values<float>()[0] == doctest::Approx(3).epsilon(1e-3));
    const auto evaluation = trainer.evaluate(data);
    CHECK(evaluation.loss < 1e-4);
    CHECK(std::isnan(evaluation.accuracy));

    train::Trainer wrong{test_device(), net, losses::cross_entropy(), optim::Sgd{}};
    CHECK(thrown_message([&] { wrong.fit(data); }) ==
          "invalid argument: cross_entropy: takes class labels, the data has targets [1]");
}

TEST_CASE("a label beyond the model's classes is found on the device and named") {
    const std::vector<float> x(20 * 2, 0.5F);
    std::vector<std::int32_t> labels(20, 1);
    labels[13] = 7;
    const data::Dataset data{HostTensor::of("x", {20, 2}, x), HostTensor::of("y", {20}, labels)};
    const nn::Module net = small_net();
    const auto before = net.state_dict();
    train::Trainer trainer = small_trainer(net);
    const std::string message =
        thrown_message([&] { trainer.fit(data, {.batch_size = 20, .shuffle = false}); });
    CHECK(message.starts_with("data: "));
    CHECK(message.find("7") != std::string::npos);
    CHECK(net.state_dict() == before);
}

TEST_CASE("a batch of one sample cannot be normalised while training") {
    const auto data = small_data();
    train::Trainer trainer = small_trainer(small_net());
    // 150 = 1 + 149: said before the first step, not after an epoch.
    CHECK(thrown_message([&] {
              trainer.fit(data.train, {.batch_size = 149});
          }).starts_with("invalid argument: "));
}
