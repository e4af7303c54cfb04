// SPDX-License-Identifier: MIT
#include "support.h"

#include "vk/commands.h"
#include "vk/descriptors.h"
#include "vk/timeline.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "scale_add.spv.h"
#include "texel_sum.spv.h"

namespace ingot::vk::testing {
namespace {

constexpr std::array kScaleAddBindings{Binding{0, BindingType::kStorage},
                                       Binding{1, BindingType::kStorage}};
constexpr std::array kTexelSumBindings{Binding{0, BindingType::kUniformTexel},
                                       Binding{1, BindingType::kUniform},
                                       Binding{5, BindingType::kStorage}};

void set_environment(const char* name, const char* value) {
#ifdef _WIN32
    _putenv_s(name, value ? value : "");
#else
    if (value) {
        setenv(name, value, 1);
    } else {
        unsetenv(name);
    }
#endif
}

}  // namespace

DeviceOptions DeviceFixture::without_cache() {
    DeviceOptions options;
    options.use_pipeline_cache = false;
    return options;
}

DeviceFixture::DeviceFixture(DeviceOptions options)
    : physical(pick_physical_device(instance)),
      device(Device::create(instance, physical, options)) {}

DeviceFixture::~DeviceFixture() {
    CHECK(device->heap().stats().bytes_now == 0);
    device.reset();
    CHECK(instance.validation_message_count() == 0);
}

PipelineDesc scale_add_desc(std::span<const SpecConstant> constants) {
    PipelineDesc desc;
    desc.name = "scale_add";
    desc.spirv = kScaleAddSpirv;
    desc.bindings = kScaleAddBindings;
    desc.push_constant_bytes = 8;
    desc.spec_constants = constants;
    return desc;
}

PipelineDesc texel_sum_desc() {
    PipelineDesc desc;
    desc.name = "texel_sum";
    desc.spirv = kTexelSumSpirv;
    desc.bindings = kTexelSumBindings;
    return desc;
}

void check_round_trip(Device& device, std::uint32_t count) {
    constexpr std::array constants{SpecConstant{0, 32}, SpecConstant{1, 3}};
    const Pipeline& pipeline = device.pipelines().get(scale_add_desc(constants));
    const std::uint64_t bytes = count * sizeof(std::uint32_t);
    Block upload = device.heap().allocate(bytes, MemoryUse::kUpload, "upload");
    Block x = device.heap().allocate(bytes, MemoryUse::kDevice, "x");
    Block y = device.heap().allocate(bytes, MemoryUse::kDevice, "y");
    Block readback = device.heap().allocate(bytes, MemoryUse::kReadback, "readback");

    std::vector<std::uint32_t> values(count);
    for (std::uint32_t i = 0; i < count; ++i)
        values[i] = i * 7 + 1;
    std::memcpy(upload.mapped(), values.data(), bytes);
    upload.flush();

    DescriptorCounts counts;
    counts.add(pipeline);
    DescriptorPool descriptors(device, counts, "round trip");
    const std::array buffers{BoundBuffer{0, x.buffer(), 0, bytes},
                             BoundBuffer{1, y.buffer(), 0, bytes}};
    const VkDescriptorSet set = descriptors.allocate(pipeline, buffers);

    CommandPool pool(device, "round trip");
    CommandBuffer commands = pool.allocate("round trip");
    const std::array<std::uint32_t, 2> parameters{count, 5};
    commands.begin();
    commands.copy({upload.buffer(), 0, x.buffer(), 0, bytes});
    commands.barrier(Barrier::transfer_to_compute());
    commands.begin_label("scale_add");
    commands.bind(pipeline, set);
    commands.push_constants(std::as_bytes(std::span(parameters)));
    commands.dispatch((count + 31) / 32);
    commands.end_label();
    commands.barrier(Barrier::compute_to_transfer());
    commands.copy({y.buffer(), 0, readback.buffer(), 0, bytes});
    commands.barrier(Barrier::transfer_to_host());
    commands.end();

    Timeline timeline(device, "round trip");
    const VkCommandBuffer handle = commands.handle();
    const std::uint64_t done = device.queue().submit({&handle, 1}, timeline);
    REQUIRE(timeline.wait(done));
    readback.invalidate();
    std::memcpy(values.data(), readback.mapped(), bytes);
    std::uint32_t wrong = 0;
    for (std::uint32_t i = 0; i < count; ++i)
        wrong += values[i] != 3 * (i * 7 + 1) + 5;
    CHECK(wrong == 0);
}

ScopedEnvironment::ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set_environment(name, value.c_str());
}

ScopedEnvironment::~ScopedEnvironment() {
    set_environment(name_, before_ ? before_->c_str() : nullptr);
}

TemporaryFolder::TemporaryFolder() {
    std::random_device random;
    path_ = std::filesystem::temp_directory_path() /
            ("ingot-test-vk-" + std::to_string(random()) + "-" + std::to_string(random()));
    std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

std::string message_of(ErrorKind kind, const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        CHECK(to_string(error.kind()) == std::string(to_string(kind)));
        return error.what();
    }
    FAIL_CHECK("no Error was thrown");
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace ingot::vk::testing
