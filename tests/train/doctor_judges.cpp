// SPDX-License-Identifier: MIT
// Fabricated facts and norms: each disease is named with its numbers, and what is well is left so.
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/diagnosis.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace ingot;
using namespace ingot::testing;
using doctor::Verdict;

namespace {

std::string diseases(std::span<const doctor::Finding> findings) {
    std::string names;
    for (const doctor::Finding& finding : findings) {
        CHECK(finding.remedy.empty() == (finding.verdict == Verdict::kHealthy));
        CHECK(finding.disease.empty() == (finding.verdict == Verdict::kHealthy));
        names += (names.empty() ? "" : ", ") + finding.disease;
    }
    return names;
}

bool says(const doctor::Finding& finding, const std::string& part) {
    return finding.evidence.find(part) != std::string::npos;
}

std::vector<doctor::LayerNorms> healthy_layers() {
    return {{.name = "0", .type = "Linear", .output = 0.6, .variation = 0.5, .gradient = 0.02},
            {.name = "1",
             .type = "ReLU",
             .output = 0.4,
             .variation = 0.6,
             .gradient = 0.04,
             .dead = 0.1},
            {.name = "2",
             .type = "Linear",
             .output = 0.3,
             .variation = 0.3,
             .gradient = 0.1,
             .is_last = true}};
}

}  // namespace

