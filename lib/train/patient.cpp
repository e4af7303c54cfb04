// SPDX-License-Identifier: MIT
#include "train/patient.h"

#include "core/check.h"
#include "core/log.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>

namespace ingot::doctor {

Samples Samples::of(const data::Batch& batch) {
    const auto copied = [](auto values) {
        return std::vector<std::remove_const_t<typename decltype(values)::element_type>>(
            values.begin(), values.end());
    };
    return {.count = batch.count,
            .inputs = copied(batch.inputs),
            .tokens = copied(batch.tokens),
            .labels = copied(batch.labels),
            .targets = copied(batch.targets)};
}

std::vector<Samples> batches_of(const data::Dataset& data, std::int64_t batch_size,
                                std::int64_t most, std::uint64_t seed) {
    if (data.empty()) fail(ErrorKind::kInvalidArgument, "doctor: there are no samples");
    if (batch_size < 1) {
        fail(ErrorKind::kInvalidArgument, "doctor: batches of {} samples", batch_size);
    }
    data::Batches batches{data,
                          std::min(batch_size, data.size()),
                          {.shuffle = true, .seed = seed, .last = data::LastBatch::kDrop}};
    std::vector<Samples> result;
    while (static_cast<std::int64_t>(result.size()) < most) {
        const data::Batch* batch = batches.next();
        if (batch == nullptr) break;
        result.push_back(Samples::of(*batch));
    }
    return result;
}

std::vector<Feed> Expression::feeds(const Samples& samples) const {
    std::vector<Feed> feeds;
    feeds.push_back(x.dtype() == i32 ? Feed{x, samples.tokens} : Feed{x, samples.inputs});
    feeds.push_back(given.dtype() == i32 ? Feed{given, samples.labels}
                                         : Feed{given, samples.targets});
    return feeds;
}

Patient::Patient(const Device& on, nn::Module model, losses::Loss measure, optim::Optimizer mover)
    : device(on.context()),
      net(std::move(model)),
      loss(std::move(measure)),
      optimizer(std::move(mover)) {
    // Before any program fixes where the parameters lie, as a Trainer does.
    std::vector<Parameter> parameters;
    for (const nn::NamedParameter& named : net.parameters()) {
        if (named.parameter.trainable()) parameters.push_back(named.parameter);
    }
    optimizer.adopt(parameters);
}

// Labels as numbers where the loss takes numbers.
Tensor Patient::target_of(const Tensor& given) const {
    return loss.of_labels ? given : cast(given, f32);
}

Expression Patient::write(const data::Dataset& data, std::int64_t count, nn::Mode mode) const {
    if (loss.of_labels && !loss.of_both && !data.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "{}: takes class labels, the data has targets {}",
             loss.name, to_string(data.target_shape()));
    }
    Expression result;
    result.x = input(data.sample_shape().inserted(0, count), data.input_dtype(), "x");
    result.given = input(data.target_shape().inserted(0, count), data.has_labels() ? i32 : f32,
                         data.has_labels() ? "labels" : "targets");
    result.trace = nn::trace(net, result.x, mode);
    result.output = result.trace.output;
    result.loss = loss.value(result.output, target_of(result.given));
    return result;
}

Tensor Patient::uninformed_loss(const Expression& of) const {
    const Shape& shape = of.output.shape();
    const double classes = shape.rank() > 1 ? static_cast<double>(shape[1]) : 1;
    double value = 0;  // logits, and numbers
    if (loss.name == "nll" || loss.name == "kl_div") value = -std::log(classes);
    if (loss.name == "binary_cross_entropy" || loss.name == "dice") value = 0.5;
    const Tensor output = cast(constant(static_cast<float>(value), shape), of.output.dtype());
    return loss.value(output, target_of(of.given));
}

Snapshot::Snapshot(const Patient& patient)
    : patient_(patient),
      weights_(patient.net.state_dict()),
      notes_(patient.net.notes()),
      generators_(patient.net.generators()) {
    for (const Parameter& parameter : patient.optimizer.state())
        state_.push_back(parameter.read());
    for (const Generator& generator : generators_)
        counters_.push_back(generator.counter());
}

void Snapshot::restore() const {
    patient_.net.load_state_dict(weights_);
    const std::map<std::string, std::string> now = patient_.net.notes();
    for (const auto& [name, text] : now) {
        if (!notes_.contains(name)) patient_.net.set_note(name, "");
    }
    for (const auto& [name, text] : notes_)
        patient_.net.set_note(name, text);
    std::vector<Parameter> state = patient_.optimizer.state();
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i].write(state_.at(i));
    for (std::size_t i = 0; i < generators_.size(); ++i)
        Generator(generators_[i]).set_counter(counters_[i]);
}

Snapshot::~Snapshot() {
    try {
        restore();
    } catch (const std::exception& error) {
        log(LogLevel::kError, "doctor: weights could not be put back: {}", error.what());
    }
}

}  // namespace ingot::doctor
