// SPDX-License-Identifier: MIT
// Sections that are computed again: the same gradients in double precision, from less memory.
#include "body_tools.h"
#include "graph/memory_plan.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

// How a section is written down: kept, or computed again.
using Keep = std::function<Tensor(const std::function<Tensor()>&)>;
const Keep kKept = [](const std::function<Tensor()>& section) { return section(); };
const Keep kAgain = [](const std::function<Tensor()>& section) { return checkpoint(section); };

// Both ways of writing a loss have the same value and the same gradients.
void check_equal(const std::function<Tensor(const Keep&)>& loss, const std::vector<Tensor>& wrt) {
    std::vector<std::vector<std::vector<double>>> results;
    for (const Keep& keep : {kKept, kAgain}) {
        const Tensor value = loss(keep);
        std::vector<Tensor> wanted = gradients(value, wrt);
        wanted.push_back(value);
        results.push_back(evaluate(outputs(wanted)));
    }
    REQUIRE(results[0].size() == results[1].size());
    for (std::size_t k = 0; k < results[0].size(); ++k) {
        INFO("result " << k);
        for (std::size_t i = 0; i < results[0][k].size(); ++i)
            CHECK(results[1][k][i] == doctest::Approx(results[0][k][i]).epsilon(1e-12));
    }
}

std::int64_t count(const Tensor& loss, const std::vector<Tensor>& wrt, const std::string& op) {
    const auto all = names(linearize(outputs(gradients(loss, wrt))));
    return std::count(all.begin(), all.end(), op);
}

// tanh(x w), again and again, `per_section` of them to a section.
Tensor chain(Tensor x, const std::vector<Parameter>& weights, std::size_t per_section) {
    for (std::size_t i = 0; i < weights.size(); i += per_section) {
        const auto section = [&] {
            Tensor y = x;
            for (std::size_t k = i; k < std::min(i + per_section, weights.size()); ++k)
                y = tanh(matmul(y, weights[k]));
            return y;
        };
        x = per_section == 1 ? section() : checkpoint(section);
    }
    return sum(x * x);
}

std::uint64_t arena_bytes(std::size_t layers, std::size_t per_section) {
    std::vector<Parameter> weights;
    for (std::size_t i = 0; i < layers; ++i)
        weights.push_back(parameter("w", {8, 8}));
    const Tensor loss = chain(input({512, 8}), weights, per_section);
    const std::vector<Tensor> wrt(weights.begin(), weights.end());
    Graph graph;
    const auto d = gradients(loss, wrt);
    for (std::size_t i = 0; i < layers; ++i)
        graph.update(weights[i], weights[i] - 0.1F * d[i]);
    const Body body = linearize(graph);
    auto groups = fuse(body);
    return plan_memory(body, groups, std::vector<std::vector<std::uint64_t>>(groups.size()), false)
        .arena_bytes;
}

}  // namespace

TEST_CASE("checkpoint: the gradients are those of the section kept") {
    const Tensor x = input({3, 5}), mask = input({3, 5});
    const Parameter w = parameter("w", {5, 5}), v = parameter("v", {5});
    SUBCASE("of what enters, of parameters inside and outside, and of what is captured") {
        check_equal(
            [&](const Keep& keep) {
                const Tensor h = exp(0.1F * matmul(x, w));
                const Tensor y = keep([&] { return tanh(matmul(h, w) * v) * mask; });
                return sum(y * h * v);
            },
            {x, w, v, mask});
    }
    SUBCASE("of a section inside a section") {
        check_equal(
            [&](const Keep& keep) {
                return sum(keep([&] {
                    const Tensor y = exp(matmul(x, w));
                    return keep([&] { return exp(y * v); }) * y;
                }));
            },
            {x, w, v});
    }
    SUBCASE("of a section that returns what entered") {
        check_equal([&](const Keep& keep) { return sum(x * keep([&] { return x; })); }, {x});
    }
    SUBCASE("of two sections that read the same") {
        check_equal(
            [&](const Keep& keep) {
                const Tensor y = keep([&] { return exp(x * v); });
                return sum(y * keep([&] { return exp(x * v); }));
            },
            {x, v});
    }
    SUBCASE("of the gradients") {
        check_equal(
            [&](const Keep& keep) {
                const Tensor y = keep([&] { return exp(x * v) * x; });
                return sum(square(gradients(sum(y), std::vector<Tensor>{x})[0]));
            },
            {x, v});
    }
}

