// SPDX-License-Identifier: MIT
// One class for one, two and three axes, and one for their transposes.
#include "nn/axes.h"
#include "nn/describe.h"

#include <ingot/nn/conv.h>

#include <algorithm>

namespace ingot::nn {
namespace {

template <std::size_t Axes>
struct ConvSpec {
    static constexpr const char* kType = std::array{"Conv1d", "Conv2d", "Conv3d"}[Axes - 1];
    std::int64_t in_channels = 0, out_channels = 0;
    ConvOptions<Axes> options = {};

    void visit(OptionVisitor& option) {
        option.required("in_channels", in_channels);
        option.required("out_channels", out_channels);
        option("kernel", options.kernel);
        option("stride", options.stride);
        option("padding", options.padding);
        option("dilation", options.dilation);
        option("groups", options.groups);
        option("bias", options.bias);
        option("same", options.same);
        option.choice("padding_mode", options.padding_mode,
                      {"zeros", "reflect", "replicate", "circular"});
    }
};

template <std::size_t Axes>
struct ConvTransposeSpec {
    static constexpr const char* kType =
        std::array{"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"}[Axes - 1];
    std::int64_t in_channels = 0, out_channels = 0;
    ConvTransposeOptions<Axes> options = {};

    void visit(OptionVisitor& option) {
        option.required("in_channels", in_channels);
        option.required("out_channels", out_channels);
        option("kernel", options.kernel);
        option("stride", options.stride);
        option("padding", options.padding);
        option("output_padding", options.output_padding);
        option("dilation", options.dilation);
        option("groups", options.groups);
        option("bias", options.bias);
    }
};

// What both have: sizes that make sense, a weight [first, second / groups, kernel ...] and a bias.
template <typename Spec, std::size_t Axes>
class ConvBase : public LayerOf<Spec> {
protected:
    ConvBase(const Spec& s, std::int64_t first, std::int64_t second) : LayerOf<Spec>(s) {
        check_at_least(s.kType, "in_channels", s.in_channels, 1);
        check_at_least(s.kType, "out_channels", s.out_channels, 1);
        check_at_least(s.kType, "groups", s.options.groups, 1);
        check_at_least(s.kType, "kernel", s.options.kernel, 1);
        check_at_least(s.kType, "stride", s.options.stride, 1);
        check_at_least(s.kType, "padding", s.options.padding, 0);
        check_at_least(s.kType, "dilation", s.options.dilation, 1);
        if (s.in_channels % s.options.groups != 0 || s.out_channels % s.options.groups != 0) {
            fail(ErrorKind::kInvalidArgument, "{}: {} groups do not divide {} and {} channels",
                 s.kType, s.options.groups, s.in_channels, s.out_channels);
        }
        std::vector<std::int64_t> sizes{first, second / s.options.groups};
        sizes.insert(sizes.end(), s.options.kernel.axes.begin(), s.options.kernel.axes.end());
        const Shape shape(sizes);
        this->add_parameter("weight",
                            [=](const auto& random) { return init::layer_weight(shape, random); });
        if (!s.options.bias) return;
        const std::int64_t fan_in = shape.count() / first;
        this->add_parameter("bias", [=, out = s.out_channels](const auto& random) {
            return init::layer_bias({out}, fan_in, random);
        });
    }

    void check_input(const Tensor& x) const {
        check_rank(this->spec().kType, x, Axes + 2, kLayouts[Axes - 1]);
        check_axis(this->spec().kType, x, 1, this->spec().in_channels, "in_channels");
    }

    Tensor bias() { return this->spec().options.bias ? this->parameter(1).tensor() : Tensor(); }
};

template <std::size_t Axes>
class ConvLayer : public ConvBase<ConvSpec<Axes>, Axes> {
public:
    explicit ConvLayer(const ConvSpec<Axes>& s)
        : ConvBase<ConvSpec<Axes>, Axes>(s, s.out_channels, s.in_channels) {
        if (s.options.same && (s.options.stride != 1 || s.options.padding != 0)) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: `same` goes with stride 1 and no padding of its own, not {} and {}", s.kType,
                 fmt::join(s.options.stride.axes, " x "), fmt::join(s.options.padding.axes, " x "));
        }
    }

