// SPDX-License-Identifier: MIT
// Everything is learnt on one part and applied to another: values for missing ones by each rule,
// one-hot categories and labels by name, statistics; and comes back from JSON bit for bit.
#include <ingot/preparation.h>

#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;
using data::Missing;
using data::Preparation;

namespace {

data::Dataset table(const std::string& text, const data::CsvOptions& options = {.missing = true}) {
    const TemporaryFolder folder;
    return data::csv(folder.put("t.csv", text), options);
}

std::vector<float> row_of(const data::Dataset& set, std::uint32_t sample) {
    std::vector<float> values(static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs({&sample, 1}, values);
    return values;
}

float target_of(const data::Dataset& set, std::uint32_t sample) {
    float value = 0;
    set.read_targets({&sample, 1}, {&value, 1});
    return value;
}

// a: 1, 2, 2, 7 and a gap; b: red, blue, red, a gap, red.
data::Dataset training_part() {
    return table("a,b,y\n1,red,10\n2,blue,20\n2,red,30\n7,,40\n,red,50\n");
}

}  // namespace

TEST_CASE("preparation: missing values by each rule, learnt on the training part") {
    const data::Dataset train = training_part();
    const data::Dataset other = table("b,a,y\n,,1\nblue,5,2\n");  // columns in another order
    const auto filled = [&](Missing rule) {
        const Preparation learnt =
            Preparation::learn(train, {.missing = rule, .constant = -9, .normalize = false});
        return row_of(learnt.apply(other), 0);
    };
    // The value of a, then one-hot blue and red.
    CHECK(filled(Missing::kMean) == std::vector<float>{3, 0, 1});
    CHECK(filled(Missing::kMedian) == std::vector<float>{2, 0, 1});
    CHECK(filled(Missing::kMostFrequent) == std::vector<float>{2, 0, 1});
    CHECK(filled(Missing::kConstant) == std::vector<float>{-9, 0, 1, 0});  // blue, missing, red
    const Preparation dropping = Preparation::learn(train, {.missing = Missing::kDropRow});
    CHECK(dropping.apply(train).size() == 3);
    const data::Dataset kept = dropping.apply(other);
    REQUIRE(kept.size() == 1);
    CHECK(target_of(kept, 0) == 2);

    const Preparation mixed = Preparation::learn(train, {.missing = Missing::kDropRow,
                                                         .missing_of = {{"a", Missing::kMean}},
                                                         .one_hot = false,
                                                         .normalize = false});
    CHECK(mixed.apply(train).size() == 4);
    CHECK(row_of(mixed.apply(train), 3) == std::vector<float>{10.0F / 4 + 0.5F, 1});
    CHECK(mixed.apply(train).features()[1].categories == std::vector<std::string>{"blue", "red"});

    CHECK(thrown_message([&] { Preparation::learn(train); }) ==
          "data: preparation: feature 'b' of sample 3 is missing");
    const data::Dataset whole = train.take(3);
    CHECK(thrown_message([&] { Preparation::learn(whole).apply(train); }) ==
          "data: preparation: feature 'b' of sample 3 is missing");
    CHECK_THROWS_AS(Preparation::learn(train, {.missing_of = {{"c", Missing::kMean}}}), Error);
    const std::vector<std::int64_t> gap = {4};
    CHECK(thrown_message([&] {
              Preparation::learn(train.subset(gap), {.missing = Missing::kMean});
          }) == "data: preparation: all values of feature 'a' are missing");
    CHECK_THROWS_AS(dropping.apply(train.subset(gap)), Error);
    CHECK_THROWS_AS(Preparation::learn(data::Dataset()), Error);
}

TEST_CASE("preparation: numbers are normalised, one-hot features are not, targets if asked for") {
    const data::Dataset train = training_part();
    const Preparation learnt =
        Preparation::learn(train, {.missing = Missing::kMean, .normalize_targets = true});
    const data::Dataset set = learnt.apply(train);
    REQUIRE(set.features().size() == 3);
    CHECK(set.features()[1].name == "b=blue");
    // 1, 2, 2, 7, 3: mean 3, mean square deviation (4 + 1 + 1 + 16) / 5.
    CHECK(row_of(set, 0)[0] == doctest::Approx(-2 / std::sqrt(22.0 / 5)));
    CHECK(row_of(set, 1)[1] == 1);
    CHECK(row_of(set, 1)[2] == 0);
    CHECK(row_of(set, 4)[0] == doctest::Approx(0));
    CHECK(target_of(set, 0) == doctest::Approx(-20 / std::sqrt(200.0)));
    std::vector<float> predicted = {target_of(set, 0), 0};
    learnt.restore_targets(predicted);
    CHECK(predicted[0] == doctest::Approx(10));
    CHECK(predicted[1] == doctest::Approx(30));
    CHECK(row_of(learnt.apply(train.normalized({{1, 2}, {3, 4}})), 0) == row_of(set, 0));
    CHECK(set.source()->name(2) == "2");
}

TEST_CASE("preparation: categories and labels of another file are matched by name") {
    const data::Dataset train = table("b,y\nred,cat\nblue,dog\nred,dog\n");
    const Preparation learnt = Preparation::learn(train);
    const data::Dataset other = table("x,b,y\n1,red,zebra\n2,red,dog\n3,green,dog\n");
    CHECK(thrown_message([&] { learnt.apply(other); }) ==
          "data: preparation: 1 samples are of class 'zebra', which was not learnt");
    const std::vector<std::int64_t> dogs = {1, 2};
    CHECK(thrown_message([&] { learnt.apply(other.subset(dogs)); }) ==
          "data: preparation: feature 'b' of sample 2 is 'green', which was not learnt");
    const Preparation lenient = Preparation::learn(train, {.ignore_unknown = true});
    const data::Dataset set = lenient.apply(other.subset(dogs));
    CHECK(set.class_names() == std::vector<std::string>{"cat", "dog"});
    CHECK(set.label(0) == 1);
    CHECK(row_of(set, 0) == std::vector<float>{0, 1});
    CHECK(row_of(set, 1) == std::vector<float>{0, 0});
    CHECK(thrown_message([&] { learnt.apply(table("c,y\nred,cat\n")); }) ==
          "data: preparation: the data has no feature 'b'");
    CHECK(thrown_message([&] { learnt.apply(table("b,y\n1,cat\n")); }) ==
          "data: preparation: feature 'b' is a number, learnt was a category");
    // A category that only other parts have was not learnt.
    const data::Dataset later = table("b,y\nred,cat\nblue,dog\ngreen,dog\n");
    CHECK(Preparation::learn(later.take(2)).features[0].categories ==
          std::vector<std::string>{"blue", "red"});
}

TEST_CASE("preparation: of pictures and of plain numbers") {
    const data::Dataset pictures(
        HostTensor::of("x", {2, 3, 1, 1}, std::vector<std::uint8_t>{0, 51, 102, 255, 51, 0}),
        HostTensor::of("y", {2}, std::vector<std::int32_t>{0, 1}), {"a", "b"});
    const Preparation learnt = Preparation::learn(pictures);
    CHECK(learnt.features.empty());
    CHECK(learnt.inputs == pictures.measure());
    CHECK(row_of(learnt.apply(pictures), 0) == row_of(pictures.normalized(pictures.measure()), 0));
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const data::Dataset numbers(HostTensor::of("x", {3, 2}, std::vector<float>{1, 2, nan, 4, 3, 6}),
                                HostTensor::zeros("y", {3}));
    const data::Dataset filled =
        Preparation::learn(numbers, {.missing = Missing::kMean, .normalize = false}).apply(numbers);
    CHECK(row_of(filled, 1) == std::vector<float>{2, 4});
    const data::Dataset infinite(
        HostTensor::of("x", {1, 1}, std::vector<float>{std::numeric_limits<float>::infinity()}),
        HostTensor::zeros("y", {1}));
    CHECK_THROWS_AS(Preparation::learn(infinite), Error);
}

TEST_CASE("preparation: of a set that is prepared already") {
    const data::Dataset train = training_part();
    const Preparation filling =
        Preparation::learn(train, {.missing = Missing::kMean, .normalize = false});
    const data::Dataset filled = filling.apply(train);
    const Preparation scaling = Preparation::learn(filled);
    const data::Dataset both = scaling.apply(filled);
    CHECK(both.sample_shape() == Shape{3});
    CHECK(row_of(both, 0)[0] == doctest::Approx(-2 / std::sqrt(22.0 / 5)));
    // Here one-hot features are numbers like others: red is 4 of 5.
    CHECK(row_of(both, 0)[2] == doctest::Approx(0.5));
}

TEST_CASE("preparation: as JSON and back, and damaged") {
    for (const bool one_hot : {false, true}) {
        const Preparation learnt = Preparation::learn(
            training_part(),
            {.missing = Missing::kMean, .one_hot = one_hot, .normalize_targets = true});
        CHECK(Preparation::from_json(learnt.to_json()) == learnt);
    }
    const std::string good =
        Preparation::learn(training_part(), {.missing = Missing::kMedian}).to_json();
    const auto message = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return thrown_message([&] { Preparation::from_json(text); });
    };
    CHECK(message("\"version\":1", "\"version\":2") ==
          "file: preparation: of version 2, this reads version 1");
    CHECK(message("\"median\"", "\"guess\"").find("has the rule 'guess'; possible are error") !=
          std::string::npos);
    CHECK(message("[\"blue\",\"red\"]", "[\"red\",\"blue\"]") ==
          "file: preparation: the categories of feature 'b' are not in order");
    CHECK(message("\"fill\":1.0", "\"fill\":2.0").find("do not have the one for missing values") !=
          std::string::npos);
    CHECK(message("\"deviation\":[", "\"deviation\":[1,").find("means and 4 deviations") !=
          std::string::npos);
    CHECK(message("\"one_hot\":true", "\"one_hot\":3").starts_with("file: preparation: "));
    for (std::size_t size = 0; size < good.size(); ++size) {
        REQUIRE(thrown_message([&] {
                    Preparation::from_json(good.substr(0, size));
                }).starts_with("file: preparation: "));
    }
}

