// SPDX-License-Identifier: MIT
// A network of two layers learns sin(x) from 256 points: a training step as one graph.
//     usage: sample_02_regression [STEPS]
#include <ingot/ingot.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 2000;

    std::vector<float> points, values;
    for (int i = 0; i < 256; ++i) {
        points.push_back(6.0F * static_cast<float>(i) / 255.0F - 3.0F);
        values.push_back(std::sin(points.back()));
    }

    const auto net = ingot::nn::Sequential{ingot::nn::Linear{1, 32}, ingot::nn::Tanh{},
                                           ingot::nn::Linear{32, 1}};
    const auto x = ingot::input({256, 1}), y = ingot::input({256, 1});
    const auto loss = ingot::mse_loss(net(x), y);

    auto device = ingot::Device::pick();
    auto step = device.compile(ingot::optim::Adam{{.lr = 1e-2}}.minimize(loss));
    float first = 0, last = 0;
    for (int i = 0; i < steps; ++i) {
        step.run({{x, points}, {y, values}});
        if (i == 0) first = step.read<float>(loss);
        if (i % 200 == 0) std::printf("step %4d: loss %.6f\n", i, step.read<float>(loss));
    }
    last = step.read<float>(loss);
    std::printf("after %d steps: loss %.6f\n", steps, last);
    return last < first / 2 ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
