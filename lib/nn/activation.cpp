// SPDX-License-Identifier: MIT
#include "nn/function.h"

#include <ingot/nn/activation.h>

#include <cmath>

namespace ingot::nn {
namespace {

using ReluSpec = FunctionSpec<"ReLU", relu>;
using Relu6Spec = FunctionSpec<"ReLU6", relu6>;
using SeluSpec = FunctionSpec<"SELU", selu>;
using SiluSpec = FunctionSpec<"SiLU", silu>;
using MishSpec = FunctionSpec<"Mish", mish>;
using TanhSpec = FunctionSpec<"Tanh", tanh>;
using SigmoidSpec = FunctionSpec<"Sigmoid", sigmoid>;
using LogSigmoidSpec = FunctionSpec<"LogSigmoid", log_sigmoid>;
using SoftsignSpec = FunctionSpec<"Softsign", softsign>;
using HardsigmoidSpec = FunctionSpec<"Hardsigmoid", hardsigmoid>;
using HardswishSpec = FunctionSpec<"Hardswish", hardswish>;

void check_finite(const char* layer, const char* option, double value) {
    if (std::isfinite(value)) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, no finite number", layer, option, value);
}

struct LeakyReluSpec {
    static constexpr const char* kType = "LeakyReLU";
    double negative_slope = 0.01;
    void visit(OptionVisitor& option) { option("negative_slope", negative_slope); }
    void check() const { check_finite(kType, "negative_slope", negative_slope); }
    Tensor run(const Tensor& x) const { return leaky_relu(x, static_cast<float>(negative_slope)); }
};

struct EluSpec {
    static constexpr const char* kType = "ELU";
    double alpha = 1;
    void visit(OptionVisitor& option) { option("alpha", alpha); }
    void check() const { check_finite(kType, "alpha", alpha); }
    Tensor run(const Tensor& x) const { return elu(x, static_cast<float>(alpha)); }
};

struct CeluSpec {
    static constexpr const char* kType = "CELU";
    double alpha = 1;
    void visit(OptionVisitor& option) { option("alpha", alpha); }
    void check() const {
        check_finite(kType, "alpha", alpha);
        if (alpha == 0)
            fail(ErrorKind::kInvalidArgument, "CELU: alpha is 0, and x is divided by it");
    }
    Tensor run(const Tensor& x) const { return celu(x, static_cast<float>(alpha)); }
};

struct GeluSpec {
    static constexpr const char* kType = "GELU";
    GeluForm form = GeluForm::kErf;
    void visit(OptionVisitor& option) { option.choice("approximate", form, {"none", "tanh"}); }
    Tensor run(const Tensor& x) const { return gelu(x, form); }
};

struct SoftplusSpec {
    static constexpr const char* kType = "Softplus";
    double beta = 1;
    void visit(OptionVisitor& option) { option("beta", beta); }
    void check() const {
        if (beta > 0 && std::isfinite(beta)) return;
        fail(ErrorKind::kInvalidArgument, "Softplus: beta is {}, not a number above 0", beta);
    }
    Tensor run(const Tensor& x) const { return softplus(x, static_cast<float>(beta)); }
};

struct HardtanhSpec {
    static constexpr const char* kType = "Hardtanh";
    double min_val = -1, max_val = 1;
    void visit(OptionVisitor& option) {
        option("min_val", min_val);
        option("max_val", max_val);
    }
    void check() const {
        if (min_val < max_val) return;
        fail(ErrorKind::kInvalidArgument, "Hardtanh: min_val {} is not below max_val {}", min_val,
             max_val);
    }
    Tensor run(const Tensor& x) const {
        return hardtanh(x, static_cast<float>(min_val), static_cast<float>(max_val));
    }
};

struct ThresholdSpec {
    static constexpr const char* kType = "Threshold";
    double threshold = 0, value = 0;
    void visit(OptionVisitor& option) {
        option.required("threshold", threshold);
        option.required("value", value);
    }
    Tensor run(const Tensor& x) const {
        return ingot::threshold(x, static_cast<float>(threshold), static_cast<float>(value));
    }
};

// A function along an axis.
template <Name kName, Tensor (*kFunction)(const Tensor&, std::int64_t)>
struct AxisSpec {
    static constexpr const char* kType = kName.text;
    std::int64_t axis = -1;
    void visit(OptionVisitor& option) { option("axis", axis); }
    Tensor run(const Tensor& x) const {
        return kFunction(x, static_cast<std::int64_t>(resolve_axis(kType, axis, x.shape())));
    }
};

Tensor glu(const Tensor& x, std::int64_t axis) {
    const std::int64_t size = x.shape()[static_cast<std::size_t>(axis)];
    if (size % 2 != 0) {
        fail(ErrorKind::kInvalidArgument, "GLU: axis {} of {} has no halves: {}", axis,
             to_string(x.shape()), size);
    }
    const std::vector<Tensor> halves = split(x, size / 2, axis);
    return halves[0] * sigmoid(halves[1]);
}

using GluSpec = AxisSpec<"GLU", glu>;
using SoftmaxSpec = AxisSpec<"Softmax", softmax>;
using LogSoftmaxSpec = AxisSpec<"LogSoftmax", log_softmax>;

struct PReluSpec {
    static constexpr const char* kType = "PReLU";
    std::int64_t num_parameters = 1;
    PReLUOptions options = {};

