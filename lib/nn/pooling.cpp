// SPDX-License-Identifier: MIT
// Layers without weights that change the shape: pooling and flattening.
#include "core/check.h"
#include "nn/describe.h"

namespace ingot::nn {
namespace {

class PoolLayer : public DescribedLayer {
public:
    using Function = Tensor (*)(const Tensor&, Size2 kernel, const PoolLayerOptions&);
    PoolLayer(const char* type, Function function, Size2 kernel, const PoolLayerOptions& options)
        : type_(type), function_(function), kernel_(kernel), options_(options) {
        check_at_least(type, "kernel", kernel, 1);
        check_at_least(type, "stride", options.stride, 0);
        check_at_least(type, "padding", options.padding, 0);
        if (2 * options.padding.height > kernel.height ||
            2 * options.padding.width > kernel.width) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: padding {} x {} is more than half the kernel {} x {}", type,
                 options.padding.height, options.padding.width, kernel.height, kernel.width);
        }
    }

    std::string type() const override { return type_; }

    Tensor forward(const Tensor& x, Mode) override { return function_(x, kernel_, options_); }

    void describe(Json& json) const override {
        json["kernel"] = json_of(kernel_);
        json["stride"] = json_of(options_.stride);
        json["padding"] = json_of(options_.padding);
    }

private:
    const char* type_;
    Function function_;
    Size2 kernel_;
    PoolLayerOptions options_;
};

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

template <typename Options>
Options options_of(Size2 kernel, const PoolLayerOptions& o) {
    const auto both = [](Size2 size) { return std::array{size.height, size.width}; };
    return {.kernel = both(kernel), .stride = both(o.stride), .padding = both(o.padding)};
}
Tensor max_of(const Tensor& x, Size2 kernel, const PoolLayerOptions& options) {
    return max_pool2d(x, options_of<MaxPool2dOptions>(kernel, options));
}
Tensor mean_of(const Tensor& x, Size2 kernel, const PoolLayerOptions& options) {
    return avg_pool2d(x, options_of<AvgPool2dOptions>(kernel, options));
}

template <typename Pool>
Module make_pool(Fields& fields) {
    if (fields.size("kernel", 0) == Size2(0)) fields.complain("\"kernel\" is missing or 0");
    const PoolLayerOptions defaults;
    return Pool(fields.size("kernel", 0), {.stride = fields.size("stride", defaults.stride),
                                           .padding = fields.size("padding", defaults.padding)});
}

}  // namespace

MaxPool2d::MaxPool2d(Size2 kernel, const PoolLayerOptions& options)
    : Module(std::make_shared<PoolLayer>("MaxPool2d", max_of, kernel, options)) {}
AvgPool2d::AvgPool2d(Size2 kernel, const PoolLayerOptions& options)
    : Module(std::make_shared<PoolLayer>("AvgPool2d", mean_of, kernel, options)) {}
Flatten::Flatten(std::int64_t start_axis, std::int64_t end_axis)
    : Module(std::make_shared<FlattenLayer>(start_axis, end_axis)) {}

Module make_max_pool2d(Fields& fields) {
    return make_pool<MaxPool2d>(fields);
}
Module make_avg_pool2d(Fields& fields) {
    return make_pool<AvgPool2d>(fields);
}
Module make_flatten(Fields& fields) {
    const std::int64_t start_axis = fields.integer("start_axis", 1);
    return Flatten(start_axis, fields.integer("end_axis", -1));
}

}  // namespace ingot::nn
