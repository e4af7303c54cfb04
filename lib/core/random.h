// SPDX-License-Identifier: MIT
// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw ("Parallel random
// numbers: as easy as 1, 2, 3", SC 2011), bit for bit as in Random123. The same function runs in
// the shaders: words and uniforms are equal on every host and device. A normal value passes through
// the platform's log and cosine in double, so it is equal but for a rare last bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ingot {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key);

// 24 random bits as a float in [0, 1): every value is exact.
constexpr float uniform_from_word(std::uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24F;
}

// What a stream is for. One seed given to several of them still yields independent numbers.
enum class RandomPurpose : std::uint8_t {
    kPlain,
    kSplit,
    kShuffle,
    kSample,
    kInitialize,
    kDropout,
    kAugment,
    kMix,
    kSearch
};

constexpr std::uint64_t stream_of(RandomPurpose purpose, std::uint64_t index = 0) {
    return static_cast<std::uint64_t>(purpose) << 56 | index;  // index below 2^56
}

// A sequence of words named by (seed, stream). Word i is component i % 4 of
// philox(counter = {i / 4 low, i / 4 high, stream low, stream high}, key = {seed low, seed high}).
class RandomStream {
public:
    explicit RandomStream(std::uint64_t seed, std::uint64_t stream = 0);

    std::uint32_t word();
    float uniform() { return uniform_from_word(word()); }  // [0, 1)
    float uniform(float low, float high) { return low + (high - low) * uniform(); }
    std::uint32_t below(std::uint32_t bound);  // 0..bound - 1, each equally likely; bound >= 1
    double normal();                           // mean 0, deviation 1 (Box-Muller)

private:
    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t block_ = 0;
    PhiloxCounter words_{};
    std::size_t used_ = 4;
    double spare_normal_ = 0;
    bool has_spare_ = false;
};

// Fisher and Yates, from the back.
void shuffle(std::span<std::uint32_t> values, RandomStream& random);

}  // namespace ingot
