// SPDX-License-Identifier: MIT
// Metrics against scikit-learn (sklearn_metrics.py recorded them in metrics.json), counted on the
// device from batches of every kind; in histories and across a resume; corner cases and mistakes.
#include "small_run.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>

using namespace ingot;
using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

// A net whose outputs are its inputs.
train::Trainer echo(losses::Loss loss) {
    return {test_device(), nn::Sequential{nn::Identity{}}, std::move(loss), optim::Sgd{}};
}

// The data whose inputs are a case's outputs.
data::Dataset data_of(const Json& row) {
    const auto outputs = row.at("outputs").get<std::vector<float>>();
    const std::int64_t width = row.at("width");
    const auto samples = static_cast<std::int64_t>(outputs.size()) / width;
    const HostTensor x = HostTensor::of("x", {samples, width}, outputs);
    if (row.at("kind") == "classes") {
        const auto labels = row.at("targets").get<std::vector<std::int32_t>>();
        return {x, HostTensor::of("y", {samples}, labels)};
    }
    const auto targets = row.at("targets").get<std::vector<float>>();
    return {x, HostTensor::of("y", {samples, width}, targets)};
}

std::vector<metrics::Metric> metrics_of(const Json& expected) {
    using metrics::Average;
    std::vector<metrics::Metric> all{metrics::accuracy(),
                                     metrics::top_k_accuracy(1),
                                     metrics::top_k_accuracy(2),
                                     metrics::roc_auc(),
                                     metrics::average_precision(),
                                     metrics::mean_absolute_error(),
                                     metrics::root_mean_squared_error(),
                                     metrics::r2()};
    for (const Average average :
         {Average::kMacro, Average::kMicro, Average::kWeighted, Average::kBinary}) {
        for (const auto& make :
             {&metrics::precision, &metrics::recall, &metrics::f1, &metrics::dice, &metrics::iou}) {
            all.push_back(make({.average = average}));
        }
    }
    std::erase_if(all, [&](const metrics::Metric& m) { return !expected.contains(m.name); });
    return all;
}

}  // namespace

TEST_CASE("metrics are scikit-learn's, whatever the batches") {
    const Json fixtures = Json::parse(std::ifstream(INGOT_METRIC_FIXTURES));
    REQUIRE(fixtures.at("cases").size() == 7);
    double worst = 0;
    for (const Json& row : fixtures.at("cases")) {
        CAPTURE(row.at("name").get<std::string>());
        const Json& expected = row.at("expected");
        const auto wanted = metrics_of(expected);
        REQUIRE(wanted.size() == expected.size());
        const data::Dataset data = data_of(row);
        const bool classes = row.at("kind") == "classes";
        train::Trainer trainer = echo(classes ? losses::cross_entropy() : losses::mse());
        for (const std::int64_t batch_size : {1, 64, 1000}) {
            CAPTURE(batch_size);
            const auto found =
                trainer.evaluate(data, {.batch_size = batch_size, .metrics = wanted});
            REQUIRE(found.metrics.size() == expected.size());
            for (const auto& [name, value] : found.metrics) {
                CAPTURE(name);
                const double should = expected.at(name);
                CHECK(std::abs(value - should) < 1e-6 * std::max(1.0, std::abs(should)));
                worst = std::max(worst, std::abs(value - should));
            }
            if (classes) CHECK(found.confusion.accuracy() == doctest::Approx(found.accuracy));
        }
    }
    MESSAGE("largest difference: " << worst);
    check_validation();
}

TEST_CASE("corner cases of metrics") {
    metrics::ConfusionMatrix never(3);
    never.add(0, 0, 5);
    CHECK(never.f1(1) == 0);
    CHECK(never.f1(metrics::Average::kMacro) == 1);  // the others do not occur
    CHECK(metrics::ConfusionMatrix(1).accuracy() == 0);
    CHECK(metrics::ConfusionMatrix(2).precision(metrics::Average::kMacro) == 0);

    metrics::Measured one{
        .samples = 3, .output_shape = {1}, .outputs = {1, 2, 3}, .targets = {1, 1, 1}};
    CHECK(std::isnan(metrics::roc_auc().value(one)));  // no negative sample
    CHECK(metrics::average_precision().value(one) == 1);
    CHECK(metrics::r2().value(one) == 0);  // of equal targets
    one.targets = {0, 0, 0};
    CHECK(std::isnan(metrics::average_precision().value(one)));
    one.outputs[1] = NAN;
    one.targets[1] = 1;
    CHECK(std::isnan(metrics::roc_auc().value(one)));
    CHECK(metrics::perplexity().value({.loss = std::log(7.0)}) == doctest::Approx(7));
}

TEST_CASE("standard errors of loss and accuracy") {
    // Losses of the samples are (0, 1, 4, 9) and so on: their batches of one.
    const std::vector<float> outputs{0, 1, 2, 3}, targets{0, 0, 0, 0};
    const data::Dataset data{HostTensor::of("x", {4, 1}, outputs),
                             HostTensor::of("y", {4, 1}, targets)};
    train::Trainer trainer = echo(losses::mse());
    const auto found = trainer.evaluate(data, {.batch_size = 1});
    CHECK(found.loss == doctest::Approx(3.5));
    const double variance = (12.25 + 6.25 + 0.25 + 30.25) / 3;
    CHECK(found.loss_error == doctest::Approx(std::sqrt(variance / 4)));
    CHECK(std::isnan(trainer.evaluate(data, {.batch_size = 4}).loss_error));
    CHECK(std::isnan(found.accuracy_error));

    const auto spirals = small_data();
    train::Trainer classifier = small_trainer(small_net());
    const auto of_classes = classifier.evaluate(spirals.test, {.batch_size = 16});
    const double p = of_classes.accuracy;
    CHECK(of_classes.accuracy_error == doctest::Approx(std::sqrt(p * (1 - p) / 150)));
}

