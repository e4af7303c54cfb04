// SPDX-License-Identifier: MIT
// Norms of layers and parameters read as a diagnosis. The bounds lie orders of magnitude away from
// what nets with usual starting values show, and the nearest healthy case stands beside each.
#include <ingot/diagnosis.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::doctor {
namespace {

// PyTorch's starting values shrink the gradient of a plain ReLU net by about 0.4 a layer: ten
// layers come to 1e-4, and still learn; twenty come to 1e-8, and do not.
constexpr double kVanishing = 3e-5;
constexpr double kVanished = 1e-8;
constexpr double kExploding = 1e3;  // gradient or output, from one end to the other
constexpr double kExploded = 1e6;
// An f32 resolves 6e-8 of a value: below this the samples are told apart by the last bits.
constexpr double kLostSignal = 1e-4;
constexpr double kManyDead = 0.6;  // of 256 units on pictures of clothes a tenth are
constexpr double kAllDead = 0.95;
constexpr double kManySaturated = 0.6;
// Relative changes of one step. Good ones are said to be near 1e-3; Adam at 1e-3 on a weight
// [256, 784] begins with 0.05.
constexpr double kFast = 0.2;
constexpr double kWild = 2;
constexpr double kSlow = 1e-6;

std::string called(const LayerNorms& layer) {
    return layer.name.empty() ? layer.type : fmt::format("{} ({})", layer.name, layer.type);
}

// "a, b, c and 4 more"
std::string listed(const std::vector<std::string>& names) {
    constexpr std::size_t kShown = 4;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
    return text;
}

struct List {
    std::vector<Finding> findings;
    const char* check;

    void add(Verdict verdict, const char* disease, std::string evidence, const char* remedy) {
        findings.push_back({check, verdict, disease, std::move(evidence), remedy});
    }
};

constexpr const char* kVanishingRemedy =
    "ReLU, GELU or SiLU in place of sigmoid or tanh; he_normal or xavier weights to fit; batch or "
    "layer norm; residual connections; fewer layers.";
constexpr const char* kExplodingRemedy =
    "Smaller starting weights (he_normal, xavier_normal); batch or layer norm; clipping of the "
    "gradient's norm; inputs normalised to deviation 1.";

// False: nothing else can be told.
bool look_at_gradients(std::span<const LayerNorms> layers, List& list) {
    std::vector<std::string> blocked;
    const LayerNorms* last = nullptr;
    for (const LayerNorms& layer : layers) {
        if (layer.gradient > 0) last = &layer;
    }
    for (const LayerNorms& layer : layers) {
        if (layer.gradient == 0) blocked.push_back(called(layer));
        if (std::isinf(layer.gradient) || std::isinf(layer.output)) {
            list.add(Verdict::kIll, "not finite",
                     fmt::format("The outputs of {} are {:.3g} in size, the gradient {:.3g}.",
                                 called(layer), layer.output, layer.gradient),
                     kExplodingRemedy);
            return false;
        }
    }
    if (!blocked.empty()) {
        list.add(
            Verdict::kDoubtful, "no gradient",
            fmt::format("No gradient reaches {}: it is 0 in each element.", listed(blocked)),
            "A look at what comes behind: weights that are all 0, dead units, a stop_gradient, "
            "or outputs that the loss does not use. A last layer of zeros is no fault, it gets "
            "out of the way in the first step.");
    }
    if (last == nullptr) return true;
    const LayerNorms* least = last;
    const LayerNorms* most = last;
    for (const LayerNorms& layer : layers) {
        if (&layer == last) break;
        if (layer.gradient > 0 && layer.gradient < least->gradient) least = &layer;
        if (layer.gradient > most->gradient) most = &layer;
    }
    const auto between = [&](const LayerNorms& layer) {
        return fmt::format("The gradient is {:.2g} at {} and {:.2g} at {}: a factor of {:.1g}.",
                           last->gradient, called(*last), layer.gradient, called(layer),
                           layer.gradient / last->gradient);
    };
    if (const double ratio = least->gradient / last->gradient; ratio < kVanishing) {
        list.add(ratio < kVanished ? Verdict::kIll : Verdict::kDoubtful, "vanishing gradients",
                 between(*least), kVanishingRemedy);
    }
    if (const double ratio = most->gradient / last->gradient; ratio > kExploding) {
        list.add(ratio > kExploded ? Verdict::kIll : Verdict::kDoubtful, "exploding gradients",
                 between(*most), kExplodingRemedy);
    }
    return true;
}

void look_at_outputs(std::span<const LayerNorms> layers, List& list) {
    for (const LayerNorms& layer : layers) {
        if (!(layer.output > kExploding)) continue;
        list.add(layer.output > kExploded ? Verdict::kIll : Verdict::kDoubtful,
                 "exploding activations",
                 fmt::format("The outputs of {} are {:.3g} in size (root mean square).",
                             called(layer), layer.output),
                 kExplodingRemedy);
        break;  // those behind follow from it
    }
    for (const LayerNorms& layer : layers) {
        // All of a sudden nothing is left: zero weights, which are told of elsewhere.
        if (!(layer.variation < kLostSignal) || layer.variation == 0) continue;
        list.add(Verdict::kDoubtful, "signal lost",
                 fmt::format("The outputs of {} hardly depend on the sample: {:.1g} of their size "
                             "differs from sample to sample.",
                             called(layer), layer.variation),
                 kVanishingRemedy);
        break;
    }
}

void look_at_units(std::span<const LayerNorms> layers, List& list) {
    for (const LayerNorms& layer : layers) {
        if (layer.dead >= kManyDead) {
            list.add(
                layer.dead >= kAllDead ? Verdict::kIll : Verdict::kDoubtful, "dead units",
                fmt::format("{:.0f} % of the units of {} are 0 for every sample.", 100 * layer.dead,
                            called(layer)),
                "A lower learning rate; biases that begin at 0; he_normal weights; leaky_relu, "
                "ELU or GELU; inputs normalised to mean 0.");
        }
        if (layer.saturated >= kManySaturated && !layer.is_last) {
            list.add(
                Verdict::kDoubtful, "saturated units",
                fmt::format("{:.0f} % of the outputs of {} are within 1 % of an end, where the "
                            "gradient is next to 0.",
                            100 * layer.saturated, called(layer)),
                "Smaller starting weights (xavier_normal); normalised inputs; batch or layer "
                "norm in front; ReLU or GELU.");
        }
    }
}

}  // namespace

