// SPDX-License-Identifier: MIT
// Batch and instance norm have running statistics, one class for one, two and three axes each;
// group, layer and RMS norm have none.
#include "nn/axes.h"
#include "nn/describe.h"

#include <ingot/nn/norm.h>

#include <algorithm>

namespace ingot::nn {
namespace {

auto filled(const Shape& shape, float value) {
    return [=](const init::RandomOptions&) { return init::constant(shape, value); };
}

void check_momentum(const char* layer, double momentum) {
    if (momentum >= 0 && momentum <= 1) return;
    fail(ErrorKind::kInvalidArgument, "{}: momentum is {}, not in [0, 1]", layer, momentum);
}

// A weight of ones and a bias of zeros, where there are any.
template <typename Spec>
class AffineLayer : public LayerOf<Spec> {
protected:
    using LayerOf<Spec>::LayerOf;
    void add_affine(const Shape& shape, bool weight, bool bias) {
        has_weight_ = weight;
        has_bias_ = bias;
        if (weight) this->add_parameter("weight", filled(shape, 1));
        if (bias) this->add_parameter("bias", filled(shape, 0));
    }
    Tensor weight() { return has_weight_ ? this->parameter(0).tensor() : Tensor(); }
    Tensor bias() { return has_bias_ ? this->parameter(1).tensor() : Tensor(); }

private:
    bool has_weight_ = false;
    bool has_bias_ = false;
};

template <std::size_t Axes>
struct BatchNormSpec {
    static constexpr const char* kType =
        std::array{"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"}[Axes - 1];
    std::int64_t channels = 0;
    BatchNormLayerOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("channels", channels);
        option("eps", options.eps);
        option("momentum", options.momentum);
        option("affine", options.affine);
    }
};

template <std::size_t Axes>
class BatchNormLayer : public AffineLayer<BatchNormSpec<Axes>> {
public:
    explicit BatchNormLayer(BatchNormSpec<Axes> s) : AffineLayer<BatchNormSpec<Axes>>(s) {
        check_at_least(s.kType, "channels", s.channels, 1);
        check_epsilon(s.kType, s.options.eps);
        check_momentum(s.kType, s.options.momentum);
        this->add_affine({s.channels}, s.options.affine, s.options.affine);
        this->add_buffer("running_mean", filled({s.channels}, 0));
        this->add_buffer("running_var", filled({s.channels}, 1));
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        const auto& [channels, options] = this->spec();
        if (Axes != 1 || x.shape().rank() != 2) {
            check_rank(this->spec().kType, x, Axes + 2,
                       Axes == 1 ? "[B, C] or [B, C, L]" : kLayouts[Axes - 1]);
        }
        check_axis(this->spec().kType, x, 1, channels, "channels");
        const Tensor weight = this->weight(), bias = this->bias();
        const Parameter mean = this->buffer(0), variance = this->buffer(1);
        return batch_norm(x, weight, bias, mean, variance,
                          {.epsilon = static_cast<float>(options.eps),
                           .momentum = static_cast<float>(options.momentum),
                           .training = mode == Mode::kTrain});
    }
};

template <std::size_t Axes>
struct InstanceNormSpec {
    static constexpr const char* kType =
        std::array{"InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"}[Axes - 1];
    std::int64_t channels = 0;
    InstanceNormLayerOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("channels", channels);
        option("eps", options.eps);
        option("momentum", options.momentum);
        option("affine", options.affine);
        option("track_running_stats", options.track_running_stats);
    }
};

