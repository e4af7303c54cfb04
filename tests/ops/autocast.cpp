// SPDX-License-Identifier: MIT
// Autocast: every operator has a rule, the rules are torch.autocast's lists, types follow them, and
// operands and results are rounded once.
#include "core/check.h"
#include "graph/body.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <ingot/autocast.h>
#include <ingot/nn.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

using namespace ingot;
using namespace ingot::testing;

namespace {

using Names = std::set<std::string>;

Names of_rule(graph::AutocastRule rule) {
    Names names;
    for (const graph::OpDef* def : graph::Listing::all()) {
        if (def->autocast == rule) names.insert(std::string(def->name));
    }
    return names;
}

Parameter weight(const Shape& shape) {
    return Parameter(HostTensor::zeros("weight", shape));
}

struct Row {
    const char* name;
    std::function<Tensor(const Tensor& x)> function;  // of x [2, 4, 6, 6]
};

// x is f32 or already of the 16-bit type, and so is what each of the rows gives.
Tensor written(const Row& row, DType x, DType scope) {
    const Autocast autocast(scope);
    return row.function(cast(input({2, 4, 6, 6}), x));
}

RecurrentWeights cell_weights(std::int64_t gates) {
    return {weight({gates * 3, 6}), weight({gates * 3, 3}), weight({gates * 3}),
            weight({gates * 3})};
}

Tensor steps(const Tensor& x) {
    return reshape(x, {8, 6, 6});
}
Tensor rows(const Tensor& x) {
    return reshape(x, {48, 6});
}

const std::vector<Row>& lower_rows() {
    static const std::vector<Row> kRows{
        {"matmul",
         [](const Tensor& x) {
             return matmul(x, weight({6, 5}));
         }},
        {"linear",
         [](const Tensor& x) {
             return linear(x, weight({5, 6}), weight({5}));
         }},
        {"linear of a vector",
         [](const Tensor& x) {
             return linear(reshape(x, {288}), weight({5, 288}), weight({5}));
         }},
        {"conv1d",
         [](const Tensor& x) {
             return conv1d(steps(x), weight({3, 6, 2}), weight({3}));
         }},
        {"conv2d",
         [](const Tensor& x) {
             return conv2d(x, weight({3, 4, 3, 3}), weight({3}));
         }},
        {"conv_transpose2d",
         [](const Tensor& x) {
             return conv_transpose2d(x, weight({4, 3, 3, 3}), weight({3}));
         }},
        {"attention",
         [](const Tensor& x) {
             return scaled_dot_product_attention(x, x, x, {.is_causal = true});
         }},
        {"attention with a mask",
         [](const Tensor& x) {
             return scaled_dot_product_attention(x, x, x, {.mask = weight({6, 6})});
         }},
        {"lstm",
         [](const Tensor& x) { return lstm(steps(x), {}, std::vector{cell_weights(4)}).output; }},
        {"gru",
         [](const Tensor& x) { return gru(steps(x), {}, std::vector{cell_weights(3)}).output; }},
        {"rnn",
         [](const Tensor& x) { return rnn(steps(x), {}, std::vector{cell_weights(1)}).output; }},
        {"lstm_cell", [](const Tensor& x) { return lstm_cell(rows(x), {}, cell_weights(4)).h; }},
        {"gru_cell", [](const Tensor& x) { return gru_cell(rows(x), {}, cell_weights(3)); }},
        {"rnn_cell", [](const Tensor& x) { return rnn_cell(rows(x), {}, cell_weights(1)); }},
        {"prelu",
         [](const Tensor& x) {
             return prelu(x, weight({1, 4, 1, 1}));
         }},
    };
    return kRows;
}

Tensor labels() {
    return input({48}, i32);
}

const std::vector<Row>& f32_rows() {
    static const std::vector<Row> kRows{
        {"sum", [](const Tensor& x) { return sum(x); }},
        {"sum of one", [](const Tensor& x) { return sum(slice(x, {.end = 1}), {.axes = {0}}); }},
        {"sum in steps",
         [](const Tensor& x) {
             return sum(x, {.axes = {0, 2}});
         }},
        {"mean", [](const Tensor& x) { return mean(x, {.axes = {1}}); }},
        {"prod", [](const Tensor& x) { return prod(x, {.axes = {3}}); }},
        {"cumsum", [](const Tensor& x) { return cumsum(x, 1); }},
        {"cumprod", [](const Tensor& x) { return cumprod(x, 1); }},
        {"var", [](const Tensor& x) { return var(x); }},
        {"norm", [](const Tensor& x) { return norm(x); }},
        {"logsumexp", [](const Tensor& x) { return logsumexp(x, {.axes = {1}}); }},
        {"softmax", [](const Tensor& x) { return softmax(x, 1); }},
        {"log_softmax", [](const Tensor& x) { return log_softmax(x, 1); }},
        {"layer_norm", [](const Tensor& x) { return layer_norm(x, {6}, weight({6}), {}); }},
        {"rms_norm", [](const Tensor& x) { return rms_norm(x, {6}, weight({6})); }},
        {"group_norm", [](const Tensor& x) { return group_norm(x, 2, weight({4}), {}); }},
        {"instance_norm", [](const Tensor& x) { return instance_norm(x, {}, {}); }},
        {"exp", [](const Tensor& x) { return exp(x); }},
        {"expm1", [](const Tensor& x) { return expm1(x); }},
        {"log", [](const Tensor& x) { return log(x); }},
        {"log1p", [](const Tensor& x) { return log1p(x); }},
        {"pow", [](const Tensor& x) { return pow(x, 3.0F); }},
        {"reciprocal", [](const Tensor& x) { return reciprocal(x); }},
        {"rsqrt", [](const Tensor& x) { return rsqrt(x); }},
        {"softplus", [](const Tensor& x) { return softplus(x); }},
        {"tan", [](const Tensor& x) { return tan(x); }},
        {"asin", [](const Tensor& x) { return asin(x); }},
        {"acos", [](const Tensor& x) { return acos(x); }},
        {"sinh", [](const Tensor& x) { return sinh(x); }},
        {"cosh", [](const Tensor& x) { return cosh(x); }},
        {"cross_entropy", [](const Tensor& x) { return cross_entropy(rows(x), labels()); }},
        {"cross_entropy, smoothed",
         [](const Tensor& x) {
             return cross_entropy(rows(x), labels(), {.label_smoothing = 0.1F});
         }},
        {"cross_entropy of probabilities",
         [](const Tensor& x) { return cross_entropy(rows(x), rows(x)); }},
        {"nll_loss", [](const Tensor& x) { return nll_loss(rows(x), labels()); }},
        {"multi_margin_loss", [](const Tensor& x) { return multi_margin_loss(rows(x), labels()); }},
        {"softmax_focal_loss",
         [](const Tensor& x) { return softmax_focal_loss(rows(x), labels()); }},
        {"mse_loss", [](const Tensor& x) { return mse_loss(x, relu(x)); }},
        {"l1_loss", [](const Tensor& x) { return l1_loss(x, relu(x)); }},
        {"binary_cross_entropy", [](const Tensor& x) { return binary_cross_entropy(x, relu(x)); }},
        {"binary_cross_entropy_with_logits",
         [](const Tensor& x) { return binary_cross_entropy_with_logits(x, relu(x)); }},
        {"kl_div", [](const Tensor& x) { return kl_div(x, relu(x)); }},
        {"cosine_similarity", [](const Tensor& x) { return cosine_similarity(x, relu(x)); }},
        {"triplet_margin_loss",
         [](const Tensor& x) { return triplet_margin_loss(x, relu(x), tanh(x)); }},
    };
    return kRows;
}

const std::vector<Row>& given_rows() {
    static const std::vector<Row> kRows{
        {"relu", [](const Tensor& x) { return relu(x); }},
        {"gelu", [](const Tensor& x) { return gelu(x); }},
        {"silu", [](const Tensor& x) { return silu(x); }},
        {"tanh", [](const Tensor& x) { return tanh(x); }},
        {"x + x", [](const Tensor& x) { return x + relu(x); }},
        {"2 x", [](const Tensor& x) { return 2 * x; }},
        {"max", [](const Tensor& x) { return max(x, {.axes = {1}}); }},
        {"reshape", [](const Tensor& x) { return reshape(x, {-1}); }},
        {"concatenate",
         [](const Tensor& x) {
             return concatenate(std::vector{x, relu(x)}, 1);
         }},
        {"max_pool2d", [](const Tensor& x) { return max_pool2d(x); }},
        {"avg_pool2d", [](const Tensor& x) { return avg_pool2d(x); }},
        {"batch_norm",
         [](const Tensor& x) {
             return batch_norm(x, weight({4}), weight({4}), weight({4}), weight({4}), {});
         }},
        {"batch_norm, evaluating",
         [](const Tensor& x) {
             return batch_norm(x, weight({4}), weight({4}), weight({4}), weight({4}),
                               {.training = false});
         }},
    };
    return kRows;
}

}  // namespace

