// SPDX-License-Identifier: MIT
#include "graph/program_call.h"

#include "kernels/device_description.h"

#include <algorithm>

namespace ingot::graph {

using namespace ingot::shaders;

namespace {

std::string numbered(const char* prefix, std::size_t number) {
    return fmt::format("{}{}", prefix, number);
}

std::uint32_t count32(const Shape& shape) {
    const std::int64_t count = shape.count();
    if (count > 0xffffffffll) {
        fail(ErrorKind::kUnsupported, "a kernel cannot number the {} elements of {} (at most 2^32)",
             count, to_string(shape));
    }
    return static_cast<std::uint32_t>(count);
}

// Functions that take four elements at once: the rows that PW_WIDE leaves in the list.
bool is_wide(std::uint32_t opcode) {
#define PW_WIDE
#define FLOAT(number, name, arity, result) number,
#define WORD(number, name, arity, result) number,
    constexpr std::uint32_t kWide[] = {
#include "shaders/pointwise_ops.h"
    };
#undef FLOAT
#undef WORD
#undef PW_WIDE
    return std::find(std::begin(kWide), std::end(kWide), opcode) != std::end(kWide);
}

// The first input that repeats as input k does.
std::uint32_t modular_slot(const PointwiseProgram& program, std::size_t k) {
    const ProgramInput& input = program.inputs[k];
    if (input.access != kAccessModular && input.access != kAccessFours) return 0;
    const auto like = [&](const ProgramInput& other) {
        return other.access == input.access && other.div == input.div && other.mod == input.mod;
    };
    const auto first = std::find_if(program.inputs.begin(), program.inputs.end(), like);
    return static_cast<std::uint32_t>(first - program.inputs.begin());
}

// Four elements at a time: those at their own index, one for all of them, or four of a cycle.
bool is_wide(const PointwiseProgram& program, std::uint32_t count) {
    return count % 4 == 0 &&
           std::all_of(program.inputs.begin(), program.inputs.end(),
                       [](const ProgramInput& in) {
                           return in.access == kAccessSame || in.access == kAccessScalar ||
                                  (in.access == kAccessModular &&
                                   (in.div % 4 == 0 || (in.div == 1 && in.mod % 4 == 0)));
                       }) &&
           std::all_of(program.instructions.begin(), program.instructions.end(),
                       [](const Instruction& i) { return is_wide(i.opcode); });
}

bool stores_narrow(const Body& body, const PointwiseProgram& program) {
    return std::any_of(program.outputs.begin(), program.outputs.end(),
                       [&](const ProgramOutput& out) {
                           return size_bytes_of(body.values[out.value].spec.dtype) < 4;
                       });
}

std::uint32_t storage_type(DType dtype) {
    switch (dtype) {
        case DType::kFloat16: return kTypeHalf;
        case DType::kBFloat16: return kTypeBrain;
        case DType::kUInt8: return kTypeByte;
        case DType::kBool: return kTypeBool;
        case DType::kFloat32:
        case DType::kInt32: break;
    }
    return kTypeWord;
}

const char* pointwise_kernel(const PointwiseProgram& program, bool wide, bool packed) {
    if (wide) return "pointwise_wide";
    if (program.has_strided_input()) {
        return packed ? "pointwise_strided_packed" : "pointwise_strided";
    }
    return packed ? "pointwise_packed" : "pointwise";
}

PointwiseStridedParameters strided_parameters(const Group& group, PointwiseProgram& program) {
    // Inputs that go by strides come first.
    std::vector<std::size_t> order(program.inputs.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    const auto by_strides = [&](std::size_t i) {
        return program.inputs[i].access != kAccessSame && program.inputs[i].access != kAccessScalar;
    };
    std::stable_partition(order.begin(), order.end(), by_strides);
    std::vector<std::uint32_t> new_place(order.size());
    std::vector<ProgramInput> inputs;
    std::vector<View> views{View::of(group.space)};
    for (std::size_t place = 0; place < order.size(); ++place) {
        new_place[order[place]] = static_cast<std::uint32_t>(place);
        inputs.push_back(program.inputs[order[place]]);
        if (!by_strides(order[place])) continue;
        inputs.back().access = kAccessStrided;
        views.push_back(inputs.back().use.view);
    }
    program.inputs = std::move(inputs);
    for (Instruction& instruction : program.instructions) {
        for (std::uint32_t* operand : {&instruction.a, &instruction.b, &instruction.c}) {
            if (*operand < new_place.size()) *operand = new_place[*operand];
        }
    }

    PointwiseStridedParameters parameters{};
    parameters.count = count32(group.space);
    std::fill(std::begin(parameters.sizes), std::end(parameters.sizes), 1u);
    const CollapsedViews collapsed = collapse(group.space, views);
    INGOT_CHECK(collapsed.sizes.size() <= kStridedAxes && views.size() - 1 <= kStridedInputs);
    const std::size_t lead = kStridedAxes - collapsed.sizes.size();
    for (std::size_t axis = 0; axis < collapsed.sizes.size(); ++axis) {
        parameters.sizes[lead + axis] = static_cast<std::uint32_t>(collapsed.sizes[axis]);
        for (std::size_t k = 1; k < views.size(); ++k) {
            parameters.strides[(k - 1) * kStridedAxes + lead + axis] =
                static_cast<std::uint32_t>(collapsed.strides[k][axis]);
        }
    }
    for (std::size_t k = 1; k < views.size(); ++k) {
        parameters.offsets[k - 1] = static_cast<std::uint32_t>(views[k].offset);
    }
    return parameters;
}

}  // namespace

Operand operand_of(const Body& body, ValueId value) {
    const TensorSpec& spec = body.values[value].spec;
    const Storage storage = spec.dtype == f16    ? Storage::kHalf
                            : spec.dtype == bf16 ? Storage::kBrain
                                                 : Storage::kWord;
    return {Operand::Kind::kValue, value, 0, size_bytes_of(spec), storage};
}

Operand operand_of(const Body& body, const Use& use) {
    Operand operand = operand_of(body, use.value);
    const std::size_t element = size_bytes_of(body.values[use.value].spec.dtype);
    const std::uint64_t offset = static_cast<std::uint64_t>(use.view.offset) * element;
    if (use.view.is_contiguous() && offset % kAlignmentBytes == 0) {
        operand.offset_bytes = offset;
        operand.size_bytes = static_cast<std::uint64_t>(use.view.shape.count()) * element;
    }
    return operand;
}

bool fits_texels(const Body& body, const Operation& operation) {
    return std::none_of(operation.inputs.begin(), operation.inputs.end(),
                        [&](const Use& use) { return body.values[use.value].spec.dtype == bf16; });
}

void set_program(KernelCall& call, const Body& body, const PointwiseProgram& program,
                 std::uint32_t* div, std::uint32_t* mod) {
    constexpr Operand kUnused{Operand::Kind::kUnused, 0, 0, 0};
    call.constant("PW_COUNT", static_cast<std::uint32_t>(program.instructions.size()));
    call.constant("PW_RESULT", program.result);
    for (std::size_t k = 0; k < kPointwiseInputs; ++k) {
        Operand operand = kUnused;
        std::uint32_t access = kAccessNone;
        if (k < program.inputs.size()) {
            const ProgramInput& input = program.inputs[k];
            access = input.access;
            const DType dtype = body.values[input.use.value].spec.dtype;
            access |= storage_type(dtype) << kTypeShift | modular_slot(program, k) << kSlotShift;
            if (input.access == kAccessStrided) {
                operand = operand_of(body, input.use.value);
            } else if (input.access != kAccessValue) {
                operand = operand_of(body, input.use);
                const bool repeats = input.access != kAccessSame;
                if (repeats) {  // fewer elements than the view shows
                    operand = operand_of(body, input.use.value);
                    operand.offset_bytes =
                        static_cast<std::uint64_t>(input.use.view.offset) * size_bytes_of(dtype);
                    operand.size_bytes = input.mod * size_bytes_of(dtype);
                }
            }
            if (div != nullptr) div[k] = input.div;
            if (mod != nullptr) mod[k] = input.mod;
        }
        operand.storage = Storage::kWord;  // the program takes words apart
        call.constant(numbered("PW_IN", k), access);
        call.bind(numbered("pw_in", k), operand);
    }
    for (std::size_t k = 0; k < kPointwiseOutputs; ++k) {
        const bool used = k < program.outputs.size();
        std::uint32_t stored = 0;
        if (used) {
            const ProgramOutput& output = program.outputs[k];
            const std::uint32_t type = storage_type(body.values[output.value].spec.dtype);
            stored = output.in_register | type << kOutputTypeShift;
        }
        call.constant(numbered("PW_OUT", k), stored);
        call.bind(numbered("pw_out", k),
                  used ? operand_of(body, program.outputs[k].value) : kUnused);
    }
    for (std::size_t k = 0; k < program.immediates.size(); ++k) {
        call.constant(numbered("PW_C", k), program.immediates[k]);
    }
    for (std::size_t k = 0; k < program.instructions.size(); ++k) {
        const Instruction& i = program.instructions[k];
        call.constant(numbered("PW_I", k), i.opcode | i.a << 8 | i.b << 16 | i.c << 24);
    }
}

std::vector<Candidate> lower_pointwise(const Body& body, const Group& group,
                                       const DeviceDescription& device) {
    PointwiseProgram program = group.program;
    const bool strided = program.has_strided_input();
    const std::uint32_t count = count32(group.space);
    const bool wide = is_wide(program, count);
    const bool packed = !wide && stores_narrow(body, program);
    KernelCall call = KernelCall::make(pointwise_kernel(program, wide, packed));
    const std::uint32_t local_size = 64;
    const std::uint32_t width = wide || packed ? 4 : 1;  // elements that an invocation runs in one
    std::uint32_t per_group = local_size * width;
    if (strided) {
        const auto parameters = strided_parameters(group, program);
        set_program(call, body, program);
        call.parameters(parameters);
    } else {
        // Enough elements an invocation to outweigh the cost of starting a group, as long as
        // there are groups enough for every core.
        const std::uint32_t most = (device.device_class == DeviceClass::kCpu ? 16 : 4) / width;
        const std::uint32_t elements = std::clamp(count / width / (local_size * 64), 1u, most);
        PointwiseParameters parameters{};
        parameters.count = count;
        for (ProgramInput& in : program.inputs) {
            if (wide && in.access == kAccessModular && in.div == 1) in.access = kAccessFours;
        }
        set_program(call, body, program, parameters.div, parameters.mod);
        for (std::size_t k = 0; wide && k < program.inputs.size(); ++k) {  // in vectors
            const std::uint32_t access = program.inputs[k].access;
            if (access == kAccessModular) parameters.div[k] /= 4;
            if (access == kAccessFours) parameters.mod[k] /= 4;
        }
        call.parameters(parameters);
        call.constant("ELEMENTS", elements);
        per_group = local_size * elements * width;
    }
    call.constant("LOCAL_SIZE", local_size);
    call.constant("GUARDED", group.updates_state);
    for (Operand& operand : call.operands)
        operand.storage = Storage::kWord;  // these kernels pack words themselves
    const Operand status{group.updates_state ? Operand::Kind::kStatus : Operand::Kind::kUnused};
    call.bind("status", status);
    call.dispatch(groups_for(count, per_group, device));

    Candidate candidate;
    candidate.name = std::string(call.kernel->name);
    for (const ValueId value : group.reads(body)) {
        candidate.bytes += static_cast<double>(size_bytes_of(body.values[value].spec));
    }
    for (const ValueId value : group.writes(body)) {
        candidate.bytes += static_cast<double>(size_bytes_of(body.values[value].spec));
    }
    candidate.flops = static_cast<double>(count) * static_cast<double>(program.instructions.size());
    candidate.cost_ns = candidate.bytes;
    candidate.calls.push_back(std::move(call));
    return {std::move(candidate)};
}

KernelCall copy_call(const Body& body, const Use& from, bool guarded,
                     const DeviceDescription& device) {
    Group group;
    group.space = from.view.shape;
    group.updates_state = guarded;
    group.program.inputs = {{from, kAccessSame, 1, 1}};
    group.program.instructions = {{kCopyOp.opcode, 0, 0, 0}};
    group.program.outputs = {{from.value, kFirstResult}};  // the caller binds the real target
    group.program.is_narrow = size_bytes_of(body.values[from.value].spec.dtype) < 4;
    return lower_pointwise(body, group, device)[0].calls[0];
}

}  // namespace ingot::graph
