// SPDX-License-Identifier: MIT
// Trainer: its programs, evaluation and prediction.
#include "train/trainer.h"

#include "train/evaluating.h"
#include "train/preparing.h"

#include "core/check.h"

#include <ingot/autocast.h>
#include <ingot/device_augment.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ingot::train {
namespace {

// [B] as [B, 1, ...], to be spread over `shape`.
Tensor along_samples(const Tensor& mask, const Shape& shape) {
    std::vector<std::int64_t> sizes(shape.rank(), 1);
    sizes.front() = shape[0];
    return reshape(mask, Shape(sizes));
}

// The loss of the samples that the mask counts.
Tensor masked_loss(const losses::Loss& loss, const Tensor& output, const Tensor& target,
                   const Tensor& mask) {
    if (target.dtype() == i32 && loss.ignore_index) {
        const Tensor ignored = constant(static_cast<float>(*loss.ignore_index), {1});
        const Tensor counts = greater(along_samples(mask, target.shape()), 0.5F);
        return loss.value(output, where(counts, target, cast(ignored, i32)));
    }
    if (loss.each == nullptr) {
        fail(ErrorKind::kInvalidArgument,
             "{}: has neither a label to ignore nor a loss of each sample (Loss::each), which "
             "LastBatch::kPad takes",
             loss.name);
    }
    const Tensor each = loss.each(output, target);
    const auto per_sample = static_cast<float>(each.shape().without(0).count());
    return sum(each * along_samples(mask, each.shape())) / (sum(mask) * per_sample);
}

// Samples of a batch whose largest output is at the label: exact, being a sum of ones. Of labels
// [B, ...], outputs [B, V, ...], the mean over the positions of a sample.
Tensor count_correct(const Tensor& output, const Tensor& labels, const Tensor& mask) {
    const Shape& shape = labels.shape();
    const Tensor each = cast(equal(argmax(output, shape.rank() > 1 ? 1 : -1), labels), f32);
    const Tensor hits = sum(mask ? each * along_samples(mask, shape) : each);
    const auto positions = static_cast<float>(shape.without(0).count());
    return shape.rank() > 1 ? hits / positions : hits;
}

void check_targets(const losses::Loss& loss, const SampleForm& form) {
    if (!loss.of_labels || form.has_labels || (form.is_mixed && loss.of_both)) return;
    if (form.is_mixed) {
        fail(ErrorKind::kInvalidArgument,
             "{}: takes class labels, a mixture makes probabilities of them, as cross_entropy "
             "takes them",
             loss.name);
    }
    fail(ErrorKind::kInvalidArgument, "{}: takes class labels, the data has targets {}", loss.name,
         to_string(form.target));
}

// Of programs: the plan follows from the transform and the pictures.
std::string augmentation_key(const SampleForm& form) {
    if (form.plan == nullptr) return {};
    return fmt::format(" {} {} {}", form.augmentation, fmt::join(form.normalization.mean, ","),
                       fmt::join(form.normalization.deviation, ","));
}

// What programs depend on besides shapes: layers, weights, and what of them is frozen.
// They are kept, so that no other takes their addresses.
void add_layers(const nn::Module& module, NetParts& all) {
    all.emplace_back(module.layer(), module.layer()->frozen_statistics);
    for (const nn::NamedModule& child : module.children())
        add_layers(child.module, all);
}

}  // namespace

Trainer::Impl::Impl(const Device& on, nn::Module model, losses::Loss measure,
                    optim::Optimizer mover, const TrainerOptions& how)
    : device(on.context()),
      net(std::move(model)),
      loss(std::move(measure)),
      optimizer(std::move(mover)),
      precision(how.precision) {
    if (!is_floating(precision)) {
        fail(ErrorKind::kInvalidArgument, "trainer: the precision is f32, f16 or bf16, not {}",
             to_string(precision));
    }
    if (precision != f32 && !device.info().stores_16_bits) {
        fail(ErrorKind::kUnsupported,
             "trainer: precision {}: {} has no 16-bit storage (storageBuffer16BitAccess), so {} "
             "would take more memory and time than f32; train in f32, or choose another device",
             to_string(precision), device.info().name, to_string(precision));
    }
    if (precision == f16 && !optimizer.loss_scaler()) {
        optimizer.set_loss_scaler(optim::LossScaler{});
    }
}

