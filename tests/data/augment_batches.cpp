// SPDX-License-Identifier: MIT
// Augmentation and mixtures on the way into batches: the same bits with any number of threads and
// from any place, normalised last, targets that say what the inputs are made of.
#include "pictures.h"

#include <ingot/batches.h>

#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>

using namespace ingot;
using namespace ingot::testing;

namespace {

// Pictures u8, each another; label i % classes.
data::Dataset pictures(std::int64_t count, const Extent& extent, std::int32_t classes) {
    const auto& [channels, height, width] = extent;
    std::vector<std::uint8_t> bytes;
    std::vector<std::int32_t> labels;
    const augment::Picture all = pattern(count * channels, height, width);
    for (const float value : all.values)
        bytes.push_back(static_cast<std::uint8_t>(std::lround(value * 255)));
    for (std::int64_t i = 0; i < count; ++i)
        labels.push_back(static_cast<std::int32_t>(i) % classes);
    return {HostTensor::of("x", {count, channels, height, width}, bytes),
            HostTensor::of("y", {count}, labels)};
}

// Sample i is [1, 8, 6], all of value i, with label i.
data::Dataset levels(std::int32_t count) {
    std::vector<float> values;
    std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
    std::iota(labels.begin(), labels.end(), 0);
    for (const std::int32_t label : labels)
        values.insert(values.end(), 48, static_cast<float>(label));
    return {HostTensor::of("x", {count, 1, 8, 6}, values), HostTensor::of("y", {count}, labels)};
}

struct Seen {
    std::int64_t epoch, index;
    std::vector<float> inputs, targets;
    std::vector<std::int32_t> labels;
    bool operator==(const Seen&) const = default;
};

Seen seen(const data::Batch& batch) {
    return {batch.epoch,
            batch.index,
            {batch.inputs.begin(), batch.inputs.end()},
            {batch.targets.begin(), batch.targets.end()},
            {batch.labels.begin(), batch.labels.end()}};
}

std::vector<Seen> until(data::Batches& batches, std::int64_t epoch) {
    std::vector<Seen> all;
    while (batches.cursor().epoch < epoch) {
        if (const data::Batch* batch = batches.next()) all.push_back(seen(*batch));
    }
    return all;
}

augment::Transform usual() {
    return augment::compose(
        {augment::random_crop({.size = {6, 7}, .padding = 2}), augment::random_horizontal_flip(),
         augment::one_of({augment::random_grayscale({.probability = 1}), augment::rgb_shift()}),
         augment::random_erasing({.random_values = true}), augment::gaussian_noise()});
}

}  // namespace

TEST_CASE("augmented batches: the same bits with any number of threads, from any place") {
    const data::Dataset plain = pictures(23, {3, 5, 7}, 4);
    const data::Dataset set = plain.normalized(plain.measure());
    for (const augment::Mix& mix : {augment::Mix{}, augment::mixup(),
                                    augment::one_of({augment::mixup(), augment::cutmix()})}) {
        data::BatchOptions options{.shuffle = true, .seed = 5, .augment = usual(), .mix = mix};
        data::Batches reference(set, 4, options);
        const std::vector<Seen> all = until(reference, 3);
        REQUIRE(all.size() == 18);
        for (const int threads : {0, 1, 2, 5}) {
            CAPTURE(threads);
            options.threads = threads;
            for (const std::int64_t place : {0, 1, 5, 6, 11, 17}) {
                data::Batches resumed(set, 4, options);
                static_cast<void>(resumed.next());
                resumed.start({place / 6, place % 6});
                CHECK((until(resumed, 3) == std::vector<Seen>(all.begin() + place, all.end())));
            }
        }
    }
}

