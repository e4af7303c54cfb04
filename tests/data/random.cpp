// SPDX-License-Identifier: MIT
// The generator is Random123's: its known answers, and what is built on it.
#include "core/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace ingot;

TEST_CASE("philox: the known answers published with Random123") {
    CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
          PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    constexpr std::uint32_t kOnes = 0xffffffff;
    CHECK(philox4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
          PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(
        philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random: a stream is the documented counters, one after the other") {
    constexpr std::uint64_t kSeed = 0x299f31d0'a4093822, kStream = 0x03707344'13198a2e;
    RandomStream random(kSeed, kStream);
    for (std::uint32_t block = 0; block < 3; ++block) {
        const auto words =
            philox4x32_10({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0});
        for (const std::uint32_t word : words)
            CHECK(random.word() == word);
    }
}

TEST_CASE("random: seeds, streams and purposes are independent") {
    CHECK(RandomStream(1).word() != RandomStream(2).word());
    CHECK(RandomStream(1, 0).word() != RandomStream(1, 1).word());
    CHECK(stream_of(RandomPurpose::kSplit) != stream_of(RandomPurpose::kShuffle));
    CHECK(stream_of(RandomPurpose::kShuffle, 3) == (std::uint64_t{2} << 56 | 3));
}

TEST_CASE("random: uniforms are multiples of 2^-24 below 1") {
    CHECK(uniform_from_word(0) == 0.0F);
    CHECK(uniform_from_word(0xFFFFFFFF) == 1.0F - 0x1p-24F);
    CHECK(uniform_from_word(0x80000000) == 0.5F);
    RandomStream random(7);
    double sum = 0, square = 0;
    constexpr int kCount = 100000;
    for (int i = 0; i < kCount; ++i) {
        const double value = random.uniform(-1, 1);
        REQUIRE(value >= -1);
        REQUIRE(value < 1);
        sum += value;
        square += value * value;
    }
    // Deviations of the two means: 1 / sqrt(3 n) and sqrt(4 / 45 / n). Five of them.
    CHECK(std::abs(sum / kCount) < 5 / std::sqrt(3.0 * kCount));
    CHECK(std::abs(square / kCount - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / kCount));
}

TEST_CASE("random: normals have the moments of a normal distribution") {
    RandomStream random(11);
    constexpr int kCount = 200000;
    double moments[4] = {};
    for (int i = 0; i < kCount; ++i) {
        const double value = random.normal();
        REQUIRE(std::isfinite(value));
        for (int power = 1; power <= 4; ++power)
            moments[power - 1] += std::pow(value, power);
    }
    const double expected[4] = {0, 1, 0, 3};
    const double variance[4] = {1, 2, 15, 96};  // of value^power
    for (int i = 0; i < 4; ++i) {
        CHECK(std::abs(moments[i] / kCount - expected[i]) < 5 * std::sqrt(variance[i] / kCount));
    }
}

TEST_CASE("random: below() is fair and a shuffle is a permutation that never changes") {
    RandomStream random(3);
    std::vector<int> counts(7);
    constexpr int kCount = 70000;
    for (int i = 0; i < kCount; ++i)
        ++counts[random.below(7)];
    for (const int count : counts) {
        CHECK(std::abs(count - kCount / 7.0) < 5 * std::sqrt(kCount / 7.0));
    }
    CHECK(random.below(1) == 0);
    CHECK(random.below(0xFFFFFFFF) < 0xFFFFFFFF);

    std::vector<std::uint32_t> values(10);
    std::iota(values.begin(), values.end(), 0U);
    RandomStream fixed(1);
    shuffle(values, fixed);
    CHECK(values == std::vector<std::uint32_t>{2, 0, 3, 1, 5, 6, 7, 4, 9, 8});
    std::sort(values.begin(), values.end());
    for (std::uint32_t i = 0; i < 10; ++i)
        CHECK(values[i] == i);
}