void Trainer::Impl::follow_net() {
    NetParts now;
    add_layers(net, now);
    for (const nn::NamedParameter& named : net.parameters())
        now.emplace_back(named.parameter.state(), named.parameter.trainable());
    if (now == net_) return;
    wait();
    programs.clear();
    full_step = nullptr;
    net_ = std::move(now);
}

StepProgram Trainer::Impl::compile(Purpose purpose, const SampleForm& form, std::int64_t count,
                                   const Measure& measure) {
    const Tensor x = input(form.sample.inserted(0, count), form.dtype, "x");
    Tensor draws, taken = x;
    if (form.plan != nullptr) {
        if (form.plan->numbers > 0) draws = input({count, form.plan->numbers}, f32, "draws");
        taken = augment::on_device(*form.plan, x, draws, form.normalization);
    }
    const bool trains = purpose == Purpose::kTrain || purpose == Purpose::kProbe;
    const nn::Mode mode = trains ? nn::Mode::kTrain : nn::Mode::kEval;
    const Autocast autocast(precision);  // of the net and the loss; pictures are augmented in f32
    Tensor output = net.forward(taken, mode);
    if (precision != f32 && purpose == Purpose::kPredict) output = cast(output, f32);
    if (purpose == Purpose::kPredict) {
        return {.x = x,
                .taken = taken,
                .output = output,
                .program = device.compile(Graph{}.output(output))};
    }

    check_targets(loss, form);
    const Tensor given = form.has_labels ? input(form.target.inserted(0, count), i32, "labels")
                                         : input(form.target.inserted(0, count), f32, "targets");
    // Targets of a loss that takes numbers may be labels: they are counted as such.
    const Tensor target = loss.of_labels || loss.of_both ? given : cast(given, f32);
    const Tensor mask = form.is_padded ? input({count}, f32, "mask") : Tensor();
    const Tensor value =
        mask ? masked_loss(loss, output, target, mask) : loss.value(output, target);
    if (purpose == Purpose::kProbe) return compile_probe(x, draws, given, mask, value);
    const Tensor correct =
        counts_hits(form) ? count_correct(output, given, mask) : constant(0.0F, {1});
    const Tensor kept = cast(output, f32);
    Graph graph;
    if (purpose == Purpose::kTrain) {
        graph = optimizer.minimize(value);
        train_results.push(graph, value, correct);
        train_counts.count(graph, measure, output, given, mask);
    } else {
        evaluate_results.push(graph, value, correct);
        evaluate_counts.count(graph, measure, output, given);
        if (measure.outputs) graph.output(kept);
    }
    return {.x = x,
            .drawn = draws,
            .taken = taken,
            .target = given,
            .mask = mask,
            .output = kept,
            .program = device.compile(graph)};
}

StepProgram& Trainer::Impl::program(Purpose purpose, const SampleForm& form, std::int64_t count,
                                    const Measure& measure) {
    const std::string key =
        fmt::format("{} {}{} {}{} {}{} {}{}", static_cast<int>(purpose), count,
                    form.is_padded ? " padded" : "", to_string(form.dtype), to_string(form.sample),
                    purpose == Purpose::kPredict ? ""
                    : form.has_labels            ? "labels "
                                                 : "targets ",
                    purpose == Purpose::kPredict ? "" : to_string(form.target), measure.key(),
                    augmentation_key(form));
    auto found = programs.find(key);
    if (found == programs.end()) {
        // Before any program fixes where the parameters lie, they are laid end to end.
        std::vector<Parameter> parameters;
        for (const nn::NamedParameter& named : net.parameters()) {
            if (named.parameter.trainable()) parameters.push_back(named.parameter);
        }
        optimizer.adopt(parameters);
        found = programs.emplace(key, compile(purpose, form, count, measure)).first;
        found->second.draws = purpose == Purpose::kTrain || purpose == Purpose::kProbe;
    }
    return found->second;
}

