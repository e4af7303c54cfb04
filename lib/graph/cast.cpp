// SPDX-License-Identifier: MIT
#include "graph/cast.h"

#include "graph/leaf.h"
#include "graph/opcodes.h"

namespace ingot::graph {
namespace {

struct CastAttributes {
    DType dtype;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("dtype", static_cast<std::uint32_t>(dtype));
    }
};

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes& attributes) {
    return {{inputs[0].shape(), attributes.as<CastAttributes>().dtype}};
}

std::vector<Tensor> gradient(const GradientContext& c) {
    return {cast(c.d_y(), c.x(0).dtype())};
}

constexpr std::string_view kIntegers = "integers have none";

constexpr OpDef between_floats(std::uint32_t opcode, Listed listed) {
    return {.name = "cast",
            .listed = listed,
            .autocast = AutocastRule::kAsGiven,
            .kind = OpKind::kPointwise,
            .infer = infer,
            .gradient = gradient,
            .opcode = opcode};
}
constexpr OpDef with_integers(std::uint32_t opcode, Listed listed) {
    return {.name = "cast",
            .listed = listed,
            .autocast = AutocastRule::kAsGiven,
            .kind = OpKind::kPointwise,
            .infer = infer,
            .no_gradient = kIntegers,
            .opcode = opcode};
}

const OpDef kToF32 = between_floats(k_copy, in_list<kToF32>);
const OpDef kToF16 = between_floats(k_round_half, in_list<kToF16>);
const OpDef kToBF16 = between_floats(k_round_brain, in_list<kToBF16>);
const OpDef kIntToF32 = with_integers(k_float_of_int, in_list<kIntToF32>);
const OpDef kFloatToInt = with_integers(k_int_of_float, in_list<kFloatToInt>);
const OpDef kWordToInt = with_integers(k_copy, in_list<kWordToInt>);
const OpDef kWordToByte = with_integers(k_low_byte, in_list<kWordToByte>);
const OpDef kFloatToBool = with_integers(k_bool_of_float, in_list<kFloatToBool>);
const OpDef kWordToBool = with_integers(k_bool_of_word, in_list<kWordToBool>);

Tensor apply_cast(const OpDef& def, const Tensor& x, DType dtype) {
    return apply(def, Attributes::of(CastAttributes{dtype}), {x});
}

}  // namespace

bool is_narrow_float(DType dtype) {
    return is_floating(dtype) && dtype != f32;
}

Tensor cast(const Tensor& x, DType dtype) {
    if (x.dtype() == dtype) return x;
    const bool from_float = is_floating(x.dtype());
    switch (dtype) {
        case DType::kFloat32: return apply_cast(from_float ? kToF32 : kIntToF32, x, f32);
        case DType::kFloat16:
        case DType::kBFloat16:
            return apply_cast(dtype == f16 ? kToF16 : kToBF16, from_float ? x : cast(x, f32),
                              dtype);
        case DType::kInt32: return apply_cast(from_float ? kFloatToInt : kWordToInt, x, i32);
        case DType::kUInt8: return apply_cast(kWordToByte, from_float ? cast(x, i32) : x, u8);
        case DType::kBool: return apply_cast(from_float ? kFloatToBool : kWordToBool, x, boolean);
    }
    fail(ErrorKind::kInternal, "cast: dtype {}", static_cast<int>(dtype));
}

DType promoted(std::span<const Tensor> operands) {
    int deciding = -1;  // the weight of those that decide
    DType dtype = f32;
    for (const Tensor& x : operands) {
        if (!is_floating(x.dtype())) continue;
        const int weight = x.shape().rank() > 0 ? 2 : x.node()->def == &kConstantOp ? 0 : 1;
        if (weight < deciding) continue;
        dtype = weight == deciding && dtype != x.dtype() ? f32 : x.dtype();
        deciding = weight;
    }
    return dtype;
}

}  // namespace ingot::graph
