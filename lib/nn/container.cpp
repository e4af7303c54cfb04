// SPDX-License-Identifier: MIT
#include "nn/describe.h"

#include <ingot/nn/container.h>

namespace ingot::nn {
namespace {

struct SequentialSpec {
    static constexpr const char* kType = "Sequential";
    std::vector<Module> layers = {};

    void visit(OptionVisitor& option) { option.required("layers", layers); }
};

class SequentialLayer : public LayerOf<SequentialSpec> {
public:
    explicit SequentialLayer(SequentialSpec spec) : LayerOf(std::move(spec)) {
        for (const Module& module : this->spec().layers)
            add_child(std::to_string(children().size()), module);
    }

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
};

}  // namespace

Sequential::Sequential(std::initializer_list<Module> modules)
    : Sequential(std::span(modules.begin(), modules.size())) {}
Sequential::Sequential(std::span<const Module> modules)
    : Module(std::make_shared<SequentialLayer>(SequentialSpec{{modules.begin(), modules.end()}})) {}

std::span<const LayerMaker> container_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<SequentialLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
