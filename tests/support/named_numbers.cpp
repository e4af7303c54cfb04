// SPDX-License-Identifier: MIT
#include "support/named_numbers.h"

#include <cmath>
#include <string>

namespace ingot::testing {

// As `numbers` in pytorch_side.py: FNV-1a of the name, then MurmurHash3's finalizer.
std::vector<std::uint32_t> numbers(std::string_view name, std::int64_t count) {
    std::uint32_t seed = 2166136261U;
    for (const char byte : name)
        seed = (seed ^ static_cast<unsigned char>(byte)) * 16777619U;
    std::vector<std::uint32_t> words(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::uint32_t word = seed + static_cast<std::uint32_t>(i) * 0x9E3779B9U;
        word = (word ^ (word >> 16U)) * 0x85EBCA6BU;
        word = (word ^ (word >> 13U)) * 0xC2B2AE35U;
        words[i] = word ^ (word >> 16U);
    }
    return words;
}

std::vector<float> uniform(std::string_view name, const Shape& shape) {
    std::vector<float> values;
    for (const std::uint32_t word : numbers(name, shape.count()))
        values.push_back(static_cast<float>(word >> 8U) * 0x1p-23F - 1.0F);
    return values;
}

HostTensor start_value(std::string_view name, const Shape& shape) {
    std::vector<float> values = uniform(name, shape);
    const bool is_matrix = shape.rank() > 1;
    const float fan_in = is_matrix ? static_cast<float>(shape.count() / shape[0]) : 0;
    const float middle = name.ends_with("weight") || name.ends_with("var") ? 1.0F : 0.0F;
    for (float& value : values)
        value = is_matrix ? value / std::sqrt(fan_in) : value / 8 + middle;
    return HostTensor::of(std::string(name), shape, values);
}

}  // namespace ingot::testing
