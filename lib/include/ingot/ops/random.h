// SPDX-License-Identifier: MIT
// Random numbers made on the device, and what draws them.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <memory>

namespace ingot {

// A seeded source of random streams (Philox). Each run of a program that draws from it moves it on;
// equal seeds and equal counts of runs give equal words on every device.
class INGOT_API Generator {
public:
    explicit Generator(std::uint64_t seed = 0);
    std::uint32_t counter() const;  // runs so far; what a checkpoint keeps
    void set_counter(std::uint32_t counter);
    // f32 in [0, 1), of 24 random bits. Each call draws from a stream of its own.
    Tensor uniform(const Shape& shape);
    // f32 of the standard normal distribution, within +-5.8: made of two uniform numbers each (Box
    // and Muller, "A note on the generation of random normal deviates", 1958).
    Tensor normal(const Shape& shape);

private:
    struct Streams;
    std::shared_ptr<Streams> streams_;
};

// Zero with probability p in [0, 1), else x / (1 - p).
INGOT_API Tensor dropout(const Tensor& x, Generator& generator, float p = 0.5F);

}  // namespace ingot
