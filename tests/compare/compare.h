// SPDX-License-Identifier: MIT
// Cases for compare_pytorch.py. A case says the same thing twice: as the PyTorch expression that
// the script evaluates, and as ingot's. Sizes are drawn, so each round is another problem.
#pragma once

#include <ingot/nn.h>
#include <ingot/ops.h>
#include <ingot/optim.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace ingot::compare {

using Tensors = std::vector<Tensor>;

struct Input {
    std::string name;  // in the expression
    Shape shape;
    double low = -1, high = 1;  // uniform; both ends included for integers
    DType dtype = f32;
};

// y = build(inputs), and the gradients of sum(y * d_y) for every f32 input, d_y random.
struct Case {
    std::string torch;  // an expression of the inputs; `F` is torch.nn.functional
    std::vector<Input> inputs;
    std::function<Tensor(const Tensors& inputs)> build;
    bool has_gradient = true;
};

// Parameters p0, p1, ... of random shapes move for kSteps steps under the loss
// sum(scale (p - target)^2), the target another one in each step.
struct OptimizerCase {
    std::string torch;  // an expression of `params`; `optim` is torch.optim, the rest formulas.py's
    std::function<optim::Optimizer(const std::vector<Parameter>& params)> make;
    std::string around = "Around()";  // formulas.py's: clipping, accumulation and the like
};

// A module with random weights, which are saved to a file of their own for PyTorch to load.
struct ModuleCase {
    std::string torch;  // an expression of the module
    std::function<nn::Module()> make;
    Shape x;
};

class Draw {
public:
    explicit Draw(std::uint32_t seed) : engine_(seed) {}
    std::int64_t size(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(engine_() % static_cast<std::uint32_t>(high - low + 1));
    }
    double real(double low, double high) { return low + (high - low) * (engine_() * 0x1p-32); }

private:
    std::mt19937 engine_;
};

std::vector<Case> pointwise_cases(Draw& draw);
std::vector<Case> tensor_cases(Draw& draw);
std::vector<Case> index_cases(Draw& draw);
std::vector<Case> layout_cases(Draw& draw);
std::vector<Case> layer_cases(Draw& draw);
std::vector<Case> sequence_cases(Draw& draw);
std::vector<Case> loss_cases(Draw& draw);
std::vector<OptimizerCase> optimizer_cases();
std::vector<ModuleCase> module_cases();

}  // namespace ingot::compare
