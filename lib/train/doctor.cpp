// SPDX-License-Identifier: MIT
// The examination: what is measured, in which order, and what becomes of it.
#include "train/doctor.h"

#include "core/check.h"

#include <ingot/ops.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace ingot::doctor {
namespace {

constexpr std::int64_t kFirstBatches = 8;  // whose loss is the first loss

template <typename T>
std::string_view bytes_of(const std::vector<T>& values, std::int64_t sample, std::int64_t count) {
    const std::size_t each = values.size() / static_cast<std::size_t>(count);
    return {reinterpret_cast<const char*>(values.data() + static_cast<std::size_t>(sample) * each),
            each * sizeof(T)};
}

// The targets of all batches as rows of numbers.
std::vector<std::vector<float>> target_columns(const std::vector<Samples>& batches) {
    std::vector<std::vector<float>> columns;
    for (const Samples& batch : batches) {
        const std::size_t width = batch.targets.size() / static_cast<std::size_t>(batch.count);
        columns.resize(width);
        for (std::size_t i = 0; i < batch.targets.size(); ++i)
            columns[i % width].push_back(batch.targets[i]);
    }
    return columns;
}

// The mean over columns of the loss of the best constant: the mean under MSE, the median under L1.
double loss_of_best_constant(std::vector<std::vector<float>> columns, bool squared) {
    double sum = 0;
    for (std::vector<float>& column : columns) {
        double centre = 0;
        if (squared) {
            for (const float value : column)
                centre += value / static_cast<double>(column.size());
        } else {
            const auto middle = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 2);
            std::nth_element(column.begin(), middle, column.end());
            centre = *middle;
        }
        double loss = 0;
        for (const float value : column)
            loss += squared ? (value - centre) * (value - centre) : std::abs(value - centre);
        sum += loss / static_cast<double>(column.size());
    }
    return sum / static_cast<double>(std::max<std::size_t>(columns.size(), 1));
}

std::string summary_of(const Patient& patient, const data::Dataset& samples) {
    return fmt::format("{} parameters, {}, {} at {:g}, {} samples {}, {}",
                       patient.net.parameter_count(), patient.loss.name, patient.optimizer.name(),
                       patient.optimizer.learning_rate(), samples.size(),
                       to_string(samples.sample_shape()), patient.device.info().name);
}

void add(std::vector<Finding>& to, std::vector<Finding> findings) {
    to.insert(to.end(), findings.begin(), findings.end());
}

}  // namespace

BatchFacts facts_of(const Samples& samples) {
    BatchFacts facts{.samples = samples.count, .tokens = samples.inputs.empty()};
    double sum = 0, squares = 0;
    for (const float value : samples.inputs) {
        if (!std::isfinite(value)) ++facts.non_finite;
        sum += value;
    }
    const auto count = static_cast<double>(samples.inputs.size());
    facts.mean = count > 0 ? sum / count : kNotMeasured;
    for (const float value : samples.inputs)
        squares += (value - facts.mean) * (value - facts.mean);
    facts.deviation = count > 0 ? std::sqrt(squares / count) : kNotMeasured;

    std::unordered_map<std::string_view, std::int64_t> known;
    for (std::int64_t i = 0; i < samples.count; ++i) {
        const auto input = facts.tokens ? bytes_of(samples.tokens, i, samples.count)
                                        : bytes_of(samples.inputs, i, samples.count);
        const auto [found, is_new] = known.emplace(input, i);
        if (is_new) continue;
        ++facts.repeated;
        const bool same_target = samples.labels.empty()
                                     ? bytes_of(samples.targets, i, samples.count) ==
                                           bytes_of(samples.targets, found->second, samples.count)
                                     : bytes_of(samples.labels, i, samples.count) ==
                                           bytes_of(samples.labels, found->second, samples.count);
        if (!same_target) ++facts.contradictory;
    }
    return facts;
}

Doctor::Doctor(const Device& device, nn::Module net, losses::Loss loss, optim::Optimizer optimizer)
    : impl_(std::make_unique<Impl>(
          Impl{{device, std::move(net), std::move(loss), std::move(optimizer)}})) {}
Doctor::~Doctor() = default;
Doctor::Doctor(Doctor&&) noexcept = default;
Doctor& Doctor::operator=(Doctor&&) noexcept = default;

BatchFacts Doctor::batch(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    return facts_of(batches_of(train, options.batch_size, 1, options.seed).front());
}

