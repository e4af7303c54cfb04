// SPDX-License-Identifier: MIT
// The Vulkan loader, opened at run time so that a program which embeds us starts on a machine
// without Vulkan and gets an Error instead. The library stays loaded until the process ends:
// drivers keep threads and thread-local data that do not survive being unloaded.
#pragma once

#include "vk/functions.h"

#include <string>

namespace ingot::vk {

struct Loader {
    LoaderFunctions fn;
    std::string library;            // what was opened, for reports
    std::uint32_t api_version = 0;  // of the loader, VK_MAKE_API_VERSION

    // An empty path: the environment variable INGOT_VULKAN_LIBRARY, else the platform's usual
    // names. Throws kNoDevice, naming what was looked for and what to install.
    static Loader open(const std::string& library_path = {});
};

}  // namespace ingot::vk
