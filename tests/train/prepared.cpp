// SPDX-License-Identifier: MIT
// What the training data went through is kept with the net, in its file and in checkpoints, and
// whatever the net is asked about goes through the same.
#include "support/op_case.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/io.h>
#include <ingot/train.h>

#include <doctest/doctest.h>

#include <random>

using namespace ingot;
using namespace ingot::testing;

namespace {

// y = 100 + 30 (a - 500) / 100 of one number and of what the sky is like; some numbers missing.
std::string houses(int count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string text = "a,sky,price\n";
    for (int i = 0; i < count; ++i) {
        const int a = 300 + static_cast<int>(random() % 400);
        const bool is_grey = random() % 2 == 0;
        text += (i % 10 == 3 ? "" : std::to_string(a)) + (is_grey ? ",grey," : ",blue,") +
                std::to_string(100 + 0.3 * (a - 500) + (is_grey ? -20 : 20)) + "\n";
    }
    return text;
}

data::Dataset table(const TemporaryFolder& folder, int count, std::uint32_t seed) {
    const auto path = folder / ("houses" + std::to_string(seed) + ".csv");
    io::write_file(path, houses(count, seed));
    return data::csv(path, {.missing = true});
}

nn::Sequential small() {
    nn::Sequential net{nn::Linear{3, 8}, nn::ReLU{}, nn::Linear{8, 1}};
    net.initialize(1);
    return net;
}

train::Trainer trainer_of(const nn::Module& net) {
    return {test_device(), net, losses::mse(), optim::Adam{{.lr = 1e-2}}};
}

data::Dataset pictures(float scale) {
    std::vector<float> values;
    for (int i = 0; i < 12 * 3 * 4; ++i)
        values.push_back(scale * static_cast<float>(i * 7 % 11));
    std::vector<std::int32_t> labels{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    return {HostTensor::of("x", {12, 3, 2, 2}, values), HostTensor::of("y", {12}, labels)};
}

}  // namespace

TEST_CASE("a prepared table: the net's file is enough to predict from raw data") {
    const TemporaryFolder folder;
    const auto raw = table(folder, 120, 1), other = table(folder, 40, 2);
    const auto learnt = data::Preparation::learn(
        raw, {.missing = data::Missing::kMedian, .normalize_targets = true});
    const nn::Module net = small();
    train::Trainer trainer = trainer_of(net);
    trainer.fit(learnt.apply(raw), {.epochs = 30, .batch_size = 20, .validation = other});

    // Prepared or not, it is the same.
    const auto expected = trainer.evaluate(learnt.apply(other), {.metrics = {metrics::r2()}});
    const auto found = trainer.evaluate(other, {.metrics = {metrics::r2()}});
    CHECK(found.loss == expected.loss);
    CHECK(found.metrics == expected.metrics);
    CHECK(found.metrics.at("r2") > 0.5);

    // Predictions are prices.
    const HostTensor predicted = trainer.predict(other);
    const HostTensor plain = trainer.predict(learnt.apply(other), {.prepare = false});
    auto by_hand = plain;
    learnt.restore_targets(by_hand.values<float>());
    CHECK(predicted.values<float>()[5] == by_hand.values<float>()[5]);
    CHECK(predicted.data != plain.data);

    io::save(net, folder / "net.safetensors");
    const nn::Module loaded = io::load_module(folder / "net.safetensors");
    train::Trainer elsewhere = trainer_of(loaded);
    CHECK(elsewhere.predict(other).data == predicted.data);
    CHECK(elsewhere.evaluate(other).loss == expected.loss);
    const nn::Module filled = small();
    io::load(filled, folder / "net.safetensors");
    CHECK(filled.notes() == net.notes());

    // Training goes on with raw data.
    elsewhere.fit(raw, {.epochs = 1, .batch_size = 20});
    CHECK(loaded.notes() == net.notes());
    loaded.initialize(2);
    CHECK(loaded.notes().empty());
    check_validation();
}

TEST_CASE("normalised pictures: raw ones are, others are refused") {
    const data::Dataset raw = pictures(0.1F);
    const data::Dataset train = raw.normalized(raw.measure());
    const nn::Sequential net{nn::Flatten{}, nn::Linear{12, 2}};
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Sgd{{.lr = 0.1}}};
    trainer.fit(train, {.epochs = 2, .batch_size = 5, .validation = raw});
    const double expected = trainer.evaluate(train).loss;
    CHECK(trainer.evaluate(raw).loss == expected);
    CHECK(trainer.evaluate(raw, {.prepare = false}).loss != expected);
    CHECK(trainer.evaluate(raw.take(5)).samples == 5);
    const data::Dataset own = pictures(0.2F).normalized(pictures(0.2F).measure());
    const std::string message = thrown_message([&] { trainer.evaluate(own); });
    CHECK(message.find("prepared differently from what the net was trained on") !=
          std::string::npos);
    CHECK(thrown_message([&] { trainer.fit(train, {.validation = own}); }) == message);
    CHECK(trainer.evaluate(own, {.prepare = false}).samples == 12);

    // Trained on raw data, it refuses what is not.
    train::Trainer plain{test_device(), nn::Sequential{nn::Flatten{}, nn::Linear{12, 2}},
                         losses::cross_entropy(), optim::Sgd{{.lr = 0.1}}};
    CHECK(plain.evaluate(train).samples == 12);  // nothing is known
    plain.fit(raw, {.batch_size = 5});
    CHECK(thrown_message([&] { plain.predict(train); }).find("then it was 0 features, not norm") !=
          std::string::npos);
    check_validation();
}

TEST_CASE("samples looked at in another shape are normalised by the channels of the stored ones") {
    const data::Dataset raw = pictures(0.1F);
    const data::Dataset train = raw.normalized(raw.measure()).flattened();
    const nn::Linear net{12, 2};
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Sgd{{.lr = 0.1}}};
    trainer.fit(train, {.batch_size = 5});
    CHECK(trainer.evaluate(raw.flattened()).loss == trainer.evaluate(train).loss);
}

TEST_CASE("a checkpoint is refused by data that was prepared differently") {
    const TemporaryFolder folder;
    const data::Dataset raw = pictures(0.1F);
    const auto run = [&](const data::Dataset& train, bool resume) {
        const nn::Sequential net{nn::Flatten{}, nn::Linear{12, 2}};
        train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::Sgd{}};
        trainer.fit(
            train,
            {.batch_size = 5, .checkpoint = {.path = folder / "c.safetensors"}, .resume = resume});
    };
    run(raw.normalized(raw.measure()), false);
    run(raw.normalized(raw.measure()), true);
    CHECK(thrown_message([&] { run(raw, true); }).find("of data that was prepared differently") !=
          std::string::npos);
}

TEST_CASE("notes: names that the file needs are refused") {
    const nn::Module net = small();
    CHECK_THROWS_AS(net.set_note("format", "x"), Error);
    CHECK_THROWS_AS(net.set_note("ingot_model", "x"), Error);
    CHECK_THROWS_AS(net.set_note("", "x"), Error);
    net.set_note("by", "me");
    CHECK(net.notes().at("by") == "me");
    net.set_note("by", "");
    CHECK(net.notes().empty());
}
