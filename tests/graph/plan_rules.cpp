// SPDX-License-Identifier: MIT
// The memory plan on graphs drawn by hand: what lies where, what is copied, and when.
#include "body_tools.h"
#include "graph/memory_plan.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

struct Planned {
    Body body;
    std::vector<Group> groups;
    MemoryPlan plan;

    explicit Planned(const Graph& graph, bool guards = false)
        : body(linearize(graph)), groups(fuse(body)) {
        plan = plan_memory(body, groups, std::vector<std::vector<std::uint64_t>>(groups.size()),
                           guards);
    }
    std::size_t copies_to_state() const {
        return static_cast<std::size_t>(std::count_if(
            plan.copies.begin(), plan.copies.end(), [](const auto& c) { return c.updates_state; }));
    }
};

}  // namespace

TEST_CASE("memory plan: a chain of kernels needs two blocks, a chain in place one") {
    const Tensor w = input({16, 16});
    Tensor x = input({16, 16});
    for (int i = 0; i < 6; ++i)
        x = matmul(x, w);
    CHECK(Planned(outputs({x})).plan.arena_bytes == 2 * 16 * 16 * 4);
    // 100 operations are four programs; each takes over the memory of the one before.
    Tensor y = input({16, 16});
    for (int i = 0; i < 100; ++i)
        y = tanh(y);
    const Planned deep(outputs({y}));
    CHECK(deep.groups.size() > 1);
    CHECK(deep.plan.arena_bytes == 16 * 16 * 4);
}

TEST_CASE("memory plan: an update is computed in the parameter's place where that is safe") {
    const Parameter p = parameter("p", {4, 4});
    Graph graph;
    graph.update(p, p * 0.5F + input({4, 4}));
    const Planned sgd(graph);
    CHECK(sgd.copies_to_state() == 0);
    CHECK(sgd.plan.arena_bytes == 0);
    REQUIRE(sgd.groups.size() == 1);
    CHECK(sgd.groups[0].updates_state);
}

TEST_CASE("memory plan: an update waits for all readers of the old contents") {
    const Parameter p = parameter("p", {4, 4});
    const Tensor x = input({4, 4});
    // Read across elements by the very program that would write it.
    Graph turned;
    turned.update(p, transpose(p.tensor()) * 0.5F);
    CHECK(Planned(turned).copies_to_state() == 1);
    Graph row;
    row.update(p, p * slice(p.tensor(), {.axis = 0, .end = 1}));
    CHECK(Planned(row).copies_to_state() == 1);
    // Read by a kernel that can only run later.
    Graph later;
    const Tensor next = p * 0.5F + x;
    later.update(p, next).output(matmul(p.tensor(), next));
    CHECK(Planned(later).copies_to_state() == 1);
    // Made by a kernel, or read by the kernel that makes it.
    Graph product;
    product.update(p, matmul(p.tensor(), x));
    CHECK(Planned(product).copies_to_state() == 1);
    // Two that exchange their contents: at most one of them in place, but for one program that
    // reads both before it writes either.
    const Parameter a = parameter("a", {100}), b = parameter("b", {100});
    Graph swap;
    swap.update(a, b).update(b, a);
    const Planned swapped(swap);
    CHECK(swapped.copies_to_state() == (swapped.groups.size() == 1 ? 0 : 1));
}