TEST_CASE("preparation: California housing" * doctest::test_suite("shared_data")) {
    const auto folder = shared_data("california-housing");
    if (!folder) return;
    const data::Dataset houses =
        data::csv(*folder / "housing.csv.gz", {.targets = {"median_house_value"}, .missing = true});
    const data::Parts parts = data::split(houses, {.seed = 1});
    const Preparation learnt =
        Preparation::learn(parts.train, {.missing = Missing::kMedian, .normalize_targets = true});
    const data::Dataset train = learnt.apply(parts.train), test = learnt.apply(parts.test);
    CHECK(train.size() == 16512);
    CHECK(train.sample_shape() == Shape{13});
    CHECK(test.size() == 2064);
    const data::Normalization measured = train.normalized({}).measure();
    CHECK(measured.mean[0] == doctest::Approx(-119.57).epsilon(0.001));
    double sum = 0;
    for (std::uint32_t i = 0; i < 16512; ++i) {
        const std::vector<float> row = row_of(train, i);
        for (const float value : row)
            REQUIRE(std::isfinite(value));
        CHECK(row[8] + row[9] + row[10] + row[11] + row[12] == 1);
        sum += static_cast<double>(row[0]);
    }
    CHECK(std::abs(sum) < 16512 * 1e-4);
}
