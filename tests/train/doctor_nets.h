// SPDX-License-Identifier: MIT
// Nets and pictures for a doctor, and what it found.
#pragma once

#include "support/op_case.h"

#include "core/random.h"

#include <ingot/doctor.h>
#include <ingot/train.h>

#include <algorithm>
#include <set>

namespace ingot::testing {

// Grey pictures [1, 8, 8] of as many patterns as there are classes, in noise.
inline data::Dataset pictures(std::int64_t classes, std::int64_t per_class, std::uint64_t seed,
                              double noise = 0.3) {
    constexpr std::int64_t kPixels = 64;
    RandomStream patterns(7), random(seed);
    std::vector<float> pattern(static_cast<std::size_t>(classes * kPixels));
    for (float& pixel : pattern)
        pixel = patterns.uniform();
    std::vector<float> inputs;
    std::vector<std::int32_t> labels;
    for (std::int64_t i = 0; i < classes * per_class; ++i) {
        const std::int64_t c = i % classes;
        labels.push_back(static_cast<std::int32_t>(c));
        for (std::int64_t p = 0; p < kPixels; ++p) {
            const double value =
                pattern[static_cast<std::size_t>(c * kPixels + p)] + noise * random.normal();
            inputs.push_back(static_cast<float>(std::clamp(value, 0.0, 1.0)));
        }
    }
    return {HostTensor::of("x", {classes * per_class, 1, 8, 8}, inputs),
            HostTensor::of("y", {classes * per_class}, labels)};
}

inline nn::Module mlp(std::int64_t in, std::int64_t classes, std::int64_t width = 64) {
    return nn::Sequential{nn::Flatten{}, nn::Linear{in, width},
                          nn::ReLU{},    nn::Linear{width, width},
                          nn::ReLU{},    nn::Linear{width, classes}};
}

inline nn::Module cnn(std::int64_t classes) {
    return nn::Sequential{nn::Conv2d{1, 8, {.kernel = 3, .padding = 1}},
                          nn::BatchNorm2d{8},
                          nn::ReLU{},
                          nn::MaxPool2d{2},
                          nn::Flatten{},
                          nn::Dropout{0.2},
                          nn::Linear{8 * 16, classes}};
}

inline void scale(const nn::Module& net, const std::string& suffix, float factor,
                  float offset = 0) {
    for (nn::NamedParameter& named : net.parameters()) {
        if (!named.name.ends_with(suffix)) continue;
        HostTensor contents = named.parameter.read();
        for (float& value : contents.values<float>())
            value = factor * value + offset;
        named.parameter.write(contents);
    }
}

inline doctor::Doctor doctor_of(const nn::Module& net,
                                optim::Optimizer optimizer = optim::Adam{{.lr = 3e-3}}) {
    return {test_device(), net, losses::cross_entropy(), std::move(optimizer)};
}

// In the order of the alphabet.
inline std::string diseases(std::span<const doctor::Finding> findings) {
    std::set<std::string> names;
    for (const doctor::Finding& finding : findings) {
        if (!finding.disease.empty()) names.insert(finding.disease);
    }
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace ingot::testing
