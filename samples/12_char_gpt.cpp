// SPDX-License-Identifier: MIT
// A small GPT learns to write, letter by letter, like the file it is given, or like a small
// grammar. Three programs share its weights: one trains, one measures on text held out, one writes.
//     usage: sample_12_char_gpt [STEPS [LAYERS [WIDTH [FILE]]]]
//            sample_12_char_gpt 2000 4 128 tinyshakespeare.txt
#include "networks/gpt.h"
#include "text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

constexpr std::int64_t kBatch = 16, kLength = 64;

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 300;
    const std::string text = argc > 4 ? ingot::io::read_file(argv[4]) : sentences(5000, 1);
    const auto letters = ingot::data::Tokenizer::bytes(text);
    const auto kinds = letters.size();
    networks::GptOptions options{.vocabulary = kinds, .length = kLength};
    options.layers = argc > 2 ? std::atoi(argv[2]) : 2;
    options.width = argc > 3 ? std::atoi(argv[3]) : 64;
    options.heads = 4;
    const auto net = networks::make<networks::Gpt>(options);

    const auto x = ingot::input({kBatch, kLength}, ingot::i32);
    const auto y = ingot::input({kBatch * kLength}, ingot::i32);  // what follows each of x
    const auto loss_in = [&](ingot::nn::Mode mode) {
        return cross_entropy(reshape(net(x, mode), {kBatch * kLength, kinds}), y);
    };
    const auto loss = loss_in(ingot::nn::Mode::kTrain), held_out = loss_in(ingot::nn::Mode::kEval);
    const auto context = ingot::input({1, kLength}, ingot::i32);
    ingot::Scalar temperature{1};
    const auto chances = softmax(net(context) / temperature.tensor());  // [1, kLength, kinds]

    auto device = ingot::Device::pick();
    ingot::optim::AdamW optimizer{{.lr = 2e-3}, {.clip_norm = 1}};
    const auto schedule = ingot::optim::linear_lr({.start_factor = 0.02, .total_iters = 50});
    auto step = device.compile(optimizer.minimize(loss));
    auto measure = device.compile(ingot::Graph{}.output(held_out));
    auto writer = device.compile(ingot::Graph{}.output(chances));

    const auto batches_of = [&](double begin, double end) {
        const auto all =
            ingot::data::sequences(letters.encode(text), kinds,
                                   {.length = kLength, .stride = 1, .begin = begin, .end = end});
        return ingot::data::Batches{
            all, kBatch, {.shuffle = true, .seed = 1, .last = ingot::data::LastBatch::kDrop}};
    };
    auto train = batches_of(0, 0.9), rest = batches_of(0.9, 1);
    std::mt19937 random(1);
    float first = 0, last = 0, sum = 0;
    for (int i = 0; i < steps; ++i) {
        const auto* batch = train.next();
        if (batch == nullptr) batch = train.next();  // the next epoch
        schedule.apply(optimizer, i);
        step.run({{x, batch->tokens}, {y, batch->labels}});  // queued: nothing waits
        if (i % 50 != 0 && i + 1 < steps) continue;
        last = step.read<float>(loss);  // waits
        if (i == 0) first = last;
        std::printf("step %4d: %.3f nats, %.3f bits a character\n", i, last, last / std::log(2.0));
    }
    int measured = 0;
    for (const auto& batch : rest) {
        measure.run({{x, batch.tokens}, {y, batch.labels}});
        sum += measure.read<float>(held_out);
        if (++measured == 10) break;
    }
    std::printf("held out: %.3f nats a character\n", sum / static_cast<float>(measured));

    // The last characters go in, the chances of each to come next come out. Places behind the end
    // may hold anything: no position sees those after it.
    for (const float heat : {0.5F, 1.0F}) {
        temperature.set(heat);
        std::printf("\nat temperature %.1f:", heat);
        std::vector<std::int32_t> written{0};  // the alphabet's first: the end of a line, mostly
        for (int i = 0; i < 200; ++i) {
            const auto used = std::min(static_cast<std::int64_t>(written.size()), kLength);
            std::vector<std::int32_t> window(written.end() - used, written.end());
            window.resize(kLength);
            writer.run({{context, window}});
            const auto all = writer.read_all<float>(chances);
            const auto next = all.begin() + (used - 1) * kinds;
            std::discrete_distribution<std::int32_t> drawn(next, next + kinds);
            written.push_back(drawn(random));
            std::putchar(letters.text_of(written.back())[0]);
        }
        std::putchar('\n');
    }
    return last < first ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
