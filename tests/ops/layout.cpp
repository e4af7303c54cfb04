// SPDX-License-Identifier: MIT
// Views and chains of them, read by a pointwise kernel (x * 2, so that nothing is merely copied),
// by a copy, and by a kernel that takes contiguous operands only.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(layout);

namespace {

struct ViewRow {
    const char* name;
    Shape shape;
    std::function<Tensor(const Tensor&)> view;
    std::function<Array(const Array&)> reference;
};

Array flipped(const Array& x, const std::vector<std::size_t>& axes) {
    return make_array(x.shape, [&](Index i) {
        for (const std::size_t axis : axes)
            i[axis] = x.shape[axis] - 1 - i[axis];
        return at(x, i);
    });
}

// Of the last two axes.
Array diagonal_of(const Array& x, std::int64_t offset) {
    const std::size_t rank = x.shape.rank();
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < x.shape[rank - 2]; ++i)
        count += i + offset >= 0 && i + offset < x.shape[rank - 1] ? 1 : 0;
    const std::int64_t first = offset < 0 ? -offset : 0;
    return make_array(x.shape.without(rank - 1).with(rank - 2, count), [&](Index i) {
        i.back() += first;
        i.push_back(i.back() + offset);
        return at(x, i);
    });
}

const std::vector<ViewRow>& rows() {
    static const std::vector<ViewRow> all{
        {"reshape",
         {6, 4},
         [](const Tensor& x) {
             return reshape(x, {3, -1});
         },
         [](const Array& x) {
             return with_shape(x, {3, 8});
         }},
        {"reshape to a scalar",
         {1, 1},
         [](const Tensor& x) { return reshape(x, Shape{}); },
         [](const Array& x) { return with_shape(x, {}); }},
        {"flatten",
         {2, 3, 4},
         [](const Tensor& x) { return flatten(x, 1); },
         [](const Array& x) {
             return with_shape(x, {2, 12});
         }},
        {"transpose",
         {5, 7},
         [](const Tensor& x) { return transpose(x); },
         [](const Array& x) {
             return permuted(x, {1, 0});
         }},
        {"transpose beyond a group",
         {67, 65},
         [](const Tensor& x) { return transpose(x); },
         [](const Array& x) {
             return permuted(x, {1, 0});
         }},
        {"permute to channels last",
         {2, 3, 4, 5},
         [](const Tensor& x) {
             return permute(x, {0, 2, 3, 1});
         },
         [](const Array& x) {
             return permuted(x, {0, 2, 3, 1});
         }},
        {"permute five axes",
         {2, 3, 2, 3, 2},
         [](const Tensor& x) {
             return permute(x, {4, 1, 3, 0, 2});
         },
         [](const Array& x) {
             return permuted(x, {4, 1, 3, 0, 2});
         }},
        {"slice in front",
         {9, 5},
         [](const Tensor& x) { return slice(x, {.end = 4}); },
         [](const Array& x) { return sliced(x, 0, 0, 4); }},
        {"slice of columns",
         {9, 5},
         [](const Tensor& x) { return slice(x, {.axis = 1, .begin = 1, .end = -1}); },
         [](const Array& x) { return sliced(x, 1, 1, 4); }},
        {"slice at an aligned offset",
         {4, 64},
         [](const Tensor& x) { return slice(x, {.begin = 2}); },
         [](const Array& x) { return sliced(x, 0, 2, 4); }},
        {"slice with steps",
         {11},
         [](const Tensor& x) { return slice(x, {.begin = 1, .step = 3}); },
         [](const Array& x) { return sliced(x, 0, 1, 11, 3); }},
        {"slice with steps to the end",
         {3, 10},
         [](const Tensor& x) { return slice(x, {.axis = -1, .begin = -9, .step = 2}); },
         [](const Array& x) { return sliced(x, 1, 1, 10, 2); }},
        {"expand a row",
         {5},
         [](const Tensor& x) {
             return expand(x, {3, 5});
         },
         [](const Array& x) {
             return broadcasted(x, {3, 5});
         }},
        {"expand a column",
         {3, 1},
         [](const Tensor& x) {
             return expand(x, {2, 3, 5});
         },
         [](const Array& x) {
             return broadcasted(x, {2, 3, 5});
         }},
        {"expand a scalar",
         {},
         [](const Tensor& x) {
             return expand(x, {4, 4});
         },
         [](const Array& x) {
             return broadcasted(x, {4, 4});
         }},
        {"slice of a transpose",
         {6, 8},
         [](const Tensor& x) { return slice(transpose(x), {.begin = 2, .end = 7, .step = 2}); },
         [](const Array& x) {
             return sliced(permuted(x, {1, 0}), 0, 2, 7, 2);
         }},
        {"reshape of a transpose",
         {4, 6},
         [](const Tensor& x) {
             return reshape(transpose(x), {3, 8});
         },
         [](const Array& x) {
             return with_shape(permuted(x, {1, 0}), {3, 8});
         }},
        {"expand of a slice, transposed",
         {6, 1},
         [](const Tensor& x) {
             return transpose(expand(slice(x, {.begin = 3}), {3, 4}));
         },
         [](const Array& x) {
             return permuted(broadcasted(sliced(x, 0, 3, 6), {3, 4}), {1, 0});
         }},
        {"flip",
         {7},
         [](const Tensor& x) { return flip(x, {0}); },
         [](const Array& x) { return flipped(x, {0}); }},
        {"flip beyond a group",
         {3, 67},
         [](const Tensor& x) { return flip(x, {-1}); },
         [](const Array& x) { return flipped(x, {1}); }},
        {"flip of all axes",
         {2, 3, 4},
         [](const Tensor& x) {
             return flip(x, {2, 0, 1});
         },
         [](const Array& x) {
             return flipped(x, {0, 1, 2});
         }},
        {"flip, sliced, transposed, flattened",
         {5, 8},
         [](const Tensor& x) {
             return flatten(transpose(slice(flip(x, {1}), {.axis = 1, .begin = 1, .step = 3})));
         },
         [](const Array& x) {
             return with_shape(permuted(sliced(flipped(x, {1}), 1, 1, 8, 3), {1, 0}), {15});
         }},
        {"flip of an expanded row, and back in rows",
         {6},
         [](const Tensor& x) {
             return flip(expand(flip(x, {0}), {3, 6}), {0, 1});
         },
         [](const Array& x) {
             return broadcasted(x, {3, 6});
         }},
        {"flip of a flipped reshape",
         {24},
         [](const Tensor& x) {
             return reshape(flip(reshape(flip(x, {0}), {4, 6}), {1}), {24});
         },
         [](const Array& x) {
             return with_shape(flipped(with_shape(x, {4, 6}), {0}), {24});
         }},
        {"slices of two axes with steps",
         {7, 9, 3},
         [](const Tensor& x) {
             return slice(slice(x, {.begin = 1, .step = 2}), {.axis = 1, .begin = 2, .step = 3});
         },
         [](const Array& x) { return sliced(sliced(x, 0, 1, 7, 2), 1, 2, 9, 3); }},
        {"unsqueeze and squeeze",
         {3, 1, 4},
         [](const Tensor& x) { return unsqueeze(squeeze(unsqueeze(x, 0), 2), -1); },
         [](const Array& x) {
             return with_shape(x, {1, 3, 4, 1});
         }},
        {"squeeze all",
         {1, 3, 1, 4, 1},
         [](const Tensor& x) { return squeeze(squeeze(x, 1)); },
         [](const Array& x) {
             return with_shape(x, {3, 4});
         }},
        {"diagonal",
         {5, 5},
         [](const Tensor& x) { return diagonal(x); },
         [](const Array& x) { return diagonal_of(x, 0); }},
        {"diagonal above, wide",
         {2, 3, 7},
         [](const Tensor& x) { return diagonal(x, 2); },
         [](const Array& x) { return diagonal_of(x, 2); }},
        {"diagonal below, tall, of the outer axes",
         {7, 2, 3},
         [](const Tensor& x) { return diagonal(x, -5, 0, 2); },
         [](const Array& x) {
             return diagonal_of(permuted(x, {1, 0, 2}), -5);
         }},
        {"there and back",
         {3, 4},
         [](const Tensor& x) { return reshape(transpose(transpose(x)), {12}); },
         [](const Array& x) { return with_shape(x, {12}); }},
    };
    return all;
}

