// SPDX-License-Identifier: MIT
// `ingot profile`: where the time of a training step goes, as a table and as a trace.
#include "bench_cases.h"
#include "commands.h"
#include "data.h"
#include "model.h"

#include "core/check.h"

#include <ingot/io.h>
#include <ingot/profile.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ingot::cli {
namespace {

BenchCase case_named(const std::string& name) {
    const auto cases = bench_cases();
    const auto found = std::ranges::find(cases, name, &NamedBenchCase::name);
    if (found == cases.end()) {
        fail(ErrorKind::kInvalidArgument,
             "profile: there is no case '{}'; `ingot bench {}` says which there are", name, name);
    }
    return found->make();
}

// One step of training a model on the first batch of data.
BenchCase step_of(const ProfileSettings& settings) {
    TrainSettings train = settings.train;
    const NamedData data = load_data(train);
    data::Dataset samples = data.samples.train;
    if (const auto learnt = learn_preparation(data, samples, train)) {
        samples = learnt->apply(samples);
    }
    const nn::Module net = make_model(train.model, samples);
    check_model(net, train.model, samples);
    net.initialize(train.seed);
    optim::Optimizer optimizer = make_optimizer(train);
    if (samples.size() < train.batch_size) {
        fail(ErrorKind::kInvalidArgument, "profile: {} samples make no batch of {}", samples.size(),
             train.batch_size);
    }
    data::Batches batches{samples, train.batch_size, {.shuffle = true, .seed = train.seed}};
    const data::Batch& batch = *batches.begin();
    const losses::Loss loss = loss_of(samples);
    const Tensor x =
        input(samples.sample_shape().inserted(0, train.batch_size), samples.input_dtype());
    const Tensor y = loss.of_labels ? input({train.batch_size}, i32)
                                    : input(samples.target_shape().inserted(0, train.batch_size));
    BenchCase step;
    step.graph = optimizer.minimize(loss.value(net(x, nn::Mode::kTrain), y));
    const auto floats = [](auto values) {
        return std::vector<float>(values.begin(), values.end());
    };
    const auto ints = [](auto values) {
        return std::vector<std::int32_t>(values.begin(), values.end());
    };
    if (samples.input_dtype() == i32) {
        step.ints.emplace_back(x, ints(batch.tokens));
    } else {
        step.floats.emplace_back(x, floats(batch.inputs));
    }
    if (loss.of_labels) {
        step.ints.emplace_back(y, ints(batch.labels));
    } else {
        step.floats.emplace_back(y, floats(batch.targets));
    }
    return step;
}

}  // namespace

int profile(const ProfileSettings& settings) {
    const BenchCase step =
        settings.bench_case.empty() ? step_of(settings) : case_named(settings.bench_case);
    auto device = Device::pick({.name = settings.train.device});
    Program program = device.compile(step.graph);
    const Profile profile = ingot::profile(device, program, step.feeds(), {.runs = settings.runs});
    fmt::print("{}", roofline_table(profile));
    if (!settings.trace.empty()) {
        io::write_file(settings.trace, trace_of(profile));
        fmt::print("trace: {}\n", settings.trace);
    }
    return 0;
}

}  // namespace ingot::cli
