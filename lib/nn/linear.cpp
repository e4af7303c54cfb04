// SPDX-License-Identifier: MIT
#include "nn/describe.h"

#include <ingot/nn/linear.h>

namespace ingot::nn {
namespace {

struct LinearSpec {
    static constexpr const char* kType = "Linear";
    std::int64_t in_features = 0, out_features = 0;
    LinearOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("in_features", in_features);
        option.required("out_features", out_features);
        option("bias", options.bias);
    }
};

class LinearLayer : public LayerOf<LinearSpec> {
public:
    explicit LinearLayer(LinearSpec s) : LayerOf(s) {
        check_at_least("Linear", "in_features", s.in_features, 1);
        check_at_least("Linear", "out_features", s.out_features, 1);
        add_parameter("weight", [=](const auto& random) {
            return init::layer_weight({s.out_features, s.in_features}, random);
        });
        if (!s.options.bias) return;
        add_parameter("bias", [=](const auto& random) {
            return init::layer_bias({s.out_features}, s.in_features, random);
        });
    }

    Tensor forward(const Tensor& x, Mode) override {
        if (x.shape().rank() == 0) check_rank("Linear", x, 1, "[..., in_features]");
        check_axis("Linear", x, x.shape().rank() - 1, spec().in_features, "in_features");
        const Tensor weight = parameter(0);  // drawn first, whatever the compiler's order
        return linear(x, weight, spec().options.bias ? parameter(1).tensor() : Tensor());
    }
};

}  // namespace

Linear::Linear(std::int64_t in_features, std::int64_t out_features, const LinearOptions& options)
    : Module(std::make_shared<LinearLayer>(LinearSpec{in_features, out_features, options})) {}

std::span<const LayerMaker> linear_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<LinearLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
