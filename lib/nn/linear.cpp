// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/linear.h>

namespace ingot::nn {
namespace {

class LinearLayer : public DescribedLayer {
public:
    LinearLayer(std::int64_t in, std::int64_t out, const LinearOptions& options)
        : in_(in), out_(out), options_(options) {
        check_at_least("Linear", "in_features", in, 1);
        check_at_least("Linear", "out_features", out, 1);
        add_parameter("weight", [=](const auto& random) {
            return init::layer_weight({out, in}, random);
        });
        if (!options.bias) return;
        add_parameter("bias",
                      [=](const auto& random) { return init::layer_bias({out}, in, random); });
    }

    std::string type() const override { return "Linear"; }

    Tensor forward(const Tensor& x, Mode) override {
        const Tensor weight = parameter(0);  // drawn first, whatever the compiler's order
        return linear(x, weight, options_.bias ? parameter(1).tensor() : Tensor());
    }

    void describe(Json& json) const override {
        json["in_features"] = in_;
        json["out_features"] = out_;
        json["bias"] = options_.bias;
    }

private:
    std::int64_t in_;
    std::int64_t out_;
    LinearOptions options_;
};

Module make_linear(Fields& fields) {
    const std::int64_t in = fields.integer("in_features");
    const std::int64_t out = fields.integer("out_features");
    return Linear(in, out, {.bias = fields.flag("bias", true)});
}

}  // namespace

Linear::Linear(std::int64_t in_features, std::int64_t out_features, const LinearOptions& options)
    : Module(std::make_shared<LinearLayer>(in_features, out_features, options)) {}

void check_at_least(const char* layer, const char* option, std::int64_t value, std::int64_t least) {
    if (value < least) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, below {}", layer, option, value, least);
    }
}

void check_at_least(const char* layer, const char* option, Size2 value, std::int64_t least) {
    check_at_least(layer, option, value.height, least);
    check_at_least(layer, option, value.width, least);
}

std::span<const LayerMaker> linear_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"Linear", make_linear},
    };
    return kMakers;
}

}  // namespace ingot::nn
