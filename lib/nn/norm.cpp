// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/norm.h>

namespace ingot::nn {
namespace {

class BatchNormLayer : public DescribedLayer {
public:
    BatchNormLayer(int axes, std::int64_t channels, const BatchNormLayerOptions& options)
        : axes_(axes), channels_(channels), options_(options) {
        check_at_least(type().c_str(), "channels", channels, 1);
        if (!(options.epsilon > 0) || !(options.momentum >= 0 && options.momentum <= 1)) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: epsilon is {} and momentum {}; they lie above 0 and in [0, 1]", type(),
                 options.epsilon, options.momentum);
        }
        const auto filled = [=](float value) {
            return [=](const init::RandomOptions&) { return init::constant({channels}, value); };
        };
        add_parameter("weight", filled(1));
        add_parameter("bias", filled(0));
        add_buffer("running_mean", filled(0));
        add_buffer("running_var", filled(1));
    }

    std::string type() const override { return axes_ == 1 ? "BatchNorm1d" : "BatchNorm2d"; }

    Tensor forward(const Tensor& x, Mode mode) override {
        const std::size_t rank = x.shape().rank();
        if (axes_ == 1 ? rank != 2 && rank != 3 : rank != 4) {
            fail(ErrorKind::kInvalidArgument, "{}: takes {}, not {}", type(),
                 axes_ == 1 ? "[B, C] or [B, C, L]" : "[B, C, H, W]", to_string(x.shape()));
        }
        const Tensor scale = parameter(0), shift = parameter(1);
        const Parameter mean = buffer(0), variance = buffer(1);
        return batch_norm(x, scale, shift, mean, variance,
                          {.epsilon = static_cast<float>(options_.epsilon),
                           .momentum = static_cast<float>(options_.momentum),
                           .training = mode == Mode::kTrain});
    }

    void describe(Json& json) const override {
        json["channels"] = channels_;
        json["epsilon"] = options_.epsilon;
        json["momentum"] = options_.momentum;
    }

private:
    int axes_;
    std::int64_t channels_;
    BatchNormLayerOptions options_;
};

template <typename BatchNorm>
Module make_batch_norm(Fields& fields) {
    const BatchNormLayerOptions defaults;
    return BatchNorm(fields.integer("channels"),
                     {.epsilon = fields.number("epsilon", defaults.epsilon),
                      .momentum = fields.number("momentum", defaults.momentum)});
}

}  // namespace

BatchNorm1d::BatchNorm1d(std::int64_t channels, const BatchNormLayerOptions& options)
    : Module(std::make_shared<BatchNormLayer>(1, channels, options)) {}
BatchNorm2d::BatchNorm2d(std::int64_t channels, const BatchNormLayerOptions& options)
    : Module(std::make_shared<BatchNormLayer>(2, channels, options)) {}

std::span<const LayerMaker> norm_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"BatchNorm1d", make_batch_norm<BatchNorm1d>},
        {"BatchNorm2d", make_batch_norm<BatchNorm2d>},
    };
    return kMakers;
}

}  // namespace ingot::nn
