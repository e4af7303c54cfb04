// SPDX-License-Identifier: MIT
// Options that make no sense and inputs that do not fit: each layer names itself, the rule and the
// numbers.
#include "support/thrown_message.h"

#include <ingot/nn.h>

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace ingot;
using namespace ingot::nn;
using testing::thrown_message;

namespace {

struct Mistake {
    std::function<void()> action;
    std::string sentence;
};

void check(const std::vector<Mistake>& mistakes) {
    for (const auto& [action, sentence] : mistakes)
        CHECK(thrown_message(action) == "invalid argument: " + sentence);
}

}  // namespace

TEST_CASE("linear layers and embeddings refuse") {
    check({
        {[] { Linear(0, 1); }, "Linear: in_features is 0, below 1"},
        {[] { Linear(1, -1); }, "Linear: out_features is -1, below 1"},
        {[] {
             Linear(3, 2)(input({2, 4}));
         },
         "Linear: made for in_features = 3, x [2, 4] has 4"},
        {[] { Linear(3, 2)(constant(1)); }, "Linear: takes [..., in_features], not []"},
        {[] { Embedding(0, 2); }, "Embedding: num_embeddings is 0, below 1"},
        {[] { Embedding(2, 0); }, "Embedding: embedding_dim is 0, below 1"},
        {[] { Embedding(4, 2, {.padding_idx = 4}); }, "Embedding: padding_idx 4 is none of 4 rows"},
        {[] { Embedding(4, 2, {.padding_idx = -5}); },
         "Embedding: padding_idx -5 is none of 4 rows"},
        {[] { Embedding(4, 2)(input({3})); }, "Embedding: takes indices, i32, not f32[3]"},
    });
}

TEST_CASE("convolutions refuse") {
    check({
        {[] { Conv1d(0, 1); }, "Conv1d: in_channels is 0, below 1"},
        {[] { Conv2d(1, 0); }, "Conv2d: out_channels is 0, below 1"},
        {[] {
             Conv3d(1, 1, {.kernel = {1, 0, 1}});
         },
         "Conv3d: kernel is 0, below 1"},
        {[] { Conv2d(1, 1, {.stride = 0}); }, "Conv2d: stride is 0, below 1"},
        {[] {
             Conv2d(1, 1, {.padding = {0, -1}});
         },
         "Conv2d: padding is -1, below 0"},
        {[] { Conv2d(1, 1, {.dilation = 0}); }, "Conv2d: dilation is 0, below 1"},
        {[] { Conv2d(2, 2, {.groups = 0}); }, "Conv2d: groups is 0, below 1"},
        {[] { Conv2d(3, 4, {.groups = 2}); }, "Conv2d: 2 groups do not divide 3 and 4 channels"},
        {[] {
             Conv2d(1, 1, {.stride = {1, 2}, .same = true});
         },
         "Conv2d: `same` goes with stride 1 and no padding of its own, not 1 x 2 and 0 x 0"},
        {[] {
             Conv2d(3, 4)(input({2, 3, 4}));
         },
         "Conv2d: takes [B, C, H, W], not [2, 3, 4]"},
        {[] {
             Conv1d(3, 4)(input({2, 4, 9}));
         },
         "Conv1d: made for in_channels = 3, x [2, 4, 9] has 4"},
        {[] { ConvTranspose1d(0, 1); }, "ConvTranspose1d: in_channels is 0, below 1"},
        {[] { ConvTranspose2d(4, 3, {.groups = 2}); },
         "ConvTranspose2d: 2 groups do not divide 4 and 3 channels"},
        {[] { ConvTranspose2d(1, 1, {.output_padding = -1}); },
         "ConvTranspose2d: output_padding is -1, below 0"},
        {[] { ConvTranspose2d(1, 1, {.stride = 2, .output_padding = 2}); },
         "ConvTranspose2d: output_padding is 2, it must be below stride or dilation (2, 1)"},
        {[] {
             ConvTranspose3d(3, 4)(input({2, 3, 4}));
         },
         "ConvTranspose3d: takes [B, C, D, H, W], not [2, 3, 4]"},
    });
}