template <std::size_t Axes>
class InstanceNormLayer : public AffineLayer<InstanceNormSpec<Axes>> {
public:
    explicit InstanceNormLayer(InstanceNormSpec<Axes> s) : AffineLayer<InstanceNormSpec<Axes>>(s) {
        check_at_least(s.kType, "channels", s.channels, 1);
        check_epsilon(s.kType, s.options.eps);
        check_momentum(s.kType, s.options.momentum);
        this->add_affine({s.channels}, s.options.affine, s.options.affine);
        if (!s.options.track_running_stats) return;
        this->add_buffer("running_mean", filled({s.channels}, 0));
        this->add_buffer("running_var", filled({s.channels}, 1));
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        const auto& [channels, options] = this->spec();
        check_rank(this->spec().kType, x, Axes + 2, kLayouts[Axes - 1]);
        check_axis(this->spec().kType, x, 1, channels, "channels");
        const Tensor weight = this->weight(), bias = this->bias();
        InstanceNormOptions how{.momentum = static_cast<float>(options.momentum),
                                .eps = static_cast<float>(options.eps)};
        if (options.track_running_stats) {
            how.running_mean = this->buffer(0);
            how.running_var = this->buffer(1);
            how.use_input_stats = mode == Mode::kTrain;
        }
        return instance_norm(x, weight, bias, how);
    }
};

struct GroupNormSpec {
    static constexpr const char* kType = "GroupNorm";
    std::int64_t groups = 0, channels = 0;
    GroupNormOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("groups", groups);
        option.required("channels", channels);
        option("eps", options.eps);
        option("affine", options.affine);
    }
};

class GroupNormLayer : public AffineLayer<GroupNormSpec> {
public:
    explicit GroupNormLayer(GroupNormSpec s) : AffineLayer(s) {
        check_at_least("GroupNorm", "groups", s.groups, 1);
        check_at_least("GroupNorm", "channels", s.channels, 1);
        check_epsilon("GroupNorm", s.options.eps);
        if (s.channels % s.groups != 0) {
            fail(ErrorKind::kInvalidArgument, "GroupNorm: {} groups do not divide {} channels",
                 s.groups, s.channels);
        }
        add_affine({s.channels}, s.options.affine, s.options.affine);
    }

    Tensor forward(const Tensor& x, Mode) override {
        if (x.shape().rank() < 2) check_rank("GroupNorm", x, 2, "[B, C, ...]");
        check_axis("GroupNorm", x, 1, spec().channels, "channels");
        const Tensor weight = this->weight(), bias = this->bias();
        return group_norm(x, spec().groups, weight, bias, static_cast<float>(spec().options.eps));
    }
};

// x ends with the axes of `shape`, of which there is at least one and none is empty.
void check_normalized(const char* layer, const Shape& shape) {
    if (shape.rank() > 0 && shape.count() > 0) return;
    fail(ErrorKind::kInvalidArgument, "{}: normalized_shape {} has no elements to normalise", layer,
         to_string(shape));
}
void check_ends_with(const char* layer, const Tensor& x, const Shape& shape) {
    const auto sizes = x.shape().sizes(), last = shape.sizes();
    if (sizes.size() >= last.size() && std::equal(last.rbegin(), last.rend(), sizes.rbegin())) {
        return;
    }
    fail(ErrorKind::kInvalidArgument, "{}: made for the last axes {}, x is {}", layer,
         to_string(shape), to_string(x.shape()));
}

struct LayerNormSpec {
    static constexpr const char* kType = "LayerNorm";
    Shape normalized_shape = {};
    LayerNormOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("normalized_shape", normalized_shape);
        option("eps", options.eps);
        option("elementwise_affine", options.elementwise_affine);
        option("bias", options.bias);
    }
};

class LayerNormLayer : public AffineLayer<LayerNormSpec> {
public:
    explicit LayerNormLayer(LayerNormSpec s) : AffineLayer(s) {
        check_normalized("LayerNorm", s.normalized_shape);
        check_epsilon("LayerNorm", s.options.eps);
        const bool affine = s.options.elementwise_affine;
        add_affine(s.normalized_shape, affine, affine && s.options.bias);
    }

    Tensor forward(const Tensor& x, Mode) override {
        const auto& [shape, options] = spec();
        check_ends_with("LayerNorm", x, shape);
        const Tensor weight = this->weight(), bias = this->bias();
        return layer_norm(x, shape, weight, bias, static_cast<float>(options.eps));
    }
};

