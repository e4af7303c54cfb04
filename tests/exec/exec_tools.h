// SPDX-License-Identifier: MIT
// Shorthand of this room's tests: graphs, parameters and feeds in one line.
#pragma once

#include "support/op_case.h"
#include "support/random_graph.h"
#include "support/thrown_message.h"

#include <ingot/device.h>
#include <ingot/graph.h>
#include <ingot/ops.h>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace ingot::testing {

inline Graph outputs(std::vector<Tensor> tensors) {
    Graph graph;
    graph.outputs = std::move(tensors);
    return graph;
}

inline Parameter filled(const std::string& name, const Shape& shape, float value) {
    const std::vector<float> values(static_cast<std::size_t>(shape.count()), value);
    return Parameter(HostTensor::of(name, shape, values));
}

inline std::vector<float> values_of(const Parameter& parameter) {
    const HostTensor contents = parameter.read();
    const auto values = contents.values<float>();
    return {values.begin(), values.end()};
}

inline void write(Parameter parameter, const std::vector<float>& values) {
    parameter.write(HostTensor::of(parameter.name(), parameter.shape(), values));
}

// The device holds what the plans say, whenever no program is half made.
inline void check_memory_is_as_planned() {
    const MemoryUse use = test_device().memory();
    CHECK(use.bytes_planned == use.bytes_now);
}

inline void check_validation_said_nothing() {
    CHECK(test_device().validation_messages() == 0);
}

}  // namespace ingot::testing
