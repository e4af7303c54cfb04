// SPDX-License-Identifier: MIT
// The networks of samples/networks are those of the papers: torchvision's counts of parameters, the
// names of its state_dict, and the shapes of what comes out.
#include "samples/networks/autoencoder.h"
#include "samples/networks/densenet.h"
#include "samples/networks/mobilenet.h"
#include "samples/networks/resnet.h"
#include "samples/networks/unet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace ingot;

namespace {

std::vector<std::string> names(const nn::Module& net) {
    std::vector<std::string> all;
    for (const auto& list : {net.parameters(), net.buffers()}) {
        for (const nn::NamedParameter& named : list)
            all.push_back(named.name);
    }
    return all;
}

void check_names(const nn::Module& net, std::size_t count,
                 std::initializer_list<const char*> some) {
    const std::vector<std::string> all = names(net);
    CHECK(all.size() == count);
    for (const std::string name : some) {
        CAPTURE(name);
        CHECK(std::count(all.begin(), all.end(), name) == 1);
    }
}

Shape logits(const nn::Module& net, const Shape& pictures) {
    return net(input(pictures), nn::Mode::kTrain).shape();
}

}  // namespace

TEST_CASE("resnet18 is torchvision's") {
    const nn::Module net = networks::resnet18();
    CHECK(net.parameter_count() == 11'689'512);
    check_names(net, 102,
                {"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer1.1.bn2.bias",
                 "layer2.0.downsample.0.weight", "layer4.0.downsample.1.running_mean", "fc.bias"});
    CHECK(logits(net, {2, 3, 224, 224}) == Shape{2, 1000});
    CHECK(logits(networks::resnet18({.in_channels = 1, .classes = 7, .small_images = true}),
                 {2, 1, 28, 28}) == Shape{2, 7});
}

TEST_CASE("resnet50 is torchvision's") {
    const nn::Module net = networks::resnet50();
    CHECK(net.parameter_count() == 25'557'032);
    check_names(net, 267,
                {"layer1.0.downsample.0.weight", "layer3.5.conv3.weight", "layer4.2.bn3.bias"});
    CHECK(logits(net, {1, 3, 64, 64}) == Shape{1, 1000});
}

TEST_CASE("resnet20 is the paper's for CIFAR-10") {
    const nn::Module net = networks::resnet20();
    CHECK(net.parameter_count() == 269'722);
    check_names(net, 97, {"layer3.2.conv2.weight", "linear.weight"});
    CHECK(logits(net, {2, 3, 32, 32}) == Shape{2, 10});
}

TEST_CASE("densenet121 is torchvision's") {
    const nn::Module net = networks::densenet121();
    CHECK(net.parameter_count() == 7'978'856);
    check_names(net, 606,
                {"features.conv0.weight", "features.norm0.running_mean",
                 "features.denseblock3.denselayer24.conv2.weight",
                 "features.transition3.norm.weight", "features.norm5.bias", "classifier.weight"});
    CHECK(logits(net, {1, 3, 64, 64}) == Shape{1, 1000});
    CHECK(logits(networks::densenet40(), {2, 3, 32, 32}) == Shape{2, 10});
}

TEST_CASE("mobilenet_v2 is torchvision's") {
    const nn::Module net = networks::mobilenet_v2();
    CHECK(net.parameter_count() == 3'504'872);
    check_names(net, 262,
                {"features.0.0.weight", "features.1.conv.0.0.weight", "features.1.conv.1.weight",
                 "features.2.conv.1.1.running_var", "features.17.conv.3.bias",
                 "features.18.1.weight", "classifier.1.bias"});
    CHECK(logits(net, {2, 3, 224, 224}) == Shape{2, 1000});
    CHECK(logits(networks::mobilenet_v2(
                     {.in_channels = 1, .classes = 10, .width = 0.25, .small_images = true}),
                 {2, 1, 28, 28}) == Shape{2, 10});
    CHECK(networks::mobilenet_v2({.width = 0.5}).parameter_count() == 1'968'680);
}

TEST_CASE("unet gives logits for each pixel") {
    const nn::Module net = networks::unet({.in_channels = 3});
    CHECK(net.parameter_count() == 31'037'698);
    CHECK(logits(net, {2, 3, 32, 48}) == Shape{2, 2, 32, 48});
    // Half of 6 rows are 3, and what comes up again from half of those has 2.
    CHECK_THROWS_AS(logits(net, {2, 3, 6, 64}), Error);
}

TEST_CASE("encoder and decoder are each other's way back") {
    const Shape pictures{5, 1, 28, 28};
    CHECK(logits(networks::encoder(8, 16), pictures) == Shape{5, 16});
    CHECK(logits(networks::decoder(8, 16), {5, 16}) == pictures);
}
