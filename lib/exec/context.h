// SPDX-License-Identifier: MIT
// Context: what the programs of one device share. The Vulkan device, the arena that their
// activations take turns in, the slabs of parameters, the status block in which kernels report bad
// data, and a small staging block for transfers outside a step.
//
// A device and its programs belong to one thread at a time.
#pragma once

#include "exec/description.h"
#include "graph/state.h"
#include "vk/commands.h"
#include "vk/device.h"
#include "vk/timeline.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot::exec {

// A piece of device memory.
struct Range {
    VkBuffer buffer = VK_NULL_HANDLE;
    std::uint64_t offset_bytes = 0;
    std::uint64_t size_bytes = 0;
};

// A step of which the device has only a part. What the step works on is nobody else's until the
// device has the rest.
class OpenStep {
public:
    virtual void hand_over_rest() = 0;

protected:
    ~OpenStep() = default;
};

class Context : public std::enable_shared_from_this<Context> {
public:
    static std::shared_ptr<Context> create(const DeviceOptions& options);
    static std::shared_ptr<Context> adopt(const vk::ExternalDevice& external);
    ~Context();

    vk::Device& device() { return *device_; }
    vk::Timeline& timeline() { return timeline_; }
    const DeviceDescription& description() const { return description_; }
    const DeviceInfo& info() const { return info_; }
    std::uint64_t validation_messages() const;

    // The activation arena, at least this large. Growing it waits for the device and moves it: then
    // `arena_generation` changes, and what was recorded with the old one must be recorded again.
    void reserve_arena(std::uint64_t size_bytes);
    VkBuffer arena() const { return arena_.buffer(); }
    std::uint64_t arena_generation() const { return arena_generation_; }

    // Puts a slab on this device. Throws if it lives on another.
    void materialise(graph::Slab& slab);
    VkBuffer buffer_of(const graph::Slab& slab) const;

    // Word 0 of the status block is the flag, then one word for each place that can report, at the
    // number of its site (shaders/common/status.glsl).
    static constexpr std::uint32_t kStatusWords = 1024;
    static constexpr std::uint64_t kStatusBytes = kStatusWords * 4;
    static constexpr std::uint32_t kNoSite = 0;  // the flag's word, which no place is given
    Range status() const { return {shared_.buffer(), 0, kStatusWords * 4}; }
    // What bindings that a kernel does not touch are bound to. The validation layer takes those
    // that could be written for writes, so since the last barrier each has a slot of its own.
    static constexpr std::uint32_t kUnusedSlots = 256;
    Range unused_input() const { return {shared_.buffer(), kStatusWords * 4, kUnusedSlotBytes}; }
    Range unused_output(std::uint32_t slot) const {
        return {shared_.buffer(), kStatusWords * 4 + (slot + 1) * kUnusedSlotBytes,
                kUnusedSlotBytes};
    }
    std::uint32_t allocate_site();
    void release_site(std::uint32_t site);
    void clear_status();

    // Transfers outside a step; both wait for everything submitted before.
    void upload(VkBuffer to, std::uint64_t offset_bytes, std::span<const std::byte> from);
    void download(VkBuffer from, std::uint64_t offset_bytes, std::span<std::byte> to);
    void wait_idle();

    // At most one step is open. Whatever else is submitted here has it finished first.
    void open_step(OpenStep* step) { open_step_ = step; }
    void close_step() { open_step_ = nullptr; }
    bool is_open(const OpenStep* step) const { return open_step_ == step; }
    void finish_open_step();

    // Records with `record`, submits and waits.
    template <typename Record>
    void run_once(Record record) {
        once_.begin();
        once_.barrier();
        record(once_);
        once_.barrier();
        once_.end();
        submit_once();
    }

    // What plans add up to: kept in step with every block that is allocated here or by a program.
    std::uint64_t planned_bytes = 0;

private:
    static constexpr std::uint64_t kUnusedSlotBytes = 256;
    static constexpr std::uint64_t kSharedBytes =
        kStatusWords * 4 + (kUnusedSlots + 1) * kUnusedSlotBytes;

    Context() = default;
    void finish(DeviceInfo info);
    void submit_once();

    std::unique_ptr<vk::Instance> instance_;  // null for an application's own
    std::unique_ptr<vk::Device> device_;
    DeviceDescription description_;
    DeviceInfo info_;
    vk::CommandPool commands_;
    vk::CommandBuffer once_;
    vk::Timeline timeline_;
    vk::Block arena_;
    std::uint64_t arena_generation_ = 0;
    vk::Block shared_;   // status words, then what unused bindings are bound to
    vk::Block staging_;  // host-visible, for transfers outside a step
    std::vector<bool> sites_;
    OpenStep* open_step_ = nullptr;
};

// What a block of this size takes from the device.
std::uint64_t block_bytes(std::uint64_t size_bytes);

}  // namespace ingot::exec
