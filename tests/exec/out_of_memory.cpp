// SPDX-License-Identifier: MIT
// Every allocation of a compilation is refused once: each time one clear Error, nothing leaked, and
// what was compiled before goes on as if nothing had happened.
#include "exec_tools.h"

#include "exec/context.h"

using namespace ingot;
using namespace ingot::testing;

namespace {

vk::Heap& heap() {
    return test_device().context()->device().heap();
}

}  // namespace

TEST_CASE("out of memory: one Error for each refused allocation, and everything stays usable") {
    const Tensor x = input({50});
    Graph earlier_graph;
    const Tensor y = tanh(exp(x) - 1.0F);
    earlier_graph.output(y).output(sum(exp(transpose(reshape(y, {5, 10}))), {.axes = {1}}));
    Program earlier = test_device().compile(earlier_graph);
    const auto values = random_values(1, 50);
    earlier.run({{x, values}});
    const auto expected = earlier.read_all<float>(earlier_graph.outputs[1]);

    std::int64_t n = 300;
    for (std::uint64_t refused = 1; refused < 10; ++refused) {
        INFO("allocation " << refused);
        const Parameter p = filled("p", {n, n}, 1);
        const Tensor a = input({n, n});
        Graph graph;
        graph.update(p, p * 0.5F).output(matmul(matmul(a, p.tensor()), a));
        const MemoryUse before = test_device().memory();
        const std::uint64_t allocations = heap().stats().allocation_count;
        heap().fail_allocation(refused);
        const std::string message = thrown_message([&] { test_device().compile(graph); });
        heap().fail_allocation(0);
        if (message == "nothing was thrown") {
            // Not so many allocations in a compilation: all have been refused by now.
            CHECK(refused > 4);
            CHECK(heap().stats().allocation_count - allocations == refused - 1);
            break;
        }
        INFO(message);
        CHECK(message.starts_with("out of memory: compile: memory: "));
        CHECK(message.find("bytes of activations") != std::string::npos);
        CHECK(message.find("are held in") != std::string::npos);
        check_memory_is_as_planned();
        // At most the parameters have moved in; blocks of the program are gone, and the arena is
        // not larger than before.
        CHECK(test_device().memory().bytes_now <=
              before.bytes_now + graph::align_up(static_cast<std::uint64_t>(n * n) * 4, 4096));

        earlier.run({{x, values}});
        CHECK(earlier.read_all<float>(earlier_graph.outputs[1]) == expected);
        CHECK(values_of(p) == std::vector<float>(static_cast<std::size_t>(n * n), 1));
        Program again = test_device().compile(graph);
        again.run({{a, random_values(2, n * n)}});
        again.wait();
        CHECK(values_of(p)[0] == 0.5F);
        earlier.run({{x, values}});
        CHECK(earlier.read_all<float>(earlier_graph.outputs[1]) == expected);
        check_memory_is_as_planned();
        n += 50;  // so that the arena has to grow each time
    }
    check_validation_said_nothing();
}

TEST_CASE("out of memory: an arena lost to a refused larger one comes back, or says so") {
    const Tensor x = input({40, 40});
    Graph graph = outputs({matmul(matmul(x, x), x)});
    Program program = test_device().compile(graph);
    const auto values = random_values(1, 1600);
    program.run({{x, values}});
    const auto expected = program.read_all<float>(graph.outputs[0]);

    exec::Context& context = *test_device().context();
    heap().fail_allocation(1);
    CHECK_THROWS_AS(context.reserve_arena(64u << 20), Error);
    check_memory_is_as_planned();
    heap().fail_allocation(1);
    CHECK(thrown_message([&] { program.run({{x, values}}); }).starts_with("out of memory"));
    heap().fail_allocation(0);
    program.run({{x, values}});
    CHECK(program.read_all<float>(graph.outputs[0]) == expected);
    check_memory_is_as_planned();
}

TEST_CASE("a compilation that fails late gives back what it took") {
    const std::uint64_t planned = test_device().memory().bytes_planned;
    // More operations that check their data than the status block has words for.
    const Tensor labels = input({2}, i32);
    Graph graph;
    std::vector<Program> programs;
    for (int i = 0; i < 300; ++i)
        graph.output(cross_entropy(input({2, 3}), labels, Reduction::kNone));
    std::string message;
    while (message.empty()) {
        try {
            programs.push_back(test_device().compile(graph));
        } catch (const Error& error) {
            message = error.what();
        }
    }
    CHECK(programs.size() == 3);  // 900 of 1023
    CHECK(message.find("may hold 1023 operations that check their data") != std::string::npos);
    check_memory_is_as_planned();
    programs.clear();
    CHECK(thrown_message([&] { test_device().compile(graph); }) == "nothing was thrown");
    check_memory_is_as_planned();
    CHECK(test_device().memory().bytes_planned >= planned);
}
