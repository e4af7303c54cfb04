// SPDX-License-Identifier: MIT
// Gradients in double precision: the sweep and the rules of the operators that the interpreter
// knows, against central differences of the forward pass; and what the sweep promises by itself.
#include "body_tools.h"
#include "ops/pointwise.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

// One number, with every input and state moved by `step` in one element of `where`.
double moved(const Tensor& loss, const Tensor& where, std::int64_t element, double step) {
    const Body body = linearize(outputs({loss}));
    Interpreter interpreter(body);
    set_leaves(interpreter, body);
    for (ValueId id = 0; id < body.values.size(); ++id) {
        if (body.values[id].leaf == where.node()) {
            interpreter.store(id, element, interpreter.load(id, element) + step);
        }
    }
    interpreter.run_body();
    return interpreter.get(body.outputs[0].use)[0];
}

void check_gradients(const Tensor& loss, const std::vector<Tensor>& wrt) {
    const std::vector<Tensor> d = gradients(loss, wrt);
    const auto values = evaluate(outputs(d));
    for (std::size_t k = 0; k < wrt.size(); ++k) {
        REQUIRE(d[k].shape() == wrt[k].shape());
        for (std::int64_t i = 0; i < wrt[k].shape().count(); ++i) {
            const double h = 1e-6;
            const double numeric =
                (moved(loss, wrt[k], i, h) - moved(loss, wrt[k], i, -h)) / (2 * h);
            INFO("d_wrt" << k << "[" << i << "]");
            CHECK(values[k][static_cast<std::size_t>(i)] == doctest::Approx(numeric).epsilon(1e-5));
        }
    }
}

Tensor weighted(const Tensor& x) {  // a loss in which every element counts differently
    Tensor flat = reshape(x, {x.shape().count()});
    Tensor total = 0.0F;
    for (std::int64_t i = 0; i < flat.shape()[0]; ++i) {
        total = total + sum(slice(flat, {.begin = i, .end = i + 1})) *
                            (0.5F + 0.25F * static_cast<float>(i % 5));
    }
    return total;
}

}  // namespace

TEST_CASE("gradients: pointwise rules") {
    const std::pair<const char*, std::function<Tensor(const Tensor&, const Tensor&)>> rules[] = {
        {"add", [](const Tensor& x, const Tensor& y) { return x + y; }},
        {"subtract", [](const Tensor& x, const Tensor& y) { return x - y; }},
        {"multiply", [](const Tensor& x, const Tensor& y) { return x * y; }},
        {"divide", [](const Tensor& x, const Tensor& y) { return x / (y + 3.0F); }},
        {"maximum", [](const Tensor& x, const Tensor& y) { return maximum(x, y); }},
        {"minimum", [](const Tensor& x, const Tensor& y) { return minimum(x, y); }},
        {"pow", [](const Tensor& x, const Tensor& y) { return pow(x + 2.0F, y + 2.0F); }},
        {"abs", [](const Tensor& x, const Tensor& y) { return abs(x) * y; }},
        {"exp", [](const Tensor& x, const Tensor& y) { return exp(x - y); }},
        {"log", [](const Tensor& x, const Tensor& y) { return log(x + 2.0F) * y; }},
        {"sqrt", [](const Tensor& x, const Tensor& y) { return sqrt(x + 2.0F) - y; }},
        {"tanh", [](const Tensor& x, const Tensor& y) { return tanh(x * y); }},
        {"sigmoid", [](const Tensor& x, const Tensor& y) { return sigmoid(x + y); }},
        {"erf", [](const Tensor& x, const Tensor& y) { return erf(x) * y; }},
        {"relu", [](const Tensor& x, const Tensor& y) { return relu(x) * y; }},
        {"gelu", [](const Tensor& x, const Tensor& y) { return gelu(x) * y; }},
        {"select",
         [](const Tensor& x, const Tensor& y) {
             return where(greater(stop_gradient(x), 0.0F), x * y, y);
         }},
    };
    for (const auto& [name, rule] : rules) {
        INFO(name);
        const Tensor x = input({2, 3}), row = input({3}), column = input({2, 1});
        check_gradients(weighted(rule(x, row)), {x, row});
        check_gradients(weighted(rule(column, x)), {column, x});
    }
}

TEST_CASE("gradients: views, reductions and products") {
    const Tensor x = input({2, 3, 4}), m = input({3, 4}), n = input({4, 2});
    check_gradients(weighted(transpose(x, 0, 2)), {x});
    check_gradients(weighted(permute(x, {1, 2, 0}) * 2.0F), {x});
    check_gradients(weighted(reshape(x, {6, 4}) * 3.0F), {x});
    check_gradients(weighted(expand(m, {2, 3, 4})), {m});
    check_gradients(weighted(slice(x, {.axis = 2, .begin = 1, .end = 4, .step = 2})), {x});
    check_gradients(weighted(concatenate(std::vector<Tensor>{m, m * m}, 1)), {m});
    check_gradients(weighted(sum(x * x, {.axes = {1}})), {x});
    check_gradients(weighted(mean(x * x, {.axes = {0, 2}, .keep_axes = true})), {x});
    check_gradients(weighted(max(x, {.axes = {2}})), {x});
    check_gradients(weighted(matmul(m, n)), {m, n});
    check_gradients(weighted(matmul(transpose(n), transpose(m))), {m, n});
    check_gradients(weighted(matmul(x, n)), {x, n});
}

