// SPDX-License-Identifier: MIT
#include "compare.h"

namespace ingot::compare {

namespace {

// f(x) of every element of x in [low, high].
struct Unary {
    const char* torch;
    Tensor (*function)(const Tensor&);
    double low = -3, high = 3;
};
const std::vector<Unary> kUnary = {
    {"torch.abs(x)", abs},
    {"torch.exp(x)", exp},
    {"torch.log(x)", log, 0.01, 9},
    {"torch.sqrt(x)", sqrt, 0.01, 9},
    {"torch.square(x)", square},
    {"torch.tanh(x)", tanh},
    {"torch.sigmoid(x)", sigmoid},
    {"torch.erf(x)", erf},
    {"F.relu(x)", relu},
    {"F.gelu(x)", [](const Tensor& x) { return gelu(x); }},
    {"F.gelu(x, approximate='tanh')", [](const Tensor& x) { return gelu(x, GeluForm::kTanh); }},
};

// f(a, b), b broadcast.
struct Binary {
    const char* torch;
    Tensor (*function)(const Tensor&, const Tensor&);
    double low = -3, high = 3;
};
const std::vector<Binary> kBinary = {
    {"a + b", [](const Tensor& a, const Tensor& b) { return a + b; }},
    {"a - b", [](const Tensor& a, const Tensor& b) { return a - b; }},
    {"a * b", [](const Tensor& a, const Tensor& b) { return a * b; }},
    {"a / b", [](const Tensor& a, const Tensor& b) { return a / b; }, 0.2, 3},
    {"torch.pow(a, b)", pow, 0.2, 3},
    {"torch.maximum(a, b)", maximum},
    {"torch.minimum(a, b)", minimum},
};

}  // namespace

std::vector<Case> pointwise_cases(Draw& draw) {
    std::vector<Case> cases;
    for (const Unary& row : kUnary) {
        cases.push_back({row.torch,
                         {{"x", {draw.size(1, 40), draw.size(1, 40)}, row.low, row.high}},
                         [&row](const Tensors& in) { return row.function(in[0]); }});
    }
    for (const Binary& row : kBinary) {
        const std::int64_t rows = draw.size(1, 20), cols = draw.size(1, 40);
        cases.push_back({row.torch,
                         {{"a", {rows, draw.size(1, 4), cols}, row.low, row.high},
                          {"b", {rows, 1, 1}, row.low, row.high}},
                         [&row](const Tensors& in) { return row.function(in[0], in[1]); }});
    }
    return cases;
}

}  // namespace ingot::compare
