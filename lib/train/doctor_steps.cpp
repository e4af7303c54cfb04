// SPDX-License-Identifier: MIT
// What a few steps of the optimizer do: learning some samples by heart, and the size of updates.
#include "train/doctor.h"

#include "core/check.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ingot::doctor {
namespace {

constexpr double kGoal = 0.05;  // of the loss of an answer that does not look at the samples
constexpr int kLookEvery = 20;  // steps between two looks in evaluation mode
constexpr double kOtherRate = 1e-3;

double share_right(const Tensor& output, const std::vector<float>& values, const Samples& samples) {
    const Shape& shape = output.shape();
    if (samples.labels.empty() || shape.rank() != 2) return kNotMeasured;
    const auto classes = static_cast<std::ptrdiff_t>(shape[1]);
    double right = 0;
    for (std::size_t i = 0; i < samples.labels.size(); ++i) {
        const auto row = values.begin() + static_cast<std::ptrdiff_t>(i) * classes;
        right += std::max_element(row, row + classes) - row == samples.labels[i] ? 1 : 0;
    }
    return right / static_cast<double>(samples.labels.size());
}

void repeat(Samples& samples) {
    const auto twice = [](auto& values) {
        const auto once = values;
        values.insert(values.end(), once.begin(), once.end());
    };
    twice(samples.inputs);
    twice(samples.tokens);
    twice(samples.labels);
    twice(samples.targets);
    samples.count *= 2;
}

class ByHeart {
public:
    ByHeart(Patient& patient, const data::Dataset& data, Samples samples, std::int64_t steps)
        : patient_(patient),
          samples_(std::move(samples)),
          training_(patient.write(data, samples_.count, nn::Mode::kTrain)),
          evaluation_(patient.write(data, samples_.count, nn::Mode::kEval)),
          evaluated_output_(cast(evaluation_.output, f32)),
          evaluate_(
              patient.device.compile(Graph{}.output(evaluation_.loss).output(evaluated_output_))),
          steps_(steps) {}

    struct Outcome {
        std::vector<float> losses;
        double loss = kNotMeasured;
        double accuracy = kNotMeasured;
    };
    Outcome learn(optim::Optimizer optimizer, double goal) {
        const Tensor output = cast(training_.output, f32);
        Program step = patient_.device.compile(optimizer.minimize(training_.loss).output(output));
        const Snapshot snapshot(patient_);
        Outcome outcome;
        for (std::int64_t i = 1; i <= steps_; ++i) {
            step.run(training_.feeds(samples_));
            outcome.loss = step.read<float>(training_.loss);
            outcome.losses.push_back(static_cast<float>(outcome.loss));
            if (!std::isfinite(outcome.loss) || outcome.loss <= goal) break;
            if (i % kLookEvery == 0 && evaluate() <= goal) break;
        }
        outcome.accuracy = share_right(output, step.read_all<float>(output), samples_);
        const double evaluated = evaluate();
        // Dropout makes the one hard, running statistics that lag behind the other.
        if (evaluated < outcome.loss) {
            outcome.loss = evaluated;
            outcome.accuracy = share_right(evaluated_output_,
                                           evaluate_.read_all<float>(evaluated_output_), samples_);
        }
        return outcome;
    }

private:
    double evaluate() {
        evaluate_.run(evaluation_.feeds(samples_));
        return evaluate_.read<float>(evaluation_.loss);
    }

    Patient& patient_;
    Samples samples_;
    Expression training_;
    Expression evaluation_;
    Tensor evaluated_output_;
    Program evaluate_;
    std::int64_t steps_;
};

// One look at a net on a batch: the norms of the gradients of its parameters, and its layers.
struct Look {
    std::vector<nn::NamedParameter> parameters;
    std::vector<Tensor> norms;  // of each parameter's gradient
    LayerProbes probes;
    Graph graph;

    Look(const Patient& patient, const Expression& expression)
        : parameters(patient.net.parameters()), probes(expression) {
        std::vector<Tensor> wrt;
        for (const nn::NamedParameter& named : parameters)
            wrt.push_back(named.parameter.tensor());
        for (const Tensor& gradient : gradients(expression.loss, wrt)) {
            norms.push_back(norm(gradient));
            graph.output(norms.back());
        }
        probes.add_to(graph);
    }
};

}  // namespace

