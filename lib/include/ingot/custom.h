// SPDX-License-Identifier: MIT
// Operators of your own: a compute shader in GLSL, and in C++ the shapes it makes, how it is
// launched, and its gradient. They take part in all that the library's own do: shapes checked where
// an expression is written, gradients, memory planning, barriers, dumps, profiles, optimizers.
//
//     // swish.comp, listed in CMake by ingot_add_shaders(app swish.comp)
//     #version 450
//     #extension GL_GOOGLE_include_directive : require
//     #include "ingot/index.glsl"
//     layout(local_size_x = 64) in;
//     layout(push_constant) uniform Push { uint count; float beta; };
//     layout(binding = 0) readonly buffer X { float x[]; };
//     layout(binding = 1) writeonly buffer Y { float y[]; };
//     void main() {
//         const uint i = invocation_index();
//         if (i < count) y[i] = x[i] / (1.0 + exp(-beta * x[i]));
//     }
//
//     #include "swish.comp.h"  // made by ingot_add_shaders
//     const ingot::custom::Operator swish{{
//         .name = "swish",
//         .spirv = shaders::swish,
//         .inputs = {"x"},  // the names of the shader's bindings
//         .outputs = {"y"},
//         .attributes = {{"beta", 1}},  // numbers, with their defaults
//         .infer = [](const ingot::custom::Call& call) { return std::vector{call.inputs[0]}; },
//         .launch =
//             [](const ingot::custom::Call& call, const ingot::custom::Limits&) {
//                 const auto count = call.outputs[0].shape.count();
//                 return ingot::custom::Launch{}.parameter("count", count).invocations(count);
//             },
//         .gradient =
//             [](const ingot::custom::Gradient& g) -> std::vector<ingot::Tensor> {
//                 const auto beta = static_cast<float>(g.attribute("beta"));
//                 const auto s = sigmoid(beta * g.inputs[0]);
//                 return {g.d_outputs[0] * (s + beta * g.outputs[0] * (1 - s))};
//             },
//     }};
//     ingot::Tensor y = swish(x), z = swish.with({{"beta", 2}})(x);
//
// What a shader is given. Its operands are storage buffers in set 0, row-major and without gaps, of
// f32 (float) or i32 (int), either of them to be read as uint if need be; 16-bit floats are
// converted around it, and the first output back. An input is declared `readonly`. Reads and writes
// beyond the last element are a mistake that is not looked for, but for the rest of the last 16
// bytes, so that a vec4 may cover the end. It runs with what Vulkan 1.2 promises, 16 KiB of shared
// memory among it, and what the device offers beyond.
//
// Equal inputs and attributes give equal outputs: two such calls may become one. An operator that
// needs several dispatches is several operators.
#pragma once

#include <ingot/tensor.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ingot::custom {

struct Definition;

template <typename T>
concept Number = std::is_arithmetic_v<T>;
template <typename T>
concept Words =
    std::ranges::contiguous_range<T> && std::same_as<std::ranges::range_value_t<T>, std::uint32_t>;

// A compute shader as words: from the header that ingot_add_shaders makes, or from anywhere else.
// Names are those of its debug information; without it, binding 2 is called "binding_2", the
// constant of id 3 "constant_3", and the parameter at byte 8 "parameter_8".
class INGOT_API Spirv {
public:
    Spirv() = default;
    template <Words W>
    Spirv(const W& words)  // NOLINT: any array of words
        : words_(std::ranges::begin(words), std::ranges::end(words)) {}
    static Spirv read(const std::filesystem::path& file);  // as glslangValidator writes it

    std::span<const std::uint32_t> words() const { return words_; }

private:
    std::vector<std::uint32_t> words_;
};

struct Attribute {
    std::string name;
    double value = 0;  // integers up to 2^53 are exact
};
using Attributes = std::vector<Attribute>;

// What all rules are told.
struct INGOT_API Context {
    std::string_view name;  // the operator's
    std::span<const Attribute> attributes;

    double attribute(std::string_view name) const;  // throws if there is none of that name
};

// One use of the operator, as shapes and dtypes. An input of 16-bit floats is seen as f32.
struct INGOT_API Call : Context {
    std::span<const TensorSpec> inputs;
    std::span<const TensorSpec> outputs;  // empty in `infer`

    // Throws `name: rule: f32[4, 3], i32[5], beta=2` unless the condition holds.
    void require(bool condition, std::string_view rule) const;
};

