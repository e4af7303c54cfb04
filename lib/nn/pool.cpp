// SPDX-License-Identifier: MIT
// One class for maxima and means, adaptive ones another; both for one, two and three axes.
#include "nn/axes.h"
#include "nn/describe.h"

#include <ingot/nn/pool.h>

namespace ingot::nn {
namespace {

template <std::size_t Axes>
struct MaxPoolSpec {
    static constexpr std::size_t kAxes = Axes;
    static constexpr const char* kType =
        std::array{"MaxPool1d", "MaxPool2d", "MaxPool3d"}[Axes - 1];
    Size<Axes> kernel = 0;
    MaxPoolOptions<Axes> options = {};

    void visit(OptionVisitor& option) {
        option.required("kernel", kernel);
        option("stride", options.stride);
        option("padding", options.padding);
        option("dilation", options.dilation);
        option("ceil_mode", options.ceil_mode);
    }
    void check() const { check_at_least(kType, "dilation", options.dilation, 1); }

    Tensor run(const Tensor& x) const {
        const auto how = [&]<typename Options>(Options) -> Options {
            return {.kernel = sizes_of(kernel),
                    .stride = sizes_of(options.stride),
                    .padding = sizes_of(options.padding),
                    .dilation = sizes_of(options.dilation),
                    .ceil_mode = options.ceil_mode};
        };
        if constexpr (Axes == 1) {
            return max_pool1d(x, how(MaxPool1dOptions{}));
        } else if constexpr (Axes == 2) {
            return max_pool2d(x, how(MaxPool2dOptions{}));
        } else {
            return max_pool3d(x, how(MaxPool3dOptions{}));
        }
    }
};

template <std::size_t Axes>
struct AvgPoolSpec {
    static constexpr std::size_t kAxes = Axes;
    static constexpr const char* kType =
        std::array{"AvgPool1d", "AvgPool2d", "AvgPool3d"}[Axes - 1];
    Size<Axes> kernel = 0;
    AvgPoolOptions<Axes> options = {};

    void visit(OptionVisitor& option) {
        option.required("kernel", kernel);
        option("stride", options.stride);
        option("padding", options.padding);
        option("ceil_mode", options.ceil_mode);
        option("count_include_pad", options.count_include_pad);
    }
    void check() const {}

    Tensor run(const Tensor& x) const {
        const auto how = [&]<typename Options>(Options) -> Options {
            return {.kernel = sizes_of(kernel),
                    .stride = sizes_of(options.stride),
                    .padding = sizes_of(options.padding),
                    .ceil_mode = options.ceil_mode,
                    .count_include_pad = options.count_include_pad};
        };
        if constexpr (Axes == 1) {
            return avg_pool1d(x, how(AvgPool1dOptions{}));
        } else if constexpr (Axes == 2) {
            return avg_pool2d(x, how(AvgPool2dOptions{}));
        } else {
            return avg_pool3d(x, how(AvgPool3dOptions{}));
        }
    }
};

template <typename Spec>
class PoolLayer : public LayerOf<Spec> {
public:
    explicit PoolLayer(const Spec& s) : LayerOf<Spec>(s) {
        check_at_least(s.kType, "kernel", s.kernel, 1);
        check_at_least(s.kType, "stride", s.options.stride, 0);
        check_at_least(s.kType, "padding", s.options.padding, 0);
        s.check();
        for (std::size_t axis = 0; axis < Spec::kAxes; ++axis) {
            if (2 * s.options.padding[axis] <= s.kernel[axis]) continue;
            fail(ErrorKind::kInvalidArgument, "{}: padding {} is more than half the kernel {}",
                 s.kType, fmt::join(s.options.padding.axes, " x "),
                 fmt::join(s.kernel.axes, " x "));
        }
    }

    Tensor forward(const Tensor& x, Mode) override {
        check_rank(this->spec().kType, x, Spec::kAxes + 2, kLayouts[Spec::kAxes - 1]);
        return this->spec().run(x);
    }
};

template <std::size_t Axes>
struct AdaptiveAvgPoolSpec {
    static constexpr std::size_t kAxes = Axes;
    static constexpr const char* kType =
        std::array{"AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d"}[Axes - 1];
    Size<Axes> output_size = 0;

