// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "session.h"

#include <algorithm>

namespace ingot::onnx_tests {

bool Call::has(std::size_t input) const {
    return input < count() && !node_.input(static_cast<int>(input)).empty();
}

Value& Call::value(std::size_t input) {
    if (!has(input)) fail(ErrorKind::kInvalidArgument, "the node has no input {}", input);
    return environment_.at(node_.input(static_cast<int>(input)));
}

Tensor Call::x(std::size_t input) {
    return session_.expression(value(input));
}

Tensors Call::all() {
    Tensors tensors;
    for (std::size_t i = 0; i < count(); ++i)
        tensors.push_back(x(i));
    return tensors;
}

const Array& Call::host(std::size_t input) {
    Value& of = value(input);
    if (!of.host) of.host = session_.numbers({of})[0];
    return *of.host;
}

std::vector<std::int64_t> Call::integers(std::size_t input) {
    std::vector<std::int64_t> values;
    for (const double value : host(input).values)
        values.push_back(static_cast<std::int64_t>(value));
    return values;
}

std::vector<std::int64_t> Call::integers_or(std::size_t input,
                                            std::vector<std::int64_t> otherwise) {
    return has(input) ? integers(input) : otherwise;
}

int Call::type(std::size_t input) const {
    return environment_.at(node_.input(static_cast<int>(input))).type;
}

Tensor Call::named(const std::string& value) {
    return session_.expression(environment_.at(value));
}

Tensor Call::given(const Array& computed, DType dtype) {
    Value value(computed);
    value.type = dtype == f32 ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT32;
    return session_.expression(value);
}

const onnx::AttributeProto* Call::find(std::string_view attribute) const {
    const auto& all = node_.attribute();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto& each) { return each.name() == attribute; });
    return found == all.end() ? nullptr : &*found;
}

std::int64_t Call::integer(std::string_view attribute, std::int64_t otherwise) const {
    const auto* found = find(attribute);
    return found ? found->i() : otherwise;
}

float Call::real(std::string_view attribute, float otherwise) const {
    const auto* found = find(attribute);
    return found ? found->f() : otherwise;
}

std::string Call::text(std::string_view attribute, std::string otherwise) const {
    const auto* found = find(attribute);
    return found ? found->s() : otherwise;
}

std::vector<std::int64_t> Call::list(std::string_view attribute,
                                     std::vector<std::int64_t> otherwise) const {
    const auto* found = find(attribute);
    if (!found) return otherwise;
    return {found->ints().begin(), found->ints().end()};
}

std::vector<float> Call::reals(std::string_view attribute) const {
    const auto* found = find(attribute);
    if (!found) return {};
    return {found->floats().begin(), found->floats().end()};
}

std::vector<std::string> Call::texts(std::string_view attribute) const {
    const auto* found = find(attribute);
    if (!found) return {};
    return {found->strings().begin(), found->strings().end()};
}

Value Call::tensor(std::string_view attribute) const {
    const auto* found = find(attribute);
    return found ? Value(read_tensor(found->t())) : Value();
}

bool Call::wants(std::size_t output) const {
    return output < outputs() && !node_.output(static_cast<int>(output)).empty();
}

Parameter Call::parameter(std::size_t input, std::string name) {
    const Array& from = host(input);
    return Parameter(HostTensor{std::move(name), from.shape, f32, encode(from, f32)});
}

void Call::also(const Graph& step) {
    session_.also(step);
}

}  // namespace ingot::onnx_tests