TEST_CASE("pools refuse") {
    check({
        {[] { MaxPool1d(0); }, "MaxPool1d: kernel is 0, below 1"},
        {[] { MaxPool2d(2, {.stride = -1}); }, "MaxPool2d: stride is -1, below 0"},
        {[] { MaxPool2d(2, {.padding = 2}); },
         "MaxPool2d: padding 2 x 2 is more than half the kernel 2 x 2"},
        {[] { MaxPool3d(2, {.dilation = 0}); }, "MaxPool3d: dilation is 0, below 1"},
        {[] { AvgPool1d(3, {.padding = 2}); },
         "AvgPool1d: padding 2 is more than half the kernel 3"},
        {[] {
             AvgPool3d(2)(input({1, 2, 4, 4}));
         },
         "AvgPool3d: takes [B, C, D, H, W], not [1, 2, 4, 4]"},
        {[] {
             AdaptiveAvgPool2d({2, 0});
         },
         "AdaptiveAvgPool2d: output_size is 0, below 1"},
        {[] {
             AdaptiveMaxPool1d(1)(input({2, 3}));
         },
         "AdaptiveMaxPool1d: takes [B, C, L], not [2, 3]"},
    });
}

TEST_CASE("norms refuse") {
    check({
        {[] { BatchNorm1d(0); }, "BatchNorm1d: channels is 0, below 1"},
        {[] { BatchNorm2d(1, {.eps = -1}); }, "BatchNorm2d: eps is -1, not a number from 0 on"},
        {[] { BatchNorm2d(1, {.momentum = 2}); }, "BatchNorm2d: momentum is 2, not in [0, 1]"},
        {[] {
             BatchNorm1d(3)(input({2, 3, 4, 4}));
         },
         "BatchNorm1d: takes [B, C] or [B, C, L], not [2, 3, 4, 4]"},
        {[] {
             BatchNorm2d(3)(input({2, 3}));
         },
         "BatchNorm2d: takes [B, C, H, W], not [2, 3]"},
        {[] {
             BatchNorm2d(3)(input({2, 4, 5, 5}));
         },
         "BatchNorm2d: made for channels = 3, x [2, 4, 5, 5] has 4"},
        {[] { InstanceNorm1d(-1); }, "InstanceNorm1d: channels is -1, below 1"},
        {[] {
             InstanceNorm1d(3)(input({2, 3}));
         },
         "InstanceNorm1d: takes [B, C, L], not [2, 3]"},
        {[] { InstanceNorm2d(3, {.momentum = NAN}); },
         "InstanceNorm2d: momentum is nan, not in [0, 1]"},
        {[] { GroupNorm(0, 4); }, "GroupNorm: groups is 0, below 1"},
        {[] { GroupNorm(3, 4); }, "GroupNorm: 3 groups do not divide 4 channels"},
        {[] { GroupNorm(2, 4)(input({4})); }, "GroupNorm: takes [B, C, ...], not [4]"},
        {[] {
             GroupNorm(2, 4)(input({2, 6, 3}));
         },
         "GroupNorm: made for channels = 4, x [2, 6, 3] has 6"},
        {[] { LayerNorm(0); }, "LayerNorm: normalized_shape [0] has no elements to normalise"},
        {[] { LayerNorm(4, {.eps = NAN}); }, "LayerNorm: eps is nan, not a number from 0 on"},
        {[] {
             LayerNorm({4, 5})(input({2, 5, 4}));
         },
         "LayerNorm: made for the last axes [4, 5], x is [2, 5, 4]"},
        {[] {
             RMSNorm(4)(input({2, 5}));
         },
         "RMSNorm: made for the last axes [4], x is [2, 5]"},
    });
}

