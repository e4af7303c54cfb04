// SPDX-License-Identifier: MIT
// LSTM, GRU and RNN differ in their gates, their state and the operator; the rest is one class.
#include "nn/describe.h"
#include "nn/record.h"

#include <ingot/nn/recurrent.h>

#include <cmath>

namespace ingot::nn {
namespace {

template <typename Options>
struct RecurrentSpec {
    std::int64_t input_size = 0, hidden_size = 0;
    Options options = {};

    void visit(OptionVisitor& option) {
        option.required("input_size", input_size);
        option.required("hidden_size", hidden_size);
        option("num_layers", options.num_layers);
        option("bias", options.bias);
        option("batch_first", options.batch_first);
        option("dropout", options.dropout);
        option("bidirectional", options.bidirectional);
    }
};
using Weights = std::span<const RecurrentWeights>;

struct LstmSpec : RecurrentSpec<RecurrentLayerOptions> {
    static constexpr const char* kType = "LSTM";
    static constexpr std::int64_t kGates = 4;
    using State = LstmState;
    LstmResult run(const Tensor& x, const State& state, Weights weights,
                   const RecurrentOptions& how) const {
        return lstm(x, state, weights, how);
    }
};

struct GruSpec : RecurrentSpec<RecurrentLayerOptions> {
    static constexpr const char* kType = "GRU";
    static constexpr std::int64_t kGates = 3;
    using State = Tensor;
    RecurrentResult run(const Tensor& x, const State& h, Weights weights,
                        const RecurrentOptions& how) const {
        return gru(x, h, weights, how);
    }
};

struct RnnSpec : RecurrentSpec<RNNOptions> {
    static constexpr const char* kType = "RNN";
    static constexpr std::int64_t kGates = 1;
    using State = Tensor;
    void visit(OptionVisitor& option) {
        RecurrentSpec::visit(option);
        option.choice("nonlinearity", options.nonlinearity, {"tanh", "relu"});
    }
    RecurrentResult run(const Tensor& x, const State& h, Weights weights,
                        const RecurrentOptions& how) const {
        return rnn(x, h, weights, how, options.nonlinearity);
    }
};

template <typename Spec>
class RecurrentLayer : public LayerOf<Spec> {
public:
    explicit RecurrentLayer(Spec s) : LayerOf<Spec>(s) {
        check_at_least(s.kType, "input_size", s.input_size, 1);
        check_at_least(s.kType, "hidden_size", s.hidden_size, 1);
        check_at_least(s.kType, "num_layers", s.options.num_layers, 1);
        check_probability(s.kType, "dropout", s.options.dropout);
        const std::int64_t gates = s.kGates * s.hidden_size;
        std::int64_t width = s.input_size;
        for (std::int64_t layer = 0; layer < s.options.num_layers; ++layer) {
            for (const char* direction : {"", "_reverse"}) {
                if (*direction != 0 && !s.options.bidirectional) continue;
                const std::string suffix = fmt::format("_l{}{}", layer, direction);
                add("weight_ih" + suffix, {gates, width});
                add("weight_hh" + suffix, {gates, s.hidden_size});
                if (!s.options.bias) continue;
                add("bias_ih" + suffix, {gates});
                add("bias_hh" + suffix, {gates});
            }
            width = directions() * s.hidden_size;
        }
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        return with_state(x, typename Spec::State(), mode).output;
    }

    auto with_state(const Tensor& x, const typename Spec::State& state, Mode mode) {
        const auto& options = this->spec().options;
        check_rank(this->spec().kType, x, 3, options.batch_first ? "[B, T, in]" : "[T, B, in]");
        check_axis(this->spec().kType, x, 2, this->spec().input_size, "input_size");
        std::vector<RecurrentWeights> weights;
        const auto passes = static_cast<std::size_t>(options.num_layers * directions());
        for (std::size_t pass = 0, next = 0; pass < passes; ++pass) {
            RecurrentWeights& w = weights.emplace_back();
            w.weight_ih = this->parameter(next++);
            w.weight_hh = this->parameter(next++);
            if (!options.bias) continue;
            w.bias_ih = this->parameter(next++);
            w.bias_hh = this->parameter(next++);
        }
        RecurrentOptions how{.bidirectional = options.bidirectional,
                             .batch_first = options.batch_first};
        if (mode == Mode::kTrain && options.dropout > 0) {
            how.dropout = static_cast<float>(options.dropout);
            how.generator = &this->generator();
        }
        try {
            return this->spec().run(x, state, weights, how);
        } catch (const Error& error) {  // of the state, whose shapes the operator knows
            fail(error.kind(), "{}: {}", this->spec().kType, error.what());
        }
    }

private:
    std::int64_t directions() const { return this->spec().options.bidirectional ? 2 : 1; }

    void add(std::string name, const Shape& shape) {
        const auto bound =
            static_cast<float>(1 / std::sqrt(static_cast<double>(this->spec().hidden_size)));
        this->add_parameter(std::move(name), [=](const auto& random) {
            return init::uniform(shape, -bound, bound, random);
        });
    }
};

template <typename Spec>
auto with_state(const Module& module, const Tensor& x, const typename Spec::State& state,
                Mode mode) {
    auto& layer = layer_as<RecurrentLayer<Spec>>(module, Spec::kType);
    return recorded(layer, {x}, [&] { return layer.with_state(x, state, mode); });
}

}  // namespace

LSTM::LSTM(std::int64_t input_size, std::int64_t hidden_size, const RecurrentLayerOptions& options)
    : Module(std::make_shared<RecurrentLayer<LstmSpec>>(
          LstmSpec{{input_size, hidden_size, options}})) {}
GRU::GRU(std::int64_t input_size, std::int64_t hidden_size, const RecurrentLayerOptions& options)
    : Module(
          std::make_shared<RecurrentLayer<GruSpec>>(GruSpec{{input_size, hidden_size, options}})) {}
RNN::RNN(std::int64_t input_size, std::int64_t hidden_size, const RNNOptions& options)
    : Module(
          std::make_shared<RecurrentLayer<RnnSpec>>(RnnSpec{{input_size, hidden_size, options}})) {}

LstmResult LSTM::with_state(const Tensor& x, const LstmState& state, Mode mode) const {
    return nn::with_state<LstmSpec>(*this, x, state, mode);
}
RecurrentResult GRU::with_state(const Tensor& x, const Tensor& h, Mode mode) const {
    return nn::with_state<GruSpec>(*this, x, h, mode);
}
RecurrentResult RNN::with_state(const Tensor& x, const Tensor& h, Mode mode) const {
    return nn::with_state<RnnSpec>(*this, x, h, mode);
}

std::span<const LayerMaker> recurrent_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<RecurrentLayer<LstmSpec>>(),
        maker_of<RecurrentLayer<GruSpec>>(),
        maker_of<RecurrentLayer<RnnSpec>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
