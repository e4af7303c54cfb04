// SPDX-License-Identifier: MIT
// Writing at indices: sums in order over few and many indices, and what stays where several meet.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(scatter);

namespace {

OpInput indices(Shape shape, std::int64_t size) {
    return {.shape = shape, .dtype = i32, .low = 0, .high = static_cast<double>(size - 1)};
}

std::int64_t place_of(const Shape& shape, const Index& i) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        place = place * shape[axis] + i[axis];
    return place;
}

// Inputs x, index, source; `index` of rank 1 counts whole rows.
Array scattered(const Arrays& in, std::size_t axis, bool adds) {
    Array y = in[0];
    const bool rows = in[1].shape != in[2].shape && in[1].shape.rank() == 1;
    const Shape& through = rows ? in[2].shape : in[1].shape;
    for (std::int64_t n = 0; n < through.count(); ++n) {
        Index i = index_of(through, n);
        const double value = at(in[2], i);
        i[axis] = static_cast<std::int64_t>(rows ? in[1][i[axis]] : at(in[1], i));
        double& target = y[place_of(y.shape, i)];
        target = adds ? target + value : value;
    }
    return y;
}

OpCase row(const std::string& name, Shape shape, std::int64_t axis, Shape index, Shape source,
           bool adds) {
    const std::size_t along = resolve_axis("reference", axis, shape);
    const auto count =
        static_cast<double>(index.rank() == 0 ? 1 : index[std::min(along, index.rank() - 1)]);
    const double met = 1 + count / static_cast<double>(shape[along]);
    const OpInput values{.shape = shape, .low = -9, .high = 9};
    OpInput sources = values;
    sources.shape = source;
    return {.name = name + " " + to_string(index) + " along " + std::to_string(axis) + " of " +
                    to_string(shape),
            .inputs = {values, indices(index, shape[along]), sources},
            .build =
                [=](const Tensors& in) {
                    if (name == "index_add") return index_add(in[0], axis, in[1], in[2]);
                    return adds ? scatter_add(in[0], axis, in[1], in[2])
                                : scatter(in[0], axis, in[1], in[2]);
                },
            .reference = [=](const Arrays& in) { return scattered(in, along, adds); },
            .forward = {.units = adds ? 8.0 : 0.0, .length = met, .scale = 9 * std::sqrt(met)},
            .gradient = {.units = 16},
            .has_gradient = source.count() < 20000,
            .integers = adds ? 0 : 2e9,
            .samples = 12};
}

OpCase summed(Shape shape, std::int64_t axis, Shape index) {
    return row("scatter_add", shape, axis, index, index, true);
}

OpCase added(Shape shape, std::int64_t axis, std::int64_t count) {
    return row("index_add", shape, axis, {count},
               shape.with(resolve_axis("reference", axis, shape), count), true);
}

OpCase written(Shape shape, std::int64_t axis, Shape index) {
    return row("scatter", shape, axis, index, index, false);
}

}  // namespace

