// SPDX-License-Identifier: MIT
// Weights trained elsewhere give the logits that PyTorch computes from them. The weights and the
// pictures are no part of this project; where they are not found, the test says so.
#include "samples/networks/resnet.h"
#include "support/op_case.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

#include <ingot/data.h>
#include <ingot/io.h>
#include <ingot/losses.h>
#include <ingot/train.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace ingot;

TEST_CASE("resnet20: weights from PyTorch give PyTorch's logits" *
          doctest::test_suite("shared_data")) {
    const auto weights = testing::shared_data("resnet20-cifar10/resnet20.safetensors");
    const auto packed = testing::shared_data("cifar10-subset/test.bin.xz");
    if (!weights || !packed) return;
    const testing::TemporaryFolder folder;
    const std::string unpack =
        "xz -dc '" + packed->string() + "' > '" + (folder / "test.bin").string() + "'";
    if (std::system(unpack.c_str()) != 0) {
        return testing::skip_case("xz cannot unpack " + packed->string());
    }
    const auto recorded = nlohmann::json::parse(io::read_file(INGOT_RESNET20_RECORD));
    const auto all =
        data::cifar(folder / "test.bin", data::CifarLabels::kTen)
            .normalized({.mean = {0.485F, 0.456F, 0.406F}, .deviation = {0.229F, 0.224F, 0.225F}});
    REQUIRE(all.size() == recorded.at("pictures"));
    const auto& expected = recorded.at("logits");
    // SwiftShader takes a third of a second for each.
    const bool is_slow =
        testing::test_device().info().name.find("SwiftShader") != std::string::npos;
    const auto pictures = is_slow ? all.take(static_cast<std::int64_t>(expected.size())) : all;

    const nn::Module net = networks::resnet20();
    io::load(net, *weights);
    train::Trainer trainer{testing::test_device(), net, losses::cross_entropy(), optim::Sgd{}};
    const HostTensor logits = trainer.predict(pictures, {.batch_size = 128});
    REQUIRE(logits.shape == Shape{pictures.size(), 10});
    const auto values = logits.values<float>();

    // Logits reach 30; roundings of 19 layers leave about 1e-5 of them.
    for (std::size_t picture = 0; picture < expected.size(); ++picture) {
        for (std::size_t i = 0; i < 10; ++i) {
            CAPTURE(picture);
            CAPTURE(i);
            CHECK(std::abs(values[10 * picture + i] - expected[picture][i].get<double>()) < 5e-4);
        }
    }
    std::int64_t correct = 0;
    double loss = 0;
    for (std::int64_t picture = 0; picture < pictures.size(); ++picture) {
        const auto row = values.subspan(static_cast<std::size_t>(10 * picture), 10);
        const auto best = std::max_element(row.begin(), row.end()) - row.begin();
        if (best == pictures.label(picture)) ++correct;
        double sum = 0;
        for (const float logit : row)
            sum += std::exp(static_cast<double>(logit));
        loss += std::log(sum) - row[static_cast<std::size_t>(pictures.label(picture))];
    }
    if (!is_slow) {
        CHECK(correct == recorded.at("correct"));
        CHECK(loss / static_cast<double>(all.size()) ==
              doctest::Approx(recorded.at("loss").get<double>()).epsilon(1e-5));
    }
    testing::check_validation();
}

TEST_CASE("resnet20: PyTorch's counters of batches are passed over, other names are not") {
    const nn::Module net = networks::resnet20();
    std::vector<HostTensor> tensors = net.state_dict();
    const std::vector<std::int32_t> counter{7};
    tensors.push_back(HostTensor::of("layer1.0.bn1.num_batches_tracked", Shape{}, counter));
    net.load_state_dict(tensors);
    tensors.back().name = "layer1.0.bn1.other";
    CHECK_THROWS_AS(net.load_state_dict(tensors), Error);
}