std::vector<Finding> judge_layers(std::span<const LayerNorms> layers) {
    List list{{}, "layers"};
    if (look_at_gradients(layers, list)) {
        look_at_outputs(layers, list);
        look_at_units(layers, list);
    }
    if (list.findings.empty() && !layers.empty()) {
        double least = INFINITY, most = 0, dead = 0;
        for (const LayerNorms& layer : layers) {
            least = std::fmin(least, layer.gradient);  // passes over what was not measured
            most = std::fmax(most, layer.gradient);
            dead = std::fmax(dead, layer.dead);
        }
        list.findings.push_back(
            {list.check, Verdict::kHealthy, "",
             fmt::format(
                 "Gradients from {:.2g} to {:.2g} over {} layers; at most {:.0f} % dead units.",
                 least, most, layers.size(), 100 * dead),
             ""});
    }
    return std::move(list.findings);
}

std::vector<Finding> judge_parameters(std::span<const ParameterNorms> parameters) {
    List list{{}, "updates"};
    std::vector<std::string> equal, zero, still, slow, fast, wild;
    double least = INFINITY, most = 0;
    for (const ParameterNorms& p : parameters) {
        const bool is_matrix = p.rank >= 2;
        if (is_matrix && p.all_equal) (p.weight == 0 ? zero : equal).push_back(p.name);
        if (!p.is_trained || std::isnan(p.update)) continue;
        if (p.update == 0 || p.gradient == 0) still.push_back(p.name);
        // Biases begin at 0 and scales at 1: how fast they move relative to that says little.
        if (!is_matrix || p.update == 0 || p.all_equal) continue;
        const std::string named = fmt::format("{} ({:.1g})", p.name, p.update);
        if (p.update > kWild) {
            wild.push_back(named);
        } else if (p.update > kFast) {
            fast.push_back(named);
        } else if (p.update < kSlow) {
            slow.push_back(named);
        }
        least = std::min(least, p.update);
        most = std::max(most, p.update);
    }
    if (!equal.empty()) {
        list.add(Verdict::kIll, "equal weights",
                 fmt::format("Every element is the same in {}: its units learn the same thing.",
                             listed(equal)),
                 "Random starting weights.");
    }
    if (!zero.empty()) {
        list.add(Verdict::kNote, "zero weights",
                 fmt::format("All is 0 in {}: nothing flows back through it in the first step, and "
                             "several such layers behind each other stay so.",
                             listed(zero)),
                 "Small random starting weights, if it was not meant.");
    }
    if (!still.empty()) {
        list.add(Verdict::kDoubtful, "not trained",
                 fmt::format("A step does not change {}, or its gradient is 0.", listed(still)),
                 "A look at the layers behind; set_trainable(false), if it is meant.");
    }
    constexpr const char* kTooFast = "A lower learning rate, or warming it up.";
    if (!wild.empty()) {
        list.add(Verdict::kIll, "updates too large",
                 fmt::format("One step changes more than the weight itself: {}.", listed(wild)),
                 kTooFast);
    }
    if (!fast.empty()) {
        list.add(Verdict::kDoubtful, "updates too large",
                 fmt::format("One step changes, relative to the weight, {}; 0.001 is usual.",
                             listed(fast)),
                 kTooFast);
    }
    if (!slow.empty()) {
        list.add(Verdict::kDoubtful, "updates too small",
                 fmt::format("One step changes, relative to the weight, {}; 0.001 is usual.",
                             listed(slow)),
                 "A higher learning rate; a look at the gradient, which may have vanished.");
    }
    if (list.findings.empty() && most > 0) {
        list.findings.push_back(
            {list.check, Verdict::kHealthy, "",
             fmt::format("A step changes weights by {:.1g} to {:.1g} of their size.", least, most),
             ""});
    }
    return std::move(list.findings);
}

}  // namespace ingot::doctor
