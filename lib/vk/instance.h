// SPDX-License-Identifier: MIT
// A VkInstance of our own, with validation when asked. Validation that was asked for and is not
// installed is an Error: a test run that believes itself validated must be.
#pragma once

#include "vk/functions.h"

#include <atomic>
#include <memory>
#include <string>

namespace ingot::vk {

struct InstanceOptions {
    std::string app_name = "ingot";
    bool validation = false;  // core and synchronization checks; INGOT_VALIDATION=1 turns it on too
    bool debug_names = false;  // object names and labels for capture tools; implied by validation
    std::string loader_path;   // empty: see Loader::open
};

class Instance {
public:
    explicit Instance(const InstanceOptions& options = {});
    Instance(Instance&& other) noexcept;
    Instance& operator=(Instance&&) = delete;
    ~Instance();

    VkInstance handle() const { return instance_; }
    const InstanceFunctions& fn() const { return fn_; }
    std::uint32_t api_version() const { return api_version_; }  // the version that was asked for
    bool debug_utils() const { return debug_utils_; }
    bool validation() const { return messenger_ != VK_NULL_HANDLE; }

    // Warnings and errors of the validation layer so far; each also went to the log.
    std::uint64_t validation_message_count() const { return *message_count_; }

private:
    VkInstance instance_ = VK_NULL_HANDLE;
    VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
    InstanceFunctions fn_;
    std::uint32_t api_version_ = 0;
    bool debug_utils_ = false;
    std::unique_ptr<std::atomic<std::uint64_t>> message_count_;  // the messenger keeps its address
};

}  // namespace ingot::vk
