// SPDX-License-Identifier: MIT
// Tensors taken apart and put together: parts used and unused, many of them, of every type.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(split);

namespace {

// y = x with the coordinate of one axis replaced.
template <typename From>
Array taken(const Array& x, std::size_t axis, std::int64_t size, From&& from) {
    return make_array(x.shape.with(axis, size), [&](Index i) {
        i[axis] = from(i[axis]);
        return at(x, i);
    });
}

OpCase row(const std::string& name, Shape shape, std::function<Tensor(const Tensor&)> build,
           std::function<Array(const Array&)> reference) {
    return {.name = name + " of " + to_string(shape),
            .inputs = {{.shape = shape}},
            .build = [=](const Tensors& in) { return build(in[0]); },
            .reference = [=](const Arrays& in) { return reference(in[0]); },
            .forward = {.units = 0},
            .gradient = {.units = 16, .length = 8},
            .integers = 2e9};
}

OpCase tiled(Shape shape, std::vector<std::int64_t> repeats) {
    return row(
        "tile", shape, [=](const Tensor& x) { return tile(x, repeats); },
        [=](const Array& x) {
            std::vector<std::int64_t> sizes(std::max(repeats.size(), x.shape.rank()), 1);
            for (std::size_t i = 0; i < x.shape.rank(); ++i)
                sizes[sizes.size() - x.shape.rank() + i] = x.shape[i];
            Array lifted = with_shape(x, Shape(sizes));
            for (std::size_t i = 0; i < repeats.size(); ++i) {
                const std::size_t axis = sizes.size() - repeats.size() + i;
                const std::int64_t size = lifted.shape[axis];
                lifted = taken(lifted, axis, size * repeats[i],
                               [=](std::int64_t k) { return k % size; });
            }
            return lifted;
        });
}

OpCase interleaved(Shape shape, std::int64_t repeats, std::int64_t axis) {
    const std::size_t at = resolve_axis("reference", axis, shape);
    return row(
        "repeat_interleave by " + std::to_string(repeats) + " along " + std::to_string(axis), shape,
        [=](const Tensor& x) { return repeat_interleave(x, repeats, axis); },
        [=](const Array& x) {
            return taken(x, at, x.shape[at] * repeats, [=](std::int64_t k) { return k / repeats; });
        });
}

OpCase rolled(Shape shape, std::int64_t shift, std::int64_t axis) {
    const std::size_t at = resolve_axis("reference", axis, shape);
    return row(
        "roll by " + std::to_string(shift) + " along " + std::to_string(axis), shape,
        [=](const Tensor& x) { return roll(x, shift, axis); },
        [=](const Array& x) {
            const std::int64_t size = x.shape[at];
            return taken(x, at, size,
                         [=](std::int64_t k) { return ((k - shift) % size + size) % size; });
        });
}

}  // namespace