Overfit learn_by_heart(Patient& patient, const data::Dataset& data, std::int64_t count,
                       double expected, const Options& options) {
    Samples samples = batches_of(data, count, 1, options.seed).front();
    Overfit result{.what = count == 1 ? "one sample" : "one batch", .samples = samples.count};
    if (count == 1) {
        try {
            patient.write(data, 1, nn::Mode::kTrain);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kInvalidArgument) throw;
            repeat(samples);
            result.note = "the sample twice: the net does not take a batch of one";
        }
    }
    result.contradictory = facts_of(samples).contradictory;
    result.optimizer = patient.optimizer.name();
    result.learning_rate = patient.optimizer.learning_rate();
    ByHeart by_heart(patient, data, std::move(samples), options.overfit_steps);
    // Of a loss without a known beginning, its own.
    const double begin = std::isfinite(expected) && expected > 0 ? expected : INFINITY;
    result.goal = kGoal * begin;
    if (std::isinf(begin))
        result.goal = kGoal * by_heart.learn(patient.optimizer, INFINITY).losses.front();

    auto outcome = by_heart.learn(patient.optimizer, result.goal);
    result.first_loss = outcome.losses.front();
    result.last_loss = outcome.loss;
    result.last_accuracy = outcome.accuracy;
    result.steps = static_cast<std::int64_t>(outcome.losses.size());
    result.losses = std::move(outcome.losses);
    const bool is_other = (result.optimizer == "adam" || result.optimizer == "adamw") &&
                          std::abs(std::log(result.learning_rate / kOtherRate)) < std::log(2.0);
    if (!(result.last_loss <= result.goal) && !is_other) {
        outcome = by_heart.learn(optim::Adam{{.lr = kOtherRate}}, result.goal);
        result.other_steps = static_cast<std::int64_t>(outcome.losses.size());
        result.other_loss = outcome.loss;
    }
    return result;
}

Doctor::Steps measure_as_it_is(Patient& patient, const data::Dataset& data,
                               const Options& options) {
    const Samples samples = batches_of(data, options.batch_size, 1, options.seed).front();
    const Expression expression = patient.write(data, samples.count, nn::Mode::kTrain);
    const Look look(patient, expression);
    const auto& parameters = look.parameters;
    Program program = patient.device.compile(look.graph);
    const Snapshot snapshot(patient);
    program.run(expression.feeds(samples));
    Doctor::Steps result;
    result.layers = look.probes.read(program);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const HostTensor contents = parameters[p].parameter.read();
        const auto values = contents.values<float>();
        double size = 0;
        for (const float value : values)
            size += static_cast<double>(value) * value;
        const auto elements = static_cast<double>(values.size());
        ParameterNorms n{.name = parameters[p].name, .rank = contents.shape.rank()};
        n.weight = std::isfinite(size) ? std::sqrt(size / elements) : INFINITY;
        n.gradient = program.read<float>(look.norms[p]) / std::sqrt(elements);
        n.all_equal = values.size() > 1 && std::all_of(values.begin(), values.end(),
                                                       [&](float v) { return v == values[0]; });
        n.is_trained = parameters[p].parameter.trainable();
        result.parameters.push_back(n);
    }
    return result;
}

Doctor::Steps measure_steps(Patient& patient, const data::Dataset& data, const Options& options) {
    const std::int64_t count = std::min(options.batch_size, data.size());
    const Expression expression = patient.write(data, count, nn::Mode::kTrain);
    const Look look(patient, expression);
    const auto& parameters = look.parameters;
    Program step = patient.device.compile(patient.optimizer.minimize(expression.loss));
    Program looking = patient.device.compile(look.graph);

    data::Batches batches{
        data, count, {.shuffle = true, .seed = options.seed, .last = data::LastBatch::kDrop}};
    const auto next = [&]() -> const data::Batch& {
        const data::Batch* batch = batches.next();
        if (batch == nullptr) batch = batches.next();  // the next epoch's first
        return *batch;
    };
    const auto weights = [&] {
        std::vector<HostTensor> result;
        for (const nn::NamedParameter& named : parameters)
            result.push_back(named.parameter.read());
        return result;
    };
    const Snapshot snapshot(patient);
    Doctor::Steps result;
    const std::vector<HostTensor> first = weights();
    const std::int64_t accumulate = patient.optimizer.accumulate();
    const std::int64_t runs = options.steps * accumulate;
    std::vector<HostTensor> before;
    for (std::int64_t i = 0; i < runs; ++i) {
        if (i == runs - accumulate) before = weights();
        const data::Batch& batch = next();
        const Samples samples = Samples::of(batch);
        step.run(expression.feeds(samples));
        result.losses.push_back(step.read<float>(expression.loss));
        if (i == runs - 1) looking.run(expression.feeds(samples));
    }
    const std::vector<HostTensor> after = weights();
    result.layers = look.probes.read(looking);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto old = std::as_const(before[p]).values<float>();
        const auto now = after[p].values<float>();
        const auto initial = first[p].values<float>();
        const auto elements = static_cast<double>(old.size());
        double begin = 0, size = 0, change = 0;
        for (std::size_t i = 0; i < old.size(); ++i) {
            begin += static_cast<double>(initial[i]) * initial[i];
            size += static_cast<double>(old[i]) * old[i];
            const double d = static_cast<double>(now[i]) - old[i];
            change += d * d;
        }
        ParameterNorms n{.name = parameters[p].name, .rank = before[p].shape.rank()};
        n.weight = std::sqrt(begin / elements);
        n.gradient = looking.read<float>(look.norms[p]) / std::sqrt(elements);
        n.update = size > 0 ? std::sqrt(change / size) : change > 0 ? INFINITY : 0;
        n.all_equal =
            old.size() > 1 && std::all_of(initial.begin(), initial.end(),
                                          [&](float value) { return value == initial[0]; });
        n.is_trained = parameters[p].parameter.trainable();
        result.parameters.push_back(n);
    }
    return result;
}

}  // namespace ingot::doctor
