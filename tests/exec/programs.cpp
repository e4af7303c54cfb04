// SPDX-License-Identifier: MIT
// Several programs on one device: shared parameters, one arena that may grow and move, contents
// read and written between runs; and who may outlive whom.
#include "exec_tools.h"

#include <optional>

using namespace ingot;
using namespace ingot::testing;

namespace {

// y = x w w ... w, each product in the arena.
Tensor deep(const Tensor& x, const Tensor& w) {
    Tensor y = x;
    for (int i = 0; i < 3; ++i)
        y = tanh(matmul(y, w));
    return y;
}

}  // namespace

TEST_CASE("programs: share parameters, whose contents the host reads and writes in between") {
    const Parameter p = filled("p", {300}, 1);
    const Tensor x = input({300});
    Graph train, evaluate;
    train.update(p, p + x);
    const Tensor doubled = p * 2.0F;
    evaluate.output(doubled);
    Program step = test_device().compile(train);
    Program look = test_device().compile(evaluate);
    const std::vector<float> ones(300, 1);
    for (int run = 0; run < 5; ++run)
        step.run({{x, ones}});
    look.run({});
    CHECK(look.read_all<float>(doubled) == std::vector<float>(300, 12));
    CHECK(values_of(p) == std::vector<float>(300, 6));
    std::vector<float> counted(300);
    for (std::size_t i = 0; i < counted.size(); ++i)
        counted[i] = static_cast<float>(i);
    for (int run = 0; run < 3; ++run)
        step.run({{x, ones}});  // still in flight while the host writes
    write(p, counted);
    step.run({{x, ones}});
    look.run({});
    const auto values = look.read_all<float>(doubled);
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(values[i] == 2 * (static_cast<float>(i) + 1));
    CHECK(step.stats().state_bytes == 1280);
    CHECK(look.stats().state_bytes == 1280);
    check_memory_is_as_planned();
}

TEST_CASE("programs: an arena that grows moves, and the earlier program follows") {
    const Tensor small_x = input({8, 8}), small_w = input({8, 8});
    const Tensor small_y = deep(small_x, small_w);
    Program small = test_device().compile(outputs({small_y}));
    const auto x_values = random_values(1, 64), w_values = random_values(2, 64);
    const std::vector<Feed> feeds{{small_x, x_values}, {small_w, w_values}};
    small.run(feeds);
    small.run(feeds);
    const auto expected = small.read_all<float>(small_y);
    CHECK(small.stats().recordings == 1);

    // Larger than anything before it in this process.
    const std::int64_t n = 600;
    const Tensor x = input({n, n}), w = input({n, n});
    const Tensor y = deep(x, w);
    const std::uint64_t before = test_device().memory().bytes_now;
    Program large = test_device().compile(outputs({y}), {.submission_budget_ms = 1e6});
    CHECK(test_device().memory().bytes_now > before);
    check_memory_is_as_planned();
    const auto large_values = random_values(3, n * n);
    for (int run = 0; run < 2; ++run) {
        large.run({{x, large_values}, {w, large_values}});
        small.run(feeds);
    }
    CHECK(small.read_all<float>(small_y) == expected);
    CHECK(small.stats().recordings == 2);
    CHECK(large.stats().recordings == 1);
    // A third that fits changes nothing.
    Program third = test_device().compile(outputs({deep(small_x, small_w)}));
    small.run(feeds);
    CHECK(small.stats().recordings == 2);
    check_memory_is_as_planned();
    check_validation_said_nothing();
}

TEST_CASE("programs: a read belongs to the last run, whatever others did since") {
    const Tensor x = input({64, 64}), w = input({64, 64});
    const Tensor y = deep(x, w), z = deep(w, x);
    Program first = test_device().compile(outputs({y}));
    Program second = test_device().compile(outputs({z}));
    const auto a = random_values(1, 4096), b = random_values(2, 4096);
    first.run({{x, a}, {w, b}});
    const auto expected = first.read_all<float>(y);
    first.run({{x, a}, {w, b}});
    for (int i = 0; i < 5; ++i)
        second.run({{x, b}, {w, a}});
    CHECK(first.read_all<float>(y) == expected);
}

TEST_CASE("programs: outlive their device, and parameters outlive both") {
    std::optional<Parameter> p = filled("p", {10}, 3);
    {
        std::optional<Device> device = Device::pick();
        Graph graph;
        graph.update(*p, *p + 1.0F);
        Program program = device->compile(graph);
        device.reset();
        for (int run = 0; run < 10; ++run)
            program.run({});
        CHECK(values_of(*p) == std::vector<float>(10, 13));
        program.run({});
    }
    CHECK(values_of(*p) == std::vector<float>(10, 14));
    write(*p, std::vector<float>(10, 2));
    CHECK(values_of(*p) == std::vector<float>(10, 2));
    // It lives there; another device will not have it.
    const Parameter held = *p;
    CHECK(thrown_message([&] { test_device().compile(outputs({held * 2.0F})); }) ==
          "invalid argument: parameters 'p' live on another device");
    p.reset();
    check_memory_is_as_planned();
}

TEST_CASE("programs: moved from one variable to another go on") {
    const Tensor x = input({4});
    const Tensor y = x * 2.0F;
    Program first = test_device().compile(outputs({y}));
    first.run({{x, std::vector<float>{1, 2, 3, 4}}});
    Program second = std::move(first);
    CHECK(second.read_all<float>(y) == std::vector<float>{2, 4, 6, 8});
    second = test_device().compile(outputs({y}));
    second.run({{x, std::vector<float>{1, 1, 1, 1}}});
    CHECK(second.read_all<float>(y) == std::vector<float>{2, 2, 2, 2});
    check_memory_is_as_planned();
}
