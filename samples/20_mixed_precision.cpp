// SPDX-License-Identifier: MIT
// Mixed precision, twice: a trainer takes it as an option, a loop of one's own as a scope around
// the expressions of net and loss. bench/mixed_precision.py compares the precisions with this
// program.
//     usage: sample_20_mixed_precision [PRECISION [SEED [IMAGES [EPOCHS [STEPS [TEXT]]]]]]
//            PRECISION is f32, f16, bf16, or auto: bf16 where the device stores 16 bits
//            sample_20_mixed_precision bf16 1 6000 5 1000 tinyshakespeare.txt
#include "networks/gpt.h"
#include "text.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

double seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

// A convolutional network tells clothes apart.
bool clothes(ingot::Device& device, ingot::DType precision, std::uint64_t seed, std::int64_t images,
             std::int64_t epochs) {
    const auto data = ingot::data::fashion_mnist();
    namespace nn = ingot::nn;
    const nn::Sequential net{nn::Conv2d{1, 16, {.kernel = 3, .padding = 1}},
                             nn::BatchNorm2d{16},
                             nn::ReLU{},
                             nn::MaxPool2d{2},
                             nn::Conv2d{16, 32, {.kernel = 3, .padding = 1}},
                             nn::ReLU{},
                             nn::MaxPool2d{2},
                             nn::Flatten{},
                             nn::Linear{32 * 7 * 7, 10}};
    net.initialize(seed);
    const ingot::optim::AdamW optimizer{{.lr = 2e-3}};
    ingot::train::Trainer trainer{
        device, net, ingot::losses::cross_entropy(), optimizer, {.precision = precision}};
    const auto history =
        trainer.fit(data.train.take(images), {.epochs = epochs, .batch_size = 64, .seed = seed});
    const auto test = trainer.evaluate(data.test);
    std::printf("clothes %s seed %llu: loss %.4f, test loss %.4f, test accuracy %.2f %%, %.1f s",
                to_string(precision), static_cast<unsigned long long>(seed),
                history.epochs.back().train_loss, test.loss, 100 * test.accuracy, history.time_s);
    if (const auto& scaler = optimizer.loss_scaler()) {
        std::printf(", scale %.0f, %lld steps skipped", scaler->get_scale(),
                    static_cast<long long>(scaler->skipped_steps()));
    }
    std::printf("\n");
    return history.step_losses.back() < history.step_losses.front();
}

// A small GPT learns to write like a text.
bool letters(ingot::Device& device, ingot::DType precision, std::uint64_t seed, int steps,
             const std::string& text) {
    constexpr std::int64_t kBatch = 16, kLength = 64;
    const auto alphabet = ingot::data::Tokenizer::bytes(text);
    const std::int64_t kinds = alphabet.size();
    const auto net = networks::make<networks::Gpt>(networks::GptOptions{
        .vocabulary = kinds, .length = kLength, .layers = 2, .heads = 4, .width = 64});
    net.initialize(seed);

    const auto x = ingot::input({kBatch, kLength}, ingot::i32);
    const auto y = ingot::input({kBatch * kLength}, ingot::i32);
    ingot::Tensor loss, held_out;
    {
        const ingot::Autocast autocast{precision};
        const auto in = [&](ingot::nn::Mode mode) {
            return cross_entropy(reshape(net(x, mode), {kBatch * kLength, kinds}), y);
        };
        loss = in(ingot::nn::Mode::kTrain);
        held_out = in(ingot::nn::Mode::kEval);
    }
    const ingot::optim::LossScaler scaler{{.enabled = precision == ingot::f16}};
    ingot::optim::AdamW optimizer{{.lr = 2e-3}, {.clip_norm = 1, .loss_scaler = scaler}};
    auto step = device.compile(optimizer.minimize(loss));  // weights and updates in f32
    auto measure = device.compile(ingot::Graph{}.output(held_out));

    const auto batches_of = [&](double begin, double end) {
        const auto all =
            ingot::data::sequences(alphabet.encode(text), kinds,
                                   {.length = kLength, .stride = 1, .begin = begin, .end = end});
        return ingot::data::Batches{
            all, kBatch, {.shuffle = true, .seed = seed, .last = ingot::data::LastBatch::kDrop}};
    };
    auto train = batches_of(0, 0.9), rest = batches_of(0.9, 1);
    const auto run = [&](auto& program, auto& from) {
        const auto* batch = from.next();
        if (batch == nullptr) batch = from.next();  // the next epoch
        program.run({{x, batch->tokens}, {y, batch->labels}});
    };
    run(step, train);
    const float first = step.read<float>(loss);
    const double begin = seconds();
    for (int i = 1; i < steps; ++i)
        run(step, train);
    const float last = step.read<float>(loss);
    const double took = seconds() - begin;
    double sum = 0;
    constexpr int kMeasured = 30;
    for (int i = 0; i < kMeasured; ++i) {
        run(measure, rest);
        sum += static_cast<double>(measure.read<float>(held_out)) / kMeasured;
    }
    std::printf("letters %s seed %llu: loss %.4f, held out %.4f, %.1f s", to_string(precision),
                static_cast<unsigned long long>(seed), last, sum, took);
    if (precision == ingot::f16) {
        std::printf(", scale %.0f, %lld steps skipped", scaler.get_scale(),
                    static_cast<long long>(scaler.skipped_steps()));
    }
    std::printf("\n");
    return last < first;
}

}  // namespace

int main(int argc, char** argv) try {
    auto device = ingot::Device::pick();
    std::string name = argc > 1 ? argv[1] : "auto";
    if (name == "auto") name = device.info().stores_16_bits ? "bf16" : "f32";
    const auto precision = name == "f16" ? ingot::f16 : name == "bf16" ? ingot::bf16 : ingot::f32;
    const auto seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const auto images = argc > 3 ? std::atoll(argv[3]) : 6000;
    const auto epochs = argc > 4 ? std::atoll(argv[4]) : 3;
    const int steps = argc > 5 ? std::atoi(argv[5]) : 300;
    const std::string text = argc > 6 ? ingot::io::read_file(argv[6]) : sentences(5000, 1);
    std::printf("on %s, %s\n", device.info().name.c_str(), device.info().driver.c_str());
    const bool seen = clothes(device, precision, seed, images, epochs);
    const bool written = letters(device, precision, seed, steps, text);
    return seen && written ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
