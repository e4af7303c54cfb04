// SPDX-License-Identifier: MIT
#include "nn/describe.h"

#include <ingot/nn/embedding.h>

#include <algorithm>

namespace ingot::nn {
namespace {

struct EmbeddingSpec {
    static constexpr const char* kType = "Embedding";
    std::int64_t num_embeddings = 0, embedding_dim = 0;
    EmbeddingLayerOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("num_embeddings", num_embeddings);
        option.required("embedding_dim", embedding_dim);
        option("padding_idx", options.padding_idx);
    }
};

class EmbeddingLayer : public LayerOf<EmbeddingSpec> {
public:
    explicit EmbeddingLayer(EmbeddingSpec s) : LayerOf(s) {
        check_at_least("Embedding", "num_embeddings", s.num_embeddings, 1);
        check_at_least("Embedding", "embedding_dim", s.embedding_dim, 1);
        std::int64_t padding = s.options.padding_idx.value_or(0);
        if (padding < -s.num_embeddings || padding >= s.num_embeddings) {
            fail(ErrorKind::kInvalidArgument, "Embedding: padding_idx {} is none of {} rows",
                 padding, s.num_embeddings);
        }
        if (padding < 0) padding += s.num_embeddings;
        add_parameter("weight", [=](const auto& random) {
            HostTensor weight = init::normal({s.num_embeddings, s.embedding_dim}, 0, 1, random);
            if (s.options.padding_idx) {
                const auto row = static_cast<std::size_t>(padding * s.embedding_dim);
                std::ranges::fill(
                    weight.values<float>().subspan(row, static_cast<std::size_t>(s.embedding_dim)),
                    0.0F);
            }
            return weight;
        });
    }

    Tensor forward(const Tensor& x, Mode) override {
        if (x.dtype() != i32) {
            fail(ErrorKind::kInvalidArgument, "Embedding: takes indices, i32, not {}",
                 to_string(x.spec()));
        }
        return embedding(parameter(0), x, {.padding_idx = spec().options.padding_idx});
    }
};

}  // namespace

Embedding::Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
                     const EmbeddingLayerOptions& options)
    : Module(
          std::make_shared<EmbeddingLayer>(EmbeddingSpec{num_embeddings, embedding_dim, options})) {
}

std::span<const LayerMaker> embedding_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<EmbeddingLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
