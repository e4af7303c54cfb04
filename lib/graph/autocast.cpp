// SPDX-License-Identifier: MIT
#include "graph/autocast.h"

#include "core/check.h"
#include "graph/cast.h"

#include <utility>

namespace ingot {
namespace {

thread_local DType current_type = f32;

}  // namespace

Autocast::Autocast(DType dtype) {
    if (!is_floating(dtype)) {
        fail(ErrorKind::kInvalidArgument, "autocast: to f16, bf16 or f32, not to {}",
             to_string(dtype));
    }
    before_ = std::exchange(current_type, dtype);
}

Autocast::~Autocast() {
    current_type = before_;
}

namespace graph {

Casting::Casting(AutocastRule rule) : rule_(rule), lower_(current_type) {
    if (rule == AutocastRule::kLower && lower_ != f32) as_written_.emplace(f32);
}

DType Casting::result_type(DType dtype) const {
    if (lower_ == f32 || rule_ == AutocastRule::kAsGiven || !is_floating(dtype)) return dtype;
    return rule_ == AutocastRule::kLower ? lower_ : f32;
}

Tensor Casting::operator()(const Tensor& x) const {
    if (!x) return x;
    const DType type = result_type(x.dtype());
    const bool rounds = rule_ == AutocastRule::kLower && is_floating(type);
    return rounds && lower_ != f32 ? cast(cast(x, type), f32) : cast(x, type);
}

Tensor Casting::result(const Tensor& y) const {
    return cast(y, result_type(y.dtype()));
}

}  // namespace graph
}  // namespace ingot