TEST_SUITE_BEGIN("autocast");

TEST_CASE("autocast: every operator has decided, and the lists are these") {
    CHECK(of_rule(graph::AutocastRule::kUndecided) == Names{});
    CHECK(of_rule(graph::AutocastRule::kLower) == Names{"matmul", "conv", "conv_input_gradient",
                                                        "attention", "recurrent_sequence",
                                                        "lstm_cell", "gru_cell"});
    CHECK(of_rule(graph::AutocastRule::kFloat32) == Names{"sum",
                                                          "sum_steps",
                                                          "prod",
                                                          "prod_steps",
                                                          "cumsum",
                                                          "cumprod",
                                                          "var",
                                                          "std",
                                                          "norm",
                                                          "logsumexp",
                                                          "softmax",
                                                          "log_softmax",
                                                          "norm_rows",
                                                          "batch_norm_stats",
                                                          "cross_entropy",
                                                          "nll_loss",
                                                          "binary_cross_entropy",
                                                          "exp",
                                                          "expm1",
                                                          "log",
                                                          "log1p",
                                                          "pow",
                                                          "reciprocal",
                                                          "softplus"});
}

TEST_CASE("autocast: types follow the rules, whatever the operands' were") {
    for (const DType lower : {f16, bf16}) {
        for (const DType x : {f32, lower}) {
            INFO(to_string(lower) << " of " << to_string(x));
            for (const Row& row : lower_rows()) {
                INFO(row.name);
                CHECK(written(row, x, lower).dtype() == lower);
            }
            for (const Row& row : f32_rows()) {
                INFO(row.name);
                CHECK(written(row, x, lower).dtype() == f32);
            }
            for (const Row& row : given_rows()) {
                INFO(row.name);
                CHECK(written(row, x, lower).dtype() == x);
            }
        }
    }
}

