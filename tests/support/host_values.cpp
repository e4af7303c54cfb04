// SPDX-License-Identifier: MIT
#include "support/host_values.h"

#include <type_traits>

namespace ingot::testing {

template <typename T>
void HostValues::put(T value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(T));
}

HostValues::HostValues(DType dtype, const std::vector<double>& values) : dtype_(dtype) {
    for (const double value : values) {
        switch (dtype) {
            case f32: put(static_cast<float>(value)); break;
            case f16: put(Float16(static_cast<float>(value))); break;
            case bf16: put(BFloat16(static_cast<float>(value))); break;
            case i32: put(static_cast<std::int32_t>(value)); break;
            case u8:
            case boolean: put(static_cast<std::uint8_t>(value)); break;
        }
    }
}

HostView HostValues::view() const {
    HostView view;
    view.data = bytes_.data();
    view.count = static_cast<std::int64_t>(bytes_.size() / size_bytes_of(dtype_));
    view.dtype = dtype_;
    return view;
}

double rounded(double value, DType dtype) {
    const auto narrow = static_cast<float>(value);
    if (dtype == f16) return static_cast<double>(float{Float16(narrow)});
    if (dtype == bf16) return static_cast<double>(float{BFloat16(narrow)});
    return dtype == f32 ? static_cast<double>(narrow) : value;
}

std::vector<double> read_doubles(Program& program, const Tensor& output) {
    const auto all = [&](auto zero) -> std::vector<double> {
        std::vector<double> doubles;
        for (const auto value : program.read_all<decltype(zero)>(output)) {
            if constexpr (std::is_integral_v<decltype(zero)>) {
                doubles.push_back(static_cast<double>(value));
            } else {
                doubles.push_back(static_cast<double>(float{value}));
            }
        }
        return doubles;
    };
    switch (output.dtype()) {
        case f16: return all(Float16());
        case bf16: return all(BFloat16());
        case i32: return all(std::int32_t{});
        case u8:
        case boolean: return all(std::uint8_t{});
        case f32: break;
    }
    return all(0.0F);
}

}  // namespace ingot::testing
