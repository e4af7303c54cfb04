// SPDX-License-Identifier: MIT
// What is computed of each layer without parts, beside a net's expression, and how it is read.
#pragma once

#include "train/patient.h"

#include <string>
#include <vector>

namespace ingot::doctor {

class LayerProbes {
public:
    explicit LayerProbes(const Expression& expression);

    void add_to(Graph& graph) const;
    std::vector<LayerNorms> read(Program& program) const;  // of its last run

private:
    struct Probe {
        std::string name;
        std::string type;
        bool is_last = false;
    };
    std::vector<Probe> probes_;
    std::vector<std::vector<Tensor>> values_;
    std::vector<Tensor> rows_;  // the values of each end to end
};

}  // namespace ingot::doctor
