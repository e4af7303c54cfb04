// SPDX-License-Identifier: MIT
// Every layer beside PyTorch's: the names, shapes and order of its tensors, and what it computes,
// as make_fixtures.py recorded them in pytorch.json. A layer without a row here fails the test.
#include "support/named_numbers.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/io.h>
#include <ingot/nn.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <list>
#include <set>
#include <string>
#include <vector>

using namespace ingot;
using namespace ingot::nn;
using testing::Tensors;
using testing::thrown_message;

namespace {

struct Row {
    std::string name;  // in the file
    Module module;
    std::function<Tensors(const Tensors& inputs)> call = {};  // default: forward()
};

Tensors values_of(const LstmResult& result) {
    return {result.output, result.h, result.c};
}
Tensors values_of(const RecurrentResult& result) {
    return {result.output, result.h};
}

Row lstm(const char* name, const LSTM& layer) {
    return {name, layer, [=](const Tensors& in) {
                return values_of(layer.with_state(in[0], {in[1], in[2]}));
            }};
}
template <typename L>
Row with_h(const char* name, const L& layer) {
    return {name, layer,
            [=](const Tensors& in) { return values_of(layer.with_state(in[0], in[1])); }};
}
Row attention(const char* name, const MultiheadAttention& layer) {
    return {name, layer,
            [=](const Tensors& in) -> Tensors { return {layer.attend(in[0], in[1], in[2])}; }};
}

// Of four keys the last is hidden in one sequence, the middle two in the other.
Row padded_attention() {
    constexpr float kHidden = -1e38F;
    const std::vector<float> seen{0, 0, 0, kHidden, 0, kHidden, kHidden, 0};
    const Parameter mask{HostTensor::of("mask", {2, 1, 1, 4}, seen), {.trainable = false}};
    const MultiheadAttention layer{6, 2};
    return {"MultiheadAttention padding", layer, [=](const Tensors& in) -> Tensors {
                return {layer.attend(in[0], in[0], in[0], {.mask = mask})};
            }};
}

std::vector<Row> norms() {
    return {
        {"BatchNorm1d", BatchNorm1d{3}},
        {"training BatchNorm1d", BatchNorm1d{3, {.momentum = 0.3}}},
        {"BatchNorm2d", BatchNorm2d{2, {.eps = 1e-3, .affine = false}}},
        {"training BatchNorm2d", BatchNorm2d{2, {.affine = false}}},
        {"training BatchNorm3d", BatchNorm3d{2}},
        {"InstanceNorm1d", InstanceNorm1d{3}},
        {"InstanceNorm2d", InstanceNorm2d{2, {.affine = true, .track_running_stats = true}}},
        {"training InstanceNorm2d",
         InstanceNorm2d{2, {.affine = true, .track_running_stats = true}}},
        {"InstanceNorm3d", InstanceNorm3d{2, {.eps = 1e-2, .affine = true}}},
        {"GroupNorm", GroupNorm{2, 6}},
        {"GroupNorm plain", GroupNorm{3, 6, {.eps = 1e-2, .affine = false}}},
        {"LayerNorm", LayerNorm{5}},
        {"LayerNorm two axes", LayerNorm{{3, 5}, {.eps = 1e-2}}},
        {"LayerNorm plain", LayerNorm{5, {.elementwise_affine = false}}},
        {"LayerNorm no bias", LayerNorm{5, {.bias = false}}},
        {"RMSNorm", RMSNorm{5}},
    };
}

std::vector<Row> convolutions_and_pools() {
    return {
        {"Conv1d", Conv1d{4, 6, {.kernel = 3, .stride = 2, .padding = 1, .groups = 2}}},
        {"Conv1d reflect", Conv1d{2, 3, {.padding = 2, .padding_mode = PadMode::kReflect}}},
        {"Conv2d",
         Conv2d{2, 4, {.kernel = {3, 2}, .stride = {1, 2}, .dilation = {1, 2}, .bias = false}}},
        {"Conv2d same circular",
         Conv2d{1, 2, {.kernel = {2, 3}, .same = true, .padding_mode = PadMode::kCircular}}},
        {"Conv2d same", Conv2d{1, 2, {.kernel = 4, .same = true}}},
        {"Conv3d", Conv3d{2, 3, {.kernel = {2, 3, 2}, .padding = {1, 0, 1}}}},
        {"ConvTranspose1d",
         ConvTranspose1d{4, 6, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2}}},
        {"ConvTranspose2d",
         ConvTranspose2d{
             2, 3, {.kernel = {3, 2}, .stride = 2, .padding = {1, 0}, .dilation = {2, 1}}}},
        {"ConvTranspose3d",
         ConvTranspose3d{
             2, 2, {.kernel = 2, .stride = {2, 1, 2}, .output_padding = {1, 0, 0}, .bias = false}}},
        {"MaxPool1d", MaxPool1d{3, {.stride = 2, .padding = 1, .dilation = 2, .ceil_mode = true}}},
        {"MaxPool2d", MaxPool2d{{2, 3}, {.padding = {1, 0}}}},
        {"MaxPool3d", MaxPool3d{2, {.stride = 1}}},
        {"AvgPool1d",
         AvgPool1d{3, {.stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false}}},
        {"AvgPool2d", AvgPool2d{{2, 3}, {.stride = 1, .padding = 1}}},
        {"AvgPool3d", AvgPool3d{2}},
        {"AdaptiveAvgPool1d", AdaptiveAvgPool1d{3}},
        {"AdaptiveAvgPool2d", AdaptiveAvgPool2d{{2, 3}}},
        {"AdaptiveAvgPool3d", AdaptiveAvgPool3d{1}},
        {"AdaptiveMaxPool1d", AdaptiveMaxPool1d{3}},
        {"AdaptiveMaxPool2d", AdaptiveMaxPool2d{{2, 3}}},
        {"AdaptiveMaxPool3d", AdaptiveMaxPool3d{2}},
    };
}

