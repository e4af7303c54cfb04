// SPDX-License-Identifier: MIT
// What a layer of the library adds to Layer: a Spec, the plain struct of its constructor's
// arguments, whose visit() names each of them once. Writing a model file and reading it follow.
//
//     struct LinearSpec {
//         static constexpr const char* kType = "Linear";
//         std::int64_t in_features = 0, out_features = 0;
//         LinearOptions options = {};
//         void visit(OptionVisitor& option) {
//             option.required("in_features", in_features);
//             ...
//             option("bias", options.bias);
//         }
//     };
//     class LinearLayer : public LayerOf<LinearSpec> { ... };
//
// A family's file ends with the list of its layers; families.inc lists the families.
#pragma once

#include "core/check.h"

#include <ingot/nn/layer.h>
#include <ingot/nn/size.h>

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace ingot::nn {

class OptionVisitor {
public:
    virtual ~OptionVisitor() = default;

    // One that a file may leave out: the value stays as it is. Sizes are 3 or [3, 5]; an empty
    // optional or list of numbers is not written.
    template <typename T>
    void operator()(const char* name, T& value) {
        visit(name, value, false);
    }
    template <typename T>
    void required(const char* name, T& value) {
        visit(name, value, true);
    }
    // An enumerator by its name; `names` in the order of the enumerators.
    template <typename E>
    void choice(const char* name, E& value, std::initializer_list<const char*> names) {
        auto number = static_cast<std::size_t>(value);
        visit_choice(name, number, {names.begin(), names.size()});
        value = static_cast<E>(number);
    }

protected:
    virtual void visit(const char* name, bool& value, bool required) = 0;
    virtual void visit(const char* name, std::int64_t& value, bool required) = 0;
    virtual void visit(const char* name, double& value, bool required) = 0;
    virtual void visit(const char* name, std::vector<std::int64_t>& value, bool required) = 0;
    virtual void visit(const char* name, std::vector<double>& value, bool required) = 0;
    virtual void visit(const char* name, std::vector<Module>& value, bool required) = 0;
    virtual void visit(const char* name, std::optional<Module>& value, bool required) = 0;
    virtual void visit_sizes(const char* name, std::span<std::int64_t> value, bool required) = 0;
    virtual void visit_choice(const char* name, std::size_t& number,
                              std::span<const char* const> names) = 0;
    virtual bool has(const char* name, bool there) = 0;  // writing: `there`; reading: in the file

    template <std::size_t Axes>
    void visit(const char* name, Size<Axes>& value, bool required) {
        visit_sizes(name, value.axes, required);
    }
    void visit(const char* name, Shape& value, bool required) {
        std::vector<std::int64_t> sizes(value.begin(), value.end());
        visit(name, sizes, required);
        value = Shape(sizes);
    }
    template <typename T>
    void visit(const char* name, std::optional<T>& value, bool required) {
        if (!has(name, value.has_value())) {
            value.reset();
            return;
        }
        T inner = value.value_or(T{});
        visit(name, inner, required);
        value = inner;
    }
};

class DescribedLayer : public Layer {
public:
    virtual void describe(OptionVisitor& option) const = 0;
    // Whether that visits the children, so that one which was replaced is described as it is now.
    virtual bool describes_children() const { return false; }
};

// The layer behind a handle that has more to offer than forward(). Throws when another kind of
// layer was put in its place.
template <typename L>
L& layer_as(const Module& module, const char* wanted) {
    auto* layer = dynamic_cast<L*>(module.layer().get());
    if (layer == nullptr) {
        fail(ErrorKind::kInvalidArgument, "{}: was replaced by {}, which cannot be used like one",
             wanted, module.type());
    }
    return *layer;
}

template <typename S>
class LayerOf : public DescribedLayer {
public:
    using Spec = S;
    std::string type() const override { return Spec::kType; }
    void describe(OptionVisitor& option) const override {
        Spec copy = spec_;
        copy.visit(option);
    }

protected:
    explicit LayerOf(Spec spec) : spec_(std::move(spec)) {}
    const Spec& spec() const { return spec_; }

private:
    Spec spec_;
};

// The way back: a layer of type `type` from what the visitor fills in.
struct LayerMaker {
    const char* type;
    Module (*make)(OptionVisitor& option);
};
template <typename L>
constexpr LayerMaker maker_of() {
    return {L::Spec::kType, [](OptionVisitor& option) -> Module {
                typename L::Spec spec;
                spec.visit(option);
                return std::make_shared<L>(std::move(spec));
            }};
}

#define LAYERS(family) std::span<const LayerMaker> family##_layers();
#include "nn/families.inc"
#undef LAYERS

// A module like this one with weights of its own. Throws for a layer that cannot be described.
Module clone(const Module& module);

// ---- Saying no; each throws naming the layer, the rule and the numbers.

void check_at_least(const char* layer, const char* option, std::int64_t value, std::int64_t least);
template <std::size_t Axes>
void check_at_least(const char* layer, const char* option, const Size<Axes>& value,
                    std::int64_t least) {
    for (const std::int64_t size : value.axes)
        check_at_least(layer, option, size, least);
}
void check_probability(const char* layer, const char* option, double value);  // in [0, 1)
void check_epsilon(const char* layer, double value);                          // finite, at least 0
// x has as many axes as `layout` has letters, "[B, C, H, W]" say.
void check_rank(const char* layer, const Tensor& x, std::size_t rank, const char* layout);
// Axis `axis` of x, which is that of `what`, has `size` elements.
void check_axis(const char* layer, const Tensor& x, std::size_t axis, std::int64_t size,
                const char* what);

}  // namespace ingot::nn
