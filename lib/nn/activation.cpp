// SPDX-License-Identifier: MIT
// Layers without weights that see one element at a time.
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/activation.h>

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

Module function(const char* type, FunctionLayer::Function function) {
    return std::make_shared<FunctionLayer>(type, function);
}

template <typename L>
Module make(Fields&) {
    return L();
}

Module make_gelu(Fields& fields) {
    const std::string form = fields.choice("approximate", {"none", "tanh"});
    return GELU(form == "none" ? GeluForm::kErf : GeluForm::kTanh);
}

}  // namespace

ReLU::ReLU() : Module(function("ReLU", relu)) {}
Tanh::Tanh() : Module(function("Tanh", tanh)) {}
Sigmoid::Sigmoid() : Module(function("Sigmoid", sigmoid)) {}
GELU::GELU(GeluForm form) : Module(std::make_shared<GeluLayer>(form)) {}

std::span<const LayerMaker> activation_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"GELU", make_gelu},
        {"ReLU", make<ReLU>},
        {"Sigmoid", make<Sigmoid>},
        {"Tanh", make<Tanh>},
    };
    return kMakers;
}

}  // namespace ingot::nn
