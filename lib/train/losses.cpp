// SPDX-License-Identifier: MIT
#include <ingot/losses.h>
#include <ingot/ops.h>

namespace ingot::losses {

Loss cross_entropy() {
    return {.name = "cross_entropy",
            .of_labels = true,
            .value = [](const Tensor& logits, const Tensor& labels) {
                return ingot::cross_entropy(logits, labels);
            }};
}

Loss mse() {
    return {.name = "mse", .of_labels = false, .value = [](const Tensor& x, const Tensor& target) {
                return mse_loss(x, target);
            }};
}

}  // namespace ingot::losses