TEST_SUITE("doctor") {
    TEST_CASE("layers") {
        CHECK(diseases(doctor::judge_layers(healthy_layers())) == "");
        CHECK(doctor::judge_layers(healthy_layers()).size() == 1);
        CHECK(doctor::judge_layers({}).empty());

        auto layers = healthy_layers();
        layers[0].gradient = 1e-12;
        CHECK(diseases(doctor::judge_layers(layers)) == "vanishing gradients");
        CHECK(says(doctor::judge_layers(layers)[0], "0 (Linear)"));
        CHECK(doctor::judge_layers(layers)[0].verdict == Verdict::kIll);
        layers[0].gradient = 1e-6;
        CHECK(doctor::judge_layers(layers)[0].verdict == Verdict::kDoubtful);
        layers[0].gradient = 0;
        CHECK(diseases(doctor::judge_layers(layers)) == "no gradient");
        layers[0].gradient = 1e5;
        CHECK(diseases(doctor::judge_layers(layers)) == "exploding gradients");
        layers[0].gradient = NAN;  // not measured
        CHECK(diseases(doctor::judge_layers(layers)) == "");
        layers[0].gradient = INFINITY;
        CHECK(diseases(doctor::judge_layers(layers)) == "not finite");

        layers = healthy_layers();
        layers[0].output = layers[1].output = 1e4;
        CHECK(diseases(doctor::judge_layers(layers)) == "exploding activations");
        layers = healthy_layers();
        layers[2].variation = 1e-6;
        CHECK(diseases(doctor::judge_layers(layers)) == "signal lost");
        layers = healthy_layers();
        layers[1].dead = 1;
        CHECK(diseases(doctor::judge_layers(layers)) == "dead units");
        CHECK(says(doctor::judge_layers(layers)[0], "100 % of the units of 1 (ReLU)"));
        layers = healthy_layers();
        layers[1].saturated = 0.9;
        CHECK(diseases(doctor::judge_layers(layers)) == "saturated units");
        layers[1].is_last = true;
        CHECK(diseases(doctor::judge_layers(layers)) == "");
    }

    TEST_CASE("parameters") {
        const std::vector<doctor::ParameterNorms> healthy{
            {.name = "0.weight", .rank = 2, .weight = 0.02, .gradient = 1e-4, .update = 0.03},
            {.name = "0.bias", .rank = 1, .weight = 0, .gradient = 1e-4, .update = 1e3},
            {.name = "1.weight",
             .rank = 1,
             .weight = 1,
             .gradient = 1e-4,
             .update = 1e-3,
             .all_equal = true},
            {.name = "2.weight", .rank = 2, .weight = 0.1, .is_trained = false}};
        CHECK(diseases(doctor::judge_parameters(healthy)) == "");
        const auto with = [&](auto change) {
            auto changed = healthy;
            change(changed[0]);
            return diseases(doctor::judge_parameters(changed));
        };
        using Norms = doctor::ParameterNorms;
        CHECK(with([](Norms& p) { p.update = 0.5; }) == "updates too large");
        CHECK(with([](Norms& p) { p.update = 50; }) == "updates too large");
        CHECK(with([](Norms& p) { p.update = 1e-8; }) == "updates too small");
        CHECK(with([](Norms& p) { p.update = 0; }) == "not trained");
        CHECK(with([](Norms& p) { p.gradient = 0; }) == "not trained");
        CHECK(with([](Norms& p) { p.all_equal = true; }) == "equal weights");
        CHECK(with([](Norms& p) { p.all_equal = true, p.weight = 0, p.update = INFINITY; }) ==
              "zero weights");
    }

    TEST_CASE("inputs") {
        const doctor::BatchFacts healthy{.samples = 64, .mean = 0.3, .deviation = 0.35};
        const auto with = [&](auto change) {
            auto changed = healthy;
            change(changed);
            return diseases(doctor::judge_batch(changed));
        };
        using Facts = doctor::BatchFacts;
        CHECK(with([](Facts&) {}) == "");
        CHECK(with([](Facts& f) { f.non_finite = 1; }) == "inputs not finite");
        CHECK(with([](Facts& f) { f.deviation = 0; }) == "inputs constant");
        CHECK(with([](Facts& f) { f.mean = 120, f.deviation = 70; }) == "inputs not normalised");
        CHECK(with([](Facts& f) { f.mean = 120, f.deviation = 70, f.tokens = true; }) == "");
        CHECK(with([](Facts& f) { f.repeated = 63; }) == "inputs all the same");
        CHECK(with([](Facts& f) { f.repeated = 5; }) == "");
        CHECK(with([](Facts& f) { f.contradictory = 5; }) == "contradictory targets");
    }

    TEST_CASE("outputs") {
        const auto of = [](const std::string& loss, const std::vector<float>& values) {
            return diseases(doctor::judge_outputs(
                doctor::output_facts(loss, HostTensor::of("outputs", {2, 2}, values))));
        };
        CHECK(of("cross_entropy", {-1, 2, 0, 3}) == "");
        CHECK(of("cross_entropy", {0.2F, 0.8F, 0.6F, 0.4F}) == "softmax twice");
        CHECK(of("mse", {0.2F, 0.8F, 0.6F, 0.4F}) == "");
        CHECK(of("nll", {-0.2F, -1.8F, -0.6F, -0.4F}) == "");
        CHECK(of("cross_entropy", {0, 2, 0, 3}) == "outputs cut off");
        CHECK(of("cross_entropy", {0, 0, 0, 0}) == "");
        CHECK(of("cross_entropy", {1, -2, 1, -2}) == "outputs all the same");
        CHECK(of("cross_entropy", {1, -2, NAN, -2}) == "outputs not finite");
        CHECK(of("binary_cross_entropy_with_logits", {0.1F, 0.8F, 0.3F, 0.4F}) == "sigmoid twice");
        CHECK(of("binary_cross_entropy", {0.1F, 0.8F, 0.3F, 0.4F}) == "");
        CHECK(doctor::output_facts("mse", {}).samples == 0);
    }

    TEST_CASE("the first loss") {
        const auto of = [](double measured, double expected, std::int64_t classes) {
            const doctor::Finding finding = doctor::judge_first_loss({.loss = "cross_entropy",
                                                                      .classes = classes,
                                                                      .samples = 64,
                                                                      .measured = measured,
                                                                      .expected = expected,
                                                                      .expectation = "ln 10",
                                                                      .target_mean = 5,
                                                                      .target_deviation = 2});
            CHECK(says(finding, "before training"));
            return finding.disease;
        };
        const double ten = std::log(10.0);
        CHECK(of(ten, ten, 10) == "");
        CHECK(of(2.5, ten, 10) == "");
        CHECK(of(2.2, ten, 10) == "");
        CHECK(of(0.4, ten, 10) == "knows already");
        CHECK(of(3.5, ten, 10) == "first loss too high");
        CHECK(of(90, ten, 10) == "first loss too high");
        CHECK(of(NAN, ten, 10) == "loss not finite");
        CHECK(of(5, NAN, 10) == "");
        CHECK(of(4.4, 4, 0) == "");
        CHECK(of(29, 4, 0) == "first loss too high");  // 5^2 + 4: of an output of 0
        CHECK(of(1, 4, 0) == "knows already");
    }

    TEST_CASE("overfitting on purpose") {
        const doctor::Overfit good{.what = "one batch",
                                   .samples = 32,
                                   .optimizer = "adam",
                                   .learning_rate = 1e-3,
                                   .steps = 40,
                                   .first_loss = 2.3,
                                   .last_loss = 0.1,
                                   .last_accuracy = 1,
                                   .goal = 0.115};
        const auto with = [&](auto change) {
            auto changed = good;
            change(changed);
            return doctor::judge_overfit(changed).disease;
        };
        using Overfit = doctor::Overfit;
        CHECK(with([](Overfit&) {}) == "");
        CHECK(with([](Overfit& o) { o.last_loss = 0.5; }) == "slow to overfit");
        CHECK(with([](Overfit& o) { o.last_loss = 2.1, o.last_accuracy = 0.3; }) ==
              "cannot overfit one batch");
        CHECK(with([](Overfit& o) { o.last_loss = NAN, o.last_accuracy = 0.3; }) ==
              "cannot overfit one batch");
        CHECK(with([](Overfit& o) {
                  o.last_loss = 2.1, o.last_accuracy = 0.3, o.other_steps = 30, o.other_loss = 0.1;
              }) == "optimizer at fault");
        auto contradictory = good;
        contradictory.last_loss = 1, contradictory.last_accuracy = 0.7,
        contradictory.contradictory = 9;
        CHECK(doctor::judge_overfit(contradictory).remedy.starts_with("9 samples"));
    }

    TEST_CASE("the learning curve") {
        using Point = doctor::LearningPoint;
        const auto of = [](std::vector<Point> points) {
            return doctor::judge_learning_curve(points).disease;
        };
        CHECK(of({{100, 0.1, 1.0}, {200, 0.2, 0.8}}) == "more data helps");
        CHECK(of({{100, 0.7, 0.82}, {200, 0.78, 0.81}}) == "more data does not help");
        CHECK(of({{100, 0.1, 0.82}, {200, 0.2, 0.81}}) == "");
        CHECK(of({{100, 0.1, 1.0}}) == "");
    }

    TEST_CASE("gradients") {
        using Probe = doctor::GradientProbe;
        const std::vector<Probe> good{
            {.parameter = "0.weight", .analytic = 1, .numeric = 1.001, .error = 1e-3},
            {.parameter = "1.weight", .analytic = 0, .numeric = 0},
            {.parameter = "2.weight", .analytic = -2, .numeric = -2.0005, .error = 1e-3}};
        CHECK(doctor::judge_gradients(good).verdict == Verdict::kHealthy);
        auto wrong = good;
        wrong[0].analytic = 1.1;
        auto finding = doctor::judge_gradients(wrong);
        CHECK(finding.disease == "wrong gradient");
        CHECK(says(finding, "Nearest to the loss is 0.weight"));
        CHECK(finding.remedy.find("between 0.weight and 1.weight") != std::string::npos);
        wrong[2].analytic = 2;
        finding = doctor::judge_gradients(wrong);
        CHECK(says(finding, "Of 3 parameters 2 are wrong"));
        CHECK(says(finding, "Nearest to the loss is 2.weight"));
        // Within what differences can tell.
        auto open = good;
        open[0] = {.parameter = "0.weight", .analytic = 1e-7, .numeric = 3e-7, .error = 1e-7};
        CHECK(open[0].is_open());
        CHECK(doctor::judge_gradients(open).verdict == Verdict::kHealthy);
        CHECK(says(doctor::judge_gradients(open), "of 1 the gradient is too small"));
    }

    TEST_CASE("labels") {
        // Three classes; the net is surest of class 0. Sample 4 is labelled 1 and looks like 0,
        // sample 5 is labelled 2, is unsure, and belongs to a class that always is.
        const std::vector<float> outputs{6, 0, 0, 6, 0, 0, 0,    3, 0, 0,   3,
                                         0, 7, 0, 0, 1, 0, 0.5F, 1, 0, 0.8F};
        const std::vector<std::int32_t> labels{0, 0, 1, 1, 1, 2, 2};
        const HostTensor tensor = HostTensor::of("outputs", {7, 3}, outputs);
        const auto suspects = doctor::suspect_labels(tensor, labels);
        REQUIRE(suspects.size() == 1);
        CHECK(suspects[0].sample == 4);
        CHECK(suspects[0].label == 1);
        CHECK(suspects[0].prediction == 0);
        CHECK(suspects[0].probability == doctest::Approx(std::exp(7.0) / (std::exp(7.0) + 2)));
        CHECK(suspects[0].loss == doctest::Approx(std::log(std::exp(7.0) + 2)));

        CHECK(
            thrown_message([&] { doctor::suspect_labels(tensor, std::vector<std::int32_t>{1}); }) ==
            "invalid argument: suspect_labels: takes outputs [N, V] of as many samples as there "
            "are labels, not [7, 3] and 1");
        auto beyond = labels;
        beyond[3] = 3;
        CHECK(thrown_message([&] { doctor::suspect_labels(tensor, beyond); }) ==
              "invalid argument: suspect_labels: the label of sample 3 is 3, of 3 classes");

        doctor::LabelReview review{.samples = 1000};
        CHECK(doctor::judge_labels(review).verdict == Verdict::kHealthy);
        review.suspects.resize(20);
        CHECK(doctor::judge_labels(review).verdict == Verdict::kNote);
        review.suspects.resize(50);
        CHECK(doctor::judge_labels(review).verdict == Verdict::kDoubtful);
        CHECK(says(doctor::judge_labels(review), "50 of 1000 labels, 5 %"));
        review.class_names = {"a, b", "c \"d\""};
        review.suspects.resize(1);
        review.suspects[0] = {.sample = 3,
                              .name = "x.png",
                              .label = 1,
                              .prediction = 0,
                              .probability = 0.75,
                              .label_probability = 0.25,
                              .loss = 1.5};
        CHECK(doctor::to_csv(review) ==
              "sample,name,label,prediction,probability,label_probability,loss\n"
              "3,x.png,\"c \"\"d\"\"\",\"a, b\",0.75,0.25,1.5\n");
    }

    TEST_CASE("labels: what is suspect depends on how many are wrong at random") {
        // 100 samples of each of four classes, told apart for sure, but for one that is class 0
        // for nine tenths, its label 3 for a twentieth.
        const auto made = [](std::int32_t wrong_of_each_pair) {
            std::vector<float> outputs;
            std::vector<std::int32_t> labels;
            for (std::int32_t i = 0; i < 400; ++i) {
                const std::int32_t c = i % 4, number = i / 4;
                for (std::int32_t k = 0; k < 4; ++k)
                    outputs.push_back(k == c ? std::log(0.97F) : std::log(0.01F));
                const std::int32_t other = number / std::max(wrong_of_each_pair, 1);
                labels.push_back(wrong_of_each_pair > 0 && other < 3 ? (c + 1 + other) % 4 : c);
            }
            for (const float p : {0.9F, 0.025F, 0.025F, 0.05F})
                outputs.push_back(std::log(p));
            labels.push_back(3);
            return std::pair{HostTensor::of("outputs", {401, 4}, outputs), labels};
        };
        const auto [clean, right] = made(0);
        CHECK(doctor::label_noise(clean, right) == 0);
        CHECK(doctor::suspect_labels(clean, right).empty());
        const auto [noisy, labels] = made(2);
        CHECK(doctor::label_noise(noisy, labels) == doctest::Approx(0.02).epsilon(0.02));
        const auto suspects = doctor::suspect_labels(noisy, labels);
        CHECK(suspects.size() == 25);  // 24 that were changed, and the doubtful one
        CHECK(suspects.back().sample == 400);
        CHECK(suspects.back().prediction == 0);
        CHECK(doctor::suspect_labels(noisy, labels, {.label_probability = 0.04}).size() == 24);
    }

    TEST_CASE("as JSON, all of it is there and what is no number is null") {
        doctor::Diagnosis diagnosis{.title = "mlp \xff"};
        diagnosis.findings = {{"layers", Verdict::kIll, "dead units", "9 of 10", "More."}};
        diagnosis.first_loss = doctor::FirstLoss{.loss = "mse", .measured = 2.5};
        diagnosis.layers = {{.name = "0", .type = "Linear", .output = INFINITY, .gradient = 0.5}};
        diagnosis.parameters = {{.name = "0.weight", .weight = 0.25}};
        diagnosis.gradients = {{.parameter = "0.bias", .analytic = 1, .numeric = 2}};
        diagnosis.history.epochs = {{.train_loss = 0.5}};
        diagnosis.labels = {.samples = 5,
                            .held_out = true,
                            .suspects = {{.sample = 3, .label = 1, .prediction = 7}},
                            .class_names = {"a", "b"}};
        const auto json = nlohmann::json::parse(doctor::to_json(diagnosis));
        CHECK(json["verdict"] == "ILL");
        CHECK(json["findings"][0]["disease"] == "dead units");
        CHECK(json["first_loss"]["measured"] == 2.5);
        CHECK(json["first_loss"]["expected"].is_null());
        CHECK(json["layers"][0]["output"].is_null());
        CHECK(json["layers"][0]["gradient"] == 0.5);
        CHECK(json["parameters"][0]["weight"] == 0.25);
        CHECK(json["gradients"][0]["is_wrong"] == true);
        CHECK(json["history"]["epochs"][0]["train_loss"] == 0.5);
        CHECK(json["labels"]["held_out"] == true);
        CHECK(json["labels"]["suspects"][0]["label"] == "b");
        CHECK(json["labels"]["suspects"][0]["prediction"] == 7);
        CHECK(nlohmann::json::parse(doctor::to_json({}))["verdict"] == "ok");
    }

    TEST_CASE("a page of text keeps to 80 columns, the worst first") {
        doctor::Diagnosis diagnosis{.title = "mlp on spirals", .summary = std::string(30, 'x')};
        diagnosis.findings = doctor::judge_layers(healthy_layers());
        doctor::Finding ill = doctor::judge_gradients(std::vector<doctor::GradientProbe>{
            {.parameter = "a.weight", .analytic = 1, .numeric = 2}});
        diagnosis.findings.push_back(ill);
        diagnosis.gradients = {{.parameter = "a.weight", .analytic = 1, .numeric = 2}};
        diagnosis.layers = healthy_layers();
        diagnosis.layers[0].name = std::string(150, 'n');
        diagnosis.parameters.resize(40);
        diagnosis.learning_curve = {{10, 1, 2}, {20, 1, 2}};
        diagnosis.labels = {.samples = 5,
                            .suspects = {{.sample = 3, .label = 1}},
                            .class_names = {"Häuser", "Bäume"}};
        CHECK(diagnosis.worst() == Verdict::kIll);
        CHECK(diagnosis.has("wrong gradient"));
        CHECK(!diagnosis.has("dead units"));
        const std::string text = doctor::to_text(diagnosis);
        std::istringstream lines(text);
        std::string line;
        while (std::getline(lines, line)) {
            const auto continued =
                std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) == 0x80; });
            CAPTURE(line);
            CHECK(line.size() - static_cast<std::size_t>(continued) <= 80);
            CHECK((line.empty() || line.back() != ' '));
        }
        CHECK(text.find("ILL   gradients") < text.find("ok    layers"));
        CHECK(text.find("and 16 more") != std::string::npos);
        CHECK(text.find("Bäume") != std::string::npos);
        CHECK(text.find("nan") == std::string::npos);
    }
}
