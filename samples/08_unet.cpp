// SPDX-License-Identifier: MIT
// A U-Net learns to find discs and squares, pixel by pixel. Writes unet.png: pictures that it
// has not seen before; where their discs (red) and squares (green) are; and what it found.
//     usage: sample_08_unet [SAMPLES [EPOCHS [SIZE [WIDTH]]]]      1000, 5, 64 x 64 pixels, 8
// In the end: intersection over union 0.90 for discs and 0.93 for squares, on 64 other pictures.
#include "networks/unet.h"
#include "pictures/rows.h"
#include "pictures/shapes.h"

#include <ingot/ingot.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) try {
    const auto samples = argc > 1 ? std::atoll(argv[1]) : 1000;
    const auto epochs = argc > 2 ? std::atoll(argv[2]) : 5;
    const auto size = argc > 3 ? std::atoll(argv[3]) : 64, pixels = size * size;
    const auto width = argc > 4 ? std::atoll(argv[4]) : 8;
    const auto train = pictures::shapes(samples, size, 1), test = pictures::shapes(64, size, 2);

    auto device = ingot::Device::pick();
    ingot::train::Trainer trainer{
        device, networks::unet({.classes = 2, .width = width, .depth = 3}),
        ingot::losses::binary_cross_entropy_with_logits(), ingot::optim::AdamW{{.lr = 3e-3}}};
    const auto history =
        trainer.fit(train, {.epochs = epochs,
                            .batch_size = 16,
                            .callbacks = {ingot::train::Progress{{.samples = "pictures"}}},
                            .last_batch = ingot::data::LastBatch::kDrop});

    ingot::data::Batches batches{test, test.size()};
    const auto* all = batches.next();
    const auto masks = all->targets;  // [64, 2, size, size], as is what was found
    const auto logits = trainer.predict(test, {.batch_size = 16});
    std::vector<float> found;
    for (const float logit : logits.values<float>())
        found.push_back(logit > 0 ? 1 : 0);
    for (const int kind : {0, 1}) {
        double both = 0, either = 0;  // pixels
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (static_cast<int>(i) / pixels % 2 != kind) continue;
            both += std::min(masks[i], found[i]);
            either += std::max(masks[i], found[i]);
        }
        std::printf("%s: intersection over union %.3f\n", kind == 0 ? "discs" : "squares",
                    both / either);
    }
    pictures::write_rows("unet.png", {{all->inputs, 1}, {masks, 2}, {found, 2}}, 8, size);
    return history.step_losses.back() < history.step_losses.front() ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
