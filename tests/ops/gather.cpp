// SPDX-License-Identifier: MIT
// Reading at indices: whole rows, along every axis, element by element; indices out of range are
// reported and never used.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(gather);

namespace {

OpInput indices(Shape shape, std::int64_t size) {
    return {.shape = shape, .dtype = i32, .low = 0, .high = static_cast<double>(size - 1)};
}

OpCase selected(Shape shape, std::int64_t axis, std::int64_t count) {
    const std::size_t at = resolve_axis("reference", axis, shape);
    return {.name = "index_select " + std::to_string(count) + " along " + std::to_string(axis) +
                    " of " + to_string(shape),
            .inputs = {{.shape = shape, .low = -9, .high = 9}, indices({count}, shape[at])},
            .build = [=](const Tensors& in) { return index_select(in[0], axis, in[1]); },
            .reference =
                [=](const Arrays& in) {
                    return make_array(shape.with(at, count), [&](Index i) {
                        i[at] = static_cast<std::int64_t>(in[1][i[at]]);
                        return testing::at(in[0], i);
                    });
                },
            .forward = {.units = 0},
            .gradient = {.units = 16, .length = 1 + static_cast<double>(count) / 4},
            .integers = 2e9};
}

OpCase gathered(Shape shape, std::int64_t axis, Shape index) {
    const std::size_t along = resolve_axis("reference", axis, shape);
    return {.name = "gather " + to_string(index) + " along " + std::to_string(axis) + " of " +
                    to_string(shape),
            .inputs = {{.shape = shape, .low = -9, .high = 9}, indices(index, shape[along])},
            .build = [=](const Tensors& in) { return gather(in[0], axis, in[1]); },
            .reference =
                [=](const Arrays& in) {
                    return make_array(index, [&](Index i) {
                        Index source = i;
                        source[along] = static_cast<std::int64_t>(at(in[1], i));
                        return at(in[0], source);
                    });
                },
            .forward = {.units = 0},
            .gradient = {.units = 16, .length = 1 + static_cast<double>(index[along]) / 4},
            .integers = 2e9};
}

OpCase embedded(std::int64_t rows, std::int64_t columns, Shape index) {
    return {.name = "embedding " + to_string(index) + " of " + std::to_string(rows) + " x " +
                    std::to_string(columns),
            .inputs = {{.shape = {rows, columns}}, indices(index, rows)},
            .build = [](const Tensors& in) { return embedding(in[0], in[1]); },
            .reference =
                [=](const Arrays& in) {
                    return make_array(index.inserted(index.rank(), columns), [&](Index i) {
                        const std::int64_t column = i.back();
                        i.pop_back();
                        const auto row = static_cast<std::int64_t>(at(in[1], i));
                        return in[0][row * columns + column];
                    });
                },
            .forward = {.units = 0},
            .gradient = {.units = 16, .length = 4},
            .samples = 12};
}

}  // namespace

