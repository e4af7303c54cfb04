// SPDX-License-Identifier: MIT
// Compilation for devices that are not there: every binding lies inside its region and at an offset
// that can be bound, groups of operations become the dispatches one expects, and what a device
// cannot run is named, all of it at once.
#include "exec/compile.h"

#include "exec/description.h"
#include "exec_tools.h"
#include "shaders/pointwise.h"

#include <algorithm>
#include <map>
#include <set>

using namespace ingot;
using namespace ingot::exec;
using namespace ingot::testing;

namespace {

DeviceDescription device(DeviceClass kind) {
    DeviceDescription description;
    description.name = "imaginary";
    description.device_class = kind;
    description.subgroup_size = kind == DeviceClass::kCpu ? 8 : 32;
    return description;
}

void check_operands(const Compiled& compiled) {
    const graph::MemoryPlan& memory = compiled.memory;
    std::size_t group = 0;
    for (const Step& step : compiled.steps) {
        INFO(step.call.kernel->name << " " << step.call.label);
        CHECK(step.group >= group);  // in the order of the groups
        group = step.group;
        CHECK(step.call.groups[0] * step.call.groups[1] * step.call.groups[2] > 0);
        CHECK(step.estimate_ns > 0);
        REQUIRE(step.operands.size() == step.call.kernel->bindings.size());
        for (std::size_t i = 0; i < step.operands.size(); ++i) {
            const ResolvedOperand& operand = step.operands[i];
            const std::uint64_t end = operand.offset_bytes + operand.size_bytes;
            INFO("binding " << step.call.kernel->bindings[i].name);
            CHECK(operand.offset_bytes % 256 == 0);
            switch (operand.kind) {
                case ResolvedOperand::Kind::kArena: CHECK(end <= memory.arena_bytes); break;
                case ResolvedOperand::Kind::kInputs: CHECK(end <= memory.inputs_bytes); break;
                case ResolvedOperand::Kind::kConstants: CHECK(end <= memory.constants_bytes); break;
                case ResolvedOperand::Kind::kState: CHECK(end <= operand.slab->size_bytes); break;
                case ResolvedOperand::Kind::kStatus:
                case ResolvedOperand::Kind::kUnused: continue;
            }
            CHECK(operand.size_bytes > 0);
            const Access access = step.call.kernel->bindings[i].access;
            const bool leaf = operand.kind == ResolvedOperand::Kind::kInputs ||
                              operand.kind == ResolvedOperand::Kind::kConstants;
            if (leaf) CHECK(access == Access::kRead);
        }
    }
}

}  // namespace

TEST_CASE("compile: random graphs, for cards and processors") {
    for (const DeviceClass kind : {DeviceClass::kDiscrete, DeviceClass::kCpu}) {
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            INFO("seed " << seed);
            const RandomGraph random = random_graph(
                seed, {.operations = 25, .scale = 1 + static_cast<std::int64_t>(seed % 5)});
            for (const bool guards : {false, true})
                check_operands(exec::compile(random.graph, device(kind), {.guard_bytes = guards}));
        }
    }
}

TEST_CASE("compile: a training step is as many dispatches as it should be") {
    const Tensor x = input({32, 64}), labels = input({32}, i32);
    const Parameter w = filled("w", {16, 64}, 0.1F), b = filled("b", {16}, 0);
    const Tensor loss = cross_entropy(linear(x, w, b), labels);
    Graph graph;
    graph.output(loss);
    const std::vector<Tensor> wrt{w.tensor(), b.tensor()};
    const auto d = gradients(loss, wrt);
    graph.update(w, w - 0.1F * d[0]).update(b, b - 0.1F * d[1]);
    const Compiled compiled = exec::compile(graph, device(DeviceClass::kDiscrete));
    check_operands(compiled);
    std::map<std::string, int> labels_seen;
    for (const Step& step : compiled.steps)
        ++labels_seen[step.call.label];
    const std::string text = to_text(compiled);
    INFO(text);
    CHECK(labels_seen["matmul add"] == 1);
    CHECK(labels_seen["cross_entropy"] == 1);
    // Forward, loss, how many labels count, their mean, one over that, its gradient, two weight
    // gradients, updates and copies into place.
    CHECK(compiled.steps.size() <= 11);
    CHECK(text.find("arena ") != std::string::npos);
}

