// SPDX-License-Identifier: MIT
// Vaswani et al., "Attention is all you need", NeurIPS 2017. The batch always comes first.
#pragma once

#include <ingot/nn/attention.h>

#include <optional>

namespace ingot::nn {

enum class TransformerActivation { kRelu, kGelu };

struct TransformerLayerOptions {
    std::int64_t dim_feedforward = 2048;
    double dropout = 0.1;  // of attention, activation and both branches; in [0, 1)
    TransformerActivation activation = TransformerActivation::kRelu;
    double layer_norm_eps = 1e-5;
    bool norm_first = false;  // normalises what goes into a branch instead of the sum behind it
    bool bias = true;
    bool is_causal = false;  // of forward(x)
};

// x [B, L, d_model] -> the same shape: self_attn, then linear2(activation(linear1(x))), each added
// to its input; norm1, norm2.
class INGOT_API TransformerEncoderLayer : public Module {
public:
    TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead,
                            const TransformerLayerOptions& options = {});
    Tensor encode(const Tensor& x, const AttendOptions& options = {},
                  Mode mode = Mode::kEval) const;
};

// `num_layers` layers like the one given, each with weights of its own, and a norm behind the last
// if there is one: layers.0.self_attn..., norm.weight.
class INGOT_API TransformerEncoder : public Module {
public:
    TransformerEncoder(const TransformerEncoderLayer& layer, std::int64_t num_layers,
                       std::optional<Module> norm = {});
    Tensor encode(const Tensor& x, const AttendOptions& options = {},
                  Mode mode = Mode::kEval) const;
};

struct DecodeOptions {
    AttendOptions self = {};    // from the target to itself
    AttendOptions memory = {};  // from the target to the memory
};
// target [B, L, d_model], memory [B, S, d_model] -> [B, L, d_model]: as the encoder's with
// multihead_attn from the target to the memory in between; norm1, norm2, norm3. forward(x) throws:
// there is no memory.
class INGOT_API TransformerDecoderLayer : public Module {
public:
    TransformerDecoderLayer(std::int64_t d_model, std::int64_t nhead,
                            const TransformerLayerOptions& options = {});
    Tensor decode(const Tensor& target, const Tensor& memory, const DecodeOptions& options = {},
                  Mode mode = Mode::kEval) const;
};

}  // namespace ingot::nn
