// SPDX-License-Identifier: MIT
// The one exception type of the library. A message names the operation first, then the rule that
// was broken, then the numbers: `matmul: inner sizes differ: lhs [64, 784], rhs [10, 128]`.
#pragma once

#include <ingot/export.h>

#include <stdexcept>
#include <string>

namespace ingot {

enum class ErrorKind {
    kInvalidArgument,  // the caller's mistake: shape, dtype, attribute, option
    kUnsupported,      // right, but this device or this build cannot do it
    kNoDevice,         // no Vulkan loader, or no device that can be used
    kOutOfMemory,      // the device or the host refused an allocation
    kDeviceLost,       // the driver gave up on the device; state is restored from a checkpoint
    kData,             // the data fed to a step is at fault: a label out of range, say
    kFile,             // a file is missing, malformed, or cannot be written
    kInternal,         // a bug of ours
};

INGOT_API const char* to_string(ErrorKind kind);

class INGOT_API Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
    ErrorKind kind() const { return kind_; }

private:
    ErrorKind kind_;
};

}  // namespace ingot
