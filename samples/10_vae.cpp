// SPDX-License-Identifier: MIT
// A variational autoencoder (Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014): a
// picture's sixteen numbers are drawn from a normal distribution, and all pictures together fill
// the standard one, so that numbers drawn from that make new pictures. Writes vae.png: pictures it
// has not seen before, what came back of them, and new ones.
//     usage: sample_10_vae [SAMPLES [EPOCHS [WIDTH]]]      60000, 5, 32
// After 20000 5 16: 253 nats a picture, 17.6 of them for the numbers.
#include "networks/autoencoder.h"
#include "pictures/rows.h"

#include <ingot/ingot.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) try {
    constexpr std::int64_t kBatch = 64, kNumbers = 16;
    const auto samples = argc > 1 ? std::atoll(argv[1]) : 60'000;
    const auto epochs = argc > 2 ? std::atoll(argv[2]) : 5;
    const auto width = argc > 3 ? std::atoll(argv[3]) : 32;
    const auto data = ingot::data::fashion_mnist();
    ingot::data::Batches train{data.train.take(samples),
                               kBatch,
                               {.shuffle = true, .seed = 1, .last = ingot::data::LastBatch::kDrop}};
    ingot::data::Batches test{
        data.test.take(samples), kBatch, {.last = ingot::data::LastBatch::kDrop}};

    const ingot::nn::Sequential net{networks::encoder(width, 2 * kNumbers),
                                    networks::decoder(width, kNumbers)};
    const auto encoder = net["0"], decoder = net["1"];
    ingot::Generator generator{1};
    const auto x = ingot::input({kBatch, 1, 28, 28});
    const auto numbers = chunk(encoder(x), 2, /*axis=*/1);
    const auto mean = numbers[0], log_variance = numbers[1];
    const auto noise = generator.normal(mean.shape());
    const auto y = decoder(mean + exp(0.5F * log_variance) * noise);
    // Both in nats a picture: of the pixels, given the numbers; and of the numbers.
    const auto reconstruction =
        binary_cross_entropy_with_logits(y, x, {.reduction = ingot::Reduction::kSum}) / kBatch;
    const auto divergence =
        -0.5F * sum(1.0F + log_variance - square(mean) - exp(log_variance)) / kBatch;

    auto device = ingot::Device::pick();
    auto step =
        device.compile(ingot::optim::Adam{{.lr = 1e-3}}.minimize(reconstruction + divergence));
    const auto again = sigmoid(decoder(mean)), created = sigmoid(decoder(noise));
    auto measure = device.compile({.outputs = {reconstruction, divergence, again, created}});
    double first = 0, last = 0;
    for (std::int64_t epoch = 0; epoch <= epochs; ++epoch) {
        if (epoch > 0) {
            for (const auto& batch : train)
                step.run({{x, batch.inputs}});
        }
        double pixels = 0, codes = 0;
        for (const auto& batch : test) {
            measure.run({{x, batch.inputs}});
            pixels += measure.read<float>(reconstruction);
            codes += measure.read<float>(divergence);
        }
        const auto count = static_cast<double>(test.batches_per_epoch());
        last = (pixels + codes) / count;
        if (epoch == 0) first = last;
        std::printf("after %lld epochs: %.2f nats a picture, %.2f of them for the numbers\n",
                    static_cast<long long>(epoch), last, codes / count);
    }

    const auto* shown = test.next();
    measure.run({{x, shown->inputs}});
    const auto second = measure.read_all<float>(again), third = measure.read_all<float>(created);
    pictures::write_rows("vae.png", {{shown->inputs}, {second}, {third}}, 12, 28);
    return last < first ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
