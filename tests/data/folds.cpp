// SPDX-License-Identifier: MIT
// Three parts, folds, weights and balance: no sample in two parts, all of them in one, classes in
// proportion, equal for equal seeds everywhere.
#include <ingot/split.h>

#include "sample_sets.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/batches.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace ingot;
using namespace ingot::testing;

namespace {

// Numbered samples of classes of these sizes, in mixed order.
data::Dataset of_classes(const std::vector<int>& sizes) {
    std::vector<std::int32_t> labels;
    std::vector<int> left = sizes;
    for (bool any = true; any;) {
        any = false;
        for (std::size_t c = 0; c < left.size(); ++c) {
            if (left[c] == 0) continue;
            --left[c];
            labels.push_back(static_cast<std::int32_t>(c));
            any = true;
        }
    }
    const auto count = static_cast<std::int64_t>(labels.size());
    std::vector<float> inputs;
    for (std::int64_t i = 0; i < count; ++i)
        inputs.insert(inputs.end(), {static_cast<float>(i), 0});
    return {HostTensor::of("x", {count, 2}, inputs), HostTensor::of("y", {count}, labels)};
}

std::vector<int> together(const data::Parts& parts) {
    std::vector<int> all;
    for (const data::Dataset* part : {&parts.train, &parts.validation, &parts.test}) {
        const std::vector<int> numbers = numbers_of(*part);
        CHECK(std::is_sorted(numbers.begin(), numbers.end()));
        all.insert(all.end(), numbers.begin(), numbers.end());
    }
    std::sort(all.begin(), all.end());
    return all;
}

const data::Dataset kUneven = of_classes({70, 0, 25, 5});

}  // namespace

TEST_CASE("split: three parts, disjoint and complete") {
    for (const bool stratify : {false, true}) {
        for (const std::int64_t count : {10, 101, 1000}) {
            const data::Dataset set = numbered(count);
            const data::Parts parts =
                data::split(set, {.validation = 0.2, .test = 0.3, .stratify = stratify, .seed = 4});
            CHECK(parts.validation.size() == std::llround(0.2 * static_cast<double>(count)));
            CHECK(parts.test.size() == std::llround(0.3 * static_cast<double>(count)));
            CHECK(together(parts) == numbers_of(set));  // no sample twice, none lost
        }
    }
    const data::Parts parts =
        data::split(kUneven, {.validation = 0.2, .test = 0.2, .stratify = true, .seed = 1});
    CHECK(parts.test.class_sizes() == std::vector<std::int64_t>{14, 0, 5, 1});
    CHECK(parts.validation.class_sizes() == std::vector<std::int64_t>{14, 0, 5, 1});
    CHECK(parts.train.class_sizes() == std::vector<std::int64_t>{42, 0, 15, 3});
    CHECK(data::split(numbered(9), {.validation = 0, .test = 0}).train.size() == 9);
    CHECK(numbers_of(data::split(numbered(90), {.seed = 1}).test) !=
          numbers_of(data::split(numbered(90), {.seed = 2}).test));
    // The same for ever, everywhere.
    CHECK(numbers_of(data::split(numbered(20), {.validation = 0.25, .test = 0.25}).validation) ==
          std::vector<int>{3, 8, 9, 16, 19});
    CHECK_THROWS_AS(data::split(numbered(9), {.validation = 0.5, .test = 0.5}), Error);
    CHECK_THROWS_AS(data::split(numbered(9), {.validation = 0.01}), Error);
    CHECK_THROWS_AS(data::split(numbered(9), {.validation = -0.5}), Error);
}

TEST_CASE("k_fold: every sample validates once, and tests once") {
    for (const bool stratify : {false, true}) {
        for (const bool test : {false, true}) {
            const auto turns =
                data::k_fold(kUneven, 7, {.stratify = stratify, .test = test, .seed = 3});
            REQUIRE(turns.size() == 7);
            std::map<int, int> validated, tested;
            for (const data::Parts& turn : turns) {
                CHECK(together(turn) == numbers_of(kUneven));
                CHECK(turn.validation.size() >= 14);
                CHECK(turn.validation.size() <= 15);
                CHECK(turn.test.empty() == !test);
                for (const int number : numbers_of(turn.validation))
                    ++validated[number];
                for (const int number : numbers_of(turn.test))
                    ++tested[number];
                if (!stratify) continue;
                const auto sizes = turn.validation.class_sizes();
                CHECK(sizes[0] == 10);
                CHECK(sizes[2] >= 3);
                CHECK(sizes[2] <= 4);
                CHECK(sizes[3] <= 1);
            }
            CHECK(validated.size() == 100);
            CHECK(tested.size() == (test ? 100 : 0));
            for (const auto& [number, times] : validated)
                CHECK(times == 1);
            if (test) CHECK(numbers_of(turns[0].validation) == numbers_of(turns[1].test));
        }
    }
    CHECK(numbers_of(data::k_fold(numbered(12), 3)[0].test) == std::vector<int>{0, 1, 4, 11});
    CHECK(numbers_of(data::k_fold(numbered(12), 3, {.seed = 1})[0].test) !=
          numbers_of(data::k_fold(numbered(12), 3, {.seed = 2})[0].test));
    CHECK(thrown_message([] { data::k_fold(numbered(12), 2); }) ==
          "invalid argument: k_fold: 2 folds of 12 samples; at least 3 are needed");
    CHECK_THROWS_AS(data::k_fold(numbered(12), 13), Error);
    const data::Dataset regression(HostTensor::zeros("x", {4, 1}), HostTensor::zeros("y", {4, 1}));
    CHECK(data::k_fold(regression, 4).size() == 4);
    CHECK_THROWS_AS(data::k_fold(regression, 4, {.stratify = true}), Error);
    CHECK_THROWS_AS(data::class_weights(regression), Error);
    CHECK_THROWS_AS(data::balanced(regression), Error);
}

