// SPDX-License-Identifier: MIT
// A Tensor names a value that a program will compute: an expression, not data. Copying it copies no
// data, and nothing runs until a graph of such values is compiled and its program is run.
//
// Layout, everywhere: row-major, the last axis contiguous; strides are counted in elements; data on
// the host travels as std::span.
#pragma once

#include <ingot/dtype.h>
#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstdint>
#include <memory>
#include <string>

namespace ingot {

namespace graph {
struct Node;
}

struct TensorSpec {
    Shape shape;
    DType dtype = f32;
    bool operator==(const TensorSpec&) const = default;
};

INGOT_API std::string to_string(const TensorSpec& spec);  // "f32[64, 784]"

class INGOT_API Tensor {
public:
    Tensor() = default;   // names nothing; tested with operator bool
    Tensor(float value);  // NOLINT: the constant `value`, so that `2 * x` reads as it should

    explicit operator bool() const { return node_ != nullptr; }
    const TensorSpec& spec() const;
    const Shape& shape() const { return spec().shape; }
    DType dtype() const { return spec().dtype; }

    // The expression behind the name; for the library's own rooms.
    Tensor(std::shared_ptr<const graph::Node> node, std::uint32_t output)
        : node_(std::move(node)), output_(output) {}
    const std::shared_ptr<const graph::Node>& node() const { return node_; }
    std::uint32_t output() const { return output_; }
    bool operator==(const Tensor&) const = default;  // the same name, not equal contents

private:
    std::shared_ptr<const graph::Node> node_;
    std::uint32_t output_ = 0;
};

// A value fed by the host at each run. The name appears in errors and dumps.
INGOT_API Tensor input(Shape shape, DType dtype = f32, std::string name = {});

// `value` in every element.
INGOT_API Tensor constant(float value, Shape shape = {});

// A number on the host that a program reads afresh at each run: a learning rate, say. Setting it
// costs nothing and records nothing again. Copies share the number.
class INGOT_API Scalar {
public:
    explicit Scalar(float value, std::string name = "scalar");
    void set(float value);
    float get() const;
    Tensor tensor() const;  // f32 []

private:
    Tensor tensor_;
};

}  // namespace ingot
