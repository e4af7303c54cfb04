// SPDX-License-Identifier: MIT
// Cross-validation: every sample is tested once, by a net and a preparation that have never seen
// it; recipes are reused without a trace of the fold before.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/cross_validation.h>
#include <ingot/io.h>

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace ingot;
using namespace ingot::testing;
using train::CrossValidationOptions;

namespace {

train::Recipe small_recipe() {
    return {small_net(),
            losses::cross_entropy(),
            optim::AdamW{{.lr = 5e-3}},
            {.epochs = 2, .batch_size = 20, .metrics = {metrics::accuracy(), metrics::f1()}}};
}

// Sample i is [i, i % 7], the last but one in a thousand times; label i % 2.
data::Dataset with_outlier(std::int64_t count) {
    std::vector<float> inputs;
    std::vector<std::int32_t> labels;
    for (std::int64_t i = 0; i < count; ++i) {
        inputs.push_back(static_cast<float>(i == count - 2 ? 1000 * i : i));
        inputs.push_back(static_cast<float>(i % 7));
        labels.push_back(static_cast<std::int32_t>(i % 2));
    }
    return {HostTensor::of("x", {count, 2}, inputs), HostTensor::of("y", {count}, labels)};
}

std::vector<double> losses_of(const train::CrossValidation& result) {
    std::vector<double> losses;
    for (const train::FoldResult& fold : result.folds) {
        losses.push_back(fold.test.loss);
        losses.insert(losses.end(), fold.history.step_losses.begin(),
                      fold.history.step_losses.end());
    }
    return losses;
}

}  // namespace

TEST_CASE("cross_validate: every sample is tested once in each repeat") {
    const auto data = small_data().train;
    std::multiset<std::int64_t> tested;
    const auto result = train::cross_validate(
        test_device(), data, [](const data::Dataset&) { return small_recipe(); },
        {.folds = 4,
         .repeats = 2,
         .stratify = true,
         .seed = 3,
         .on_fold = [&](const train::FoldResult& fold, train::Trainer& trainer,
                        const data::Parts& parts) {
             CHECK(parts.validation.empty());
             CHECK(fold.train_samples == parts.train.size());
             CHECK(parts.train.size() + parts.test.size() == data.size());
             for (std::int64_t i = 0; i < parts.test.size(); ++i)
                 tested.insert(parts.test.row(i));
             CHECK(trainer.evaluate(parts.test).loss == fold.test.loss);
         }});
    REQUIRE(result.folds.size() == 8);
    for (std::int64_t i = 0; i < data.size(); ++i)
        CHECK(tested.count(data.row(i)) == 2);
    for (const train::FoldResult& fold : result.folds) {
        CHECK(fold.history.epochs.size() == 2);
        CHECK(std::isnan(fold.history.epochs[0].validation_loss));
    }
    // Other folds in the second repeat.
    CHECK(result.folds[0].test.loss != result.folds[4].test.loss);
    check_validation();
}

TEST_CASE("cross_validate: a reused recipe gives the bits of a new one") {
    const auto data = small_data().train;
    int made = 0;
    const auto run = [&](bool reuse) {
        made = 0;
        return losses_of(
            train::cross_validate(test_device(), data,
                                  [&](const data::Dataset&) {
                                      ++made;
                                      return small_recipe();
                                  },
                                  {.folds = 3, .stratify = true, .seed = 5, .reuse = reuse}));
    };
    const auto reused = run(true);
    CHECK(made == 1);
    const auto fresh = run(false);
    CHECK(made == 3);
    CHECK(reused == fresh);
    check_validation();
}

TEST_CASE("cross_validate: what samples go through is learnt without the fold that is tested") {
    const auto data = with_outlier(60);
    int without = 0, with = 0;
    train::cross_validate(
        test_device(), data,
        [](const data::Dataset& train) {
            return train::Recipe{nn::Sequential{nn::Linear{train.sample_shape().count(), 2}},
                                 losses::cross_entropy(),
                                 optim::Sgd{{.lr = 0.1}},
                                 {.epochs = 1, .batch_size = 20}};
        },
        {.folds = 5,
         .preparation = data::PreparationOptions{},
         .seed = 1,
         .on_fold = [&](const train::FoldResult&, train::Trainer& trainer,
                        const data::Parts& parts) {
             bool is_tested = false;
             double sum = 0;
             for (std::int64_t i = 0; i < parts.test.size(); ++i)
                 is_tested = is_tested || parts.test.row(i) == 58;
             for (std::int64_t i = 0; i < parts.train.size(); ++i) {
                 const std::int64_t row = parts.train.row(i);
                 sum += static_cast<double>(row == 58 ? 58000 : row);
             }
             const auto learnt =
                 data::Preparation::from_json(trainer.net().notes().at("preparation"));
             CHECK(learnt.inputs.mean[0] ==
                   doctest::Approx(sum / static_cast<double>(parts.train.size())));
             (is_tested ? without : with) += 1;
         }});
    CHECK(without == 1);
    CHECK(with == 4);
}

