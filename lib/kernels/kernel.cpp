// SPDX-License-Identifier: MIT
#include "kernels/kernel.h"

namespace ingot {

const char* to_string(BindingKind kind) {
    switch (kind) {
        case BindingKind::kStorageBuffer: return "storage buffer";
        case BindingKind::kUniformBuffer: return "uniform buffer";
        case BindingKind::kUniformTexelBuffer: return "uniform texel buffer";
        case BindingKind::kStorageTexelBuffer: return "storage texel buffer";
    }
    return "?";
}

const char* to_string(Access access) {
    switch (access) {
        case Access::kRead: return "read";
        case Access::kWrite: return "write";
        case Access::kReadWrite: return "read-write";
    }
    return "?";
}

const char* to_string(ScalarType type) {
    switch (type) {
        case ScalarType::kBool: return "bool";
        case ScalarType::kInt: return "int";
        case ScalarType::kUint: return "uint";
        case ScalarType::kFloat: return "float";
    }
    return "?";
}

}  // namespace ingot
