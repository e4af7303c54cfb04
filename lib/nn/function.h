// SPDX-License-Identifier: MIT
// Layers without weights: their spec has run(x) and, where options can be wrong, check().
#pragma once

#include "nn/describe.h"

#include <algorithm>

namespace ingot::nn {

template <typename Spec>
class FunctionLayer : public LayerOf<Spec> {
public:
    explicit FunctionLayer(const Spec& s) : LayerOf<Spec>(s) {
        if constexpr (requires { s.check(); }) s.check();
    }
    Tensor forward(const Tensor& x, Mode) override { return this->spec().run(x); }
};

template <typename Spec>
std::shared_ptr<Layer> function_layer(const Spec& spec) {
    return std::make_shared<FunctionLayer<Spec>>(spec);
}

// A name as a template's argument.
template <std::size_t N>
struct Name {
    char text[N];
    constexpr Name(const char (&name)[N]) { std::copy_n(name, N, text); }  // NOLINT
};

// A function without options: FunctionSpec<"ReLU", relu>.
template <Name kName, Tensor (*kFunction)(const Tensor&)>
struct FunctionSpec {
    static constexpr const char* kType = kName.text;
    void visit(OptionVisitor&) {}
    Tensor run(const Tensor& x) const { return kFunction(x); }
};

}  // namespace ingot::nn