TEST_CASE("compile: pointwise work runs on four elements at once where they come in fours") {
    const auto kernel = [](std::int64_t count, DType dtype, bool has_sine) {
        const Tensor a = input({count}, dtype), b = input({}, dtype);
        const Tensor sum = a * b + a;
        Graph graph;
        graph.output(has_sine ? sin(sum) : sum);
        const Compiled compiled = exec::compile(graph, device(DeviceClass::kDiscrete));
        REQUIRE(compiled.steps.size() == 1);
        return std::string(compiled.steps[0].call.kernel->name);
    };
    for (const DType dtype : {f32, f16, bf16}) {
        CAPTURE(to_string(dtype));
        CHECK(kernel(68, dtype, false) == "pointwise_wide");
        CHECK(kernel(67, dtype, false) == (dtype == f32 ? "pointwise" : "pointwise_packed"));
        CHECK(kernel(68, dtype, true) == (dtype == f32 ? "pointwise" : "pointwise_packed"));
    }
    // A repeated input gives all four the same element, or the next four.
    const auto repeating = [](const Shape& space, const Shape& repeated) {
        Graph graph;
        graph.output(input(space) * input(repeated));
        return std::string(
            exec::compile(graph, device(DeviceClass::kDiscrete)).steps[0].call.kernel->name);
    };
    CHECK(repeating({3, 5, 4}, {3, 1, 1}) == "pointwise_wide");
    CHECK(repeating({3, 5, 7, 8}, {5, 1, 1}) == "pointwise_wide");
    CHECK(repeating({3, 8}, {8}) == "pointwise_wide");
    CHECK(repeating({4, 5, 3}, {5, 1}) == "pointwise");
    CHECK(repeating({4, 6}, {6}) == "pointwise");
    CHECK(repeating({4, 4, 6}, {4, 1}) == "pointwise");
}

TEST_CASE("compile: a batch norm is statistics and one pointwise kernel, relu and sum included") {
    const Shape channels{100};
    const Tensor x = input({64, 100, 8, 8}), other = input({64, 100, 8, 8});
    const Parameter scale = filled("scale", channels, 1), shift = filled("shift", channels, 0);
    const Parameter mean = filled("mean", channels, 0), variance = filled("variance", channels, 1);
    Graph graph;
    graph.output(relu(batch_norm(x, scale, shift, mean, variance) + other));
    const Compiled compiled = exec::compile(graph, device(DeviceClass::kDiscrete));
    INFO(to_text(compiled));
    std::vector<std::string> names;
    for (const Step& step : compiled.steps)
        names.emplace_back(step.call.kernel->name);
    // Both running averages are one, whatever their number of channels.
    CHECK(names == std::vector<std::string>{"batch_norm_stats", "batch_norm_stats_join",
                                            "pointwise_wide", "pointwise_wide"});
    // The four inputs that go by channels share one division.
    std::set<std::uint32_t> slots;
    int by_channel = 0;
    const KernelCall& normalise = compiled.steps[3].call;
    for (std::size_t i = 0; i < normalise.constants.size(); ++i) {
        const std::uint32_t value = normalise.constants[i];
        const bool input = normalise.kernel->constants[i].name.starts_with("PW_IN");
        if (!input || (value & 15u) != shaders::kAccessModular) continue;
        slots.insert(value >> shaders::kSlotShift);
        ++by_channel;
    }
    CHECK(by_channel == 4);
    CHECK(slots.size() == 1);
}

namespace {

// The arena of a chain of layers and its gradients, in bytes.
std::uint64_t arena_of_chain(DType dtype, const DeviceDescription& on) {
    std::vector<Tensor> weights;
    Tensor y = input({512, 256}, dtype);
    for (int layer = 0; layer < 12; ++layer) {
        weights.push_back(input({256, 256}, dtype));
        y = relu(matmul(y, weights.back()));
    }
    Graph graph;
    for (const Tensor& d : gradients(sum(y), weights))
        graph.output(sum(d));
    const Compiled compiled = exec::compile(graph, on);
    check_operands(compiled);
    return compiled.memory.arena_bytes;
}

}  // namespace