TEST_CASE("autocast: without one, the result has the operands' type, as ever") {
    for (const auto* table : {&lower_rows(), &f32_rows(), &given_rows()}) {
        for (const Row& row : *table) {
            INFO(row.name);
            CHECK(row.function(input({2, 4, 6, 6})).dtype() == f32);
        }
    }
    CHECK(sum(cast(input({3}), f16)).dtype() == f16);
    CHECK(mse_loss(cast(input({3}), f16), cast(input({3}), f16)).dtype() == f16);
}

TEST_CASE("autocast: the innermost scope of a thread counts, until it ends") {
    const Tensor x = input({2, 3}), w = weight({3, 3});
    const auto type = [&] { return matmul(x, w).dtype(); };
    CHECK(type() == f32);
    {
        const Autocast outer(f16);
        CHECK(type() == f16);
        {
            const Autocast inner(bf16);
            CHECK(type() == bf16);
            const Autocast none(f32);
            CHECK(type() == f32);
        }
        CHECK(type() == f16);
        DType elsewhere = f16;
        std::thread([&] { elsewhere = type(); }).join();
        CHECK(elsewhere == f32);
    }
    CHECK(type() == f32);
    CHECK(thrown_message([] {
              Autocast integers(i32);
          }).find("autocast: to f16, bf16 or f32, not to i32") != std::string::npos);
    CHECK(type() == f32);
}

