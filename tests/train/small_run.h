// SPDX-License-Identifier: MIT
// A run that is small but has everything a trajectory depends on: dropout, batch norm, a short last
// batch, momentum state, validation.
#pragma once

#include "support/op_case.h"

#include <ingot/train.h>

namespace ingot::testing {

// 3 x 50 training samples: with batches of 16 nine full ones and one of 6.
inline data::TrainTest small_data() {
    return data::spirals({.per_class = 50, .seed = 4});
}

inline nn::Module small_net(std::uint64_t seed = 1) {
    const nn::Sequential net{nn::Linear{2, 32}, nn::BatchNorm1d{32}, nn::ReLU{}, nn::Dropout{0.2},
                             nn::Linear{32, 3}};
    net.initialize(seed);
    return net;
}

inline train::Trainer small_trainer(const nn::Module& net) {
    return {test_device(), net, losses::cross_entropy(), optim::AdamW{{.lr = 5e-3}}};
}

inline train::FitOptions small_options(const data::TrainTest& data, std::int64_t epochs) {
    return {.epochs = epochs, .batch_size = 16, .validation = data.test, .seed = 2};
}

// What came of a run.
struct Outcome {
    std::vector<HostTensor> weights;
    train::History history;
};

inline bool same(const Outcome& a, const Outcome& b) {
    return a.weights == b.weights && a.history.step_losses == b.history.step_losses;
}

// Ends a run after a number of steps of this call, as a person with Ctrl-C would.
class StopAfter : public train::Callback {
public:
    explicit StopAfter(std::int64_t epoch, std::int64_t step) : epoch_(epoch), step_(step) {}
    void on_steps(train::FitState& fit) override {
        if (fit.epoch == epoch_ && fit.step >= step_) fit.stop("enough");
    }

private:
    std::int64_t epoch_;
    std::int64_t step_;
};

}  // namespace ingot::testing