void Trainer::Impl::run(StepProgram& step, const data::Batch& batch) {
    if (std::find(running_.begin(), running_.end(), &step) == running_.end()) {
        running_.push_back(&step);
    }
    const Feed x = step.x.dtype() == i32 ? Feed(step.x, batch.tokens) : Feed(step.x, batch.inputs);
    if (!step.target) {
        step.program.run({x});
        return;
    }
    const Feed target = step.target.dtype() == i32 ? Feed(step.target, batch.labels)
                                                   : Feed(step.target, batch.targets);
    std::array<Feed, 4> feeds{x, target, x, x};
    std::size_t count = 2;
    if (step.mask) feeds[count++] = Feed(step.mask, batch.mask);
    if (step.drawn) feeds[count++] = Feed(step.drawn, batch.draws);
    step.program.run(std::span(feeds).first(count));
}

void Trainer::Impl::wait() {
    const std::vector<StepProgram*> running = std::exchange(running_, {});
    for (StepProgram* step : running)
        step->program.wait();
}

std::map<std::string, double> values_of(std::span<const metrics::Metric> metrics,
                                        metrics::Measured& measured, const Confusions& confusions,
                                        bool has_outputs) {
    std::map<std::string, double> values;
    for (const metrics::Metric& metric : metrics) {
        const bool can = metric.wants == metrics::Wants::kConfusion
                             ? confusions.contains(metric.threshold)
                             : metric.wants != metrics::Wants::kOutputs || has_outputs;
        if (can && metric.wants == metrics::Wants::kConfusion)
            measured.confusion = confusions.at(metric.threshold);
        values[metric.name] = can ? metric.value(measured) : kNotMeasured;
    }
    return values;
}

Evaluation Trainer::Impl::evaluate(const data::Dataset& data, const EvaluateOptions& options) {
    return Evaluating(*this, options.prepare ? prepared_for(net, data) : data, options).run();
}

Trainer::Trainer(const Device& device, nn::Module net, losses::Loss loss,
                 optim::Optimizer optimizer, const TrainerOptions& options)
    : impl_(std::make_unique<Impl>(device, std::move(net), std::move(loss), std::move(optimizer),
                                   options)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

History Trainer::fit(const data::Dataset& train, const FitOptions& options) {
    impl_->follow_net();
    FitOptions prepared = options;
    const data::Dataset samples = prepared_and_noted(impl_->net, train);
    prepared.validation = prepared_for(impl_->net, options.validation);
    return train::fit(*impl_, samples, prepared);
}

void Trainer::restart(std::uint64_t seed) {
    impl_->wait();
    if (!impl_->net.generators().empty()) {
        std::erase_if(impl_->programs, [](const auto& entry) { return entry.second.draws; });
        impl_->full_step = nullptr;
    }
    impl_->net.initialize(seed);
    impl_->optimizer.reset();
}

Evaluation Trainer::evaluate(const data::Dataset& data, const EvaluateOptions& options) {
    impl_->follow_net();
    return impl_->evaluate(data, options);
}

HostTensor Trainer::predict(const data::Dataset& given, const EvaluateOptions& options) {
    impl_->follow_net();
    const data::Dataset data = options.prepare ? prepared_for(impl_->net, given) : given;
    data::Batches batches{data,
                          std::min(options.batch_size, std::max<std::int64_t>(data.size(), 1))};
    HostTensor result;
    std::size_t at = 0;
    for (const data::Batch& batch : batches) {
        StepProgram& step = impl_->program(Purpose::kPredict, SampleForm::of(data), batch.count);
        const Shape& shape = step.output.shape();
        if (result.data.empty()) {
            result = HostTensor::zeros("outputs", shape.with(0, data.size()), step.output.dtype());
        }
        impl_->run(step, batch);
        const std::size_t bytes =
            static_cast<std::size_t>(shape.count()) * size_bytes_of(step.output.dtype());
        step.program.read(step.output, std::span(result.data).subspan(at, bytes));
        at += bytes;
    }
    const auto noted = noted_preparation(impl_->net);
    if (options.prepare && noted && result.dtype == f32 && result.shape.rank() > 0 &&
        std::ssize(noted->targets.mean) == result.shape.without(0).count()) {
        noted->restore_targets(result.values<float>());
    }
    return result;
}

const nn::Module& Trainer::net() const {
    return impl_->net;
}

optim::Optimizer& Trainer::optimizer() {
    return impl_->optimizer;
}

ProgramStats Trainer::step_stats() const {
    return impl_->full_step ? impl_->full_step->program.stats() : ProgramStats{};
}

}  // namespace ingot::train
