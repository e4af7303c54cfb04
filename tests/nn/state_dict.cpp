// SPDX-License-Identifier: MIT
// Names, counts and contents of a model's tensors, in memory and in files.
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/io.h>
#include <ingot/nn.h>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::nn;
using testing::TemporaryFolder;
using testing::thrown_message;

namespace {

Module small_net() {
    return Sequential{Conv2d{1, 4, {.kernel = 3}},
                      BatchNorm2d{4},
                      ReLU{},
                      Flatten{},
                      Sequential{Linear{16, 8, {.bias = false}}, Tanh{}},
                      Linear{8, 2}};
}

std::vector<std::string> names_of(std::span<const HostTensor> tensors) {
    std::vector<std::string> names;
    for (const HostTensor& tensor : tensors)
        names.push_back(tensor.name);
    return names;
}

}  // namespace

TEST_CASE("names and order are PyTorch's") {
    const Module net = small_net();
    CHECK(names_of(net.state_dict()) ==
          std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean",
                                   "1.running_var", "4.0.weight", "5.weight", "5.bias"});
    CHECK(net.parameter_count() == 4 * 9 + 4 + 4 + 4 + 16 * 8 + 16 + 2);
    REQUIRE(net.parameters().size() == 7);
    CHECK(net.parameters()[4].parameter.name() == "4.0.weight");
    CHECK(net.buffers().size() == 2);
    CHECK_FALSE(net.buffers()[0].parameter.trainable());
    CHECK(Linear{3, 2}.state_dict()[0].name == "weight");
}

TEST_CASE("a state dictionary moves between models, through files too") {
    const TemporaryFolder folder;
    const Module net = small_net(), other = small_net();
    other.initialize(7);
    CHECK(other.state_dict() != net.state_dict());
    other.load_state_dict(net.state_dict());
    CHECK(other.state_dict() == net.state_dict());

    net.initialize(9);
    io::save(net, folder / "net.safetensors");
    io::load(other, folder / "net.safetensors");
    CHECK(other.state_dict() == net.state_dict());
    const Module made = io::load_module(folder / "net.safetensors");
    CHECK(made.state_dict() == net.state_dict());
    CHECK(to_json(made) == to_json(net));
}

TEST_CASE("PyTorch's counter of batches is passed over") {
    const Module net = small_net();
    std::vector<HostTensor> tensors = net.state_dict();
    tensors.push_back(HostTensor::zeros("1.num_batches_tracked", {}, i32));
    net.load_state_dict(tensors);
}

TEST_CASE("what does not fit is listed, and nothing is changed") {
    const Module net = small_net();
    const auto before = net.state_dict();
    std::vector<HostTensor> tensors = before;
    for (HostTensor& tensor : tensors) {
        for (float& value : tensor.values<float>())
            value = 5;
    }
    tensors[1].name = "0.bais";
    tensors[7] = HostTensor::zeros("5.weight", {2, 9});
    CHECK(thrown_message([&] { net.load_state_dict(tensors); }) ==
          "invalid argument: load_state_dict: missing: '0.bias'; unexpected: '0.bais'; different: "
          "'5.weight' is f32[2, 9], the model's is f32[2, 8]");
    CHECK(net.state_dict() == before);

    const TemporaryFolder folder;
    io::write_safetensors(folder / "bad.safetensors", tensors);
    CHECK(thrown_message([&] {
              io::load(net, folder / "bad.safetensors");
          }).find("bad.safetensors: the weights do not fit the model: load_state_dict: missing") !=
          std::string::npos);
    CHECK(thrown_message([&] {
              io::load_module(folder / "bad.safetensors");
          }).find("describes no model") != std::string::npos);
}

TEST_CASE("equal layers start differently, equal models alike") {
    const auto net = [] { return Sequential{Linear{4, 4}, Linear{4, 4}}; };
    const auto weights = net().state_dict();
    CHECK(weights[0].data != weights[2].data);
    CHECK(net().state_dict() == weights);
    const Sequential again = net();
    again.initialize(1);
    CHECK(again.state_dict() != weights);
    again.initialize(0);
    CHECK(again.state_dict() == weights);
}

TEST_CASE("a layer that was used already keeps its weights in a model") {
    const Linear trained{4, 4};
    const auto before = trained.state_dict();
    const Sequential net{Tanh{}, trained};
    CHECK(net.state_dict()[0].data == before[0].data);
    CHECK(net.parameters()[0].name == "1.weight");
    CHECK(net.parameters()[0].parameter.name() == "1.weight");
}
