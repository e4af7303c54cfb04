// SPDX-License-Identifier: MIT
// How an ONNX operator is said in ingot: one row an operator, a function from a Call (the node, its
// operands and attributes) to the node's outputs. Where ONNX means something else than ingot, which
// follows PyTorch, the function composes ONNX's meaning from public functions.
//
// Rows stand in a file a family and are put together in table.cpp.
#pragma once

#include "arrays.h"

#include <ingot/parameter.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingot::onnx_tests {

class Session;

// A value of a model: an expression, numbers that the host knows, or a parameter as the step leaves
// it.
struct Value {
    Tensor tensor;
    std::optional<Array> host;
    Parameter after;
    int type = onnx::TensorProto::UNDEFINED;  // known for what a file holds

    Value() = default;
    Value(Tensor of) : tensor(std::move(of)) {}    // NOLINT: what adapters return
    Value(Array of) : host(std::move(of)) {}       // NOLINT
    Value(Parameter of) : after(std::move(of)) {}  // NOLINT
    Value(TypedArray of) : host(std::move(of.array)), type(of.type) {}  // NOLINT
    explicit operator bool() const { return tensor || host || after; }
};
using Values = std::vector<Value>;
using Environment = std::map<std::string, Value>;  // by the name in the model

class Call {
public:
    Call(const onnx::NodeProto& node, std::int64_t opset, Environment& environment,
         Session& session)
        : node_(node), opset_(opset), environment_(environment), session_(session) {}

    std::size_t count() const { return static_cast<std::size_t>(node_.input_size()); }
    bool has(std::size_t input) const;
    Tensor x(std::size_t input);  // as an expression
    Tensors all();
    Tensor x_or(std::size_t input, const Tensor& otherwise) {
        return has(input) ? x(input) : otherwise;
    }
    // Its values, for what ingot takes as an option; computed on the device if need be.
    const Array& host(std::size_t input);
    std::vector<std::int64_t> integers(std::size_t input);
    std::vector<std::int64_t> integers_or(std::size_t input,
                                          std::vector<std::int64_t> otherwise = {});
    double number(std::size_t input) { return host(input)[0]; }
    double number_or(std::size_t input, double otherwise) {
        return has(input) ? number(input) : otherwise;
    }
    int type(std::size_t input) const;       // ONNX's, UNDEFINED for what was computed
    Tensor named(const std::string& value);  // of the model
    Tensor given(const Array& computed, DType dtype = i32);  // by the adapter itself

    // Attributes; the second argument is ONNX's default.
    bool has(std::string_view attribute) const { return find(attribute) != nullptr; }
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise = 0) const;
    float real(std::string_view attribute, float otherwise = 0) const;
    std::string text(std::string_view attribute, std::string otherwise = {}) const;
    std::vector<std::int64_t> list(std::string_view attribute,
                                   std::vector<std::int64_t> otherwise = {}) const;
    std::vector<float> reals(std::string_view attribute) const;
    std::vector<std::string> texts(std::string_view attribute) const;
    Value tensor(std::string_view attribute) const;

    std::int64_t opset() const { return opset_; }
    std::size_t outputs() const { return static_cast<std::size_t>(node_.output_size()); }
    bool wants(std::size_t output) const;

    // A parameter that starts as the input's values; and what the step updates beside its outputs.
    Parameter parameter(std::size_t input, std::string name = {});
    void also(const Graph& step);

private:
    const onnx::AttributeProto* find(std::string_view attribute) const;
    Value& value(std::size_t input);

    const onnx::NodeProto& node_;
    std::int64_t opset_;
    Environment& environment_;
    Session& session_;
};

using Adapter = Values (*)(Call& call);
using Rows = std::vector<std::pair<std::string_view, Adapter>>;

// Throws when the operator has no row.
Adapter adapter_of(const std::string& operation);
bool has_adapter(const std::string& operation);

Rows pointwise_rows();
Rows layout_rows();
Rows reduce_rows();
Rows product_rows();
Rows window_rows();
Rows norm_rows();
Rows loss_rows();
Rows training_rows();
Rows host_rows();
Rows index_rows();
Rows resize_rows();
Rows recurrent_rows();
Rows comparison_rows();
Rows quantized_rows();

}  // namespace ingot::onnx_tests
