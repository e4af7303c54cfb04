// SPDX-License-Identifier: MIT
// Layers and the models made of them. A Module is a handle: copies share the weights, so a net can
// be handed to a trainer by value and saved afterwards. Names are those of PyTorch's state_dict
// ("0.weight", "1.running_mean"), so safetensors files move both ways; the counter
// "num_batches_tracked" of batch norm is neither written nor asked for.
//
//     auto net = ingot::nn::Sequential{ingot::nn::Flatten{}, ingot::nn::Linear{784, 10}};
//     auto logits = net(x, ingot::nn::Mode::kTrain);
//
// Weights are drawn when they are first asked for, as PyTorch draws them by default, from seed 0
// (initialize() chooses another) and from a stream named by the layer's place in the model: two
// equal layers start differently, two equal models alike.
#pragma once

#include <ingot/error.h>
#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/ops.h>
#include <ingot/parameter.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ingot::nn {

class Layer;  // layer.h: to write layers of your own

enum class Mode { kEval, kTrain };  // batch norm and dropout tell them apart

struct NamedParameter {
    std::string name;
    Parameter parameter;
};

struct NamedModule;

class INGOT_API Module {
public:
    Module(std::shared_ptr<Layer> layer);  // NOLINT: a layer is a module
    template <typename L>
    requires std::is_convertible_v<std::shared_ptr<L>, std::shared_ptr<Layer>> Module(
        std::shared_ptr<L> layer)  // NOLINT
        : Module(std::shared_ptr<Layer>(std::move(layer))) {}

    // x is a batch: [B, ...].
    Tensor forward(const Tensor& x, Mode mode = Mode::kEval) const;
    Tensor operator()(const Tensor& x, Mode mode = Mode::kEval) const { return forward(x, mode); }

    std::string type() const;                   // "Linear", "Sequential" ...
    std::vector<NamedModule> children() const;  // directly below, in the order of declaration
    // The module below by its name, net["0"], or by names with dots between. Throws naming what
    // there is.
    Module operator[](std::string_view name) const;
    // Puts another module in the place of net["fc"]; every copy of this module sees it. Weights
    // that it has already stay as they are, others are drawn when they are asked for, from seed 0
    // and a stream named by the place. Programs compiled before keep the old one, whose weights
    // live on in handles to it. Throws as operator[] does, and when `module` holds this one.
    //     net.replace("fc", ingot::nn::Linear{512, 2});
    void replace(std::string_view name, const Module& module) const;
    std::vector<NamedParameter> parameters() const;  // weights and biases
    std::vector<NamedParameter> buffers() const;     // running statistics
    std::vector<Generator> generators() const;       // of the dropout layers
    std::int64_t parameter_count() const;            // elements of all parameters

    // Whether optimizers built from now on change the weights of this module and all below:
    // net["encoder"].set_trainable(false). Running statistics follow Mode::kTrain all the same.
    void set_trainable(bool trainable) const;

    // Draws all weights afresh from `seed` and resets the buffers. Dropout follows the seed in
    // programs compiled from then on.
    void initialize(std::uint64_t seed) const;

    // Parameters and buffers with their contents, in PyTorch's order. Waits for the device.
    std::vector<HostTensor> state_dict() const;
    // Overwrites all of them. Throws kInvalidArgument, having changed nothing, with every name that
    // is missing, unexpected or of another shape or dtype.
    void load_state_dict(std::span<const HostTensor> tensors) const;

    // Texts that belong to this model and are kept in its file by io::save: how its data was
    // prepared ("preparation", by a Trainer), say. Drawing the weights afresh forgets them.
    const std::map<std::string, std::string>& notes() const;
    void set_note(const std::string& name, std::string text) const;  // empty: none

    const std::shared_ptr<Layer>& layer() const { return *place_; }

private:
    friend Layer;
    // Handles that name the same child of a layer share its place, so that all of them follow when
    // it is replaced.
    std::shared_ptr<std::shared_ptr<Layer>> place_;
};

struct NamedModule {
    std::string name;
    Module module;
};

// The model as a file says it, without the weights:
//   {"type": "Sequential", "layers": [{"type": "Linear", "in_features": 784, ...}, ...]}
// to_json() throws for a layer that is not one of the above, naming it. from_json() accepts what
// to_json() writes, options left out taking their defaults, and throws kFile naming the place and
// the field at fault.
INGOT_API std::string to_json(const Module& module);
INGOT_API Module from_json(std::string_view text);

}  // namespace ingot::nn

namespace ingot::io {

// A safetensors file with the module's state_dict, its notes as metadata and, where it can be
// described, its to_json() as metadata "ingot_model".
INGOT_API void save(const nn::Module& module, const std::filesystem::path& path);

// Loads such a file, or PyTorch's, into a module that is there, whose notes are then those of the
// file. Throws kFile naming the file and what does not fit.
INGOT_API void load(const nn::Module& module, const std::filesystem::path& path);

// Makes the module that the file describes and loads its weights.
INGOT_API nn::Module load_module(const std::filesystem::path& path);

}  // namespace ingot::io