TEST_CASE("activations, layouts and dropout refuse") {
    check({
        {[] { LeakyReLU{INFINITY}; }, "LeakyReLU: negative_slope is inf, no finite number"},
        {[] { CELU(0); }, "CELU: alpha is 0, and x is divided by it"},
        {[] { Softplus(0); }, "Softplus: beta is 0, not a number above 0"},
        {[] { Hardtanh(1, 1); }, "Hardtanh: min_val 1 is not below max_val 1"},
        {[] { PReLU(0); }, "PReLU: num_parameters is 0, below 1"},
        {[] {
             PReLU(3)(input({2, 4}));
         },
         "PReLU: made for num_parameters = 3, x [2, 4] has 4"},
        {[] {
             GLU()(input({2, 5}));
         },
         "GLU: axis 1 of [2, 5] has no halves: 5"},
        {[] { Unflatten(1, {}); },
         "Unflatten: [] are no sizes: at least one, none negative but one -1"},
        {[] {
             Unflatten(1, {-1, -1});
         },
         "Unflatten: [-1, -1] are no sizes: at least one, none negative but one -1"},
        {[] {
             Unflatten(1, {4, -1})(input({2, 6}));
         },
         "Unflatten: axis 1 of [2, 6] has no parts [4, -1]"},
        {[] { Upsample({}); },
         "Upsample: takes a size or a scale_factor, not 0 and 0 numbers of them"},
        {[] { Upsample({.scale_factor = {-2}}); },
         "Upsample: scale_factor is -2, not a number above 0"},
        {[] {
             Upsample({.size = {3, 0}});
         },
         "Upsample: size is 0, below 1"},
        {[] { PixelShuffle(0); }, "PixelShuffle: upscale_factor is 0, below 1"},
        {[] {
             PixelShuffle(2)(input({1, 6, 2, 2}));
         },
         "PixelShuffle: 6 channels of [1, 6, 2, 2] are no blocks of 2 x 2"},
        {[] {
             PixelUnshuffle(2)(input({1, 6, 2, 3}));
         },
         "PixelUnshuffle: [1, 6, 2, 3] is not made of blocks of 2 x 2 pixels"},
        {[] { Dropout(1); }, "Dropout: p is 1, not in [0, 1)"},
        {[] { Dropout2d(-0.5); }, "Dropout2d: p is -0.5, not in [0, 1)"},
        {[] {
             Dropout2d()(input({2, 3}));
         },
         "Dropout2d: takes [B, C, H, W], not [2, 3]"},
    });
}

TEST_CASE("transformers and containers refuse") {
    const TransformerEncoderLayer layer(6, 2);
    check({
        {[] { TransformerEncoderLayer(6, 4); },
         "TransformerEncoderLayer: 4 heads do not divide d_model 6"},
        {[] { TransformerEncoderLayer(0, 1); }, "TransformerEncoderLayer: d_model is 0, below 1"},
        {[] { TransformerDecoderLayer(6, 2, {.dim_feedforward = 0}); },
         "TransformerDecoderLayer: dim_feedforward is 0, below 1"},
        {[] { TransformerDecoderLayer(6, 2, {.dropout = 1}); },
         "TransformerDecoderLayer: dropout is 1, not in [0, 1)"},
        {[] { TransformerEncoderLayer(6, 2, {.layer_norm_eps = -1}); },
         "TransformerEncoderLayer: eps is -1, not a number from 0 on"},
        {[=] {
             layer(input({2, 6}));
         },
         "TransformerEncoderLayer: x is [2, 6], not [B, L, 6]"},
        {[] {
             TransformerDecoderLayer(6, 2)(input({2, 3, 6}));
         },
         "TransformerDecoderLayer: forward(x) has no memory; call decode()"},
        {[] {
             TransformerDecoderLayer(6, 2).decode(input({2, 3, 6}), input({2, 3, 5}));
         },
         "TransformerDecoderLayer: memory is [2, 3, 5], not [B, L, 6]"},
        {[=] { TransformerEncoder(layer, 0); }, "TransformerEncoder: num_layers is 0, below 1"},
        {[] {
             Residual(Linear(3, 4))(input({2, 3}));
         },
         "Residual: the body gives [2, 4], the shortcut [2, 3]"},
        {[] { Ensemble(std::span<const Module>()); }, "Ensemble: there are no members"},
        {[] {
             Ensemble{Linear(3, 4), Linear(3, 5)}(input({2, 3}));
         },
         "Ensemble: member 1 gives [2, 5], member 0 [2, 4]"},
        {[] {
             Ensemble{Flatten{0, -1}, Flatten{0, -1}}(input({2, 3}));
         },
         "Ensemble: members give [6], no scores of classes"},
        {[] {
             const Linear other(3, 4);
             other.set_note("preparation", "another");
             Ensemble{Linear(3, 4), other};
         },
         "Ensemble: the notes of member 1 are not those of member 0: was their data prepared "
         "alike?"},
        {[] { Lambda("Nothing", nullptr); }, "Lambda: 'Nothing' has no function"},
        {[=] { layer["norm3"]; },
         "TransformerEncoderLayer: there is no module 'norm3' below; there is self_attn, linear1, "
         "dropout, linear2, norm1, norm2, dropout1, dropout2"},
        {[=] { layer["norm1.weight"]; },
         "LayerNorm: there is no module 'weight' below; there is none"},
    });
    CHECK(thrown_message([] {
              from_json(R"({"type": "TransformerEncoder", "num_layers": 2,
                            "layer": {"type": "ReLU"}})");
          }) ==
          "file: model file: model, TransformerEncoder: TransformerEncoder: is made of "
          "TransformerEncoderLayer, not of ReLU");
    CHECK(thrown_message([] {
              to_json(Sequential{Lambda{"Square", [](const Tensor& x) { return x * x; }}});
          }) == "unsupported: to_json: 'Square' is not a layer of the library");
}

