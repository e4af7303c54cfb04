// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/describe.h"

#include <ingot/nn/container.h>

namespace ingot::nn {
namespace {

class SequentialLayer : public DescribedLayer {
public:
    explicit SequentialLayer(std::span<const Module> modules) {
        for (const Module& module : modules)
            add_child(std::to_string(children().size()), module);
    }

    std::string type() const override { return "Sequential"; }

    Tensor forward(const Tensor& x, Mode mode) override {
        Tensor y = x;
        for (std::size_t i = 0; i < children().size(); ++i) {
            try {
                y = children()[i].forward(y, mode);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::kInvalidArgument) throw;
                fail(error.kind(), "layer {}, {}, given {}: {}", i, children()[i].type(),
                     to_string(y.spec()), error.what());
            }
        }
        return y;
    }

    void describe(Json& json) const override {
        Json& layers = json["layers"] = Json::array();
        for (const Module& child : children())
            layers.push_back(nn::describe(child));
    }
};

Module make_sequential(Fields& fields) {
    std::vector<Module> modules;
    for (const Json& layer : fields.list("layers")) {
        modules.push_back(
            make_module(layer, fmt::format("{}.layers[{}]", fields.place(), modules.size())));
    }
    return Sequential(modules);
}

}  // namespace

Sequential::Sequential(std::initializer_list<Module> modules)
    : Sequential(std::span(modules.begin(), modules.size())) {}
Sequential::Sequential(std::span<const Module> modules)
    : Module(std::make_shared<SequentialLayer>(modules)) {}

std::span<const LayerMaker> container_layers() {
    static constexpr LayerMaker kMakers[] = {
        {"Sequential", make_sequential},
    };
    return kMakers;
}

}  // namespace ingot::nn
