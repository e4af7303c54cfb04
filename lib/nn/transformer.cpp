// SPDX-License-Identifier: MIT
#include "nn/describe.h"
#include "nn/record.h"

#include <ingot/nn/dropout.h>
#include <ingot/nn/linear.h>
#include <ingot/nn/norm.h>
#include <ingot/nn/transformer.h>

namespace ingot::nn {
namespace {

struct TransformerSpec {
    std::int64_t d_model = 0, nhead = 0;
    TransformerLayerOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("d_model", d_model);
        option.required("nhead", nhead);
        option("dim_feedforward", options.dim_feedforward);
        option("dropout", options.dropout);
        option.choice("activation", options.activation, {"relu", "gelu"});
        option("layer_norm_eps", options.layer_norm_eps);
        option("norm_first", options.norm_first);
        option("bias", options.bias);
        option("is_causal", options.is_causal);
    }

    // Said before the parts say it in their own names.
    TransformerSpec checked(const char* type) const {
        check_at_least(type, "d_model", d_model, 1);
        check_at_least(type, "nhead", nhead, 1);
        check_at_least(type, "dim_feedforward", options.dim_feedforward, 1);
        check_probability(type, "dropout", options.dropout);
        check_epsilon(type, options.layer_norm_eps);
        if (d_model % nhead != 0) {
            fail(ErrorKind::kInvalidArgument, "{}: {} heads do not divide d_model {}", type, nhead,
                 d_model);
        }
        return *this;
    }

    Tensor activated(const Tensor& x) const {
        return options.activation == TransformerActivation::kRelu ? relu(x) : gelu(x);
    }
    MultiheadAttention attention() const {
        return {d_model, nhead, {.dropout = options.dropout, .bias = options.bias}};
    }
    LayerNorm norm() const {
        return LayerNorm(d_model, {.eps = options.layer_norm_eps, .bias = options.bias});
    }
};

void check_sequence(const char* type, const char* what, const Tensor& x, std::int64_t d_model) {
    if (x.shape().rank() == 3 && x.shape()[2] == d_model) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not [B, L, {}]", type, what,
         to_string(x.shape()), d_model);
}

// x + branch(x), with the norm in front of the branch or behind the sum.
template <typename Branch>
Tensor residual(const Tensor& x, const Module& norm, bool norm_first, Mode mode, Branch&& branch) {
    if (norm_first) return x + branch(norm(x, mode));
    return norm(x + branch(x), mode);
}

struct EncoderLayerSpec : TransformerSpec {
    static constexpr const char* kType = "TransformerEncoderLayer";
};

class EncoderLayer : public LayerOf<EncoderLayerSpec> {
public:
    explicit EncoderLayer(EncoderLayerSpec s) : LayerOf({s.checked(s.kType)}) {}

    Tensor forward(const Tensor& x, Mode mode) override {
        return encode(x, {.is_causal = spec().options.is_causal}, mode);
    }

    Tensor encode(const Tensor& x, const AttendOptions& options, Mode mode) {
        check_sequence(spec().kType, "x", x, spec().d_model);
        const bool first = spec().options.norm_first;
        const Tensor y = residual(x, norm1_, first, mode, [&](const Tensor& in) {
            return dropout1_(attention_.attend(in, in, in, options, mode), mode);
        });
        return residual(y, norm2_, first, mode, [&](const Tensor& in) {
            const Tensor hidden = spec().activated(linear1_(in, mode));
            return dropout2_(linear2_(dropout_(hidden, mode), mode), mode);
        });
    }

private:
    const std::int64_t wide_ = spec().options.dim_feedforward;
    const LinearOptions linear_{.bias = spec().options.bias};
    MultiheadAttention attention_ = add_child("self_attn", spec().attention());
    Linear linear1_ = add_child("linear1", Linear{spec().d_model, wide_, linear_});
    Dropout dropout_ = add_child("dropout", Dropout{spec().options.dropout});
    Linear linear2_ = add_child("linear2", Linear{wide_, spec().d_model, linear_});
    LayerNorm norm1_ = add_child("norm1", spec().norm());
    LayerNorm norm2_ = add_child("norm2", spec().norm());
    Dropout dropout1_ = add_child("dropout1", Dropout{spec().options.dropout});
    Dropout dropout2_ = add_child("dropout2", Dropout{spec().options.dropout});
};

struct DecoderLayerSpec : TransformerSpec {
    static constexpr const char* kType = "TransformerDecoderLayer";
};

class DecoderLayer : public LayerOf<DecoderLayerSpec> {
public:
    explicit DecoderLayer(DecoderLayerSpec s) : LayerOf({s.checked(s.kType)}) {}

    Tensor forward(const Tensor&, Mode) override {
        fail(ErrorKind::kInvalidArgument, "{}: forward(x) has no memory; call decode()",
             spec().kType);
    }

