// SPDX-License-Identifier: MIT
// A Parameter holds contents that live from run to run: weights, running statistics, optimizer
// state. It starts on the host, moves to a device when the first program that names it is compiled
// there, and stays. Copies are handles to the same contents.
//
// Parameters of one optimizer group lie end to end in a ParameterSlab, each at a multiple of 256
// bytes with zeros between, so that an update of all of them is pointwise over one flat tensor.
#pragma once

#include <ingot/host_tensor.h>
#include <ingot/tensor.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot {

namespace graph {
struct State;
struct Slab;
}  // namespace graph

struct ParameterOptions {
    std::string name;       // as in PyTorch's state_dict: "conv1.weight"
    bool trainable = true;  // false: optimizers leave it alone
};

class INGOT_API Parameter {
public:
    Parameter() = default;
    explicit Parameter(HostTensor contents, ParameterOptions options = {});

    explicit operator bool() const { return state_ != nullptr; }
    const std::string& name() const;
    void rename(std::string name);
    bool trainable() const;
    void set_trainable(bool trainable);  // read when an optimizer builds its update
    const TensorSpec& spec() const;
    const Shape& shape() const { return spec().shape; }

    Tensor tensor() const;                        // the value at the start of the step
    operator Tensor() const { return tensor(); }  // NOLINT: a parameter is used as a tensor

    HostTensor read() const;             // waits for the device when the contents live there
    void write(const HostTensor& from);  // same shape and dtype; waits likewise

    const std::shared_ptr<graph::State>& state() const { return state_; }
    explicit Parameter(std::shared_ptr<graph::State> state) : state_(std::move(state)) {}
    bool operator==(const Parameter&) const = default;  // the same contents, not equal ones

private:
    std::shared_ptr<graph::State> state_;
};

class INGOT_API ParameterSlab {
public:
    // Lays parameters out in as few slabs as possible. One that already lies in a slab (because
    // a program compiled before this call uses it) is left there, in a slab of its own.
    // The dtypes must be f32.
    static std::vector<ParameterSlab> gather(std::span<const Parameter> parameters);

    const std::vector<Parameter>& parameters() const { return parameters_; }
    std::int64_t count() const;  // elements of the flat view, gaps included

    Tensor tensor() const;        // f32 [count]: all parameters, end to end
    Parameter parameter() const;  // the flat view as something that can be updated
    // One tensor a parameter, of its shape, laid end to end in the same way: f32 [count].
    Tensor pack(std::span<const Tensor> tensors) const;
    // The other way round: the parts of a flat tensor, in the parameters' shapes; views.
    std::vector<Tensor> unpack(const Tensor& flat) const;
    // Where a parameter begins in the flat view, in elements.
    std::int64_t offset(std::size_t parameter) const;
    // State with the same layout (momentum, say), filled with `value`; gaps hold 0.
    Parameter like(const std::string& name, float value = 0) const;

private:
    std::shared_ptr<graph::Slab> slab_;
    std::shared_ptr<graph::State> flat_;
    std::vector<Parameter> parameters_;
};

}  // namespace ingot
