// SPDX-License-Identifier: MIT
// Augmentation in the graph of a step: the pixels are changed by the device, beside the net, and
// only what is drawn comes from the host. A trainer does it when FitOptions::augment_on says so; in
// a loop of one's own:
//
//     ingot::data::Batches batches{train, 64, {.augment = crops, .augment_on = Place::kDevice}};
//     auto x = ingot::input({64, 3, 32, 32}), draws = ingot::input({64, batches.plan()->numbers});
//     auto pictures = ingot::augment::on_device(*batches.plan(), x, draws,
//                                               train.normalization());
//     ...
//     for (auto& batch : batches) step.run({{x, batch.inputs}, {draws, batch.draws}, ...});
#pragma once

#include <ingot/augment.h>
#include <ingot/dataset.h>
#include <ingot/export.h>
#include <ingot/tensor.h>

namespace ingot::augment {

// What the plan makes of pictures x f32 [B, plan.from...] with draws f32 [B, plan.numbers], as the
// host would: f32 [B, plan.to...], then normalised. Draws may be empty where there are no numbers.
// Throws kInvalidArgument for other shapes, kUnsupported for a plan that takes the host.
INGOT_API Tensor on_device(const Step& plan, const Tensor& x, const Tensor& draws,
                           const data::Normalization& normalization = {});

}  // namespace ingot::augment
