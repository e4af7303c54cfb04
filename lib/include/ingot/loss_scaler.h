// SPDX-License-Identifier: MIT
// LossScaler: keeps the gradients of f16 within its range, by torch.amp.GradScaler's rules. The
// loss is multiplied by a scale and the gradients of the parameters, in f32, divided by it; where
// one of them is infinite or no number, nothing is updated and the scale is lowered; after a while
// without any it is raised. All of it happens on the device, as part of the step: scale, count of
// good steps and count of skipped ones are parameters, and the host never waits for them.
//
//     optim::AdamW optimizer{{.lr = 1e-3}, {.loss_scaler = optim::LossScaler{}}};
//
// A scaler is a handle: copies share its numbers.
#pragma once

#include <ingot/export.h>
#include <ingot/graph.h>
#include <ingot/parameter.h>

#include <cstdint>
#include <span>
#include <vector>

namespace ingot::optim {

struct LossScalerOptions {
    double init_scale = 65536;  // above 0; powers of two change no bit of a gradient
    double growth_factor = 2;   // above 1: of the scale, after growth_interval good steps in a row
    double backoff_factor = 0.5;          // between 0 and 1: of the scale, after a skipped step
    std::int64_t growth_interval = 2000;  // 1 to 2^24
    bool enabled = true;                  // false: nothing is scaled, looked at or skipped
};

class INGOT_API LossScaler {
public:
    explicit LossScaler(const LossScalerOptions& options = {});

    // For steps of one's own; optimizers do the same (StepOptions::loss_scaler):
    //     const auto d = scaler.unscale(gradients(scaler.scale(loss), weights));
    //     const Tensor finite = optim::all_finite(d);
    //     step.update(w, where(finite, w - rate * d[0], w));
    //     scaler.update(step, finite);
    Tensor scale(const Tensor& loss) const;  // f32, the loss's shape
    std::vector<Tensor> unscale(std::span<const Tensor> gradients) const;
    // Adds what becomes of the scale to a step whose gradients are finite, a bool []. With `due`, a
    // bool [], only in runs where that is true.
    void update(Graph& step, const Tensor& finite, const Tensor& due = {}) const;

    const LossScalerOptions& options() const { return options_; }
    double get_scale() const;              // of the next step; waits
    std::int64_t skipped_steps() const;    // so far; waits
    std::vector<Parameter> state() const;  // what a checkpoint keeps
    void reset();                          // as before the first step; waits

private:
    LossScalerOptions options_;
    Parameter scale_;           // f32 [1], as those below
    Parameter growth_tracker_;  // good steps since the scale last changed
    Parameter skipped_steps_;
};

// Whether no element of the tensors is infinite or NaN: a bool [].
INGOT_API Tensor all_finite(std::span<const Tensor> tensors);

}  // namespace ingot::optim