TEST_CASE("checkpoint: several results, of which one is read") {
    const Tensor x = input({7});
    const auto both = checkpoint([&] { return std::vector{tanh(x), exp(x)}; });
    REQUIRE(both.size() == 2);
    const auto d = evaluate(outputs(gradients(sum(both[1]), std::vector{x})));
    const auto expected = evaluate(outputs({exp(x)}));
    for (std::size_t i = 0; i < 7; ++i)
        CHECK(d[0][i] == doctest::Approx(expected[0][i]));
}

TEST_CASE("checkpoint: what is inside is computed twice, what is outside once") {
    const Tensor x = input({4, 8});
    const Parameter w = parameter("w", {8, 8});
    const auto loss = [&](const Keep& keep) {
        const Tensor h = tanh(x);
        return sum(square(keep([&] { return exp(matmul(sigmoid(h), w)); })));
    };
    const std::vector<Tensor> wrt{w};
    for (const char* op : {"sigmoid", "exp"}) {
        CHECK(count(loss(kKept), wrt, op) == 1);
        CHECK(count(loss(kAgain), wrt, op) == 2);
    }
    CHECK(count(loss(kAgain), wrt, "tanh") == 1);
    // Where no gradient is taken, nothing is done twice.
    CHECK(linearize(outputs({loss(kAgain)})).operations.size() ==
          linearize(outputs({loss(kKept)})).operations.size());
}

TEST_CASE("checkpoint: no group reaches from a section's second time to before it") {
    const Tensor x = input({4, 8});
    const Parameter v = parameter("v", {8});
    const Tensor h = tanh(x * v);  // an early group that the second exp could join
    const Tensor y = checkpoint([&] { return exp(h) * h; });
    const Body body = linearize(outputs(gradients(sum(y * y), std::vector<Tensor>{v})));
    const auto in_section = [&](std::size_t i) { return body.operations[i].section != 0; };
    const auto begin = std::find_if(body.operations.begin(), body.operations.end(),
                                    [](const Operation& op) { return op.section != 0; }) -
                       body.operations.begin();
    REQUIRE(begin < static_cast<std::ptrdiff_t>(body.operations.size()));
    for (const Group& group : fuse(body)) {
        if (std::none_of(group.operations.begin(), group.operations.end(), in_section)) continue;
        CHECK(group.operations.front() >= static_cast<std::size_t>(begin));
    }
}

TEST_CASE("checkpoint: sections of the square root of the depth need less memory") {
    const std::uint64_t kept = arena_bytes(64, 1);
    const std::uint64_t again = arena_bytes(64, 8);
    CAPTURE(kept);
    CAPTURE(again);
    // 64 values of one layer against 8 between sections and 8 within one.
    CHECK(again * 3 < kept);
}

TEST_CASE("checkpoint: an operator without a gradient counts only where one is wanted") {
    const Tensor x = input({6}), y = input({6});
    const auto section = [&] { return x * floor(stop_gradient(y)) + round(x) * 0.0F; };
    CHECK_NOTHROW(gradients(sum(checkpoint(section)), std::vector{x}));
}

TEST_CASE("checkpoint: a section has results, and none of them is empty") {
    CHECK(thrown_message([] { checkpoint([] { return Tensor(); }); }) ==
          "invalid argument: checkpoint: result 0 of the section is empty");
    CHECK(thrown_message([] { checkpoint([] { return std::vector<Tensor>(); }); }) ==
          "invalid argument: checkpoint: the section has no result");
}