OutputFacts Doctor::outputs(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    Patient& patient = impl_->patient;
    const Samples samples = batches_of(train, options.batch_size, 1, options.seed).front();
    const Expression expression = patient.write(train, samples.count, nn::Mode::kEval);
    const Tensor output = cast(expression.output, f32);
    Program program = patient.device.compile(Graph{}.output(output).output(expression.loss));
    program.run(expression.feeds(samples));
    return output_facts(patient.loss.name,
                        HostTensor::of("outputs", output.shape(), program.read_all<float>(output)));
}

FirstLoss Doctor::first_loss(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    Patient& patient = impl_->patient;
    const auto batches = batches_of(train, options.batch_size, kFirstBatches, options.seed);
    const Expression expression = patient.write(train, batches.front().count, nn::Mode::kTrain);
    const Tensor uninformed = patient.uninformed_loss(expression);
    Program program = patient.device.compile(Graph{}.output(expression.loss).output(uninformed));
    const Snapshot snapshot(patient);
    FirstLoss first{.loss = patient.loss.name, .measured = 0, .expected = 0};
    for (const Samples& samples : batches) {
        program.run(expression.feeds(samples));
        const auto share = 1 / static_cast<double>(batches.size());
        first.measured += share * program.read<float>(expression.loss);
        first.expected += share * program.read<float>(uninformed);
        first.samples += samples.count;
    }
    const Shape& shape = expression.output.shape();
    if (patient.loss.of_labels && shape.rank() > 1) {
        first.classes = shape[1];
        const bool is_logarithm =
            std::abs(first.expected - std::log(static_cast<double>(first.classes))) < 1e-3;
        first.expectation = is_logarithm ? fmt::format("ln {}", first.classes)
                                         : "the loss of equal scores for all classes";
        return first;
    }
    first.expectation = "the loss of an output of 0";
    if (batches.front().targets.empty()) return first;
    const auto columns = target_columns(batches);
    double sum = 0, count = 0;
    for (const auto& column : columns) {
        for (const float target : column) {
            sum += target;
            ++count;
        }
    }
    first.target_mean = sum / count;
    first.target_deviation = std::sqrt(loss_of_best_constant(columns, true));
    if (patient.loss.name == "mse" || patient.loss.name == "l1") {
        const bool squared = patient.loss.name == "mse";
        first.expected = loss_of_best_constant(columns, squared);
        first.expectation = squared ? "the variance of the targets"
                                    : "the targets' mean distance from their median";
    }
    return first;
}

Doctor::Training Doctor::training(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    if (options.epochs < 1) {
        fail(ErrorKind::kInvalidArgument, "doctor: training takes at least 1 epoch, not {}",
             options.epochs);
    }
    if (options.folds < 0 || options.folds == 1 || options.folds > train.size()) {
        fail(ErrorKind::kInvalidArgument, "doctor: {} folds of {} samples", options.folds,
             train.size());
    }
    return ShortTraining(impl_->patient, train, options).run();
}

LabelReview Doctor::labels(const data::Dataset& given, bool held_out) {
    const data::Dataset samples = impl_->prepared(given);
    const Options options;
    const ShortTraining training(impl_->patient, samples, options);
    if (!training.has_labels_to_review()) {
        fail(ErrorKind::kInvalidArgument,
             "doctor: labels are judged by cross_entropy or nll, one a sample; the loss is {}",
             impl_->patient.loss.name);
    }
    const Snapshot snapshot(impl_->patient);
    return training.review_as_it_is(held_out);
}

std::vector<LearningPoint> Doctor::learning_curve(const data::Dataset& given,
                                                  const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    if (options.validation.empty() || options.epochs < 1) {
        fail(ErrorKind::kInvalidArgument,
             "doctor: a learning curve takes validation samples and at least 1 epoch, there are {} "
             "and {}",
             options.validation.size(), options.epochs);
    }
    return ShortTraining(impl_->patient, train, options).learning_curve();
}

std::vector<GradientProbe> Doctor::gradients(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    return check_gradients(impl_->patient, train, options);
}

Overfit Doctor::overfit(const data::Dataset& given, std::int64_t samples, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    if (samples < 1 || options.overfit_steps < 1) {
        fail(ErrorKind::kInvalidArgument, "doctor: overfitting {} samples in {} steps", samples,
             options.overfit_steps);
    }
    return learn_by_heart(impl_->patient, train, samples, first_loss(train, options).expected,
                          options);
}

