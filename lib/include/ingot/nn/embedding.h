// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>

#include <optional>

namespace ingot::nn {

struct EmbeddingLayerOptions {
    // A row that starts at 0 and is not trained; from the back when negative. Default: none.
    std::optional<std::int64_t> padding_idx = {};
};
// x i32 [B, ...] -> [B, ..., embedding_dim]: rows of weight [num_embeddings, embedding_dim], drawn
// from N(0, 1).
class INGOT_API Embedding : public Module {
public:
    Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
              const EmbeddingLayerOptions& options = {});
};

}  // namespace ingot::nn
