// SPDX-License-Identifier: MIT
// A network learns one picture: from the place of a pixel to its colour. Places enter as waves of
// random frequencies (Tancik et al., "Fourier features let networks learn high frequency functions
// in low dimensional domains", NeurIPS 2020); without them the edges stay blurred. After 1, 2, 4,
// 8 ... steps writes a frame, image_fitting_0001.png ...: what it has learned, beside the picture.
//     usage: sample_14_image_fitting [STEPS [SIZE]]
#include "pictures/rows.h"

#include <ingot/ingot.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

// Rings whose colour changes over the picture, and a disc with a sharp edge. u, v in [-1, 1].
std::vector<float> colour(float u, float v) {
    const float rings = 0.5F + 0.5F * std::sin(24 * std::hypot(u + 0.3F, v - 0.2F));
    if (std::hypot(u - 0.35F, v + 0.3F) < 0.4F) return {0.95F, 0.8F - 0.4F * v, 0.2F};
    return {rings * (0.5F + 0.5F * u), 0.3F + 0.4F * rings, 0.5F - 0.5F * v};
}

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 500;
    const std::int64_t size = argc > 2 ? std::atoi(argv[2]) : 64, pixels = size * size;
    const auto place = [&](std::int64_t n) {
        return (2 * static_cast<float>(n) + 1) / static_cast<float>(size) - 1;
    };
    std::vector<float> places, colours;
    for (std::int64_t i = 0; i < pixels; ++i)
        places.insert(places.end(), {place(i % size), place(i / size)});
    for (const std::size_t channel : {0, 1, 2})
        for (std::size_t i = 0; i < places.size(); i += 2)
            colours.push_back(colour(places[i], places[i + 1])[channel]);

    const auto x = ingot::input({pixels, 2}), y = ingot::input({3, pixels});
    const auto frequencies = ingot::Parameter{ingot::init::normal({2, 64}, 0, 8, {.seed = 1}),
                                              {.name = "frequencies", .trainable = false}};
    const auto phase = matmul(x, frequencies);
    const auto waves = concatenate(std::vector{sin(phase), cos(phase)}, 1);
    const auto net = ingot::nn::Sequential{ingot::nn::Linear{128, 128}, ingot::nn::ReLU{},
                                           ingot::nn::Linear{128, 128}, ingot::nn::ReLU{},
                                           ingot::nn::Linear{128, 3}};
    const auto picture = transpose(sigmoid(net(waves)));
    const auto loss = mse_loss(picture, y);

    auto device = ingot::Device::pick();
    auto step = device.compile(ingot::optim::Adam{{.lr = 3e-3}}.minimize(loss).output(picture));
    float first = 0, last = 0;
    for (int i = 1, next = 1; i <= steps; ++i) {
        step.run({{x, places}, {y, colours}});
        if (i != next && i != steps) continue;
        last = step.read<float>(loss);  // and the picture, before the update of this step
        if (i == 1) first = last;
        std::printf("step %4d: PSNR %.1f dB\n", i, -10 * std::log10(last));
        auto frame = step.read_all<float>(picture);
        frame.insert(frame.end(), colours.begin(), colours.end());
        char name[40];
        std::snprintf(name, sizeof name, "image_fitting_%04d.png", i);
        pictures::write_rows(name, {{frame, 3}}, 2, size);
        next = 2 * i;
    }
    return last < first ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
