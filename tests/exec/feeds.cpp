// SPDX-License-Identifier: MIT
// What run() and read() refuse, and that a refusal leaves the program as it was.
#include "exec_tools.h"

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("run: every input is fed, exactly, once") {
    const Tensor x = input({2, 3}, f32, "x"), labels = input({4}, i32, "labels");
    const Tensor other = input({2, 3}, f32, "other");
    const Tensor y = sum(x) + sum(cast(labels, f32));
    Program program = test_device().compile(outputs({y}));
    const std::vector<float> six{1, 2, 3, 4, 5, 6}, five(5);
    const std::vector<std::int32_t> four{10, 20, 30, 40};
    const auto refusal = [&](std::vector<Feed> feeds) {
        return thrown_message([&] { program.run(feeds); });
    };
    CHECK(refusal({{x, six}}) ==
          "invalid argument: run: 1 inputs were fed, the graph reads 2 (x, labels)");
    CHECK(refusal({{x, six}, {labels, four}, {other, six}}) ==
          "invalid argument: run: 3 inputs were fed, the graph reads 2 (x, labels)");
    CHECK(refusal({{x, six}, {other, six}}) ==
          "invalid argument: run: input 'labels' i32[4] was not fed");
    CHECK(refusal({{x, six}, {x, six}}) ==
          "invalid argument: run: input 'labels' i32[4] was not fed");
    CHECK(refusal({{x, five}, {labels, four}}) ==
          "invalid argument: run: input 'x' is f32[2, 3] (6 elements), fed with 5 f32");
    CHECK(refusal({{x, four}, {labels, four}}) ==
          "invalid argument: run: input 'x' is f32[2, 3] (6 elements), fed with 4 i32");
    CHECK(refusal({{x, six}, {labels, std::vector<float>(4)}}) ==
          "invalid argument: run: input 'labels' is i32[4] (4 elements), fed with 4 f32");
    CHECK(refusal({{x, six}, {Tensor(), four}}) ==
          "invalid argument: run: input 'labels' i32[4] was not fed");

    CHECK(thrown_message([&] { program.read<float>(y); }) ==
          "invalid argument: read: the program has not run yet");
    program.run({{labels, four}, {x, six}});  // in any order
    CHECK(program.read<float>(y) == 121);
}

TEST_CASE("read: only outputs, by their dtype and count") {
    const Tensor x = input({2, 2});
    const Tensor inner = exp(x), y = inner * 2.0F;
    const Tensor picked = argmax(x, 1);
    Program program = test_device().compile(outputs({y, picked}));
    program.run({{x, std::vector<float>{1, 2, 4, 3}}});
    CHECK(thrown_message([&] { program.read_all<float>(inner); }) ==
          "invalid argument: read: f32[2, 2] is not an output of this graph");
    CHECK(
        thrown_message([&] { program.read_all<float>(Tensor()); }).starts_with("invalid argument"));
    CHECK(thrown_message([&] { program.read<float>(y); }) ==
          "invalid argument: read: the output is f32[2, 2], not 1 of f32");
    CHECK(thrown_message([&] { program.read_all<std::int32_t>(y); }) ==
          "invalid argument: read: the output is f32[2, 2], not 4 of i32");
    std::vector<std::byte> few(12);
    CHECK(thrown_message([&] { program.read(y, few); }) ==
          "invalid argument: read: f32[2, 2] holds 16 bytes, 12 were asked for");
    CHECK(program.read_all<std::int32_t>(picked) == std::vector<std::int32_t>{1, 0});
}

TEST_CASE("compile: refusals") {
    CHECK(thrown_message([&] { test_device().compile(Graph()); }) ==
          "invalid argument: compile: the graph has no outputs and no updates");
    check_memory_is_as_planned();
}
