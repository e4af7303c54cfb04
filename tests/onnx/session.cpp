// SPDX-License-Identifier: MIT
#include "session.h"

#include "core/check.h"
#include "graph/body.h"

#include <algorithm>
#include <set>

namespace ingot::onnx_tests {

Tensor Session::expression(Value& value) {
    if (value.tensor) return value.tensor;
    if (value.after) {
        fail(ErrorKind::kUnsupported, "a parameter's new contents are read in the same step");
    }
    const DType dtype = value.type == onnx::TensorProto::UNDEFINED ? i32 : dtype_of(value.type);
    value.tensor = input(value.host->shape, dtype);
    fed_.push_back({value.tensor, encode(*value.host, dtype)});
    return value.tensor;
}

Arrays Session::numbers(const Values& values) {
    Graph graph{.updates = updates_};
    for (const Value& value : values) {
        if (!value.host && value.tensor) graph.output(value.tensor);
    }
    std::optional<Program> program;
    if (!graph.outputs.empty() || !graph.updates.empty()) {
        // A program wants what it reads and nothing else.
        std::set<const graph::Node*> read;
        for (const graph::Value& leaf : graph::linearize(graph).values)
            read.insert(leaf.leaf.get());
        std::vector<Feed> feeds;
        for (const Fed& fed : fed_) {
            if (!read.contains(fed.tensor.node().get())) continue;
            HostView view;
            view.data = fed.bytes.data();
            view.count = fed.tensor.shape().count();
            view.dtype = fed.tensor.dtype();
            feeds.emplace_back(fed.tensor, view);
        }
        program = testing::test_device().compile(graph, {.slots = 1, .guard_bytes = true});
        program->run(feeds);
    }
    Arrays results;
    for (const Value& value : values) {
        if (value.host) {
            results.push_back(*value.host);
        } else if (value.tensor) {
            const TensorSpec& spec = value.tensor.spec();
            std::vector<std::byte> bytes(static_cast<std::size_t>(spec.shape.count()) *
                                         size_bytes_of(spec.dtype));
            program->read(value.tensor, bytes);
            results.push_back(decode(spec.shape, spec.dtype, bytes));
        } else {
            const HostTensor contents = value.after.read();
            results.push_back(decode(contents.shape, contents.dtype, contents.data));
        }
    }
    if (program) program->check_guards();
    return results;
}

void Session::also(const Graph& step) {
    updates_.insert(updates_.end(), step.updates.begin(), step.updates.end());
}

}  // namespace ingot::onnx_tests
