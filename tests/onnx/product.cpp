// SPDX-License-Identifier: MIT
// Matrix products, and sums of products by letters.
#include "rows.h"

#include "core/check.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>

namespace ingot::onnx_tests {

namespace {

Values gemm(Call& c) {
    const Tensor a = c.integer("transA") != 0 ? transpose(c.x(0)) : c.x(0);
    const Tensor b = c.integer("transB") != 0 ? transpose(c.x(1)) : c.x(1);
    const Tensor product = matmul(a, b) * c.real("alpha", 1);
    return {c.has(2) ? product + c.x(2) * c.real("beta", 1) : product};
}

// A letter for each axis of x; those of "..." are 'A', 'B' ... from the last.
std::string letters_of(std::string term, const Tensor& x) {
    const std::size_t dots = term.find("...");
    if (dots == std::string::npos) return term;
    std::string more;
    for (std::size_t i = x.shape().rank() + 3 - term.size(); i > 0; --i)
        more += static_cast<char>('A' + i - 1);
    return term.replace(dots, 3, more);
}

// Of axes with the same letter only the diagonal.
Tensor without_repetition(Tensor x, std::string& letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const std::size_t again = letters.find(letters[i], i + 1);
        if (again == std::string::npos) continue;
        const std::int64_t n = x.shape()[i], rank = rank_of(x);
        std::vector<std::int64_t> order;
        for (std::int64_t axis = 0; axis < rank; ++axis) {
            if (axis != static_cast<std::int64_t>(i) && axis != static_cast<std::int64_t>(again)) {
                order.push_back(axis);
            }
        }
        order.push_back(static_cast<std::int64_t>(i));
        order.push_back(static_cast<std::int64_t>(again));
        x = permute(x, order);
        Shape shape = x.shape().without(x.shape().rank() - 1);
        x = reshape(x, shape.with(shape.rank() - 1, n * n));
        x = slice(x, {.axis = -1, .step = n + 1});
        letters = letters.erase(again, 1).erase(i, 1) + letters[i];
        return without_repetition(x, letters);
    }
    return x;
}

// The axes of x in the order of `wanted`, of size 1 where x has none of the letter.
Tensor laid_out(const Tensor& x, const std::string& letters, const std::string& wanted) {
    std::vector<std::int64_t> order;
    Shape shape;
    for (const char letter : wanted) {
        const std::size_t axis = letters.find(letter);
        const bool has = axis != std::string::npos;
        if (has) order.push_back(static_cast<std::int64_t>(axis));
        shape = shape.inserted(shape.rank(), has ? x.shape()[axis] : 1);
    }
    return reshape(permute(x, order), shape);
}

// The letters of the result: those behind the arrow; without one, those that stand once, in order.
std::string result_of(const std::string& equation, const std::string& all) {
    std::string dotted;  // of "..."
    for (const char letter : all)
        dotted.append(std::isupper(letter) != 0 ? 1 : 0, letter);
    std::sort(dotted.rbegin(), dotted.rend());
    const std::size_t arrow = equation.find("->");
    if (arrow != std::string::npos) {
        std::string result = equation.substr(arrow + 2);
        const std::size_t dots = result.find("...");
        return dots == std::string::npos ? result : result.replace(dots, 3, dotted);
    }
    std::string once;
    for (const char letter : all) {
        if (std::count(equation.begin(), equation.end(), letter) == 1) once += letter;
    }
    std::sort(once.begin(), once.end());
    return dotted + once;
}

Values einsum(Call& c) {
    std::string equation = c.text("equation");
    std::erase(equation, ' ');
    std::istringstream terms(equation.substr(0, equation.find("->")));
    Tensors operands;
    std::vector<std::string> letters;
    std::string all;  // each letter once
    for (std::string term; std::getline(terms, term, ',');) {
        const Tensor x = c.x(operands.size());
        letters.push_back(letters_of(term, x));
        operands.push_back(without_repetition(x, letters.back()));
        for (const char letter : letters.back()) {
            if (all.find(letter) == std::string::npos) all += letter;
        }
    }
    std::string order = result_of(equation, all);
    std::vector<std::int64_t> summed;
    for (const char letter : all) {
        if (order.find(letter) != std::string::npos) continue;
        summed.push_back(static_cast<std::int64_t>(order.size()));
        order += letter;
    }
    Tensor product;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Tensor x = laid_out(operands[i], letters[i], order);
        product = product ? product * x : x;
    }
    return {summed.empty() ? product : sum(product, {.axes = summed})};
}

}  // namespace

Rows product_rows() {
    return {
        {"Einsum", einsum},
        {"MatMul", binary<matmul>},
        {"Gemm", gemm},
    };
}

}  // namespace ingot::onnx_tests
