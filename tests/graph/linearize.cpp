// SPDX-License-Identifier: MIT
// Expressions to Body: what is merged, what is not, what is folded, and where copies appear.
#include "body_tools.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

using Names = std::vector<std::string>;

Body body_of(std::vector<Tensor> tensors) {
    return linearize(outputs(std::move(tensors)));
}

}  // namespace

TEST_CASE("linearize: equal operations become one") {
    const Tensor x = input({2, 3}), y = input({2, 3});
    CHECK(names(body_of({x + y, x + y})) == Names{"add"});
    CHECK(names(body_of({exp(x + y) * exp(x + y)})) == Names{"add", "exp", "multiply"});
    // The order of operands, their views and the attributes tell operations apart.
    CHECK(names(body_of({x - y, y - x})).size() == 2);
    CHECK(names(body_of({sum(x, {.axes = {0}}), sum(x, {.axes = {1}})})) == Names{"sum", "sum"});
    CHECK(names(body_of({mean(x), sum(x)})) == Names{"sum", "sum"});
    const Tensor square_matrix = input({2, 2});
    CHECK(names(body_of({exp(square_matrix), exp(transpose(square_matrix))})).size() == 2);
    CHECK(names(body_of({x * 2.0F, x * 2.0F})) == Names{"multiply"});
    CHECK(names(body_of({x * 2.0F, x * -2.0F})).size() == 2);
}

TEST_CASE("linearize: equal inputs, states and scalars stay apart") {
    const Body two_inputs = body_of({input({2}, f32, "x") + input({2}, f32, "x")});
    CHECK(std::count_if(two_inputs.values.begin(), two_inputs.values.end(),
                        [](const Value& v) { return v.kind == ValueKind::kInput; }) == 2);
    const Parameter a = parameter("p", {2}), b = parameter("p", {2});
    const Body two_states = body_of({exp(a), exp(b)});
    CHECK(names(two_states) == Names{"exp", "exp"});
    const Scalar r(1, "rate"), s(1, "rate");
    const Tensor x = input({2});
    CHECK(names(body_of({x * r.tensor(), x * s.tensor()})).size() == 2);
    CHECK(names(body_of({x * r.tensor(), x * r.tensor()})).size() == 1);
    // One parameter named twice is one value.
    const Body once = body_of({exp(a) + tanh(a)});
    CHECK(std::count_if(once.values.begin(), once.values.end(),
                        [](const Value& v) { return v.kind == ValueKind::kState; }) == 1);
}

TEST_CASE("linearize: random numbers are drawn once for each call") {
    Generator generator(7), twin(7);
    const Tensor first = generator.uniform({4}), second = generator.uniform({4});
    CHECK(names(body_of({first, second})) == Names{"uniform", "uniform"});
    CHECK(names(body_of({first, twin.uniform({4})})) == Names{"uniform", "uniform"});
    CHECK(names(body_of({first, first * 2.0F})) == Names{"uniform", "multiply"});
    const Tensor x = input({4});
    const Body dropped = body_of({dropout(x, generator), dropout(x, generator)});
    const auto found = names(dropped);
    CHECK(std::count(found.begin(), found.end(), "uniform") == 2);
}

TEST_CASE("linearize: what no output or update needs never enters") {
    const Tensor x = input({2});
    const Tensor unused = exp(x);
    (void)unused;
    CHECK(names(body_of({tanh(x)})) == Names{"tanh"});
    const Tensor unread = input({3});
    (void)(x.shape() == unread.shape());
    const Body body = body_of({tanh(x)});
    CHECK(body.values.size() == 2);
}

TEST_CASE("linearize: arithmetic on constants and with the neutral element costs nothing") {
    const Tensor x = input({2, 3});
    CHECK(names(body_of({x * (Tensor(2.0F) + 3.0F)})) == Names{"multiply"});
    const Body folded = body_of({x * sqrt(Tensor(2.0F) * 8.0F)});
    REQUIRE(names(folded) == Names{"multiply"});
    CHECK(is_constant(folded, folded.operations[0].inputs[1], 4.0F));
    CHECK(names(body_of({exp(x * 1.0F)})) == Names{"exp"});
    CHECK(names(body_of({exp(1.0F * x)})) == Names{"exp"});
    CHECK(names(body_of({exp(x / 1.0F)})) == Names{"exp"});
    CHECK(names(body_of({exp(x + 0.0F)})) == Names{"exp"});
    CHECK(names(body_of({exp(0.0F + x)})) == Names{"exp"});
    CHECK(names(body_of({exp(x - 0.0F)})) == Names{"exp"});
    CHECK(names(body_of({exp(0.0F - x)})) == Names{"subtract", "exp"});
    CHECK(names(body_of({exp(1.0F / x)})) == Names{"divide", "exp"});
    CHECK(names(body_of({exp(x * 0.0F)})) == Names{"multiply", "exp"});  // NaN must pass
    // The neutral element may be what gives the result its shape.
    const Tensor row = input({3});
    const Body wide = body_of({exp(row * constant(1.0F, {2, 3}))});
    CHECK(names(wide) == Names{"exp"});
    CHECK(wide.operations[0].inputs[0].view.shape == Shape{2, 3});
    CHECK(evaluate(outputs({constant(2.0F, {2}) * 3.0F}))[0] == std::vector<double>{6, 6});
}

