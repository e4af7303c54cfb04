// SPDX-License-Identifier: MIT
// Attention, and what tells it positions.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <optional>

namespace ingot {

class Generator;

struct AttentionOptions {
    // Added to the scores, f32 and broadcast to [B, H, L, S]: minus infinity (anything at or below
    // -1e38) hides a key from a query. Or bool: true where a query sees a key. Empty: nothing is
    // hidden. Keys that are padding are hidden by a mask [B, 1, 1, S], which is read as it lies.
    Tensor mask = {};
    bool is_causal = false;          // query i sees the keys j <= i only, whatever L and S are
    std::optional<float> scale;      // of the inner products; default: 1 / sqrt(E)
    float dropout = 0;               // the probability with which a weight is dropped, in [0, 1)
    Generator* generator = nullptr;  // needed, and used during the call, where dropout is above 0
};

// softmax(scale q k^T + mask) v without storing the scores: memory grows with L + S, not L * S.
//   q [B, H, L, E], k [B, Hkv, S, E], v [B, Hkv, S, Ev] -> [B, H, L, Ev]
// H is a multiple of Hkv: query head h reads key head h / (H / Hkv) (PyTorch's enable_gqa). A query
// that sees no key gives zeros. Views whose last axis is contiguous are followed, not copied, and
// the result lies as [B, L, H, Ev], so that transpose and reshape to [B, L, H * Ev] cost nothing.
// A mask that is trained takes B * H * L * S elements for its gradient.
INGOT_API Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                              const AttentionOptions& options = {});

struct RotaryOptions {
    double base = 10000;               // above 1: pair n turns by base^(-2 n / dims) a position
    std::int64_t offset = 0;           // the position of row 0, at least 0
    bool interleaved = false;          // pairs (2 n, 2 n + 1) as in GPT-J; else (n, dims / 2 + n)
    std::optional<std::int64_t> dims;  // rotated, from the first on, even; default: all of E
};
// Turns pairs of a row's elements by angles that grow with its position (Su et al. 2021); what lies
// behind `dims` stays. x [B, H, L, E] -> the same shape, which lies as [B, L, H, E]. Angles are
// accurate at any position, up to 2^31.
INGOT_API Tensor rotary_embedding(const Tensor& x, const RotaryOptions& options = {});

}  // namespace ingot
