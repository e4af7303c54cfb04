// SPDX-License-Identifier: MIT
// Fusion on graphs drawn by hand: which operations end up together, and which must not.
#include "body_tools.h"
#include "shaders/pointwise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

using Names = std::vector<std::string>;

std::vector<Names> groups_of(std::vector<Tensor> tensors) {
    const Body body = linearize(outputs(std::move(tensors)));
    std::vector<Names> result;
    for (const Group& group : fuse(body))
        result.push_back(names(body, group));
    return result;
}

}  // namespace

TEST_CASE("fuse: chains, trees and diamonds are one group") {
    const Tensor x = input({4, 5}), y = input({4, 5});
    CHECK(groups_of({tanh(exp(x) * 2.0F)}) == std::vector<Names>{{"exp", "multiply", "tanh"}});
    CHECK(groups_of({maximum(exp(x), y)}) == std::vector<Names>{{"exp", "maximum"}});
    const Tensor e = exp(x);
    CHECK(groups_of({tanh(e) * sqrt(e)}).size() == 1);
    CHECK(groups_of({e, tanh(e)}).size() == 1);  // two outputs of one program
    // Broadcast operands, and the same data under another shape.
    CHECK(groups_of({x * input({5}) + input({4, 1})}).size() == 1);
    CHECK(groups_of({tanh(reshape(exp(x), {20}))}).size() == 1);
}

TEST_CASE("fuse: an element may depend on nothing but its own index") {
    const Tensor x = input({4, 4});
    const Tensor e = exp(x);
    CHECK(groups_of({tanh(transpose(e))}).size() == 2);
    CHECK(groups_of({e + transpose(e)}).size() == 2);
    CHECK(groups_of({e * 2.0F + transpose(e)}).size() == 2);
    // Broadcast inside what made it: the row is of another size than the sum of both.
    const Tensor row = exp(input({4}));
    CHECK(groups_of({x + row}).size() == 2);
    CHECK(groups_of({tanh(row), x * tanh(row)}).size() == 2);
    CHECK(groups_of({tanh(slice(e, {.axis = 0, .begin = 1}))}).size() == 2);
}

TEST_CASE("fuse: no group waits for itself") {
    const Tensor x = input({4, 5});
    const Tensor e = exp(x);
    // e -> sum -> divide: e and the division cannot be one group with the sum between them.
    const Tensor y = e / sum(e, {.axes = {1}, .keep_axes = true});
    const auto groups = groups_of({y});
    REQUIRE(groups.size() == 3);
    CHECK(groups[0] == Names{"exp"});
    CHECK(groups[1] == Names{"sum"});
    CHECK(groups[2] == Names{"divide"});
    // Through two kernels in a row.
    const Tensor w = input({5, 5});
    CHECK(groups_of({e + matmul(matmul(e, w), w)}).size() == 3);
}

TEST_CASE("fuse: a product takes in what follows it, element by element") {
    const Tensor x = input({4, 6}), w = input({5, 6}), bias = input({5});
    const Tensor product = matmul(x, transpose(w));
    CHECK(groups_of({relu(product + bias)}) == std::vector<Names>{{"matmul", "add", "relu"}});
    CHECK(groups_of({relu(product + input({4, 1}))}).size() == 1);
    CHECK(groups_of({relu(product + input({4, 5}))}).size() == 1);
    CHECK(groups_of({product * 2.0F, relu(product)}).size() == 1);
    // Both are stored when both are wanted.
    const Body body = linearize(outputs({product, relu(product)}));
    const auto groups = fuse(body);
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].program.outputs.size() == 2);
    CHECK(groups[0].writes(body).size() == 2);
    // A transposed reader stands apart, and so does the product's own operand.
    CHECK(groups_of({relu(transpose(product))}).size() == 2);
    const Tensor e = exp(x);
    CHECK(groups_of({matmul(e, transpose(w)) * 2.0F, e}).size() == 2);
    // Two products never share a group.
    CHECK(groups_of({product + matmul(x, transpose(w * 2.0F))}).size() >= 2);
    // What the kernel cannot offer is left outside: a broadcast over part of the rows.
    const Tensor batch = matmul(input({3, 4, 6}), input({3, 6, 5}));
    CHECK(groups_of({batch + input({3, 1, 1})}).size() == 2);
    CHECK(groups_of({batch + input({5})}).size() == 1);
}

