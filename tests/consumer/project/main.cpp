// SPDX-License-Identifier: MIT
// A program of a user: it knows the public headers only. It links, with an operator of its own, and
// an Error thrown inside the library is caught by its type here, which a shared library gets wrong
// when it hides too much.
#include <ingot/ingot.h>

#include <cstdio>
#include <vector>

#include "twice.comp.h"

namespace custom = ingot::custom;

// An operator whose shader this project compiles, in a graph; no device is needed to say it.
bool defines_an_operator() {
    const custom::Operator twice{{
        .name = "twice",
        .spirv = shaders::twice,
        .inputs = {"x"},
        .outputs = {"y"},
        .infer = [](const custom::Call& call) { return std::vector{call.inputs[0]}; },
        .launch =
            [](const custom::Call& call, const custom::Limits&) {
                const auto count = call.inputs[0].shape.count();
                return custom::Launch{}.parameter("count", count).invocations(count);
            },
        .gradient = [](const custom::Gradient& g) { return std::vector{2.0F * g.d_outputs[0]}; },
    }};
    const ingot::Tensor x = ingot::input({5}), y = twice(x);
    const ingot::Tensor d_x = ingot::gradients(sum(y * y), std::vector{x})[0];
    return d_x.shape() == x.shape() &&
           ingot::to_text({.outputs = {y}}).find("= twice(") != std::string::npos;
}

int main() {
    if (!defines_an_operator()) return 1;
    const ingot::Shape shape = ingot::broadcast("example", {64, 1}, {784});
    if (ingot::to_string(shape) != "[64, 784]") return 1;
    try {
        ingot::broadcast("example", {2}, {3});
    } catch (const ingot::Error& error) {
        std::printf("caught: %s\n", error.what());
        return error.kind() == ingot::ErrorKind::kInvalidArgument ? 0 : 1;
    }
    return 1;
}
