// SPDX-License-Identifier: MIT
#include "support/interpreter.h"

#include "core/check.h"
#include "core/random.h"
#include "graph/opcodes.h"
#include "shaders/pointwise.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <sstream>

namespace ingot::testing {

using namespace ingot::graph;
using namespace ingot::shaders;

namespace {

double as_number(std::uint32_t word, DType dtype) {
    if (is_floating(dtype)) return static_cast<double>(std::bit_cast<float>(word));
    return static_cast<double>(std::bit_cast<std::int32_t>(word));
}

std::uint32_t as_word(double number) {
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(number));
}

bool reads_words(std::uint32_t opcode) {
    switch (opcode) {
        case k_equal_words:
        case k_greater_ints:
        case k_float_of_int:
        case k_bool_of_word:
        case k_low_byte:
        case k_add_ints:
        case k_subtract_ints:
        case k_multiply_ints:
        case k_maximum_ints:
        case k_minimum_ints:
        case k_floor_divide_ints:
        case k_uniform: return true;
        default: return false;
    }
}

// A register: a number, or an immediate, which is a number only once an instruction reads it.
struct Register {
    double number = 0;
    std::optional<std::uint32_t> word;

    double read(std::uint32_t opcode) const {
        return word ? as_number(*word, reads_words(opcode) ? i32 : f32) : number;
    }
};

// What stands behind `name=` in the attributes' text.
std::string attribute(const Operation& op, const std::string& name) {
    const std::string text = op.attributes.text();
    const std::size_t at = text.find(name + "=");
    INGOT_CHECK(at != std::string::npos);
    return text.substr(at + name.size() + 1);
}

std::vector<std::int64_t> list_of(const Operation& op, const std::string& name) {
    std::istringstream text(attribute(op, name).substr(1));  // behind the [
    std::vector<std::int64_t> numbers;
    for (std::int64_t number = 0; text >> number; text.ignore(1))
        numbers.push_back(number);
    return numbers;
}

std::vector<std::size_t> axes_of(const Operation& op) {
    const std::vector<std::int64_t> axes = list_of(op, "axes");
    return {axes.begin(), axes.end()};
}

}  // namespace

std::int64_t index_in(const View& view, std::int64_t element) {
    std::int64_t index = view.offset;
    for (std::size_t axis = view.shape.rank(); axis-- > 0;) {
        index += element % view.shape[axis] * view.strides[axis];
        element /= view.shape[axis];
    }
    return index;
}

double apply_opcode(std::uint32_t opcode, double a, double b, double c, std::int64_t element) {
    switch (opcode) {
        case k_copy: return a;
        case k_add: return a + b;
        case k_subtract: return a - b;
        case k_multiply: return a * b;
        case k_divide: return a / b;
        case k_negate: return -a;
        case k_abs: return std::fabs(a);
        case k_maximum: return std::max(a, b);
        case k_minimum: return std::min(a, b);
        case k_exp: return std::exp(a);
        case k_log: return std::log(a);
        case k_sqrt: return std::sqrt(a);
        case k_pow: return std::pow(a, b);
        case k_tanh: return std::tanh(a);
        case k_sigmoid: return 1 / (1 + std::exp(-a));
        case k_relu: return std::max(a, 0.0);
        case k_erf: return std::erf(a);
        case k_fma: return a * b + c;
        case k_pass_if_positive: return a > 0 ? b : 0;
        case k_where: return a != 0 ? b : c;
        case k_logical_and: return a != 0 && b != 0 ? 1 : 0;
        case k_logical_or: return a != 0 || b != 0 ? 1 : 0;
        case k_logical_not: return a != 0 ? 0 : 1;
        case k_clamp: return a < b ? b : a > c ? c : a;
        case k_sign: return a > 0 ? 1 : a < 0 ? -1 : 0;
        case k_round_half: return static_cast<double>(float{Float16(static_cast<float>(a))});
        case k_round_brain: return static_cast<double>(float{BFloat16(static_cast<float>(a))});
        case k_equal: return a == b ? 1 : 0;
        case k_greater: return a > b ? 1 : 0;
        case k_greater_equal: return a >= b ? 1 : 0;
        case k_equal_words: return a == b ? 1 : 0;
        case k_float_of_int: return a;
        case k_int_of_float: return std::trunc(a);
        case k_element: return static_cast<double>(element);
        case k_uniform: {
            const auto index = static_cast<std::uint32_t>(element);
            const PhiloxCounter words =
                philox4x32_10({index / 4, 0, as_word(b), 0}, {as_word(a), as_word(c)});
            return static_cast<double>(uniform_from_word(words[index % 4]));
        }
        default: break;
    }
    fail(ErrorKind::kInternal, "interpreter: opcode {} is not known", opcode);
}