TEST_SUITE("split") {
    TEST_CASE("split: parts used in another order, doubled and left out") {
        run_op_cases({
            row(
                "three sizes", {7, 3},
                [](const Tensor& x) {
                    const auto parts = split(x, {2, 1, 4});
                    REQUIRE(parts.size() == 3);
                    return concatenate(std::array{parts[2], parts[0], parts[2]});
                },
                [](const Array& x) {
                    return taken(x, 0, 10, [](std::int64_t k) {
                        return k < 4 ? k + 3 : k < 6 ? k - 4 : k - 3;
                    });
                }),
            row(
                "parts of 64", {3, 130},
                [](const Tensor& x) {
                    const auto parts = split(x, 64, 1);
                    REQUIRE(parts.size() == 3);
                    const Tensor first = slice(parts[1], {.axis = 1, .end = 2});
                    return concatenate(std::array{parts[2], first}, 1);
                },
                [](const Array& x) {
                    return taken(x, 1, 4, [](std::int64_t k) { return k < 2 ? 128 + k : 62 + k; });
                }),
            row(
                "chunks, one fewer than asked for", {9, 2},
                [](const Tensor& x) {
                    const auto parts = chunk(x, 4);
                    REQUIRE(parts.size() == 3);
                    return parts[2];
                },
                [](const Array& x) { return sliced(x, 0, 6, 9); }),
            row(
                "one part", {4}, [](const Tensor& x) { return split(x, 4)[0]; },
                [](const Array& x) { return x; }),
            row(
                "unbound and stacked elsewhere", {3, 5, 4},
                [](const Tensor& x) { return stack(unbind(x, 1), -1); },
                [](const Array& x) {
                    return permuted(x, {0, 2, 1});
                }),
            row(
                "a hundred parts turned round", {100, 3},
                [](const Tensor& x) {
                    auto parts = unbind(x);
                    return stack(std::vector<Tensor>(parts.rbegin(), parts.rend()));
                },
                [](const Array& x) {
                    return taken(x, 0, 100, [](std::int64_t k) { return 99 - k; });
                }),
        });
    }

    TEST_CASE("split: the gradient of all parts is one concatenation") {
        const Tensor x = input({6, 32});
        const auto parts = split(x, 8, 1);
        Tensor loss = 0.0F;
        for (std::size_t i = 0; i < parts.size(); ++i)
            loss = loss + sum(parts[i] * input(parts[i].shape()));
        const Tensor d = gradients(loss, std::array{x})[0];
        CHECK(test_device().compile({.outputs = {d}}).stats().dispatches == 4);
    }

    TEST_CASE("split: repeated") {
        run_op_cases({
            tiled({1}, {3}),
            tiled({5}, {3}),
            tiled({5}, {2, 3}),
            tiled({3, 67}, {1, 2}),
            tiled({3, 4}, {2}),
            tiled({2, 1, 3}, {3, 2, 2}),
            tiled({2, 3, 2, 2}, {2, 1, 2, 3}),
            interleaved({1}, 4, 0),
            interleaved({5}, 3, 0),
            interleaved({3, 4}, 2, 0),
            interleaved({2, 3, 65}, 2, -1),
            interleaved({2, 3, 4}, 2, 1),
        });
    }

    TEST_CASE("split: rolled") {
        run_op_cases({
            rolled({1}, 5, 0),
            rolled({7}, 2, 0),
            rolled({7}, -9, 0),
            rolled({3, 65}, 64, -1),
            rolled({65, 3}, 1, 0),
            rolled({2, 5, 3}, -1, 1),
        });
    }

    TEST_CASE("split: errors name the sizes") {
        const Tensor x = input({4, 6});
        const auto contains = [](const std::string& message, const char* part) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
        };
        contains(thrown_message([&] {
                     split(x, {1, 2});
                 }),
                 "invalid argument: split: sizes [1, 2] do not make up axis 0 of [4, 6]");
        contains(thrown_message([&] { split(x, {4, 0}); }), "split: sizes [4, 0]");
        contains(thrown_message([&] { split(x, 0, 1); }), "split: parts of size 0");
        contains(thrown_message([&] { split(x, 2, 2); }), "split: ");
        contains(thrown_message([&] { chunk(x, 0); }), "chunk: 0 chunks");
        contains(thrown_message([&] { unbind(x, 5); }), "unbind: ");
        contains(thrown_message([&] { stack({}); }), "stack: no tensors");
        contains(thrown_message([&] {
                     stack(std::array{x, input({6, 4})});
                 }),
                 "stack: input 1 is f32[6, 4], input 0 is f32[4, 6]");
        contains(thrown_message([&] { tile(x, {2, 0}); }), "tile: repeats [2, 0]");
        contains(thrown_message([&] { repeat_interleave(x, 0, 1); }), "repeat_interleave: 0");
        contains(thrown_message([&] { repeat_interleave(x, 2, 2); }), "repeat_interleave: ");
        contains(thrown_message([&] { roll(x, 1, 2); }), "roll: ");
        contains(thrown_message([&] {
                     tile(input({2, 2, 2, 2, 2, 2, 2, 2}), {2});
                 }),
                 "tile: [2, 2, 2, 2, 2, 2, 2, 2] has no room");
    }
}