    Tensor decode(const Tensor& target, const Tensor& memory, const DecodeOptions& options,
                  Mode mode) {
        check_sequence(spec().kType, "target", target, spec().d_model);
        check_sequence(spec().kType, "memory", memory, spec().d_model);
        const bool first = spec().options.norm_first;
        const Tensor y = residual(target, norm1_, first, mode, [&](const Tensor& in) {
            return dropout1_(attention_.attend(in, in, in, options.self, mode), mode);
        });
        const Tensor z = residual(y, norm2_, first, mode, [&](const Tensor& in) {
            return dropout2_(memory_attention_.attend(in, memory, memory, options.memory, mode),
                             mode);
        });
        return residual(z, norm3_, first, mode, [&](const Tensor& in) {
            const Tensor hidden = spec().activated(linear1_(in, mode));
            return dropout3_(linear2_(dropout_(hidden, mode), mode), mode);
        });
    }

private:
    const std::int64_t wide_ = spec().options.dim_feedforward;
    const LinearOptions linear_{.bias = spec().options.bias};
    MultiheadAttention attention_ = add_child("self_attn", spec().attention());
    MultiheadAttention memory_attention_ = add_child("multihead_attn", spec().attention());
    Linear linear1_ = add_child("linear1", Linear{spec().d_model, wide_, linear_});
    Dropout dropout_ = add_child("dropout", Dropout{spec().options.dropout});
    Linear linear2_ = add_child("linear2", Linear{wide_, spec().d_model, linear_});
    LayerNorm norm1_ = add_child("norm1", spec().norm());
    LayerNorm norm2_ = add_child("norm2", spec().norm());
    LayerNorm norm3_ = add_child("norm3", spec().norm());
    Dropout dropout1_ = add_child("dropout1", Dropout{spec().options.dropout});
    Dropout dropout2_ = add_child("dropout2", Dropout{spec().options.dropout});
    Dropout dropout3_ = add_child("dropout3", Dropout{spec().options.dropout});
};

struct EncoderSpec {
    static constexpr const char* kType = "TransformerEncoder";
    std::optional<Module> layer = {};
    std::int64_t num_layers = 0;
    std::optional<Module> norm = {};

    void visit(OptionVisitor& option) {
        option.required("layer", layer);
        option.required("num_layers", num_layers);
        option("norm", norm);
    }
};

class Encoder : public LayerOf<EncoderSpec> {
public:
    explicit Encoder(EncoderSpec s) : LayerOf(std::move(s)) {
        check_at_least(spec().kType, "num_layers", spec().num_layers, 1);
        const Module& layer = *spec().layer;
        if (dynamic_cast<EncoderLayer*>(layer.layer().get()) == nullptr) {
            fail(ErrorKind::kInvalidArgument, "{}: is made of {}, not of {}", spec().kType,
                 EncoderLayerSpec::kType, layer.type());
        }
        for (std::int64_t i = 0; i < spec().num_layers; ++i)
            add_child(fmt::format("layers.{}", i), clone(layer));
        if (spec().norm) add_child("norm", *spec().norm);
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        return behind(x, mode,
                      [&](const Module& layer, const Tensor& y) { return layer.forward(y, mode); });
    }

    Tensor encode(const Tensor& x, const AttendOptions& options, Mode mode) {
        return behind(x, mode, [&](const Module& layer, const Tensor& y) {
            auto& below = layer_as<EncoderLayer>(layer, EncoderLayerSpec::kType);
            return recorded(below, {y}, [&] { return below.encode(y, options, mode); });
        });
    }

private:
    template <typename Apply>
    Tensor behind(const Tensor& x, Mode mode, Apply&& apply) const {
        Tensor y = x;
        const auto layers = static_cast<std::size_t>(spec().num_layers);
        for (std::size_t i = 0; i < layers; ++i)
            y = apply(children()[i], y);
        return spec().norm ? children()[layers](y, mode) : y;
    }
};

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(std::int64_t d_model, std::int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : Module(std::make_shared<EncoderLayer>(EncoderLayerSpec{{d_model, nhead, options}})) {}
TransformerEncoder::TransformerEncoder(const TransformerEncoderLayer& layer,
                                       std::int64_t num_layers, std::optional<Module> norm)
    : Module(std::make_shared<Encoder>(EncoderSpec{layer, num_layers, std::move(norm)})) {}
TransformerDecoderLayer::TransformerDecoderLayer(std::int64_t d_model, std::int64_t nhead,
                                                 const TransformerLayerOptions& options)
    : Module(std::make_shared<DecoderLayer>(DecoderLayerSpec{{d_model, nhead, options}})) {}

Tensor TransformerEncoderLayer::encode(const Tensor& x, const AttendOptions& options,
                                       Mode mode) const {
    auto& self = layer_as<EncoderLayer>(*this, EncoderLayerSpec::kType);
    return recorded(self, {x}, [&] { return self.encode(x, options, mode); });
}
Tensor TransformerEncoder::encode(const Tensor& x, const AttendOptions& options, Mode mode) const {
    auto& self = layer_as<Encoder>(*this, EncoderSpec::kType);
    return recorded(self, {x}, [&] { return self.encode(x, options, mode); });
}
Tensor TransformerDecoderLayer::decode(const Tensor& target, const Tensor& memory,
                                       const DecodeOptions& options, Mode mode) const {
    auto& self = layer_as<DecoderLayer>(*this, DecoderLayerSpec::kType);
    return recorded(self, {target, memory},
                    [&] { return self.decode(target, memory, options, mode); });
}

std::span<const LayerMaker> transformer_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<EncoderLayer>(),
        maker_of<Encoder>(),
        maker_of<DecoderLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
