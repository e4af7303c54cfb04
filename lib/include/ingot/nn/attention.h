// SPDX-License-Identifier: MIT
// Vaswani et al., "Attention is all you need", NeurIPS 2017.
#pragma once

#include <ingot/nn/module.h>

#include <optional>

namespace ingot::nn {

// What a query may see; both hold where both are given.
struct AttendOptions {
    // As of scaled_dot_product_attention: f32, added to the scores, or bool, true where a query
    // sees a key (the opposite of PyTorch's attn_mask); broadcast to [B, heads, L, S]. Keys that
    // are padding are hidden by [B, 1, 1, S].
    Tensor mask = {};
    bool is_causal = false;  // query i sees the keys j <= i only
};

struct MultiheadAttentionOptions {
    double dropout = 0;  // of the attention weights, while training; in [0, 1)
    bool bias = true;
    std::optional<std::int64_t> kdim = {};  // size of the keys; default: embed_dim
    std::optional<std::int64_t> vdim = {};  // size of the values; default: embed_dim
    bool is_causal = false;                 // of forward(x)
};
// query [B, L, embed_dim], key [B, S, kdim], value [B, S, vdim] -> [B, L, embed_dim], the batch
// always first. forward(x) attends from x to itself. in_proj_weight [3 embed_dim, embed_dim]
// (q_proj_weight, k_proj_weight, v_proj_weight where kdim or vdim differ), in_proj_bias [3
// embed_dim], out_proj.weight, out_proj.bias. The weights of the attention are not among the
// results: they are never stored.
class INGOT_API MultiheadAttention : public Module {
public:
    MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads,
                       const MultiheadAttentionOptions& options = {});
    Tensor attend(const Tensor& query, const Tensor& key, const Tensor& value,
                  const AttendOptions& options = {}, Mode mode = Mode::kEval) const;
};

}  // namespace ingot::nn
