// SPDX-License-Identifier: MIT
// Training inside a program that draws: of each frame of a sixtieth of a second the network gets
// four milliseconds of the device, and the program never waits for it. The network learns to paint
// a flower; the pictures of the program are lines of text, one a second.
//     usage: sample_19_in_frames [SECONDS [MS_A_FRAME]]
// 5 and 4 if left out.
#include <ingot/ingot.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

using namespace ingot;

namespace {

constexpr std::int64_t kPoints = 1024;

// Points of the square and how bright the flower is there.
void pick_points(std::mt19937& random, std::vector<float>& at, std::vector<float>& brightness) {
    std::uniform_real_distribution<float> place(-1, 1);
    for (std::size_t i = 0; i < kPoints; ++i) {
        const float x = place(random), y = place(random);
        const float petal = 0.6f + 0.3f * std::cos(5 * std::atan2(y, x));
        at[2 * i] = x, at[2 * i + 1] = y;
        brightness[i] = 1 / (1 + std::exp(30 * (std::hypot(x, y) - petal)));
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 5;
    const double budget_ms = argc > 2 ? std::atof(argv[2]) : 4;

    auto device = Device::pick();
    const nn::Sequential net{nn::Linear(2, 64),  nn::ReLU(), nn::Linear(64, 64), nn::ReLU(),
                             nn::Linear(64, 64), nn::ReLU(), nn::Linear(64, 1)};
    const Tensor x = input({kPoints, 2}), y = input({kPoints, 1});
    const Tensor loss = mse_loss(sigmoid(net(x)), y);
    auto step = device.compile(optim::Adam{{.lr = 2e-3}}.minimize(loss),
                               {.slots = 8, .slice_ms = budget_ms / 4});

    std::mt19937 random(1);
    std::vector<float> at(2 * kPoints), brightness(kPoints);
    pick_points(random, at, brightness);
    step.run({{x, at}, {y, brightness}});  // kernels are compiled while the program loads
    const float first = step.read<float>(loss);
    const double loading_ms = step.stats().busy_ms;

    using Clock = std::chrono::steady_clock;
    const int frames = static_cast<int>(60 * seconds);
    const auto start = Clock::now();
    int steps = 0;
    for (int frame = 1; frame <= frames; ++frame) {
        while (step.advance({{x, at}, {y, brightness}}, budget_ms)) {
            pick_points(random, at, brightness);
            ++steps;
        }
        std::this_thread::sleep_until(start + frame * std::chrono::nanoseconds(16'666'667));
        if (frame % 60 == 0) {
            std::printf("frame %4d: %5d steps, %5.2f ms of the device a frame\n", frame, steps,
                        (step.stats().busy_ms - loading_ms) / frame);
        }
    }
    const float last = step.read<float>(loss);  // has the step that is open finished
    std::printf("loss %.4f, then %.4f\n", first, last);
    return last < first ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
