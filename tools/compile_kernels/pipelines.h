// SPDX-License-Identifier: MIT
// The pipelines worth compiling for a device, each once: every kernel of the catalogue with its
// default constants, and what graphs become when they are lowered for that device.
#pragma once

#include "kernels/kernel_call.h"
#include "vk/device.h"

#include <ingot/graph.h>

#include <map>
#include <string>
#include <vector>

namespace ingot::compile_kernels {

struct Wanted {
    KernelCall call;
    std::string source;  // who asked for it first
    bool from_table = false;
};

struct Remark {  // a kernel that the device cannot run, or a graph that was not lowered
    std::string name;
    std::string reason;
};

class Pipelines {
public:
    explicit Pipelines(const vk::Device& device);

    // As the library chooses, and every kernel that was not chosen but could have been.
    void add_graph(const std::string& source, const Graph& graph, bool from_table);
    // What add_graph() has not met: nobody has to name a new kernel here.
    void add_catalog();

    // By kernel; of each, at most so many that only a table's row asks for, evenly spread. 0: all.
    std::vector<Wanted> wanted(std::size_t most_from_tables) const;
    std::size_t count() const { return wanted_.size(); }
    const std::vector<Remark>& skipped() const { return skipped_; }
    const std::vector<Remark>& failures() const { return failures_; }
    std::size_t graph_count() const { return graph_count_; }

private:
    void add(const KernelCall& call, const std::string& source, bool from_table);

    const vk::Device& device_;
    DeviceDescription description_;
    std::map<std::string, Wanted> wanted_;  // by kernel, constants and subgroup size
    std::vector<Remark> skipped_, failures_;
    std::size_t graph_count_ = 0;
};

// Which feature a kernel declares that the device lacks; empty: none.
std::string missing_feature(const Kernel& kernel, const vk::Device& device);

}  // namespace ingot::compile_kernels
