// SPDX-License-Identifier: MIT
#include "graph/passes/program_builder.h"

#include "graph/opcodes.h"
#include "shaders/pointwise.h"

#include <algorithm>
#include <map>

namespace ingot::graph {

using namespace ingot::shaders;

bool PointwiseProgram::has_strided_input() const {
    return std::any_of(inputs.begin(), inputs.end(),
                       [](const ProgramInput& in) { return in.access == kAccessStrided; });
}

namespace {

constexpr std::size_t kShortProgram = 8;  // what a kernel with an epilogue or prologue takes

class Builder {
public:
    Builder(const Body& body, const Group& group, bool stores_narrow)
        : body_(body), group_(group), stores_narrow_(stores_narrow) {}

    std::optional<PointwiseProgram> build(const std::function<bool(ValueId)>& is_output) {
        const Operation* anchor = group_.anchor_in(body_);
        if (anchor != nullptr && anchor->def->fusion == Fusion::kEpilogue) {
            // Input 0 is the value that the kernel has just computed.
            const ValueId value = anchor->outputs[0];
            program_.inputs.push_back(
                {{value, View::of(body_.values[value].spec.shape)}, kAccessValue, 1, 1});
            registers_[value] = 0;
            stored_.emplace_back(value, 0);
        }
        for (const std::size_t index : group_.operations) {
            if (group_.anchor == index) continue;
            if (!add(body_.operations[index])) return std::nullopt;
        }
        if (anchor != nullptr && anchor->def->fusion == Fusion::kPrologue) {
            const auto result = register_of(anchor->inputs[0], group_.space);
            if (!result) return std::nullopt;
            program_.result = *result;
        }
        for (const auto& [value, in_register] : stored_) {
            if (!is_output(value)) continue;
            const DType dtype = body_.values[value].spec.dtype;
            if (anchor != nullptr && (dtype == f16 || dtype == bf16)) {
                // The kernel's store converts what the type can hold (kernels/narrow.h).
                const std::uint32_t round = dtype == f16 ? k_round_half : k_round_brain;
                program_.instructions.push_back({round, in_register, 0, 0});
                program_.outputs.push_back({value, last_result()});
            } else if (in_register < kFirstResult) {  // the anchor's own value: copied to be stored
                program_.instructions.push_back({kCopyOp.opcode, in_register, 0, 0});
                program_.outputs.push_back({value, last_result()});
            } else {
                program_.outputs.push_back({value, in_register});
            }
        }
        program_.is_narrow = is_narrow();
        return fits() && is_storable(anchor) ? std::optional(program_) : std::nullopt;
    }

private:
    bool is_narrow() const {
        const auto narrow = [&](ValueId value) {
            return size_bytes_of(body_.values[value].spec.dtype) < 4;
        };
        return std::any_of(program_.inputs.begin(), program_.inputs.end(),
                           [&](const ProgramInput& in) { return narrow(in.use.value); }) ||
               std::any_of(program_.outputs.begin(), program_.outputs.end(),
                           [&](const ProgramOutput& out) { return narrow(out.value); });
    }

    // Elements narrower than a word share it, and a kernel with an epilogue stores one at a time.
    bool is_storable(const Operation* anchor) const {
        return anchor == nullptr ||
               std::all_of(
                   program_.outputs.begin(), program_.outputs.end(), [&](const ProgramOutput& out) {
                       const std::size_t bytes = size_bytes_of(body_.values[out.value].spec.dtype);
                       return bytes == 4 || (bytes == 2 && stores_narrow_);
                   });
    }

    std::uint32_t last_result() const {
        return kFirstResult + static_cast<std::uint32_t>(program_.instructions.size()) - 1;
    }

    bool add(const Operation& operation) {
        const Shape& space = body_.values[operation.outputs[0]].spec.shape;
        std::uint32_t operands[3] = {};
        for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
            const auto found = register_of(operation.inputs[i], space);
            if (!found) return false;
            operands[i] = *found;
        }
        program_.instructions.push_back(
            {operation.def->opcode, operands[0], operands[1], operands[2]});
        registers_[operation.outputs[0]] = last_result();
        stored_.emplace_back(operation.outputs[0], last_result());
        return true;
    }