std::vector<OpCase> cases(const char* reader, std::function<Tensor(const Tensor&)> read,
                          std::function<Array(const Array&)> reference) {
    std::vector<OpCase> result;
    for (const ViewRow& row : rows()) {
        result.push_back(
            {.name = std::string(row.name) + ", " + reader,
             .inputs = {{.shape = row.shape}},
             .build = [&row, read](const Tensors& in) { return read(row.view(in[0])); },
             .reference = [&row,
                           reference](const Arrays& in) { return reference(row.reference(in[0])); },
             .gradient = {.units = 16, .length = 16}});
    }
    return result;
}

}  // namespace

TEST_SUITE("layout") {
    TEST_CASE("layout: views that are read back") {
        const auto same = [](const auto& x) { return x; };
        auto copies = cases("copied", same, same);
        for (OpCase& row : copies) {
            row.forward = {.units = 0};
            row.integers = 2e9;
        }
        run_op_cases(copies);
    }

    TEST_CASE("layout: views that a pointwise kernel follows") {
        run_op_cases(cases(
            "doubled", [](const Tensor& x) { return x * 2.0F; },
            [](const Array& x) { return map(x, [](double v) { return 2 * v; }); }));
    }

    TEST_CASE("layout: views of computed values") {
        std::vector<OpCase> computed;
        for (const ViewRow& row : rows()) {
            computed.push_back(
                {.name = std::string(row.name) + ", of a square",
                 .inputs = {{.shape = row.shape}},
                 .build = [&row](const Tensors& in) { return row.view(square(in[0])) + 1.0F; },
                 .reference =
                     [&row](const Arrays& in) {
                         return map(row.reference(map(in[0], [](double v) { return v * v; })),
                                    [](double v) { return v + 1; });
                     },
                 .gradient = {.units = 16, .length = 16}});
        }
        run_op_cases(computed);
    }

    TEST_CASE("layout: a flipped operand of a kernel that follows strides") {
        OpCase row{
            .name = "matmul of flips",
            .inputs = {{.shape = {3, 5, 7}}, {.shape = {3, 7, 4}}},
            .build = [](const Tensors& in) { return matmul(flip(in[0], {0}), flip(in[1], {1})); },
            .reference =
                [](const Arrays& in) {
                    const Array a = flipped(in[0], {0}), b = flipped(in[1], {1});
                    return make_array({3, 5, 4}, [&](const Index& i) {
                        double sum = 0;
                        for (std::int64_t k = 0; k < 7; ++k)
                            sum += at(a, {i[0], i[1], k}) * at(b, {i[0], k, i[2]});
                        return sum;
                    });
                },
            .forward = {.length = 7},
            .gradient = {.units = 16, .length = 7}};
        run_op_cases({row});
    }

    TEST_CASE("layout: errors name the operation and the sizes") {
        const Tensor x = input({4, 6});
        CHECK(thrown_message([&] {
                  reshape(x, {5, 5});
              }) == "invalid argument: reshape: [4, 6] has 24 elements, [5, 5] has 25");
        CHECK(thrown_message([&] {
                  reshape(x, {5, -1});
              }).find("do not divide by the 5") != std::string::npos);
        CHECK(thrown_message([&] {
                  permute(x, {0, 0});
              }) == "invalid argument: permute: [0, 0] does not name every axis of [4, 6] once");
        CHECK(thrown_message([&] { expand(x, {4, 5}); }).find("expand: ") != std::string::npos);
        CHECK(thrown_message([&] { slice(x, {.begin = 3, .end = 3}); }).find("slice: [3, 3)") !=
              std::string::npos);
        CHECK(thrown_message([&] {
                  flip(x, {0, -2});
              }) == "invalid argument: flip: axes [0, -2] of [4, 6] name one axis twice");
        CHECK(thrown_message([&] { flip(x, {2}); }).find("flip: ") != std::string::npos);
        CHECK(thrown_message([&] { unsqueeze(x, 3); }).find("unsqueeze: no axis 3") !=
              std::string::npos);
        CHECK(thrown_message([&] {
                  unsqueeze(input({1, 1, 1, 1, 1, 1, 1, 1}), 0);
              }).find("at most 8 axes") != std::string::npos);
        CHECK(thrown_message([&] { squeeze(x, 2); }).find("squeeze: ") != std::string::npos);
        CHECK(thrown_message([&] { diagonal(x, 6); }) ==
              "invalid argument: diagonal: offset 6 lies outside the 4 x 6 of [4, 6]");
        CHECK(thrown_message([&] { diagonal(x, -4); }).find("offset -4") != std::string::npos);
        CHECK(thrown_message([&] { diagonal(x, 0, 1, -1); }).find("are one axis") !=
              std::string::npos);
        CHECK(thrown_message([&] { diagonal(input({4})); }).find("diagonal: ") !=
              std::string::npos);
        CHECK(thrown_message([&] { flatten(x, 1, 0); }).find("flatten: axis 1") !=
              std::string::npos);
    }
}
