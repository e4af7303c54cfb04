// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "core/log.h"

#include <ingot/model_graph.h>
#include <ingot/tensorboard.h>
#include <ingot/train.h>

#include <cmath>

namespace ingot::train {
namespace {

std::int64_t steps_of(const FitState& fit) {
    return static_cast<std::int64_t>(fit.history.step_losses.size());
}

double norm_of(const io::Histogram& histogram) {
    return std::sqrt(histogram.sum_of_squares);
}

std::string run_text(const FitState& fit) {
    std::string text = "| | |\n|---|---|\n";
    const auto add = [&](const char* name, const auto& value) {
        text += fmt::format("| {} | {} |\n", name, value);
    };
    add("optimizer", fit.optimizer.name());
    add("learning rate", fit.optimizer.learning_rate());
    add("parameters", fit.net.parameter_count());
    add("epochs", fit.epochs);
    add("steps an epoch", fit.steps_per_epoch);
    if (fit.options != nullptr) {
        add("batch size", fit.options->batch_size);
        add("seed", fit.options->seed);
    }
    if (fit.device != nullptr) {
        add("device", fit.device->info().name);
        add("driver", fit.device->info().driver);
    }
    return text;
}

}  // namespace

TensorBoard::TensorBoard(std::filesystem::path folder, const TensorBoardOptions& options)
    : folder_(std::move(folder)), options_(options) {
    if (options.histograms_every < 0) {
        fail(ErrorKind::kInvalidArgument, "TensorBoard: histograms every {} steps",
             options.histograms_every);
    }
}

// A disk that is full ends no training.
template <typename Write>
void TensorBoard::write(Write write) {
    try {
        write(*events_);
        failing_ = false;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kFile) throw;
        if (!failing_) log(LogLevel::kWarning, "TensorBoard: {}", error.what());
        failing_ = true;
    }
}

void TensorBoard::on_begin(FitState& fit) {
    // What was said after the last step that is kept still holds.
    events_.emplace(folder_, steps_of(fit) > 0 ? steps_of(fit) + 1 : 0);
    written_steps_ = fit.history.step_losses.size();
    if (written_steps_ > 0) return;  // a resumed run has said the rest
    const bool knows_input = fit.input.shape.rank() > 0;
    write([&](io::EventWriter& events) {
        events.text("run", 0, run_text(fit));
        if (!knows_input) return;
        const Tensor x = input(fit.input.shape, fit.input.dtype, "x");
        events.text("model", 0, "```\n" + to_string(nn::summary(fit.net, x)) + "```\n");
        if (options_.graph) events.graph(nn::model_graph(fit.net, x));
    });
}

void TensorBoard::on_steps(FitState& fit) {
    const std::vector<float>& losses = fit.history.step_losses;
    write([&](io::EventWriter& events) {
        while (written_steps_ < losses.size()) {
            const float loss = losses[written_steps_++];
            events.scalar("step/loss", static_cast<std::int64_t>(written_steps_), loss);
        }
        events.scalar("step/learning_rate", steps_of(fit), fit.optimizer.learning_rate());
        if (fit.samples_per_s > 0)
            events.scalar("step/samples_per_s", steps_of(fit), fit.samples_per_s);
    });
}

void TensorBoard::on_epoch(FitState& fit) {
    const EpochResult& epoch = fit.history.epochs.back();
    write([&](io::EventWriter& events) {
        const auto add = [&](const std::string& name, const char* of, double value) {
            if (!std::isnan(value)) events.scalar(name + "/" + of, steps_of(fit), value);
        };
        add("loss", "train", epoch.train_loss);
        add("loss", "validation", epoch.validation_loss);
        add("accuracy", "train", epoch.train_accuracy);
        add("accuracy", "validation", epoch.validation_accuracy);
        for (const auto& [name, value] : epoch.train_metrics)
            add(name, "train", value);
        for (const auto& [name, value] : epoch.validation_metrics)
            add(name, "validation", value);
        add("epoch", "time_s", epoch.time_s);
    });
}

bool TensorBoard::wants_probe(const FitState& fit, std::int64_t step) {
    const std::int64_t every =
        options_.histograms_every > 0 ? options_.histograms_every : fit.steps_per_epoch;
    return options_.histograms && step % every == 0;
}

void TensorBoard::on_probe(FitState& fit, const Probe& probe) {
    write([&](io::EventWriter& events) {
        for (std::size_t i = 0; i < probe.weights.size(); ++i) {
            const std::string& name = probe.weights[i].name;
            const io::Histogram gradients = io::histogram(probe.gradients[i].values<float>());
            events.histogram("weights/" + name, probe.step,
                             io::histogram(probe.weights[i].values<float>()));
            events.histogram("gradients/" + name, probe.step, gradients);
            events.scalar("gradient_norm/" + name, probe.step, norm_of(gradients));
        }
        if (fit.input.shape.rank() < 2) return;
        events.images("filters", probe.step,
                      first_layer_filters(fit.net, fit.input.shape.without(0)));
    });
}

}  // namespace ingot::train
