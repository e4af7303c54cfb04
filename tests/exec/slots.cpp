// SPDX-License-Identifier: MIT
// The host runs ahead of the device: what it fed to each run stays with that run, numbers are read
// afresh, counters move on, and state adds up exactly.
#include "exec_tools.h"

#include <numeric>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("slots: inputs of runs in flight are not mixed up") {
    for (const std::uint32_t slots : {1u, 2u, 3u, 8u}) {
        INFO(slots << " slots");
        // total' = 2 total + x modulo nothing: the order and identity of every input shows.
        const Tensor x = input({1000});
        const Parameter total = filled("total", {1000}, 0);
        Graph graph;
        const Tensor next = total * 0.5F + x;
        graph.update(total, next).output(next);
        Program program = test_device().compile(graph, {.slots = slots});
        std::vector<float> expected(1000, 0);
        std::vector<float> values(1000);
        for (int run = 0; run < 40; ++run) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = static_cast<float>((run * 7 + static_cast<int>(i)) % 16);
                expected[i] = expected[i] * 0.5F + values[i];
            }
            program.run({{x, values}});
            std::fill(values.begin(), values.end(), -1e9F);  // it was borrowed for the call only
        }
        CHECK(program.read_all<float>(next) == expected);
        CHECK(values_of(total) == expected);
        CHECK(program.stats().recordings == 1);
        CHECK(program.stats().submissions == 1);
    }
    check_validation_said_nothing();
}

TEST_CASE("slots: inputs written where runs read them") {
    for (const std::uint32_t slots : {1u, 3u}) {
        const Tensor x = input({1000}), y = input({7}, i32);
        const Parameter total = filled("total", {1000}, 0);
        Graph graph;
        const Tensor next = total * 0.5F + x + sum(cast(y, f32));
        graph.update(total, next).output(next);
        Program program = test_device().compile(graph, {.slots = slots});
        std::vector<float> expected(1000, 0);
        const std::vector<std::int32_t> ones(7, 1);
        for (int run = 0; run < 20; ++run) {
            const std::span<float> values = program.input_memory<float>(x);
            REQUIRE(values.size() == 1000);
            CHECK(program.input_memory<float>(x).data() == values.data());  // until it runs
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = static_cast<float>((run * 7 + static_cast<int>(i)) % 16);
                expected[i] = expected[i] * 0.5F + values[i] + 7;
            }
            program.run({{x, values}, {y, ones}});  // one of them is copied
        }
        CHECK(program.read_all<float>(next) == expected);
        CHECK(thrown_message([&] { program.input_memory<std::int32_t>(x); }) ==
              "invalid argument: input_memory: the graph reads no input f32[1000] as i32");
        CHECK_THROWS_AS(program.input_memory<float>(input({3})), Error);
    }
    check_validation_said_nothing();
}

TEST_CASE("slots: scalars are read afresh by every run") {
    const Scalar rate(1.0F, "rate");
    const Parameter total = filled("total", {3}, 0);
    Graph graph;
    graph.update(total, total + rate.tensor());
    Program program = test_device().compile(graph);
    for (int run = 1; run <= 20; ++run) {
        Scalar(rate).set(static_cast<float>(run));
        program.run({});
    }
    CHECK(values_of(total) == std::vector<float>{210, 210, 210});
    CHECK(program.stats().recordings == 1);
}

TEST_CASE("slots: counters move on with each run that draws, and can be set back") {
    Generator generator(5);
    const Tensor numbers = generator.uniform({257});
    Program program = test_device().compile(outputs({numbers}));
    std::vector<std::vector<float>> seen;
    for (std::uint32_t run = 0; run < 4; ++run) {
        CHECK(generator.counter() == run);
        program.run({});
        seen.push_back(program.read_all<float>(numbers));
        for (std::size_t before = 0; before < run; ++before)
            CHECK(seen[before] != seen[run]);
    }
    generator.set_counter(1);
    program.run({});
    CHECK(program.read_all<float>(numbers) == seen[1]);
    CHECK(generator.counter() == 2);
    // A run that was refused has drawn nothing.
    const Tensor x = input({2});
    CHECK_THROWS_AS(program.run({{x, std::vector<float>{1, 2}}}), Error);
    CHECK(generator.counter() == 2);
}

TEST_CASE("slots: one to eight are possible") {
    const Graph graph = outputs({exp(input({2}))});
    CHECK(thrown_message([&] { test_device().compile(graph, {.slots = 0}); }) ==
          "invalid argument: compile: 0 slots; 1 to 8 are possible");
    CHECK(thrown_message([&] { test_device().compile(graph, {.slots = 9}); }) ==
          "invalid argument: compile: 9 slots; 1 to 8 are possible");
    check_memory_is_as_planned();
}

TEST_CASE("slots: all dtypes arrive, odd counts of bytes included") {
    const Tensor bytes = input({3, 7}, u8), ints = input({5}, i32);
    const Graph graph =
        outputs({cast(bytes, f32) * 2.0F, cast(transpose(bytes), f32), cast(ints, f32)});
    Program program = test_device().compile(graph);
    std::vector<std::uint8_t> byte_values(21);
    std::iota(byte_values.begin(), byte_values.end(), std::uint8_t{240});
    const std::vector<std::int32_t> int_values{-2, -1, 0, 1, 1 << 20};
    for (int run = 0; run < 5; ++run) {
        program.run({{bytes, byte_values}, {ints, int_values}});
        const auto doubled = program.read_all<float>(graph.outputs[0]);
        const auto turned = program.read_all<float>(graph.outputs[1]);
        for (std::size_t i = 0; i < 21; ++i) {
            CHECK(doubled[i] == 2.0F * static_cast<float>(byte_values[i]));
            CHECK(turned[i % 7 * 3 + i / 7] == static_cast<float>(byte_values[i]));
        }
        CHECK(program.read_all<float>(graph.outputs[2]) ==
              std::vector<float>{-2, -1, 0, 1, 1 << 20});
    }
}
