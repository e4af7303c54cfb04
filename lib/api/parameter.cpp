// SPDX-License-Identifier: MIT
// Parameter and ParameterSlab: handles over graph::State and graph::Slab.
#include <ingot/parameter.h>

#include "core/check.h"
#include "graph/leaf.h"
#include "graph/state.h"
#include "ops/concatenate.h"

#include <ingot/ops.h>

#include <algorithm>

namespace ingot {

Parameter::Parameter(HostTensor contents, ParameterOptions options) {
    if (contents.shape.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "parameter '{}': {} has no elements", options.name,
             to_string(contents.shape));
    }
    if (options.name.empty()) options.name = contents.name;
    state_ = graph::make_state(std::move(options.name), {contents.shape, contents.dtype},
                               options.trainable);
    state_->contents = std::move(contents);
}

const std::string& Parameter::name() const {
    return state_->name;
}

void Parameter::rename(std::string name) {
    state_->name = std::move(name);
}

bool Parameter::trainable() const {
    return state_->trainable;
}

void Parameter::set_trainable(bool trainable) {
    state_->trainable = trainable;
}

const TensorSpec& Parameter::spec() const {
    return state_->spec;
}

Tensor Parameter::tensor() const {
    return graph::tensor_of(state_);
}

HostTensor Parameter::read() const {
    HostTensor result = HostTensor::zeros(state_->name, state_->spec.shape, state_->spec.dtype);
    graph::read_contents(*state_, result.data);
    return result;
}

void Parameter::write(const HostTensor& from) {
    if (from.shape != state_->spec.shape || from.dtype != state_->spec.dtype) {
        fail(ErrorKind::kInvalidArgument, "parameter '{}' is {}: {} cannot be written to it",
             state_->name, to_string(state_->spec), to_string(TensorSpec{from.shape, from.dtype}));
    }
    graph::write_contents(*state_, from.data);
}

std::vector<ParameterSlab> ParameterSlab::gather(std::span<const Parameter> parameters) {
    std::vector<ParameterSlab> slabs;
    ParameterSlab open;
    const auto close = [&] {
        if (open.slab_) {
            open.flat_ = graph::flat_view(open.slab_);
            slabs.push_back(std::move(open));
        }
        open = {};
    };
    for (const Parameter& parameter : parameters) {
        if (parameter.spec().dtype != f32) {
            fail(ErrorKind::kInvalidArgument, "parameter '{}' is {}: only f32 can be trained",
                 parameter.name(), to_string(parameter.spec()));
        }
        const auto& state = parameter.state();
        if (state->slab) {
            // The slab may hold others too; they stay as they are, since their gradients are zero
            // in the flat view only if nothing is packed there. Such a parameter is updated alone.
            ParameterSlab alone;
            alone.slab_ = state->slab;
            alone.flat_ = state;
            alone.parameters_ = {parameter};
            slabs.push_back(std::move(alone));
            continue;
        }
        const std::uint64_t size = graph::align_up(graph::size_bytes_of(state->spec));
        if (open.slab_ && open.slab_->size_bytes + size > graph::kMaxSlabBytes) close();
        if (!open.slab_) open.slab_ = graph::make_slab("parameters");
        graph::place(state, open.slab_);
        open.parameters_.push_back(parameter);
    }
    close();
    return slabs;
}

std::int64_t ParameterSlab::count() const {
    return flat_->spec.shape.count();
}

Tensor ParameterSlab::tensor() const {
    return graph::tensor_of(flat_);
}

Parameter ParameterSlab::parameter() const {
    return Parameter(flat_);
}

Tensor ParameterSlab::pack(std::span<const Tensor> tensors) const {
    if (tensors.size() != parameters_.size()) {
        fail(ErrorKind::kInvalidArgument, "pack: {} tensors for {} parameters", tensors.size(),
             parameters_.size());
    }
    std::vector<std::uint64_t> offset_bytes;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].spec() != parameters_[i].spec()) {
            fail(ErrorKind::kInvalidArgument, "pack: tensor {} is {}, parameter '{}' is {}", i,
                 to_string(tensors[i].spec()), parameters_[i].name(),
                 to_string(parameters_[i].spec()));
        }
        offset_bytes.push_back(static_cast<std::uint64_t>(offset(i)) * size_bytes_of(f32));
    }
    const auto state = graph::make_state("gradients", flat_->spec, false);
    return ops::pack(tensors, state, std::move(offset_bytes));
}

std::vector<Tensor> ParameterSlab::unpack(const Tensor& flat) const {
    if (flat.spec() != flat_->spec) {
        fail(ErrorKind::kInvalidArgument, "unpack: {} is not a slab's {}", to_string(flat.spec()),
             to_string(flat_->spec));
    }
    const Tensor elements = reshape(flat, {count()});
    std::vector<Tensor> parts;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Shape& shape = parameters_[i].shape();
        const Tensor part = slice(elements, {.begin = offset(i), .end = offset(i) + shape.count()});
        parts.push_back(reshape(part, shape));
    }
    return parts;
}

std::int64_t ParameterSlab::offset(std::size_t parameter) const {
    const std::uint64_t bytes = parameters_[parameter].state()->offset_bytes - flat_->offset_bytes;
    return static_cast<std::int64_t>(bytes / size_bytes_of(f32));
}

Parameter ParameterSlab::like(const std::string& name, float value) const {
    HostTensor contents = HostTensor::zeros(name, flat_->spec.shape);
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        float* first = contents.values<float>().data() + offset(i);
        std::fill_n(first, parameters_[i].shape().count(), value);
    }
    return Parameter(std::move(contents), {.name = name, .trainable = false});
}

}  // namespace ingot