std::vector<Row> activations() {
    return {
        {"ReLU", ReLU{}},
        {"ReLU6", ReLU6{}},
        {"LeakyReLU", LeakyReLU{0.2}},
        {"LeakyReLU default", LeakyReLU{}},
        {"PReLU", PReLU{}},
        {"PReLU channels", PReLU{3}},
        {"ELU", ELU{0.7}},
        {"SELU", SELU{}},
        {"CELU", CELU{0.7}},
        {"GELU", GELU{}},
        {"GELU tanh", GELU{GeluForm::kTanh}},
        {"SiLU", SiLU{}},
        {"Mish", Mish{}},
        {"Tanh", Tanh{}},
        {"Sigmoid", Sigmoid{}},
        {"LogSigmoid", LogSigmoid{}},
        {"Softplus", Softplus{2}},
        {"Softsign", Softsign{}},
        {"Hardtanh", Hardtanh{-0.3, 0.6}},
        {"Hardsigmoid", Hardsigmoid{}},
        {"Hardswish", Hardswish{}},
        {"Threshold", Threshold{0.1, 5}},
        {"GLU", GLU{1}},
        {"Softmax", Softmax{1}},
        {"LogSoftmax", LogSoftmax{}},
    };
}

std::vector<Row> shapes_and_tables() {
    return {
        {"Linear", Linear{5, 3}},
        {"Sequential", Sequential{Linear{5, 4}, Sequential{Tanh{}, Linear{4, 2}}}},
        {"Identity", Identity{}},
        {"Flatten", Flatten{}},
        {"Unflatten", Unflatten{1, {2, -1}}},
        {"Upsample", Upsample{{.scale_factor = {2}}}},
        {"Upsample linear",
         Upsample{{.size = {4, 5}, .mode = InterpolateMode::kLinear, .align_corners = true}}},
        {"PixelShuffle", PixelShuffle{2}},
        {"PixelUnshuffle", PixelUnshuffle{2}},
        {"Dropout", Dropout{}},
        {"Dropout1d", Dropout1d{}},
        {"Dropout2d", Dropout2d{}},
        {"Dropout3d", Dropout3d{}},
        {"Embedding", Embedding{7, 3}},
        {"Embedding padding", Embedding{7, 3, {.padding_idx = -2}}},
    };
}