    std::optional<std::uint32_t> register_of(const Use& use, const Shape& space) {
        const Value& value = body_.values[use.value];
        if (value.kind == ValueKind::kConstant) return immediate(value.word);
        const auto computed = registers_.find(use.value);
        if (computed != registers_.end()) return computed->second;
        ProgramInput input = access_of(use, space, size_bytes_of(value.spec.dtype));
        if (const Operation* anchor = group_.anchor_in(body_)) {
            if (anchor->def->fusion == Fusion::kEpilogue && input.access == kAccessModular) {
                input.access = anchor->def->epilogue_access(group_.space, input.div, input.mod);
                if (input.access == kAccessNone) return std::nullopt;
            }
            if (input.access == kAccessStrided) return std::nullopt;
        }
        for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
            const ProgramInput& other = program_.inputs[i];
            if (other.use.value == use.value && other.use.view == use.view &&
                other.access == input.access) {
                return static_cast<std::uint32_t>(i);
            }
        }
        program_.inputs.push_back(std::move(input));
        return static_cast<std::uint32_t>(program_.inputs.size() - 1);
    }

    std::uint32_t immediate(std::uint32_t word) {
        auto& words = program_.immediates;
        const auto found = std::find(words.begin(), words.end(), word);
        const auto at = static_cast<std::uint32_t>(found - words.begin());
        if (found == words.end()) words.push_back(word);
        return kFirstImmediate + at;
    }

    // The cheapest way to find an input's element from the element's index in `space`.
    static ProgramInput access_of(const Use& use, const Shape& space, std::size_t element_bytes) {
        const View whole = View::of(space);
        const std::uint64_t offset_bytes =
            static_cast<std::uint64_t>(use.view.offset) * element_bytes;
        if (offset_bytes % kAlignmentBytes == 0) {
            if (use.view.is_contiguous()) return {use, kAccessSame, 1, 1};
            const View views[] = {use.view, whole};
            const CollapsedViews collapsed = collapse(space, views);
            std::uint32_t div = 1;
            std::uint32_t mod = 0;
            std::size_t used = 0;
            for (std::size_t axis = collapsed.sizes.size(); axis-- > 0;) {
                const auto size = static_cast<std::uint32_t>(collapsed.sizes[axis]);
                const std::int64_t stride = collapsed.strides[0][axis];
                if (stride == 0) {
                    if (used == 0) div *= size;
                    continue;
                }
                if (stride != 1) used = 2;  // only one run of axes can be found by / and %
                ++used;
                mod = size;
            }
            if (used == 0) return {use, kAccessScalar, 1, 1};
            if (used == 1) return {use, kAccessModular, div, mod};
        }
        return {use, kAccessStrided, 1, 1};
    }

    bool fits() const {
        const bool anchored = group_.anchor.has_value();
        if (program_.inputs.size() > kPointwiseInputs) return false;
        if (program_.immediates.size() > kPointwiseImmediates) return false;
        if (program_.instructions.size() > (anchored ? kShortProgram : kPointwiseInstructions)) {
            return false;
        }
        if (!program_.has_strided_input()) return true;
        // One iteration space for all strides, few enough axes, and few enough such inputs; there
        // every broadcast goes by strides.
        std::vector<View> views{View::of(group_.space)};
        for (const ProgramInput& input : program_.inputs) {
            if (input.access == kAccessSame || input.access == kAccessScalar) continue;
            views.push_back(input.use.view);
        }
        if (views.size() - 1 > kStridedInputs) return false;
        for (const std::size_t index : group_.operations) {
            if (body_.values[body_.operations[index].outputs[0]].spec.shape != group_.space) {
                return false;
            }
        }
        return collapse(group_.space, views).sizes.size() <= kStridedAxes;
    }

    const Body& body_;
    const Group& group_;
    const bool stores_narrow_;
    PointwiseProgram program_;
    std::map<ValueId, std::uint32_t> registers_;
    std::vector<std::pair<ValueId, std::uint32_t>> stored_;
};

}  // namespace

std::optional<PointwiseProgram> build_program(const Body& body, const Group& group,
                                              const std::function<bool(ValueId)>& is_output,
                                              bool stores_narrow) {
    return Builder(body, group, stores_narrow).build(is_output);
}

}  // namespace ingot::graph
