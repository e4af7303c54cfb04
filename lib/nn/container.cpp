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

struct ResidualSpec {
    static constexpr const char* kType = "Residual";
    std::optional<Module> body = {}, shortcut = {};

    void visit(OptionVisitor& option) {
        option.required("body", body);
        option("shortcut", shortcut);
    }
};

class ResidualLayer : public LayerOf<ResidualSpec> {
public:
    explicit ResidualLayer(ResidualSpec s) : LayerOf(std::move(s)) {
        add_child("body", *spec().body);
        if (spec().shortcut) add_child("shortcut", *spec().shortcut);
    }

    Tensor forward(const Tensor& x, Mode mode) override {
        const Tensor y = (*spec().body)(x, mode);
        const Tensor past = spec().shortcut ? (*spec().shortcut)(x, mode) : x;
        if (y.shape() != past.shape()) {
            fail(ErrorKind::kInvalidArgument, "Residual: the body gives {}, the shortcut {}",
                 to_string(y.shape()), to_string(past.shape()));
        }
        return y + past;
    }
};

class LambdaLayer : public Layer {
public:
    LambdaLayer(std::string name, std::function<Tensor(const Tensor&)> function)
        : name_(std::move(name)), function_(std::move(function)) {
        if (!function_) fail(ErrorKind::kInvalidArgument, "Lambda: '{}' has no function", name_);
    }

    std::string type() const override { return name_; }
    Tensor forward(const Tensor& x, Mode) override { return function_(x); }

private:
    std::string name_;
    std::function<Tensor(const Tensor&)> function_;
};

}  // namespace

Sequential::Sequential(std::initializer_list<Module> modules)
    : Sequential(std::span(modules.begin(), modules.size())) {}
Sequential::Sequential(std::span<const Module> modules)
    : Module(std::make_shared<SequentialLayer>(SequentialSpec{{modules.begin(), modules.end()}})) {}

Residual::Residual(const Module& body)
    : Module(std::make_shared<ResidualLayer>(ResidualSpec{body, {}})) {}
Residual::Residual(const Module& body, const Module& shortcut)
    : Module(std::make_shared<ResidualLayer>(ResidualSpec{body, shortcut})) {}
Lambda::Lambda(std::string name, std::function<Tensor(const Tensor&)> function)
    : Module(std::make_shared<LambdaLayer>(std::move(name), std::move(function))) {}

std::span<const LayerMaker> container_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<SequentialLayer>(),
        maker_of<ResidualLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
