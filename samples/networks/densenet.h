// SPDX-License-Identifier: MIT
// Huang, Liu, van der Maaten and Weinberger, "Densely connected convolutional networks", CVPR 2017
// (DenseNet-BC): each layer adds a few channels to all those before it. Names are those of
// torchvision's state_dict.
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

// 1 x 1 to 4 growth channels, 3 x 3 to growth channels, each behind its norm: [B, in, H, W] ->
// [B, in + growth, H, W].
class DenseLayer : public nn::Layer {
public:
    DenseLayer(std::int64_t in, std::int64_t growth)
        : norm1_(add_child("norm1", nn::BatchNorm2d{in})),
          conv1_(add_child("conv1", nn::Conv2d{in, 4 * growth, {.kernel = 1, .bias = false}})),
          norm2_(add_child("norm2", nn::BatchNorm2d{4 * growth})),
          conv2_(
              add_child("conv2", nn::Conv2d{4 * growth, growth, {.padding = 1, .bias = false}})) {}

    std::string type() const override { return "DenseLayer"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const Tensor y = conv1_(relu(norm1_(x, mode)));
        return concatenate(std::vector{x, conv2_(relu(norm2_(y, mode)))}, 1);
    }

private:
    nn::Module norm1_, conv1_, norm2_, conv2_;
};

// Its children, one after the other.
class Chain : public nn::Layer {
public:
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        Tensor y = x;
        for (const nn::Module& child : children())
            y = child(y, mode);
        return y;
    }
};

class DenseBlock : public Chain {
public:
    DenseBlock(int layers, std::int64_t in, std::int64_t growth) {
        for (int i = 0; i < layers; ++i, in += growth)
            add_child("denselayer" + std::to_string(i + 1),
                      std::make_shared<DenseLayer>(in, growth));
    }
    std::string type() const override { return "DenseBlock"; }
};

// Between two blocks: half the channels, half the picture.
class Transition : public Chain {
public:
    explicit Transition(std::int64_t in) {
        add_child("norm", nn::BatchNorm2d{in});
        add_child("relu", nn::ReLU{});
        add_child("conv", nn::Conv2d{in, in / 2, {.kernel = 1, .bias = false}});
        add_child("pool", nn::AvgPool2d{2});
    }
    std::string type() const override { return "Transition"; }
};

struct DenseNetOptions {
    std::int64_t in_channels = 3;
    std::int64_t classes = 1000;
    std::int64_t growth = 32;
    bool small_images = false;  // a stem of 3 x 3 without pooling, for pictures of about 32 x 32
};

// All before the classifier.
class DenseFeatures : public Chain {
public:
    DenseFeatures(const std::vector<int>& blocks, const DenseNetOptions& options)
        : channels_(2 * options.growth) {
        const bool small = options.small_images;
        add_child("conv0", nn::Conv2d{options.in_channels,
                                      channels_,
                                      {.kernel = small ? 3 : 7,
                                       .stride = small ? 1 : 2,
                                       .padding = small ? 1 : 3,
                                       .bias = false}});
        add_child("norm0", nn::BatchNorm2d{channels_});
        add_child("relu0", nn::ReLU{});
        if (!small) add_child("pool0", nn::MaxPool2d{3, {.stride = 2, .padding = 1}});
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const std::string number = std::to_string(i + 1);
            add_child("denseblock" + number,
                      std::make_shared<DenseBlock>(blocks[i], channels_, options.growth));
            channels_ += blocks[i] * options.growth;
            if (i + 1 == blocks.size()) break;
            add_child("transition" + number, std::make_shared<Transition>(channels_));
            channels_ /= 2;
        }
        add_child("norm5", nn::BatchNorm2d{channels_});
    }
    std::int64_t channels() const { return channels_; }
    std::string type() const override { return "DenseFeatures"; }

private:
    std::int64_t channels_;
};

class DenseNet : public nn::Layer {
public:
    DenseNet(const std::vector<int>& blocks, const DenseNetOptions& options) {
        const auto features = std::make_shared<DenseFeatures>(blocks, options);
        add_child("features", features);
        add_child("classifier", nn::Linear{features->channels(), options.classes});
    }
    std::string type() const override { return "DenseNet"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        return children()[1](global_avg_pool(relu(children()[0](x, mode))));
    }
};

inline nn::Module densenet121(const DenseNetOptions& options = {}) {
    return std::make_shared<DenseNet>(std::vector{6, 12, 24, 16}, options);
}
// The paper's for CIFAR, 40 layers deep.
inline nn::Module densenet40(const DenseNetOptions& options = {
                                 .classes = 10, .growth = 12, .small_images = true}) {
    return std::make_shared<DenseNet>(std::vector{6, 6, 6}, options);
}

}  // namespace networks
