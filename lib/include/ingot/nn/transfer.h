// SPDX-License-Identifier: MIT
// What was learnt elsewhere, used again: weights loaded by name with a report, and parts of a model
// frozen by patterns. Module::replace() gives it another head, train::features() (ingot/features.h)
// computes a frozen part once.
//
//     auto report = ingot::io::load(net, "resnet.safetensors", {.strict = false});
//     net.replace("fc", ingot::nn::Linear{512, 2});
//     ingot::nn::freeze(net);
//     ingot::nn::thaw(net, {"layer4", "fc"});
//     optimizer.add_group(ingot::nn::matching(net, {"fc"}), {.lr = 1e-2});
#pragma once

#include <ingot/nn/module.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingot::nn {

// Each names tensors as state_dict() does: "layer1.0.conv1.weight" one, "layer1" or "layer1.0" all
// of a module and those below it. As in Python's fnmatch, * stands for any characters, dots too, ?
// for one, [ab] for one of these, [!ab] for one of the others: "*.bias", "layer[12]", "*.bn?". A
// name is chosen when any of them fits. One that fits no name is an Error naming the nearest ones.
using Patterns = std::vector<std::string>;

// The parameters that patterns choose, frozen ones too, for a group of an optimizer, say.
INGOT_API std::vector<Parameter> matching(const Module& module, const Patterns& patterns);

// Frozen parameters get no gradient, no state and no update from optimizers built from now on; the
// backward pass ends where nothing below it is trained. Returns the names that were chosen. Running
// statistics go on following Mode::kTrain, as in PyTorch with requires_grad = False.
INGOT_API std::vector<std::string> freeze(const Module& module, const Patterns& patterns = {"*"});
INGOT_API std::vector<std::string> thaw(const Module& module, const Patterns& patterns = {"*"});

// The running statistics (of batch and instance norm) stay as they are in Mode::kTrain, too, and
// are what normalises: PyTorch's eval() of these layers. Of programs compiled from now on. Returns
// the names of the layers. A layer is chosen by its name or that of one of its statistics.
INGOT_API std::vector<std::string> freeze_statistics(const Module& module,
                                                     const Patterns& patterns = {"*"});
INGOT_API std::vector<std::string> thaw_statistics(const Module& module,
                                                   const Patterns& patterns = {"*"});

struct LoadOptions {
    // Whether names that are missing or unexpected are an Error, as in PyTorch's load_state_dict.
    bool strict = true;
    // Whether tensors of another shape or dtype are left out instead of being an Error; a new head
    // for other classes, say. PyTorch has it as an error even where it is not strict.
    bool ignore_mismatched_sizes = false;
    // Taken off the names of the tensors; those that begin otherwise are left out. "encoder."
    std::string strip_prefix{};
    std::string add_prefix{};  // put before them, then: "0." for the first module of a Sequential
    Patterns only{};  // of the model's names: all others are left as they are; empty: take all
};

enum class LoadState {
    kMatched,
    kMissing,     // in the model, not in the file
    kUnexpected,  // in the file, not in the model
    kMismatched,  // of another shape or dtype
    kLeftOut      // of the file, not asked for by prefix or pattern
};

struct LoadEntry {
    LoadState state;
    std::string name;  // in the model; of kLeftOut in the file
    std::optional<TensorSpec> in_model{}, in_file{};
};

struct INGOT_API LoadReport {
    std::vector<LoadEntry> entries;  // in the model's order, then in the file's

    std::vector<std::string> names(LoadState state) const;
    std::int64_t count(LoadState state) const;
};

// Counts, then a table of all that did not match.
INGOT_API std::string to_text(const LoadReport& report);

// Overwrites parameters and buffers by name. Throws kInvalidArgument, having changed nothing, with
// every name at fault, when a pattern or prefix fits nothing, and when nothing matches at all.
INGOT_API LoadReport load_state_dict(const Module& module, std::span<const HostTensor> tensors,
                                     const LoadOptions& options = {});

}  // namespace ingot::nn

namespace ingot::io {

// The same from a safetensors file, as kFile naming it. The module's notes stay as they are.
INGOT_API nn::LoadReport load(const nn::Module& module, const std::filesystem::path& path,
                              const nn::LoadOptions& options);

}  // namespace ingot::io
