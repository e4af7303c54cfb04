// SPDX-License-Identifier: MIT
#include "core/random.h"

#include "core/check.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace ingot {
namespace {

constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

constexpr std::uint32_t low(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
        const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
        counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
                   high(product0) ^ counter[3] ^ key[1], low(product0)};
        key = {key[0] + kWeyl0, key[1] + kWeyl1};
    }
    return counter;
}

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t stream)
    : seed_(seed), stream_(stream) {}

std::uint32_t RandomStream::word() {
    if (used_ == words_.size()) {
        words_ = philox4x32_10({low(block_), high(block_), low(stream_), high(stream_)},
                               {low(seed_), high(seed_)});
        ++block_;
        used_ = 0;
    }
    return words_[used_++];
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
    INGOT_CHECK(bound > 0);
    // Lemire's method: the high half of word * bound; the few low halves that would favour some
    // results are drawn again.
    std::uint64_t product = std::uint64_t{word()} * bound;
    if (low(product) < bound) {
        const std::uint32_t threshold = (0U - bound) % bound;
        while (low(product) < threshold)
            product = std::uint64_t{word()} * bound;
    }
    return high(product);
}

double RandomStream::normal() {
    if (std::exchange(has_spare_, false)) return spare_normal_;
    const double u = (word() + 1.0) * 0x1p-32;  // (0, 1]: the logarithm stays finite
    const double angle = 2.0 * std::numbers::pi * (word() * 0x1p-32);
    const double radius = std::sqrt(-2.0 * std::log(u));
    spare_normal_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
}

void shuffle(std::span<std::uint32_t> values, RandomStream& random) {
    for (std::size_t left = values.size(); left > 1; --left) {
        std::swap(values[left - 1], values[random.below(static_cast<std::uint32_t>(left))]);
    }
}

}  // namespace ingot