TEST_CASE("autocast: gradients and what is compiled are the same inside the scope and outside") {
    const auto text = [](bool inside) {
        const nn::Sequential net{nn::Conv2d{1, 2, {.kernel = 3}},
                                 nn::GroupNorm{1, 2},
                                 nn::GELU{},
                                 nn::Flatten{},
                                 nn::LayerNorm{32},
                                 nn::Linear{32, 3}};
        net.initialize(1);
        const Tensor x = input({2, 1, 6, 6}, f32, "x"), y = input({2}, i32, "y");
        Tensor loss;
        std::string result;
        const auto finish = [&] {
            Graph graph;
            graph.output(loss);
            std::vector<Tensor> wrt;
            for (const nn::NamedParameter& named : net.parameters())
                wrt.push_back(named.parameter);
            for (const Tensor& d : gradients(loss, wrt)) {
                CHECK(d.dtype() == f32);
                graph.output(d);
            }
            result = to_text(graph);
        };
        {
            const Autocast autocast(bf16);
            loss = cross_entropy(net(x), y);
            if (inside) finish();
        }
        if (!inside) finish();
        return result;
    };
    CHECK(text(true) == text(false));
}

TEST_CASE("autocast: a parameter is rounded once a step, however many read it") {
    const Parameter w(HostTensor::zeros("w", {8, 8}), {.name = "w"});
    Tensor loss;
    {
        const Autocast autocast(f16);
        const Tensor x = input({4, 8});
        loss = sum(linear(relu(linear(x, w)), w));
    }
    const std::vector<Tensor> wrt{w};
    const graph::Body body = graph::linearize(Graph{}.output(loss).output(gradients(loss, wrt)[0]));
    const auto rounds = [&](const graph::Operation& op) {
        return op.def->name == "cast" && body.values[op.outputs[0]].spec.dtype == f16 &&
               body.values[op.inputs[0].value].kind == graph::ValueKind::kState;
    };
    CHECK(std::count_if(body.operations.begin(), body.operations.end(), rounds) == 1);
}

TEST_CASE("autocast: operands and result of a product with a bias are rounded once") {
    // 2049 + 1 in f16: 2050 if the sum is rounded, 2048 if the product is, too. And 1 + 2^-12 is
    // rounded to 1 before it is multiplied.
    const auto constant_parameter = [](const Shape& shape, std::vector<float> values) {
        return Parameter(HostTensor::of("p", shape, values));
    };
    const Parameter w = constant_parameter({2, 2}, {2048, 1, 4096, 0});
    const Parameter b = constant_parameter({2}, {1, 0});
    const Tensor x = input({1, 2});
    Tensor y;
    {
        const Autocast autocast(f16);
        y = linear(x, w, b);
    }
    Device& device = test_device();
    Program program = device.compile(Graph{}.output(y).output(cast(y, f32)));
    const std::vector<float> fed{1 + 0x1p-12F, 1};
    program.run({{x, fed}});
    const auto values = program.read_all<Float16>(y);
    CHECK(static_cast<float>(values[0]) == 2050.0F);
    CHECK(static_cast<float>(values[1]) == 4096.0F);
    check_validation();
}

TEST_SUITE_END();
