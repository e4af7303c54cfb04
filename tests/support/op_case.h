// SPDX-License-Identifier: MIT
// The op table: a row names an operator's inputs, says how a tensor is built from them, and gives
// the same computation as a plain loop over doubles. Running a row checks
//   1. the inferred shape,
//   2. the values against the reference,
//   3. the gradient of sum(output * weights), the weights random, against central differences of
//   the
//      reference, for every floating input,
//   4. that a second run gives the same bits,
//   5. the guard bytes around every buffer, and that the validation layer said nothing;
// and a row that 16-bit floats can hold runs once more in f16 and in bf16, looking at fewer places
// of the gradients. Rows of operators that take any type say so by `integers`, and run with each.
//
// A family's test file says INGOT_OP_FAMILY(softmax) once, and runs its rows:
//
//   TEST_SUITE("softmax") {
//       TEST_CASE("softmax: rows") {
//           run_op_cases({{.name = "one row", .inputs = {{.shape = {1, 10}}},
//                          .build = [](const Tensors& in) { return softmax(in[0]); },
//                          .reference = [](const Arrays& in) { return softmax_rows(in[0]); },
//                          .forward = {.units = 8}}});
//       }
//   }
//
// INGOT_CASE=text in the environment runs only the rows whose names contain the text;
// INGOT_ONE_ROW=1 runs the middle row of each table, for what is slow (sanitizers);
// INGOT_EVERY_CANDIDATE=1 runs each row with every kernel that could be chosen, too;
// INGOT_DEVICE_CLASS=discrete chooses as for a card (DeviceOptions).
#pragma once

#include <ingot/device.h>
#include <ingot/error.h>
#include <ingot/ops.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::testing {

using Tensors = std::vector<Tensor>;

// A tensor of the reference.
struct Array {
    Shape shape;
    std::vector<double> values;  // row-major

    explicit Array(Shape of = {}, double value = 0);
    Array(Shape of, std::vector<double> contents);
    double& operator[](std::int64_t i) { return values[static_cast<std::size_t>(i)]; }
    double operator[](std::int64_t i) const { return values[static_cast<std::size_t>(i)]; }
    std::int64_t count() const { return shape.count(); }
};
using Arrays = std::vector<Array>;

struct OpInput {
    Shape shape;
    DType dtype = f32;
    double low = -1, high = 1;      // uniform; both ends included for integers
    std::vector<double> away_from;  // kinks: values are kept `distance` away from them
    double distance = 0.05;
    bool distinct = false;       // evenly spaced values in random order, for max and its like
    std::vector<double> values;  // instead of random ones
    bool differentiable = true;  // false: the gradient is not looked at
};

// |error| <= absolute + units * length * 2^-23 * (scale + |reference|).
struct Tolerance {
    double units = 4;
    double length = 1;    // of the reduction: how many roundings pile up
    double scale = 1;     // the size of what may cancel
    double absolute = 0;  // a function's documented absolute error
};

struct OpCase {
    std::string name;
    std::vector<OpInput> inputs;
    std::function<Tensor(const Tensors& inputs)> build;
    std::function<Array(const Arrays& inputs)> reference;
    Tolerance forward;
    Tolerance gradient{.units = 16};
    bool has_gradient = true;  // false: `build` is not differentiated
    bool narrow = true;        // false: not run with its tensors stored as f16 and bf16
    // Above 0: run again with the f32 inputs as i32, of whole numbers from -integers to integers,
    // and as u8 and bool, of as many of these as they hold; exactly, without a gradient.
    double integers = 0;
    bool repeatable = true;    // false: a later run may differ (random streams move on)
    std::size_t samples = 48;  // elements of each input whose derivative is taken numerically
    double step = 1e-5;        // of the central differences
};

void run_op_cases(const std::vector<OpCase>& cases);

// Goes through all test cases without a device and without their verdicts: the graph of each row
// (its output first, then the gradients), and of each compute(), goes to the visitor instead of
// being run. Other tests end with an Error where they ask for the device. Nothing can run after.
using GraphVisitor = std::function<void(const std::string& row, const Graph& graph)>;
void visit_tables(GraphVisitor visitor);
// The name under which the graphs of compute() are visited.
inline constexpr const char* kComputed = "computed";

// The device of this test process, picked on first use; validated when INGOT_VALIDATION is 1.
// It is destroyed before the process reports, so that what its end provokes is seen.
Device& test_device();
// Fails the running case when the layer has said anything since the last look.
void check_validation();

// `outputs` computed once from what `feeds` give, guards checked; for tests beside the table.
std::vector<std::vector<float>> compute(const Tensors& outputs, std::span<const Feed> feeds);

// Pseudo-random values for an input, the same in every run.
std::vector<double> values_for(const OpInput& input, std::uint64_t seed);

struct FamilyRegistration {
    explicit FamilyRegistration(std::string_view family);
};
const std::vector<std::string>& registered_families();

}  // namespace ingot::testing

#define INGOT_OP_FAMILY(family) \
    static const ::ingot::testing::FamilyRegistration family##_registration(#family)