TEST_CASE("cross_validate: a recipe is made anew where a fold's samples have another shape") {
    // One sample alone has the third category: the training part of its fold does not know it.
    const TemporaryFolder folder;
    std::string text = "sky,a,y\n";
    for (int i = 0; i < 30; ++i) {
        text += std::string(i == 11      ? "green"
                            : i % 2 == 0 ? "grey"
                                         : "blue") +
                "," + std::to_string(i) + "," + std::to_string(i % 2) + "\n";
    }
    const auto table = data::csv(folder.put("sky.csv", text), {.labels = true});
    std::vector<std::int64_t> features;
    const auto result = train::cross_validate(
        test_device(), table,
        [&](const data::Dataset& train) {
            features.push_back(train.sample_shape().count());
            return train::Recipe{nn::Sequential{nn::Linear{features.back(), 2}},
                                 losses::cross_entropy(),
                                 optim::Adam{{.lr = 1e-2}},
                                 {.epochs = 1, .batch_size = 8}};
        },
        {.folds = 5, .preparation = data::PreparationOptions{.ignore_unknown = true}});
    CHECK(result.folds.size() == 5);
    std::sort(features.begin(), features.end());
    CHECK(features == std::vector<std::int64_t>{3, 4});
}

TEST_CASE("cross_validate: with validation, early stopping sees a third part") {
    const auto data = small_data().train;
    const auto result = train::cross_validate(
        test_device(), data,
        [](const data::Dataset&) {
            train::Recipe recipe = small_recipe();
            recipe.fit.epochs = 30;
            recipe.fit.callbacks = {train::EarlyStopping{{.patience = 1, .min_change = 0.5}}};
            return recipe;
        },
        {.folds = 3,
         .validation = true,
         .on_fold = [&](const train::FoldResult& fold, train::Trainer&, const data::Parts& parts) {
             CHECK(parts.train.size() == 50);
             CHECK(parts.validation.size() == 50);
             CHECK(parts.test.size() == 50);
             // Each fold by itself: the callback has forgotten the one before.
             CHECK(fold.history.epochs.size() >= 2);
             CHECK(fold.history.epochs.size() < 30);
             CHECK(std::isfinite(fold.history.epochs[0].validation_loss));
         }});
    CHECK(result.folds.size() == 3);
}

TEST_CASE("cross-validation: means and standard errors") {
    const auto fold = [](std::int64_t repeat, std::int64_t number, double loss, double accuracy) {
        return train::FoldResult{.repeat = repeat,
                                 .fold = number,
                                 .train_samples = 40,
                                 .test = {.loss = loss,
                                          .accuracy = accuracy,
                                          .samples = 10,
                                          .metrics = {{"f1", accuracy / 2}}}};
    };
    const train::CrossValidation result{
        {fold(0, 0, 1, 0.8), fold(0, 1, 2, 0.9), fold(1, 0, 3, 1.0), fold(1, 1, 6, 0.7)}};
    CHECK(result.metrics() == std::vector<std::string>{"loss", "accuracy", "f1"});
    CHECK(result.values("loss") == std::vector<double>{1, 2, 3, 6});
    CHECK(result.mean("loss") == 3);
    CHECK(result.repeat_means("loss") == std::vector<double>{1.5, 4.5});
    // Squares 4 + 1 + 0 + 9 = 14; sqrt(14 / 3 / 4).
    CHECK(result.standard_error("loss") == doctest::Approx(std::sqrt(14.0 / 12)));
    CHECK(result.mean("accuracy") == doctest::Approx(0.85));
    CHECK(result.mean("f1") == doctest::Approx(0.425));
    CHECK(to_text(result) ==
          "fold            train  test  loss  accuracy       f1\n"
          "1.1                40    10     1       0.8      0.4\n"
          "1.2                40    10     2       0.9     0.45\n"
          "2.1                40    10     3         1      0.5\n"
          "2.2                40    10     6       0.7     0.35\n"
          "mean                            3      0.85    0.425\n"
          "standard error               1.08   0.06455  0.03227\n");
    CHECK(thrown_message([&] { result.mean("r2"); }) ==
          "invalid argument: cross-validation: 'r2' was not measured");
    CHECK(std::isnan(train::CrossValidation{{fold(0, 0, 1, 1)}}.standard_error("loss")));
}

TEST_CASE("cross_validate: mistakes are named") {
    const auto data = small_data();
    train::Recipe recipe = small_recipe();
    const auto message = [&](const CrossValidationOptions& options) {
        return thrown_message([&] {
            train::cross_validate(
                test_device(), data.train, [&](const data::Dataset&) { return recipe; }, options);
        });
    };
    CHECK(message({.folds = 1}) ==
          "invalid argument: cross_validate: 1 folds and 1 repeats; at least 2 and 1 are needed");
    CHECK(message({.folds = 2, .validation = true}) ==
          "invalid argument: cross_validate: 2 folds and 1 repeats; at least 3 and 1 are needed");
    CHECK(message({.repeats = 0}) ==
          "invalid argument: cross_validate: 5 folds and 0 repeats; at least 2 and 1 are needed");
    recipe.fit.validation = data.test;
    CHECK(message({}) ==
          "invalid argument: cross_validate: the recipe has 150 samples of validation data, which "
          "are to be a fold (CrossValidationOptions::validation)");
    recipe.fit.validation = {};
    recipe.fit.checkpoint.path = "run.safetensors";
    CHECK(message({}) ==
          "invalid argument: cross_validate: the recipe writes checkpoints to run.safetensors, "
          "every fold to the same");
}