Interpreter::Interpreter(const Body& body)
    : body_(body), own_(body.values.size()), places_(body.values.size()) {
    for (ValueId id = 0; id < body.values.size(); ++id) {
        own_[id].resize(static_cast<std::size_t>(body.values[id].spec.shape.count()),
                        std::numeric_limits<double>::quiet_NaN());
        places_[id] = {&own_[id], 0};
        if (body.values[id].kind == ValueKind::kConstant) {
            own_[id] = {as_number(body.values[id].word, body.values[id].spec.dtype)};
        }
    }
}

double Interpreter::load(ValueId value, std::int64_t index) const {
    const Location& place = places_[value];
    return place.words->at(place.first + static_cast<std::size_t>(index));
}

void Interpreter::store(ValueId value, std::int64_t index, double number) {
    const Location& place = places_[value];
    place.words->at(place.first + static_cast<std::size_t>(index)) = number;
}

double Interpreter::load(const Use& use, std::int64_t element) const {
    return load(use.value, index_in(use.view, element));
}

void Interpreter::set(ValueId value, const std::vector<double>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
        store(value, static_cast<std::int64_t>(i), numbers[i]);
}

std::vector<double> Interpreter::get(const Use& use) const {
    std::vector<double> numbers;
    for (std::int64_t i = 0; i < use.view.shape.count(); ++i)
        numbers.push_back(load(use, i));
    return numbers;
}

void Interpreter::run_operation(std::size_t operation) {
    const Operation& op = body_.operations[operation];
    const auto put = [&](std::int64_t i, double number) { store(op.outputs[0], i, number); };
    if (op.def->kind != OpKind::kPointwise) {
        run_anchor(
            op, [&](std::int64_t i) { return load(op.inputs[0], i); }, put);
        return;
    }
    for (std::int64_t i = 0; i < body_.values[op.outputs[0]].spec.shape.count(); ++i) {
        double operands[3] = {};
        for (std::size_t k = 0; k < op.inputs.size(); ++k)
            operands[k] = load(op.inputs[k], i);
        put(i, apply_opcode(op.def->opcode, operands[0], operands[1], operands[2], i));
    }
}

void Interpreter::run_body() {
    for (std::size_t i = 0; i < body_.operations.size(); ++i)
        run_operation(i);
}

void Interpreter::run_anchor(const Operation& op,
                             const std::function<double(std::int64_t)>& first_input,
                             const std::function<void(std::int64_t, double)>& put) {
    const View& x = op.inputs[0].view;
    if (op.def->name == "matmul") {
        const std::size_t rank = x.shape.rank();
        const std::int64_t m = x.shape[rank - 2], k = x.shape[rank - 1];
        const std::int64_t n = op.inputs[1].view.shape[rank - 1];
        for (std::int64_t i = 0; i < x.shape.count() / k * n; ++i) {
            const std::int64_t batch = i / (m * n), row = i / n % m, column = i % n;
            double sum = 0;
            for (std::int64_t j = 0; j < k; ++j) {
                sum += first_input((batch * m + row) * k + j) *
                       load(op.inputs[1], (batch * k + j) * n + column);
            }
            put(i, sum);
        }
    } else if (op.def->name == "sum" || op.def->name == "max") {
        const bool is_sum = op.def->name == "sum";
        View kept = View::of(body_.values[op.outputs[0]].spec.shape);  // x's axes in y
        View spread{x.shape, {}, 0};
        const auto axes = axes_of(op);
        std::size_t to = 0;
        for (std::size_t axis = 0; axis < x.shape.rank(); ++axis) {
            const bool reduced = std::find(axes.begin(), axes.end(), axis) != axes.end();
            if (!reduced) spread.strides[axis] = kept.strides[to++];
        }
        std::vector<double> total(static_cast<std::size_t>(kept.shape.count()),
                                  is_sum ? 0 : -std::numeric_limits<double>::infinity());
        for (std::int64_t i = 0; i < x.shape.count(); ++i) {
            double& t = total[static_cast<std::size_t>(index_in(spread, i))];
            t = is_sum ? t + first_input(i) : std::max(t, first_input(i));
        }
        const double scale = std::stod(attribute(op, "scale"));
        for (std::size_t i = 0; i < total.size(); ++i)
            put(static_cast<std::int64_t>(i), total[i] * scale);
    } else if (op.def->name == "concatenate") {
        const std::size_t axis = static_cast<std::size_t>(std::stoi(attribute(op, "axis")));
        const View whole = View::of(body_.values[op.outputs[0]].spec.shape);
        std::int64_t begin = 0;
        for (const Use& part : op.inputs) {
            const View to = sliced(whole, axis, begin, part.view.shape[axis], 1);
            for (std::int64_t i = 0; i < part.view.shape.count(); ++i)
                put(index_in(to, i), load(part, i));
            begin += part.view.shape[axis];
        }
    } else if (op.def->name == "place") {
        const Shape& shape = body_.values[op.outputs[0]].spec.shape;
        const double fill = as_number(static_cast<std::uint32_t>(std::stoul(attribute(op, "fill"))),
                                      body_.values[op.outputs[0]].spec.dtype);
        for (std::int64_t i = 0; i < shape.count(); ++i)
            put(i, fill);
        View to = View::of(shape);
        const auto begin = list_of(op, "begin"), step = list_of(op, "step");
        for (std::size_t axis = 0; axis < shape.rank(); ++axis)
            to = sliced(to, axis, begin[axis], x.shape[axis], step[axis]);
        for (std::int64_t i = 0; i < x.shape.count(); ++i)
            put(index_in(to, i), first_input(i));
    } else if (op.def->layout != nullptr) {
        const auto offsets = op.def->layout(op.attributes);
        for (std::int64_t i = 0; i < body_.values[op.outputs[0]].spec.shape.count(); ++i)
            put(i, 0);
        for (std::size_t k = 0; k < op.inputs.size(); ++k) {
            for (std::int64_t i = 0; i < op.inputs[k].view.shape.count(); ++i) {
                put(static_cast<std::int64_t>(offsets[k] / 4) + i, load(op.inputs[k], i));
            }
        }
    } else {
        fail(ErrorKind::kInternal, "interpreter: {} is not known", op.def->name);
    }
}

