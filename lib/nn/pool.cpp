// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/pool.h>

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

std::span<const LayerMaker> pool_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"AvgPool2d", make_pool<AvgPool2d>},
        {"MaxPool2d", make_pool<MaxPool2d>},
    };
    return kMakers;
}

}  // namespace ingot::nn