std::vector<LayerNorms> Doctor::layers(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    Patient& patient = impl_->patient;
    const Samples samples = batches_of(train, options.batch_size, 1, options.seed).front();
    const Expression expression = patient.write(train, samples.count, nn::Mode::kTrain);
    const LayerProbes probes(expression);
    Graph graph;
    graph.output(expression.loss);
    probes.add_to(graph);
    Program program = patient.device.compile(graph);
    const Snapshot snapshot(patient);
    program.run(expression.feeds(samples));
    return probes.read(program);
}

Doctor::Steps Doctor::steps(const data::Dataset& given, const Options& options) {
    const data::Dataset train = impl_->prepared(given);
    if (options.steps < 1) {
        fail(ErrorKind::kInvalidArgument, "doctor: {} steps; at least 1 is needed", options.steps);
    }
    return measure_steps(impl_->patient, train, options);
}

Diagnosis Doctor::examine_trained(const data::Dataset& given, const train::History& history,
                                  const Options& options, bool held_out) {
    const auto begin = [&](const char* what) {
        if (options.progress) options.progress(what);
    };
    const data::Dataset samples = impl_->prepared(given);
    Diagnosis result;
    result.summary = summary_of(impl_->patient, samples);
    result.history = history;
    std::vector<Finding>& findings = result.findings;
    if (!history.epochs.empty() || !history.step_losses.empty())
        add(findings, judge_curves(history));
    begin("layers");
    add(findings, judge_batch(batch(samples, options)));
    add(findings, judge_outputs(outputs(samples, options)));
    const Steps now = measure_as_it_is(impl_->patient, samples, options);
    result.layers = now.layers;
    result.parameters = now.parameters;
    add(findings, judge_layers(result.layers));
    add(findings, judge_parameters(result.parameters));
    const Options none;
    if (ShortTraining(impl_->patient, samples, none).has_labels_to_review()) {
        begin("labels");
        result.labels = labels(samples, held_out);
        findings.push_back(judge_labels(result.labels));
    }
    return result;
}

Diagnosis Doctor::examine(const data::Dataset& train, const Options& options) {
    const auto begin = [&](const char* what) {
        if (options.progress) options.progress(what);
    };
    Diagnosis result;
    result.summary = summary_of(impl_->patient, train);
    std::vector<Finding>& findings = result.findings;
    begin("first loss");
    add(findings, judge_batch(batch(train, options)));
    add(findings, judge_outputs(outputs(train, options)));
    result.first_loss = first_loss(train, options);
    findings.push_back(judge_first_loss(*result.first_loss));

    begin("layers");
    result.layers = layers(train, options);
    add(findings, judge_layers(result.layers));

    if (options.gradient_parameters > 0) {
        begin("gradients");
        result.gradients = gradients(train, options);
        findings.push_back(judge_gradients(result.gradients));
    }
    if (options.overfit_steps > 0) {
        for (const std::int64_t samples : {std::int64_t{1}, options.overfit_samples}) {
            begin(samples == 1 ? "one sample" : "one batch");
            result.overfits.push_back(overfit(train, samples, options));
            findings.push_back(judge_overfit(result.overfits.back()));
        }
    }
    begin("updates");
    const Steps some = steps(train, options);
    result.parameters = some.parameters;
    add(findings, judge_parameters(result.parameters));
    for (Finding finding : judge_layers(some.layers)) {
        if (finding.verdict == Verdict::kHealthy || result.has(finding.disease)) continue;
        finding.evidence = fmt::format("After {} steps: {}", options.steps, finding.evidence);
        findings.push_back(finding);
    }
    const CurveOptions curve_options{.uninformed_loss = result.first_loss->expected};
    if (options.epochs == 0) {
        // So few steps only tell a rate that is much too high.
        for (const Finding& finding : judge_curves({.step_losses = some.losses}, curve_options)) {
            if (finding.disease == "diverged" || finding.disease == "rate too high")
                findings.push_back(finding);
        }
        return result;
    }
    begin("training");
    Training trained = training(train, options);
    result.history = std::move(trained.history);
    result.labels = std::move(trained.labels);
    add(findings, judge_curves(result.history, curve_options));
    if (result.labels.samples > 0) findings.push_back(judge_labels(result.labels));
    if (!options.shares.empty()) {
        begin("parts of the data");
        result.learning_curve = learning_curve(train, options);
        findings.push_back(judge_learning_curve(result.learning_curve));
    }
    return result;
}

}  // namespace ingot::doctor
