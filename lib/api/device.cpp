// SPDX-License-Identifier: MIT
// Device and Program: the public faces of exec::Context and exec::Executable.
#include <ingot/device.h>

#include "core/check.h"
#include "exec/executable.h"

namespace ingot {

Program::Program(std::unique_ptr<exec::Executable> executable)
    : executable_(std::move(executable)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

void Program::run(std::span<const Feed> feeds) {
    executable_->run(feeds);
}

bool Program::advance(std::span<const Feed> feeds, double budget_ms) {
    return executable_->advance(feeds, budget_ms);
}

void* Program::input_memory(const Tensor& input, DType dtype) {
    return executable_->input_memory(input, dtype);
}

void Program::read(const Tensor& output, std::span<std::byte> to) {
    executable_->read(output, to);
}

void Program::wait() {
    executable_->wait();
}

ProgramStats Program::stats() const {
    return executable_->stats();
}

void Program::set_profile(bool on) {
    executable_->set_profile(on);
}
std::vector<KernelTime> Program::kernel_times() {
    return executable_->kernel_times();
}

std::string Program::to_text() const {
    return executable_->to_text();
}

const std::vector<std::string>& Program::candidates() const {
    return executable_->candidates();
}

void Program::check_guards() {
    executable_->check_guards();
}

void Program::check_output(const Tensor& output, DType dtype, std::int64_t count) const {
    executable_->output_index(output);
    if (!is_stored_as(output.dtype(), dtype) || output.shape().count() != count) {
        fail(ErrorKind::kInvalidArgument, "read: the output is {}, not {} of {}",
             to_string(output.spec()), count, to_string(dtype));
    }
}

Device Device::pick(const DeviceOptions& options) {
    return Device(exec::Context::create(options));
}

std::vector<DeviceInfo> Device::list() {
    const vk::Instance instance;
    std::vector<DeviceInfo> infos;
    for (const vk::PhysicalDevice& device : vk::physical_devices(instance)) {
        infos.push_back(exec::info_of(device.report));
    }
    return infos;
}

Device::Device(std::shared_ptr<exec::Context> context) : context_(std::move(context)) {}
Device::Device(Device&&) noexcept = default;
Device& Device::operator=(Device&&) noexcept = default;
Device::~Device() = default;

Program Device::compile(const Graph& graph, const CompileOptions& options) {
    return Program(std::make_unique<exec::Executable>(context_, graph, options));
}

const DeviceInfo& Device::info() const {
    return context_->info();
}

MemoryUse Device::memory() const {
    const vk::HeapStats stats = context_->device().heap().stats();
    return {stats.bytes_now, stats.bytes_peak, context_->planned_bytes};
}

std::uint64_t Device::validation_messages() const {
    return context_->validation_messages();
}

}  // namespace ingot