TEST_CASE("linearize: a deep expression is followed, and ends, without recursion") {
    Tensor x = input({2});
    for (int i = 0; i < 300000; ++i)
        x = -x;
    CHECK(body_of({x}).operations.size() == 300000);
    x = Tensor();
}

TEST_CASE("linearize: composites leave only what they are made of") {
    Generator generator;
    const Tensor x = input({4});
    const Body body = body_of({dropout(x, generator)});
    for (const Operation& op : body.operations) {
        CHECK((op.def->kind == OpKind::kPointwise || op.def->kind == OpKind::kKernel));
    }
    const auto found = names(body);
    CHECK(std::count(found.begin(), found.end(), "dropout") == 0);
    // A graph that was linearized once is linearized again to the same body.
    const Graph graph = outputs({dropout(x, generator) + 1.0F});
    CHECK(to_text(linearize(graph)) == to_text(linearize(graph)));
}

TEST_CASE("linearize: views are followed; copies stand only where a kernel cannot follow") {
    const Tensor x = input({4, 6});
    CHECK(names(body_of({exp(transpose(x))})) == Names{"exp"});
    CHECK(names(body_of({exp(slice(x, {.axis = 1, .begin = 1, .end = 3}))})) == Names{"exp"});
    CHECK(names(body_of({exp(reshape(x, {24}))})) == Names{"exp"});
    CHECK(names(body_of({exp(expand(x, {3, 4, 6}))})) == Names{"exp"});
    // Strides cannot merge the axes of a transposed matrix.
    CHECK(names(body_of({exp(reshape(transpose(x), {24}))})) == Names{"copy", "exp"});
    // matmul follows a transpose, a sum does not; one copy serves both sums.
    CHECK(names(body_of({matmul(x, transpose(x))})) == Names{"matmul"});
    CHECK(names(body_of({sum(transpose(x), {.axes = {0}})})) == Names{"copy", "sum"});
    CHECK(names(body_of({sum(transpose(x), {.axes = {0}}), max(transpose(x), {.axes = {0}})})) ==
          Names{"copy", "sum", "max"});
    // A contiguous part at an aligned offset is a tensor of its own, elsewhere it is not.
    const Tensor rows = input({8, 64});
    CHECK(names(body_of({sum(slice(rows, {.axis = 0, .begin = 4}))})) == Names{"sum"});
    const Tensor odd = input({8, 3});
    CHECK(names(body_of({sum(slice(odd, {.axis = 0, .begin = 4}))})) == Names{"copy", "sum"});
}

TEST_CASE("linearize: outputs are contiguous computed values") {
    const Tensor x = input({2, 3});
    const Parameter p = parameter("p", {2});
    CHECK(names(body_of({x})) == Names{"copy"});
    CHECK(names(body_of({p})) == Names{"copy"});
    CHECK(names(body_of({constant(1.0F, {3})})) == Names{"copy"});
    const Tensor y = exp(x);
    CHECK(names(body_of({y, reshape(y, {6}), slice(y, {.axis = 0, .begin = 1})})) == Names{"exp"});
    CHECK(names(body_of({y, transpose(y)})) == Names{"exp", "copy"});
    for (const BodyOutput& output : body_of({x, p, y, transpose(y)}).outputs)
        CHECK(output.use.view.is_contiguous());
}

TEST_CASE("linearize: updates take whole computed values, those of with_update too") {
    const Parameter p = parameter("p", {2, 3}), q = parameter("q", {2, 3});
    const Tensor x = input({2, 3});
    Graph graph;
    graph.update(p, q);  // another state: copied, since q may change in this step
    graph.update(q, p * 0.5F + x);
    graph.output(with_update(exp(x), parameter("r", {3, 2}), transpose(x)));
    const Body body = linearize(graph);
    REQUIRE(body.updates.size() == 3);
    for (const BodyUpdate& update : body.updates) {
        CHECK(body.values[update.value.value].kind == ValueKind::kComputed);
        CHECK(is_whole(body, update.value));
    }
    // An update that no output names, and one reached only through a value, are there as well.
    const Parameter s = parameter("s", {});
    const Body inner = linearize(outputs({exp(with_update(x, s, mean(x)) * 2.0F)}));
    REQUIRE(inner.updates.size() == 1);
    CHECK(inner.updates[0].target == s.state());
}
