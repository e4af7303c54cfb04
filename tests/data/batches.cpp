// SPDX-License-Identifier: MIT
// Batches: every sample once an epoch, the same order for the same seed, resuming anywhere, no
// allocation on the way, with and without a thread.
#include <ingot/batches.h>

#include "sample_sets.h"

#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace ingot;
using namespace ingot::testing;

namespace {

struct Seen {
    std::int64_t epoch, index;
    std::vector<int> numbers;
    bool operator==(const Seen&) const = default;
};

Seen seen(const data::Batch& batch) {
    Seen result{batch.epoch, batch.index, {}};
    const auto delivered =
        batch.mask.empty() ? static_cast<std::size_t>(batch.count) : batch.mask.size();
    REQUIRE(batch.inputs.size() == 2 * delivered);
    REQUIRE(batch.labels.size() == delivered);
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
        const int number = static_cast<int>(batch.inputs[2 * i]);
        CHECK(batch.inputs[2 * i + 1] == -number);
        CHECK(batch.labels[i] == number % 3);
        result.numbers.push_back(number);
    }
    return result;
}

std::vector<Seen> epochs(data::Batches& batches, int count) {
    std::vector<Seen> all;
    for (int epoch = 0; epoch < count; ++epoch) {
        for (const auto& batch : batches)
            all.push_back(seen(batch));
    }
    return all;
}

}  // namespace

TEST_CASE("batches: in the order of the data, the short last one visible") {
    data::Batches batches(numbered(10), 4);
    CHECK(batches.batches_per_epoch() == 3);
    CHECK(batches.last_batch_count() == 2);
    CHECK(batches.samples_per_epoch() == 10);
    const std::vector<Seen> expected = {{0, 0, {0, 1, 2, 3}}, {0, 1, {4, 5, 6, 7}}, {0, 2, {8, 9}},
                                        {1, 0, {0, 1, 2, 3}}, {1, 1, {4, 5, 6, 7}}, {1, 2, {8, 9}}};
    CHECK(epochs(batches, 2) == expected);
    CHECK(batches.cursor() == data::Cursor{2, 0});

    data::Batches full(numbered(10), 4, {.last = data::LastBatch::kDrop});
    CHECK(full.batches_per_epoch() == 2);
    CHECK(full.last_batch_count() == 4);
    CHECK(full.samples_per_epoch() == 8);
    CHECK(epochs(full, 1).size() == 2);

    data::Batches wide(numbered(10), 100);
    CHECK(epochs(wide, 1) == std::vector<Seen>{{0, 0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}});
}

