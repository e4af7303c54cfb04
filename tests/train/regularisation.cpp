// SPDX-License-Identifier: MIT
// What keeps a net from learning its samples by heart, each one line through a trainer: that it
// does what its name says.
#include "small_run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

struct Trained {
    double train_loss, sum, squares, largest_row;
    std::size_t epochs;
};

Trained trained(const optim::Optimizer& optimizer,
                const losses::Loss& loss = losses::cross_entropy(), double dropout = 0,
                std::vector<train::AnyCallback> callbacks = {}) {
    const auto data = small_data();
    const nn::Sequential net{nn::Linear{2, 48}, nn::ReLU{}, nn::Dropout{dropout},
                             nn::Linear{48, 3}};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, loss, optimizer};
    const auto history = trainer.fit(data.train, {.epochs = 25,
                                                  .batch_size = 50,
                                                  .validation = data.test,
                                                  .callbacks = std::move(callbacks)});
    Trained result{.train_loss = history.epochs.back().train_loss, .epochs = history.epochs.size()};
    for (const HostTensor& tensor : net.state_dict()) {
        const auto values = tensor.values<float>();
        for (const float value : values) {
            result.sum += std::abs(value);
            result.squares += static_cast<double>(value) * value;
        }
        if (tensor.shape.rank() < 2) continue;
        const auto columns = static_cast<std::size_t>(tensor.shape[1]);
        for (std::size_t begin = 0; begin < values.size(); begin += columns) {
            double row = 0;
            for (const float value : values.subspan(begin, columns))
                row += static_cast<double>(value) * value;
            result.largest_row = std::max(result.largest_row, std::sqrt(row));
        }
    }
    return result;
}

}  // namespace

TEST_CASE("regularisation: each kind is one line") {
    const Trained plain = trained(optim::Adam{{.lr = 1e-2}});
    REQUIRE(plain.epochs == 25);
    REQUIRE(plain.largest_row > 1.2);

    const Trained l1 = trained(optim::Adam{{.lr = 1e-2}, {.others = {.l1 = 0.02}}});
    CHECK(l1.sum < 0.8 * plain.sum);
    const Trained l2 = trained(optim::Adam{{.lr = 1e-2, .weight_decay = 0.05}});
    CHECK(l2.squares < 0.7 * plain.squares);
    const Trained decoupled = trained(optim::AdamW{{.lr = 1e-2, .weight_decay = 0.5}});
    CHECK(decoupled.squares < 0.9 * plain.squares);
    const Trained bounded = trained(optim::Adam{{.lr = 1e-2}, {.others = {.max_norm = 0.9}}});
    CHECK(bounded.largest_row < 0.9 * (1 + 1e-5));
    CHECK(bounded.largest_row > 0.8);

    const Trained dropped = trained(optim::Adam{{.lr = 1e-2}}, losses::cross_entropy(), 0.5);
    CHECK(dropped.train_loss > 1.02 * plain.train_loss);
    // The entropy of the smoothed labels is the least that the loss can be.
    const double most = 1 - 0.3 + 0.3 / 3, least = 0.3 / 3;
    const Trained smoothed =
        trained(optim::Adam{{.lr = 1e-2}}, losses::cross_entropy({.label_smoothing = 0.3F}));
    CHECK(smoothed.train_loss > -most * std::log(most) - 2 * least * std::log(least));
    CHECK(smoothed.squares < plain.squares);
    const Trained stopped = trained(optim::Adam{{.lr = 1e-2}}, losses::cross_entropy(), 0,
                                    {train::EarlyStopping{{.patience = 2, .min_change = 0.2}}});
    CHECK(stopped.epochs < 25);
    check_validation();
}