TEST_CASE("memory plan: a gradient is computed where the slab's gradients lie") {
    const std::vector<Parameter> parameters{parameter("w", {8, 8}), parameter("bias", {8})};
    const Tensor x = input({3, 8});
    const Tensor y = linear(x, parameters[0], parameters[1]);
    const Tensor loss = mean(y * y);
    const std::vector<Tensor> wrt{parameters[0].tensor(), parameters[1].tensor()};
    const std::vector<Tensor> d = gradients(loss, wrt);
    const std::vector<ParameterSlab> slabs = ParameterSlab::gather(parameters);
    REQUIRE(slabs.size() == 1);
    CHECK(slabs[0].count() == 64 + 64);  // 8 floats take up 256 bytes
    Graph graph;
    graph.update(slabs[0].parameter(), slabs[0].tensor() - 0.1F * slabs[0].pack(d));
    const Planned planned(graph);
    CHECK(planned.plan.copies.empty());
    std::size_t in_slab = 0;
    for (const Operation& op : planned.body.operations) {
        if (op.def->layout == nullptr) continue;
        for (const Use& part : op.inputs) {
            const Placement& place = planned.plan.values[part.value];
            CHECK(place.region == Region::kState);
            ++in_slab;
        }
    }
    CHECK(in_slab == 2);
    // A gradient that is an output of its own, or that is packed twice, is still right.
    graph.output(d[0]);
    CHECK(Planned(graph).plan.copies.empty());
}

TEST_CASE("memory plan: pack copies what it cannot have made in place") {
    const std::vector<Parameter> parameters{parameter("a", {8}), parameter("b", {8})};
    const Tensor d = tanh(input({8}));
    const std::vector<ParameterSlab> slabs = ParameterSlab::gather(parameters);
    Graph graph;
    graph.update(slabs[0].parameter(), slabs[0].pack(std::vector<Tensor>{d, d}) * 0.5F);
    CHECK(Planned(graph).plan.copies.size() == 1);
    Graph inputs;
    inputs.update(slabs[0].parameter(),
                  slabs[0].pack(std::vector<Tensor>{input({8}), parameters[0].tensor()}) * 0.5F);
    CHECK(Planned(inputs).plan.copies.size() == 2);
}

TEST_CASE("memory plan: nothing is updated before the step can still find bad data") {
    // Running statistics are known long before the loss looks at its labels.
    const Parameter running = parameter("running", {10});
    const Tensor logits = input({4, 10});
    const Tensor labels = input({4}, i32);
    const Tensor seen =
        with_update(logits, running, running * 0.9F + mean(logits, {.axes = {0}}) * 0.1F);
    Graph graph;
    graph.output(cross_entropy(seen, labels));
    const Planned planned(graph);
    std::size_t last_report = 0;
    for (std::size_t g = 0; g < planned.groups.size(); ++g) {
        const Operation* op = planned.groups[g].anchor_in(planned.body);
        if (op != nullptr && op->def->reports) last_report = g;
    }
    bool updates = false;
    for (std::size_t g = 0; g < planned.groups.size(); ++g) {
        if (!planned.groups[g].updates_state) continue;
        updates = true;
        CHECK(g > last_report);
    }
    // In place all the same: such a group waits, instead of being copied from later.
    CHECK(updates);
    CHECK(planned.copies_to_state() == 0);
}

TEST_CASE("memory plan: guards stand on both sides of every block and behind every value") {
    const Tensor x = input({3, 5});
    const Planned planned(outputs({exp(matmul(x, transpose(x))), tanh(x)}), true);
    std::vector<bool> guarded(planned.plan.arena_bytes, false);
    for (const Guard& guard : planned.plan.guards) {
        CHECK(guard.offset_bytes % 4 == 0);
        CHECK(guard.offset_bytes + guard.size_bytes <= planned.plan.arena_bytes);
        std::fill_n(guarded.begin() + static_cast<std::ptrdiff_t>(guard.offset_bytes),
                    guard.size_bytes, true);
    }
    for (ValueId id = 0; id < planned.body.values.size(); ++id) {
        const Placement& place = planned.plan.values[id];
        if (place.region != Region::kArena) continue;
        for (std::uint64_t at = 0; at < place.size_bytes; ++at)
            CHECK_FALSE(guarded[place.offset_bytes + at]);
        for (std::uint64_t at = 1; at <= kAlignmentBytes; ++at) {
            CHECK(guarded[place.offset_bytes - at]);
            CHECK(guarded[place.offset_bytes + place.size_bytes + at - 1]);
        }
    }
}
