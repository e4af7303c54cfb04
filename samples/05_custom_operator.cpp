// SPDX-License-Identifier: MIT
// An operator that no composition of others expresses well: a linear recurrence over time,
// h[t] = a[t] h[t - 1] + x[t], the heart of gated and state-space sequence models. Its two kernels
// are linear_scan.comp and linear_scan_backward.comp. The gradient is compared with differences;
// then a layer with a learned gate (minGRU; Feng et al., 2024) learns to remember the last value
// that was marked, however long ago.
//     usage: sample_05_custom_operator [STEPS]
#include <ingot/ingot.h>

#include <cmath>
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

// d sum(h^2) / d a and d x of a few elements against central differences.
bool gradient_holds(ingot::Device& device, const custom::Operator& linear_scan) {
    const ingot::Shape shape{2, 5, 3};
    const auto a = ingot::input(shape), x = ingot::input(shape);
    const auto h = linear_scan(a, x);
    const auto loss = sum(h * h);
    const auto d = ingot::gradients(loss, std::vector{a, x});
    auto program = device.compile({.outputs = {loss, d[0], d[1]}});

    std::vector<float> values[2];
    std::mt19937 random{1};
    std::uniform_real_distribution<float> uniform{-1, 1};
    for (auto& list : values)
        for (int i = 0; i < shape.count(); ++i)
            list.push_back(uniform(random));
    program.run({{a, values[0]}, {x, values[1]}});
    const std::vector<float> exact[2] = {program.read_all<float>(d[0]),
                                         program.read_all<float>(d[1])};
    float worst = 0;
    for (int which = 0; which < 2; ++which) {
        for (std::size_t i = 0; i < values[which].size(); i += 4) {
            const float value = values[which][i], step = 1e-2F;
            float losses[2];
            for (const int side : {0, 1}) {
                values[which][i] = value + (side == 0 ? -step : step);
                program.run({{a, values[0]}, {x, values[1]}});
                losses[side] = program.read<float>(loss);
            }
            values[which][i] = value;
            const float difference = (losses[1] - losses[0]) / (2 * step);
            worst = std::max(worst, std::abs(difference - exact[which][i]));
        }
    }
    std::printf("gradient: at most %.1e from central differences\n", static_cast<double>(worst));
    return worst < 5e-3F;
}

}  // namespace

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 600;
    constexpr std::int64_t kBatch = 64, kTime = 32, kChannels = 16;
    auto device = ingot::Device::pick();
    const custom::Operator linear_scan = make_linear_scan();
    if (!gradient_holds(device, linear_scan)) return 1;

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
    float mean = 0;
    for (int done = 1; done <= steps; ++done) {
        for (std::size_t i = 0; i < numbers.size(); i += 2) {
            const bool first = i % (kTime * 2) == 0;
            const bool marked = first || random() % 16 == 0;
            numbers[i] = uniform(random);
            numbers[i + 1] = marked ? 1.0F : 0.0F;
            if (marked) answers[i / (kTime * 2)] = numbers[i];
        }
        step.run({{sequence, numbers}, {answer, answers}});
        mean += step.read<float>(loss) / 50;
        if (done % 50 == 0) {
            std::printf("step %4d: loss %.4f\n", done, static_cast<double>(mean));
            if (done < steps) mean = 0;
        }
    }
    std::printf("guessing 0 every time would be 0.3333\n");
    return mean < 0.1F ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