TEST_CASE("batches: a last batch that is filled up") {
    for (const int threads : {0, 2}) {
        data::Batches batches(numbered(10), 4, {.last = data::LastBatch::kPad, .threads = threads});
        CHECK(batches.batches_per_epoch() == 3);
        CHECK(batches.last_batch_count() == 2);
        const std::vector<Seen> expected = {
            {0, 0, {0, 1, 2, 3}}, {0, 1, {4, 5, 6, 7}}, {0, 2, {8, 9, 8, 9}}};
        CHECK(epochs(batches, 1) == expected);
        std::vector<float> masks;
        for (const auto& batch : batches) {
            CHECK(batch.count == (batch.index == 2 ? 2 : 4));
            CHECK(batch.labels.size() == 4);
            masks.insert(masks.end(), batch.mask.begin(), batch.mask.end());
        }
        CHECK(masks == std::vector<float>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
    }
    data::Batches few(numbered(2), 5, {.last = data::LastBatch::kPad});
    CHECK(epochs(few, 1) == std::vector<Seen>{{0, 0, {0, 1, 0, 1, 0}}});
    CHECK(data::Batches(numbered(8), 4).next()->mask.empty());

    data::Batches into(numbered(3), 2, {.last = data::LastBatch::kPad});
    std::vector<float> inputs(4);
    std::vector<std::int32_t> labels(2);
    CHECK(into.next_into(inputs, labels) == 2);
    CHECK(into.next_into(inputs, labels) == 1);
    CHECK(labels[0] == labels[1]);
    CHECK(inputs[0] == inputs[2]);
    into.start({0, 1});
    CHECK_THROWS_AS(into.next_into(std::span(inputs).first(2), labels), Error);
}

TEST_CASE("batches: a shuffled epoch holds every sample once, another order each time") {
    data::Batches batches(numbered(100), 7, {.shuffle = true, .seed = 1});
    std::set<std::vector<int>> orders;
    for (int epoch = 0; epoch < 3; ++epoch) {
        std::vector<int> order;
        for (const auto& batch : batches) {
            const Seen one = seen(batch);
            order.insert(order.end(), one.numbers.begin(), one.numbers.end());
        }
        orders.insert(order);
        std::sort(order.begin(), order.end());
        CHECK(order == numbers_of(numbered(100)));
    }
    CHECK(orders.size() == 3);
}

TEST_CASE("batches: the order is the same everywhere, for ever") {
    data::Batches batches(numbered(10), 10, {.shuffle = true, .seed = 1});
    CHECK(epochs(batches, 2) == std::vector<Seen>{{0, 0, {5, 6, 1, 9, 8, 2, 7, 3, 4, 0}},
                                                  {1, 0, {9, 8, 5, 2, 1, 3, 4, 7, 0, 6}}});
}

TEST_CASE("batches: with or without a thread, from any place, the same batches") {
    const data::BatchOptions plain = {.shuffle = true, .seed = 9};
    const data::BatchOptions threaded = {.shuffle = true, .seed = 9, .threads = 1};
    data::Batches reference(numbered(50), 8, plain);
    const std::vector<Seen> all = epochs(reference, 3);
    REQUIRE(all.size() == 21);
    data::Batches prepared(numbered(50), 8, threaded);
    CHECK(epochs(prepared, 3) == all);

    for (const data::BatchOptions& options : {plain, threaded}) {
        for (std::int64_t place = 0; place <= 21; ++place) {
            data::Batches resumed(numbered(50), 8, options);
            static_cast<void>(resumed.next());  // what was read before must not matter
            resumed.start({place / 7, place % 7});
            std::vector<Seen> rest;
            while (resumed.cursor().epoch < 3) {
                if (const data::Batch* batch = resumed.next()) rest.push_back(seen(*batch));
            }
            CHECK(rest == std::vector<Seen>(all.begin() + place, all.end()));
        }
        // The end of an epoch is a place of its own.
        data::Batches resumed(numbered(50), 8, options);
        resumed.start({1, 7});
        CHECK(resumed.next() == nullptr);
        CHECK(resumed.cursor() == data::Cursor{2, 0});
        CHECK(seen(*resumed.next()) == all[14]);
    }
}

TEST_CASE("batches: leaving an epoch early goes on behind the batches taken") {
    data::Batches batches(numbered(10), 2);
    for (const auto& batch : batches) {
        if (batch.index == 1) break;
    }
    CHECK(batches.cursor() == data::Cursor{0, 2});
    CHECK(seen(*batches.next()).numbers == std::vector<int>{4, 5});
}

TEST_CASE("batches: into the caller's memory") {
    for (const int threads : {0, 1, 3}) {
        data::Batches batches(numbered(5), 3, {.threads = threads});
        std::vector<float> inputs(6);
        std::vector<std::int32_t> labels(3);
        CHECK(batches.next_into(inputs, labels) == 3);
        CHECK(inputs == std::vector<float>{0, 0, 1, -1, 2, -2});
        CHECK(labels == std::vector<std::int32_t>{0, 1, 2});
        std::vector<float> small(3);
        CHECK(thrown_message([&] { batches.next_into(small, labels); }) ==
              "invalid argument: batches: 2 samples need room for 4 inputs, 2 labels, 0 targets, "
              "0 tokens and 0 draws; there is room for 3, 3, 0, 0 and 0");
        CHECK(batches.next_into(inputs, labels) == 2);  // the refused one is not lost
        CHECK(inputs[0] == 3);
        CHECK(inputs[4] == 2);  // untouched beyond the count
        CHECK(batches.next_into(inputs, labels) == 0);
        CHECK(batches.cursor() == data::Cursor{1, 0});
    }
}

TEST_CASE("batches: targets in place of labels, buffers used again") {
    const data::Dataset set(HostTensor::zeros("x", {6, 4}),
                            HostTensor::of("y", {6, 1}, std::vector<float>{0, 1, 2, 3, 4, 5}));
    for (const int threads : {0, 1, 3}) {
        data::Batches batches(set, 2, {.threads = threads});
        std::set<const float*> buffers;
        std::vector<float> targets;
        for (int epoch = 0; epoch < 4; ++epoch) {
            for (const auto& batch : batches) {
                CHECK(batch.labels.empty());
                buffers.insert(batch.inputs.data());
                targets.insert(targets.end(), batch.targets.begin(), batch.targets.end());
            }
        }
        CHECK(buffers.size() == static_cast<std::size_t>(threads + 1));
        CHECK(targets.size() == 24);
        CHECK(targets[23] == 5);
    }
}

TEST_CASE("batches: they move, and what cannot be cut is refused") {
    data::Batches first(numbered(10), 4, {.threads = 1});
    static_cast<void>(first.next());
    data::Batches second = std::move(first);
    CHECK(seen(*second.next()).numbers == std::vector<int>{4, 5, 6, 7});
    CHECK_THROWS_AS(data::Batches(numbered(3), 0), Error);
    CHECK_THROWS_AS(data::Batches(data::Dataset(), 4), Error);
    CHECK_THROWS_AS(data::Batches(numbered(3), 4, {.last = data::LastBatch::kDrop}), Error);
    CHECK_THROWS_AS(second.start({0, 4}), Error);
    CHECK_THROWS_AS(second.start({-1, 0}), Error);
}
