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
    {"torch.expm1(x)", expm1},
    {"torch.log1p(x)", log1p, -0.9, 9},
    {"torch.rsqrt(x)", rsqrt, 0.1, 9},
    {"torch.reciprocal(x)", reciprocal, 0.3, 9},
    {"torch.sin(x)", sin, -9, 9},
    {"torch.cos(x)", cos, -9, 9},
    {"torch.tan(x)", tan, -1.2, 1.2},
    {"torch.asin(x)", asin, -0.9, 0.9},
    {"torch.acos(x)", acos, -0.9, 0.9},
    {"torch.atan(x)", atan, -9, 9},
    {"torch.sinh(x)", sinh},
    {"torch.cosh(x)", cosh},
    {"torch.asinh(x)", asinh, -9, 9},
    {"torch.acosh(x)", acosh, 1.1, 9},
    {"torch.atanh(x)", atanh, -0.9, 0.9},
    {"torch.floor(x)", floor},
    {"torch.ceil(x)", ceil},
    {"torch.trunc(x)", trunc},
    {"torch.round(x)", round},
    {"torch.sign(x)", sign},
    {"torch.clamp(x, -1, 2)", [](const Tensor& x) { return clamp(x, -1, 2); }},
    {"F.relu6(x * 3)", [](const Tensor& x) { return relu6(x * 3.0F); }},
    {"F.leaky_relu(x)", [](const Tensor& x) { return leaky_relu(x); }},
    {"F.elu(x, 0.7)", [](const Tensor& x) { return elu(x, 0.7F); }},
    {"F.selu(x)", selu},
    {"F.celu(x, 1.3)", [](const Tensor& x) { return celu(x, 1.3F); }},
    {"F.logsigmoid(x)", log_sigmoid},
    {"F.silu(x)", silu},
    {"F.mish(x)", mish},
    {"F.softplus(x, beta=2)", [](const Tensor& x) { return softplus(x, 2); }},
    {"F.softsign(x)", softsign},
    {"F.hardtanh(x, -1, 2)", [](const Tensor& x) { return hardtanh(x, -1, 2); }},
    {"F.hardsigmoid(x * 2)", [](const Tensor& x) { return hardsigmoid(x * 2.0F); }},
    {"F.hardswish(x * 2)", [](const Tensor& x) { return hardswish(x * 2.0F); }},
    {"F.threshold(x, 0.5, 0.2)", [](const Tensor& x) { return threshold(x, 0.5F, 0.2F); }},
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
    {"torch.floor_divide(a.detach(), b.detach())", floor_divide, 0.2, 3},
    {"torch.where(a < b, a, b * 2)",
     [](const Tensor& a, const Tensor& b) { return where(less(a, b), a, b * 2.0F); }},
    {"a > b", greater},
    {"F.prelu(a, b[:1, 0, 0])",
     [](const Tensor& a, const Tensor& b) { return prelu(a, slice(b, {.end = 1})); }},
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
