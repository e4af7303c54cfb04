// SPDX-License-Identifier: MIT
// Scaled dot-product attention: sizes around the tiles, grouped heads, masks of every broadcast,
// causal order, rows that see nothing, views, dropout, memory.
#include "support/op_case.h"
#include "support/reference.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(attention);

namespace {

struct Setup {
    std::int64_t B = 1, H = 1, Hkv = 1, L = 1, S = 1, E = 8, Ev = 0;  // Ev 0: as E
    bool causal = false;
    Shape mask{};  // rank 0: none
    std::int64_t width() const { return Ev == 0 ? E : Ev; }
};

// inputs: q, k, v, and the mask if there is one
Array attention_of(const Arrays& in, bool causal) {
    const Array &q = in[0], &k = in[1], &v = in[2];
    const std::int64_t B = q.shape[0], H = q.shape[1], L = q.shape[2], E = q.shape[3];
    const std::int64_t S = k.shape[2], Ev = v.shape[3], share = H / k.shape[1];
    Array o(Shape{B, H, L, Ev});
    std::vector<double> score(static_cast<std::size_t>(S));
    for (std::int64_t b = 0; b < B; ++b) {
        for (std::int64_t h = 0; h < H; ++h) {
            for (std::int64_t i = 0; i < L; ++i) {
                double largest = -1e300, total = 0;
                for (std::int64_t j = 0; j < S; ++j) {
                    double s = 0;
                    for (std::int64_t e = 0; e < E; ++e)
                        s += at(q, {b, h, i, e}) * at(k, {b, h / share, j, e});
                    s /= std::sqrt(static_cast<double>(E));
                    if (in.size() > 3) s += at(in[3], {b, h, i, j});
                    if (causal && j > i) s = -1e300;
                    score[static_cast<std::size_t>(j)] = s;
                    largest = std::max(largest, s);
                }
                if (largest < -1e38) continue;  // sees nothing
                for (double& s : score) {
                    s = std::exp(s - largest);
                    total += s;
                }
                for (std::int64_t j = 0; j < S; ++j) {
                    const double w = score[static_cast<std::size_t>(j)] / total;
                    for (std::int64_t e = 0; e < Ev; ++e)
                        o[((b * H + h) * L + i) * Ev + e] += w * at(v, {b, h / share, j, e});
                }
            }
        }
    }
    return o;
}

OpCase row(const Setup& s) {
    OpCase result{
        .name = "q " + to_string(Shape{s.B, s.H, s.L, s.E}) + ", k " +
                to_string(Shape{s.B, s.Hkv, s.S, s.E}) + ", Ev " + std::to_string(s.width()) +
                (s.causal ? ", causal" : "") +
                (s.mask.rank() > 0 ? ", mask " + to_string(s.mask) : std::string()),
        .inputs = {{.shape = {s.B, s.H, s.L, s.E}, .low = -2, .high = 2},
                   {.shape = {s.B, s.Hkv, s.S, s.E}, .low = -2, .high = 2},
                   {.shape = {s.B, s.Hkv, s.S, s.width()}}},
        .build =
            [=](const Tensors& in) {
                return scaled_dot_product_attention(
                    in[0], in[1], in[2],
                    {.mask = in.size() > 3 ? in[3] : Tensor(), .is_causal = s.causal});
            },
        .reference = [=](const Arrays& in) { return attention_of(in, s.causal); },
        // Scores of up to 4 sqrt(E) lose that many units in the exponent; sums of weights that
        // add up to 1 lose little.
        .forward = {.units = 16, .length = 1 + std::sqrt(static_cast<double>(s.E)) / 4},
        .gradient = {.units = 64,
                     .length = 1 + std::sqrt(static_cast<double>(s.E * s.L * s.H / s.Hkv)) / 4},
        .samples = 8};
    if (s.mask.rank() > 0) result.inputs.push_back({.shape = s.mask});
    return result;
}

}  // namespace

