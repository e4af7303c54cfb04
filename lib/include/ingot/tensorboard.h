// SPDX-License-Identifier: MIT
// TensorBoard as a callback: losses, metrics and learning rates, weights and gradients, the model.
//
//     trainer.fit(train, {.epochs = 5, .callbacks = {train::TensorBoard{"runs/first"}}});
//
// io::EventWriter (event_file.h) writes the same files for a loop of one's own.
#pragma once

#include <ingot/callbacks.h>
#include <ingot/event_file.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace ingot::train {

struct TensorBoardOptions {
    // Histograms of weights and gradients, of the batch before every so many steps; 0: before the
    // first of each epoch. Such a step computes its gradient twice and waits; the others cost
    // nothing, and no bit of the outcome depends on it.
    std::int64_t histograms_every = 0;
    bool histograms = true;
    bool graph = true;  // the operations of the model, in boxes by layer
};

// Tags: loss/train, loss/validation, accuracy/... and each metric, once an epoch; step/loss,
// step/learning_rate, step/samples_per_s; weights/NAME, gradients/NAME, gradient_norm/NAME; filters
// of the first layer; run and model as text. The step is that of the run, so all curves line up. A
// resumed run continues, in a file of its own. A file that cannot be written is a warning in the
// log, and training goes on.
class INGOT_API TensorBoard : public Callback {
public:
    explicit TensorBoard(std::filesystem::path folder, const TensorBoardOptions& options = {});
    void on_begin(FitState& fit) override;
    void on_steps(FitState& fit) override;
    void on_epoch(FitState& fit) override;
    bool wants_probe(const FitState& fit, std::int64_t step) override;
    void on_probe(FitState& fit, const Probe& probe) override;

private:
    template <typename Write>
    void write(Write write);

    std::filesystem::path folder_;
    TensorBoardOptions options_;
    std::optional<io::EventWriter> events_;
    std::size_t written_steps_ = 0;
    bool failing_ = false;
};

// What the first layer looks for, as pictures: one for each of at most `most` rows of the first
// weight that is a convolution over one or three channels, or that multiplies pictures [C, H, W].
// Grey: mid-grey is 0. None where there is no such layer.
INGOT_API std::vector<Image> first_layer_filters(const nn::Module& net, const Shape& sample_shape,
                                                 std::int64_t most = 64);

}  // namespace ingot::train