TEST_CASE("recurrent layers and attention refuse") {
    check({
        {[] { LSTM(0, 2); }, "LSTM: input_size is 0, below 1"},
        {[] { GRU(2, 0); }, "GRU: hidden_size is 0, below 1"},
        {[] { RNN(2, 2, {.num_layers = 0}); }, "RNN: num_layers is 0, below 1"},
        {[] { LSTM(2, 2, {.dropout = 1}); }, "LSTM: dropout is 1, not in [0, 1)"},
        {[] {
             LSTM(2, 3)(input({4, 2}));
         },
         "LSTM: takes [T, B, in], not [4, 2]"},
        {[] {
             GRU(2, 3, {.batch_first = true})(input({4, 2}));
         },
         "GRU: takes [B, T, in], not [4, 2]"},
        {[] {
             RNN(2, 3)(input({4, 2, 5}));
         },
         "RNN: made for input_size = 2, x [4, 2, 5] has 5"},
        {[] { MultiheadAttention(6, 4); }, "MultiheadAttention: 4 heads do not divide embed_dim 6"},
        {[] { MultiheadAttention(6, 0); }, "MultiheadAttention: num_heads is 0, below 1"},
        {[] { MultiheadAttention(6, 2, {.kdim = 0}); }, "MultiheadAttention: kdim is 0, below 1"},
        {[] { MultiheadAttention(6, 2, {.dropout = 1}); },
         "MultiheadAttention: dropout is 1, not in [0, 1)"},
        {[] {
             MultiheadAttention(6, 2)(input({2, 6}));
         },
         "MultiheadAttention: query is [2, 6], not [B, L, 6]"},
        {[] {
             MultiheadAttention(6, 2).attend(input({2, 3, 6}), input({2, 4, 5}), input({2, 4, 6}));
         },
         "MultiheadAttention: key is [2, 4, 5], not [2, S, 6]"},
        {[] {
             MultiheadAttention(6, 2).attend(input({2, 3, 6}), input({2, 4, 6}), input({2, 5, 6}));
         },
         "MultiheadAttention: 4 keys and 5 values: [2, 4, 6], [2, 5, 6]"},
    });
    const std::string state = thrown_message([] {
        GRU(2, 3).with_state(input({4, 5, 2}), input({1, 5, 4}));
    });
    CHECK(state.starts_with("invalid argument: GRU: gru: "));
}
