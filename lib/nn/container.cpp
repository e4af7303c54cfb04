// SPDX-License-Identifier: MIT
#include "nn/describe.h"

#include <ingot/nn/container.h>

#include <cmath>

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

    void describe(OptionVisitor& option) const override {
        SequentialSpec{children()}.visit(option);
    }
    bool describes_children() const override { return true; }

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

    void describe(OptionVisitor& option) const override {
        ResidualSpec now{children()[0], {}};
        if (children().size() > 1) now.shortcut = children()[1];
        now.visit(option);
    }
    bool describes_children() const override { return true; }

    Tensor forward(const Tensor& x, Mode mode) override {
        const Tensor y = children()[0](x, mode);
        const Tensor past = children().size() > 1 ? children()[1](x, mode) : x;
        if (y.shape() != past.shape()) {
            fail(ErrorKind::kInvalidArgument, "Residual: the body gives {}, the shortcut {}",
                 to_string(y.shape()), to_string(past.shape()));
        }
        return y + past;
    }
};

struct EnsembleSpec {
    static constexpr const char* kType = "Ensemble";
    std::vector<Module> members = {};
    EnsembleOptions options = {};

    void visit(OptionVisitor& option) {
        option.required("members", members);
        option.choice("combine", options.combine, {"probabilities", "votes", "outputs"});
    }
};

class EnsembleLayer : public LayerOf<EnsembleSpec> {
public:
    explicit EnsembleLayer(EnsembleSpec s) : LayerOf(std::move(s)) {
        const std::vector<Module>& members = spec().members;
        if (members.empty()) fail(ErrorKind::kInvalidArgument, "Ensemble: there are no members");
        for (const Module& member : members) {
            if (member.notes() != members.front().notes()) {
                fail(ErrorKind::kInvalidArgument,
                     "Ensemble: the notes of member {} are not those of member 0: was their data "
                     "prepared alike?",
                     children().size());
            }
            add_child(std::to_string(children().size()), member);
        }
        notes = members.front().notes();
    }

    void describe(OptionVisitor& option) const override {
        EnsembleSpec{children(), spec().options}.visit(option);
    }
    bool describes_children() const override { return true; }

    Tensor forward(const Tensor& x, Mode mode) override {
        std::vector<Tensor> outputs;
        for (const Module& member : children()) {
            outputs.push_back(member(x, mode));
            const Shape& shape = outputs.back().shape();
            if (shape != outputs.front().shape()) {
                fail(ErrorKind::kInvalidArgument, "Ensemble: member {} gives {}, member 0 {}",
                     outputs.size() - 1, to_string(shape), to_string(outputs.front().shape()));
            }
        }
        const auto count = static_cast<float>(outputs.size());
        if (spec().options.combine == Combine::kOutputs) return total(outputs) / count;
        const Shape& shape = outputs.front().shape();
        if (shape.rank() < 2) {
            fail(ErrorKind::kInvalidArgument, "Ensemble: members give {}, no scores of classes",
                 to_string(shape));
        }
        constexpr std::int64_t kClasses = 1;
        if (spec().options.combine == Combine::kVotes) {
            for (Tensor& output : outputs)
                output = votes(output, kClasses);
            return log((total(outputs) + 1.0F) / (count + static_cast<float>(shape[kClasses])));
        }
        for (Tensor& output : outputs)
            output = log_softmax(output, kClasses);
        return logsumexp(stack(outputs), {.axes = {0}}) - std::log(count);
    }

private:
    static Tensor total(const std::vector<Tensor>& tensors) {
        Tensor sum = tensors.front();
        for (std::size_t i = 1; i < tensors.size(); ++i)
            sum = sum + tensors[i];
        return sum;
    }

    // 1 at the largest along `axis`, else 0.
    static Tensor votes(const Tensor& output, std::int64_t axis) {
        const Shape& shape = output.shape();
        const auto at = static_cast<std::size_t>(axis);
        std::vector<std::int64_t> along(shape.rank(), 1);
        along[at] = shape[at];
        const Tensor classes = reshape(arange(shape[at], i32), Shape(along));
        return cast(equal(unsqueeze(argmax(output, axis), axis), classes), f32);
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
Ensemble::Ensemble(std::span<const Module> members, const EnsembleOptions& options)
    : Module(std::make_shared<EnsembleLayer>(
          EnsembleSpec{{members.begin(), members.end()}, options})) {}
Ensemble::Ensemble(std::initializer_list<Module> members, const EnsembleOptions& options)
    : Ensemble(std::span(members.begin(), members.size()), options) {}
Lambda::Lambda(std::string name, std::function<Tensor(const Tensor&)> function)
    : Module(std::make_shared<LambdaLayer>(std::move(name), std::move(function))) {}

std::span<const LayerMaker> container_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<SequentialLayer>(),
        maker_of<ResidualLayer>(),
        maker_of<EnsembleLayer>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
