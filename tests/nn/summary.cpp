// SPDX-License-Identifier: MIT
// The table of a model: its rows and totals, counted by hand.
#include "support/thrown_message.h"

#include <ingot/graph.h>
#include <ingot/nn.h>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::nn;
using testing::thrown_message;

namespace {

const SummaryRow& row_of(const Summary& summary, const std::string& name) {
    for (const SummaryRow& row : summary.rows) {
        if (row.name == name) return row;
    }
    FAIL("no row " << name);
    return summary.rows[0];
}

std::int64_t flops_of(const Tensor& tensor) {
    return FlopCounter{}.add(tensor);
}

}  // namespace

TEST_CASE("flops are counted by hand") {
    CHECK(flops_of(matmul(input({3, 5}), input({5, 7}))) == 2 * 3 * 5 * 7);
    CHECK(flops_of(matmul(input({4, 3, 5}), input({5, 7}))) == 2 * 4 * 3 * 5 * 7);
    CHECK(flops_of(conv2d(input({2, 6, 9, 8}), input({4, 3, 3, 2}), {}, {.groups = 2})) ==
          2 * (2 * 4 * 7 * 7) * (3 * 3 * 2));
    CHECK(flops_of(conv_transpose1d(input({2, 6, 9}), input({6, 4, 3}), {}, {.stride = 2})) ==
          2 * (2 * 6 * 9) * (4 * 3));
    CHECK(flops_of(scaled_dot_product_attention(input({2, 3, 5, 8}), input({2, 3, 7, 8}),
                                                input({2, 3, 7, 4}))) ==
          2 * (2 * 3 * 5 * 7) * (8 + 4));
    CHECK(flops_of(relu(input({3, 5}))) == 0);

    FlopCounter counter;
    const Tensor x = input({4, 4}), y = matmul(x, x);
    CHECK(counter.add(y) == 128);
    CHECK(counter.add(y) == 0);
    CHECK(counter.add(matmul(y, y) + relu(y)) == 128);
}

TEST_CASE("a row for each layer, and columns that add up") {
    const Sequential net{Conv2d{1, 4, {.padding = 1}},
                         BatchNorm2d{4},
                         ReLU{},
                         Residual{Conv2d{4, 4, {.padding = 1, .bias = false}}},
                         Flatten{},
                         Linear{64, 10}};
    net["5"].set_trainable(false);
    const Summary table = summary(net, input({8, 1, 4, 4}));
    REQUIRE(table.rows.size() == 8);
    CHECK(table.rows[0].type == "Sequential");
    CHECK(table.rows[0].parameters == 0);
    CHECK(table.rows[0].output == Shape{8, 10});
    CHECK(table.rows[5].name == "3.body");
    CHECK(table.rows[5].depth == 2);

    const SummaryRow& conv = row_of(table, "0");
    CHECK(conv.output == Shape{8, 4, 4, 4});
    CHECK(conv.parameters == 4 * 9 + 4);
    CHECK(conv.trainable_parameters == 40);
    CHECK(conv.flops == 2 * 64 * 9);
    CHECK(row_of(table, "1").parameters == 8);
    CHECK(row_of(table, "3").flops == 0);
    CHECK(row_of(table, "3.body").flops == 2 * 64 * 36);
    CHECK(row_of(table, "5").trainable_parameters == 0);
    CHECK(row_of(table, "5").flops == 2 * 64 * 10);

    CHECK(table.parameters == net.parameter_count());
    CHECK(table.parameters == 40 + 8 + 144 + 650);
    CHECK(table.trainable_parameters == 40 + 8 + 144);
    CHECK(table.state_bytes == 4 * (table.parameters + 8));
    CHECK(table.flops == 2 * 64 * 9 + 2 * 64 * 36 + 2 * 64 * 10);
    // Six of 64 elements (convolutions, norm, ReLU, sum, flat) and one of 10; the model's own is
    // its last layer's.
    CHECK(table.activation_bytes == 4 * 8 * (6 * 64 + 10));
}

TEST_CASE("what a layer computes between its children is its own") {
    class Twice : public Layer {
    public:
        std::string type() const override { return "Twice"; }
        Tensor forward(const Tensor& x, Mode mode) override {
            const Tensor wide = matmul(x, transpose(x));
            return inner_(inner_(matmul(wide, x), mode), mode);
        }

    private:
        Linear inner_ = add_child("inner", Linear{4, 4});
        Linear spare_ = add_child("spare", Linear{4, 4});
    };
    const Summary table = summary(std::make_shared<Twice>(), input({6, 4}));
    CHECK(table.rows[0].flops == 2 * (2 * 6 * 6 * 4) / 6);
    CHECK(table.rows[1].flops == 2 * (2 * 4 * 4));
    CHECK(table.rows[1].parameters == 20);
    CHECK(table.rows[1].is_used);
    CHECK_FALSE(table.rows[2].is_used);
}

