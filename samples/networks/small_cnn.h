// SPDX-License-Identifier: MIT
// Five 3 x 3 convolutions, each with batch norm, every other one with a stride of 2: for small grey
// pictures, its convolutions alone and with a head.
//
//     pictures [B, 1, 28, 28] -> [B, 4 width, 2, 2] -> [B, outputs]
#pragma once

#include <ingot/nn.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace networks {

namespace nn = ingot::nn;

inline nn::Sequential small_convolutions(std::int64_t width) {
    std::vector<nn::Module> layers;
    std::int64_t in = 1;
    for (const auto& [out, stride] :
         {std::pair{width, 2}, {2 * width, 1}, {2 * width, 2}, {4 * width, 1}, {4 * width, 2}}) {
        layers.push_back(
            nn::Conv2d{in, out, {.kernel = 3, .stride = stride, .padding = 1, .bias = false}});
        layers.push_back(nn::BatchNorm2d{out});
        layers.push_back(nn::ReLU{});
        in = out;
    }
    layers.push_back(nn::MaxPool2d{2});
    return nn::Sequential{layers};
}

// Children "0", the convolutions, and "2", the head.
inline nn::Sequential small_cnn(std::int64_t width, std::int64_t outputs) {
    return nn::Sequential{small_convolutions(width), nn::Flatten{},
                          nn::Linear{4 * width * 2 * 2, outputs}};
}

}  // namespace networks