void Interpreter::run_group(const Group& group,
                            const std::function<std::int64_t(std::int64_t, std::int64_t)>& order) {
    const Operation* anchor = group.anchor_in(body_);
    const PointwiseProgram& program = group.program;
    const std::int64_t count = group.space.count();
    const std::size_t rank = group.space.rank();

    const auto index_of = [&](const ProgramInput& input, std::int64_t element) -> std::int64_t {
        const std::int64_t offset = input.use.view.offset;
        switch (input.access) {
            case kAccessSame: return offset + element;
            case kAccessScalar: return offset;
            case kAccessModular:
                return offset + element / std::int64_t{input.div} % std::int64_t{input.mod};
            case kAccessColumn: return offset + element % group.space[rank - 1];
            case kAccessRow:
                return offset + element / group.space[rank - 1] % group.space[rank - 2];
            case kAccessStrided: return index_in(input.use.view, element);
            default: break;
        }
        fail(ErrorKind::kInternal, "interpreter: access {}", input.access);
    };
    // All loads of an element come before its stores, as in the kernel.
    const auto run_program = [&](std::int64_t element, double value) {
        std::vector<Register> v(kPointwiseRegisters);
        for (std::size_t k = 0; k < program.inputs.size(); ++k) {
            const ProgramInput& input = program.inputs[k];
            v[k].number = input.access == kAccessValue
                              ? value
                              : load(input.use.value, index_of(input, element));
        }
        for (std::size_t k = 0; k < program.immediates.size(); ++k)
            v[kFirstImmediate + k].word = program.immediates[k];
        for (std::size_t k = 0; k < program.instructions.size(); ++k) {
            const Instruction& in = program.instructions[k];
            v[kFirstResult + k].number =
                apply_opcode(in.opcode, v[in.a].read(in.opcode), v[in.b].read(in.opcode),
                             v[in.c].read(in.opcode), element);
        }
        for (const ProgramOutput& output : program.outputs) {
            INGOT_CHECK(output.in_register >= kFirstResult);
            store(output.value, element, v[output.in_register].number);
        }
        return v[program.result].read(k_add);
    };

    if (anchor == nullptr) {
        for (std::int64_t i = 0; i < count; ++i)
            run_program(order ? order(i, count) : i, 0);
    } else if (anchor->def->fusion == Fusion::kPrologue) {
        run_anchor(
            *anchor, [&](std::int64_t i) { return run_program(i, 0); },
            [&](std::int64_t i, double number) { store(anchor->outputs[0], i, number); });
    } else if (anchor->def->fusion == Fusion::kEpilogue) {
        run_anchor(
            *anchor, [&](std::int64_t i) { return load(anchor->inputs[0], i); },
            [&](std::int64_t i, double number) { run_program(i, number); });
    } else {
        run_anchor(
            *anchor, [&](std::int64_t i) { return load(anchor->inputs[0], i); },
            [&](std::int64_t i, double number) { store(anchor->outputs[0], i, number); });
    }
}

}  // namespace ingot::testing
