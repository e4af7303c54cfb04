// SPDX-License-Identifier: MIT
#include "nn/axes.h"
#include "nn/describe.h"

#include <ingot/nn/dropout.h>

namespace ingot::nn {
namespace {

// Axes: how many follow the channels; 0 drops elements, not channels.
template <std::size_t Axes>
struct DropoutSpec {
    static constexpr const char* kType =
        std::array{"Dropout", "Dropout1d", "Dropout2d", "Dropout3d"}[Axes];
    double p = 0.5;

    void visit(OptionVisitor& option) { option("p", p); }
};

template <std::size_t Axes>
class DropoutLayer : public LayerOf<DropoutSpec<Axes>> {
public:
    explicit DropoutLayer(DropoutSpec<Axes> s) : LayerOf<DropoutSpec<Axes>>(s) {
        check_probability(s.kType, "p", s.p);
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        const auto& [p] = this->spec();
        if constexpr (Axes > 0) {
            check_rank(this->spec().kType, x, Axes + 2, kLayouts[Axes - 1]);
        }
        if (mode == Mode::kEval || p == 0) return x;
        const auto share = static_cast<float>(p);
        if constexpr (Axes == 0) {
            return dropout(x, this->generator(), share);
        } else {
            Shape channels = x.shape();
            for (std::size_t axis = 2; axis < channels.rank(); ++axis)
                channels = channels.with(axis, 1);
            return x * dropout(constant(1.0F, channels), this->generator(), share);
        }
    }
};

template <std::size_t Axes>
std::shared_ptr<Layer> dropout_layer(double p) {
    return std::make_shared<DropoutLayer<Axes>>(DropoutSpec<Axes>{p});
}

}  // namespace

Dropout::Dropout(double p) : Module(dropout_layer<0>(p)) {}
Dropout1d::Dropout1d(double p) : Module(dropout_layer<1>(p)) {}
Dropout2d::Dropout2d(double p) : Module(dropout_layer<2>(p)) {}
Dropout3d::Dropout3d(double p) : Module(dropout_layer<3>(p)) {}

std::span<const LayerMaker> dropout_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<DropoutLayer<0>>(),
        maker_of<DropoutLayer<1>>(),
        maker_of<DropoutLayer<2>>(),
        maker_of<DropoutLayer<3>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
