// SPDX-License-Identifier: MIT
// He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016: each block
// adds what it computes to what it was given. Names are those of torchvision's state_dict.
//
//     pictures [B, C, H, W] -> logits [B, classes]
#pragma once

#include <ingot/nn.h>

#include <memory>
#include <string>
#include <vector>

namespace networks {

namespace nn = ingot::nn;
using ingot::Tensor;

// Keeps the picture's size, but for its stride; a batch norm follows, so it has no bias.
inline nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel,
                       std::int64_t stride = 1) {
    return {in, out, {.kernel = kernel, .stride = stride, .padding = kernel / 2, .bias = false}};
}

// What a block's input becomes where the block gives another shape: the paper's options A and B.
using Shortcut = nn::Module (*)(std::int64_t in, std::int64_t out, std::int64_t stride);

// Every second row and column, and channels of zeros on both sides: no weights.
inline nn::Module padding(std::int64_t in, std::int64_t out, std::int64_t stride) {
    const std::int64_t zeros = (out - in) / 2;
    return nn::Lambda{"Padding", [=](const Tensor& x) {
                          const Tensor rows = slice(x, {.axis = 2, .step = stride});
                          return pad(slice(rows, {.axis = 3, .step = stride}),
                                     {.axes = {{.axis = 1, .before = zeros, .after = zeros}}});
                      }};
}
inline nn::Module projection(std::int64_t in, std::int64_t out, std::int64_t stride) {
    return nn::Sequential{conv(in, out, 1, stride), nn::BatchNorm2d{out}};
}

// Two 3 x 3 convolutions.
class BasicBlock : public nn::Layer {
public:
    static constexpr std::int64_t kExpansion = 1;

    BasicBlock(std::int64_t in, std::int64_t width, std::int64_t stride, Shortcut shortcut)
        : conv1_(add_child("conv1", conv(in, width, 3, stride))),
          bn1_(add_child("bn1", nn::BatchNorm2d{width})),
          conv2_(add_child("conv2", conv(width, width, 3))),
          bn2_(add_child("bn2", nn::BatchNorm2d{width})),
          downsample_(in == width && stride == 1
                          ? nn::Identity{}
                          : add_child("downsample", shortcut(in, width, stride))) {}

    std::string type() const override { return "BasicBlock"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const Tensor y = relu(bn1_(conv1_(x), mode));
        return relu(bn2_(conv2_(y), mode) + downsample_(x, mode));
    }

private:
    nn::Module conv1_, bn1_, conv2_, bn2_, downsample_;
};

// A 3 x 3 convolution among fewer channels, between two of 1 x 1. The stride is the middle one's,
// as in torchvision; the paper has it in the first.
class Bottleneck : public nn::Layer {
public:
    static constexpr std::int64_t kExpansion = 4;

    Bottleneck(std::int64_t in, std::int64_t width, std::int64_t stride, Shortcut shortcut)
        : conv1_(add_child("conv1", conv(in, width, 1))),
          bn1_(add_child("bn1", nn::BatchNorm2d{width})),
          conv2_(add_child("conv2", conv(width, width, 3, stride))),
          bn2_(add_child("bn2", nn::BatchNorm2d{width})),
          conv3_(add_child("conv3", conv(width, kExpansion * width, 1))),
          bn3_(add_child("bn3", nn::BatchNorm2d{kExpansion * width})),
          downsample_(in == kExpansion * width && stride == 1
                          ? nn::Identity{}
                          : add_child("downsample", shortcut(in, kExpansion * width, stride))) {}

    std::string type() const override { return "Bottleneck"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        Tensor y = relu(bn1_(conv1_(x), mode));
        y = relu(bn2_(conv2_(y), mode));
        return relu(bn3_(conv3_(y), mode) + downsample_(x, mode));
    }

private:
    nn::Module conv1_, bn1_, conv2_, bn2_, conv3_, bn3_, downsample_;
};

struct ResNetOptions {
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    std::int64_t width = 64;    // channels of the first stage; each further stage has twice as many
    bool small_images = false;  // a stem of 3 x 3 without pooling, for pictures of about 32 x 32
    Shortcut shortcut = projection;
    std::string head = "fc";  // the last layer's name
};

template <typename Block>
class ResNet : public nn::Layer {
public:
    // `blocks` of each stage, all but the first of which halve the picture.
    ResNet(const std::vector<int>& blocks, const ResNetOptions& options)
        : small_images_(options.small_images) {
        std::int64_t in = options.width, width = options.width;
        add_child("conv1", small_images_ ? conv(options.in_channels, in, 3)
                                         : conv(options.in_channels, in, 7, 2));
        add_child("bn1", nn::BatchNorm2d{in});
        for (std::size_t stage = 0; stage < blocks.size(); ++stage, width *= 2) {
            std::vector<nn::Module> layer;
            for (int i = 0; i < blocks[stage]; ++i, in = Block::kExpansion * width) {
                const std::int64_t stride = i == 0 && stage > 0 ? 2 : 1;
                layer.push_back(std::make_shared<Block>(in, width, stride, options.shortcut));
            }
            add_child("layer" + std::to_string(stage + 1), nn::Sequential{layer});
        }
        add_child(options.head, nn::Linear{in, options.classes});
    }

    std::string type() const override { return "ResNet"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const auto& all = children();
        Tensor y = relu(all[1](all[0](x), mode));
        if (!small_images_)
            y = max_pool2d(y, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}});
        for (std::size_t stage = 2; stage + 1 < all.size(); ++stage)
            y = all[stage](y, mode);
        return all.back()(global_avg_pool(y));
    }

private:
    bool small_images_;
};

inline nn::Module resnet18(const ResNetOptions& options = {}) {
    return std::make_shared<ResNet<BasicBlock>>(std::vector{2, 2, 2, 2}, options);
}
inline nn::Module resnet50(const ResNetOptions& options = {}) {
    return std::make_shared<ResNet<Bottleneck>>(std::vector{3, 4, 6, 3}, options);
}
// The paper's network for CIFAR-10, 20 layers deep: section 4.2. Its shortcuts have no weights.
inline nn::Module resnet20(
    const ResNetOptions& options = {
        .classes = 10, .width = 16, .small_images = true, .shortcut = padding, .head = "linear"}) {
    return std::make_shared<ResNet<BasicBlock>>(std::vector{3, 3, 3}, options);
}

}  // namespace networks
