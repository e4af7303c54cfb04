// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/conv.h>

namespace ingot::nn {
namespace {

class Conv2dLayer : public DescribedLayer {
public:
    Conv2dLayer(std::int64_t in, std::int64_t out, const Conv2dOptions& options)
        : in_(in), out_(out), options_(options) {
        check_at_least("Conv2d", "in_channels", in, 1);
        check_at_least("Conv2d", "out_channels", out, 1);
        check_at_least("Conv2d", "groups", options.groups, 1);
        check_at_least("Conv2d", "kernel", options.kernel, 1);
        check_at_least("Conv2d", "stride", options.stride, 1);
        check_at_least("Conv2d", "padding", options.padding, 0);
        check_at_least("Conv2d", "dilation", options.dilation, 1);
        if (in % options.groups != 0 || out % options.groups != 0) {
            fail(ErrorKind::kInvalidArgument, "Conv2d: {} groups do not divide {} and {} channels",
                 options.groups, in, out);
        }
        const auto [kh, kw] = std::pair(options.kernel.height, options.kernel.width);
        const Shape shape{out, in / options.groups, kh, kw};
        add_parameter("weight",
                      [=](const auto& random) { return init::layer_weight(shape, random); });
        if (!options.bias) return;
        const std::int64_t fan_in = shape[1] * shape[2] * shape[3];
        add_parameter("bias",
                      [=](const auto& random) { return init::layer_bias({out}, fan_in, random); });
    }

    std::string type() const override { return "Conv2d"; }

    Tensor forward(const Tensor& x, Mode) override {
        const auto both = [](Size2 size) { return std::array{size.height, size.width}; };
        const Tensor weight = parameter(0);  // drawn first, whatever the compiler's order
        return conv2d(x, weight, options_.bias ? parameter(1).tensor() : Tensor(),
                      {.stride = both(options_.stride),
                       .padding = both(options_.padding),
                       .dilation = both(options_.dilation),
                       .groups = options_.groups});
    }

    void describe(Json& json) const override {
        json["in_channels"] = in_;
        json["out_channels"] = out_;
        json["kernel"] = json_of(options_.kernel);
        json["stride"] = json_of(options_.stride);
        json["padding"] = json_of(options_.padding);
        json["dilation"] = json_of(options_.dilation);
        json["groups"] = options_.groups;
        json["bias"] = options_.bias;
    }

private:
    std::int64_t in_;
    std::int64_t out_;
    Conv2dOptions options_;
};

Module make_conv2d(Fields& fields) {
    const Conv2dOptions defaults;
    const std::int64_t in = fields.integer("in_channels");
    const std::int64_t out = fields.integer("out_channels");
    return Conv2d(in, out,
                  {.kernel = fields.size("kernel", defaults.kernel),
                   .stride = fields.size("stride", defaults.stride),
                   .padding = fields.size("padding", defaults.padding),
                   .dilation = fields.size("dilation", defaults.dilation),
                   .groups = fields.integer("groups", defaults.groups),
                   .bias = fields.flag("bias", defaults.bias)});
}

}  // namespace

Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, const Conv2dOptions& options)
    : Module(std::make_shared<Conv2dLayer>(in_channels, out_channels, options)) {}

std::span<const LayerMaker> conv_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"Conv2d", make_conv2d},
    };
    return kMakers;
}

}  // namespace ingot::nn
