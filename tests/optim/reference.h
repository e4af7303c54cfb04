// SPDX-License-Identifier: MIT
// Every optimizer's formula once more, as a plain loop over doubles, written from the papers and
// PyTorch's documentation rather than from lib/optim.
#pragma once

#include <ingot/optim.h>

#include <functional>
#include <vector>

namespace ingot::testing {

// One parameter and what an optimizer remembers of it.
struct Weights {
    Shape shape;
    std::vector<double> p, g;  // g is made afresh each step
    std::vector<double> s0{}, s1{}, s2{};
    double number = 0;
    std::vector<double> average{};

    std::size_t count() const { return p.size(); }
    // Of the last two axes, and how many such matrices there are.
    std::size_t cols() const;
    std::size_t rows() const;
};

// The step t from 1 on; rates are scaled by `factor`.
using Formula = std::function<void(Weights& w, double factor, int t)>;

Formula reference(const optim::SgdOptions& options);
Formula reference(const optim::RmsPropOptions& options);
Formula reference(const optim::AdagradOptions& options);
Formula reference(const optim::AdadeltaOptions& options);
Formula reference(const optim::AdamOptions& options);
Formula reference(const optim::AdamWOptions& options);
Formula reference(const optim::NAdamOptions& options);
Formula reference(const optim::RAdamOptions& options);
Formula reference(const optim::AdamaxOptions& options);
Formula reference(const optim::LionOptions& options);
Formula reference(const optim::LambOptions& options);
Formula reference(const optim::AdafactorOptions& options);
Formula reference(const optim::MuonOptions& options, const optim::AdamWOptions& others);

// L1, clipping and the like, around a formula: all parameters at once.
void step(std::vector<Weights>& all, const Formula& formula, const optim::StepOptions& options,
          double factor, int t);

}  // namespace ingot::testing
