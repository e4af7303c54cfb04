// SPDX-License-Identifier: MIT
// What is allocated is what was planned, to the byte; tensors that no kernel can bind are refused
// with the numbers; and guards catch a kernel that writes where it must not.
#include "exec_tools.h"

#include "exec/context.h"
#include "graph/program_call.h"

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("memory: planned is allocated, from the first program to the last") {
    check_memory_is_as_planned();
    const std::uint64_t before = test_device().memory().bytes_now;
    {
        const Parameter p = filled("p", {1000, 3}, 1);
        const Tensor x = input({1000, 3});
        Graph graph;
        graph.update(p, p * 0.5F + x).output(matmul(p.tensor(), transpose(x)));
        for (const std::uint32_t slots : {1u, 3u, 8u}) {
            Program program = test_device().compile(graph, {.slots = slots});
            check_memory_is_as_planned();
            Program guarded = test_device().compile(graph, {.slots = slots, .guard_bytes = true});
            check_memory_is_as_planned();
            CHECK(guarded.stats().program_bytes > program.stats().program_bytes);
        }
        check_memory_is_as_planned();
    }
    check_memory_is_as_planned();
    // All that is left is what programs share: the arena.
    Program tiny = test_device().compile(outputs({exp(input({1}))}));
    const std::uint64_t after = test_device().memory().bytes_now;
    CHECK(after - tiny.stats().program_bytes >= before);
}

TEST_CASE("memory: a tensor that no kernel can bind is refused with its size and the limit") {
    exec::Context& context = *test_device().context();
    const std::uint64_t limit = context.description().max_storage_range_bytes;
    const auto rows = static_cast<std::int64_t>(limit / 4096 + 1);
    const Tensor huge = input({rows, 1024}, f32, "huge");
    const std::string message =
        thrown_message([&] { test_device().compile(outputs({sum(huge)})); });
    INFO(message);
    CHECK(message.starts_with("unsupported: compile: 'huge' f32[" + std::to_string(rows) +
                              ", 1024] takes " + std::to_string(rows * 4096) + " bytes"));
    CHECK(message.find("binds at most " + std::to_string(limit) + " bytes") != std::string::npos);
    check_memory_is_as_planned();
}

namespace {

using graph::Attributes;
using graph::LowerContext;

// Copies three elements, and a fourth.
std::vector<graph::Candidate> lower_stray(const LowerContext& context) {
    const graph::Operation& op = *context.group.anchor_in(context.body);
    KernelCall call = graph::copy_call(context.body, op.inputs[0], false, context.device);
    call.bind("pw_out0", graph::operand_of(context.body, op.outputs[0]));
    const std::uint32_t count = 4;
    std::memcpy(call.parameter_bytes.data(), &count, sizeof(count));
    graph::Candidate candidate;
    candidate.calls.push_back(std::move(call));
    return {std::move(candidate)};
}

const graph::OpDef stray_op{
    .name = "stray",
    .listed = graph::kUnlisted,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        return {inputs[0].spec()};
    },
    .no_gradient = "it exists to be caught",
    .lower = lower_stray};

}  // namespace

TEST_CASE("memory: guards stand between the parameters of a slab") {
    const Parameter a(HostTensor::zeros("a", {3}));
    const Parameter b(HostTensor::zeros("b", {5}));
    const auto slabs = ParameterSlab::gather(std::array{a, b});
    Program program = test_device().compile(
        Graph{}.update(slabs[0].parameter(), slabs[0].tensor() * 2.0F), {.guard_bytes = true});
    program.run({});
    program.check_guards();

    const std::vector<std::byte> stray(4, std::byte{1});
    a.state()->slab->storage->write(16, stray);  // a ends at byte 12
    const std::string message = thrown_message([&] { program.check_guards(); });
    CHECK(message.find("'a'") != std::string::npos);
    CHECK(message.find("byte 4") != std::string::npos);
}

TEST_CASE("memory: guards catch a kernel that writes outside its output") {
    const Tensor x = input({3});
    const Tensor y = graph::apply(stray_op, {}, {x});
    const std::vector<float> values{1, 2, 3};
    Program program = test_device().compile(outputs({y}), {.guard_bytes = true});
    program.check_guards();
    program.run({{x, values}});
    const std::string message = thrown_message([&] { program.check_guards(); });
    INFO(message);
    CHECK(message.starts_with("internal: guard bytes: a kernel wrote 0x"));
    CHECK(message.find("at byte 0 of the guard round '%") != std::string::npos);

    Program honest = test_device().compile(outputs({x * 2.0F}), {.guard_bytes = true});
    honest.run({{x, values}});
    CHECK(thrown_message([&] { honest.check_guards(); }) == "nothing was thrown");
    Program plain = test_device().compile(outputs({x * 2.0F}));
    CHECK(thrown_message([&] {
              plain.check_guards();
          }).starts_with("invalid argument: check_guards: the program was compiled without"));
}