TEST_CASE("representative: a small set like the whole") {
    CHECK(data::representative(kUneven, 20, 1).class_sizes() ==
          std::vector<std::int64_t>{14, 0, 5, 1});
    CHECK(data::representative(kUneven, 1000).size() == 100);
    CHECK_THROWS_AS(data::representative(kUneven, 0), Error);
}

TEST_CASE("class weights: samples / (classes * samples of the class)") {
    // scikit-learn 1.2: compute_class_weight("balanced", classes=[0, 2, 3], y) of these sizes.
    const std::vector<float> weights = data::class_weights(kUneven);
    REQUIRE(weights.size() == 4);
    CHECK(weights[0] == doctest::Approx(0.476190).epsilon(1e-6));
    CHECK(weights[1] == 0);
    CHECK(weights[2] == doctest::Approx(1.333333).epsilon(1e-6));
    CHECK(weights[3] == doctest::Approx(6.666667).epsilon(1e-6));
    double sum = 0;  // over the samples it is their count
    for (std::int64_t i = 0; i < kUneven.size(); ++i)
        sum += static_cast<double>(weights[static_cast<std::size_t>(kUneven.label(i))]);
    CHECK(sum == doctest::Approx(100));
}

TEST_CASE("balanced: all classes as large as the largest, no sample lost") {
    const data::Dataset set = data::balanced(kUneven, 2);
    CHECK(set.class_sizes() == std::vector<std::int64_t>{70, 0, 70, 70});
    std::map<int, int> times;
    for (const int number : numbers_of(set))
        ++times[number];
    CHECK(times.size() == 100);
    for (const auto& [number, count] : times) {
        const int label = kUneven.label(number);
        CHECK(count >= (label == 0 ? 1 : label == 2 ? 2 : 14));
        CHECK(count <= (label == 0 ? 1 : label == 2 ? 3 : 14));
    }
    CHECK(numbers_of(set) == numbers_of(data::balanced(kUneven, 2)));
    CHECK(numbers_of(set) != numbers_of(data::balanced(kUneven, 3)));
}

TEST_CASE("batches: samples drawn by weight, resuming anywhere") {
    const data::BatchOptions options{.seed = 5, .weights = data::balanced_weights(kUneven)};
    data::Batches batches(kUneven, 10, options);
    std::vector<std::vector<float>> seen;
    std::map<int, int> classes;
    for (int epoch = 0; epoch < 30; ++epoch) {
        for (const data::Batch& batch : batches) {
            seen.emplace_back(batch.inputs.begin(), batch.inputs.end());
            for (const std::int32_t label : batch.labels)
                ++classes[label];
        }
    }
    // 3,000 draws, a third each: within four deviations of 25.8.
    CHECK(classes.size() == 3);
    for (const auto& [label, count] : classes)
        CHECK(std::abs(count - 1000) < 104);
    CHECK(seen[0] != seen[10]);
    data::Batches resumed(kUneven, 10, options);
    resumed.start({2, 3});
    const data::Batch& batch = *resumed.next();
    CHECK(std::vector(batch.inputs.begin(), batch.inputs.end()) == seen[23]);

    std::vector<double> one(100, 0.0);
    one[42] = 1;
    data::Batches same(kUneven, 4, {.weights = one});
    for (const float value : {same.next()->inputs[0], same.next()->inputs[6]})
        CHECK(value == 42);
    for (const std::vector<double>& bad :
         {std::vector<double>(99, 1.0), std::vector<double>(100, 0.0),
          std::vector<double>(100, -1.0), std::vector<double>(100, std::nan(""))}) {
        CHECK_THROWS_AS(data::Batches(kUneven, 4, {.weights = bad}), Error);
    }
}
