// SPDX-License-Identifier: MIT
// Weights by name with a report, patterns, and heads that are replaced.
#include "nn/pattern.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/init.h>
#include <ingot/io.h>
#include <ingot/nn.h>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::nn;
using testing::TemporaryFolder;
using testing::thrown_message;

namespace {

using Names = std::vector<std::string>;

// A layer that keeps its children as members, as users write them.
class Classifier : public Layer {
public:
    Classifier() : fc_(Linear{8, 3}) { add_child("fc", fc_); }
    std::string type() const override { return "Classifier"; }
    Tensor forward(const Tensor& x, Mode mode) override { return fc_(norm_(body_(x), mode)); }

private:
    Linear body_ = add_child("body", Linear{4, 8});
    BatchNorm1d norm_ = add_child("norm", BatchNorm1d{8});
    Module fc_;
};

Module classifier() {
    return std::make_shared<Classifier>();
}

HostTensor sevens(std::string name, const Shape& shape) {
    HostTensor tensor = init::constant(shape, 7);
    tensor.name = std::move(name);
    return tensor;
}

}  // namespace

TEST_CASE("patterns: as fnmatch, and modules by their names") {
    CHECK(fits("layer1.0.conv1.weight", "layer1.0.conv1.weight"));
    CHECK(fits("layer1", "layer1.0.conv1.weight"));
    CHECK(fits("layer1.0", "layer1.0.conv1.weight"));
    CHECK_FALSE(fits("layer1", "layer10.0.weight"));
    CHECK_FALSE(fits("conv1", "layer1.0.conv1.weight"));
    CHECK_FALSE(fits("layer1.", "layer1.0.weight"));
    CHECK(fits("*", "a.b"));
    CHECK(fits("*.bias", "a.b.bias"));
    CHECK_FALSE(fits("*.bias", "bias"));
    CHECK(fits("*conv?", "layer1.0.conv1.weight"));
    CHECK(fits("*a*b*c", "xaybzbc"));
    CHECK_FALSE(fits("*a*b*cd", "xaybzbc"));
    CHECK(fits("layer[12]", "layer2.weight"));
    CHECK(fits("layer[1-3]", "layer3.weight"));
    CHECK_FALSE(fits("layer[!1-3]", "layer3.weight"));
    CHECK(fits("layer[!1-3]", "layer4.weight"));
    CHECK(fits("a[]]b", "a]b"));
    CHECK(fits("a[b", "a[b"));
    CHECK_FALSE(fits("a[b", "ab"));
    CHECK_FALSE(fits("", "a"));
    CHECK(fits("**", "a"));
}

TEST_CASE("patterns: one that fits nothing is an error with the nearest names") {
    const Module net = classifier();
    CHECK(thrown_message([&] {
              freeze(net, {"fc", "boddy"});
          }) ==
          "invalid argument: freeze: 'boddy' fits none of 6 names; the nearest are 'body', "
          "'norm', 'fc'");
    CHECK(net.parameters()[5].parameter.trainable());  // 'fc' comes before it, and is as it was
    CHECK(thrown_message([&] { thaw(net, {"fc.wieght"}); }).find("nearest are 'fc.weight'") !=
          std::string::npos);
    CHECK(thrown_message([&] { matching(net, {}); }) ==
          "invalid argument: matching: there is no pattern; \"*\" is all");
    CHECK(thrown_message([&] {
              freeze_statistics(net, {"fc"});
          }).find("freeze_statistics: 'fc' fits none of 2 names") != std::string::npos);
    CHECK(thrown_message([&] {
              thaw_statistics(Sequential{Linear{2, 2}});
          }) == "invalid argument: thaw_statistics: Sequential has no running statistics");
    CHECK(thrown_message([&] { freeze(ReLU{}); }) ==
          "invalid argument: freeze: '*' fits none of 0 names");
}