    Tensor forward(const Tensor& x, Mode) override {
        this->check_input(x);
        const ConvOptions<Axes>& o = this->spec().options;
        const bool zeros = o.padding_mode == PadMode::kConstant;
        const Tensor padded = zeros ? x : pad_of(x);
        const Tensor weight = this->parameter(0);  // drawn first, whatever the compiler's order
        const Tensor bias = this->bias();
        const auto how = [&]<typename Options>(Options) -> Options {
            return {.stride = sizes_of(o.stride),
                    .padding = sizes_of(zeros ? o.padding : Size<Axes>(0)),
                    .dilation = sizes_of(o.dilation),
                    .groups = o.groups,
                    .same = zeros && o.same};
        };
        if constexpr (Axes == 1) {
            return conv1d(padded, weight, bias, how(ingot::Conv1dOptions{}));
        } else if constexpr (Axes == 2) {
            return conv2d(padded, weight, bias, how(ingot::Conv2dOptions{}));
        } else {
            return conv3d(padded, weight, bias, how(ingot::Conv3dOptions{}));
        }
    }

private:
    Tensor pad_of(const Tensor& x) const {
        const ConvOptions<Axes>& o = this->spec().options;
        PadOptions how{.mode = o.padding_mode};
        for (std::size_t axis = 0; axis < Axes; ++axis) {
            const std::int64_t all =
                o.same ? o.dilation[axis] * (o.kernel[axis] - 1) : 2 * o.padding[axis];
            if (all == 0) continue;
            how.axes.push_back({.axis = static_cast<std::int64_t>(axis) + 2,
                                .before = all / 2,
                                .after = all - all / 2});
        }
        return how.axes.empty() ? x : pad(x, how);
    }
};

template <std::size_t Axes>
class ConvTransposeLayer : public ConvBase<ConvTransposeSpec<Axes>, Axes> {
public:
    explicit ConvTransposeLayer(const ConvTransposeSpec<Axes>& s)
        : ConvBase<ConvTransposeSpec<Axes>, Axes>(s, s.in_channels, s.out_channels) {
        check_at_least(s.kType, "output_padding", s.options.output_padding, 0);
        for (std::size_t axis = 0; axis < Axes; ++axis) {
            const std::int64_t limit = std::max(s.options.stride[axis], s.options.dilation[axis]);
            if (s.options.output_padding[axis] >= limit) {
                fail(ErrorKind::kInvalidArgument,
                     "{}: output_padding is {}, it must be below stride or dilation ({}, {})",
                     s.kType, s.options.output_padding[axis], s.options.stride[axis],
                     s.options.dilation[axis]);
            }
        }
    }

    Tensor forward(const Tensor& x, Mode) override {
        this->check_input(x);
        const ConvTransposeOptions<Axes>& o = this->spec().options;
        const Tensor weight = this->parameter(0);
        const Tensor bias = this->bias();
        const auto how = [&]<typename Options>(Options) -> Options {
            return {.stride = sizes_of(o.stride),
                    .padding = sizes_of(o.padding),
                    .output_padding = sizes_of(o.output_padding),
                    .dilation = sizes_of(o.dilation),
                    .groups = o.groups};
        };
        if constexpr (Axes == 1) {
            return conv_transpose1d(x, weight, bias, how(ingot::ConvTranspose1dOptions{}));
        } else if constexpr (Axes == 2) {
            return conv_transpose2d(x, weight, bias, how(ingot::ConvTranspose2dOptions{}));
        } else {
            return conv_transpose3d(x, weight, bias, how(ingot::ConvTranspose3dOptions{}));
        }
    }
};

template <std::size_t Axes>
std::shared_ptr<Layer> conv(std::int64_t in, std::int64_t out, const ConvOptions<Axes>& options) {
    return std::make_shared<ConvLayer<Axes>>(ConvSpec<Axes>{in, out, options});
}
template <std::size_t Axes>
std::shared_ptr<Layer> conv(std::int64_t in, std::int64_t out,
                            const ConvTransposeOptions<Axes>& options) {
    return std::make_shared<ConvTransposeLayer<Axes>>(ConvTransposeSpec<Axes>{in, out, options});
}

}  // namespace

Conv1d::Conv1d(std::int64_t in_channels, std::int64_t out_channels, const Conv1dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}
Conv2d::Conv2d(std::int64_t in_channels, std::int64_t out_channels, const Conv2dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}
Conv3d::Conv3d(std::int64_t in_channels, std::int64_t out_channels, const Conv3dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}
ConvTranspose1d::ConvTranspose1d(std::int64_t in_channels, std::int64_t out_channels,
                                 const ConvTranspose1dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}
ConvTranspose2d::ConvTranspose2d(std::int64_t in_channels, std::int64_t out_channels,
                                 const ConvTranspose2dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}
ConvTranspose3d::ConvTranspose3d(std::int64_t in_channels, std::int64_t out_channels,
                                 const ConvTranspose3dOptions& options)
    : Module(conv(in_channels, out_channels, options)) {}

std::span<const LayerMaker> conv_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<ConvLayer<1>>(),          maker_of<ConvLayer<2>>(),
        maker_of<ConvLayer<3>>(),          maker_of<ConvTransposeLayer<1>>(),
        maker_of<ConvTransposeLayer<2>>(), maker_of<ConvTransposeLayer<3>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