TEST_CASE("augmented batches: a sample's picture is that of its seed, epoch and position") {
    const data::Dataset plain = pictures(11, {3, 5, 7}, 11);  // labels are positions
    const data::Normalization normalization{{0.4F, 0.5F, 0.6F}, {0.2F, 0.3F, 0.25F}};
    std::map<std::pair<std::int64_t, std::int32_t>, std::vector<float>> first;
    for (const bool shuffled : {false, true}) {
        data::Batches batches(plain.normalized(normalization), 4,
                              {.shuffle = shuffled, .seed = 9, .threads = 2, .augment = usual()});
        CHECK(batches.sample_shape() == Shape{3, 6, 7});
        CHECK(batches.has_labels());
        for (const Seen& batch : until(batches, 2)) {
            REQUIRE(batch.inputs.size() == batch.labels.size() * 126);
            for (std::size_t i = 0; i < batch.labels.size(); ++i) {
                const auto sample = static_cast<std::uint32_t>(batch.labels[i]);
                augment::Picture picture{3, 5, 7, std::vector<float>(105)};
                plain.read_inputs({&sample, 1}, picture.values);
                picture = augment::applied(usual(), picture, 9, batch.epoch, sample);
                for (std::size_t j = 0; j < 126; ++j) {  // normalised last
                    REQUIRE(batch.inputs[i * 126 + j] ==
                            (picture.values[j] - normalization.mean[j / 42]) /
                                normalization.deviation[j / 42]);
                }
            }
        }
    }
}

TEST_CASE("augmented batches: epochs differ, and so does a sample drawn twice") {
    const data::Dataset set = pictures(3, {1, 8, 8}, 3);
    data::Batches batches(set, 3, {.augment = augment::gaussian_noise()});
    const std::vector<Seen> epochs = until(batches, 2);
    CHECK(epochs[0].inputs != epochs[1].inputs);
    const data::BatchOptions drawn{.weights = {0, 1, 0}, .augment = augment::gaussian_noise()};
    data::Batches weighted(set, 3, drawn);
    const Seen batch = seen(*weighted.next());
    CHECK(batch.labels == std::vector<std::int32_t>{1, 1, 1});
    std::set<std::vector<float>> different;
    for (std::ptrdiff_t i = 0; i < 3; ++i)
        different.emplace(batch.inputs.begin() + 64 * i, batch.inputs.begin() + 64 * (i + 1));
    CHECK(different.size() == 3);
}

TEST_CASE("augmented batches: into the caller's memory, in the size they have now") {
    const data::Dataset set = pictures(5, {3, 9, 9}, 2);
    for (const int threads : {0, 2}) {
        const data::BatchOptions options{
            .threads = threads, .augment = augment::resize({.size = 4}), .mix = augment::mixup()};
        data::Batches batches(set, 3, options), other(set, 3, options);
        std::vector<float> inputs(3 * 48), targets(3 * 2);
        CHECK(batches.next_into(inputs, {}, targets) == 3);
        const Seen batch = seen(*other.next());
        CHECK(batch.inputs == inputs);
        CHECK(batch.targets == targets);
        CHECK(batch.labels.empty());
    }
}

TEST_CASE("mixtures: mixup says in the targets what it made of the inputs") {
    for (const double alpha : {0.2, 1.0, 4.0}) {
        data::Batches batches(levels(4), 4, {.seed = 3, .mix = augment::mixup({.alpha = alpha})});
        CHECK(batches.target_shape() == Shape{4});
        CHECK(!batches.has_labels());
        double mean = 0, square = 0;
        constexpr std::int64_t kDraws = 4000;
        for (const Seen& batch : until(batches, kDraws)) {
            const double share = batch.targets[0];
            for (std::size_t i = 0; i < 4; ++i) {
                const std::size_t before = (i + 3) % 4;
                std::vector<double> expected(4);
                expected[i] += share, expected[before] += 1 - share;
                for (std::size_t c = 0; c < 4; ++c)
                    REQUIRE(std::abs(batch.targets[4 * i + c] - expected[c]) < 1e-6);
                const double level =
                    share * static_cast<double>(i) + (1 - share) * static_cast<double>(before);
                REQUIRE(std::abs(batch.inputs[48 * i + 47] - level) < 1e-5);
            }
            mean += share / kDraws;
            square += (share - 0.5) * (share - 0.5) / kDraws;
        }
        // Beta(alpha, alpha)
        const double variance = 1 / (4 * (2 * alpha + 1));
        CHECK(std::abs(mean - 0.5) < 5 * std::sqrt(variance / kDraws));
        CHECK(std::abs(square / variance - 1) < 0.1);  // five deviations, at most
    }
}