TEST_CASE("freeze and thaw: what the patterns choose, nothing else") {
    const Module net = classifier();
    CHECK(freeze(net) ==
          Names{"body.weight", "body.bias", "norm.weight", "norm.bias", "fc.weight", "fc.bias"});
    CHECK(thaw(net, {"*.bias", "fc"}) == Names{"body.bias", "norm.bias", "fc.weight", "fc.bias"});
    Names trainable;
    for (const NamedParameter& named : net.parameters()) {
        if (named.parameter.trainable()) trainable.push_back(named.name);
    }
    CHECK(trainable == Names{"body.bias", "norm.bias", "fc.weight", "fc.bias"});
    CHECK_FALSE(net.buffers()[0].parameter.trainable());
    const auto found = matching(net, {"body"});
    REQUIRE(found.size() == 2);
    CHECK(found[1].name() == "body.bias");

    const Sequential deep{BatchNorm1d{2}, Sequential{BatchNorm1d{2}, Linear{2, 2}}};
    CHECK(freeze_statistics(deep) == Names{"0", "1.0"});
    CHECK(deep["1.0"].layer()->frozen_statistics);
    CHECK(thaw_statistics(deep, {"1"}) == Names{"1.0"});
    CHECK(deep["0"].layer()->frozen_statistics);
    CHECK_FALSE(deep["1.0"].layer()->frozen_statistics);
    CHECK(freeze_statistics(BatchNorm1d{2}) == Names{""});
}

TEST_CASE("load: a report of all that fits and all that does not") {
    const Module net = classifier();
    const auto before = net.state_dict();
    const std::vector<HostTensor> tensors{
        sevens("body.weight", {8, 4}), sevens("body.bias", {8}),
        sevens("norm.weight", {8}),    sevens("fc.weight", {10, 8}),
        sevens("fc.scale", {1}),       HostTensor::zeros("norm.num_batches_tracked", {}, i32)};
    const auto unchanged = [&] { return net.state_dict() == before; };
    CHECK(thrown_message([&] { load_state_dict(net, tensors); }) ==
          "invalid argument: load_state_dict: missing: 'norm.bias', 'norm.running_mean', "
          "'norm.running_var', 'fc.bias'; unexpected: 'fc.scale'; different: 'fc.weight' is "
          "f32[10, 8], the model's is f32[3, 8]");
    CHECK(unchanged());
    // As in PyTorch, being lenient does not forgive another shape.
    CHECK(thrown_message([&] { load_state_dict(net, tensors, {.strict = false}); }) ==
          "invalid argument: load_state_dict: different: 'fc.weight' is f32[10, 8], the model's is "
          "f32[3, 8]");
    CHECK(thrown_message([&] {
              load_state_dict(net, tensors, {.ignore_mismatched_sizes = true});
          }).find("different") == std::string::npos);
    CHECK(unchanged());

    const LoadReport report =
        load_state_dict(net, tensors, {.strict = false, .ignore_mismatched_sizes = true});
    CHECK(report.names(LoadState::kMatched) == Names{"body.weight", "body.bias", "norm.weight"});
    CHECK(report.count(LoadState::kMissing) == 4);
    CHECK(report.names(LoadState::kUnexpected) == Names{"fc.scale"});
    CHECK(report.names(LoadState::kMismatched) == Names{"fc.weight"});
    CHECK(to_text(report) ==
          "3 matched, 4 missing, 1 unexpected, 1 mismatched, 0 left out\n"
          "            name               model      file\n"
          "missing     norm.bias          f32[8]\n"
          "missing     norm.running_mean  f32[8]\n"
          "missing     norm.running_var   f32[8]\n"
          "mismatched  fc.weight          f32[3, 8]  f32[10, 8]\n"
          "missing     fc.bias            f32[3]\n"
          "unexpected  fc.scale                      f32[1]\n");
    const auto after = net.state_dict();
    for (std::size_t i = 0; i < after.size(); ++i) {
        const bool is_loaded = i < 3;
        CHECK((after[i].values<float>()[0] == 7) == is_loaded);
        if (!is_loaded) CHECK(after[i] == before[i]);
    }
    const LoadReport whole = load_state_dict(net, before);
    CHECK(whole.count(LoadState::kMatched) == 8);
    CHECK(to_text(whole) == "8 matched, 0 missing, 0 unexpected, 0 mismatched, 0 left out\n");
    CHECK(unchanged());
}

