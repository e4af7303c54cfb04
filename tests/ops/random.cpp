// SPDX-License-Identifier: MIT
// Uniform numbers against the generator on the host, word for word; normal ones against those made
// of them in double; dropout's mask, its gradient, its share of zeros, and how runs and streams
// differ.
#include "core/random.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(random);

namespace {

// What shaders/common/philox.glsl gives for one element.
float expected(std::uint64_t seed, std::uint32_t index, std::uint32_t run, std::uint32_t stream) {
    const std::uint32_t key = RandomStream(seed, stream_of(RandomPurpose::kDropout)).word();
    const PhiloxCounter words = philox4x32_10({index >> 2, 0, run, 0}, {key, stream});
    return uniform_from_word(words[index & 3]);
}

std::vector<float> ones(std::int64_t count) {
    return std::vector<float>(static_cast<std::size_t>(count), 1.0F);
}

}  // namespace

TEST_SUITE("random") {
    TEST_CASE("random: uniforms are those of the host, for every run and stream") {
        for (const std::int64_t count : {1, 3, 4, 64, 65, 1009}) {
            Generator generator(42);
            const Tensor first = generator.uniform({count});
            const Tensor second = generator.uniform({count});
            Program program =
                test_device().compile({.outputs = {first, second}}, {.guard_bytes = true});
            for (std::uint32_t run = 0; run < 3; ++run) {
                CHECK(generator.counter() == run);
                program.run({});
                const Tensor outputs[] = {first, second};
                for (std::uint32_t stream = 0; stream < 2; ++stream) {
                    const auto values = program.read_all<float>(outputs[stream]);
                    for (std::uint32_t i = 0; i < values.size(); ++i) {
                        REQUIRE(values[i] == expected(42, i, run, stream));
                    }
                }
            }
            program.check_guards();
        }
        check_validation();
    }

    TEST_CASE("random: normal numbers are Box and Muller's, of two streams") {
        const std::int64_t count = 100'003;
        Generator generator(42);
        const Tensor first = generator.normal({count}), second = generator.normal({count});
        Program program = test_device().compile({.outputs = {first, second}});
        double moments[5] = {}, product = 0;
        for (std::uint32_t run = 0; run < 2; ++run) {
            program.run({});
            const auto x = program.read_all<float>(first), y = program.read_all<float>(second);
            for (std::uint32_t i = 0; i < x.size(); ++i) {
                const double u = expected(42, i, run, 0), v = expected(42, i, run, 1);
                const double exact =
                    std::sqrt(-2 * std::log(1 - u)) * std::cos(6.283185307179586 * v);
                // Vulkan's log is off by 2^-21 close to 1, where its root multiplies that; its cos
                // by 2^-11 within +-pi, and ours go to 2 pi.
                REQUIRE(std::abs(x[i] - exact) < 4e-3);
                double power = 1;
                for (double& moment : moments) {
                    moment += power / (2 * static_cast<double>(count));
                    power *= x[i];
                }
                product += static_cast<double>(x[i]) * y[i] / (2 * static_cast<double>(count));
            }
        }
        // Within four standard errors of 0, 1, 0 and 3; of n numbers, the n-th moment's deviation
        // is sqrt((E x^2n - (E x^n)^2) / n).
        CHECK(std::abs(moments[1]) < 4 * std::sqrt(1 / 2e5));
        CHECK(std::abs(moments[2] - 1) < 4 * std::sqrt(2 / 2e5));
        CHECK(std::abs(moments[3]) < 4 * std::sqrt(15 / 2e5));
        CHECK(std::abs(moments[4] - 3) < 4 * std::sqrt(96 / 2e5));
        CHECK(std::abs(product) < 4 * std::sqrt(1 / 2e5));
        check_validation();
    }

    TEST_CASE("random: the counter can be set back") {
        Generator generator(7);
        const Tensor u = generator.uniform({16});
        Program program = test_device().compile({.outputs = {u}});
        program.run({});
        const auto first = program.read_all<float>(u);
        program.run({});
        CHECK(program.read_all<float>(u) != first);
        generator.set_counter(0);
        program.run({});
        CHECK(program.read_all<float>(u) == first);
        CHECK(generator.counter() == 1);
    }

    TEST_CASE("random: dropout keeps, scales and lets the gradient through where it kept") {
        for (const float p : {0.25F, 0.5F, 0.9F}) {
            for (const Shape& shape : {Shape{1}, Shape{67}, Shape{64, 129}}) {
                Generator generator(3);
                const Tensor x = input(shape);
                const Tensor y = dropout(x * 2.0F, generator, p);
                const Tensor d = gradients(sum(y), std::array{x})[0];
                const auto values = ones(shape.count());
                const Feed feeds[] = {{x, values}};
                const auto results = compute({y, d}, feeds);
                CHECK(results[0] == results[1]);  // both 2 / (1 - p) where kept
                for (std::uint32_t i = 0; i < values.size(); ++i) {
                    const bool kept = expected(3, i, 0, 0) >= p;
                    REQUIRE(results[0][i] == doctest::Approx(kept ? 2 / (1 - p) : 0));
                }
            }
        }
        const Tensor x = input({5});
        Generator generator;
        CHECK(dropout(x, generator, 0) == x);
    }

    TEST_CASE("random: dropout of floats of every width") {
        std::vector<OpCase> cases;
        for (const float p : {0.25F, 0.5F}) {
            for (const Shape& shape : {Shape{1}, Shape{5}, Shape{31, 33}}) {
                cases.push_back({.name = "dropout " + to_string(shape),
                                 .inputs = {{.shape = shape}},
                                 .build =
                                     [=](const Tensors& in) {
                                         Generator generator(3);
                                         return dropout(in[0], generator, p);
                                     },
                                 .reference =
                                     [=](const Arrays& in) {
                                         Array y(shape);
                                         for (std::int64_t i = 0; i < y.count(); ++i) {
                                             const auto place = static_cast<std::uint32_t>(i);
                                             const bool kept = expected(3, place, 0, 0) >= p;
                                             y[i] = kept ? in[0][i] / (1 - p) : 0;
                                         }
                                         return y;
                                     },
                                 .repeatable = false});
            }
        }
        run_op_cases(cases);
    }

    TEST_CASE("random: a share of p is dropped") {
        Generator generator(11);
        const std::int64_t count = 100'000;
        const Tensor x = input({count});
        const auto values = ones(count);
        const Feed feeds[] = {{x, values}};
        for (const float p : {0.1F, 0.5F, 0.8F}) {
            const auto y = compute({dropout(x, generator, p)}, feeds)[0];
            const auto zeros = static_cast<double>(std::count(y.begin(), y.end(), 0.0F));
            CHECK(zeros / static_cast<double>(count) == doctest::Approx(p).epsilon(0.02));
        }
    }

    TEST_CASE("random: a dropped NaN is gone") {
        Generator generator(5);
        const Tensor x = input({256});
        const std::vector<float> values(256, std::numeric_limits<float>::quiet_NaN());
        const Feed feeds[] = {{x, values}};
        const auto y = compute({dropout(x, generator, 0.5F)}, feeds)[0];
        for (std::uint32_t i = 0; i < 256; ++i) {
            CHECK((y[i] == 0.0F) == (expected(5, i, 0, 0) < 0.5F));
        }
    }

    TEST_CASE("random: dropout and its gradient are made where they are used") {
        Generator generator;
        const Tensor x = input({64, 100});
        const Tensor d = input({64, 100});
        const Tensor y = relu(dropout(x, generator));
        CHECK(test_device().compile({.outputs = {y}}).stats().dispatches == 1);
        const Tensor d_x = gradients(sum(dropout(x, generator) * d), std::array{x})[0];
        CHECK(test_device().compile({.outputs = {d_x}}).stats().dispatches == 1);
    }

    TEST_CASE("random: errors") {
        Generator generator;
        CHECK(thrown_message([&] { dropout(input({3}), generator, 1); }) ==
              "invalid argument: dropout: p is 1, not in [0, 1)");
        CHECK(thrown_message([&] { dropout(input({3}, i32), generator); }) ==
              "invalid argument: dropout: takes f32, not i32[3]");
    }
}
