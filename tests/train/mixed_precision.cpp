// SPDX-License-Identifier: MIT
// A trainer in f16 and bf16: it learns, its numbers stay f32, a resumed run has the bits of one
// that was not interrupted, and a device without 16-bit storage is refused.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/autocast.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

bool stores_16_bits() {
    return test_device().info().stores_16_bits;
}

// The scale changes within a few steps, so that it is part of the trajectory.
train::Trainer mixed_trainer(const nn::Module& net, DType precision, double scale = 0x1p24) {
    optim::AdamW optimizer{{.lr = 5e-3}};
    if (precision == f16) {
        optimizer.set_loss_scaler(optim::LossScaler({.init_scale = scale, .growth_interval = 3}));
    }
    return {test_device(), net, losses::cross_entropy(), optimizer, {.precision = precision}};
}

Outcome run(DType precision, const train::FitOptions& options, const data::TrainTest& data) {
    const nn::Module net = small_net();
    train::Trainer trainer = mixed_trainer(net, precision);
    train::History history = trainer.fit(data.train, options);
    return {net.state_dict(), std::move(history)};
}

}  // namespace

TEST_CASE("mixed precision: a trainer refuses a device that cannot store 16 bits, and integers") {
    const auto message = [](DType precision) {
        return thrown_message([&] { mixed_trainer(small_net(), precision); });
    };
    CHECK(message(i32).find("trainer: the precision is f32, f16 or bf16, not i32") !=
          std::string::npos);
    CHECK_NOTHROW(mixed_trainer(small_net(), f32));
    for (const DType precision : {f16, bf16}) {
        if (stores_16_bits()) {
            CHECK_NOTHROW(mixed_trainer(small_net(), precision));
        } else {
            const std::string said = message(precision);
            CHECK(said.find(test_device().info().name + " has no 16-bit storage") !=
                  std::string::npos);
            CHECK(said.find("train in f32, or choose another device") != std::string::npos);
        }
    }
}

TEST_CASE("mixed precision: a trainer learns, and says what became of the scale") {
    if (!stores_16_bits()) return;  // refused: see above
    const auto data = small_data();
    const auto options = small_options(data, 30);
    const double plain = run(f32, options, data).history.epochs.back().validation_loss;
    for (const DType precision : {f16, bf16}) {
        INFO(to_string(precision));
        const nn::Module net = small_net();
        train::Trainer trainer = mixed_trainer(net, precision);
        const train::History history = trainer.fit(data.train, options);
        CHECK(history.epochs.back().train_loss < 0.8 * history.epochs.front().train_loss);
        CHECK(std::abs(history.epochs.back().validation_loss - plain) < 0.05);
        const auto& measured = history.epochs.back().train_metrics;
        CHECK(measured.contains("loss_scale") == (precision == f16));
        if (precision == f16) {
            const optim::LossScaler& scaler = *trainer.optimizer().loss_scaler();
            CHECK(measured.at("loss_scale") == scaler.get_scale());
            CHECK(measured.at("skipped_steps") == static_cast<double>(scaler.skipped_steps()));
            CHECK(scaler.skipped_steps() > 0);
            for (const Parameter& parameter : trainer.optimizer().state()) {
                if (!parameter.name().ends_with(".step")) continue;
                const auto steps = static_cast<double>(history.step_losses.size());
                CHECK(parameter.read().values<float>()[0] == steps - measured.at("skipped_steps"));
            }
        }
        const HostTensor predicted = trainer.predict(data.test);
        CHECK(predicted.dtype == f32);
        for (const HostTensor& weight : net.state_dict()) {
            CHECK(weight.dtype == f32);
            for (const float value : weight.values<float>())
                CHECK(std::isfinite(value));
        }
        CHECK(trainer.evaluate(data.test).loss ==
              doctest::Approx(history.epochs.back().validation_loss));  // in other batches
    }
    check_validation();
}

TEST_CASE("mixed precision: in f16 without a scaler of its own, an optimizer is given one") {
    if (!stores_16_bits()) return;
    optim::Sgd optimizer;
    const train::Trainer in_bf16{
        test_device(), small_net(), losses::cross_entropy(), optimizer, {.precision = bf16}};
    CHECK(!optimizer.loss_scaler());
    const train::Trainer in_f16{
        test_device(), small_net(), losses::cross_entropy(), optimizer, {.precision = f16}};
    REQUIRE(optimizer.loss_scaler());
    CHECK(optimizer.loss_scaler()->get_scale() == 65536);
}

