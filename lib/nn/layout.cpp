// SPDX-License-Identifier: MIT
#include "nn/describe.h"

#include <ingot/nn/layout.h>

namespace ingot::nn {
namespace {

class FlattenLayer : public DescribedLayer {
public:
    FlattenLayer(std::int64_t start_axis, std::int64_t end_axis)
        : start_axis_(start_axis), end_axis_(end_axis) {}

    std::string type() const override { return "Flatten"; }
    Tensor forward(const Tensor& x, Mode) override { return flatten(x, start_axis_, end_axis_); }
    void describe(Json& json) const override {
        json["start_axis"] = start_axis_;
        json["end_axis"] = end_axis_;
    }

private:
    std::int64_t start_axis_;
    std::int64_t end_axis_;
};

Module make_flatten(Fields& fields) {
    const std::int64_t start_axis = fields.integer("start_axis", 1);
    return Flatten(start_axis, fields.integer("end_axis", -1));
}

}  // namespace

Flatten::Flatten(std::int64_t start_axis, std::int64_t end_axis)
    : Module(std::make_shared<FlattenLayer>(start_axis, end_axis)) {}

std::span<const LayerMaker> layout_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"Flatten", make_flatten},
    };
    return kMakers;
}

}  // namespace ingot::nn