std::vector<Row> sequences() {
    return {
        {"LSTM", LSTM{3, 2}},
        lstm("LSTM deep",
             LSTM{3, 2, {.num_layers = 2, .batch_first = true, .bidirectional = true}}),
        {"GRU", GRU{3, 2, {.bias = false}}},
        with_h("GRU deep", GRU{3, 2, {.num_layers = 2, .bidirectional = true}}),
        {"RNN", RNN{3, 2, {.batch_first = true}}},
        with_h("RNN relu", RNN{3, 2, {.num_layers = 3, .nonlinearity = RnnNonlinearity::kRelu}}),
        {"MultiheadAttention", MultiheadAttention{6, 2}},
        {"MultiheadAttention causal", MultiheadAttention{6, 3, {.bias = false, .is_causal = true}}},
        attention("MultiheadAttention cross", MultiheadAttention{6, 2}),
        attention("MultiheadAttention kdim", MultiheadAttention{6, 2, {.kdim = 5, .vdim = 3}}),
        padded_attention(),
    };
}

Row decoder(const char* name, const TransformerDecoderLayer& layer, bool is_causal) {
    return {name, layer, [=](const Tensors& in) -> Tensors {
                return {layer.decode(in[0], in[1], {.self = {.is_causal = is_causal}})};
            }};
}

std::vector<Row> transformers() {
    const TransformerLayerOptions narrow{.dim_feedforward = 8};
    const TransformerEncoderLayer layer{6, 2, {.dim_feedforward = 8, .layer_norm_eps = 1e-2}};
    const TransformerEncoder encoder{layer, 2};
    return {
        {"TransformerEncoderLayer", TransformerEncoderLayer{6, 2, narrow}},
        {"TransformerEncoderLayer causal",
         TransformerEncoderLayer{6,
                                 2,
                                 {.dim_feedforward = 8,
                                  .activation = TransformerActivation::kGelu,
                                  .norm_first = true,
                                  .is_causal = true}}},
        {"TransformerEncoder",
         TransformerEncoder{TransformerEncoderLayer{6, 2, narrow}, 2, LayerNorm{6}}},
        {"TransformerEncoder causal", encoder,
         [=](const Tensors& in) -> Tensors {
             return {encoder.encode(in[0], {.is_causal = true})};
         }},
        decoder("TransformerDecoderLayer", TransformerDecoderLayer{6, 2, narrow}, false),
        decoder("TransformerDecoderLayer causal",
                TransformerDecoderLayer{6, 2, {.dim_feedforward = 8, .norm_first = true}}, true),
        {"Residual", Residual{Sequential{Linear{5, 5}, Tanh{}}}},
        {"Residual shortcut", Residual{Linear{5, 3}, Linear{5, 3, {.bias = false}}}},
        {"Ensemble", Ensemble{Linear{5, 3}, Linear{5, 3}, Linear{5, 3}}},
        {"Ensemble votes", Ensemble{{Linear{5, 3}, Linear{5, 3}, Linear{5, 3}, Linear{5, 3}},
                                    {.combine = Combine::kVotes}}},
        {"Ensemble positions", Ensemble{{Conv1d{2, 3, {.kernel = 1}}, Conv1d{2, 3, {.kernel = 1}},
                                         Conv1d{2, 3, {.kernel = 1}}},
                                        {.combine = Combine::kVotes}}},
        {"Ensemble outputs",
         Ensemble{{Linear{5, 3}, Linear{5, 3}}, {.combine = Combine::kOutputs}}},
    };
}

const nlohmann::json& fixtures() {
    static const auto json = nlohmann::json::parse(io::read_file(INGOT_PYTORCH_FIXTURES));
    return json;
}

// Inputs by number, and what they are fed.
struct Inputs {
    Tensors tensors;
    std::list<std::vector<float>> floats;  // what the feeds look at
    std::list<std::vector<std::int32_t>> indices;
    std::vector<Feed> feeds;
};
Inputs inputs_of(const nlohmann::json& shapes) {
    Inputs result;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const std::string name = "input " + std::to_string(i);
        std::vector<std::int64_t> sizes;
        for (const auto& size : shapes[i]) {
            if (size.is_number()) sizes.push_back(size);
        }
        const Shape shape(sizes);
        if (shapes[i][0].is_string()) {  // indices
            std::vector<std::int32_t>& values = result.indices.emplace_back();
            for (const std::uint32_t word : testing::numbers(name, shape.count()))
                values.push_back(static_cast<std::int32_t>(word % 7));
            result.tensors.push_back(input(shape, i32));
            result.feeds.push_back({result.tensors.back(), values});
        } else {
            result.tensors.push_back(input(shape));
            result.floats.push_back(testing::uniform(name, shape));
            result.feeds.push_back({result.tensors.back(), result.floats.back()});
        }
    }
    return result;
}

