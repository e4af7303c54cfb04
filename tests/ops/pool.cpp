// SPDX-License-Identifier: MIT
// Pooling against plain loops over doubles. The maximum's inputs are distinct, so that central
// differences see one winner a window; ties and NaN have tests of their own.
#include "ops/conv_reference.h"
#include "support/op_case.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;

INGOT_OP_FAMILY(pool);

namespace {

enum class Kind { kMax, kMean };

// One axis as the reference sees it: the options' numbers, or only the sizes of an adaptive one.
struct Axis {
    std::int64_t kernel = 1, stride = 1, padding = 0, dilation = 1;
    bool ceil_mode = false, include_pad = true;
    std::int64_t parts = 0;  // adaptive

    std::int64_t count(std::int64_t size) const {
        if (parts > 0) return parts;
        const std::int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
        std::int64_t windows = room / stride + 1;
        if (ceil_mode && room % stride != 0 && windows * stride < size + padding) ++windows;
        return windows;
    }
    std::vector<std::int64_t> window(std::int64_t i, std::int64_t size) const {  // within x
        std::vector<std::int64_t> places;
        if (parts > 0) {
            for (std::int64_t at = i * size / parts; at * parts < (i + 1) * size; ++at)
                places.push_back(at);
            return places;
        }
        for (std::int64_t u = 0; u < kernel; ++u) {
            const std::int64_t at = i * stride - padding + u * dilation;
            if (at >= 0 && at < size) places.push_back(at);
        }
        return places;
    }
    std::int64_t divisor(std::int64_t i, std::int64_t size) const {
        if (parts > 0 || !include_pad) return static_cast<std::int64_t>(window(i, size).size());
        return std::min(kernel, size + padding - (i * stride - padding));
    }
};

Array pooled(const Array& x, const std::vector<Axis>& axes, Kind kind) {
    Shape shape = x.shape;
    for (std::size_t a = 0; a < axes.size(); ++a)
        shape = shape.with(2 + a, axes[a].count(x.shape[2 + a]));
    return make_array(shape, [&](const Index& i) {
        std::vector<Index> places{{i[0], i[1]}};
        double divisor = 1;
        for (std::size_t a = 0; a < axes.size(); ++a) {
            std::vector<Index> longer;
            for (const Index& place : places) {
                for (const std::int64_t at : axes[a].window(i[2 + a], x.shape[2 + a])) {
                    longer.push_back(place);
                    longer.back().push_back(at);
                }
            }
            places = std::move(longer);
            divisor *= static_cast<double>(axes[a].divisor(i[2 + a], x.shape[2 + a]));
        }
        double sum = 0, largest = -std::numeric_limits<double>::infinity();
        for (const Index& place : places) {
            sum += at(x, place);
            largest = std::max(largest, at(x, place));
        }
        return kind == Kind::kMean ? sum / divisor : largest;
    });
}

template <typename Options>
std::vector<Axis> axes_of(const Options& o) {
    std::vector<Axis> axes;
    const auto kernel = numbers(o.kernel), stride = numbers(o.stride), padding = numbers(o.padding);
    for (std::size_t a = 0; a < kernel.size(); ++a) {
        axes.push_back({.kernel = kernel[a],
                        .stride = stride[a] == 0 ? kernel[a] : stride[a],
                        .padding = padding[a],
                        .ceil_mode = o.ceil_mode});
        if constexpr (requires { o.dilation; }) axes.back().dilation = numbers(o.dilation)[a];
        if constexpr (requires { o.count_include_pad; }) {
            axes.back().include_pad = o.count_include_pad;
        }
    }
    return axes;
}

OpCase pool_case(const char* name, const Shape& x, const std::vector<Axis>& axes, Kind kind,
                 std::function<Tensor(const Tensor&)> pool) {
    double length = 1;
    for (std::size_t a = 0; a < axes.size(); ++a) {
        const Axis& axis = axes[a];
        length *= static_cast<double>(axis.parts > 0 ? x[2 + a] / axis.parts + 2 : axis.kernel);
    }
    const bool mean = kind == Kind::kMean;
    return {.name = name,
            .inputs = {{.shape = x, .distinct = !mean}},
            .build = [pool](const Tensors& in) { return pool(in[0]); },
            .reference = [=](const Arrays& in) { return pooled(in[0], axes, kind); },
            .forward = {.units = 1, .length = mean ? length : 1},
            .gradient = {.units = 4, .length = length}};
}

template <typename Options>
struct Row {
    const char* name;
    Shape x;
    Options options = {};
};

template <typename Options>
void run(Kind kind, Tensor (*pool)(const Tensor&, const Options&),
         std::initializer_list<Row<Options>> rows) {
    std::vector<OpCase> cases;
    for (const Row<Options>& row : rows) {
        cases.push_back(pool_case(row.name, row.x, axes_of(row.options), kind,
                                  [pool, o = row.options](const Tensor& x) { return pool(x, o); }));
    }
    run_op_cases(cases);
}

template <typename Sizes>
void run_adaptive(Kind kind, Tensor (*pool)(const Tensor&, Sizes),
                  std::initializer_list<Row<Sizes>> rows) {
    std::vector<OpCase> cases;
    for (const Row<Sizes>& row : rows) {
        std::vector<Axis> axes;
        for (const std::int64_t parts : numbers(row.options))
            axes.push_back({.parts = parts});
        cases.push_back(pool_case(row.name, row.x, axes, kind,
                                  [pool, o = row.options](const Tensor& x) { return pool(x, o); }));
    }
    run_op_cases(cases);
}

// Windows of images, the same for both kinds.
template <typename Options>
void run_images(Kind kind, Tensor (*pool)(const Tensor&, const Options&)) {
    run<Options>(kind, pool,
                 {{"one of everything", {1, 1, 1, 1}, {.kernel = {1, 1}}},
                  {"2x2", {2, 3, 8, 6}},
                  {"2x2, odd sizes", {2, 3, 7, 5}},
                  {"the whole image", {3, 2, 5, 7}, {.kernel = {5, 7}}},
                  {"3x3, stride 2, padding 1", {2, 3, 9, 8}, {{3, 3}, {2, 2}, {1, 1}}},
                  {"overlapping 3x3", {1, 2, 7, 11}, {{3, 3}, {1, 1}, {0, 0}}},
                  {"overlapping 3x3, padding 1", {1, 2, 7, 5}, {{3, 3}, {1, 1}, {1, 1}}},
                  {"2x4, stride 1x3, padding 1x2", {2, 2, 5, 13}, {{2, 4}, {1, 3}, {1, 2}}},
                  {"5x2, stride 3x1, padding 2x0", {2, 2, 11, 4}, {{5, 2}, {3, 1}, {2, 0}}},
                  {"gaps between windows", {2, 2, 11, 10}, {{2, 1}, {3, 4}, {0, 0}}},
                  {"63 outputs", {1, 7, 6, 6}},
                  {"65 outputs", {13, 1, 3, 11}, {{2, 2}, {3, 2}, {0, 0}}},
                  {"strips of 7 and 8", {1, 2, 4, 30}},
                  {"strips of 8 and 9", {1, 2, 4, 34}, {{1, 2}, {1, 2}, {0, 0}}},
                  {"several groups", {3, 5, 34, 38}},
                  {"9x9, stride 4", {1, 2, 21, 23}, {{9, 9}, {4, 4}, {4, 3}}},
                  {"ceil", {2, 2, 8, 6}, {.kernel = {3, 3}, .stride = {2, 2}, .ceil_mode = true}},
                  {"ceil, padding 1",
                   {2, 2, 6, 7},
                   {.kernel = {3, 2}, .stride = {2, 3}, .padding = {1, 1}, .ceil_mode = true}},
                  {"ceil, no window in the padding behind",
                   {1, 2, 3, 4},
                   {.kernel = {2, 2}, .stride = {3, 3}, .padding = {1, 1}, .ceil_mode = true}},
                  // Beyond 256 positions windows go axis by axis.
                  {"large windows", {2, 2, 40, 19}, {.kernel = {17, 19}, .stride = {5, 1}}},
                  {"large windows, padding, ceil",
                   {1, 2, 30, 25},
                   {.kernel = {20, 16}, .stride = {7, 4}, .padding = {9, 8}, .ceil_mode = true}}});
}

template <typename Call>
std::string message(Call&& call) {
    const std::string kind = "invalid argument: ";
    const std::string text = thrown_message(call);
    return text.starts_with(kind) ? text.substr(kind.size()) : text;
}

std::vector<float> computed(const Tensor& output, const Tensor& x, std::vector<float> values) {
    const Feed feeds[] = {{x, values}};
    return compute({output}, feeds)[0];
}

}  // namespace

