// SPDX-License-Identifier: MIT
// Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation",
// MICCAI 2015: down to few pixels with many channels, and up again, each step with what the way
// down had at that size. As is usual now, convolutions keep the size and have batch norms.
//
//     pictures [B, C, H, W] -> logits [B, classes, H, W]; 2^depth divides H and W
#pragma once

#include <ingot/nn.h>

#include <memory>
#include <string>
#include <vector>

namespace networks {

namespace nn = ingot::nn;
using ingot::Tensor;

inline nn::Module double_conv(std::int64_t in, std::int64_t out) {
    return nn::Sequential{
        nn::Conv2d{in, out, {.padding = 1, .bias = false}},  nn::BatchNorm2d{out}, nn::ReLU{},
        nn::Conv2d{out, out, {.padding = 1, .bias = false}}, nn::BatchNorm2d{out}, nn::ReLU{}};
}

// One size of the picture with all smaller ones in it: [B, in, H, W] -> [B, width, H, W].
class UNetLevel : public nn::Layer {
public:
    UNetLevel(std::int64_t in, std::int64_t width, int depth) {
        add_child("before", double_conv(in, width));
        if (depth == 0) return;
        add_child("smaller",
                  nn::Sequential{
                      nn::MaxPool2d{2}, std::make_shared<UNetLevel>(width, 2 * width, depth - 1),
                      nn::ConvTranspose2d{2 * width, width, {.kernel = 2, .stride = 2}}});
        add_child("after", double_conv(2 * width, width));
    }

    std::string type() const override { return "UNetLevel"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const Tensor y = children()[0](x, mode);
        if (children().size() == 1) return y;  // the smallest
        return children()[2](concatenate(std::vector{y, children()[1](y, mode)}, 1), mode);
    }
};

struct UNetOptions {
    std::int64_t in_channels = 1;
    std::int64_t classes = 2;
    std::int64_t width = 64;  // channels at full size; each step down has twice as many
    int depth = 4;            // steps down
};

inline nn::Module unet(const UNetOptions& options = {}) {
    const auto [in_channels, classes, width, depth] = options;
    return nn::Sequential{std::make_shared<UNetLevel>(in_channels, width, depth),
                          nn::Conv2d{width, classes, {.kernel = 1}}};
}

}  // namespace networks
