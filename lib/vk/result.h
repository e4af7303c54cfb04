// SPDX-License-Identifier: MIT
// From VkResult to Error: the message names the function and the result as the specification
// spells them; the kind says what the caller can do about it (more memory, a restore, nothing).
#pragma once

#include "vk/functions.h"

#include <ingot/error.h>

namespace ingot::vk {

const char* to_string(VkResult result);  // "VK_ERROR_DEVICE_LOST"
ErrorKind error_kind_of(VkResult result);

[[noreturn]] void fail_result(VkResult result, const char* function);

// Throws on errors (negative results); VK_TIMEOUT, VK_NOT_READY and VK_INCOMPLETE pass.
inline void check(VkResult result, const char* function) {
    if (result < 0) fail_result(result, function);
}

}  // namespace ingot::vk
