// SPDX-License-Identifier: MIT
// Datasets over containers and sources of a user's own, tokens, and labels for every position.
#include <ingot/source.h>

#include "sample_sets.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/batches.h>

#include <array>
#include <tuple>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> inputs_of(const data::Dataset& set, std::vector<std::uint32_t> samples) {
    std::vector<float> values(samples.size() *
                              static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs(samples, values);
    return values;
}

// Counts upwards from each place; the targets are the successors, as a language model has them.
struct Counting {
    std::size_t size() const { return 5; }
    std::pair<std::array<int, 3>, std::vector<long>> operator[](std::size_t i) const {
        const int first = static_cast<int>(i);
        return {{first, first + 1, first + 2}, {first + 1, first + 2, first + 3}};
    }
};

struct Point {
    std::array<double, 2> place;
    std::uint8_t kind;
};

// A source made by hand, whose samples have names and are made on demand.
class Squares final : public data::Source {
public:
    Squares() : Source({.size = 4, .sample_shape = {1}, .class_count = 2}) {}
    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        *reinterpret_cast<float*>(room.data()) = static_cast<float>(row * row);
        return room.data();
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        *reinterpret_cast<std::int32_t*>(room.data()) = row == 3 ? 7 : static_cast<int>(row % 2);
        return room.data();
    }
    std::string name(std::int64_t row) const override { return "square " + std::to_string(row); }
};

}  // namespace

