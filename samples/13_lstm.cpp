// SPDX-License-Identifier: MIT
// The adding problem (Hochreiter and Schmidhuber, "Long short-term memory", 1997): of a sequence of
// numbers in [0, 1), two are marked, one in each half; what is their sum? Who cannot remember says
// 1 and is wrong by 1/6 in the mean square. No sequence comes twice.
//     usage: sample_13_lstm [STEPS [LENGTH]]
#include <ingot/ingot.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 1000;
    const std::int64_t length = argc > 2 ? std::atoi(argv[2]) : 30, batch = 64;
    const int report = std::max(steps / 10, 1);

    const auto lstm = ingot::nn::LSTM{2, 32};
    const auto head = ingot::nn::Linear{32, 1};
    const auto x = ingot::input({length, batch, 2});  // values and marks
    const auto y = ingot::input({batch, 1});
    const auto states = lstm(x, ingot::nn::Mode::kTrain);  // [length, batch, 32]
    const auto last_state = squeeze(slice(states, {.axis = 0, .begin = -1}), 0);
    const auto loss = mse_loss(head(last_state), y);

    auto device = ingot::Device::pick();
    ingot::optim::Adam optimizer{{.lr = 5e-3}, {.clip_norm = 1}};
    auto step = device.compile(optimizer.minimize(loss));

    std::mt19937 random(1);
    std::uniform_real_distribution<float> number(0, 1);
    constexpr double kBaseline = 1.0 / 6;
    double sum = 0, mean = 0;
    for (int i = 1; i <= steps; ++i) {
        std::vector<float> sequences(static_cast<std::size_t>(length * batch * 2)), sums;
        for (std::int64_t t = 0; t < length * batch; ++t)
            sequences[static_cast<std::size_t>(t * 2)] = number(random);
        for (std::int64_t b = 0; b < batch; ++b) {
            const auto mark = [&](std::int64_t begin, std::int64_t end) {
                const std::int64_t t = begin + static_cast<std::int64_t>(random()) % (end - begin);
                const auto at = static_cast<std::size_t>((t * batch + b) * 2);
                sequences[at + 1] = 1;
                return sequences[at];
            };
            sums.push_back(mark(0, length / 2) + mark(length / 2, length));
        }
        step.run({{x, sequences}, {y, sums}});
        sum += step.read<float>(loss);
        if (i % report != 0) continue;
        mean = sum / report, sum = 0;
        std::printf("step %4d: mean squared error %.4f (always 1: %.4f)\n", i, mean, kBaseline);
    }
    return mean < kBaseline ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
