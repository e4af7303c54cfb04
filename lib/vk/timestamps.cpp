// SPDX-License-Identifier: MIT
#include "vk/timestamps.h"

#include "core/check.h"
#include "vk/device.h"
#include "vk/result.h"

#include <utility>

namespace ingot::vk {

Timestamps::Timestamps(const Device& device, std::uint32_t count, std::string_view name)
    : device_(&device), count_(count) {
    if (device.limits().timestamp_valid_bits == 0 || count == 0) return;
    VkQueryPoolCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
    info.queryType = VK_QUERY_TYPE_TIMESTAMP;
    info.queryCount = count;
    check(device.fn().vkCreateQueryPool(device.handle(), &info, nullptr, &pool_),
          "vkCreateQueryPool");
    device.set_name(VK_OBJECT_TYPE_QUERY_POOL, pool_, name);
}

Timestamps::Timestamps(Timestamps&& other) noexcept
    : device_(other.device_),
      pool_(std::exchange(other.pool_, VK_NULL_HANDLE)),
      count_(std::exchange(other.count_, 0)) {}

Timestamps& Timestamps::operator=(Timestamps&& other) noexcept {
    if (this != &other) {
        release();
        device_ = other.device_;
        pool_ = std::exchange(other.pool_, VK_NULL_HANDLE);
        count_ = std::exchange(other.count_, 0);
    }
    return *this;
}

Timestamps::~Timestamps() {
    release();
}

void Timestamps::release() noexcept {
    if (pool_) device_->fn().vkDestroyQueryPool(device_->handle(), pool_, nullptr);
    pool_ = VK_NULL_HANDLE;
}

bool Timestamps::read_ticks(std::uint32_t first, std::span<std::uint64_t> ticks) const {
    if (!supported()) return false;
    INGOT_CHECK(first + ticks.size() <= count_);
    if (ticks.empty()) return true;
    const VkResult result = device_->fn().vkGetQueryPoolResults(
        device_->handle(), pool_, first, static_cast<std::uint32_t>(ticks.size()),
        ticks.size_bytes(), ticks.data(), sizeof(std::uint64_t), VK_QUERY_RESULT_64_BIT);
    check(result, "vkGetQueryPoolResults");
    return result == VK_SUCCESS;
}

bool Timestamps::read_ns(std::uint32_t first, std::span<std::uint64_t> time_ns) const {
    if (!read_ticks(first, time_ns)) return false;
    if (time_ns.empty()) return true;
    const std::uint64_t start = time_ns[0];
    for (std::uint64_t& value : time_ns)
        value = elapsed_ns(start, value);
    return true;
}

std::uint64_t Timestamps::elapsed_ns(std::uint64_t from_ticks, std::uint64_t to_ticks) const {
    const Limits& limits = device_->limits();
    return vk::elapsed_ns(from_ticks, to_ticks, limits.timestamp_valid_bits,
                          limits.timestamp_period_ns);
}

std::uint64_t elapsed_ns(std::uint64_t from_ticks, std::uint64_t to_ticks, std::uint32_t valid_bits,
                         float period_ns) {
    const std::uint64_t mask =
        valid_bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << valid_bits) - 1;
    const std::uint64_t ticks = (to_ticks - from_ticks) & mask;
    if (period_ns == 1.0f) return ticks;
    return static_cast<std::uint64_t>(static_cast<double>(ticks) * static_cast<double>(period_ns));
}

}  // namespace ingot::vk
