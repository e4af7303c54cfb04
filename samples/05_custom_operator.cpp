// SPDX-License-Identifier: MIT
// An operator that no composition of others expresses well: a linear recurrence over time,
// h[t] = a[t] h[t - 1] + x[t], the heart of gated and state-space sequence models. Its two kernels
// are linear_scan.comp and linear_scan_backward.comp. They are compared with the same written out
// step by step; then a layer with a learned gate (minGRU; Feng et al., 2024) learns to remember the
// last value that was marked, however long ago.
//     usage: sample_05_custom_operator [STEPS]
#include <ingot/ingot.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "linear_scan.comp.h"
#include "linear_scan_backward.comp.h"

namespace {

namespace custom = ingot::custom;

// An invocation walks along one channel of one sequence.
custom::Launch launch(const custom::Call& call, const custom::Limits&) {
    const ingot::Shape& a = call.inputs[0].shape;
    return custom::Launch{}
        .parameter("batch", a[0])
        .parameter("time", a[1])
        .parameter("channels", a[2])
        .invocations(a[0] * a[2]);
}

custom::Operator make_linear_scan() {
    const custom::Operator backward{{
        .name = "linear_scan_backward",
        .spirv = shaders::linear_scan_backward,
        .inputs = {"a", "h", "d_h"},
        .outputs = {"d_a", "d_x"},
        .infer =
            [](const auto& call) {
                return std::vector{call.inputs[0], call.inputs[0]};
            },
        .launch = launch,
        .no_gradient = "it is a gradient",
    }};
    return custom::Operator{{
        .name = "linear_scan",
        .spirv = shaders::linear_scan,
        .inputs = {"a", "x"},
        .outputs = {"h"},
        .infer =
            [](const auto& call) {
                call.require(call.inputs[0].shape.rank() == 3, "takes [batch, time, channels]");
                call.require(call.inputs[0] == call.inputs[1], "a and x differ");
                return std::vector{call.inputs[0]};
            },
        .launch = launch,
        .gradient =
            [=](const custom::Gradient& g) {
                return backward.apply({g.inputs[0], g.outputs[0], g.d_outputs[0]});
            },
    }};
}

// The same with operators that there are, one after the other for each step of time.
ingot::Tensor written_out(const ingot::Tensor& a, const ingot::Tensor& x) {
    std::vector<ingot::Tensor> h;
    for (std::int64_t t = 0; t < a.shape()[1]; ++t) {
        const auto at_t = [&](const ingot::Tensor& of) {
            return squeeze(slice(of, {.axis = 1, .begin = t, .end = t + 1}), 1);
        };
        h.push_back(h.empty() ? at_t(x) : at_t(a) * h.back() + at_t(x));
    }
    return stack(h, 1);
}

// How far values and gradients of the two are apart, at most.
float difference(ingot::Device& device, const custom::Operator& linear_scan) {
    const auto a = ingot::Parameter{ingot::init::uniform({2, 5, 3}, -1, 1, {.seed = 1})};
    const auto x = ingot::Parameter{ingot::init::uniform({2, 5, 3}, -1, 1, {.seed = 2})};
    const auto all_of = [&](const ingot::Tensor& h) {
        const auto d = ingot::gradients(sum(h * h), std::vector{a.tensor(), x.tensor()});
        return ingot::concatenate(std::vector{h, d[0], d[1]});
    };
    const auto apart = ingot::max(abs(all_of(linear_scan(a, x)) - all_of(written_out(a, x))));
    auto program = device.compile({.outputs = {apart}});
    program.run({});
    return program.read<float>(apart);
}

}  // namespace

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 600;
    constexpr std::int64_t kBatch = 64, kTime = 32, kChannels = 16;
    auto device = ingot::Device::pick();
    const custom::Operator linear_scan = make_linear_scan();
    const float apart = difference(device, linear_scan);
    std::printf("values and gradients: %.1e from those written out\n", static_cast<double>(apart));
    if (!(apart < 1e-5F)) return 1;

    // Each step of a sequence is a number and a mark; the answer is the last number with a mark.
    const auto sequence = ingot::input({kBatch, kTime, 2}), answer = ingot::input({kBatch, 1});
    const ingot::nn::Linear gate{2, kChannels}, candidate{2, kChannels}, read_out{kChannels, 1};
    const auto keep = sigmoid(gate(sequence));
    const auto h = linear_scan(keep, (1.0F - keep) * candidate(sequence));
    const auto last = slice(h, {.axis = 1, .begin = -1});
    const auto loss = ingot::mse_loss(read_out(squeeze(last, 1)), answer);
    auto step = device.compile(ingot::optim::Adam{{.lr = 2e-2}}.minimize(loss));

    std::mt19937 random{2};
    std::uniform_real_distribution<float> uniform{-1, 1};
    std::vector<float> numbers(kBatch * kTime * 2), answers(kBatch);
    double sum = 0, mean = 1.0 / 3;  // of the loss since the last line; of guessing 0 every time
    for (int done = 1, since = 1; done <= steps; ++done, ++since) {
        for (std::size_t i = 0; i < numbers.size(); i += 2) {
            const bool first = i % (kTime * 2) == 0;
            const bool marked = first || random() % 16 == 0;
            numbers[i] = uniform(random);
            numbers[i + 1] = marked ? 1.0F : 0.0F;
            if (marked) answers[i / (kTime * 2)] = numbers[i];
        }
        step.run({{sequence, numbers}, {answer, answers}});
        sum += step.read<float>(loss);
        if (done % 50 != 0 && done < steps) continue;
        mean = sum / since;
        std::printf("step %4d: loss %.4f (guessing 0: 0.3333)\n", done, mean);
        sum = since = 0;
    }
    return mean < 0.1 ? 0 : 1;  // has learned: guessing 0 costs a third
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
