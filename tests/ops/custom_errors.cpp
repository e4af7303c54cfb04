// SPDX-License-Identifier: MIT
// What is said to those who define an operator, or use one, when they slip. Graphs are compiled for
// devices that are described and not there.
#include "custom_operators.h"
#include "exec/compile.h"
#include "faulty.comp.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace ingot;
using namespace ingot::testing;

namespace {

using Words = std::vector<std::uint32_t>;

// Right in every respect for the shader `plain`.
custom::Options options() {
    return {.name = "mine",
            .spirv = shaders::plain,
            .inputs = {"x"},
            .outputs = {"y"},
            .infer = [](const custom::Call& call) { return std::vector{call.inputs[0]}; },
            .launch =
                [](const custom::Call& call, const custom::Limits&) {
                    const auto count = call.inputs[0].shape.count();
                    return custom::Launch{}
                        .parameter("count", count)
                        .parameter("scale", 2)
                        .parameter("offsets", 1, -1)
                        .invocations(count);
                },
            .no_gradient = "nobody wrote it"};
}

// What the definition says after `change`.
std::string defined(const std::function<void(custom::Options&)>& change) {
    return thrown_message([&] {
        custom::Options changed = options();
        change(changed);
        custom::Operator{changed};
    });
}
std::string defined_with(const custom::Spirv& spirv) {
    return defined([&](custom::Options& to) { to.spirv = spirv; });
}

std::string compiled(const custom::Options& of, const DeviceDescription& device = {},
                     std::int64_t count = 100) {
    return thrown_message([&] {
        Graph graph;
        graph.output(custom::Operator{of}(input({count})));
        exec::compile(graph, device);
    });
}

using Launch = custom::Launch;
std::string launched(const std::function<Launch()>& launch, const DeviceDescription& device = {}) {
    custom::Options changed = options();
    changed.launch = [&](const custom::Call&, const custom::Limits&) { return launch(); };
    return compiled(changed, device);
}
Launch complete() {
    return Launch{}
        .parameter("count", 1)
        .parameter("scale", 1)
        .parameter("offsets", 0, 0)
        .invocations(1);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("custom") {
    TEST_CASE("custom: the example of these tests is right") {
        CHECK(defined([](custom::Options&) {}) == "nothing was thrown");
        CHECK(compiled(options()) == "nothing was thrown");
        CHECK(launched(complete) == "nothing was thrown");
    }

    TEST_CASE("custom: declarations that make no sense") {
        CHECK(contains(defined([](auto& to) { to.name = "my op"; }), "`my op` is no name"));
        CHECK(defined([](auto& to) { to.infer = {}; }) ==
              "invalid argument: mine: Options::infer is missing");
        CHECK(contains(defined([](auto& to) { to.launch = {}; }), "Options::launch is missing"));
        CHECK(contains(defined([](auto& to) { to.no_gradient = ""; }), "needs a gradient"));
        CHECK(contains(defined([](auto& to) {
                           to.gradient = [](const auto&) { return std::vector<Tensor>{}; };
                       }),
                       "has a gradient and a reason why it has none"));
        CHECK(contains(defined([](auto& to) { to.outputs = {}; }), "no outputs"));
        CHECK(contains(defined([](auto& to) { to.inputs = {"y"}; }), "`y` is declared twice"));
        CHECK(contains(defined([](auto& to) {
                           to.attributes = {{"a", 1}, {"a", 2}};
                       }),
                       "attribute `a` is declared twice"));
    }

    TEST_CASE("custom: words that are no compute shader") {
        const Words plain(std::begin(shaders::plain), std::end(shaders::plain));
        CHECK(contains(defined_with({}), "mine: word 0: malformed SPIR-V"));
        Words words = plain;
        words[0] = 0x03022307;
        CHECK(contains(defined_with(words), "the bytes of each word are reversed"));
        words = plain;
        words.resize(words.size() - 20);
        CHECK(contains(defined_with(words), "malformed SPIR-V"));
        words = plain;
        words[1] = 0x00010600;
        CHECK(defined_with(words) ==
              "unsupported: mine: its SPIR-V is of version 1.6; 1.5 is the "
              "newest that Vulkan 1.2 takes");
        // OpEntryPoint: its model, then its name behind the function.
        std::size_t at = 5;
        while ((words[at] & 0xffff) != 15)
            at += words[at] >> 16;
        words = plain;
        words[at + 1] = 4;
        CHECK(contains(defined_with(words), "not a compute shader"));
        words = plain;
        words[at + 3] = 0x6e69616c;  // "lain"
        CHECK(contains(defined_with(words), "the entry point of its SPIR-V is `lain`, not `main`"));
    }

    TEST_CASE("custom: bindings that do not fit the operands") {
        CHECK(defined([](auto& to) { to.inputs = {"w"}; }) ==
              "invalid argument: mine: its shader has no binding for input `w`; its bindings are "
              "x (0), y (1)");
        CHECK(contains(defined([](auto& to) {
                           to.outputs = {"y", "z"};
                       }),
                       "no binding for output `z`"));
        CHECK(contains(defined_with(shaders::odd_binding),
                       "binding 5 `z` of its shader is declared neither as an input nor as"));
        CHECK(contains(defined_with(shaders::writable_input),
                       "binding 0 `x` is an input and not declared readonly"));
        CHECK(contains(defined_with(shaders::readonly_output),
                       "binding 1 `y` is an output and declared readonly"));
        CHECK(contains(defined_with(shaders::texel_input),
                       "binding 0 `x` is a uniform texel buffer; operands are storage buffers"));
        CHECK(contains(defined_with(shaders::site_missing), "needs `uint site` as its first"));
        CHECK(contains(defined_with(shaders::many_parameters),
                       "its parameters take 164 bytes; 128 are possible"));
    }

    TEST_CASE("custom: calls that do not fit") {
        const custom::Operator mine{options()};
        const Tensor x = input({4});
        CHECK(thrown_message([&] { mine(x, x); }) ==
              "invalid argument: mine: takes 1 inputs, 2 were given");
        CHECK(contains(thrown_message([&] { mine(Tensor()); }), "input 0 is an empty Tensor"));
        CHECK(contains(thrown_message([&] { mine(input({4}, u8)); }), "input `x` is u8[4]"));
        CHECK(contains(thrown_message([&] {
                           mine.with({{"beta", 1}});
                       }),
                       "it has no attribute `beta`; its attributes are none"));
        CHECK(thrown_message([&] {
                  rms_rows()(input({4, 3, 2}));
              }) == "invalid argument: rms_rows: takes rows: f32[4, 3, 2], epsilon=0");
        CHECK(thrown_message([&] { mine(input({4}, i32)); }) ==
              "invalid argument: mine: `x` is i32[4], and its shader declares float x[]");
        CHECK(contains(thrown_message([&] {
                           take_rows()(input({4, 3}), input({4}));
                       }),
                       "take_rows: `index` is f32[4], and its shader declares int index[]"));
        custom::Options changed = options();
        changed.infer = [](const custom::Call& call) {
            return std::vector{TensorSpec{call.inputs[0].shape, i32}};
        };
        CHECK(contains(thrown_message([&] { custom::Operator{changed}(x); }),
                       "mine: `y` is i32[4], and its shader declares float y[]"));
        changed.infer = [](const custom::Call& call) {
            return std::vector{call.inputs[0], call.inputs[0]};
        };
        CHECK(contains(thrown_message([&] { custom::Operator{changed}(x); }),
                       "`infer` gave 2 specs for 1 outputs"));
        changed.infer = [](const custom::Call& call) {
            return std::vector{TensorSpec{call.inputs[0].shape, bf16}};
        };
        CHECK(contains(thrown_message([&] { custom::Operator{changed}(x); }),
                       "output `y` is bf16[4]; f32 and i32 are possible"));
        changed.infer = [](const custom::Call& call) {
            call.attribute("gamma");
            return std::vector{call.inputs[0]};
        };
        CHECK(contains(thrown_message([&] { custom::Operator{changed}(x); }),
                       "it has no attribute `gamma`"));
    }

    TEST_CASE("custom: gradients of the wrong shape, and none") {
        const Tensor x = input({4}), other = input({3});
        const auto message = [&](std::vector<Tensor> d) {
            custom::Options changed = options();
            changed.no_gradient = "";
            changed.gradient = [&](const custom::Gradient&) { return d; };
            const Tensor loss = sum(custom::Operator{changed}(x));
            return thrown_message([&] { gradients(loss, std::vector{x}); });
        };
        CHECK(message({x}) == "nothing was thrown");
        CHECK(message({Tensor()}) == "nothing was thrown");
        CHECK(message({other}) ==
              "invalid argument: mine: its gradient for `x` is f32[3], and `x` is f32[4]");
        CHECK(contains(message({input({4}, i32)}), "its gradient for `x` is i32[4]"));
        CHECK(contains(message({}), "its gradient gave 0 tensors for 1 inputs"));
        const Tensor loss = sum(custom::Operator{options()}(x));
        CHECK(thrown_message([&] { gradients(loss, std::vector{x}); }) ==
              "invalid argument: mine: has no gradient: nobody wrote it");
    }

    TEST_CASE("custom: launches that do not fit the shader") {
        CHECK(launched([] { return Launch{}.parameter("count", 1).invocations(1); }) ==
              "invalid argument: mine: parameters of its shader are not set: `scale`, `offsets`");
        CHECK(contains(launched([] { return complete().parameter("gain", 1); }),
                       "no parameter `gain`; its parameters are count, scale, offsets"));
        CHECK(contains(launched([] {
                           return Launch{}
                               .parameter("count", -1)
                               .parameter("scale", 1)
                               .parameter("offsets", 0, 0)
                               .invocations(1);
                       }),
                       "parameter `count` is declared uint and was given -1"));
        CHECK(contains(launched([] {
                           return Launch{}
                               .parameter("count", 1)
                               .parameter("scale", 1)
                               .parameter("offsets", 0)
                               .invocations(1);
                       }),
                       "parameter `offsets` is 2 numbers and was given 1"));
        struct Block {
            std::uint32_t count;
            float scale;
        };
        CHECK(contains(launched([] {
                           return Launch{}.block(Block{1, 1}).invocations(1);
                       }),
                       "takes 16 bytes of parameters and was given a block of 8"));
        CHECK(contains(launched([] { return complete().constant("SHIFTS", 1); }),
                       "no constant `SHIFTS`; its constants are SHIFT, NEGATE"));
        CHECK(contains(launched([] { return complete().constant("SHIFT", 0.5); }),
                       "constant `SHIFT` is declared int and was given 0.5"));
        CHECK(contains(launched([] { return complete().constant("NEGATE", 2); }),
                       "constant `NEGATE` is declared bool and was given 2"));
        CHECK(contains(launched([] {
                           return Launch{}
                               .parameter("count", 1)
                               .parameter("scale", 1)
                               .parameter("offsets", 0, 0);
                       }),
                       "says neither invocations() nor groups() nor grid()"));
        CHECK(contains(launched([] { return complete().invocations(-1); }), "a launch of -1"));
        custom::Options square = options();
        square.spirv = shaders::square_group;
        CHECK(contains(compiled(square), "the shader's groups are 8 x 8 x 1: say grid()"));
        custom::Options vectors = options();
        vectors.spirv = shaders::vectors_parameter;
        vectors.launch = [](const custom::Call&, const custom::Limits&) {
            return Launch{}.parameter("count", 1).parameter("turn", 1).invocations(1);
        };
        CHECK(contains(compiled(vectors), "Launch::block() sets it"));
    }

    TEST_CASE("custom: what a device lacks is said at once, with what others lack") {
        custom::Options large = options(), wide = options();
        large.spirv = shaders::large_group;
        wide.spirv = shaders::wide_numbers;
        wide.name = "wider";
        DeviceDescription device;
        const Tensor x = input({100});
        Graph graph;
        graph.output(custom::Operator{large}(x)).output(custom::Operator{wide}(x));
        const std::string message = thrown_message([&] { exec::compile(graph, device); });
        CHECK(contains(message, "unsupported: compile: generic cannot run 2 of the 2 groups: "));
        CHECK(contains(message,
                       "mine: a group of 1024 x 1 x 1 invocations; 128 x 128 x 64 and "
                       "128 in all are possible"));
        CHECK(contains(message, "wider: its shader needs Float64"));
        device.capabilities.push_back(10);
        device.max_invocations = 1024;
        device.max_group_size = {1024, 1024, 64};
        CHECK(thrown_message([&] { exec::compile(graph, device); }) == "nothing was thrown");

        CHECK(contains(launched([] { return complete().grid(1, 70000, 1); }),
                       "70000 groups in y; 65535 are possible"));
        // It counts with gl_GlobalInvocationID.x alone.
        CHECK(contains(compiled(options(), {}, 64 * 65536),
                       "its shader does not count with ingot/index.glsl"));
        DeviceDescription few;
        few.max_storage_buffers = 1;
        CHECK(contains(compiled(options(), few), "2 storage buffers; 1 are possible"));
    }

    TEST_CASE("custom: the dispatch is what the launch says") {
        Graph graph;
        graph.output(custom::Operator{options()}(input({1000})));
        const exec::Compiled step = exec::compile(graph, {});
        REQUIRE(step.steps.size() == 1);
        const KernelCall& call = step.steps[0].call;
        CHECK(call.groups == std::array<std::uint32_t, 3>{16, 1, 1});
        const auto* words = reinterpret_cast<const std::uint32_t*>(call.parameter_bytes.data());
        CHECK(words[0] == 1000);
        CHECK(words[1] == 0x40000000);  // 2.0
        CHECK(words[2] == 1);
        CHECK(words[3] == 0xffffffff);
        CHECK(call.parameter_size_bytes == 16);
        // Folded into y beyond the device's limit, by a shader that counts with both.
        DeviceDescription device;
        device.max_group_count = {4, 4, 4};
        Graph folded;
        folded.output(rms_rows()(input({10, 3})));
        CHECK(exec::compile(folded, device).steps[0].call.groups ==
              std::array<std::uint32_t, 3>{4, 3, 1});
    }
}
