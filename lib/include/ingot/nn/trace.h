// SPDX-License-Identifier: MIT
// The tensors between the layers of a model, to be read, compared or differentiated by:
//
//     const nn::Trace traced = nn::trace(net, x);
//     graph.output(mean(abs(traced.layers[3].output)));
#pragma once

#include <ingot/nn/module.h>

#include <string>
#include <vector>

namespace ingot::nn {

// One application of a layer.
struct TracedLayer {
    std::string name;  // "layers.0.self_attn"; of the model itself: empty
    std::string type;
    std::vector<Tensor> inputs;
    Tensor output;
    bool has_parts = false;  // other layers were applied in it
};

struct Trace {
    Tensor output;  // of the model
    // In the order in which they ended; a layer that is applied twice is there twice. Layers that
    // their owner has not declared by add_child() are part of it.
    std::vector<TracedLayer> layers;
};

// Writes the expression module(x). Throws what forward() throws.
INGOT_API Trace trace(const Module& module, const Tensor& x, Mode mode = Mode::kEval);

}  // namespace ingot::nn