TEST_CASE("compile: 16-bit floats take half the memory where a device has 16-bit storage") {
    for (const DeviceClass kind : {DeviceClass::kDiscrete, DeviceClass::kCpu}) {
        DeviceDescription with = device(kind);
        with.capabilities.push_back(kNarrowCapability);
        const std::uint64_t wide = arena_of_chain(f32, with);
        for (const DType dtype : {f16, bf16}) {
            CAPTURE(to_string(dtype));
            CHECK(arena_of_chain(dtype, with) < wide * 55 / 100);
            CHECK(arena_of_chain(dtype, device(kind)) > wide);  // widened around each kernel
        }
    }
    // Nothing but the products, each with its rounding, relu and store.
    DeviceDescription with = device(DeviceClass::kDiscrete);
    with.capabilities.push_back(kNarrowCapability);
    Graph graph;
    graph.output(relu(matmul(input({64, 32}, bf16), input({32, 48}, bf16))));
    const Compiled compiled = exec::compile(graph, with);
    REQUIRE(compiled.steps.size() == 1);
    const auto& operands = compiled.steps[0].call.operands;
    CHECK(std::ranges::count(operands, Storage::kBrain, &Operand::storage) == 3);
}

TEST_CASE("compile: a guarded kernel where state is written, and nowhere else") {
    const Parameter p = filled("p", {8, 8}, 1);
    const Tensor x = input({8, 8});
    Graph graph;
    graph.update(p, p * 0.5F + x).output(exp(x));
    const Compiled compiled = exec::compile(graph, device(DeviceClass::kDiscrete));
    for (const Step& step : compiled.steps) {
        bool writes_state = false, reads_status = false;
        for (std::size_t i = 0; i < step.operands.size(); ++i) {
            const bool writes = step.call.kernel->bindings[i].access != Access::kRead;
            writes_state |= writes && step.operands[i].kind == ResolvedOperand::Kind::kState;
            reads_status |= step.operands[i].kind == ResolvedOperand::Kind::kStatus;
        }
        CHECK(writes_state == reads_status);
    }
}

TEST_CASE("compile: all that a device cannot run is named at once") {
    DeviceDescription small = device(DeviceClass::kDiscrete);
    small.max_group_count = {65535, 65535, 2};
    const Tensor a = input({3, 4, 5}), b = input({3, 5, 4});
    const Tensor c = input({5, 4, 5}), d = input({5, 5, 4});
    const std::string message = thrown_message([&] {
        exec::compile(outputs({matmul(a, b), matmul(c, d)}), small);
    });
    CHECK(message ==
          "unsupported: compile: imaginary cannot run 2 of the 2 groups: matmul: 3 matrices in one "
          "product, imaginary takes 2; matmul: 5 matrices in one product, imaginary takes 2");
    small.max_storage_range_bytes = 100;
    CHECK(thrown_message([&] { exec::compile(outputs({exp(a)}), small); })
              .find("takes 240 bytes; '%1' f32[3, 4, 5] takes 240 bytes, and imaginary binds at "
                    "most 100 bytes to a kernel") != std::string::npos);
}

TEST_CASE("compile: a kernel that is asked for by name comes before cheaper ones") {
    const Graph graph = outputs({matmul(input({48, 20}), input({20, 40}))});
    const DeviceDescription card = device(DeviceClass::kDiscrete);
    const Compiled cheapest = exec::compile(graph, card);
    REQUIRE(cheapest.candidates.size() > 1);
    CHECK(std::is_sorted(cheapest.candidates.begin(), cheapest.candidates.end()));
    std::set<std::vector<std::uint32_t>> constants;
    for (const std::string& name : cheapest.candidates) {
        const Compiled asked = exec::compile(graph, card, {.candidate = name});
        REQUIRE(asked.steps.size() == 1);
        constants.insert(asked.steps[0].call.constants);
        check_operands(asked);
    }
    CHECK(constants.size() == cheapest.candidates.size());
    CHECK(exec::compile(graph, card, {.candidate = "no such"}).steps[0].call.constants ==
          cheapest.steps[0].call.constants);
}

TEST_CASE("compile: a device can be treated as one of another class") {
    DeviceDescription processor = device(DeviceClass::kCpu);
    processor.prefers_texels = true;
    CHECK(treated_as(processor, "").device_class == DeviceClass::kCpu);
    const DeviceDescription card = treated_as(processor, "discrete");
    CHECK(card.device_class == DeviceClass::kDiscrete);
    CHECK(!card.prefers_texels);
    CHECK(treated_as(processor, "cpu").prefers_texels);
    CHECK(thrown_message([&] { treated_as(processor, "toaster"); }) ==
          "invalid argument: device: 'toaster' is no class of devices; discrete, integrated, "
          "virtual and cpu are");
}
