// SPDX-License-Identifier: MIT
#include "exec/context.h"

#include "core/check.h"
#include "core/log.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace ingot::exec {
namespace {

constexpr std::uint64_t kStagingBytes = 1 << 20;

class DeviceSlab final : public graph::SlabStorage {
public:
    DeviceSlab(std::shared_ptr<Context> context, std::uint64_t size_bytes, const std::string& name)
        : context_(std::move(context)),
          block_(context_->device().heap().allocate(size_bytes, vk::MemoryUse::kDevice, name)) {
        context_->planned_bytes += block_bytes(size_bytes);
        size_bytes_ = size_bytes;
    }
    ~DeviceSlab() override {
        try {
            context_->wait_idle();
        } catch (const Error&) {  // a lost device uses the memory no more
        }
        context_->planned_bytes -= block_bytes(size_bytes_);
    }

    void read(std::uint64_t offset_bytes, std::span<std::byte> to) const override {
        context_->download(block_.buffer(), offset_bytes, to);
    }
    void write(std::uint64_t offset_bytes, std::span<const std::byte> from) override {
        context_->upload(block_.buffer(), offset_bytes, from);
    }
    const void* owner() const override { return context_.get(); }
    VkBuffer buffer() const { return block_.buffer(); }

private:
    std::shared_ptr<Context> context_;
    vk::Block block_;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace

std::uint64_t block_bytes(std::uint64_t size_bytes) {
    return graph::align_up(size_bytes, vk::kBlockGranularityBytes);
}

std::shared_ptr<Context> Context::create(const DeviceOptions& options) {
    std::shared_ptr<Context> context(new Context);
    context->instance_ =
        std::make_unique<vk::Instance>(vk::InstanceOptions{.validation = options.validation});
    vk::DeviceRequest request = vk::DeviceRequest::from_environment();
    if (!options.name.empty()) {
        const bool number = std::all_of(options.name.begin(), options.name.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
        request = {};
        if (number && options.name.size() < 6) {
            request.index = std::stoi(options.name);
        } else {
            request.name = options.name;
        }
    }
    const vk::PhysicalDevice physical = vk::pick_physical_device(*context->instance_, request);
    vk::Features wanted = vk::Features::all();
    wanted.pipeline_statistics = false;
    context->device_ = vk::Device::create(*context->instance_, physical, {.wanted = wanted});
    context->finish(info_of(physical.report));
    const char* const device_class = std::getenv("INGOT_DEVICE_CLASS");
    context->description_ =
        treated_as(std::move(context->description_),
                   options.device_class.empty() && device_class != nullptr ? device_class
                                                                           : options.device_class);
    return context;
}

std::shared_ptr<Context> Context::adopt(const vk::ExternalDevice& external) {
    std::shared_ptr<Context> context(new Context);
    context->device_ = vk::Device::adopt(external);
    context->finish(info_of(context->device_->report()));
    return context;
}

void Context::finish(DeviceInfo info) {
    info_ = std::move(info);
    description_ = describe(device_->report(), device_->enabled());
    info_.stores_16_bits = device_->enabled().storage_buffer_16bit;
    commands_ = vk::CommandPool(*device_, "ingot");
    once_ = commands_.allocate("transfer");
    timeline_ = vk::Timeline(*device_, "steps");
    shared_ = device_->heap().allocate(kSharedBytes, vk::MemoryUse::kDevice, "status");
    staging_ = device_->heap().allocate(kStagingBytes, vk::MemoryUse::kReadback, "staging");
    planned_bytes = block_bytes(kSharedBytes) + block_bytes(kStagingBytes);
    sites_.assign(kStatusWords, false);
    sites_[0] = true;
    clear_status();
    log(LogLevel::kInfo, "device: {}, {}", info_.name, info_.driver);
}

Context::~Context() {
    if (!device_ || !timeline_.semaphore()) return;
    try {
        wait_idle();
    } catch (const Error&) {  // a lost device has nothing left to wait for
    }
}

std::uint64_t Context::validation_messages() const {
    return instance_ ? instance_->validation_message_count() : 0;
}

void Context::reserve_arena(std::uint64_t size_bytes) {
    if (size_bytes <= arena_.size_bytes()) return;
    wait_idle();
    planned_bytes -= arena_.size_bytes();
    arena_ = {};  // first, so that old and new never stand side by side
    ++arena_generation_;
    arena_ = device_->heap().allocate(size_bytes, vk::MemoryUse::kDevice, "activations");
    planned_bytes += block_bytes(size_bytes);
}

void Context::materialise(graph::Slab& slab) {
    if (slab.storage) {
        if (slab.storage->owner() == this) return;
        fail(ErrorKind::kInvalidArgument, "parameters '{}' live on another device", slab.name);
    }
    auto storage = std::make_unique<DeviceSlab>(shared_from_this(), slab.size_bytes, slab.name);
    const bool has_contents =
        std::any_of(slab.states.begin(), slab.states.end(), [](const auto& weak) {
            const auto state = weak.lock();
            return state && state->contents;
        });
    if (has_contents) {
        storage->write(0, slab.initial_contents());
    } else {
        run_once([&](vk::CommandBuffer& commands) {
            commands.fill(storage->buffer(), 0, slab.size_bytes, 0);
        });
    }
    slab.storage = std::move(storage);
    for (const auto& weak : slab.states) {
        if (const auto state = weak.lock()) state->contents.reset();
    }
}

VkBuffer Context::buffer_of(const graph::Slab& slab) const {
    INGOT_CHECK(slab.storage && slab.storage->owner() == this);
    return static_cast<const DeviceSlab&>(*slab.storage).buffer();
}

std::uint32_t Context::allocate_site() {
    const auto free = std::find(sites_.begin(), sites_.end(), false);
    if (free == sites_.end()) {
        fail(ErrorKind::kUnsupported,
             "the programs of one device may hold {} operations that check their data, not more",
             kStatusWords - 1);
    }
    *free = true;
    return static_cast<std::uint32_t>(free - sites_.begin());
}

void Context::release_site(std::uint32_t site) {
    sites_[site] = false;
}

void Context::clear_status() {
    run_once([&](vk::CommandBuffer& commands) {
        commands.fill(shared_.buffer(), 0, 4, 0);
        commands.fill(shared_.buffer(), 4, kStatusWords * 4 - 4, 0xffffffff);
        commands.fill(shared_.buffer(), kStatusWords * 4, kSharedBytes - kStatusWords * 4, 0);
    });
}

void Context::submit_once() {
    finish_open_step();
    const VkCommandBuffer handle = once_.handle();
    timeline_.wait(device_->queue().submit(std::span(&handle, 1), timeline_));
}

void Context::upload(VkBuffer to, std::uint64_t offset_bytes, std::span<const std::byte> from) {
    for (std::size_t done = 0; done < from.size(); done += kStagingBytes) {
        const std::size_t size = std::min<std::size_t>(from.size() - done, kStagingBytes);
        std::memcpy(staging_.mapped(), from.data() + done, size);
        staging_.flush();
        run_once([&](vk::CommandBuffer& commands) {
            commands.copy({staging_.buffer(), 0, to, offset_bytes + done, size});
        });
    }
}

void Context::download(VkBuffer from, std::uint64_t offset_bytes, std::span<std::byte> to) {
    for (std::size_t done = 0; done < to.size(); done += kStagingBytes) {
        const std::size_t size = std::min<std::size_t>(to.size() - done, kStagingBytes);
        run_once([&](vk::CommandBuffer& commands) {
            commands.copy({from, offset_bytes + done, staging_.buffer(), 0, size});
            commands.barrier(vk::Barrier::transfer_to_host());
        });
        staging_.invalidate();
        std::memcpy(to.data() + done, staging_.mapped(), size);
    }
}

void Context::finish_open_step() {
    if (open_step_ != nullptr) open_step_->hand_over_rest();
}

void Context::wait_idle() {
    finish_open_step();
    timeline_.wait(timeline_.submitted());
}

}  // namespace ingot::exec