TEST_CASE("load: prefixes are taken off and put on, patterns choose") {
    const Sequential encoder{Linear{4, 8}, ReLU{}};
    const Sequential whole{encoder, Linear{8, 2}};
    const TemporaryFolder folder;
    whole.initialize(5);
    io::save(whole, folder / "whole.safetensors");

    const Sequential alone{Linear{4, 8}, ReLU{}};
    const LoadReport report = io::load(alone, folder / "whole.safetensors", {.strip_prefix = "0."});
    CHECK(alone.state_dict() == encoder.state_dict());
    CHECK(report.names(LoadState::kMatched) == Names{"0.weight", "0.bias"});
    CHECK(report.names(LoadState::kLeftOut) == Names{"1.weight", "1.bias"});

    // Into a part of another model; its other names are not asked for.
    const Sequential other{Flatten{}, Sequential{Linear{4, 8}}, Linear{8, 5}};
    const auto head = other["2"].state_dict();
    load_state_dict(other, alone.state_dict(), {.add_prefix = "1.", .only = {"1"}});
    CHECK(other["1.0"].state_dict() == alone["0"].state_dict());
    CHECK(other["2"].state_dict() == head);
    const LoadReport bias = load_state_dict(
        other, whole.state_dict(),
        {.strict = false, .strip_prefix = "0.", .add_prefix = "1.", .only = {"*.bias"}});
    CHECK(bias.names(LoadState::kMatched) == Names{"1.0.bias"});
    CHECK(bias.names(LoadState::kMissing) == Names{"2.bias"});
    CHECK(bias.names(LoadState::kLeftOut) == Names{"1.weight", "1.bias", "0.0.weight"});

    CHECK(thrown_message(
              [&] { load_state_dict(other, whole.state_dict(), {.strip_prefix = "module."}); }) ==
          "invalid argument: load_state_dict: none of 4 names begins with 'module.'; the "
          "first is '0.0.weight'");
    CHECK(thrown_message([&] {
              load_state_dict(other, alone.state_dict(), {.only = {"3"}});
          }).find("load_state_dict: '3' fits none of 4 names") != std::string::npos);
    CHECK(thrown_message([&] { load_state_dict(other, alone.state_dict(), {.strict = false}); }) ==
          "invalid argument: load_state_dict: nothing of 2 tensors fits the model; its first "
          "name is '1.0.weight', theirs '0.weight'");
    CHECK(thrown_message([&] {
              io::load(other, folder / "whole.safetensors", {.strict = false});
          }).find("whole.safetensors: the weights do not fit the model: ") != std::string::npos);
}

TEST_CASE("replace: every handle of the model sees the new module, by its name") {
    const Module net = classifier();
    const Module old = net["fc"];
    const auto before = old.state_dict();
    net.replace("fc", Sequential{Linear{8, 4}, ReLU{}, Linear{4, 2}});
    CHECK(net.parameters()[4].name == "fc.0.weight");
    CHECK(net["fc.0"].parameters()[0].parameter.name() == "fc.0.weight");
    CHECK(net(input({5, 4})).shape() == Shape{5, 2});  // through the member
    CHECK(old.state_dict() == before);
    net.replace("fc.2", Linear{4, 6});
    CHECK(net(input({5, 4})).shape() == Shape{5, 6});
    net.replace("fc", old);
    CHECK(net["fc"].state_dict() == before);
    CHECK(net["fc"].parameters()[0].parameter.name() == "fc.weight");

    // Around the old one.
    net.replace("fc", Sequential{net["fc"], ReLU{}});
    CHECK(net(input({5, 4})).shape() == Shape{5, 3});
    CHECK(net["fc.0"].state_dict() == before);

    CHECK(thrown_message([&] { net.replace("head", Identity{}); }) ==
          "invalid argument: Classifier: there is no module 'head' below; there is body, norm, fc");
    CHECK(thrown_message([&] { net.replace("fc.7", Identity{}); }) ==
          "invalid argument: Sequential: there is no module '7' below; there is 0, 1");
    CHECK(thrown_message([&] {
              net.replace("fc", Sequential{net});
          }).find("'fc' cannot be replaced by Sequential, which holds") != std::string::npos);
}

