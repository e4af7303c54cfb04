// SPDX-License-Identifier: MIT
// Gradients of gradients, of the operators whose gradient has a gradient rule of its own and that
// no other operator is written with. All of them are linear, or linear near x, so the Jacobian J of
// y = f(x) is found exactly by differences of f's reference, and two functions of it are rows:
// J^T d, what flows back, and J v, what flows forward when that is differentiated by d.
#include "ops/conv_reference.h"
#include "support/op_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace ingot;
using namespace ingot::testing;

namespace {

enum class Kind {
    kLinear,    // J is the same everywhere, so x is not read
    kKinks,     // at 0
    kDistances  // where two elements are equal
};

struct Function {
    const char* name;
    Kind kind;
    Shape x, y;
    Tensor (*build)(const Tensor& x);
    Array (*reference)(const Array& x);
};

// Much less than the distance of distinct elements.
constexpr double kStep = 1e-4;

// (f(x + step v) - f(x - step v)) / (2 step) = J v
Array along(const Function& f, const Array& x, const Array& v) {
    const auto moved = [&](double by) {
        return f.reference(map(x, v, [&](double a, double b) { return a + by * b; }));
    };
    return map(moved(kStep), moved(-kStep),
               [](double above, double below) { return (above - below) / (2 * kStep); });
}

Array pulled_back(const Function& f, const Array& x, const Array& d) {
    Array result(x.shape), unit(x.shape);
    for (std::int64_t i = 0; i < x.count(); ++i) {
        unit[i] = 1;
        const Array column = along(f, x, unit);
        for (std::int64_t k = 0; k < d.count(); ++k)
            result[i] += column[k] * d[k];
        unit[i] = 0;
    }
    return result;
}

Tensor flowing_back(const Function& f, const Tensor& x, const Tensor& d) {
    return gradients(sum(f.build(x) * d), std::array{x})[0];
}

void run(const Function& f) {
    const bool linear = f.kind == Kind::kLinear;
    const OpInput x{.shape = f.x, .away_from = {0}, .distinct = f.kind == Kind::kDistances};
    // The inputs of a row are those that its graph reads: x, unless f is linear, and d or v.
    const auto row = [&](const char* direction, const Shape& flow, auto&& build, auto&& reference) {
        OpCase c{
            .name = std::string(f.name) + direction,
            .inputs = {x, {.shape = flow}},
            .build =
                [=](const Tensors& in) { return build(linear ? input(f.x) : in[0], in.back()); },
            .reference =
                [=](const Arrays& in) { return reference(linear ? Array(f.x) : in[0], in.back()); },
            .forward = {.units = 8, .length = 4},
            .gradient = {.units = 16, .length = 4},
            .samples = 24};
        if (linear) c.inputs.erase(c.inputs.begin());
        return c;
    };
    const auto back = [=](const Tensor& at, const Tensor& d) { return flowing_back(f, at, d); };
    const auto forward = [=](const Tensor& at, const Tensor& v) {
        const Tensor d = input(f.y);
        return gradients(sum(flowing_back(f, at, d) * v), std::array{d})[0];
    };
    run_op_cases({row(", back", f.y, back,
                      [=](const Array& at, const Array& d) { return pulled_back(f, at, d); }),
                  row(", forward", f.x, forward,
                      [=](const Array& at, const Array& v) { return along(f, at, v); })});
}

// y[b, c, i] from the elements x[b, c, 3 i ...] of a window of three, two of them beside each other
template <typename Value>
Array windowed(const Array& x, Value&& value) {
    return make_array(x.shape.with(2, x.shape[2] / 3), [&](Index i) {
        i[2] *= 3;
        const auto* first = &x.values[static_cast<std::size_t>(place_of(x.shape, i))];
        return value(std::array{first[0], first[1], first[2]});
    });
}

}  // namespace

TEST_CASE("second derivatives: functions that are linear near x") {
    run({"relu",
         Kind::kKinks,
         {7, 5},
         {7, 5},
         [](const Tensor& x) { return relu(x); },
         [](const Array& x) { return map(x, [](double a) { return std::max(a, 0.0); }); }});
    run({"max_pool",
         Kind::kDistances,
         {2, 3, 12},
         {2, 3, 4},
         [](const Tensor& x) { return max_pool1d(x, {.kernel = 3}); },
         [](const Array& x) {
             return windowed(x, [](const auto& v) { return std::max({v[0], v[1], v[2]}); });
         }});
    run({"avg_pool",
         Kind::kLinear,
         {2, 3, 12},
         {2, 3, 4},
         [](const Tensor& x) { return avg_pool1d(x, {.kernel = 3}); },
         [](const Array& x) {
             return windowed(x, [](const auto& v) { return (v[0] + v[1] + v[2]) / 3; });
         }});
    run({"interpolate",
         Kind::kLinear,
         {2, 1, 5},
         {2, 1, 9},
         [](const Tensor& x) {
             return interpolate(
                 x, {.size = {9}, .mode = InterpolateMode::kLinear, .align_corners = true});
         },
         [](const Array& x) {
             return make_array(x.shape.with(2, 9), [&](Index i) {
                 const std::int64_t place = i[2];
                 i[2] = place / 2;
                 const double low = at(x, i);
                 i[2] = (place + 1) / 2;
                 return (low + at(x, i)) / 2;
             });
         }});
    run({"sort",
         Kind::kDistances,
         {3, 11},
         {3, 11},
         [](const Tensor& x) { return sort(x).values; },
         [](const Array& x) {
             Array y = x;
             for (auto row = y.values.begin(); row != y.values.end(); row += 11)
                 std::sort(row, row + 11);
             return y;
         }});
}

// The weight's gradient, of x and d y: neither of them is the weight, of which it is independent.
TEST_CASE("second derivatives: the weight's gradient of a convolution") {
    const ConvWindow window{.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}};
    const Shape w{4, 3, 3, 2};
    run_op_cases(
        {{.name = "conv2d, weight",
          .inputs = {{.shape = {2, 3, 7, 6}}, {.shape = {2, 4, 4, 4}}},
          .build =
              [=](const Tensors& in) {
                  const Tensor weight = input(w);
                  const Tensor y = conv2d(
                      in[0], weight, {}, {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}});
                  return gradients(sum(y * in[1]), std::array{weight})[0];
              },
          .reference =
              [=](const Arrays& in) {
                  Array d_w(w);
                  for_each_tap(in[0].shape, w, in[1].shape, window,
                               [&](const Index& x_at, const Index& tap, const Index& y_at) {
                                   d_w[place_of(w, tap)] += at(in[0], x_at) * at(in[1], y_at);
                               });
                  return d_w;
              },
          .forward = {.units = 8, .length = 6},
          .gradient = {.units = 16, .length = 6},
          .samples = 24}});
}