TEST_CASE("mixtures: cutmix takes a rectangle, and targets by its area") {
    data::Batches batches(levels(3), 3, {.seed = 4, .mix = augment::cutmix()});
    double mean = 0;
    std::set<std::int64_t> areas;
    constexpr std::int64_t kDraws = 2000;
    for (const Seen& batch : until(batches, kDraws)) {
        for (std::int64_t i = 0; i < 3; ++i) {
            const std::int64_t before = (i + 2) % 3;
            std::int64_t count = 0, top = 8, bottom = -1, left = 6, right = -1;
            for (std::int64_t at = 0; at < 48; ++at) {
                const float value = batch.inputs[static_cast<std::size_t>(48 * i + at)];
                if (value == static_cast<float>(i)) continue;
                REQUIRE(value == static_cast<float>(before));
                ++count;
                top = std::min(top, at / 6), bottom = std::max(bottom, at / 6);
                left = std::min(left, at % 6), right = std::max(right, at % 6);
            }
            if (count > 0) REQUIRE(count == (bottom - top + 1) * (right - left + 1));
            const float* targets = batch.targets.data() + 3 * i;
            REQUIRE(targets[before] == doctest::Approx(static_cast<double>(count) / 48));
            REQUIRE(targets[i] == doctest::Approx(1 - static_cast<double>(count) / 48));
            areas.insert(count);
            mean += static_cast<double>(count) / 48 / (3 * kDraws);
        }
    }
    // Sides of 2 floor(8 h) and 2 floor(6 h) around any pixel, h = sqrt(1 - lambda) / 2 below 1/2.
    CHECK(*areas.begin() == 0);
    CHECK(*areas.rbegin() == 6 * 4);
    double expected = 0;
    constexpr int kSteps = 1000;
    for (int step = 0; step < kSteps; ++step) {
        const double half = 0.5 * std::sqrt((step + 0.5) / kSteps);
        const auto covered = [half](int size) {  // of an axis, the mean over all places
            const int reach = static_cast<int>(half * size);
            double sum = 0;
            for (int at = 0; at < size; ++at)
                sum += std::min(size, at + reach) - std::max(0, at - reach);
            return sum / (size * size);
        };
        expected += covered(8) * covered(6) / kSteps;
    }
    CHECK(std::abs(mean - expected) < 5 * 0.25 / std::sqrt(kDraws));  // within 0 and 1/2
}

TEST_CASE("mixtures: one sample stays, f32 targets mix as they are, some batches are left alone") {
    data::Batches one(levels(3), 1, {.mix = augment::cutmix()});
    CHECK(seen(*one.next()).targets == std::vector<float>{1, 0, 0});

    const data::Dataset numbers(HostTensor::of("x", {2, 3}, std::vector<float>{0, 0, 0, 1, 1, 1}),
                                HostTensor::of("y", {2}, std::vector<float>{0, 10}));
    data::Batches two(numbers, 2, {.mix = augment::mixup()});
    const Seen batch = seen(*two.next());
    CHECK(batch.targets[0] == doctest::Approx(10 * batch.inputs[0]));
    CHECK(batch.targets[1] == doctest::Approx(10 * batch.inputs[5]));
    CHECK(batch.inputs[0] + batch.inputs[3] == doctest::Approx(1));

    data::Batches sometimes(levels(2), 2, {.mix = augment::mixup({.probability = 0.25})});
    int mixed = 0;
    for (const Seen& each : until(sometimes, 2000))
        mixed += each.targets[0] != 1;
    CHECK(std::abs(mixed - 500) < 97);  // five deviations
}

