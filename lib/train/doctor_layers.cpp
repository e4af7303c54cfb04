// SPDX-License-Identifier: MIT
// Norms of the layers, computed on the device: a few numbers a layer come back.
#include "train/layer_probe.h"

#include <ingot/ops.h>

#include <array>
#include <cmath>

namespace ingot::doctor {
namespace {

constexpr float kNearEnd = 0.01F;  // of a sigmoid's range

Tensor share_of(const Tensor& condition) {
    return mean(cast(condition, f32));
}

std::vector<std::int64_t> all_axes_but(std::size_t axis, std::size_t rank) {
    std::vector<std::int64_t> axes;
    for (std::size_t a = 0; a < rank; ++a) {
        if (a != axis) axes.push_back(static_cast<std::int64_t>(a));
    }
    return axes;
}

// The share of units that are 0 everywhere. Units lie along axis 1, but in sequences [B, T, E]
// along the last: there a place in the sequence is hardly ever 0, so the larger share is meant.
Tensor dead_share(const Tensor& y) {
    const std::size_t rank = y.shape().rank();
    const Tensor largest = max(y, {.axes = all_axes_but(1, rank)});
    const Tensor share = share_of(equal(largest, constant(0.0F)));
    if (rank != 3) return share;
    return maximum(share, share_of(equal(max(y, {.axes = all_axes_but(2, rank)}), constant(0.0F))));
}

Tensor saturated_share(const std::string& type, const Tensor& y) {
    const Tensor unit = type == "Tanh" ? 0.5F * y + 0.5F : y;
    return share_of(
        logical_or(less(unit, constant(kNearEnd)), greater(unit, constant(1 - kNearEnd))));
}

enum Place { kOutput, kSpread, kGradient, kLowest, kLowestInput, kDead, kSaturated, kPlaces };

}  // namespace

LayerProbes::LayerProbes(const Expression& expression) {
    std::vector<Tensor> outputs;
    for (const nn::TracedLayer& layer : expression.trace.layers) {
        if (layer.has_parts || !is_floating(layer.output.dtype()) ||
            layer.output.shape().rank() == 0)
            continue;
        Probe probe{.name = layer.name, .type = layer.type};
        probe.is_last = layer.output == expression.output;
        probes_.push_back(probe);
        outputs.push_back(layer.output);
        const Tensor y = cast(layer.output, f32);
        const bool has_units = y.shape().rank() > 1;
        const Tensor none = constant(0.0F);
        std::array<Tensor, kPlaces> values;
        values.fill(none);
        values[kOutput] = mean(square(y));
        values[kSpread] = mean(var(y, {.axes = {0}, .correction = 0}));
        values[kLowest] = min(y);
        const Tensor& x = layer.inputs.front();
        values[kLowestInput] = is_floating(x.dtype()) ? min(cast(x, f32)) : none;
        if (has_units) values[kDead] = dead_share(y);
        if (layer.type == "Sigmoid" || layer.type == "Tanh")
            values[kSaturated] = saturated_share(layer.type, y);
        values_.push_back({values.begin(), values.end()});
    }
    const std::vector<Tensor> d = gradients(expression.loss, outputs);
    for (std::size_t i = 0; i < d.size(); ++i)
        values_[i][kGradient] = norm(cast(d[i], f32));
    for (const std::vector<Tensor>& values : values_) {
        std::vector<Tensor> parts;
        for (const Tensor& value : values)
            parts.push_back(reshape(value, {1}));
        rows_.push_back(concatenate(parts));
    }
}

void LayerProbes::add_to(Graph& graph) const {
    for (const Tensor& row : rows_)
        graph.output(row);
}

std::vector<LayerNorms> LayerProbes::read(Program& program) const {
    std::vector<LayerNorms> norms;
    bool gradient_seen = false;
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        const auto row = program.read_all<float>(rows_[i]);
        const Probe& probe = probes_[i];
        LayerNorms layer{.name = probe.name, .type = probe.type, .is_last = probe.is_last};
        layer.output = std::isfinite(row[kOutput]) ? std::sqrt(row[kOutput]) : INFINITY;
        if (row[kOutput] > 0) layer.variation = std::sqrt(row[kSpread] / row[kOutput]);
        // Where gradients come by, a layer without one does not lie on their way: its output is
        // not used, or computed a second time behind a checkpoint().
        const double gradient = std::isfinite(row[kGradient]) ? row[kGradient] : INFINITY;
        if (gradient > 0 || !gradient_seen) layer.gradient = gradient;
        gradient_seen = gradient_seen || gradient > 0;
        const bool cuts_off = row[kLowest] == 0 && row[kLowestInput] < 0;
        if (cuts_off && probe.type != "Dropout") layer.dead = row[kDead];
        if (probe.type == "Sigmoid" || probe.type == "Tanh") layer.saturated = row[kSaturated];
        norms.push_back(layer);
    }
    return norms;
}

}  // namespace ingot::doctor
