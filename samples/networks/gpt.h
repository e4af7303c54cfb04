// SPDX-License-Identifier: MIT
// GPT-2 (Radford et al., "Language models are unsupervised multitask learners", 2019), written as
// anyone writes a network: each block is a layer whose parts are its children. Parameters have the
// names of GPT-2's files, "wte.weight", "h.0.attn.c_attn.weight"; matrices lie [out, in] as in
// PyTorch's Linear, where the published files hold them transposed.
#pragma once

#include <ingot/ingot.h>
#include <ingot/nn/layer.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace networks {

namespace nn = ingot::nn;
using ingot::Tensor;

struct GptOptions {
    std::int64_t vocabulary = 50257;
    std::int64_t length = 1024;  // of the longest sequence: as many positions have an embedding
    std::int64_t layers = 12;
    std::int64_t heads = 12;
    std::int64_t width = 768;  // a multiple of heads
    double dropout = 0.1;      // of embeddings, of attention weights and of what each branch adds
    bool tied_head = true;     // the head's weight is that of the token embedding
    // Of the normal distribution that matrices are drawn from; the last of each branch is scaled
    // down by sqrt(2 layers), so that the sum of all branches keeps its size.
    float deviation = 0.02F;
};

template <typename L, typename... Arguments>
nn::Module make(Arguments... arguments) {
    return std::make_shared<L>(arguments...);
}

// x [..., in] -> [..., out]. weight [out, in]; bias [out], 0.
class Linear : public nn::Layer {
public:
    Linear(std::int64_t in, std::int64_t out, float deviation, bool bias = true) : has_bias_(bias) {
        add_parameter("weight", [=](const auto& random) {
            return ingot::init::normal({out, in}, 0, deviation, random);
        });
        if (bias) add_parameter("bias", [=](const auto&) { return ingot::init::zeros({out}); });
    }
    std::string type() const override { return "Linear"; }
    Tensor forward(const Tensor& x, nn::Mode) override {
        return linear(x, parameter(0), has_bias_ ? parameter(1).tensor() : Tensor());
    }

private:
    bool has_bias_;
};

// i32 [...] -> [..., width]. weight [count, width].
class Embedding : public nn::Layer {
public:
    Embedding(std::int64_t count, std::int64_t width, float deviation) {
        add_parameter("weight", [=](const auto& random) {
            return ingot::init::normal({count, width}, 0, deviation, random);
        });
    }
    std::string type() const override { return "Embedding"; }
    Tensor forward(const Tensor& indices, nn::Mode) override {
        return embedding(weight(), indices);
    }
    Tensor weight() { return parameter(0); }
};

// Each position looks at itself and at those before it. x [B, T, C] -> the same shape.
class CausalSelfAttention : public nn::Layer {
public:
    CausalSelfAttention(const GptOptions& options, float last_deviation)
        : heads_(options.heads),
          dropout_(static_cast<float>(options.dropout)),
          c_attn_(add_child("c_attn",
                            make<Linear>(options.width, 3 * options.width, options.deviation))),
          c_proj_(add_child("c_proj", make<Linear>(options.width, options.width, last_deviation))) {
    }
    std::string type() const override { return "CausalSelfAttention"; }

    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const std::int64_t batch = x.shape()[0], length = x.shape()[1];
        const auto by_head = [&](const Tensor& part) {  // [B, T, C] -> [B, heads, T, C / heads]
            return transpose(reshape(part, {batch, length, heads_, -1}), 1, 2);
        };
        const std::vector<Tensor> qkv = chunk(c_attn_(x, mode), 3, 2);
        const bool drops = mode == nn::Mode::kTrain && dropout_ > 0;
        const Tensor y =
            scaled_dot_product_attention(by_head(qkv[0]), by_head(qkv[1]), by_head(qkv[2]),
                                         {.is_causal = true,
                                          .dropout = drops ? dropout_ : 0,
                                          .generator = drops ? &generator() : nullptr});
        return c_proj_(reshape(transpose(y, 1, 2), x.shape()), mode);
    }

private:
    std::int64_t heads_;
    float dropout_;
    nn::Module c_attn_, c_proj_;
};

class Mlp : public nn::Layer {
public:
    Mlp(const GptOptions& options, float last_deviation)
        : c_fc_(
              add_child("c_fc", make<Linear>(options.width, 4 * options.width, options.deviation))),
          c_proj_(add_child("c_proj",
                            make<Linear>(4 * options.width, options.width, last_deviation))) {}
    std::string type() const override { return "Mlp"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        return c_proj_(gelu(c_fc_(x, mode), ingot::GeluForm::kTanh), mode);
    }

private:
    nn::Module c_fc_, c_proj_;
};

// Two branches, each of a normalised x and added to it. x [B, T, C] -> the same shape.
class Block : public nn::Layer {
public:
    Block(const GptOptions& options, float last_deviation)
        : ln_1_(add_child("ln_1", nn::LayerNorm{options.width})),
          attn_(add_child("attn", make<CausalSelfAttention>(options, last_deviation))),
          ln_2_(add_child("ln_2", nn::LayerNorm{options.width})),
          mlp_(add_child("mlp", make<Mlp>(options, last_deviation))),
          attn_drop_(add_child("attn_drop", nn::Dropout{options.dropout})),
          mlp_drop_(add_child("mlp_drop", nn::Dropout{options.dropout})) {}
    std::string type() const override { return "Block"; }
    Tensor forward(const Tensor& x, nn::Mode mode) override {
        const Tensor y = x + attn_drop_(attn_(ln_1_(x, mode), mode), mode);
        return y + mlp_drop_(mlp_(ln_2_(y, mode), mode), mode);
    }

private:
    nn::Module ln_1_, attn_, ln_2_, mlp_, attn_drop_, mlp_drop_;
};

// tokens i32 [B, T], T at most options.length -> the logits of each position's next token,
// [B, T, vocabulary].
class Gpt : public nn::Layer {
public:
    explicit Gpt(const GptOptions& options)
        : wte_(std::make_shared<Embedding>(options.vocabulary, options.width, options.deviation)),
          wpe_(std::make_shared<Embedding>(options.length, options.width, options.deviation)),
          drop_(nn::Dropout{options.dropout}),
          ln_f_(nn::LayerNorm{options.width}) {
        const float last_deviation =
            options.deviation / std::sqrt(2.0F * static_cast<float>(options.layers));
        add_child("wte", wte_);
        add_child("wpe", wpe_);
        add_child("drop", drop_);
        for (std::int64_t i = 0; i < options.layers; ++i)
            h_.push_back(add_child("h." + std::to_string(i), make<Block>(options, last_deviation)));
        add_child("ln_f", ln_f_);
        if (options.tied_head) return;
        lm_head_ = std::make_shared<Linear>(options.width, options.vocabulary, options.deviation,
                                            /*bias=*/false);
        add_child("lm_head", lm_head_);
    }
    std::string type() const override { return "Gpt"; }
    Tensor forward(const Tensor& tokens, nn::Mode mode) override {
        const Tensor positions = slice(wpe_->weight(), {.end = tokens.shape()[1]});
        Tensor x = drop_(nn::Module(wte_)(tokens, mode) + positions, mode);
        for (const nn::Module& block : h_)
            x = block(x, mode);
        x = ln_f_(x, mode);
        return lm_head_ ? nn::Module(lm_head_)(x, mode) : linear(x, wte_->weight());
    }

private:
    std::shared_ptr<Embedding> wte_, wpe_;
    nn::Module drop_, ln_f_;
    std::vector<nn::Module> h_;
    std::shared_ptr<Linear> lm_head_;
};

}  // namespace networks
