// SPDX-License-Identifier: MIT
// Every public operator and loss, given inputs of every element type, of other ranks and sizes:
// each is taken, or refused by an Error that names the function, when the expression is written.
// What each family refuses beside that (axes, groups, kernels, probabilities) is in the family's
// file.
#include "ops/bad_input_rows.h"
#include "support/thrown_message.h"

#include <ingot/init.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>

using namespace ingot;
using namespace ingot::testing;

namespace {

// What building the row from these inputs throws; empty: nothing, and the result goes to `y`.
std::string refusal(const InputRow& row, const std::vector<TensorSpec>& specs,
                    Tensor* y = nullptr) {
    Tensors in;
    for (const TensorSpec& spec : specs)
        in.push_back(input(spec.shape, spec.dtype));
    try {
        const Tensor result = row.build(in);
        if (y != nullptr) *y = result;
        return {};
    } catch (const Error& error) {
        return std::string(to_string(error.kind())) + ": " + error.what();
    }
}

// The functions that the headers declare, INGOT_API result name(...): operator+ and its like by
// their signs.
std::set<std::string> declared_functions() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(INGOT_OP_HEADERS)) {
        std::ifstream file(entry.path());
        const std::string text(std::istreambuf_iterator<char>(file), {});
        const std::string mark = "INGOT_API ";
        for (std::size_t at = text.find(mark); at != std::string::npos;
             at = text.find(mark, at + 1)) {
            const std::size_t end = text.find_first_of("({;", at);
            if (end == std::string::npos || text[end] != '(') continue;  // a class
            const std::size_t begin = text.find_last_of(" \n", end) + 1;
            names.insert(text.substr(begin, end - begin));
        }
    }
    return names;
}

bool names(const std::string& message, const InputRow& row) {
    return message.starts_with("invalid argument: " + row.name + ": ");
}

}  // namespace

TEST_CASE("bad input: every declared function has a row, and every row a function") {
    std::set<std::string> tested;
    for (const InputRow& row : input_rows())
        tested.insert(row.name);
    for (const Refusals& function : refusals_without_tensors())
        tested.insert(function.name);
    const std::set<std::string> declared = declared_functions();
    CHECK(declared.size() > 150);
    const std::pair<const char*, std::vector<std::string>> operators[] = {
        {"operator+", {"add"}},
        {"operator-", {"subtract", "negate"}},
        {"operator*", {"multiply"}},
        {"operator/", {"divide"}}};
    std::set<std::string> wanted = declared;
    for (const auto& [sign, words] : operators) {
        CHECK_MESSAGE(wanted.erase(sign) == 1, sign << " is not declared");
        wanted.insert(words.begin(), words.end());
    }
    for (const std::string& name : wanted) {
        CHECK_MESSAGE(tested.contains(name), "bad_input_rows.cpp has no row for " << name);
    }
    for (const std::string& name : tested) {
        CHECK_MESSAGE(wanted.contains(name), "no header declares " << name);
    }
}

TEST_CASE("bad input: functions without tensors refuse bad numbers") {
    for (const Refusals& function : refusals_without_tensors()) {
        CHECK(!function.calls.empty());
        for (const auto& [call, message] : function.calls)
            CHECK(thrown_message(call) == "invalid argument: " + function.name + ": " + message);
    }
}

