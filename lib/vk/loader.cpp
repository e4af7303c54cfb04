// SPDX-License-Identifier: MIT
#include "vk/loader.h"

#include "core/check.h"
#include "vk/result.h"

#include <cstdlib>
#include <vector>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace ingot::vk {
namespace {

#if defined(_WIN32)
constexpr const char* kAdvice = "install or update the graphics driver";

PFN_vkGetInstanceProcAddr open_library(const std::string& name) {
    const HMODULE module = LoadLibraryA(name.c_str());
    if (!module) return nullptr;
    return reinterpret_cast<PFN_vkGetInstanceProcAddr>(
        reinterpret_cast<void (*)()>(GetProcAddress(module, "vkGetInstanceProcAddr")));
}
#else
#if defined(__APPLE__)
constexpr const char* kAdvice = "install MoltenVK (Homebrew: molten-vk and vulkan-loader)";
#else
constexpr const char* kAdvice =
    "install the Vulkan loader (Debian and Ubuntu: libvulkan1, Fedora: vulkan-loader, Arch: "
    "vulkan-icd-loader) and a driver (Debian and Ubuntu: mesa-vulkan-drivers, which also runs "
    "without a graphics card)";
#endif

PFN_vkGetInstanceProcAddr open_library(const std::string& name) {
    void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return nullptr;
    return reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
}
#endif

std::vector<std::string> candidates(const std::string& library_path) {
    if (!library_path.empty()) return {library_path};
    if (const char* path = std::getenv("INGOT_VULKAN_LIBRARY"); path && *path) return {path};
#if defined(_WIN32)
    return {"vulkan-1.dll"};
#elif defined(__APPLE__)
    return {"libvulkan.dylib", "libvulkan.1.dylib", "/opt/homebrew/lib/libvulkan.1.dylib",
            "/usr/local/lib/libvulkan.1.dylib", "libMoltenVK.dylib"};
#else
    return {"libvulkan.so.1", "libvulkan.so"};
#endif
}

}  // namespace

Loader Loader::open(const std::string& library_path) {
    const std::vector<std::string> names = candidates(library_path);
    for (const std::string& name : names) {
        const PFN_vkGetInstanceProcAddr get = open_library(name);
        if (!get) continue;
        Loader loader{load_loader_functions(get), name, VK_API_VERSION_1_0};
        if (loader.fn.vkEnumerateInstanceVersion) {
            check(loader.fn.vkEnumerateInstanceVersion(&loader.api_version),
                  "vkEnumerateInstanceVersion");
        }
        return loader;
    }
    fail(ErrorKind::kNoDevice, "device: no Vulkan loader on this machine (looked for {}): {}",
         fmt::join(names, ", "), kAdvice);
}

}  // namespace ingot::vk