TEST_SUITE("pool") {
    TEST_CASE("max_pool2d: sizes, strides, padding") {
        run_images<MaxPool2dOptions>(Kind::kMax, max_pool2d);
        run<MaxPool2dOptions>(Kind::kMax, max_pool2d,
                              {{"dilation 2", {2, 2, 9, 8}, {.kernel = {3, 2}, .dilation = {2, 2}}},
                               {"dilation 3x2, stride 1x3, padding 1, ceil",
                                {1, 3, 11, 13},
                                {{3, 3}, {1, 3}, {1, 1}, {3, 2}, true}},
                               {"large windows, dilation 2",
                                {1, 2, 40, 36},
                                {{18, 16}, {2, 3}, {3, 2}, {2, 2}, true}}});
    }
    TEST_CASE("avg_pool2d: sizes, strides, padding") {
        run_images<AvgPool2dOptions>(Kind::kMean, avg_pool2d);
        run<AvgPool2dOptions>(
            Kind::kMean, avg_pool2d,
            {{"padding does not count", {2, 2, 7, 8}, {{3, 4}, {2, 1}, {1, 2}, false, false}},
             {"padding does not count, ceil", {2, 2, 6, 7}, {{3, 3}, {2, 3}, {1, 1}, true, false}},
             {"no padding to count", {2, 2, 6, 6}, {{3, 3}, {3, 3}, {0, 0}, false, false}},
             {"large windows, padding does not count",
              {1, 2, 30, 25},
              {{20, 16}, {7, 4}, {9, 8}, true, false}}});
    }
    TEST_CASE("pool1d, pool3d") {
        run<MaxPool1dOptions>(
            Kind::kMax, max_pool1d,
            {{"2", {2, 3, 9}},
             {"3, stride 2, padding 1, dilation 2", {2, 3, 19}, {3, 2, 1, 2, true}},
             {"400 positions", {1, 2, 900}, {.kernel = 400, .stride = 50}}});
        run<AvgPool1dOptions>(Kind::kMean, avg_pool1d,
                              {{"2", {2, 3, 9}},
                               {"5, stride 3, padding 2", {2, 3, 19}, {5, 3, 2, true, false}},
                               {"400 positions", {1, 2, 900}, {.kernel = 400, .stride = 50}}});
        run<MaxPool3dOptions>(
            Kind::kMax, max_pool3d,
            {{"2x2x2", {2, 3, 4, 5, 6}},
             {"one slice", {1, 2, 1, 5, 6}, {.kernel = {1, 2, 2}}},
             {"3x2x3, stride 2x1x2, padding 1x1x0, dilation 1x2x1",
              {1, 2, 5, 6, 7},
              {{3, 2, 3}, {2, 1, 2}, {1, 1, 0}, {1, 2, 1}, true}},
             {"large windows", {1, 2, 9, 10, 8}, {{7, 7, 7}, {1, 2, 1}, {0, 1, 3}}}});
        run<AvgPool3dOptions>(
            Kind::kMean, avg_pool3d,
            {{"2x2x2", {2, 3, 4, 5, 6}},
             {"3x2x3, stride 2x1x2, padding 1x1x0, ceil",
              {1, 2, 5, 6, 7},
              {{3, 2, 3}, {2, 1, 2}, {1, 1, 0}, true}},
             {"padding does not count",
              {1, 2, 5, 6, 7},
              {{3, 2, 3}, {1, 2, 2}, {1, 1, 1}, true, false}},
             {"large windows", {1, 2, 9, 10, 8}, {{7, 7, 7}, {1, 2, 1}, {0, 1, 3}, true, false}}});
    }
    TEST_CASE("adaptive pooling") {
        using Two = std::array<std::int64_t, 2>;
        using Three = std::array<std::int64_t, 3>;
        const std::initializer_list<Row<std::int64_t>> lines{
            {"10 in 3", {2, 3, 10}, 3}, {"3 in 7", {2, 3, 3}, 7}, {"997 in 2", {1, 2, 997}, 2}};
        const std::initializer_list<Row<Two>> images{
            {"6x8 in 3x4", {2, 3, 6, 8}, {3, 4}},
            {"7x10 in 3x4", {2, 3, 7, 10}, {3, 4}},
            {"one of each", {2, 3, 7, 5}, {1, 1}},
            {"as it is", {2, 3, 4, 5}, {4, 5}},
            {"2x3 in 5x7", {1, 2, 2, 3}, {5, 7}},
            {"large windows", {1, 2, 45, 37}, {2, 1}},
            {"large windows, overlapping", {1, 2, 45, 37}, {2, 2}}};
        const std::initializer_list<Row<Three>> volumes{
            {"4x5x6 in 2x3x4", {2, 3, 4, 5, 6}, {2, 3, 4}},
            {"one slice", {1, 2, 1, 5, 6}, {1, 2, 3}},
            {"large windows", {1, 2, 11, 13, 12}, {1, 2, 1}}};
        run_adaptive<std::int64_t>(Kind::kMean, adaptive_avg_pool1d, lines);
        run_adaptive<std::int64_t>(Kind::kMax, adaptive_max_pool1d, lines);
        run_adaptive<Two>(Kind::kMean, adaptive_avg_pool2d, images);
        run_adaptive<Two>(Kind::kMax, adaptive_max_pool2d, images);
        run_adaptive<Three>(Kind::kMean, adaptive_avg_pool3d, volumes);
        run_adaptive<Three>(Kind::kMax, adaptive_max_pool3d, volumes);
    }
    TEST_CASE("global pooling") {
        std::vector<OpCase> cases;
        for (const Shape& x : {Shape{2, 3, 7}, Shape{2, 3, 5, 4}, Shape{1, 2, 3, 2, 5}}) {
            std::vector<Axis> axes;
            for (std::size_t axis = 2; axis < x.rank(); ++axis)
                axes.push_back({.parts = 1});
            for (const Kind kind : {Kind::kMean, Kind::kMax}) {
                OpCase made = pool_case("global", x, axes, kind,
                                        kind == Kind::kMean ? global_avg_pool : global_max_pool);
                made.reference = [=](const Arrays& in) {
                    return with_shape(pooled(in[0], axes, kind), {x[0], x[1]});
                };
                cases.push_back(std::move(made));
            }
        }
        run_op_cases(cases);
        CHECK(message([] {
                  global_avg_pool(input({2, 3}));
              }) == "global_avg_pool: takes f32 [B, C, ...], not f32[2, 3]");
        CHECK(message([] {
                  global_max_pool(input({2, 3, 4}, i32));
              }) == "global_max_pool: takes f32 [B, C, ...], not i32[2, 3, 4]");
    }
    TEST_CASE("max_pool: indices count through an image") {
        const Tensor x = input({1, 2, 2, 4});
        const auto [y, indices] = max_pool2d_with_indices(x);
        CHECK(indices.dtype() == i32);
        const std::vector<float> values{1, 5, 0, 2, 3, 4, 2, 1, 0, 0, 0, 0, 7, 8, 0, 9};
        CHECK(computed(cast(indices, f32), x, values) == std::vector<float>{1, 3, 5, 7});
        Graph graph;  // as they are, without the maxima
        graph.output(indices);
        Program program = test_device().compile(graph);
        program.run({{x, values}});
        CHECK(program.read_all<std::int32_t>(indices) == std::vector<std::int32_t>{1, 3, 5, 7});
        const Tensor wrt[] = {x};
        CHECK(computed(gradients(sum(y), wrt)[0], x, values) ==
              std::vector<float>{0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1});
        const Tensor line = input({1, 1, 5}), volume = input({1, 1, 2, 2, 2});
        CHECK(computed(cast(max_pool1d_with_indices(line, {.kernel = 3, .stride = 1}).second, f32),
                       line, {1, 3, 2, 4, 0}) == std::vector<float>{1, 3, 3});
        CHECK(computed(cast(max_pool3d_with_indices(volume).second, f32), volume,
                       {1, 3, 2, 4, 0, 7, 2, 1}) == std::vector<float>{5});
    }
    TEST_CASE("max_pool: second derivatives") {
        // d_x of sum(y^2) is differentiated again by the harness.
        run_op_cases({{.name = "overlapping windows",
                       .inputs = {{.shape = {2, 3, 19}, .distinct = true}},
                       .build =
                           [](const Tensors& in) {
                               const Tensor y = max_pool1d(in[0], {.kernel = 3, .stride = 2});
                               return gradients(sum(y * y), in)[0];
                           },
                       .reference =
                           [](const Arrays& in) {
                               Array d_x(in[0].shape);
                               for (std::int64_t line = 0; line < 6; ++line)
                                   for (std::int64_t i = 0; i < 9; ++i) {
                                       std::int64_t best = line * 19 + 2 * i;
                                       for (std::int64_t u = 1; u < 3; ++u) {
                                           const std::int64_t at = line * 19 + 2 * i + u;
                                           if (in[0][at] > in[0][best]) best = at;
                                       }
                                       d_x[best] += 2 * in[0][best];
                                   }
                               return d_x;
                           }}});
    }
    TEST_CASE("max_pool: large windows keep the first of equal maxima") {
        const Tensor x = input({1, 1, 18, 18});
        const Tensor wrt[] = {x};
        std::vector<float> values(18 * 18, 1.0F), expected(18 * 18, 0.0F);
        values[5 * 18 + 9] = values[5 * 18 + 11] = values[7 * 18 + 3] = 2;
        expected[5 * 18 + 9] = 1;
        const Tensor y = max_pool2d(x, {.kernel = {18, 18}});
        CHECK(computed(gradients(sum(y), wrt)[0], x, values) == expected);
    }
    TEST_CASE("max_pool2d: of equal maxima the first takes the gradient") {
        const Tensor x = input({1, 1, 2, 4});
        const Tensor wrt[] = {x};
        const Tensor d_x = gradients(sum(max_pool2d(x)), wrt)[0];
        CHECK(computed(d_x, x, {1, 1, 0, 2, 1, 1, 2, 2}) ==
              std::vector<float>{1, 0, 0, 1, 0, 0, 0, 0});
    }
    TEST_CASE("max_pool2d: a maximum below the padding's zero is kept") {
        const Tensor x = input({1, 1, 2, 2});
        const MaxPool2dOptions options{{3, 3}, {2, 2}, {1, 1}};
        CHECK(computed(max_pool2d(x, options), x, {-4, -3, -2, -1}) == std::vector<float>{-1});
        const float low = -std::numeric_limits<float>::infinity();
        CHECK(computed(max_pool2d(x, options), x, {low, low, low, low}) == std::vector<float>{low});
    }
    TEST_CASE("max_pool2d: a NaN wins wherever it stands, and takes the gradient") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const Tensor x = input({1, 1, 2, 6});
        const std::vector<float> values{nan, 1, 2, 3, 4, 5, 9, 9, 2, nan, 4, 6};
        const std::vector<float> y = computed(max_pool2d(x), x, values);
        CHECK(std::isnan(y[0]));
        CHECK(std::isnan(y[1]));
        CHECK(y[2] == 6);
        const Tensor wrt[] = {x};
        CHECK(computed(gradients(sum(max_pool2d(x)), wrt)[0], x, values) ==
              std::vector<float>{1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1});
    }
    TEST_CASE("pool: what follows runs inside the kernel") {
        const Tensor x = input({2, 3, 6, 6}), shift = input({3});
        for (const Tensor& pooled_x : {max_pool2d(x), avg_pool2d(x)}) {
            Graph graph;
            graph.output(relu(pooled_x + reshape(shift, {3, 1, 1})));
            Program program = test_device().compile(graph);
            CHECK(program.stats().dispatches == 1);
            std::vector<float> values(2 * 3 * 36, 2.0F);
            const std::vector<float> shifts{-1, 0, 1};
            program.run({{x, values}, {shift, shifts}});
            const std::vector<float> y = program.read_all<float>(graph.outputs[0]);
            CHECK(y[0] == 1);
            CHECK(y[9] == 2);
            CHECK(y[53] == 3);
        }
    }
    TEST_CASE("pool: errors name the sizes") {
        const auto max = [](const Shape& x, const MaxPool2dOptions& o) {
            return message([&] { max_pool2d(input(x), o); });
        };
        const auto mean = [](const Shape& x, const AvgPool3dOptions& o) {
            return message([&] { avg_pool3d(input(x), o); });
        };
        CHECK(max({2, 3, 8}, {}) == "max_pool2d: takes f32 [B, C, H, W], not f32[2, 3, 8]");
        CHECK(message([] {
                  max_pool2d(input({1, 1, 4, 4}, i32));
              }) == "max_pool2d: takes f32 [B, C, H, W], not i32[1, 1, 4, 4]");
        CHECK(message([] {
                  max_pool1d(input({1, 1, 4, 4}));
              }) == "max_pool1d: takes f32 [B, C, L], not f32[1, 1, 4, 4]");
        CHECK(mean({2, 3, 8, 8}, {}) ==
              "avg_pool3d: takes f32 [B, C, D, H, W], not f32[2, 3, 8, 8]");
        CHECK(max({2, 3, 4, 8}, {.kernel = {5, 2}}) ==
              "max_pool2d: in height: the kernel reaches over 5 (size 5, dilation 1), the padded "
              "image of x [2, 3, 4, 8] has 4");
        CHECK(max({2, 3, 4, 8}, {.dilation = {4, 2}})
                  .starts_with(
                      "max_pool2d: in height: the kernel reaches over 5 (size 2, dilation 4)"));
        CHECK(message([] {
                  avg_pool1d(input({2, 3, 4}), {.kernel = 5});
              }).starts_with("avg_pool1d: in length: the kernel reaches over 5"));
        CHECK(max({2, 3, 8, 8}, {.kernel = {2, 3}, .padding = {1, 2}}) ==
              "max_pool2d: in width: padding 2 must be at least 0 and at most half the kernel 3");
        CHECK(mean({2, 3, 8, 8, 8}, {.padding = {-1, 0, 0}}) ==
              "avg_pool3d: in depth: padding -1 must be at least 0 and at most half the kernel 2");
        CHECK(max({2, 3, 8, 8}, {.kernel = {2, 0}}) ==
              "max_pool2d: in width: kernel 0 and dilation 1 must be at least 1, stride 0 at least "
              "1, or 0 for the kernel's size");
        CHECK(
            max({2, 3, 8, 8}, {.stride = {2, -1}})
                .starts_with(
                    "max_pool2d: in width: kernel 2 and dilation 1 must be at least 1, stride -1"));
        CHECK(max({2, 3, 8, 8}, {.dilation = {1, 0}})
                  .starts_with("max_pool2d: in width: kernel 2 and dilation 0"));
        CHECK(max({2, 3, 8, 8}, {.stride = {std::int64_t{1} << 40, 1}}).ends_with("at most 2^30"));
        CHECK(message([] {
                  adaptive_avg_pool2d(input({1, 2, 3, 4}), {0, 2});
              }) == "adaptive_avg_pool2d: in height: output_size 0 must be at least 1");
        CHECK(message([] {
                  adaptive_max_pool1d(input({1, 2, 3}), -1);
              }) == "adaptive_max_pool1d: in length: output_size -1 must be at least 1");
        CHECK(message([] {
                  adaptive_max_pool3d(input({1, 2, 3}), {1, 1, 1});
              }) == "adaptive_max_pool3d: takes f32 [B, C, D, H, W], not f32[1, 2, 3]");
        CHECK(message([] {
                  adaptive_avg_pool1d(input({1, 1, 70000}), 70001);
              }) ==
              "unsupported: adaptive_avg_pool1d: in length: 70001 parts of 70000 positions exceed "
              "2^31");
        CHECK(message([] {
                  max_pool2d_with_indices(input({1, 1, 300, 300}), {.kernel = {300, 300}});
              }).starts_with("unsupported: max_pool2d_with_indices: windows of 90000 positions"));
        CHECK(message([] {
                  avg_pool1d(input({1, 1, 90000}), {.kernel = 90000});
              }).starts_with("unsupported: avg_pool1d: windows of 90000 positions"));
    }
}
