// SPDX-License-Identifier: MIT
// Models as JSON: what is written is read again, and each mistake is named with its place.
#include "support/thrown_message.h"

#include <ingot/nn.h>
#include <ingot/nn/layer.h>

#include <doctest/doctest.h>

#include <cstring>

using namespace ingot;
using namespace ingot::nn;
using testing::thrown_message;

namespace {

Module every_layer() {
    return Sequential{
        Conv2d{1, 32, {.kernel = 3, .stride = {1, 2}, .padding = 1, .dilation = 1, .bias = false}},
        BatchNorm2d{32, {.eps = 1e-3, .momentum = 0.2}},
        ReLU{},
        MaxPool2d{2},
        AvgPool2d{{3, 2}, {.stride = 1, .padding = {1, 0}}},
        Flatten{},
        Sequential{Linear{128, 64, {.bias = false}}, BatchNorm1d{64}, GELU{GeluForm::kTanh}},
        Dropout{0.25},
        Tanh{},
        Sigmoid{},
        GELU{},
        Linear{64, 10}};
}

struct Mistake {
    const char* text;
    const char* sentence;
};

}  // namespace

TEST_CASE("every layer survives the round trip") {
    const Module module = every_layer();
    const std::string text = to_json(module);
    const Module again = from_json(text);
    CHECK(to_json(again) == text);
    const auto before = module.parameters(), after = again.parameters();
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        CHECK(before[i].name == after[i].name);
        CHECK(before[i].parameter.spec() == after[i].parameter.spec());
    }
}

TEST_CASE("options may be left out") {
    const Module module = from_json(R"({"type": "Sequential", "layers": [
        {"type": "Conv2d", "in_channels": 1, "out_channels": 2},
        {"type": "MaxPool2d", "kernel": [2, 3]}, {"type": "Flatten"},
        {"type": "Linear", "in_features": 3, "out_features": 4}]})");
    CHECK(to_json(module) ==
          to_json(Sequential{Conv2d{1, 2}, MaxPool2d{{2, 3}}, Flatten{}, Linear{3, 4}}));
}

TEST_CASE("mistakes are named with their place") {
    const Mistake mistakes[] = {
        {"[1]", "file: model file: model: is array, not an object"},
        {"{}", "file: model file: model: has no \"type\""},
        {R"({"type": "Conv9d"})",
         "file: model file: model, Conv9d: unknown type; known are AdaptiveAvgPool1d, "},
        {R"({"type": "Sequential", "layers": [{"type": "ReLU"}, {"type": "Linear"}]})",
         "file: model file: model.layers[1], Linear: \"in_features\" is missing"},
        {R"({"type": "Sequential"})", "file: model file: model, Sequential: \"layers\" is missing"},
        {R"({"type": "Linear", "in_features": 2.5, "out_features": 1})",
         "file: model file: model, Linear: \"in_features\" is 2.5, not a whole number"},
        {R"({"type": "Linear", "in_features": 2, "out_features": 0})",
         "file: model file: model, Linear: Linear: out_features is 0, below 1"},
        {R"({"type": "Linear", "in_features": 2, "out_features": 1, "bais": true})",
         "file: model file: model, Linear: unknown field \"bais\"; it has bias, in_features, "
         "out_features, type"},
        {R"({"type": "Linear", "in_features": 2, "out_features": 1, "bias": 1})",
         "file: model file: model, Linear: \"bias\" is 1, not true or false"},
        {R"({"type": "MaxPool2d"})", "file: model file: model, MaxPool2d: \"kernel\" is missing"},
        {R"({"type": "MaxPool2d", "kernel": [1, 2, 3]})",
         "file: model file: model, MaxPool2d: \"kernel\" is [1,2,3], not one number or 2"},
        {R"({"type": "Dropout", "p": 1.5})",
         "file: model file: model, Dropout: Dropout: p is 1.5, not in [0, 1)"},
        {R"({"type": "GELU", "approximate": "sine"})",
         "file: model file: model, GELU: \"approximate\" is \"sine\", not one of none, tanh"},
        {R"({"type": "LayerNorm", "normalized_shape": []})",
         "file: model file: model, LayerNorm: LayerNorm: normalized_shape [] has no elements to "
         "normalise"},
        {R"({"type": "LayerNorm", "normalized_shape": [1, 1, 1, 1, 1, 1, 1, 1, 1]})",
         "file: model file: model, LayerNorm: \"normalized_shape\" has 9 numbers, more than 8"},
        {R"({"type": "LayerNorm", "normalized_shape": "wide"})",
         "file: model file: model, LayerNorm: \"normalized_shape\" is \"wide\", not a whole "
         "number"},
        {R"({"type": "Upsample", "scale_factor": [true]})",
         "file: model file: model, Upsample: \"scale_factor\" is true, not a number"},
        {R"({"type": "Embedding", "num_embeddings": 3, "embedding_dim": 2, "padding_idx": 0.5})",
         "file: model file: model, Embedding: \"padding_idx\" is 0.5, not a whole number"},
    };
    for (const Mistake& mistake : mistakes) {
        const std::string message = thrown_message([&] { from_json(mistake.text); });
        const bool cut = std::string_view(mistake.sentence).ends_with(", ");  // a long list follows
        CHECK((cut ? message.substr(0, std::strlen(mistake.sentence)) : message) ==
              mistake.sentence);
    }
    CHECK(
        thrown_message([] { from_json("{\"type\": "); }).starts_with("file: model file: no JSON"));
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += R"({"type": "Sequential", "layers": [)";
    CHECK(thrown_message([&] { from_json(deep); }) == "file: model file: nested too deep");
}

TEST_CASE("a layer of the user's own cannot be described") {
    class Twice : public Layer {
    public:
        std::string type() const override { return "Twice"; }
        Tensor forward(const Tensor& x, Mode) override { return 2 * x; }
    };
    CHECK(thrown_message([] { to_json(Sequential{std::make_shared<Twice>()}); }) ==
          "unsupported: to_json: 'Twice' is not a layer of the library");
}