    void visit(OptionVisitor& option) { option.required("output_size", output_size); }
    Tensor run(const Tensor& x) const {
        if constexpr (Axes == 1) {
            return adaptive_avg_pool1d(x, output_size[0]);
        } else if constexpr (Axes == 2) {
            return adaptive_avg_pool2d(x, output_size.axes);
        } else {
            return adaptive_avg_pool3d(x, output_size.axes);
        }
    }
};

template <std::size_t Axes>
struct AdaptiveMaxPoolSpec {
    static constexpr std::size_t kAxes = Axes;
    static constexpr const char* kType =
        std::array{"AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d"}[Axes - 1];
    Size<Axes> output_size = 0;

    void visit(OptionVisitor& option) { option.required("output_size", output_size); }
    Tensor run(const Tensor& x) const {
        if constexpr (Axes == 1) {
            return adaptive_max_pool1d(x, output_size[0]);
        } else if constexpr (Axes == 2) {
            return adaptive_max_pool2d(x, output_size.axes);
        } else {
            return adaptive_max_pool3d(x, output_size.axes);
        }
    }
};

template <typename Spec>
class AdaptivePoolLayer : public LayerOf<Spec> {
public:
    explicit AdaptivePoolLayer(const Spec& s) : LayerOf<Spec>(s) {
        check_at_least(s.kType, "output_size", s.output_size, 1);
    }
    Tensor forward(const Tensor& x, Mode) override {
        check_rank(this->spec().kType, x, Spec::kAxes + 2, kLayouts[Spec::kAxes - 1]);
        return this->spec().run(x);
    }
};

template <template <typename> typename L, typename Spec>
std::shared_ptr<Layer> pool(Spec spec) {
    return std::make_shared<L<Spec>>(spec);
}

}  // namespace

MaxPool1d::MaxPool1d(Size1 kernel, const MaxPoolOptions<1>& options)
    : Module(pool<PoolLayer>(MaxPoolSpec<1>{kernel, options})) {}
MaxPool2d::MaxPool2d(Size2 kernel, const MaxPoolOptions<2>& options)
    : Module(pool<PoolLayer>(MaxPoolSpec<2>{kernel, options})) {}
MaxPool3d::MaxPool3d(Size3 kernel, const MaxPoolOptions<3>& options)
    : Module(pool<PoolLayer>(MaxPoolSpec<3>{kernel, options})) {}
AvgPool1d::AvgPool1d(Size1 kernel, const AvgPoolOptions<1>& options)
    : Module(pool<PoolLayer>(AvgPoolSpec<1>{kernel, options})) {}
AvgPool2d::AvgPool2d(Size2 kernel, const AvgPoolOptions<2>& options)
    : Module(pool<PoolLayer>(AvgPoolSpec<2>{kernel, options})) {}
AvgPool3d::AvgPool3d(Size3 kernel, const AvgPoolOptions<3>& options)
    : Module(pool<PoolLayer>(AvgPoolSpec<3>{kernel, options})) {}
AdaptiveAvgPool1d::AdaptiveAvgPool1d(Size1 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveAvgPoolSpec<1>{output_size})) {}
AdaptiveAvgPool2d::AdaptiveAvgPool2d(Size2 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveAvgPoolSpec<2>{output_size})) {}
AdaptiveAvgPool3d::AdaptiveAvgPool3d(Size3 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveAvgPoolSpec<3>{output_size})) {}
AdaptiveMaxPool1d::AdaptiveMaxPool1d(Size1 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveMaxPoolSpec<1>{output_size})) {}
AdaptiveMaxPool2d::AdaptiveMaxPool2d(Size2 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveMaxPoolSpec<2>{output_size})) {}
AdaptiveMaxPool3d::AdaptiveMaxPool3d(Size3 output_size)
    : Module(pool<AdaptivePoolLayer>(AdaptiveMaxPoolSpec<3>{output_size})) {}

std::span<const LayerMaker> pool_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<PoolLayer<MaxPoolSpec<1>>>(),
        maker_of<PoolLayer<MaxPoolSpec<2>>>(),
        maker_of<PoolLayer<MaxPoolSpec<3>>>(),
        maker_of<PoolLayer<AvgPoolSpec<1>>>(),
        maker_of<PoolLayer<AvgPoolSpec<2>>>(),
        maker_of<PoolLayer<AvgPoolSpec<3>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveAvgPoolSpec<1>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveAvgPoolSpec<2>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveAvgPoolSpec<3>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveMaxPoolSpec<1>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveMaxPoolSpec<2>>>(),
        maker_of<AdaptivePoolLayer<AdaptiveMaxPoolSpec<3>>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