struct RMSNormSpec {
    static constexpr const char* kType = "RMSNorm";
    Shape normalized_shape = {};
    RMSNormOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("normalized_shape", normalized_shape);
        option("eps", options.eps);
        option("elementwise_affine", options.elementwise_affine);
    }
};

class RMSNormLayer : public AffineLayer<RMSNormSpec> {
public:
    explicit RMSNormLayer(RMSNormSpec s) : AffineLayer(s) {
        check_normalized("RMSNorm", s.normalized_shape);
        check_epsilon("RMSNorm", s.options.eps);
        add_affine(s.normalized_shape, s.options.elementwise_affine, false);
    }

    Tensor forward(const Tensor& x, Mode) override {
        const auto& [shape, options] = spec();
        check_ends_with("RMSNorm", x, shape);
        return rms_norm(x, shape, weight(), static_cast<float>(options.eps));
    }
};

template <template <std::size_t> typename L, template <std::size_t> typename S, std::size_t Axes,
          typename O>
std::shared_ptr<Layer> norm_layer(std::int64_t channels, const O& options) {
    return std::make_shared<L<Axes>>(S<Axes>{channels, options});
}

}  // namespace

BatchNorm1d::BatchNorm1d(std::int64_t channels, const BatchNormLayerOptions& options)
    : Module(norm_layer<BatchNormLayer, BatchNormSpec, 1>(channels, options)) {}
BatchNorm2d::BatchNorm2d(std::int64_t channels, const BatchNormLayerOptions& options)
    : Module(norm_layer<BatchNormLayer, BatchNormSpec, 2>(channels, options)) {}
BatchNorm3d::BatchNorm3d(std::int64_t channels, const BatchNormLayerOptions& options)
    : Module(norm_layer<BatchNormLayer, BatchNormSpec, 3>(channels, options)) {}
InstanceNorm1d::InstanceNorm1d(std::int64_t channels, const InstanceNormLayerOptions& options)
    : Module(norm_layer<InstanceNormLayer, InstanceNormSpec, 1>(channels, options)) {}
InstanceNorm2d::InstanceNorm2d(std::int64_t channels, const InstanceNormLayerOptions& options)
    : Module(norm_layer<InstanceNormLayer, InstanceNormSpec, 2>(channels, options)) {}
InstanceNorm3d::InstanceNorm3d(std::int64_t channels, const InstanceNormLayerOptions& options)
    : Module(norm_layer<InstanceNormLayer, InstanceNormSpec, 3>(channels, options)) {}
GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, const GroupNormOptions& options)
    : Module(std::make_shared<GroupNormLayer>(GroupNormSpec{groups, channels, options})) {}
LayerNorm::LayerNorm(std::int64_t features, const LayerNormOptions& options)
    : LayerNorm(Shape{features}, options) {}
LayerNorm::LayerNorm(const Shape& normalized_shape, const LayerNormOptions& options)
    : Module(std::make_shared<LayerNormLayer>(LayerNormSpec{normalized_shape, options})) {}
RMSNorm::RMSNorm(std::int64_t features, const RMSNormOptions& options)
    : RMSNorm(Shape{features}, options) {}
RMSNorm::RMSNorm(const Shape& normalized_shape, const RMSNormOptions& options)
    : Module(std::make_shared<RMSNormLayer>(RMSNormSpec{normalized_shape, options})) {}

std::span<const LayerMaker> norm_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<BatchNormLayer<1>>(),    maker_of<BatchNormLayer<2>>(),
        maker_of<BatchNormLayer<3>>(),    maker_of<InstanceNormLayer<1>>(),
        maker_of<InstanceNormLayer<2>>(), maker_of<InstanceNormLayer<3>>(),
        maker_of<GroupNormLayer>(),       maker_of<LayerNormLayer>(),
        maker_of<RMSNormLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
