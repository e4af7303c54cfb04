// SPDX-License-Identifier: MIT
#include <ingot/dtype.h>

namespace ingot {

const char* to_string(DType dtype) {
    switch (dtype) {
        case DType::kFloat32: return "f32";
        case DType::kInt32: return "i32";
        case DType::kUInt8: return "u8";
    }
    return "?";
}

std::size_t size_bytes_of(DType dtype) {
    return dtype == DType::kUInt8 ? 1 : 4;
}

}  // namespace ingot