    void visit(OptionVisitor& option) {
        option("num_parameters", num_parameters);
        option("init", options.init);
    }
};

class PReluLayer : public LayerOf<PReluSpec> {
public:
    explicit PReluLayer(PReluSpec s) : LayerOf(s) {
        check_at_least(s.kType, "num_parameters", s.num_parameters, 1);
        check_finite(s.kType, "init", s.options.init);
        add_parameter("weight", [=](const auto&) {
            return init::constant({s.num_parameters}, static_cast<float>(s.options.init));
        });
    }

    Tensor forward(const Tensor& x, Mode) override {
        const std::int64_t count = spec().num_parameters;
        const Tensor weight = parameter(0);
        if (count == 1) return prelu(x, weight);
        if (x.shape().rank() < 2) check_rank("PReLU", x, 2, "[B, C, ...]");
        check_axis("PReLU", x, 1, count, "num_parameters");
        Shape by_channel{count};
        for (std::size_t axis = 2; axis < x.shape().rank(); ++axis)
            by_channel = by_channel.inserted(axis - 1, 1);
        return prelu(x, reshape(weight, by_channel));
    }
};

}  // namespace

ReLU::ReLU() : Module(function_layer(ReluSpec{})) {}
ReLU6::ReLU6() : Module(function_layer(Relu6Spec{})) {}
LeakyReLU::LeakyReLU(double negative_slope)
    : Module(function_layer(LeakyReluSpec{negative_slope})) {}
PReLU::PReLU(std::int64_t num_parameters, const PReLUOptions& options)
    : Module(std::make_shared<PReluLayer>(PReluSpec{num_parameters, options})) {}
ELU::ELU(double alpha) : Module(function_layer(EluSpec{alpha})) {}
SELU::SELU() : Module(function_layer(SeluSpec{})) {}
CELU::CELU(double alpha) : Module(function_layer(CeluSpec{alpha})) {}
GELU::GELU(GeluForm form) : Module(function_layer(GeluSpec{form})) {}
SiLU::SiLU() : Module(function_layer(SiluSpec{})) {}
Mish::Mish() : Module(function_layer(MishSpec{})) {}
Tanh::Tanh() : Module(function_layer(TanhSpec{})) {}
Sigmoid::Sigmoid() : Module(function_layer(SigmoidSpec{})) {}
LogSigmoid::LogSigmoid() : Module(function_layer(LogSigmoidSpec{})) {}
Softplus::Softplus(double beta) : Module(function_layer(SoftplusSpec{beta})) {}
Softsign::Softsign() : Module(function_layer(SoftsignSpec{})) {}
Hardtanh::Hardtanh(double min_val, double max_val)
    : Module(function_layer(HardtanhSpec{min_val, max_val})) {}
Hardsigmoid::Hardsigmoid() : Module(function_layer(HardsigmoidSpec{})) {}
Hardswish::Hardswish() : Module(function_layer(HardswishSpec{})) {}
Threshold::Threshold(double threshold, double value)
    : Module(function_layer(ThresholdSpec{threshold, value})) {}
GLU::GLU(std::int64_t axis) : Module(function_layer(GluSpec{axis})) {}
Softmax::Softmax(std::int64_t axis) : Module(function_layer(SoftmaxSpec{axis})) {}
LogSoftmax::LogSoftmax(std::int64_t axis) : Module(function_layer(LogSoftmaxSpec{axis})) {}

std::span<const LayerMaker> activation_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<FunctionLayer<ReluSpec>>(),        maker_of<FunctionLayer<Relu6Spec>>(),
        maker_of<FunctionLayer<LeakyReluSpec>>(),   maker_of<PReluLayer>(),
        maker_of<FunctionLayer<EluSpec>>(),         maker_of<FunctionLayer<SeluSpec>>(),
        maker_of<FunctionLayer<CeluSpec>>(),        maker_of<FunctionLayer<GeluSpec>>(),
        maker_of<FunctionLayer<SiluSpec>>(),        maker_of<FunctionLayer<MishSpec>>(),
        maker_of<FunctionLayer<TanhSpec>>(),        maker_of<FunctionLayer<SigmoidSpec>>(),
        maker_of<FunctionLayer<LogSigmoidSpec>>(),  maker_of<FunctionLayer<SoftplusSpec>>(),
        maker_of<FunctionLayer<SoftsignSpec>>(),    maker_of<FunctionLayer<HardtanhSpec>>(),
        maker_of<FunctionLayer<HardsigmoidSpec>>(), maker_of<FunctionLayer<HardswishSpec>>(),
        maker_of<FunctionLayer<ThresholdSpec>>(),   maker_of<FunctionLayer<GluSpec>>(),
        maker_of<FunctionLayer<SoftmaxSpec>>(),     maker_of<FunctionLayer<LogSoftmaxSpec>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