TEST_CASE("bad input: no option that is a number may be NaN") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const Tensor x = input({4, 3}), labels = input({4}, i32), signal = input({2, 3, 8});
    const Tensor heads = input({2, 4, 5, 8});
    Generator generator(1);
    const Parameter zeros(init::zeros({3})), ones(init::ones({3}));
    const std::vector<RecurrentWeights> two(
        2, RecurrentWeights{.weight_ih = input({12, 4}), .weight_hh = input({12, 4})});
    const std::pair<const char*, std::function<void()>> calls[] = {
        {"clamp", [&] { clamp(x, nan, 1); }},
        {"clamp", [&] { clamp(x, 0, nan); }},
        {"hardtanh", [&] { hardtanh(x, nan, 1); }},
        {"hardtanh", [&] { hardtanh(x, 0, nan); }},
        {"leaky_relu", [&] { leaky_relu(x, nan); }},
        {"elu", [&] { elu(x, nan); }},
        {"celu", [&] { celu(x, nan); }},
        {"softplus", [&] { softplus(x, nan); }},
        {"threshold", [&] { threshold(x, nan, 0); }},
        {"dropout", [&] { dropout(x, generator, nan); }},
        {"var", [&] { var(x, {.correction = nan}); }},
        {"std", [&] { ingot::std(x, {.correction = nan}); }},
        {"var_mean", [&] { var_mean(x, {.correction = nan}); }},
        {"norm", [&] { norm(x, {.p = nan}); }},
        {"interpolate", [&] { interpolate(signal, {.scale = {nan}}); }},
        {"scaled_dot_product_attention",
         [&] { scaled_dot_product_attention(heads, heads, heads, {.scale = nan}); }},
        {"scaled_dot_product_attention",
         [&] { scaled_dot_product_attention(heads, heads, heads, {.dropout = nan}); }},
        {"rotary_embedding", [&] { rotary_embedding(heads, {.base = nan}); }},
        {"gru",
         [&] {
             gru(input({5, 2, 4}), {}, two, {.dropout = nan});
         }},
        {"batch_norm", [&] { batch_norm(x, {}, {}, zeros, ones, {.epsilon = nan}); }},
        {"batch_norm", [&] { batch_norm(x, {}, {}, zeros, ones, {.momentum = nan}); }},
        {"layer_norm", [&] { layer_norm(x, {3}, {}, {}, nan); }},
        {"rms_norm", [&] { rms_norm(x, {3}, {}, nan); }},
        {"group_norm", [&] { group_norm(signal, 3, {}, {}, nan); }},
        {"instance_norm", [&] { instance_norm(signal, {}, {}, {.momentum = nan}); }},
        {"instance_norm", [&] { instance_norm(signal, {}, {}, {.eps = nan}); }},
        {"cross_entropy", [&] { cross_entropy(x, labels, {.label_smoothing = nan}); }},
        {"softmax_focal_loss", [&] { softmax_focal_loss(x, labels, {.gamma = nan}); }},
        {"multi_margin_loss", [&] { multi_margin_loss(x, labels, {.margin = nan}); }},
        {"sigmoid_focal_loss", [&] { sigmoid_focal_loss(x, x, {.alpha = nan}); }},
        {"sigmoid_focal_loss", [&] { sigmoid_focal_loss(x, x, {.gamma = nan}); }},
        {"dice_loss", [&] { dice_loss(x, x, {.smooth = nan}); }},
        {"smooth_l1_loss", [&] { smooth_l1_loss(x, x, {.beta = nan}); }},
        {"huber_loss", [&] { huber_loss(x, x, {.delta = nan}); }},
        {"poisson_nll_loss", [&] { poisson_nll_loss(x, x, {.epsilon = nan}); }},
        {"gaussian_nll_loss", [&] { gaussian_nll_loss(x, x, x, {.epsilon = nan}); }},
        {"hinge_embedding_loss", [&] { hinge_embedding_loss(x, x, {.margin = nan}); }},
        {"margin_ranking_loss", [&] { margin_ranking_loss(x, x, x, {.margin = nan}); }},
        {"cosine_similarity", [&] { cosine_similarity(x, x, {.epsilon = nan}); }},
        {"pairwise_distance", [&] { pairwise_distance(x, x, {.p = nan}); }},
        {"pairwise_distance", [&] { pairwise_distance(x, x, {.epsilon = nan}); }},
        {"cosine_embedding_loss",
         [&] { cosine_embedding_loss(x, x, input({4}), {.margin = nan}); }},
        {"triplet_margin_loss", [&] { triplet_margin_loss(x, x, x, {.margin = nan}); }},
        {"triplet_margin_loss", [&] { triplet_margin_loss(x, x, x, {.p = nan}); }},
        {"triplet_margin_loss", [&] { triplet_margin_loss(x, x, x, {.epsilon = nan}); }},
    };
    for (const auto& [name, call] : calls) {
        const std::string message = thrown_message(call);
        CHECK_MESSAGE(message.starts_with(std::string("invalid argument: ") + name + ": "),
                      message);
        CHECK_MESSAGE(message.find("nan") != std::string::npos, message);
    }
}