TEST_CASE("source: any container with size and operator[]") {
    const std::vector<Point> points = {{{1, 2}, 0}, {{3, 4}, 2}, {{5, 6}, 1}};
    const data::Dataset set = data::dataset_of(points);
    CHECK(set.size() == 3);
    CHECK(set.sample_shape() == Shape{2});
    CHECK(set.class_count() == 3);
    CHECK(set.label(1) == 2);
    CHECK(inputs_of(set, {2, 0}) == std::vector<float>{5, 6, 1, 2});
    const std::vector<std::int64_t> picked = {2, 1};
    CHECK(set.subset(picked).label(0) == 1);
    CHECK(set.measure().mean == std::vector<float>{3, 4});

    const data::Dataset lines =
        data::dataset_of(std::vector<std::pair<float, double>>{{1, 10}, {2, 20}});
    CHECK(lines.sample_shape() == Shape{1});
    CHECK(lines.target_shape() == Shape{});
    CHECK_FALSE(lines.has_labels());
    std::vector<float> target(1);
    lines.read_targets(std::vector<std::uint32_t>{1}, target);
    CHECK(target[0] == 20);

    const Image red{2, 1, 3, {255, 0, 0, 51, 0, 0}};
    const data::Dataset pictures =
        data::dataset_of(std::vector<std::tuple<Image, bool>>{{red, true}}, {"no", "yes"});
    CHECK(pictures.sample_shape() == Shape{3, 1, 2});
    CHECK(inputs_of(pictures, {0}) == std::vector<float>{1, 0.2F, 0, 0, 0, 0});
    CHECK(pictures.picture(0) == red);
    CHECK(pictures.class_name(pictures.label(0)) == "yes");

    const HostTensor grid = HostTensor::of("x", {2, 2}, std::vector<float>{1, 2, 3, 4});
    const data::Dataset tensors =
        data::dataset_of(std::vector<std::pair<HostTensor, int>>{{grid, 0}});
    CHECK(tensors.sample_shape() == Shape{2, 2});
    CHECK(inputs_of(tensors, {0}) == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("source: tokens, with a label at every position") {
    const data::Dataset set = data::dataset_of(Counting{});
    CHECK(set.input_dtype() == i32);
    CHECK(set.target_shape() == Shape{3});
    CHECK(set.class_count() == 8);
    CHECK(thrown_message([&] { set.label(0); }) ==
          "invalid argument: dataset: a sample has labels [3], not one");
    CHECK_THROWS_AS(inputs_of(set, {0}), Error);
    CHECK_THROWS_AS(set.picture(0), Error);
    CHECK_THROWS_AS(set.normalized({{0, 0, 0}, {1, 1, 1}}), Error);
    for (const int threads : {0, 1, 3}) {
        data::Batches batches(set, 2, {.threads = threads});
        const data::Batch& batch = *batches.next();
        CHECK(batch.inputs.empty());
        CHECK(std::vector(batch.tokens.begin(), batch.tokens.end()) ==
              std::vector<std::int32_t>{0, 1, 2, 1, 2, 3});
        CHECK(std::vector(batch.labels.begin(), batch.labels.end()) ==
              std::vector<std::int32_t>{1, 2, 3, 2, 3, 4});
        std::vector<std::int32_t> tokens(6), labels(6);
        CHECK(batches.next_into({}, labels, {}, tokens) == 2);
        CHECK(tokens == std::vector<std::int32_t>{2, 3, 4, 3, 4, 5});
        CHECK(labels == std::vector<std::int32_t>{3, 4, 5, 4, 5, 6});
        CHECK_THROWS_AS(batches.next_into({}, labels, {}, {}), Error);
        CHECK(batches.next()->tokens.size() == 3);
    }
    const data::Dataset stored(HostTensor::of("x", {2, 2}, std::vector<std::int32_t>{1, 2, 3, 4}),
                               HostTensor::of("y", {2, 2}, std::vector<std::int32_t>{2, 3, 4, 5}));
    std::vector<std::int32_t> tokens(2);
    stored.read_tokens(std::vector<std::uint32_t>{1}, tokens);
    CHECK(tokens == std::vector<std::int32_t>{3, 4});
    CHECK(stored.class_count() == 6);
}

TEST_CASE("source: one of a user's own, its names, its bad label") {
    const data::Dataset set(std::make_shared<Squares>());
    CHECK(inputs_of(set, {3, 1}) == std::vector<float>{9, 1});
    CHECK(set.name(2) == "square 2");
    CHECK(set.label(1) == 1);
    CHECK(thrown_message([&] { set.label(3); }) ==
          "data: dataset: the label of sample square 3 is 7, outside 0 to 1");
}

TEST_CASE("source: one over another dataset, whose samples are larger") {
    struct Sums final : data::Source {
        data::Dataset inner;
        explicit Sums(data::Dataset set)
            : Source({.size = set.size(), .sample_shape = {1}, .target_dtype = f32}),
              inner(std::move(set)) {}
        const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
            std::vector<float> values(static_cast<std::size_t>(inner.sample_shape().count()));
            const auto sample = static_cast<std::uint32_t>(row);
            inner.read_inputs({&sample, 1}, values);
            float sum = 0;
            for (const float value : values)
                sum += value;
            *reinterpret_cast<float*>(room.data()) = sum;
            return room.data();
        }
        const std::byte* target(std::int64_t, std::span<std::byte> room) const override {
            std::fill(room.begin(), room.end(), std::byte{0});
            return room.data();
        }
    };
    const data::Dataset wide = data::dataset_of(std::vector<std::pair<std::vector<double>, double>>{
        {std::vector<double>(50'000, 0.5), 0}, {std::vector<double>(50'000, 0.25), 0}});
    const data::Dataset sums(std::make_shared<Sums>(wide));
    CHECK(inputs_of(sums, {1, 0, 1}) == std::vector<float>{12500, 25000, 12500});
}

TEST_CASE("source: what is no sample is refused by its number") {
    using Rows = std::vector<std::pair<std::vector<float>, int>>;
    const data::Dataset uneven = data::dataset_of(Rows{{{1, 2}, 0}, {{1, 2, 3}, 1}});
    CHECK(thrown_message([&] { inputs_of(uneven, {1}); }) ==
          "data: dataset: sample 1 has input f32[3], sample 0 f32[2]");
    CHECK(thrown_message([] { data::dataset_of(Rows{}); }) ==
          "data: dataset: sample 0 does not exist, the container is empty");
    CHECK(thrown_message([] {
              data::dataset_of(std::vector<std::pair<float, long>>{{1, 0}, {1, 1L << 40}});
          }) == "data: dataset: sample 1 holds 1099511627776, beyond 32 bits");
    CHECK_THROWS_AS(data::Dataset(std::shared_ptr<const data::Source>()), Error);
    CHECK_THROWS_AS(data::Dataset(HostTensor::zeros("x", {2, 1}, f16), HostTensor::zeros("y", {2})),
                    Error);
}
