// SPDX-License-Identifier: MIT
// One level below layers and trainers: a linear classifier on Fashion-MNIST (on spirals where that
// is not installed), with every piece in sight: inputs, a parameter, a loss, a compiled step.
//     usage: sample_03_low_level [STEPS]
#include <ingot/ingot.h>

#include <cstdio>
#include <cstdlib>

namespace {

ingot::data::Dataset samples() {
    try {
        return ingot::data::fashion_mnist({.flat = true}).train;
    } catch (const ingot::Error& error) {
        std::printf("%s\ntraining on spirals instead\n", error.what());
        return ingot::data::spirals().train;
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const int steps = argc > 1 ? std::atoi(argv[1]) : 1000;
    const auto train = samples();
    const auto features = train.sample_shape().count();

    auto device = ingot::Device::pick();
    auto x = ingot::input({64, features}), y = ingot::input({64}, ingot::i32);
    auto w = ingot::Parameter{ingot::init::he_normal({train.class_count(), features}, {.seed = 1})};
    auto loss = ingot::cross_entropy(ingot::matmul(x, transpose(w)), y);  // nothing has run
    auto step = device.compile(ingot::optim::Sgd{{.lr = 0.1}}.minimize(loss));

    ingot::data::Batches loader{
        train, 64, {.shuffle = true, .seed = 1, .last = ingot::data::LastBatch::kDrop}};
    float first = 0;
    for (int done = 0; done < steps;) {
        for (auto& batch : loader) {
            step.run({{x, batch.inputs}, {y, batch.labels}});
            if (done == 0) first = step.read<float>(loss);  // reading is the only call that waits
            if (++done == steps) break;
        }
    }
    const float last = step.read<float>(loss);
    std::printf("%d steps on %s: loss %.4f, then %.4f\n", steps, device.info().name.c_str(), first,
                last);
    return last < first ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
