// SPDX-License-Identifier: MIT
#include <ingot/host_tensor.h>

#include "core/check.h"

namespace ingot {

HostTensor HostTensor::zeros(std::string name, const Shape& shape, DType dtype) {
    HostTensor tensor{std::move(name), shape, dtype, {}};
    tensor.data.resize(static_cast<std::size_t>(shape.count()) * size_bytes_of(dtype));
    return tensor;
}

void HostTensor::check(DType expected) const {
    if (dtype != expected) {
        fail(ErrorKind::kInvalidArgument, "tensor '{}': holds {}, not {}", name, to_string(dtype),
             to_string(expected));
    }
    const std::size_t element_bytes = size_bytes_of(dtype);
    // Divided, not multiplied: a count near 2^63 must not wrap round to a size that fits.
    if (data.size() % element_bytes != 0 ||
        data.size() / element_bytes != static_cast<std::size_t>(shape.count())) {
        fail(ErrorKind::kInvalidArgument,
             "tensor '{}': shape {} has {} elements of {}, data has {} bytes", name,
             to_string(shape), shape.count(), to_string(dtype), data.size());
    }
}

}  // namespace ingot
