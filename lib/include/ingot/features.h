// SPDX-License-Identifier: MIT
// Transfer learning's other half: what a frozen network makes of the samples, computed once, and
// learning rates that grow towards the head. nn/transfer.h has the first half.
//
//     auto seen = ingot::train::features(device, body, data);  // f32 [N, features...], labels
//     ingot::train::Trainer{device, head, ...}.fit(seen, {.epochs = 100});
#pragma once

#include <ingot/data.h>
#include <ingot/device.h>
#include <ingot/export.h>
#include <ingot/nn.h>
#include <ingot/optim.h>

#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

namespace ingot::train {

struct FeatureOptions {
    std::int64_t batch_size = 256;  // at least 1
    // Where the features go when they are larger than memory: PATH, an NPY file f32
    // [N, features...], and beside it PATH.targets.npy, both written anew, atomically. The dataset
    // streams them from there. Empty: they are kept in memory.
    std::filesystem::path path{};
    // Samples go through what the net has noted (Trainer), unless they have already.
    bool prepare = true;
};

// The net's outputs in evaluation mode as samples, with the targets, class names and names of the
// samples of `data`. Computed once: augmentation has no part in them, and later changes to the net
// neither. Throws when there are no samples or the net gives no row for each.
INGOT_API data::Dataset features(const Device& device, const nn::Module& net,
                                 const data::Dataset& data, const FeatureOptions& options = {});

namespace detail {

template <typename Optimizer, typename Options>
Options options_of(void (Optimizer::*)(std::vector<Parameter>, const Options&,
                                       const optim::GroupOptions&));
template <typename Optimizer>
using OptionsOf = decltype(options_of(&Optimizer::add_group));

struct RateGroup {
    std::vector<Parameter> parameters;
    double scale;  // of the learning rate
};
INGOT_API std::vector<RateGroup> rate_groups(const nn::Module& net, const nn::Patterns& patterns,
                                             double factor);

}  // namespace detail

// Discriminative learning rates (Howard and Ruder, "Universal language model fine-tuning for text
// classification", ACL 2018): a group for each pattern (nn::Patterns), from the input to the head.
// The last has the rate of `options`, each one before it that of the next divided by `factor`.
// Parameters that several patterns fit are in the first one's group. Throws unless factor is at
// least 1, and for a pattern that leaves nothing to its group.
//     train::add_groups(optimizer, net, {"conv1", "layer1", "layer2", "fc"}, {.lr = 1e-2});
template <typename Optimizer>
void add_groups(Optimizer& optimizer, const nn::Module& net, const nn::Patterns& patterns,
                const detail::OptionsOf<Optimizer>& options, double factor = 2.6) {
    for (auto& [parameters, scale] : detail::rate_groups(net, patterns, factor)) {
        auto own = options;
        own.lr *= scale;
        optimizer.add_group(std::move(parameters), own);
    }
}

}  // namespace ingot::train