TEST_CASE("metrics of every epoch stand in the history, also across a resume") {
    const auto data = small_data();
    const auto path = std::filesystem::temp_directory_path() / "ingot_metrics.safetensors";
    std::filesystem::remove(path);
    const auto options = [&](std::int64_t epochs) {
        auto o = small_options(data, epochs);
        o.metrics = {metrics::accuracy(), metrics::f1(), metrics::roc_auc(), metrics::perplexity()};
        return o;
    };
    train::Trainer whole = small_trainer(small_net());
    const auto history = whole.fit(data.train, options(3));
    for (const train::EpochResult& epoch : history.epochs) {
        CHECK(epoch.train_metrics.at("f1") > 0);
        CHECK(epoch.train_metrics.at("perplexity") == doctest::Approx(std::exp(epoch.train_loss)));
        CHECK(std::isnan(epoch.train_metrics.at("roc_auc")));
        CHECK(epoch.validation_metrics.at("roc_auc") > 0.3);
        CHECK_FALSE(epoch.train_metrics.contains("accuracy"));
    }
    const auto last = whole.evaluate(data.test, {.metrics = {metrics::f1()}});
    CHECK(last.metrics.at("f1") == history.epochs.back().validation_metrics.at("f1"));
    const std::string csv = to_csv(history);
    CHECK(
        csv.find(
            "time_s,samples_per_s,data_s,train_f1,train_perplexity,train_roc_auc,validation_f1,") !=
        std::string::npos);
    CHECK(Json::parse(to_json(history))["epochs"][2]["validation_f1"] == last.metrics.at("f1"));

    // Stopped within the second epoch, then continued: the counts go on where they were.
    auto first = options(3);
    first.checkpoint = {.path = path};
    first.callbacks = {StopAfter(1, 4)};
    train::Trainer before = small_trainer(small_net());
    before.fit(data.train, first);
    auto second = options(3);
    second.checkpoint = {.path = path};
    second.resume = true;
    train::Trainer after = small_trainer(small_net());
    const auto resumed = after.fit(data.train, second);
    REQUIRE(resumed.epochs.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(resumed.epochs[i].train_accuracy == history.epochs[i].train_accuracy);
        CHECK(resumed.epochs[i].train_metrics.at("f1") == history.epochs[i].train_metrics.at("f1"));
        CHECK(resumed.epochs[i].validation_metrics == history.epochs[i].validation_metrics);
    }
    std::filesystem::remove(path);
    check_validation();
}

TEST_CASE("mistakes with metrics are named") {
    const auto data = small_data();
    train::Trainer trainer = small_trainer(small_net());
    const auto evaluate = [&](std::vector<metrics::Metric> wanted) {
        return thrown_message([&] { trainer.evaluate(data.test, {.metrics = wanted}); });
    };
    const std::string invalid = "invalid argument: ";
    CHECK(evaluate({metrics::f1(), metrics::f1()}) ==
          invalid + "metrics: more than one is called f1");
    CHECK(evaluate({metrics::f1({.average = metrics::Average::kBinary})}) ==
          invalid + "ConfusionMatrix: Average::kBinary is for two classes, not 3");
    CHECK(evaluate({metrics::r2()}) == invalid + "r2: 450 outputs, 0 targets of their shape");
    CHECK(evaluate({metrics::accuracy(NAN)}) == invalid + "accuracy: the threshold is nan");
    CHECK(thrown_message([] { metrics::top_k_accuracy(0); }) ==
          invalid + "top_k_accuracy: of the 0 largest");
    CHECK(thrown_message([] { metrics::ConfusionMatrix(0); }) ==
          invalid + "ConfusionMatrix: of 0 classes");
    CHECK(thrown_message([] { metrics::ConfusionMatrix(2).add(2, 0); }) ==
          invalid + "ConfusionMatrix: class 2 taken for 0, of classes 0 to 1");
}

TEST_CASE("callbacks watch any metric") {
    const auto data = small_data();
    const auto fit = [&](train::AnyCallback callback) {
        auto options = small_options(data, 12);
        options.metrics = {metrics::f1(), metrics::perplexity()};
        options.callbacks = {std::move(callback)};
        train::Trainer trainer = small_trainer(small_net());
        return trainer.fit(data.train, options);
    };
    for (const bool upwards : {true, false}) {
        const std::string watch = upwards ? "f1" : "perplexity";
        const auto stopping = std::make_shared<train::EarlyStopping>(
            train::EarlyStoppingOptions{.patience = 2, .watch = watch});
        const auto history = fit(std::shared_ptr<train::Callback>(stopping));
        double best = upwards ? -1 : 1e9;
        std::int64_t best_epoch = -1;
        for (std::size_t i = 0; i < history.epochs.size(); ++i) {
            const double value = history.epochs[i].validation_metrics.at(watch);
            if (upwards ? value <= best : value >= best) continue;
            best = value;
            best_epoch = static_cast<std::int64_t>(i);
        }
        CHECK(stopping->best_epoch() == best_epoch);
    }
    CHECK(thrown_message([&] { fit(train::EarlyStopping{{.watch = "f2"}}); }) ==
          "invalid argument: EarlyStopping: watches f2, the run measures loss, accuracy, f1 and "
          "perplexity");
    CHECK(
        thrown_message([&] {
            fit(train::ReduceLrOnPlateau{{}, "f2"});
        }) ==
        "invalid argument: ReduceLrOnPlateau: watches f2, the run measures loss, accuracy, f1 and "
        "perplexity");
}
