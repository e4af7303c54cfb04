// SPDX-License-Identifier: MIT
// A language model through the trainer: inputs are tokens, and every position has its label.
#include "support/op_case.h"

#include <doctest/doctest.h>
#include <ingot/train.h>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("fit: tokens in, a label at every position") {
    // After each token comes its double plus one, of seven: a table that one layer can learn.
    std::vector<std::int32_t> tokens{3};
    while (tokens.size() < 401)
        tokens.push_back((2 * tokens.back() + static_cast<int>(tokens.size() % 5 == 0)) % 7);
    std::vector<std::int32_t> inputs, labels;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        inputs.push_back(tokens[i]);
        labels.push_back((2 * tokens[i] + 1) % 7);
    }
    const data::Dataset set(HostTensor::of("x", {50, 8}, inputs),
                            HostTensor::of("y", {50, 8}, labels));
    REQUIRE(set.input_dtype() == i32);

    const nn::Sequential net{
        nn::Embedding{7, 16}, nn::Linear{16, 7},
        nn::Lambda{"Transpose", [](const Tensor& x) { return transpose(x, 1, 2); }}};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::AdamW{{.lr = 5e-2}}};
    const train::History history =
        trainer.fit(set, {.epochs = 20, .batch_size = 16, .validation = set, .seed = 1});
    CHECK(history.epochs.front().train_loss > 0.5);
    CHECK(history.epochs.back().validation_loss < 0.1);
    CHECK(history.epochs.back().train_accuracy == 1);
    CHECK(history.epochs.back().validation_accuracy == 1);
    CHECK(trainer.predict(set).shape == Shape{50, 7, 8});
}