TEST_CASE("replace: a member of an ensemble, and a layer of one") {
    const Sequential first{Linear{4, 8}, Linear{8, 3}}, second{Linear{4, 8}, Linear{8, 3}};
    const Ensemble net{{first, second}, {.combine = Combine::kOutputs}};
    const Tensor x = input({5, 4});
    net.replace("1.1", Linear{8, 6});
    CHECK(second(x).shape() == Shape{5, 6});
    CHECK(net.parameters()[6].name == "1.1.weight");
    CHECK(thrown_message([&] { net(x); }) ==
          "invalid argument: Ensemble: member 1 gives [5, 6], member 0 [5, 3]");
    first.replace("1", Linear{8, 6});  // by the member's own handle
    CHECK(net(x).shape() == Shape{5, 6});

    const auto before = first.state_dict(), kept = second.state_dict();
    net.replace("0", Linear{4, 6});
    CHECK(net["0"].type() == "Linear");
    CHECK(net.parameters()[0].name == "0.weight");
    CHECK(net.parameters().size() == 6);
    CHECK(net(x).shape() == Shape{5, 6});
    CHECK(first.state_dict() == before);
    CHECK(net["1"].state_dict() == kept);

    const TemporaryFolder folder;
    io::save(net, folder / "together.safetensors");
    const Module again = io::load_module(folder / "together.safetensors");
    CHECK(to_json(again) == to_json(net));
    CHECK(again.state_dict() == net.state_dict());

    CHECK(thrown_message([&] { net.replace("2", Identity{}); }) ==
          "invalid argument: Ensemble: there is no module '2' below; there is 0, 1");
    CHECK(thrown_message([&] {
              net.replace("1.0", Sequential{net});
          }).find("'0' cannot be replaced by Sequential, which holds") != std::string::npos);
}

TEST_CASE("replace: files say what the model is now") {
    const Sequential net{Linear{4, 8}, Residual{Linear{8, 8}}, Linear{8, 3}};
    const Linear shared{4, 8};
    const Sequential first{shared}, second{shared};
    first.replace("0", Identity{});
    CHECK(second["0"].type() == "Linear");

    net.replace("2", Linear{8, 2, {.bias = false}});
    net.replace("1.body", Sequential{Linear{8, 8}, Tanh{}});
    const TemporaryFolder folder;
    io::save(net, folder / "net.safetensors");
    const Module again = io::load_module(folder / "net.safetensors");
    CHECK(again.state_dict() == net.state_dict());
    CHECK(to_json(again) == to_json(net));
    CHECK(again["1.body.1"].type() == "Tanh");

    // Layers that are described by options cannot say it.
    const TransformerEncoderLayer layer{8, 2, {.dim_feedforward = 16}};
    CHECK_NOTHROW(to_json(layer));
    layer.replace("linear1", Linear{8, 16, {.bias = false}});
    CHECK(layer(input({2, 3, 8})).shape() == Shape{2, 3, 8});
    CHECK(thrown_message([&] {
              to_json(layer);
          }).find("'TransformerEncoderLayer' with a module replaced in it") != std::string::npos);
    layer.replace("self_attn", Identity{});
    CHECK(thrown_message([&] {
              layer(input({2, 3, 8}));
          }).find("MultiheadAttention: was replaced by Identity") != std::string::npos);
}