TEST_CASE("bad input: every function takes the element types it says, and names itself") {
    for (const InputRow& row : input_rows()) {
        for (const DType dtype : {f32, f16, bf16, i32, u8, boolean}) {
            std::vector<TensorSpec> specs = row.inputs;
            for (std::size_t i = 0; i < specs.size(); ++i) {
                if (row.inputs[i].dtype == row.inputs[0].dtype) specs[i].dtype = dtype;
            }
            Tensor y;
            const std::string message = refusal(row, specs, &y);
            const bool counts = row.name == "accuracy";  // in f32
            if (y && !counts && is_floating(y.dtype()) && is_floating(row.inputs[0].dtype)) {
                CHECK_MESSAGE(y.dtype() == dtype, row.name << " of " << to_string(dtype) << " is "
                                                           << to_string(y.spec()));
            }
            CHECK_MESSAGE(message.empty() == takes(row.dtypes, dtype),
                          row.name << " of " << to_string(dtype) << ": " << message);
            if (!message.empty()) CHECK_MESSAGE(names(message, row), row.name << ": " << message);
        }
        // One operand of another type: taken (floats meet), or refused by name.
        for (std::size_t i = 0; i < row.inputs.size(); ++i) {
            for (const DType dtype : {f32, f16, i32, u8, boolean}) {
                std::vector<TensorSpec> specs = row.inputs;
                specs[i].dtype = dtype;
                const std::string message = refusal(row, specs);
                if (message.empty()) continue;
                CHECK_MESSAGE(names(message, row), row.name << ": " << message);
            }
        }
    }
}

// What takes a tensor of any shape. All others refuse some of the shapes below.
const std::set<std::string> kOfAnyShape{
    "abs",      "acos",        "acosh",       "any",       "asin",        "asinh",
    "atan",     "atanh",       "cast",        "ceil",      "celu",        "clamp",
    "cos",      "cosh",        "dropout",     "elu",       "erf",         "exp",
    "expm1",    "flatten",     "floor",       "gelu",      "hardsigmoid", "hardswish",
    "hardtanh", "isfinite",    "isinf",       "isnan",     "leaky_relu",  "log",
    "log1p",    "log_sigmoid", "logical_not", "logsumexp", "max",         "mean",
    "mish",     "negate",      "norm",        "one_hot",   "prod",        "reciprocal",
    "relu",     "relu6",       "round",       "rsqrt",     "selu",        "sigmoid",
    "sign",     "silu",        "sin",         "sinh",      "softplus",    "softsign",
    "sqrt",     "square",      "tan",         "tanh",      "threshold",   "tile",
    "trunc",    "unsqueeze"};

TEST_CASE("bad input: other ranks and sizes are taken, or refused by name") {
    for (const InputRow& row : input_rows()) {
        std::size_t refused = 0;
        for (std::size_t i = 0; i < row.inputs.size(); ++i) {
            const Shape& good = row.inputs[i].shape;
            std::vector<Shape> others{Shape{}, good.inserted(0, 2)};
            for (std::size_t axis = 0; axis < good.rank(); ++axis) {
                others.push_back(good.without(axis));
                others.push_back(good.with(axis, good[axis] + 1));
                others.push_back(good.with(axis, 1));
            }
            for (const Shape& other : others) {
                std::vector<TensorSpec> specs = row.inputs;
                specs[i].shape = other;
                const std::string message = refusal(row, specs);
                if (message.empty()) continue;
                ++refused;
                CHECK_MESSAGE(names(message, row), row.name << ": " << message);
            }
        }
        CHECK_MESSAGE((refused == 0) == kOfAnyShape.contains(row.name),
                      row.name << " refuses " << refused << " shapes");
    }
}

TEST_CASE("bad input: an empty Tensor, and a tensor without elements") {
    for (const InputRow& row : input_rows()) {
        const std::string message = thrown_message([&] { row.build(Tensors(row.inputs.size())); });
        CHECK_MESSAGE(message.find("empty") != std::string::npos, row.name << ": " << message);
    }
    CHECK(thrown_message([] {
              input({3, 0});
          }) == "invalid argument: input: [3, 0] has no elements");
    CHECK(thrown_message([] { constant(1, {0}); }).find("has no elements") != std::string::npos);
}
