// SPDX-License-Identifier: MIT
// Expressions widen the 16-bit floats that kernels read. Where a device has 16-bit storage, kernels
// can read them as they lie (kernels/narrow.h), and so do pointwise programs, whose registers are
// f32 whatever they load: no copy in 32 bits is made, or kept for the gradient beside the 16.
#include "graph/body.h"
#include "graph/cast.h"

#include <optional>

namespace ingot::graph {
namespace {

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

bool is_aligned(const Use& use) {
    return use.view.offset * 2 % static_cast<std::int64_t>(kAlignmentBytes) == 0;
}

}  // namespace

void read_narrow(Body& body) {
    std::vector<const Operation*> makers(body.values.size());
    for (const Operation& operation : body.operations) {
        for (const ValueId value : operation.outputs)
            makers[value] = &operation;
    }
    for (Operation& operation : body.operations) {
        const bool is_pointwise = operation.def->kind == OpKind::kPointwise;
        if (!is_pointwise && !operation.def->reads_narrow) continue;
        for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
            const auto narrow = before_widening(body, makers, operation.inputs[i]);
            if (!narrow) continue;
            if (is_pointwise ||
                (is_aligned(*narrow) && follows(body, *operation.def, i, *narrow))) {
                operation.inputs[i] = *narrow;
            }
        }
    }
    drop_unused(body);
}

}  // namespace ingot::graph
