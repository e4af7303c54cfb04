// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/dropout.h>

namespace ingot::nn {
namespace {

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

Module make_dropout(Fields& fields) {
    return Dropout(fields.number("p", 0.5));
}

}  // namespace

Dropout::Dropout(double p) : Module(std::make_shared<DropoutLayer>(p)) {}

std::span<const LayerMaker> dropout_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"Dropout", make_dropout},
    };
    return kMakers;
}

}  // namespace ingot::nn
