// SPDX-License-Identifier: MIT
// Layers without weights that see one element at a time, and dropout.
#include "core/check.h"
#include "nn/describe.h"

namespace ingot::nn {
namespace {

class FunctionLayer : public DescribedLayer {
public:
    using Function = Tensor (*)(const Tensor&);
    FunctionLayer(const char* type, Function function) : type_(type), function_(function) {}

    std::string type() const override { return type_; }
    Tensor forward(const Tensor& x, Mode) override { return function_(x); }
    void describe(Json&) const override {}

private:
    const char* type_;
    Function function_;
};

class GeluLayer : public DescribedLayer {
public:
    explicit GeluLayer(GeluForm form) : form_(form) {}

    std::string type() const override { return "GELU"; }
    Tensor forward(const Tensor& x, Mode) override { return gelu(x, form_); }
    void describe(Json& json) const override {
        json["approximate"] = form_ == GeluForm::kErf ? "none" : "tanh";
    }

private:
    GeluForm form_;
};

class DropoutLayer : public DescribedLayer {
public:
    explicit DropoutLayer(double p) : p_(p) {
        if (!(p >= 0 && p < 1)) {
            fail(ErrorKind::kInvalidArgument, "Dropout: p is {}, not in [0, 1)", p);
        }
    }

    std::string type() const override { return "Dropout"; }
    Tensor forward(const Tensor& x, Mode mode) override {
        if (mode == Mode::kEval || p_ == 0) return x;
        return dropout(x, generator(), static_cast<float>(p_));
    }
    void describe(Json& json) const override { json["p"] = p_; }

private:
    double p_;
};

Module function(const char* type, FunctionLayer::Function function) {
    return std::make_shared<FunctionLayer>(type, function);
}

}  // namespace

ReLU::ReLU() : Module(function("ReLU", relu)) {}
Tanh::Tanh() : Module(function("Tanh", tanh)) {}
Sigmoid::Sigmoid() : Module(function("Sigmoid", sigmoid)) {}
GELU::GELU(GeluForm form) : Module(std::make_shared<GeluLayer>(form)) {}
Dropout::Dropout(double p) : Module(std::make_shared<DropoutLayer>(p)) {}

Module make_relu(Fields&) {
    return ReLU();
}
Module make_tanh(Fields&) {
    return Tanh();
}
Module make_sigmoid(Fields&) {
    return Sigmoid();
}
Module make_gelu(Fields& fields) {
    const std::string form = fields.choice("approximate", {"none", "tanh"});
    return GELU(form == "none" ? GeluForm::kErf : GeluForm::kTanh);
}
Module make_dropout(Fields& fields) {
    return Dropout(fields.number("p", 0.5));
}

}  // namespace ingot::nn
