// SPDX-License-Identifier: MIT
// What the doctor finds by training: labels that were changed; beside a training of the user's own;
// and what it cannot examine.
#include "doctor_nets.h"
#include "support/log_capture.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;
using doctor::Doctor;
using doctor::Verdict;

TEST_SUITE("doctor") {
    TEST_CASE("labels: of 5 % that were changed, most are found") {
        const data::Dataset clean = pictures(5, 400, 1, 0.4);
        std::vector<float> inputs(static_cast<std::size_t>(clean.size() * 64));
        std::vector<std::uint32_t> all(static_cast<std::size_t>(clean.size()));
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<std::uint32_t>(i);
        clean.read_inputs(all, inputs);
        std::vector<std::int32_t> labels(all.size());
        clean.read_labels(all, labels);
        std::set<std::int64_t> changed;
        RandomStream random(3);
        while (changed.size() < all.size() / 20) {
            const auto i = random.below(static_cast<std::uint32_t>(all.size()));
            if (!changed.insert(i).second) continue;
            labels[i] = static_cast<std::int32_t>(
                (static_cast<std::uint32_t>(labels[i]) + 1 + random.below(4)) % 5);
        }
        const data::Dataset data{HostTensor::of("x", {clean.size(), 1, 8, 8}, inputs),
                                 HostTensor::of("y", {clean.size()}, labels)};
        for (const std::int64_t folds : {0, 2}) {
            CAPTURE(folds);
            Doctor doctor = doctor_of(mlp(64, 5), optim::Adam{{.lr = 1e-3}});
            const auto review = doctor.training(data, {.epochs = 8, .folds = folds}).labels;
            CHECK(review.samples == 2000);
            CHECK(review.held_out == (folds > 0));
            double hits = 0;
            for (const doctor::SuspectLabel& suspect : review.suspects) {
                hits += changed.contains(suspect.sample) ? 1 : 0;
                CHECK(suspect.label == labels[static_cast<std::size_t>(suspect.sample)]);
                CHECK(suspect.name == std::to_string(suspect.sample));
            }
            REQUIRE(!review.suspects.empty());
            CHECK(!review.suspects[0].picture.pixels.empty());
            const double precision = hits / static_cast<double>(review.suspects.size());
            const double recall = hits / static_cast<double>(changed.size());
            MESSAGE("folds " << folds << ": precision " << precision << ", recall " << recall);
            CHECK(precision > 0.9);
            // The net that was trained on them has learnt some of the wrong ones by heart.
            CHECK(recall > (folds == 0 ? 0.75 : 0.8));
            CHECK(judge_labels(review).disease == "suspect labels");
        }
    }

    TEST_CASE("a net that was trained elsewhere, as it is") {
        const data::Dataset data = pictures(4, 60, 1);
        const nn::Module net = mlp(64, 4);
        net.initialize(1);
        train::Trainer trainer{test_device(), net, losses::cross_entropy(),
                               optim::Adam{{.lr = 3e-3}}};
        const train::History history = trainer.fit(data, {.epochs = 12, .batch_size = 16});
        const auto before = net.state_dict();
        Doctor doctor{test_device(), net, losses::cross_entropy(), optim::Adam{{.lr = 3e-3}}};
        const doctor::Diagnosis diagnosis = doctor.examine_trained(data, history);
        CAPTURE(to_text(diagnosis));
        CHECK(net.state_dict() == before);
        CHECK(diagnosis.worst() <= Verdict::kNote);
        CHECK(diagnosis.layers.size() == 6);
        REQUIRE(diagnosis.parameters.size() == 6);
        double squares = 0;
        for (const float value : before[0].values<float>())
            squares += static_cast<double>(value) * value;
        CHECK(diagnosis.parameters[0].weight ==
              doctest::Approx(std::sqrt(squares / (64 * 64))).epsilon(1e-6));
        CHECK(std::isnan(diagnosis.parameters[0].update));
        CHECK(diagnosis.labels.samples == 240);
        CHECK(!diagnosis.labels.held_out);
        CHECK(doctor.labels(data, true).held_out);

        scale(net, "3.weight", 0);
        scale(net, "3.bias", 0, -1);
        CHECK(doctor.examine_trained(data, {}).has("dead units"));
        Doctor of_numbers{test_device(), mlp(64, 1), losses::mse(), optim::Sgd{}};
        CHECK(thrown_message([&] { of_numbers.labels(data); }) ==
              "invalid argument: doctor: labels are judged by cross_entropy or nll, one a sample; "
              "the loss is mse");
    }

    TEST_CASE("as a callback") {
        const data::Dataset train = pictures(4, 40, 1);
        const auto run = [&](const nn::Module& net, optim::Optimizer optimizer,
                             doctor::CheckupOptions options, std::vector<std::string>& found) {
            options.found = [&](const doctor::Finding& finding) {
                found.push_back(finding.disease);
            };
            const auto checkup = std::make_shared<doctor::Checkup>(
                test_device(), losses::cross_entropy(), train, options);
            train::Trainer trainer{test_device(), net, losses::cross_entropy(),
                                   std::move(optimizer)};
            const auto history =
                trainer.fit(train, {.epochs = 6,
                                    .batch_size = 32,
                                    .callbacks = {train::AnyCallback(
                                        std::static_pointer_cast<train::Callback>(checkup))}});
            CHECK(checkup->diagnosis().history.step_losses == history.step_losses);
            return std::pair(checkup, history);
        };
        std::vector<std::string> found;
        auto [healthy, history] = run(cnn(4), optim::Adam{{.lr = 1e-2}}, {}, found);
        CHECK(found.empty());
        CHECK(history.epochs.size() == 6);
        CHECK(healthy->diagnosis().layers.size() == 7);
        // Watching changes no bit.
        const nn::Module watched = cnn(4), alone = cnn(4);
        run(watched, optim::Adam{{.lr = 1e-2}}, {}, found);
        train::Trainer trainer{test_device(), alone, losses::cross_entropy(),
                               optim::Adam{{.lr = 1e-2}}};
        trainer.fit(train, {.epochs = 6, .batch_size = 32});
        CHECK(watched.state_dict() == alone.state_dict());

        const nn::Module dead = mlp(64, 4);
        scale(dead, "1.bias", 0, -100);
        const auto [ill, stopped] =
            run(dead, optim::Sgd{{.lr = 1e-2}}, {.stop_at = Verdict::kIll}, found);
        CHECK(std::count(found.begin(), found.end(), "dead units") == 1);
        CHECK(stopped.epochs.size() == 1);
        CHECK(stopped.stopped == "dead units");
        CHECK(ill->diagnosis().has("dead units"));
    }

    TEST_CASE("what cannot be examined is said") {
        const data::Dataset data = pictures(4, 10, 1);
        Doctor doctor = doctor_of(mlp(64, 4));
        CHECK(thrown_message([&] { doctor.layers({}); }) ==
              "invalid argument: doctor: there are no samples");
        CHECK(thrown_message([&] { doctor.layers(data, {.batch_size = 0}); }) ==
              "invalid argument: doctor: batches of 0 samples");
        CHECK(thrown_message([&] { doctor.overfit(data, 0); }) ==
              "invalid argument: doctor: overfitting 0 samples in 1000 steps");
        CHECK(thrown_message([&] { doctor.steps(data, {.steps = 0}); }) ==
              "invalid argument: doctor: 0 steps; at least 1 is needed");
        CHECK(thrown_message([&] { doctor.training(data); }) ==
              "invalid argument: doctor: training takes at least 1 epoch, not 0");
        CHECK(thrown_message([&] { doctor.training(data, {.epochs = 1, .folds = 1}); }) ==
              "invalid argument: doctor: 1 folds of 40 samples");
        CHECK(thrown_message([&] { doctor.learning_curve(data, {.epochs = 1, .shares = {1}}); }) ==
              "invalid argument: doctor: a learning curve takes validation samples and at least 1 "
              "epoch, there are 0 and 1");
        CHECK(thrown_message([&] {
                  doctor.learning_curve(data, {.epochs = 1, .validation = data, .shares = {1.5}});
              }) ==
              "invalid argument: doctor: a share of 1.5 of 40 training samples; shares are above "
              "0 and at most 1");
        Doctor of_labels{test_device(), nn::Linear{1, 1}, losses::nll(), optim::Sgd{}};
        const data::Dataset numbers{HostTensor::zeros("x", {4, 1}), HostTensor::zeros("y", {4, 1})};
        CHECK(thrown_message([&] { of_labels.first_loss(numbers); }) ==
              "invalid argument: nll: takes class labels, the data has targets [1]");
    }
}
