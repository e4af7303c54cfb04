// SPDX-License-Identifier: MIT
// A model as a table: what each layer gives, holds and costs.
//
//     std::puts(to_string(ingot::nn::summary(net, ingot::input({1, 3, 224, 224}))).c_str());
#pragma once

#include <ingot/nn/module.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingot::nn {

// One layer. Parameters and flops are its own, without those of the layers in it, so that a column
// adds up to the total.
struct SummaryRow {
    std::string name;  // "layers.0.self_attn"; of the model itself: empty
    std::string type;
    std::size_t depth = 0;             // 0: the model itself
    bool is_used = false;              // forward() calls it, or another layer reads its weights
    std::optional<Shape> output = {};  // of the last call, if there is one
    DType dtype = f32;                 // of it: under an Autocast (ingot/autocast.h) f16, say
    std::int64_t parameters = 0;
    std::int64_t trainable_parameters = 0;
    std::int64_t flops = 0;  // of all its calls, for one sample
};

struct Summary {
    TensorSpec input;
    std::vector<SummaryRow> rows;  // in the order of the tree; a layer that is there twice, once
    std::int64_t parameters = 0;
    std::int64_t trainable_parameters = 0;
    std::int64_t state_bytes = 0;  // of parameters and buffers
    // Multiplications and additions of the forward pass, for one sample; FlopCounter says of which
    // operators.
    std::int64_t flops = 0;
    // Of all different tensors that layers give, for the whole batch. A program that keeps them all
    // needs no more for them; one that only computes the result needs less, and views need nothing.
    std::int64_t activation_bytes = 0;
};

// Writes the expression module(x), whose first axis is the batch; nothing is computed. Throws what
// forward() throws.
INGOT_API Summary summary(const Module& module, const Tensor& x, Mode mode = Mode::kEval);
INGOT_API std::string to_string(const Summary& summary);  // lines of text

}  // namespace ingot::nn
