// SPDX-License-Identifier: MIT
// A network trained by others learns a task of its own from ten pictures of each kind: ResNet-20,
// taught the ten classes of CIFAR-10 by PyTorch, is to tell where one meets the thing: in the air,
// on water, on a road or in a field. Its head is replaced, the lower stages are frozen, the last
// one learns slower than the head. Beside it the same network from scratch.
//     usage: sample_18_fine_tune WEIGHTS TEST.bin [PER_CLASS [EPOCHS [SEEDS [TEST [STATISTICS]]]]]
// WEIGHTS and TEST.bin are those of 07_pretrained. 10, 20, 3, 300 pictures and "frozen" if left
// out; with "adapted" batch norm follows the few pictures.
#include "few.h"
#include "networks/resnet.h"

#include <ingot/ingot.h>

#include <cstdlib>
#include <string>

using namespace ingot;

namespace {

enum Where { kAir, kWater, kRoad, kField };
// Of airplane, automobile, bird, cat, deer, dog, frog, horse, ship and truck.
constexpr Where kWhere[] = {kAir,   kRoad,  kAir,   kField, kField,
                            kField, kWater, kField, kWater, kRoad};

// Any container whose elements are an input and a target is a dataset.
struct Places {
    data::Dataset pictures;

    std::size_t size() const { return static_cast<std::size_t>(pictures.size()); }
    std::pair<Image, int> operator[](std::size_t i) const {
        const auto sample = static_cast<std::int64_t>(i);
        return {pictures.picture(sample), kWhere[pictures.label(sample)]};
    }
};

nn::Module new_head(std::uint64_t seed) {
    const auto net = networks::resnet20();
    net.replace("linear", nn::Linear{64, 4});
    net.initialize(seed);
    return net;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::printf("usage: %s WEIGHTS TEST.bin [PER_CLASS [EPOCHS [SEEDS [TEST [STATISTICS]]]]]\n",
                    argv[0]);
        return 2;
    }
    const auto number = [&](int i, int otherwise) {
        return argc > i ? std::atoi(argv[i]) : otherwise;
    };
    const int per_class = number(3, 10), epochs = number(4, 20), seeds = number(5, 3);
    const bool adapted = argc > 7 && std::string(argv[7]) == "adapted";
    const auto pictures =
        data::dataset_of(Places{data::cifar(argv[2], data::CifarLabels::kTen)},
                         {"air", "water", "road", "field"})
            .normalized({.mean = {0.485F, 0.456F, 0.406F}, .deviation = {0.229F, 0.224F, 0.225F}});
    const auto device = Device::pick();

    std::vector<double> scratch, before, after;
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(seeds); ++seed) {
        const auto [few, others] = few_of_each(pictures, per_class, seed);
        const auto test = others.take(number(6, 300));
        const train::FitOptions fit{.epochs = epochs,
                                    .batch_size = few.size() / 2,
                                    .schedule = optim::one_cycle_lr({.total_steps = 2 * epochs}),
                                    .seed = seed};
        const auto accuracy = [&](train::Trainer& trainer) {
            return trainer.evaluate(test, {.batch_size = 100}).accuracy;
        };
        train::Trainer fresh{device, new_head(seed), losses::cross_entropy(),
                             optim::AdamW{{.lr = 3e-3}}};
        fresh.fit(few, fit);
        scratch.push_back(accuracy(fresh));

        const auto net = new_head(seed);
        const auto report = io::load(net, argv[1], {.ignore_mismatched_sizes = true});
        if (seed == 1) std::printf("%s", to_text(report).c_str());
        nn::freeze(net);
        nn::thaw(net, {"layer3", "linear"});
        if (!adapted) nn::freeze_statistics(net);
        optim::AdamW optimizer;
        train::add_groups(optimizer, net, {"layer3", "linear"}, {.lr = 3e-3}, /*factor=*/10);
        train::Trainer tuned{device, net, losses::cross_entropy(), optimizer};
        before.push_back(accuracy(tuned));
        tuned.fit(few, fit);
        after.push_back(accuracy(tuned));
    }
    print_row("new head, not trained", before);
    const double least = print_row("all from scratch", scratch);
    return print_row("fine-tuned", after) > least ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
