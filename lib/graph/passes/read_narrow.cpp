// SPDX-License-Identifier: MIT
// Expressions widen the 16-bit floats that kernels read. Where a device has 16-bit storage, kernels
// can read them as they lie (kernels/narrow.h), and no copy in 32 bits is made or kept.
#include "graph/body.h"

#include <algorithm>

namespace ingot::graph {
namespace {

bool is_narrow_float(DType dtype) {
    return is_floating(dtype) && dtype != f32;
}

// The use of 16 bits behind a use of what was widened from it; else nothing.
std::optional<Use> before_widening(const Body& body, const std::vector<const Operation*>& makers,
                                   const Use& use) {
    const Operation* maker = makers[use.value];
    if (maker == nullptr || maker->def->name != "cast") return std::nullopt;
    const Use& from = maker->inputs[0];
    const bool widens = body.values[use.value].spec.dtype == f32 &&
                        is_narrow_float(body.values[from.value].spec.dtype);
    if (!widens || !is_whole(body, from)) return std::nullopt;
    return Use{from.value, use.view};
}

bool follows(const OpDef& def, std::size_t input, const View& view) {
    const auto offset_bytes = static_cast<std::uint64_t>(view.offset) * 2;
    return offset_bytes % kAlignmentBytes == 0 &&
           (view.is_contiguous() || (def.accepts != nullptr && def.accepts(input, view)));
}

void drop_unread_casts(Body& body) {
    std::vector<bool> is_read(body.values.size());
    for (const BodyOutput& output : body.outputs)
        is_read[output.use.value] = true;
    for (const BodyUpdate& update : body.updates)
        is_read[update.value.value] = true;
    for (const Operation& operation : body.operations) {
        for (const Use& use : operation.inputs)
            is_read[use.value] = true;
    }
    std::erase_if(body.operations, [&](const Operation& operation) {
        return operation.def->name == "cast" && !is_read[operation.outputs[0]];
    });
}

}  // namespace

void read_narrow(Body& body) {
    std::vector<const Operation*> makers(body.values.size());
    for (const Operation& operation : body.operations) {
        for (const ValueId value : operation.outputs)
            makers[value] = &operation;
    }
    for (Operation& operation : body.operations) {
        if (!operation.def->reads_narrow) continue;
        for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
            const auto narrow = before_widening(body, makers, operation.inputs[i]);
            if (narrow && follows(*operation.def, i, narrow->view)) operation.inputs[i] = *narrow;
        }
    }
    drop_unread_casts(body);
}

}  // namespace ingot::graph