TEST_SUITE("scatter") {
    TEST_CASE("scatter: sums of whole rows") {
        run_op_cases({
            added({1}, 0, 1),
            added({5}, 0, 9),
            added({5, 3}, 0, 4),
            added({5, 3}, 1, 7),
            added({10, 65}, 0, 128),
            added({3, 7, 63}, 1, 65),
            added({1009, 8}, 0, 3001),  // many indices, many places
            added({5003, 67}, 0, 67),   // few indices
            added({2, 300, 3}, 1, 2500),
            added({3, 1100}, 0, 1031),
        });
    }

    TEST_CASE("scatter: sums element by element") {
        run_op_cases({
            summed({1}, 0, {1}), summed({9}, 0, {5}), summed({5, 7}, 1, {5, 9}),
            summed({5, 7}, 0, {3, 7}), summed({3, 1009}, 1, {3, 1500}),
            summed({1009, 5}, 0, {1100, 5}), summed({2, 33, 65}, 1, {2, 40, 65}),
            summed({7}, 0, {5000}),
            row("scatter_add", {4, 6}, 1, {4, 3}, {5, 9}, true),  // a source larger than the index
        });
    }

    TEST_CASE("scatter: a long run in several calls") {
        run_op_cases({summed({7}, 0, {300007}), added({3, 2}, 0, 150001)});
    }

    TEST_CASE("scatter: what stays") {
        run_op_cases({
            written({1}, 0, {1}),
            written({9}, 0, {5}),
            written({4}, 0, {129}),
            written({5, 7}, 1, {5, 9}),
            written({5, 67}, 0, {3, 67}),
            written({3, 20, 5}, 1, {3, 33, 5}),
            row("scatter", {4, 6}, 1, {4, 3}, {5, 9}, false),
            row("scatter", {4, 6}, 0, {9, 6}, {9, 6}, false),
        });
    }

    TEST_CASE("scatter: into a row's second derivative") {
        // d/dx of sum(d^2), d = the gradient of an embedding: goes there and back.
        OpCase twice{.name = "there and back",
                     .inputs = {{.shape = {6, 4}}, indices({9}, 6)},
                     .build =
                         [](const Tensors& in) {
                             const Tensor y = index_select(in[0], 0, in[1]);
                             return gradients(sum(y * y * y), std::array{in[0]})[0];
                         },
                     .reference =
                         [](const Arrays& in) {
                             Array d(in[0].shape);
                             for (std::int64_t k = 0; k < 9; ++k) {
                                 for (std::int64_t s = 0; s < 4; ++s) {
                                     const auto t = static_cast<std::int64_t>(in[1][k]) * 4 + s;
                                     d[t] += 3 * in[0][t] * in[0][t];
                                 }
                             }
                             return d;
                         },
                     .forward = {.units = 16, .length = 4},
                     .gradient = {.units = 32, .length = 4}};
        run_op_cases({twice});
    }

    TEST_CASE("scatter: an index out of range stops the step and is named") {
        const Tensor x = input({5, 3}), rows = input({4}, i32), places = input({2, 3}, i32);
        const Tensor many = input({2000}, i32), sources = input({2000, 1});
        const std::vector<float> values(15, 0.5F), numbers(2000, 1.0F);
        for (const std::int32_t bad : {5000, -1, 2'000'000'000}) {
            const std::vector<std::int32_t> bad_rows{0, 4, bad, bad};
            const std::vector<std::int32_t> bad_places{0, 1, 2, 3, bad, bad};
            std::vector<std::int32_t> bad_many(2000, 7);
            bad_many[1234] = bad_many[1999] = bad;
            struct Row {
                Tensor y;
                std::vector<Feed> feeds;
                const char* place;
            };
            const Tensor zeros = constant(0.0F, {1000, 1});
            const Row cases[] = {
                {index_add(x, 0, rows, slice(x, {.end = 4})), {{x, values}, {rows, bad_rows}}, "2"},
                {scatter_add(x, 0, places, x), {{x, values}, {places, bad_places}}, "4"},
                {scatter(x, 0, places, x), {{x, values}, {places, bad_places}}, "4"},
                {index_add(zeros, 0, many, sources),
                 {{many, bad_many}, {sources, numbers}},
                 "1234"},
            };
            for (const Row& c : cases) {
                const Parameter runs{HostTensor::zeros("runs", {1})};
                Graph graph;
                graph.output(c.y).update(runs, runs + 1.0F);
                Program program = test_device().compile(graph, {.guard_bytes = true});
                program.run(c.feeds);
                const std::string message = thrown_message([&] { program.wait(); });
                CHECK_MESSAGE(message.starts_with("data: "), message);
                CHECK_MESSAGE(message.find(c.place) != std::string::npos, message);
                CHECK(runs.read().values<float>()[0] == 0);
                program.check_guards();
                check_validation();
            }
        }
    }

    TEST_CASE("scatter: errors name the sizes") {
        const Tensor x = input({4, 6});
        const auto contains = [](const std::string& message, const char* part) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
        };
        const Tensor index = input({4, 2}, i32), source = input({4, 2});
        contains(thrown_message([&] { scatter(x, 0, index, source); }),
                 "scatter: x is f32[4, 6], index i32[4, 2], source f32[4, 2]");
        contains(thrown_message([&] {
                     scatter(x, 1, index, input({4, 1}));
                 }),
                 "no larger than the source");
        contains(thrown_message([&] { scatter(x, 1, input({4, 2}), source); }), "scatter: ");
        contains(thrown_message([&] {
                     scatter(x, 1, index, input({4, 2}, i32));
                 }),
                 "the dtype of x");
        contains(thrown_message([&] {
                     scatter(input({4, 6}, u8), 1, index, source);
                 }),
                 "scatter: x is u8[4, 6]");
        contains(thrown_message([&] { scatter_add(x, 2, index, source); }), "scatter_add: ");
        contains(thrown_message([&] {
                     scatter_add(input({4, 6}, i32), 1, index, source);
                 }),
                 "scatter_add: takes f32");
        contains(thrown_message([&] { index_add(x, 0, input({3}, i32), source); }),
                 "index_add: takes x f32[.., N, ..]");
        contains(thrown_message([&] { index_add(x, 0, index, source); }), "index_add: ");
        contains(thrown_message([&] { index_add(x, 5, input({3}, i32), source); }), "index_add: ");
    }
}
