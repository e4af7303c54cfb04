// SPDX-License-Identifier: MIT
// A tensor in host memory with a name: what files hold, and what weights look like on their way to
// and from a device. Row-major, last axis contiguous, little-endian, exactly
// shape.count() * size_bytes_of(dtype) bytes.
#pragma once

#include <ingot/dtype.h>
#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

struct INGOT_API HostTensor {
    std::string name;
    Shape shape;
    DType dtype = f32;
    std::vector<std::byte> data;

    // A copy of `values`; T is float, int32_t or uint8_t. Throws when shape and count disagree.
    template <typename T>
    static HostTensor of(std::string name, const Shape& shape, std::span<const T> values) {
        HostTensor tensor{std::move(name), shape, DTypeOf<T>::value, {}};
        const auto bytes = std::as_bytes(values);
        tensor.data.assign(bytes.begin(), bytes.end());
        tensor.check(DTypeOf<T>::value);
        return tensor;
    }
    template <typename T>
    static HostTensor of(std::string name, const Shape& shape, const std::vector<T>& values) {
        return of(std::move(name), shape, std::span<const T>(values));
    }
    static HostTensor zeros(std::string name, const Shape& shape, DType dtype = f32);

    // The elements, shape.count() of them. Throws when T is not the tensor's dtype or when the
    // bytes do not match the shape.
    template <typename T>
    std::span<const T> values() const {
        check(DTypeOf<T>::value);
        return {reinterpret_cast<const T*>(data.data()), data.size() / sizeof(T)};
    }
    template <typename T>
    std::span<T> values() {
        check(DTypeOf<T>::value);
        return {reinterpret_cast<T*>(data.data()), data.size() / sizeof(T)};
    }

    std::size_t size_bytes() const { return data.size(); }
    bool operator==(const HostTensor&) const = default;  // bit by bit: NaN equals itself

private:
    void check(DType expected) const;
};

}  // namespace ingot
