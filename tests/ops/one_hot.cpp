// SPDX-License-Identifier: MIT
// One-hot rows of floats and integers; indices out of range are reported.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(one_hot);

namespace {

OpCase row(Shape shape, std::int64_t classes, DType dtype = f32) {
    return {.name = to_string(shape) + " of " + std::to_string(classes),
            .inputs = {{.shape = shape,
                        .dtype = i32,
                        .low = 0,
                        .high = static_cast<double>(classes - 1)}},
            .build = [=](const Tensors& in) { return one_hot(in[0], classes, dtype); },
            .reference =
                [=](const Arrays& in) {
                    return make_array(shape.inserted(shape.rank(), classes), [&](Index i) {
                        const auto column = static_cast<double>(i.back());
                        i.pop_back();
                        return at(in[0], i) == column ? 1.0 : 0.0;
                    });
                },
            .forward = {.units = 0},
            .has_gradient = false};
}

}  // namespace

TEST_SUITE("one_hot") {
    TEST_CASE("one_hot: shapes") {
        run_op_cases({row({}, 3), row({1}, 1), row({5}, 7), row({65}, 63), row({2, 3, 4}, 10),
                      row({7}, 1009), row({6}, 5, i32), row({6}, 5, u8), row({2, 7}, 67, boolean)});
    }

    TEST_CASE("one_hot: an index out of range stops the step and is named") {
        const Tensor indices = input({3}, i32);
        for (const std::int32_t bad : {4, -1, 2'000'000'000}) {
            const std::vector<std::int32_t> values{0, bad, bad};
            const Tensor y = one_hot(indices, 4);
            Program program = test_device().compile({.outputs = {y}}, {.guard_bytes = true});
            program.run({{indices, values}});
            const std::string message = thrown_message([&] { program.wait(); });
            CHECK_MESSAGE(message.starts_with("data: "), message);
            CHECK_MESSAGE(message.find("one_hot") != std::string::npos, message);
            CHECK_MESSAGE(message.find("1") != std::string::npos, message);
            check_validation();
        }
    }

    TEST_CASE("one_hot: errors name the sizes") {
        CHECK(thrown_message([] { one_hot(input({3}), 4); }) ==
              "invalid argument: one_hot: takes indices of i32, not f32[3]");
        CHECK(thrown_message([] { one_hot(input({3}, i32), 0); }).find("one_hot: 0 classes") !=
              std::string::npos);
        CHECK(thrown_message([] { one_hot(input({3}, u8), 4); }).find("not u8[3]") !=
              std::string::npos);
        CHECK(thrown_message([] {
                  one_hot(input({1, 1, 1, 1, 1, 1, 1, 1}, i32), 4);
              }).find("one_hot: ") != std::string::npos);
    }
}