TEST_CASE("augmented batches: an error in a thread reaches the caller, who may go on") {
    const data::Dataset set = levels(6);
    for (const int threads : {0, 1, 3}) {
        auto failures = std::make_shared<std::atomic<int>>(0);
        const augment::Transform once{
            .name = "once", .apply = [failures](augment::Picture& picture, augment::Random&) {
                if (picture.values[0] == 3 && (*failures)++ == 0)
                    throw std::runtime_error("no picture of three");
            }};
        data::Batches batches(set, 2, {.threads = threads, .augment = once});
        CHECK(batches.next()->labels[0] == 0);
        CHECK_THROWS_AS(batches.next(), std::runtime_error);
        CHECK(batches.cursor() == data::Cursor{0, 1});
        CHECK(batches.next()->labels[0] == 2);
        CHECK(batches.next()->labels[0] == 4);
        CHECK(batches.next() == nullptr);
    }
}

TEST_CASE("augmented batches: what cannot be augmented or mixed is refused") {
    const std::string start = "invalid argument: ";
    const data::Dataset set = pictures(4, {3, 5, 7}, 2);
    const auto refused = [&](const data::Dataset& of, const data::BatchOptions& options) {
        return thrown_message([&] { data::Batches batches(of, 2, options); });
    };
    CHECK(refused(set.flattened(), {.augment = augment::random_horizontal_flip()}) ==
          start + "random_horizontal_flip: samples [105] are no pictures [C, H, W]");
    CHECK(refused(set.flattened(), {.mix = augment::cutmix()}) ==
          start + "cutmix: samples [105] are no pictures [C, H, W]");
    CHECK(refused(set, {.augment = augment::random_crop({.size = 8, .padding = 1})}) ==
          start + "random_crop: 8 x 8 of pictures [3, 5, 7] with padding 1 on each side, 7 x 9");
    CHECK(refused(set, {.threads = -1}) == start + "batches: -1 threads, takes 0 to 256");
    CHECK(refused(set, {.threads = 257}) == start + "batches: 257 threads, takes 0 to 256");
    const data::Dataset tokens(HostTensor::zeros("x", {4, 8}, i32),
                               HostTensor::zeros("y", {4, 8}, i32));
    CHECK(refused(tokens, {.mix = augment::mixup()}) ==
          start + "batches: tokens [8] are not for 'mixup', which takes f32");
    const data::Dataset many(HostTensor::zeros("x", {4, 8}), HostTensor::zeros("y", {4, 2}, i32));
    CHECK(refused(many, {.mix = augment::mixup()}) ==
          start + "batches: mixup mixes one label a sample, not labels [2]");
    const augment::Transform liar{
        .name = "liar",
        .apply = [](augment::Picture& picture, augment::Random&) { picture.values.pop_back(); }};
    data::Batches batches(set, 2, {.augment = liar});
    CHECK(thrown_message([&] { batches.next(); }) ==
          start +
              "augment: 'liar' made [3, 5, 7], 104 values, of a picture [3, 5, 7], not "
              "[3, 5, 7]");
    // Before the next transform reads beyond it.
    const augment::Transform smaller{.name = "smaller",
                                     .apply = [](augment::Picture& picture, augment::Random&) {
                                         picture = {3, 1, 1, {0, 0, 0}};
                                     }};
    CHECK(thrown_message([&] {
              augment::applied(augment::compose({smaller, augment::center_crop({.size = 5})}),
                               pattern(3, 5, 7));
          }) == start +
                    "augment: 'smaller' made [3, 1, 1], 3 values, of a picture [3, 5, 7], not "
                    "[3, 5, 7]");
    const augment::Transform fewer{.name = "fewer",
                                   .shape = [](const Shape& shape) { return shape.with(0, 1); },
                                   .apply = [](augment::Picture&, augment::Random&) {}};
    CHECK(refused(set.normalized(set.measure()), {.augment = fewer}) ==
          start +
              "batches: 'fewer' makes [1, 5, 7] of pictures [3, 5, 7], which are normalised "
              "by 3 channels");
}