TEST_CASE("mixed precision: a resumed run has the same bits, and another precision is refused") {
    if (!stores_16_bits()) return;
    const auto data = small_data();
    for (const DType precision : {f16, bf16}) {
        const Outcome whole = run(precision, small_options(data, 3), data);
        const TemporaryFolder folder;
        auto options = small_options(data, 3);
        options.checkpoint = {.path = folder / "checkpoint.safetensors", .every_steps = 4};
        options.callbacks = {StopAfter(1, 1)};
        const Outcome part = run(precision, options, data);
        CHECK(part.history.step_losses.size() < whole.history.step_losses.size());
        options.callbacks.clear();
        options.resume = true;
        const Outcome rest = run(precision, options, data);
        CHECK(rest.weights == whole.weights);
        CHECK(rest.history.step_losses == whole.history.step_losses);
        CHECK(rest.history.epochs.back().train_metrics ==
              whole.history.epochs.back().train_metrics);
        const std::string said = thrown_message([&] { run(f32, options, data); });
        CHECK(said.find("the precision is \"" + std::string(to_string(precision)) +
                        "\", now it is \"f32\"") != std::string::npos);
    }
    check_validation();
}

TEST_CASE("mixed precision: a restart is as good as new, and looking for a rate leaves no trace") {
    if (!stores_16_bits()) return;
    const auto data = small_data();
    const nn::Module net = small_net();
    train::Trainer trainer = mixed_trainer(net, f16);
    trainer.restart(5);
    const auto first = trainer.fit(data.train, small_options(data, 2));
    const double scale = trainer.optimizer().loss_scaler()->get_scale();
    trainer.find_learning_rate(data.train, {.batch_size = 16});
    CHECK(trainer.optimizer().loss_scaler()->get_scale() == scale);
    trainer.restart(5);
    CHECK(trainer.optimizer().loss_scaler()->get_scale() == 0x1p24);
    CHECK(trainer.fit(data.train, small_options(data, 2)).step_losses == first.step_losses);
}

TEST_CASE("mixed precision: a probe's gradients are those of the loss, not of the scaled one") {
    if (!stores_16_bits()) return;
    const auto data = small_data();
    class Look : public train::Callback {
    public:
        explicit Look(train::Probe& to) : to_(to) {}
        bool wants_probe(const train::FitState&, std::int64_t step) override { return step == 0; }
        void on_probe(train::FitState&, const train::Probe& probe) override { to_ = probe; }

    private:
        train::Probe& to_;
    };
    const auto gradients = [&](DType precision) {
        train::Probe probe;
        auto options = small_options(data, 1);
        options.callbacks = {Look(probe)};
        mixed_trainer(small_net(), precision, 1024).fit(data.train, options);
        return probe.gradients;
    };
    const auto plain = gradients(f32);
    double largest = 0;
    for (const HostTensor& d : plain) {
        for (const float value : d.values<float>())
            largest = std::max(largest, static_cast<double>(std::abs(value)));
    }
    for (const DType precision : {f16, bf16}) {
        const auto rounded = gradients(precision);
        REQUIRE(rounded.size() == plain.size());
        // They are sums over the batch of what was rounded: a share of the largest of all. (Of a
        // bias in front of batch norm the true gradient is 0.)
        const double share = precision == f16 ? 0.01 : 0.05;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const auto a = plain[i].values<float>(), b = rounded[i].values<float>();
            INFO(plain[i].name);
            for (std::size_t j = 0; j < a.size(); ++j)
                CHECK(std::abs(a[j] - b[j]) <= share * largest);
        }
    }
}

TEST_CASE("mixed precision: a summary under an Autocast names the types that are not f32") {
    const nn::Module net = small_net();
    const auto text = [&] { return nn::to_string(nn::summary(net, input({8, 2}))); };
    CHECK(text().find("f16") == std::string::npos);
    const Autocast autocast(f16);
    const std::string mixed = text();
    CAPTURE(mixed);
    CHECK(mixed.find("f16[8, 32]") != std::string::npos);  // of Linear, and what follows it
    CHECK(mixed.find("f16[8, 3]") != std::string::npos);
}
