// SPDX-License-Identifier: MIT
// A network of two layers trained for 50 steps follows a plain loop over doubles on the host: the
// forward pass, the gradients and the updates written out by hand. Weights and losses agree to
// 1e-4.
#include "support/op_case.h"

#include <ingot/train.h>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace ingot;
using testing::check_validation;
using testing::test_device;

namespace {

constexpr std::size_t B = 30, K = 2, H = 24, V = 3;
constexpr int kSteps = 50;

using Array = std::vector<double>;

Array doubles(const HostTensor& tensor) {
    const auto values = tensor.values<float>();
    return {values.begin(), values.end()};
}

struct Network {
    Array w0, b0, w1, b1;  // [H, K], [H], [V, H], [V]

    explicit Network(std::span<const HostTensor> state)
        : w0(doubles(state[0])),
          b0(doubles(state[1])),
          w1(doubles(state[2])),
          b1(doubles(state[3])) {}
};

// One step of gradient descent with momentum on the mean cross-entropy; the loss before it.
double step(Network& net, Network& momentum, std::span<const float> x,
            std::span<const std::int32_t> labels, double lr, double mu) {
    Array hidden(B * H), d_logits(B * V);
    double loss = 0;
    for (std::size_t b = 0; b < B; ++b) {
        for (std::size_t h = 0; h < H; ++h) {
            double sum = net.b0[h];
            for (std::size_t k = 0; k < K; ++k)
                sum += net.w0[h * K + k] * x[b * K + k];
            hidden[b * H + h] = std::max(sum, 0.0);
        }
        Array logits(net.b1);
        double sum_exp = 0;
        for (std::size_t v = 0; v < V; ++v) {
            for (std::size_t h = 0; h < H; ++h)
                logits[v] += net.w1[v * H + h] * hidden[b * H + h];
            sum_exp += std::exp(logits[v]);
        }
        const auto label = static_cast<std::size_t>(labels[b]);
        loss += (std::log(sum_exp) - logits[label]) / B;
        for (std::size_t v = 0; v < V; ++v) {
            d_logits[b * V + v] = (std::exp(logits[v]) / sum_exp - (v == label)) / B;
        }
    }
    Array d_w0(H * K), d_b0(H), d_w1(V * H), d_b1(V);
    for (std::size_t b = 0; b < B; ++b) {
        for (std::size_t h = 0; h < H; ++h) {
            double d_hidden = 0;
            for (std::size_t v = 0; v < V; ++v) {
                d_w1[v * H + h] += d_logits[b * V + v] * hidden[b * H + h];
                d_hidden += d_logits[b * V + v] * net.w1[v * H + h];
            }
            if (hidden[b * H + h] <= 0) continue;
            d_b0[h] += d_hidden;
            for (std::size_t k = 0; k < K; ++k)
                d_w0[h * K + k] += d_hidden * x[b * K + k];
        }
        for (std::size_t v = 0; v < V; ++v)
            d_b1[v] += d_logits[b * V + v];
    }
    const auto move = [&](Array& p, Array& buffer, const Array& d) {
        for (std::size_t i = 0; i < p.size(); ++i) {
            buffer[i] = mu * buffer[i] + d[i];
            p[i] -= lr * buffer[i];
        }
    };
    move(net.w0, momentum.w0, d_w0);
    move(net.b0, momentum.b0, d_b0);
    move(net.w1, momentum.w1, d_w1);
    move(net.b1, momentum.b1, d_b1);
    return loss;
}

void check_close(const HostTensor& tensor, const Array& expected) {
    const auto values = tensor.values<float>();
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(std::abs(values[i] - expected[i]) < 1e-4);
    }
}

}  // namespace

TEST_CASE("a network of two layers follows the loop over doubles") {
    const data::Dataset train = data::spirals({.per_class = 100}).train;
    const nn::Sequential net{nn::Linear{K, H}, nn::ReLU{}, nn::Linear{H, V}};
    Network reference(net.state_dict());
    Network momentum = reference;
    for (Array* array : {&momentum.w0, &momentum.b0, &momentum.w1, &momentum.b1}) {
        array->assign(array->size(), 0.0);
    }

    train::Trainer trainer{test_device(), net, losses::cross_entropy(),
                           optim::Sgd{{.lr = 0.2, .momentum = 0.9}}};
    const train::History history = trainer.fit(train, {.epochs = 5, .batch_size = B, .seed = 6});
    REQUIRE(history.step_losses.size() == kSteps);

    data::Batches batches{train, B, {.shuffle = true, .seed = 6}};
    std::size_t at = 0;
    for (int epoch = 0; epoch < 5; ++epoch) {
        for (const data::Batch& batch : batches) {
            const double loss = step(reference, momentum, batch.inputs, batch.labels, 0.2, 0.9);
            CHECK(std::abs(history.step_losses[at++] - loss) < 1e-4);
        }
    }
    CHECK(history.step_losses.back() < 0.8F * history.step_losses.front());
    const auto state = net.state_dict();
    check_close(state[0], reference.w0);
    check_close(state[1], reference.b0);
    check_close(state[2], reference.w1);
    check_close(state[3], reference.b1);
    check_validation();
}