TEST_CASE("attention, sequences and shared layers have their rows") {
    const TransformerEncoder net{TransformerEncoderLayer{8, 2, {.dim_feedforward = 16}}, 2};
    const Summary table = summary(net, input({3, 5, 8}));
    const SummaryRow& attention = row_of(table, "layers.1.self_attn");
    CHECK(attention.output == Shape{3, 5, 8});
    CHECK(attention.parameters == 4 * 64 + 4 * 8);
    CHECK(attention.flops == 4 * (2 * 5 * 8 * 8) + 2 * (2 * 5 * 5 * 8));
    CHECK(row_of(table, "layers.0.linear2").flops == 2 * 5 * 16 * 8);
    CHECK(table.flops == 2 * (attention.flops + 2 * (2 * 5 * 16 * 8)));

    const Summary lstm = summary(LSTM{3, 4, {.batch_first = true}}, input({2, 5, 3}));
    CHECK(lstm.rows[0].output == Shape{2, 5, 4});
    CHECK(lstm.rows[0].flops == 2 * 5 * (16 * 3 + 16 * 4));

    const Linear shared{4, 4};
    const Summary twice = summary(Sequential{shared, ReLU{}, shared}, input({2, 4}));
    CHECK(twice.rows.size() == 3);
    CHECK(twice.rows[1].flops == 2 * (2 * 4 * 4));

    const Summary words = summary(Embedding{10, 4}, input({2, 7}, i32));
    CHECK(words.input.dtype == i32);
    CHECK(words.rows[0].output == Shape{2, 7, 4});
}

TEST_CASE("the table as text") {
    const Sequential net{Linear{784, 256}, ReLU{}, Sequential{Linear{256, 10}}};
    CHECK(to_string(summary(net, input({64, 784}))) ==
          "layer           output     parameters    flops\n"
          "Sequential      [64, 10]\n"
          "  0 Linear      [64, 256]     200,960  401,408\n"
          "  1 ReLU        [64, 256]\n"
          "  2 Sequential  [64, 10]\n"
          "    0 Linear    [64, 10]        2,570    5,120\n"
          "input f32[64, 784]: 203,530 parameters, 203,530 of them trained, 0.78 MiB with buffers\n"
          "406,528 flops a sample; the layers' outputs are 0.13 MiB\n");
}

TEST_CASE("the text names layers as their owner does, and knows those that are not called") {
    class Tied : public Layer {
    public:
        Tied() {
            for (const char* name : {"h.0", "h.1", "spare"})
                add_child(name, std::make_shared<Weight>());
        }
        std::string type() const override { return "Tied"; }
        Tensor forward(const Tensor& x, Mode mode) override {
            const Module first = children()[0];
            return matmul(first(x, mode), static_cast<Weight&>(*children()[1].layer()).weight());
        }

    private:
        class Weight : public Layer {
        public:
            Weight() {
                add_parameter("weight", [](auto&) { return init::constant({4, 4}, 1); });
            }
            std::string type() const override { return "Weight"; }
            Tensor forward(const Tensor& x, Mode) override { return matmul(x, weight()); }
            Tensor weight() { return parameter(0); }
        };
    };
    const Summary table = summary(Sequential{std::make_shared<Tied>()}, input({2, 4}));
    CHECK(table.rows[3].is_used);
    CHECK_FALSE(table.rows[3].output.has_value());
    CHECK(to_string(table) ==
          "layer             output    parameters  flops\n"
          "Sequential        [2, 4]\n"
          "  0 Tied          [2, 4]                   32\n"
          "    h.0 Weight    [2, 4]            16     32\n"
          "    h.1 Weight                      16\n"
          "    spare Weight  not used          16\n"
          "input f32[2, 4]: 48 parameters, 48 of them trained, 0.00 MiB with buffers\n"
          "64 flops a sample; the layers' outputs are 0.00 MiB\n");
}

TEST_CASE("no table without a batch, and none of a model that does not fit") {
    CHECK(thrown_message([] { summary(ReLU{}, constant(1)); }) ==
          "invalid argument: summary: takes a batch [B, ...], not []");
    const Sequential net{Linear{3, 4}, Linear{5, 6}};
    CHECK(thrown_message([&] {
              summary(net, input({2, 3}));
          }).starts_with("invalid argument: layer 1, Linear, given f32[2, 4]: "));
    CHECK(net["0"](input({2, 3})).shape() == Shape{2, 4});  // nobody listens any more
}