TEST_SUITE("gather") {
    TEST_CASE("gather: whole rows") {
        run_op_cases({
            selected({1}, 0, 1),
            selected({5}, 0, 7),
            selected({7, 3}, 0, 4),
            selected({7, 3}, 1, 5),
            selected({5, 63}, 0, 65),
            selected({65, 64}, 0, 63),
            selected({3, 5, 65}, 1, 9),
            selected({2, 9, 1, 3}, -3, 4),
            selected({3, 2100}, 0, 5),
        });
    }

    TEST_CASE("gather: embedding") {
        run_op_cases({embedded(1, 1, {1}), embedded(10, 8, {}), embedded(10, 64, {3, 5}),
                      embedded(257, 65, {2, 3, 4}), embedded(3001, 33, {8, 100}),
                      embedded(7, 5, {1000})});
    }

    TEST_CASE("gather: the padding row has no gradient") {
        const std::vector<std::int32_t> places{2, 0, 2, 3, 0};
        const Tensor weight = input({4, 3}), index = input({5}, i32);
        for (const std::int64_t padding : {2, -2}) {
            const Tensor y = embedding(weight, index, {.padding_idx = padding});
            const Tensor d = gradients(sum(y), std::array{weight})[0];
            const std::vector<float> w{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
            const auto results = compute({y, d}, std::array{Feed{weight, w}, Feed{index, places}});
            CHECK(results[0] == std::vector<float>{7, 8, 9, 1, 2, 3, 7, 8, 9, 10, 11, 12, 1, 2, 3});
            CHECK(results[1] == std::vector<float>{2, 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1});
        }
    }

    TEST_CASE("gather: element by element") {
        run_op_cases({
            gathered({1}, 0, {1}),
            gathered({9}, 0, {5}),
            gathered({5, 7}, 1, {5, 3}),
            gathered({5, 7}, 0, {9, 7}),
            gathered({5, 7}, 1, {3, 9}),
            gathered({65, 67}, -1, {65, 1}),
            gathered({4, 9, 65}, 1, {3, 6, 63}),
            gathered({2, 3, 4, 5}, 2, {2, 3, 7, 5}),
            gathered({300, 3}, 0, {1000, 3}),
        });
    }

    TEST_CASE("gather: twice the same index, of computed values") {
        OpCase row = gathered({6, 8}, 1, {6, 5});
        row.name = "squared";
        row.build = [](const Tensors& in) {
            return square(take_along_axis(square(in[0]), in[1], 1));
        };
        const auto plain = row.reference;
        row.reference = [=](const Arrays& in) {
            return map(plain(in), [](double v) { return v * v * v * v; });
        };
        row.integers = 0;
        row.inputs[0].low = -1;
        row.inputs[0].high = 1;
        row.forward = {.units = 4};
        run_op_cases({row});
    }

    TEST_CASE("gather: an index out of range stops the step and is named") {
        const Tensor x = input({5, 3}), rows = input({4}, i32), places = input({2, 3}, i32);
        const std::vector<float> values(15, 0.5F);
        for (const std::int32_t bad : {5, -1, 2'000'000'000}) {
            const std::vector<std::int32_t> bad_rows{0, 4, bad, bad};
            const std::vector<std::int32_t> bad_places{0, 1, 2, 3, bad, bad};
            const Parameter runs{HostTensor::zeros("runs", {1})};
            const std::pair<Tensor, const char*> cases[] = {
                {index_select(x, 0, rows), "2"},
                {gather(x, 0, places), "4"},
                {gather(cast(x, i32), 0, places), "4"},
                {gradients(sum(square(index_select(x, 0, rows))), std::array{x})[0], "2"}};
            for (const auto& [y, place] : cases) {
                Graph graph;
                graph.output(y).update(runs, runs + 1.0F);
                Program program = test_device().compile(graph, {.guard_bytes = true});
                std::vector<Feed> feeds{{x, values}, {rows, bad_rows}, {places, bad_places}};
                std::erase_if(feeds, [&](const Feed& feed) {
                    return feed.first == (y.shape() == Shape{2, 3} ? rows : places);
                });
                program.run(feeds);
                const std::string message = thrown_message([&] { program.wait(); });
                CHECK_MESSAGE(message.starts_with("data: "), message);
                CHECK_MESSAGE(message.find(place) != std::string::npos, message);
                CHECK_MESSAGE(message.find(std::to_string(bad)) != std::string::npos, message);
                CHECK(runs.read().values<float>()[0] == 0);
                program.check_guards();
                check_validation();
            }
        }
    }

    TEST_CASE("gather: errors name the sizes") {
        const Tensor x = input({4, 6});
        const auto contains = [](const std::string& message, const char* part) {
            CHECK_MESSAGE(message.find(part) != std::string::npos, message);
        };
        contains(thrown_message([&] { index_select(x, 0, input({3})); }),
                 "index_select: takes indices of i32, not f32[3]");
        contains(thrown_message([&] {
                     index_select(x, 0, input({3, 1}, i32));
                 }),
                 "index_select: takes indices [K], not i32[3, 1]");
        contains(thrown_message([&] { index_select(x, 2, input({3}, i32)); }), "index_select: ");
        contains(thrown_message([&] { index_select(x, 0, input({3}, u8)); }),
                 "index_select: takes indices of i32, not u8[3]");
        contains(thrown_message([&] {
                     gather(x, 0, input({3, 7}, i32));
                 }),
                 "gather: index i32[3, 7] must be of the rank of x f32[4, 6]");
        contains(thrown_message([&] { gather(x, 1, input({4}, i32)); }), "gather: index i32[4]");
        contains(thrown_message([&] {
                     gather(x, 1, input({4, 2}));
                 }),
                 "gather: takes indices of i32");
        contains(thrown_message([&] {
                     take_along_axis(x, input({4, 2}, i32), 3);
                 }),
                 "take_along_axis: ");
        contains(thrown_message([&] { embedding(input({4}), input({3}, i32)); }),
                 "embedding: takes weight f32[V, D]");
        contains(thrown_message([&] { embedding(x, input({3})); }), "embedding: ");
        contains(thrown_message([&] { embedding(x, input({3}, i32), {.padding_idx = 4}); }),
                 "embedding: padding_idx 4 is no row of [4, 6]");
        contains(thrown_message([&] { embedding(x, input({3}, i32), {.padding_idx = -5}); }),
                 "padding_idx -5");
    }
}