void compare(const Row& row) {
    CAPTURE(row.name);
    const nlohmann::json& fixture = fixtures().at(row.name);

    // to_json() describes all that names and shapes depend on.
    const Module again = from_json(to_json(row.module));
    CHECK(to_json(again) == to_json(row.module));
    std::vector<HostTensor> state;
    for (const Module& module : {row.module, again}) {
        state = module.state_dict();
        REQUIRE(state.size() == fixture.at("state").size());
        for (std::size_t i = 0; i < state.size(); ++i) {
            const auto& [name, shape] =
                fixture["state"][i].get<std::pair<std::string, std::vector<std::int64_t>>>();
            CHECK(state[i].name == name);
            CHECK(state[i].shape == Shape(shape));
            state[i] = testing::start_value(name, state[i].shape);
        }
    }
    row.module.load_state_dict(state);
    again.load_state_dict(state);

    const bool training = row.name.starts_with("training");
    const Mode mode = training ? Mode::kTrain : Mode::kEval;
    const auto [inputs, floats, indices, feeds] = inputs_of(fixture.at("inputs"));
    Tensors outputs = row.call ? row.call(inputs) : Tensors{row.module(inputs[0], mode)};
    const std::size_t results = outputs.size();
    if (!row.call && !training) outputs.push_back(again(inputs[0]));
    const auto values = testing::compute(outputs, feeds);

    const auto check = [&](std::size_t number, const Shape& shape, std::span<const float> got) {
        const nlohmann::json& expected = fixture.at("outputs").at(number);
        CHECK(shape == Shape(expected.at("shape").get<std::vector<std::int64_t>>()));
        const std::vector<double> numbers = expected.at("values");
        REQUIRE(got.size() == numbers.size());
        // A hundred roundings of values around 1, as of the longest sums here.
        for (std::size_t i = 0; i < numbers.size(); ++i)
            CHECK(std::abs(got[i] - numbers[i]) < 1e-5 * (1 + std::abs(numbers[i])));
    };
    for (std::size_t i = 0; i < results; ++i)
        check(i, outputs[i].shape(), values[i]);
    if (outputs.size() > results) CHECK(values[results] == values[0]);
    std::size_t number = results;
    if (training) {
        for (const NamedParameter& statistics : row.module.buffers()) {
            const HostTensor contents = statistics.parameter.read();
            check(number++, contents.shape, contents.values<float>());
        }
    }
    CHECK(number == fixture.at("outputs").size());
}

std::vector<Row> all_rows() {
    std::vector<Row> all;
    for (auto family :
         {norms, convolutions_and_pools, activations, shapes_and_tables, sequences, transformers}) {
        const std::vector<Row> rows = family();
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

}  // namespace

TEST_CASE("PyTorch: normalisation") {
    for (const Row& row : norms())
        compare(row);
}
TEST_CASE("PyTorch: convolution and pooling") {
    for (const Row& row : convolutions_and_pools())
        compare(row);
}
TEST_CASE("PyTorch: activation functions") {
    for (const Row& row : activations())
        compare(row);
}
TEST_CASE("PyTorch: linear, shapes, embedding") {
    for (const Row& row : shapes_and_tables())
        compare(row);
}
TEST_CASE("PyTorch: recurrent layers and attention") {
    for (const Row& row : sequences())
        compare(row);
}
TEST_CASE("PyTorch: transformers and residuals") {
    for (const Row& row : transformers())
        compare(row);
}

TEST_CASE("every layer and every record has a row") {
    std::set<std::string> types, names{"made_with"};
    for (const Row& row : all_rows()) {
        types.insert(row.module.type());
        names.insert(row.name);
    }
    for (const auto& item : fixtures().items())
        CHECK_MESSAGE(names.contains(item.key()), item.key());
    const std::string known = thrown_message([] { from_json(R"({"type": "?"})"); });
    const std::string list = known.substr(known.find("known are ") + 10) + ", ";
    for (std::size_t begin = 0, end; (end = list.find(", ", begin)) != std::string::npos;
         begin = end + 2) {
        const std::string type = list.substr(begin, end - begin);
        CHECK_MESSAGE(types.contains(type), type);
    }
}
