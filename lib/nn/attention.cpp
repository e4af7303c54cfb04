// SPDX-License-Identifier: MIT
#include "nn/describe.h"
#include "nn/record.h"

#include <ingot/nn/attention.h>

namespace ingot::nn {
namespace {

struct MultiheadAttentionSpec {
    static constexpr const char* kType = "MultiheadAttention";
    std::int64_t embed_dim = 0, num_heads = 0;
    MultiheadAttentionOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("embed_dim", embed_dim);
        option.required("num_heads", num_heads);
        option("dropout", options.dropout);
        option("bias", options.bias);
        option("kdim", options.kdim);
        option("vdim", options.vdim);
        option("is_causal", options.is_causal);
    }
};

class MultiheadAttentionLayer : public LayerOf<MultiheadAttentionSpec> {
public:
    explicit MultiheadAttentionLayer(MultiheadAttentionSpec s)
        : LayerOf(s),
          kdim_(s.options.kdim.value_or(s.embed_dim)),
          vdim_(s.options.vdim.value_or(s.embed_dim)) {
        constexpr const char* kType = MultiheadAttentionSpec::kType;
        check_at_least(kType, "embed_dim", s.embed_dim, 1);
        check_at_least(kType, "num_heads", s.num_heads, 1);
        check_at_least(kType, "kdim", kdim_, 1);
        check_at_least(kType, "vdim", vdim_, 1);
        check_probability(kType, "dropout", s.options.dropout);
        if (s.embed_dim % s.num_heads != 0) {
            fail(ErrorKind::kInvalidArgument, "{}: {} heads do not divide embed_dim {}", kType,
                 s.num_heads, s.embed_dim);
        }
        const std::int64_t E = s.embed_dim;
        if (is_packed()) {
            add_projection("in_proj_weight", {3 * E, E});
        } else {
            add_projection("q_proj_weight", {E, E});
            add_projection("k_proj_weight", {E, kdim_});
            add_projection("v_proj_weight", {E, vdim_});
        }
        const auto zeros = [](const Shape& shape) {
            return [=](const init::RandomOptions&) { return init::zeros(shape); };
        };
        if (s.options.bias) add_parameter("in_proj_bias", zeros({3 * E}));
        add_parameter("out_proj.weight", [=](const auto& random) {
            return init::layer_weight({E, E}, random);
        });
        if (s.options.bias) add_parameter("out_proj.bias", zeros({E}));
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        return attend(x, x, x, {.is_causal = spec().options.is_causal}, mode);
    }

    Tensor attend(const Tensor& query, const Tensor& key, const Tensor& value,
                  const AttendOptions& options, Mode mode) {
        check_input("query", query, query, spec().embed_dim);
        check_input("key", key, query, kdim_);
        check_input("value", value, query, vdim_);
        if (key.shape()[1] != value.shape()[1]) {
            fail(ErrorKind::kInvalidArgument, "MultiheadAttention: {} keys and {} values: {}, {}",
                 key.shape()[1], value.shape()[1], to_string(key.shape()),
                 to_string(value.shape()));
        }
        const auto [q, k, v] = projected(query, key, value);
        AttentionOptions how{.mask = options.mask, .is_causal = options.is_causal};
        if (mode == Mode::kTrain && spec().options.dropout > 0) {
            how.dropout = static_cast<float>(spec().options.dropout);
            how.generator = &generator();
        }
        const Tensor heads = scaled_dot_product_attention(by_head(q), by_head(k), by_head(v), how);
        const std::size_t first = is_packed() ? 1 : 3;
        const bool bias = spec().options.bias;
        const Tensor weight = parameter(first + (bias ? 1 : 0));
        return linear(reshape(transpose(heads, 1, 2), query.shape()), weight,
                      bias ? parameter(first + 2).tensor() : Tensor());
    }

private:
    bool is_packed() const { return kdim_ == spec().embed_dim && vdim_ == spec().embed_dim; }

    void add_projection(std::string name, const Shape& shape) {
        add_parameter(std::move(name), [=](const init::RandomOptions& random) {
            return init::xavier_uniform(shape, {.seed = random.seed, .stream = random.stream});
        });
    }

    static void check_input(const char* what, const Tensor& x, const Tensor& query,
                            std::int64_t size) {
        const Shape& shape = x.shape();
        if (shape.rank() == 3 && shape[2] == size && shape[0] == query.shape()[0]) return;
        fail(ErrorKind::kInvalidArgument, "MultiheadAttention: {} is {}, not [{}, {}, {}]", what,
             to_string(shape), &x == &query ? "B" : std::to_string(query.shape()[0]),
             &x == &query ? "L" : "S", size);
    }

    // q, k and v [B, L or S, E]: one product where they come from one tensor.
    std::array<Tensor, 3> projected(const Tensor& query, const Tensor& key, const Tensor& value) {
        const std::int64_t E = spec().embed_dim;
        const bool packed = is_packed();
        std::array<Tensor, 3> weights, biases;
        if (packed) {
            const Tensor weight = parameter(0);
            const Tensor bias = spec().options.bias ? parameter(1).tensor() : Tensor();
            if (query == key && key == value) {
                const std::vector<Tensor> parts = split(linear(query, weight, bias), E, 2);
                return {parts[0], parts[1], parts[2]};
            }
            for (std::size_t i = 0; i < 3; ++i)
                weights[i] = rows(weight, i);
        } else {
            for (std::size_t i = 0; i < 3; ++i)
                weights[i] = parameter(i);
        }
        if (spec().options.bias) {
            const Tensor bias = parameter(packed ? 1 : 3);
            for (std::size_t i = 0; i < 3; ++i)
                biases[i] = rows(bias, i);
        }
        return {linear(query, weights[0], biases[0]), linear(key, weights[1], biases[1]),
                linear(value, weights[2], biases[2])};
    }

    Tensor rows(const Tensor& weight, std::size_t third) const {
        const std::int64_t begin = static_cast<std::int64_t>(third) * spec().embed_dim;
        return slice(weight, {.begin = begin, .end = begin + spec().embed_dim});
    }

    // [B, L, E] -> [B, heads, L, E / heads]
    Tensor by_head(const Tensor& x) const {
        const std::int64_t heads = spec().num_heads;
        return transpose(reshape(x, {x.shape()[0], x.shape()[1], heads, spec().embed_dim / heads}),
                         1, 2);
    }

    std::int64_t kdim_;
    std::int64_t vdim_;
};

}  // namespace

MultiheadAttention::MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads,
                                       const MultiheadAttentionOptions& options)
    : Module(std::make_shared<MultiheadAttentionLayer>(
          MultiheadAttentionSpec{embed_dim, num_heads, options})) {}

Tensor MultiheadAttention::attend(const Tensor& query, const Tensor& key, const Tensor& value,
                                  const AttendOptions& options, Mode mode) const {
    auto& self = layer_as<MultiheadAttentionLayer>(*this, MultiheadAttentionSpec::kType);
    return recorded(self, {query, key, value},
                    [&] { return self.attend(query, key, value, options, mode); });
}

std::span<const LayerMaker> attention_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<MultiheadAttentionLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
