// SPDX-License-Identifier: MIT
#include "vk/instance.h"

#include "core/check.h"
#include "core/log.h"
#include "vk/device_report.h"
#include "vk/loader.h"
#include "vk/result.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace ingot::vk {
namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";
constexpr const char* kPortabilityEnumeration = "VK_KHR_portability_enumeration";
constexpr VkInstanceCreateFlags kEnumeratePortability = 0x1;  // absent from older headers

using Extensions = std::vector<VkExtensionProperties>;

Extensions extensions_of(const LoaderFunctions& fn, const char* layer) {
    std::uint32_t count = 0;
    check(fn.vkEnumerateInstanceExtensionProperties(layer, &count, nullptr),
          "vkEnumerateInstanceExtensionProperties");
    Extensions extensions(count);
    check(fn.vkEnumerateInstanceExtensionProperties(layer, &count, extensions.data()),
          "vkEnumerateInstanceExtensionProperties");
    extensions.resize(count);
    return extensions;
}

bool contains(const Extensions& extensions, const char* name) {
    return std::any_of(extensions.begin(), extensions.end(), [&](const auto& extension) {
        return std::strcmp(extension.extensionName, name) == 0;
    });
}

bool validation_from_environment() {
    const char* value = std::getenv("INGOT_VALIDATION");
    return value && *value && std::strcmp(value, "0") != 0;
}

void require_validation(const LoaderFunctions& fn) {
    std::uint32_t count = 0;
    check(fn.vkEnumerateInstanceLayerProperties(&count, nullptr),
          "vkEnumerateInstanceLayerProperties");
    std::vector<VkLayerProperties> layers(count);
    check(fn.vkEnumerateInstanceLayerProperties(&count, layers.data()),
          "vkEnumerateInstanceLayerProperties");
    const bool present = std::any_of(layers.begin(), layers.end(), [](const auto& layer) {
        return std::strcmp(layer.layerName, kValidationLayer) == 0;
    });
    if (!present) {
        fail(ErrorKind::kUnsupported,
             "device: validation was asked for, but the layer {} is not installed (Debian and "
             "Ubuntu: vulkan-validationlayers)",
             kValidationLayer);
    }
    const Extensions extensions = extensions_of(fn, kValidationLayer);
    for (const char* name :
         {VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME, VK_EXT_DEBUG_UTILS_EXTENSION_NAME}) {
        if (!contains(extensions, name)) {
            fail(ErrorKind::kUnsupported, "device: validation was asked for, but {} has no {}",
                 kValidationLayer, name);
        }
    }
}

// Runs inside Vulkan calls, so nothing may be thrown from here.
VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                          VkDebugUtilsMessageTypeFlagsEXT type,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data,
                                          void* user_data) {
    const char* text = data->pMessage ? data->pMessage : "";
    try {
        // General messages are the loader's, about other drivers that it could not open.
        if (!(type & VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT)) {
            log(LogLevel::kDebug, "vulkan: {}", text);
            return VK_FALSE;
        }
        static_cast<std::atomic<std::uint64_t>*>(user_data)->fetch_add(1);
        const bool error = severity & VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
        log(error ? LogLevel::kError : LogLevel::kWarning, "validation: {}", text);
    } catch (...) {
    }
    return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(std::atomic<std::uint64_t>* count) {
    VkDebugUtilsMessengerCreateInfoEXT info{};
    info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
    info.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                           VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
    info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
    info.pfnUserCallback = on_message;
    info.pUserData = count;
    return info;
}

}  // namespace

Instance::Instance(const InstanceOptions& options)
    : message_count_(std::make_unique<std::atomic<std::uint64_t>>(0)) {
    const Loader loader = Loader::open(options.loader_path);
    if (loader.api_version < VK_API_VERSION_1_1) {
        fail(ErrorKind::kNoDevice,
             "device: the Vulkan loader {} is of version {}; 1.1 or newer is needed",
             loader.library, api_version_string(loader.api_version));
    }
    const bool validation = options.validation || validation_from_environment();
    if (validation) require_validation(loader.fn);

    const Extensions present = extensions_of(loader.fn, nullptr);
    std::vector<const char*> extensions;
    VkInstanceCreateFlags flags = 0;
    if (contains(present, kPortabilityEnumeration)) {  // shows MoltenVK
        extensions.push_back(kPortabilityEnumeration);
        flags |= kEnumeratePortability;
    }
    debug_utils_ =
        validation || (options.debug_names && contains(present, VK_EXT_DEBUG_UTILS_EXTENSION_NAME));
    if (debug_utils_) extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    if (validation) extensions.push_back(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME);

    api_version_ = VK_API_VERSION_1_3;
    VkApplicationInfo application{};
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
    application.pApplicationName = options.app_name.c_str();
    application.pEngineName = "ingot";
    application.apiVersion = api_version_;

    VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(message_count_.get());
    const VkValidationFeatureEnableEXT synchronization =
        VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    VkValidationFeaturesEXT validation_features{};
    validation_features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
    validation_features.pNext = &messenger;
    validation_features.enabledValidationFeatureCount = 1;
    validation_features.pEnabledValidationFeatures = &synchronization;

    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.pNext = validation ? &validation_features : nullptr;
    info.flags = flags;
    info.pApplicationInfo = &application;
    info.enabledLayerCount = validation ? 1 : 0;
    info.ppEnabledLayerNames = &kValidationLayer;
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();
    const VkResult result = loader.fn.vkCreateInstance(&info, nullptr, &instance_);
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
        fail(ErrorKind::kNoDevice,
             "device: the Vulkan loader {} found no driver (VK_ERROR_INCOMPATIBLE_DRIVER): install "
             "one for the graphics card, or a software driver (Debian and Ubuntu: "
             "mesa-vulkan-drivers)",
             loader.library);
    }
    check(result, "vkCreateInstance");

    fn_ = load_instance_functions(loader.fn.vkGetInstanceProcAddr, instance_, debug_utils_);
    if (validation) {
        check(fn_.vkCreateDebugUtilsMessengerEXT(instance_, &messenger, nullptr, &messenger_),
              "vkCreateDebugUtilsMessengerEXT");
    }
}

Instance::Instance(Instance&& other) noexcept
    : instance_(std::exchange(other.instance_, VK_NULL_HANDLE)),
      messenger_(std::exchange(other.messenger_, VK_NULL_HANDLE)),
      fn_(other.fn_),
      api_version_(other.api_version_),
      debug_utils_(other.debug_utils_),
      message_count_(std::move(other.message_count_)) {}

Instance::~Instance() {
    if (messenger_) fn_.vkDestroyDebugUtilsMessengerEXT(instance_, messenger_, nullptr);
    if (instance_) fn_.vkDestroyInstance(instance_, nullptr);
}

}  // namespace ingot::vk
