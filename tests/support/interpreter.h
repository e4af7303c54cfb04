// SPDX-License-Identifier: MIT
// Runs a Body on the host in double precision: the reference that fusion, the memory plan and the
// executor are held against. Two ways through the same memory:
//
//   run_operation  one operation as it is defined, view by view
//   run_group      a fused group as its kernel would: program, registers, accesses, element after
//                  element in an order that the caller shuffles
//
// Where each value lies is the caller's to say, so a memory plan can be executed as planned. It
// knows the pointwise opcodes, matmul, sum, max, concatenate, place and pack.
#pragma once

#include "graph/group.h"
#include "graph/memory_plan.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace ingot::testing {

// One number a word, whatever the dtype; where a value starts.
struct Location {
    std::vector<double>* words = nullptr;
    std::size_t first = 0;
};

class Interpreter {
public:
    explicit Interpreter(const graph::Body& body);  // every value in memory of its own

    void place(graph::ValueId value, Location where) { places_[value] = where; }
    double load(graph::ValueId value, std::int64_t index) const;
    void store(graph::ValueId value, std::int64_t index, double number);
    double load(const graph::Use& use, std::int64_t element) const;  // by the view

    // Leaves: constants are set already.
    void set(graph::ValueId value, const std::vector<double>& numbers);
    std::vector<double> get(const graph::Use& use) const;

    void run_operation(std::size_t operation);
    void run_body();
    // `order` gives the i-th element to work on out of `count`; none: ascending.
    void run_group(
        const graph::Group& group,
        const std::function<std::int64_t(std::int64_t i, std::int64_t count)>& order = {});

private:
    void run_anchor(const graph::Operation& op,
                    const std::function<double(std::int64_t)>& first_input,
                    const std::function<void(std::int64_t, double)>& put);

    const graph::Body& body_;
    std::vector<std::vector<double>> own_;
    std::vector<Location> places_;
};

// The element of a view in the value that it shows.
std::int64_t index_in(const graph::View& view, std::int64_t element);

// f(a, b, c) of a pointwise opcode, written afresh with <cmath>. `element` is for random numbers,
// whose operands are words.
double apply_opcode(std::uint32_t opcode, double a, double b, double c, std::int64_t element);

}  // namespace ingot::testing
