// SPDX-License-Identifier: MIT
// Sandler, Howard, Zhu, Zhmoginov and Chen, "MobileNetV2: inverted residuals and linear
// bottlenecks", CVPR 2018: blocks that are wide inside, where each channel is convolved for itself,
// and narrow where they are added. Names are those of torchvision's state_dict.
//
//     pictures [B, C, H, W] -> logits [B, classes]
#pragma once

#include <ingot/nn.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace networks {

namespace nn = ingot::nn;
using ingot::Tensor;

inline nn::Module conv_norm_relu6(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                  std::int64_t stride = 1, std::int64_t groups = 1) {
    return nn::Sequential{nn::Conv2d{in,
                                     out,
                                     {.kernel = kernel,
                                      .stride = stride,
                                      .padding = kernel / 2,
                                      .groups = groups,
                                      .bias = false}},
                          nn::BatchNorm2d{out}, nn::ReLU6{}};
}

// 1 x 1 to `expansion` times the channels, 3 x 3 within each of them, 1 x 1 to `out` without an
// activation; added to x where sizes allow.
class InvertedResidual : public nn::Layer {
public:
    InvertedResidual(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t expansion)
        : adds_(stride == 1 && in == out) {
        const std::int64_t inner = in * expansion;
        std::vector<nn::Module> layers;
        if (expansion > 1) layers.push_back(conv_norm_relu6(in, inner, 1));
        layers.push_back(conv_norm_relu6(inner, inner, 3, stride, /*groups=*/inner));
        layers.push_back(nn::Conv2d{inner, out, {.kernel = 1, .bias = false}});
        layers.push_back(nn::BatchNorm2d{out});
        add_child("conv", nn::Sequential{layers});
    }

    std::string type() const override { return "InvertedResidual"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const Tensor y = children()[0](x, mode);
        return adds_ ? x + y : y;
    }

private:
    bool adds_;
};

struct MobileNetOptions {
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    double width = 1;           // times the paper's channels, rounded to multiples of 8
    bool small_images = false;  // the first two halvings left out, for pictures of about 32 x 32
};

class MobileNetV2 : public nn::Layer {
public:
    explicit MobileNetV2(const MobileNetOptions& options) {
        struct Stage {
            std::int64_t expansion, channels;
            int blocks;
            std::int64_t stride;  // of the first block
        };
        const std::int64_t early = options.small_images ? 1 : 2;
        const Stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, early}, {6, 32, 3, 2}, {6, 64, 4, 2},
                                {6, 96, 3, 1}, {6, 160, 3, 2},    {6, 320, 1, 1}};
        std::int64_t in = rounded(32 * options.width);
        std::vector<nn::Module> features{conv_norm_relu6(options.in_channels, in, 3, early)};
        for (const Stage& stage : stages) {
            const std::int64_t out = rounded(static_cast<double>(stage.channels) * options.width);
            for (int i = 0; i < stage.blocks; ++i, in = out)
                features.push_back(std::make_shared<InvertedResidual>(
                    in, out, i == 0 ? stage.stride : 1, stage.expansion));
        }
        const std::int64_t last = rounded(1280 * std::max(1.0, options.width));
        features.push_back(conv_norm_relu6(in, last, 1));
        add_child("features", nn::Sequential{features});
        add_child("classifier",
                  nn::Sequential{nn::Dropout{0.2}, nn::Linear{last, options.classes}});
    }

    std::string type() const override { return "MobileNetV2"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        return children()[1](global_avg_pool(children()[0](x, mode)), mode);
    }

private:
    // The multiple of 8 next to it, at most a tenth below it.
    static std::int64_t rounded(double channels) {
        const auto near =
            std::max<std::int64_t>(8, static_cast<std::int64_t>(channels + 4) / 8 * 8);
        return static_cast<double>(near) < 0.9 * channels ? near + 8 : near;
    }
};

inline nn::Module mobilenet_v2(const MobileNetOptions& options = {}) {
    return std::make_shared<MobileNetV2>(options);
}

}  // namespace networks
