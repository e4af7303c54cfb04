// SPDX-License-Identifier: MIT
// From pictures to a few numbers, and back:
//
//     pictures [B, 1, 28, 28] -> codes [B, numbers] -> logits of pixels [B, 1, 28, 28]
#pragma once

#include <ingot/nn.h>

#include <cstdint>

namespace networks {

namespace nn = ingot::nn;

// `width`: channels of the first convolution; the second has twice as many.
inline nn::Sequential encoder(std::int64_t width, std::int64_t numbers) {
    const nn::Conv2dOptions halving{.kernel = 3, .stride = 2, .padding = 1};
    return nn::Sequential{nn::Conv2d{1, width, halving},
                          nn::ReLU{},
                          nn::Conv2d{width, 2 * width, halving},
                          nn::ReLU{},
                          nn::Flatten{},
                          nn::Linear{2 * width * 7 * 7, numbers}};
}

// The stride divides the kernel, so that every pixel is seen equally often: Odena, Dumoulin and
// Olah, "Deconvolution and checkerboard artifacts", 2016.
inline nn::Sequential decoder(std::int64_t width, std::int64_t numbers) {
    const nn::ConvTranspose2dOptions doubling{.kernel = 4, .stride = 2, .padding = 1};
    return nn::Sequential{nn::Linear{numbers, 2 * width * 7 * 7},
                          nn::ReLU{},
                          nn::Unflatten{1, {2 * width, 7, 7}},
                          nn::ConvTranspose2d{2 * width, width, doubling},
                          nn::ReLU{},
                          nn::ConvTranspose2d{width, 1, doubling}};
}

}  // namespace networks
