// SPDX-License-Identifier: MIT
// What a dataset delivers, and what it refuses to be built from.
#include "sample_sets.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <limits>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> read(const data::Dataset& set, std::vector<std::uint32_t> samples) {
    std::vector<float> values(samples.size() *
                              static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs(samples, values);
    return values;
}

// Two pictures [3, 1, 2] in bytes.
data::Dataset colour_set() {
    return {HostTensor::of("x", {2, 3, 1, 2},
                           std::vector<std::uint8_t>{0, 255, 10, 10, 1, 2, 255, 0, 10, 10, 3, 4}),
            HostTensor::of("y", {2}, std::vector<std::int32_t>{1, 0}),
            {"cat", "dog"}};
}

}  // namespace

TEST_CASE("dataset: an empty one answers") {
    const data::Dataset none;
    CHECK(none.empty());
    CHECK(none.class_count() == 0);
    CHECK(none.class_names().empty());
    CHECK_FALSE(none.has_labels());
    CHECK(none.target_shape() == Shape{});
    CHECK_THROWS_AS(none.label(0), Error);
    CHECK_THROWS_AS(none.split(0.5), Error);
}

TEST_CASE("dataset: labels, targets and samples in any order") {
    const data::Dataset set = numbered(5, 2);
    CHECK(set.size() == 5);
    CHECK(set.sample_shape() == Shape{2});
    CHECK(set.class_count() == 2);
    CHECK(set.class_sizes() == std::vector<std::int64_t>{3, 2});
    CHECK(read(set, {4, 0, 4}) == std::vector<float>{4, -4, 0, 0, 4, -4});
    std::vector<std::int32_t> labels(2);
    set.read_labels(std::vector<std::uint32_t>{3, 2}, labels);
    CHECK(labels == std::vector<std::int32_t>{1, 0});
    CHECK_THROWS_AS(read(set, {5}), Error);

    const data::Dataset regression(
        HostTensor::of("x", {2, 1}, std::vector<float>{1, 2}),
        HostTensor::of("y", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}));
    CHECK_FALSE(regression.has_labels());
    CHECK(regression.class_count() == 0);
    CHECK(regression.target_shape() == Shape{3});
    std::vector<float> targets(3);
    regression.read_targets(std::vector<std::uint32_t>{1}, targets);
    CHECK(targets == std::vector<float>{4, 5, 6});
    CHECK_THROWS_AS(regression.label(0), Error);
    CHECK_THROWS_AS(regression.read_labels(std::vector<std::uint32_t>{1}, labels), Error);
}

TEST_CASE("dataset: bytes are delivered as fractions, normalised by channel") {
    const data::Dataset set = colour_set();
    CHECK(set.class_name(1) == "dog");
    CHECK(set.class_name(7) == "7");
    CHECK(read(set, {0})[1] == 1.0F);
    CHECK(read(set, {0})[5] == 2 / 255.0F);
    const data::Normalization measured = set.measure();
    REQUIRE(measured.mean.size() == 3);
    CHECK(measured.mean[0] == doctest::Approx(0.5));
    CHECK(measured.deviation[0] == doctest::Approx(0.5));
    CHECK(measured.mean[1] == doctest::Approx(10 / 255.0));
    CHECK(measured.deviation[1] == 1.0F);  // constant
    const data::Dataset normal = set.normalized(measured);
    const std::vector<float> first = read(normal, {0});
    CHECK(first[0] == doctest::Approx(-1));
    CHECK(first[1] == doctest::Approx(1));
    CHECK(first[2] == doctest::Approx(0));
    CHECK(read(normal.flattened(), {0}) == first);  // flattening keeps the channels apart
    CHECK(read(normal.normalized({}), {0}) == read(set, {0}));
    CHECK(normal.measure() == measured);
    CHECK(set.flattened().measure().mean.size() == 6);
    CHECK(set.picture(1) == Image{2, 1, 3, {255, 10, 3, 0, 10, 4}});
    CHECK(normal.picture(1) == set.picture(1));
}

TEST_CASE("dataset: f32 features are normalised one by one") {
    const data::Dataset set(HostTensor::of("x", {2, 2}, std::vector<float>{1, 100, 3, 300}),
                            HostTensor::of("y", {2, 1}, std::vector<float>{0, 0}));
    const data::Normalization measured = set.measure();
    CHECK(measured.mean == std::vector<float>{2, 200});
    CHECK(measured.deviation == std::vector<float>{1, 100});
    CHECK(read(set.normalized(measured), {1, 0}) == std::vector<float>{1, 1, -1, -1});
    CHECK_THROWS_AS(set.normalized({{1, 2, 3}, {1, 2, 3}}), Error);
    CHECK_THROWS_AS(set.normalized({{1}, {0}}), Error);
    const data::Dataset bad(
        HostTensor::of("x", {1, 1}, std::vector<float>{std::numeric_limits<float>::infinity()}),
        HostTensor::of("y", {1, 1}, std::vector<float>{0}));
    CHECK(thrown_message([&] { bad.measure(); }) ==
          "data: dataset: channel 0 holds a value that is not finite");
}

TEST_CASE("dataset: what cannot be one is refused with the sample at fault") {
    const auto x = HostTensor::zeros("x", {3, 2});
    const auto message = [](const HostTensor& inputs, const HostTensor& targets,
                            const std::vector<std::string>& names = {}) {
        return thrown_message([&] { data::Dataset(inputs, targets, names); });
    };
    CHECK(message(x, HostTensor::zeros("y", {2}, i32)) ==
          "data: dataset: inputs [3, 2] and targets [2] need one first axis, the samples");
    CHECK(message(HostTensor::zeros("x", {}), HostTensor::zeros("y", {}, i32)).find("[] and") !=
          std::string::npos);
    CHECK(message(x, HostTensor::of("y", {3}, std::vector<std::int32_t>{0, -1, 2})) ==
          "data: dataset: the label of sample 1 is -1, outside 0 to 16777215");
    CHECK(message(x, HostTensor::of("y", {3}, std::vector<std::int32_t>{0, 1, 2}), {"a", "b"}) ==
          "data: dataset: the label of sample 2 is 2, outside 0 to 1");
    CHECK(message(x, HostTensor::zeros("y", {3}, u8)).find("inputs are f32 and targets u8") !=
          std::string::npos);
    CHECK(message({"x", {3, 2}, f32, std::vector<std::byte>(20)}, HostTensor::zeros("y", {3}, i32))
              .find("data has 20 bytes") != std::string::npos);
    CHECK(thrown_message([] {
              numbered(3).picture(0);
          }).find("samples [2] of f32 are no pictures") != std::string::npos);
    CHECK_THROWS_AS(numbered(3).reshaped({3}), Error);
}