// The device, as far as a launch may depend on it.
struct Limits {
    bool is_processor = false;  // a software driver: loops are cheap there, barriers are not
    std::uint32_t subgroup_size = 0;
    std::uint32_t max_invocations = 0;  // in one group
    std::array<std::uint32_t, 3> max_group_size{};
    std::array<std::uint32_t, 3> max_group_count{};
    std::uint32_t shared_memory_bytes = 0;
};

// One dispatch as data. What the shader declares and the launch does not name is an Error, except:
// a parameter with the name of an attribute has its value, and a constant has its default.
class INGOT_API Launch {
public:
    // A member of the push-constant block by its name ("outer.inner" in a struct of it), converted
    // to its declared type; several numbers for a vector or an array.
    template <Number... Numbers>
    Launch& parameter(std::string name, Numbers... values) {
        parameters_.push_back({std::move(name), {static_cast<double>(values)...}});
        return *this;
    }
    // The whole block at once, for a struct that both languages include; its size is checked.
    template <typename T>
    Launch& block(const T& value) {
        static_assert(std::is_trivially_copyable_v<T>);
        const auto bytes = std::as_bytes(std::span(&value, 1));
        block_.assign(bytes.begin(), bytes.end());
        return *this;
    }
    // A specialization constant: bool, int, uint or float. The size of a group may be one.
    template <Number N>
    Launch& constant(std::string name, N value) {
        constants_.push_back({std::move(name), {static_cast<double>(value)}});
        return *this;
    }

    // One of three says how much runs. Of the first two, what exceeds the device's groups in x goes
    // on in y: the shader counts with invocation_index() or group_index() of "ingot/index.glsl".
    Launch& invocations(std::int64_t count);  // by groups whose sizes in y and z are 1
    Launch& groups(std::int64_t count);
    Launch& grid(std::int64_t x, std::int64_t y = 1, std::int64_t z = 1);  // groups, as they are

    // Floating-point operations of the call, for estimates and profiles; 0: not known.
    Launch& flops(double count);

private:
    friend struct Definition;
    enum class Unit { kNone, kInvocations, kGroups, kGrid };
    struct Named {
        std::string name;
        std::vector<double> values;
    };

    std::vector<Named> parameters_, constants_;
    std::vector<std::byte> block_;
    Unit unit_ = Unit::kNone;
    std::array<std::int64_t, 3> count_{};
    double flops_ = 0;
};

// What the chain rule has at hand: the operator's tensors, and d loss / d each output. A d_output
// is an empty Tensor where nothing flows back; of one output that never is.
struct Gradient : Context {
    std::vector<Tensor> inputs, outputs, d_outputs;
};

struct Options {
    std::string name = {};  // in errors, dumps and profiles; letters, digits and underscores
    Spirv spirv = {};       // one compute shader with the entry point `main`
    // The shader's bindings, in the order of the operator's arguments and results. Every binding is
    // named once, but for `status` (see "ingot/status.glsl").
    std::vector<std::string> inputs = {};
    std::vector<std::string> outputs = {};
    Attributes attributes = {};  // with their defaults
    // Specs of the outputs, f32 or i32, from those of the inputs; refuses with Call::require.
    std::function<std::vector<TensorSpec>(const Call&)> infer = {};
    // How the shader runs for these specs on this device; asked when a graph is compiled.
    std::function<Launch(const Call&, const Limits&)> launch = {};
    // One tensor an input, of its shape; an empty one where nothing flows back, as to integers.
    // Written with any operators, those of your own among them. This, or the reason why not:
    std::function<std::vector<Tensor>(const Gradient&)> gradient = {};
    std::string no_gradient = {};
    // What report() of "ingot/status.glsl" means, before its number: "a row is empty:".
    std::string reported = "its shader refused element";
};

// Handles to one definition; copies are the same operator. Made before its first use: one that is
// at fault throws.
class INGOT_API Operator {
public:
    // Throws what is wrong with the shader, or does not fit what is declared.
    explicit Operator(Options options);

    // The same operator with other values of some attributes.
    Operator with(const Attributes& attributes) const;

    // The first output.
    template <std::convertible_to<Tensor>... Inputs>
    Tensor operator()(const Inputs&... inputs) const {
        return apply({static_cast<Tensor>(inputs)...})[0];
    }
    std::vector<Tensor> apply(std::vector<Tensor> inputs) const;  // all outputs

    const std::string& name() const;

private:
    std::shared_ptr<const Definition> definition_;
    Attributes attributes_;
};

}  // namespace ingot::custom
