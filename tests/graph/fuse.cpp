// SPDX-License-Identifier: MIT
// Fusion as a property: on random graphs every group can run in the order given, reads only what
// has been written, keeps to the limits of the kernels, and computes what the unfused body
// computes.
#include "body_tools.h"
#include "shaders/pointwise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::shaders;
using namespace ingot::testing;

namespace {

void check_limits(const Group& group) {
    const PointwiseProgram& program = group.program;
    CHECK(program.inputs.size() <= kPointwiseInputs);
    CHECK(program.outputs.size() <= kPointwiseOutputs);
    CHECK(program.immediates.size() <= kPointwiseImmediates);
    CHECK(program.instructions.size() <= (group.anchor ? 8u : kPointwiseInstructions));
    std::size_t strided = 0;
    for (const ProgramInput& input : program.inputs) {
        if (!program.has_strided_input()) break;
        strided += input.access != kAccessSame && input.access != kAccessScalar;
    }
    CHECK(strided <= kStridedInputs);
    for (std::size_t k = 0; k < program.instructions.size(); ++k) {
        const Instruction& i = program.instructions[k];
        for (const std::uint32_t operand : {i.a, i.b, i.c}) {
            const bool is_input = operand < std::max<std::size_t>(program.inputs.size(), 1);
            const bool is_immediate =
                operand >= kFirstImmediate && operand < kFirstImmediate + program.immediates.size();
            const bool is_result = operand >= kFirstResult && operand < kFirstResult + k;
            CHECK((is_input || is_immediate || is_result));
        }
    }
    for (const ProgramOutput& output : program.outputs)
        CHECK(output.in_register < kFirstResult + program.instructions.size());
}

void check_order(const Body& body, const std::vector<Group>& groups) {
    std::set<ValueId> known;
    for (ValueId id = 0; id < body.values.size(); ++id) {
        if (body.values[id].kind != ValueKind::kComputed) known.insert(id);
    }
    std::set<std::size_t> ran;
    for (const Group& group : groups) {
        for (const ValueId value : group.reads(body)) {
            INFO(body.values[value].name << " is read before it is written");
            CHECK(known.contains(value));
        }
        for (const ValueId value : group.writes(body))
            CHECK(known.insert(value).second);  // nothing is written twice
        for (const std::size_t operation : group.operations)
            CHECK(ran.insert(operation).second);
    }
    CHECK(ran.size() == body.operations.size());
    for (const BodyOutput& output : body.outputs)
        CHECK(known.contains(output.use.value));
    for (const BodyUpdate& update : body.updates)
        CHECK(known.contains(update.value.value));
}

void check_same_results(const Body& body, const std::vector<Group>& groups, std::uint64_t seed) {
    Interpreter plain(body), fused(body);
    set_leaves(plain, body);
    set_leaves(fused, body);
    plain.run_body();
    for (const Group& group : groups) {
        fused.run_group(group, [&](std::int64_t i, std::int64_t count) {
            return seed % 2 == 0 ? i : count - 1 - i;
        });
    }
    const auto check = [&](const Use& use, const std::string& name) {
        const auto expected = plain.get(use), found = fused.get(use);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            INFO(name << "[" << i << "]");
            REQUIRE(std::isfinite(expected[i]));
            REQUIRE(found[i] == expected[i]);
        }
    };
    for (std::size_t i = 0; i < body.outputs.size(); ++i)
        check(body.outputs[i].use, "output " + std::to_string(i));
    for (const BodyUpdate& update : body.updates)
        check(update.value, update.target->name);
}

}  // namespace

TEST_CASE("fuse: random graphs") {
    std::size_t operations = 0, group_count = 0, anchored = 0, strided = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random = random_graph(seed, {.operations = 5 + seed % 40});
        const Body body = linearize(random.graph);
        const std::vector<Group> groups = fuse(body);
        check_order(body, groups);
        for (const Group& group : groups)
            check_limits(group);
        check_same_results(body, groups, seed);
        operations += body.operations.size();
        group_count += groups.size();
        for (const Group& group : groups) {
            anchored += group.anchor && group.operations.size() > 1;
            strided += group.program.has_strided_input();
        }
    }
    // The graphs are worth the name, and fusion is at work.
    CHECK(group_count * 3 < operations * 2);
    CHECK(anchored > 100);
    CHECK(strided > 100);
}

TEST_CASE("fuse: random training steps") {
    for (std::uint64_t seed = 1000; seed < 1060; ++seed) {
        INFO("seed " << seed);
        RandomGraph random = random_graph(seed, {.operations = 15, .updates = false});
        Tensor loss = 0.0F;
        for (const Tensor& output : random.graph.outputs)
            loss = loss + mean(output);
        const auto d = gradients(loss, random.inputs);
        random.graph.outputs = {loss};
        for (const Tensor& tensor : d)
            random.graph.output(tensor);
        const Body body = linearize(random.graph);
        const std::vector<Group> groups = fuse(body);
        check_order(body, groups);
        for (const Group& group : groups)
            check_limits(group);
        check_same_results(body, groups, seed);
    }
}

TEST_CASE("fuse: pointwise graphs that are wide and deep and full of diamonds") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random =
            random_graph(seed, {.operations = 150, .kernels = false, .updates = seed % 2 == 0});
        const Body body = linearize(random.graph);
        const std::vector<Group> groups = fuse(body);
        check_order(body, groups);
        for (const Group& group : groups)
            check_limits(group);
        check_same_results(body, groups, seed);
    }
}