TEST_CASE("fuse: epilogues end where the kernel's program does") {
    Tensor y = matmul(input({4, 6}), input({6, 5}));
    for (int i = 0; i < 12; ++i)
        y = tanh(y);
    const Body body = linearize(outputs({y}));
    const auto groups = fuse(body);
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].program.instructions.size() <= 8);
    CHECK(groups[1].program.instructions.size() >= 4);
}

TEST_CASE("fuse: a reduction takes in what makes its input, if nobody else wants that") {
    const Tensor x = input({4, 6}), y = input({4, 6});
    CHECK(groups_of({sum(x * y)}) == std::vector<Names>{{"multiply", "sum"}});
    CHECK(groups_of({max(tanh(x) * y, {.axes = {0}})}).size() == 1);
    const Tensor product = x * y;
    CHECK(groups_of({product, sum(product)}).size() == 2);
    CHECK(groups_of({sum(product), max(product)}).size() == 3);
    // What follows a reduction is another group.
    CHECK(groups_of({tanh(sum(x * y, {.axes = {1}}))}).size() == 2);
    // A reduction of a reduction, and of a product.
    CHECK(groups_of({sum(max(x, {.axes = {1}}))}).size() == 2);
    CHECK(groups_of({sum(matmul(x, transpose(y)))}).size() == 2);
}

TEST_CASE("fuse: limits on inputs, outputs and instructions split groups") {
    std::vector<Tensor> inputs;
    Tensor total = 0.0F;
    for (int i = 0; i < 20; ++i) {
        inputs.push_back(input({7}));
        total = total + inputs.back() * (1.0F + static_cast<float>(i));
    }
    CHECK(groups_of({total}).size() >= 3);
    Tensor x = input({7});
    std::vector<Tensor> stored;
    for (int i = 0; i < 9; ++i) {
        x = tanh(x);
        stored.push_back(x);
    }
    CHECK(groups_of(stored).size() >= 3);
    Tensor deep = input({7});
    for (int i = 0; i < 100; ++i)
        deep = tanh(deep);
    CHECK(groups_of({deep}).size() == 4);
}

TEST_CASE("fuse: bytes are read as they are") {
    const Tensor pixels = input({2, 6}, u8);
    const Body body = linearize(outputs({cast(pixels, f32) * (1.0F / 255)}));
    const auto groups = fuse(body);
    REQUIRE(groups.size() == 1);
    CHECK(groups[0].program.inputs[0].access == shaders::kAccessSame);
}

TEST_CASE("fuse: an operand with more axes than a kernel follows is named") {
    Tensor x = input({2, 2, 2, 2, 2, 2, 2, 2});
    const Tensor turned = permute(x, {7, 6, 5, 4, 3, 2, 1, 0});
    const Body body = linearize(outputs({exp(turned)}));
    try {
        fuse(body);
        FAIL("nothing was thrown");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kUnsupported);
        CHECK(std::string(error.what()).find("exp: an operand of [2, 2, 2, 2, 2, 2, 2, 2]") == 0);
    }
}

TEST_CASE("fuse: a long graph takes time in proportion") {
    const auto seconds = [](int layers) {
        Tensor x = input({4, 4});
        const Tensor w = input({4, 4});
        for (int i = 0; i < layers; ++i) {
            const Tensor e = tanh(matmul(x, w) + x);
            x = e / sum(e, {.axes = {1}, .keep_axes = true});
        }
        const Body body = linearize(outputs({x}));
        double least = 1e9;  // of this processor's time, so that other programs do not count
        for (int i = 0; i < 3; ++i) {
            const std::clock_t start = std::clock();
            CHECK(fuse(body).size() >= static_cast<std::size_t>(2 * layers));
            least = std::min(least, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
        }
        return least;
    };
    const double once = seconds(200), eightfold = seconds(1600);
    MESSAGE("200 layers: " << once << " s, 1600: " << eightfold << " s");
    CHECK(eightfold < 24 * once);  // 8 if linear, 64 if quadratic
}