TEST_SUITE("attention") {
    TEST_CASE("attention: rows and keys around the tiles") {
        std::vector<OpCase> cases;
        for (const std::int64_t n : {1, 7, 8, 9, 15, 16, 17, 64, 65}) {
            cases.push_back(row({.L = n, .S = 11}));
            cases.push_back(row({.L = 5, .S = n}));
            cases.push_back(row({.L = n, .S = n, .causal = true}));
        }
        cases.push_back(row({.B = 2, .H = 3, .Hkv = 3, .L = 131, .S = 67, .E = 16}));
        // As long as the large tiles want it, and a little beyond them.
        cases.push_back(row({.L = 130, .S = 161, .E = 36}));
        cases.push_back(row({.H = 2, .L = 163, .S = 129, .E = 7, .causal = true}));
        run_op_cases(cases);
    }

    TEST_CASE("attention: widths") {
        std::vector<OpCase> cases;
        for (const std::int64_t e : {1, 7, 8, 31, 32, 33, 63, 64, 65, 80, 128}) {
            cases.push_back(row({.H = 2, .Hkv = 2, .L = 9, .S = 10, .E = e}));
        }
        for (const std::int64_t e : {1, 12, 65, 128}) {
            cases.push_back(row({.L = 3, .S = 5, .E = 16, .Ev = e}));
            cases.push_back(row({.L = 3, .S = 5, .E = e, .Ev = 20}));
        }
        cases.push_back(row({.L = 17, .S = 9, .E = 256}));
        run_op_cases(cases);
    }

    TEST_CASE("attention: grouped heads") {
        std::vector<OpCase> cases;
        for (const std::int64_t keys : {1, 2, 3, 6}) {
            cases.push_back(row({.B = 2, .H = 6, .Hkv = keys, .L = 10, .S = 12, .E = 12}));
        }
        cases.push_back(row({.B = 2, .H = 4, .Hkv = 2, .L = 19, .S = 19, .causal = true}));
        run_op_cases(cases);
    }

    TEST_CASE("attention: causal order whatever L and S") {
        run_op_cases({row({.L = 5, .S = 40, .causal = true}),
                      row({.L = 40, .S = 5, .causal = true}),
                      row({.H = 2, .Hkv = 2, .L = 70, .S = 70, .E = 20, .causal = true})});
    }

    TEST_CASE("attention: masks of every broadcast, trained") {
        std::vector<OpCase> cases;
        const Setup base{.B = 2, .H = 4, .Hkv = 2, .L = 10, .S = 13, .E = 12};
        for (const Shape& mask :
             {Shape{2, 4, 10, 13}, Shape{2, 1, 1, 13}, Shape{4, 10, 13}, Shape{10, 13}, Shape{13},
              Shape{10, 1}, Shape{1}, Shape{2, 1, 10, 1}}) {
            Setup s = base;
            s.mask = mask;
            cases.push_back(row(s));
            s.causal = true;
            cases.push_back(row(s));
        }
        run_op_cases(cases);
    }

    TEST_CASE("attention: hidden keys count for nothing, a row without keys is 0") {
        constexpr double kNone = -std::numeric_limits<double>::infinity();
        OpCase padded = row({.B = 2, .L = 9, .S = 11, .mask = {2, 1, 1, 11}});
        OpCase full = row({.L = 9, .S = 11, .mask = {9, 11}});
        OpCase lowest = full;
        for (std::int64_t i = 0; i < 22; ++i)
            padded.inputs[3].values.push_back(i % 11 > 11 - 3 * (i / 11 + 1) ? kNone : 0);
        for (std::int64_t i = 0; i < 99; ++i) {
            const bool hidden = i / 11 == 4 || i % 7 == 2;
            full.inputs[3].values.push_back(hidden ? kNone : 0.25 * static_cast<double>(i % 3));
            lowest.inputs[3].values.push_back(hidden ? std::numeric_limits<float>::lowest() : 0.0);
        }
        for (OpCase* c : {&padded, &full, &lowest}) {
            c->inputs[3].differentiable = false;
            c->name += ", hidden";
        }
        run_op_cases({padded, full, lowest});
    }

    TEST_CASE("attention: large scores stay finite") {
        OpCase large = row({.L = 9, .S = 33, .E = 16});
        for (int i : {0, 1}) {  // whole numbers, so that the scores are exact in f32
            for (std::int64_t n = 0; n < large.inputs[static_cast<std::size_t>(i)].shape.count();
                 ++n) {
                large.inputs[static_cast<std::size_t>(i)].values.push_back(
                    static_cast<double>((n * 7919 + i * 31) % 201 - 100));
            }
        }
        large.name += ", large";
        large.has_gradient = false;
        run_op_cases({large});
    }

    TEST_CASE("attention: scores of 1e4 have gradients") {
        // q k^T / 4 is +-1e4 of which one half of the keys is above the other by 2e4, and within a
        // half they differ by quarters: each row shares its weights among half of the keys.
        OpCase far = row({.L = 9, .S = 34, .E = 16});
        for (std::int64_t i = 0; i < 9; ++i) {
            for (std::int64_t e = 0; e < 16; ++e)
                far.inputs[0].values.push_back(e == 0 ? 4 : i % 2 == 0 ? 200 : -200);
        }
        for (std::int64_t j = 0; j < 34; ++j) {
            for (std::int64_t e = 0; e < 16; ++e) {
                const double sum_200 = e <= 5 ? 14 : 13;  // fifteen of them
                far.inputs[1].values.push_back(e == 0   ? 0.25 * static_cast<double>(j * 5 % 13)
                                               : j < 17 ? sum_200
                                                        : -sum_200);
            }
        }
        far.name += ", +-1e4";
        // The logarithm of a row's sum is near 1e4 and rounded to 2^-10 of itself there, so that
        // the weights of the gradient are, too.
        far.gradient = {.units = 16, .length = 1e4};
        far.step = 1e-7;
        run_op_cases({far});
    }

    TEST_CASE("attention: views are followed") {
        const Setup s{.B = 2, .H = 3, .Hkv = 3, .L = 10, .S = 10, .E = 12};
        OpCase inside = row(s);
        inside.name = "heads inside";
        for (OpInput& input : inside.inputs)
            input.shape = {2, 10, 3, 12};
        inside.build = [](const Tensors& in) {
            const Tensor o =
                scaled_dot_product_attention(transpose(in[0], 1, 2), transpose(in[1], 1, 2),
                                             transpose(in[2], 1, 2), {.is_causal = true});
            return reshape(transpose(o, 1, 2), {2, 10, 36});
        };
        const auto turned = [](const Array& x) { return permuted(x, {0, 2, 1, 3}); };
        inside.reference = [=](const Arrays& in) {
            return with_shape(
                turned(attention_of({turned(in[0]), turned(in[1]), turned(in[2])}, true)),
                {2, 10, 36});
        };
        // One projection for q, k and v, as networks have it: [B, L, 3, H, E].
        OpCase packed = inside;
        packed.name = "packed";
        packed.inputs = {{.shape = {2, 10, 3 * 36}}};
        packed.build = [](const Tensors& in) {
            const auto part = [&](std::int64_t i) {
                const Tensor x = slice(in[0], {.axis = 2, .begin = i * 36, .end = i * 36 + 36});
                return transpose(reshape(x, {2, 10, 3, 12}), 1, 2);
            };
            return scaled_dot_product_attention(part(0), part(1), part(2));
        };
        packed.reference = [=](const Arrays& in) {
            const auto part = [&](std::int64_t i) {
                return turned(with_shape(sliced(in[0], 2, i * 36, i * 36 + 36), {2, 10, 3, 12}));
            };
            return attention_of({part(0), part(1), part(2)}, false);
        };
        // The rows themselves strided: these are copied.
        OpCase strided = row(s);
        strided.name = "last axis strided";
        strided.inputs[1].shape = {2, 3, 12, 10};
        strided.build = [](const Tensors& in) {
            return scaled_dot_product_attention(in[0], transpose(in[1]), in[2]);
        };
        strided.reference = [](const Arrays& in) {
            return attention_of({in[0], permuted(in[1], {0, 1, 3, 2}), in[2]}, false);
        };
        run_op_cases({inside, packed, strided});

        const Tensor q = input({2, 10, 3, 12}), m = input({2, 1, 1, 10});
        const Tensor t = transpose(q, 1, 2);
        const Tensor o = reshape(
            transpose(scaled_dot_product_attention(t, t, t, {.mask = m}), 1, 2), {2, 10, 36});
        CHECK(test_device().compile({.outputs = {o}}).stats().dispatches == 1);
    }

    TEST_CASE("attention: memory does not grow with L * S") {
        const std::int64_t L = 2048;
        const Tensor q = input({1, 2, L, 16}), k = input({1, 1, L, 16}), v = input({1, 1, L, 16});
        const Tensor m = input({1, 1, 1, L});
        const Tensor o = scaled_dot_product_attention(q, k, v, {.mask = m, .is_causal = true});
        Graph graph{.outputs = gradients(sum(square(o)), std::array{q, k, v})};
        const Program program = test_device().compile(graph);
        CHECK(program.stats().arena_bytes < static_cast<std::uint64_t>(L * L * 4 / 8));
    }

    TEST_CASE("attention: dropped weights are those of the gradient") {
        // With v the unit matrix the output is the weights themselves.
        const std::int64_t L = 24, S = 16;
        Generator generator(5);
        const Tensor q = input({2, 1, L, 8}), k = input({2, 1, S, 8}), v = input({2, 1, S, S});
        const Tensor w = input({2, 1, L, S});
        const Tensor o =
            scaled_dot_product_attention(q, k, v, {.dropout = 0.25F, .generator = &generator});
        const Tensor d_v = gradients(sum(o * w), std::array{v})[0];
        std::vector<float> zeros(2 * L * 8), zeros_k(2 * S * 8), unit(2 * S * S),
            weights(2 * L * S);
        for (std::int64_t i = 0; i < 2 * S; ++i)
            unit[static_cast<std::size_t>(i * S + i % S)] = 1;
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = static_cast<float>(i % 5) - 2;
        const auto results = compute(
            {o, d_v},
            std::array<Feed, 4>{Feed{q, zeros}, Feed{k, zeros_k}, Feed{v, unit}, Feed{w, weights}});
        int dropped = 0;
        for (const float y : results[0]) {
            const bool is_dropped = y == 0.0F;
            dropped += is_dropped ? 1 : 0;
            CHECK((is_dropped || std::abs(y - 1.0F / 16 / 0.75F) < 1e-6F));
        }
        CHECK(dropped > 0.17 * 2 * L * S);
        CHECK(dropped < 0.33 * 2 * L * S);
        for (std::int64_t b = 0; b < 2; ++b) {
            for (std::int64_t j = 0; j < S; ++j) {
                for (std::int64_t e = 0; e < S; ++e) {
                    double expected = 0;
                    for (std::int64_t i = 0; i < L; ++i) {
                        const auto row = static_cast<std::size_t>((b * L + i) * S);
                        expected +=
                            static_cast<double>(results[0][row + static_cast<std::size_t>(j)]) *
                            static_cast<double>(weights[row + static_cast<std::size_t>(e)]);
                    }
                    const auto at = static_cast<std::size_t>((b * S + j) * S + e);
                    CHECK(std::abs(static_cast<double>(results[1][at]) - expected) < 1e-5);
                }
            }
        }
    }

    TEST_CASE("attention: the gradient through dropped weights") {
        // o is linear in a small step of q's scale: the same random numbers, two programs' runs.
        Generator generator(9);
        const Tensor q = input({1, 2, 9, 8}), k = input({1, 2, 11, 8}), v = input({1, 2, 11, 8});
        const Tensor o =
            scaled_dot_product_attention(q, k, v, {.dropout = 0.5F, .generator = &generator});
        const Tensor loss = sum(square(o));
        const auto d = gradients(loss, std::array{q, k});
        const auto floats = [](const Tensor& x, std::uint64_t seed) {
            const auto values = values_for({.shape = x.shape()}, seed);
            return std::vector<float>(values.begin(), values.end());
        };
        std::vector<float> a = floats(q, 1), b = floats(k, 2), c = floats(v, 3);
        Program program = test_device().compile({.outputs = {loss, d[0], d[1]}});
        const auto loss_at = [&] {
            generator.set_counter(7);
            program.run({{q, a}, {k, b}, {v, c}});
            return program.read<float>(loss);
        };
        loss_at();
        const auto d_q = program.read_all<float>(d[0]), d_k = program.read_all<float>(d[1]);
        for (const auto& [values, gradient] : {std::pair(&a, &d_q), std::pair(&b, &d_k)}) {
            for (const std::size_t at : {0u, 17u, 100u}) {
                const float x = (*values)[at];
                (*values)[at] = x + 0.01F;
                const float above = loss_at();
                (*values)[at] = x - 0.01F;
                const float below = loss_at();
                (*values)[at] = x;
                // f32 sums near 10 over a step of 0.02: five digits less than a double's.
                CHECK(std::abs((above - below) / 0.02F - (*gradient)[at]) < 2e-3F);
            }
        }
    }

    TEST_CASE("attention: errors name the rule and the sizes") {
        const auto message = [](const Shape& q, const Shape& k, const Shape& v,
                                const AttentionOptions& options = {}) {
            return thrown_message(
                [&] { scaled_dot_product_attention(input(q), input(k), input(v), options); });
        };
        const Shape x{2, 4, 8, 16};
        const std::string start = "invalid argument: scaled_dot_product_attention: ";
        CHECK(message({4, 8, 16}, x, x) ==
              start +
                  "takes f32[B, heads, rows, E]; q f32[4, 8, 16], k f32[2, 4, 8, 16], v "
                  "f32[2, 4, 8, 16]");
        CHECK(thrown_message([&] {
                  scaled_dot_product_attention(input(x, i32), input(x), input(x));
              }).find("takes f32") != std::string::npos);
        const auto says = [&](const std::string& text, const std::string& part) {
            CHECK_MESSAGE(text.find(start + part) == 0, text);
        };
        says(message({1, 4, 8, 16}, x, x), "batch sizes differ");
        says(message(x, {2, 4, 9, 16}, x), "k and v have different numbers of rows");
        says(message(x, {2, 2, 8, 16}, x), "k and v have different numbers of heads");
        says(message(x, {2, 4, 8, 15}, x), "q and k have different widths");
        says(message(x, {2, 3, 8, 16}, {2, 3, 8, 16}), "4 heads of q do not share 3 heads of k");
        says(message(x, x, x, {.scale = std::numeric_limits<float>::infinity()}), "scale is inf");
        says(message(x, x, x, {.dropout = 1}), "dropout is 1, not in [0, 1)");
        says(message(x, x, x, {.dropout = 0.5F}), "dropout 0.5 needs a generator");
        says(message(x, x, x, {.mask = input({2, 4, 8, 7})}), "the mask [2, 4, 8, 7] cannot");
        says(message(x, x, x, {.mask = input({1, 2, 4, 8, 8})}), "the mask [1, 2, 4, 8, 8] cannot");
        says(message(x, x, x, {.mask = input({8, 8}, i32)}), "the mask is i32[8, 8]");
    }
}
