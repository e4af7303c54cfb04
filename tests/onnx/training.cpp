// SPDX-License-Identifier: MIT
// ai.onnx.preview.training: gradients and optimizers.
#include "rows.h"

#include <ingot/graph.h>

#include <cmath>

namespace ingot::onnx_tests {

namespace {

Values gradient(Call& c) {
    Tensors wrt;
    for (const std::string& name : c.texts("xs"))
        wrt.push_back(c.named(name));
    const Tensors d = gradients(c.named(c.text("y")), wrt);
    return {d.begin(), d.end()};
}

// The operands of an optimizer after rate and step count: n values, n gradients, n of each state.
struct Operands {
    float rate;
    double step;  // updates before this one
    std::size_t tensors;
};

Operands operands_of(Call& c, std::size_t states) {
    return {static_cast<float>(c.number(0)), c.number(1), (c.count() - 2) / (2 + states)};
}

// Outputs stand as the inputs do: all values, then each state of all.
Values ordered(const std::vector<Tensors>& kinds) {
    Values outputs;
    for (const Tensors& kind : kinds)
        outputs.insert(outputs.end(), kind.begin(), kind.end());
    return outputs;
}

// Corrects the rate, not the moments, so epsilon weighs otherwise than in PyTorch; and not at all
// in step 0.
Values adam(Call& c) {
    const auto [rate, step, n] = operands_of(c, 2);
    const float alpha = c.real("alpha", 0.9F), beta = c.real("beta", 0.999F);
    const float corrected = step == 0
                                ? rate
                                : static_cast<float>(rate * std::sqrt(1 - std::pow(beta, step)) /
                                                     (1 - std::pow(alpha, step)));
    std::vector<Tensors> all(3);
    for (std::size_t i = 0; i < n; ++i) {
        const Tensor x = c.x(2 + i), v = c.x(2 + 2 * n + i), h = c.x(2 + 3 * n + i);
        const Tensor g = x * c.real("norm_coefficient") + c.x(2 + n + i);
        all[1].push_back(v * alpha + g * (1 - alpha));
        all[2].push_back(h * beta + g * g * (1 - beta));
        const Tensor next =
            x - all[1].back() * corrected / (sqrt(all[2].back()) + c.real("epsilon", 1e-6F));
        all[0].push_back(next * (1 - c.real("norm_coefficient_post")));
    }
    return ordered(all);
}

Values adagrad(Call& c) {
    const auto [rate, step, n] = operands_of(c, 1);
    const float now = rate / static_cast<float>(1 + step * c.real("decay_factor"));
    std::vector<Tensors> all(2);
    for (std::size_t i = 0; i < n; ++i) {
        const Tensor x = c.x(2 + i);
        const Tensor g = x * c.real("norm_coefficient") + c.x(2 + n + i);
        all[1].push_back(c.x(2 + 2 * n + i) + g * g);
        all[0].push_back(x - g * now / (sqrt(all[1].back()) + c.real("epsilon", 1e-6F)));
    }
    return ordered(all);
}

Values momentum(Call& c) {
    const auto [rate, step, n] = operands_of(c, 1);
    const float alpha = c.real("alpha"), beta = step == 0 ? 1 : c.real("beta");
    const bool nesterov = c.text("mode") == "nesterov";
    std::vector<Tensors> all(2);
    for (std::size_t i = 0; i < n; ++i) {
        const Tensor x = c.x(2 + i);
        const Tensor g = x * c.real("norm_coefficient") + c.x(2 + n + i);
        const Tensor v = c.x(2 + 2 * n + i) * alpha + g * beta;
        all[1].push_back(v);
        all[0].push_back(x - (nesterov ? g + v * alpha : v) * rate);
    }
    return ordered(all);
}

}  // namespace

Rows training_rows() {
    return {
        {"Gradient", gradient},
        {"Adam", adam},
        {"Adagrad", adagrad},
        {"Momentum", momentum},
    };
}

}  // namespace ingot::onnx_tests