TEST_CASE("gradients: what flows in from several sides adds up") {
    const Tensor x = input({3});
    check_gradients(weighted(x * x + exp(x) * x), {x});
    const Parameter shared = parameter("shared", {3, 3});
    const Tensor hidden = tanh(matmul(reshape(x, {1, 3}), shared));
    check_gradients(weighted(matmul(hidden, shared) + matmul(hidden, transpose(shared.tensor()))),
                    {shared.tensor(), x});
    // The same tensor asked for twice, and a value in the middle of the graph.
    const Tensor loss = weighted(hidden);
    const std::vector<Tensor> d = gradients(loss, std::vector<Tensor>{x, x, hidden});
    const auto values = evaluate(outputs(d));
    CHECK(values[0] == values[1]);
    CHECK(values[2] == std::vector<double>{0.5, 0.75, 1.0});
}

TEST_CASE("gradients: of random graphs") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random = random_graph(seed, {.operations = 12, .updates = false});
        // max has kinks where values tie; the interpreter's numbers are in general position.
        Tensor loss = 0.0F;
        for (const Tensor& output : random.graph.outputs)
            loss = loss + mean(output);
        const std::vector<Tensor> d = gradients(loss, random.inputs);
        const auto values = evaluate(outputs(d));
        for (std::size_t k = 0; k < d.size(); ++k) {
            const double h = 1e-7;
            const double numeric =
                (moved(loss, random.inputs[k], 0, h) - moved(loss, random.inputs[k], 0, -h)) /
                (2 * h);
            CHECK(values[k][0] == doctest::Approx(numeric).epsilon(1e-4));
        }
    }
}

TEST_CASE("gradients: end at stop_gradient, pass through with_update") {
    const Tensor x = input({3}), y = input({3});
    const auto d = gradients(sum(stop_gradient(x) * y + x), std::vector<Tensor>{x, y});
    CHECK(evaluate(outputs({d[0]}))[0] == std::vector<double>{1, 1, 1});
    const Parameter seen = parameter("seen", {3});
    check_gradients(sum(with_update(exp(x), seen, x) * x), {x});
    // What only the update reads has no gradient.
    const auto d_update = gradients(sum(with_update(y, seen, x)), std::vector<Tensor>{x});
    CHECK(evaluate(outputs(d_update))[0] == std::vector<double>{0, 0, 0});
}

TEST_CASE("gradients: what is not reached gets zeros") {
    const Tensor x = input({2, 2});
    const Parameter p = parameter("p", {3});
    const auto d = gradients(mean(x), std::vector<Tensor>{p.tensor(), x});
    CHECK(d[0].shape() == Shape{3});
    CHECK(evaluate(outputs({d[0]}))[0] == std::vector<double>{0, 0, 0});
    const Tensor loss = mean(x);
    const auto self = gradients(loss, std::vector<Tensor>{loss});
    CHECK(evaluate(outputs(self))[0] == std::vector<double>{1});
}

TEST_CASE("gradients: refusals") {
    const Tensor x = input({2, 3});
    const std::vector<Tensor> wrt{x};
    CHECK(thrown_message([&] { gradients(x, wrt); }) ==
          "invalid argument: gradients: the loss must be one floating-point number, not f32[2, 3]");
    CHECK(thrown_message([&] { gradients(input({}, i32), wrt); }) ==
          "invalid argument: gradients: the loss must be one floating-point number, not i32[]");
    CHECK(thrown_message([&] { gradients(mean(cast(argmax(x), f32)), wrt); }) ==
          "nothing was thrown");  // nothing flows through integers: zeros
    CHECK(thrown_message([&] { gradients(Tensor(), wrt); }).starts_with("invalid argument"));
    const std::vector<Tensor> empty{Tensor()};
    CHECK(thrown_message([&] { gradients(mean(x), empty); }).starts_with("invalid argument"));
    // A step function is no obstacle where nothing that matters goes through it.
    const Tensor y = input({2, 3});
    CHECK(thrown_message([&] { gradients(mean(cast(equal(y, 0.0F), f32) * x), wrt); }) ==
          "nothing was thrown");
    const std::vector<Tensor> numbers{input({2}, i32)};
    CHECK(thrown_message([&] { gradients(mean(x), numbers); }) ==
          "invalid argument: gradients: i32[2] is not differentiable");
}

TEST_CASE("parameters_of: the trainable ones, in the order in which they were created") {
    const Parameter a = parameter("a", {2}), b = parameter("b", {2});
    const Parameter frozen(HostTensor::zeros("frozen", {2}), {.trainable = false});
    const Tensor y = b * frozen + a;
    CHECK(parameters_of(y) == std::vector<Parameter>{a, b});
    CHECK(parameters_of(input({2})).empty());
}
