// SPDX-License-Identifier: MIT
// What stands behind a Parameter: contents that outlive a step, and the slab they lie in.
// graph knows no device; the executor hangs the device's memory on a slab when it first needs it.
#pragma once

#include <ingot/host_tensor.h>
#include <ingot/tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingot::graph {

struct State;

// Device memory of one slab. Reading and writing wait until the device is done with it.
class SlabStorage {
public:
    virtual ~SlabStorage() = default;
    virtual void read(std::uint64_t offset_bytes, std::span<std::byte> to) const = 0;
    virtual void write(std::uint64_t offset_bytes, std::span<const std::byte> from) = 0;
    virtual const void* owner() const = 0;  // which device holds it
};

// Every tensor in a slab starts at a multiple of this, so that it can be bound by itself.
inline constexpr std::uint64_t kAlignmentBytes = 256;
// The range that every Vulkan device can bind at once; a slab is never longer.
inline constexpr std::uint64_t kMaxSlabBytes = 128ull << 20;

constexpr std::uint64_t align_up(std::uint64_t size, std::uint64_t alignment = kAlignmentBytes) {
    return (size + alignment - 1) / alignment * alignment;
}

struct Slab {
    std::uint64_t id = 0;
    std::string name;
    std::uint64_t size_bytes = 0;
    std::vector<std::weak_ptr<State>> states;  // those with contents of their own
    std::unique_ptr<SlabStorage> storage;      // once on a device

    std::vector<std::byte> initial_contents() const;  // gaps and uninitialised states are zero
};

struct State {
    std::uint64_t id = 0;
    std::string name;
    TensorSpec spec;
    bool trainable = true;
    std::shared_ptr<Slab> slab;  // null until placed
    std::uint64_t offset_bytes = 0;
    std::optional<HostTensor> contents;      // while on the host; nothing means zeros
    mutable std::weak_ptr<const Node> node;  // the expression that reads it
};

std::uint64_t size_bytes_of(const TensorSpec& spec);

// The contents of a state, wherever they live: on the device, on the host, or, for a view of a slab
// that no device holds yet, in the states that make it up. `bytes` are exactly the state's.
void read_contents(const State& state, std::span<std::byte> bytes);
void write_contents(State& state, std::span<const std::byte> bytes);

std::shared_ptr<Slab> make_slab(std::string name);
// Appends the state to the slab at the next aligned offset.
void place(const std::shared_ptr<State>& state, const std::shared_ptr<Slab>& slab);
// The slab of a state, placing it in a slab of its own when it has none.
const std::shared_ptr<Slab>& slab_of(const std::shared_ptr<State>& state);
std::shared_ptr<State> make_state(std::string name, TensorSpec spec, bool trainable);
// Whether two states are, in part, the same memory: a slab's flat view and what lies in the slab.
bool overlap(const State& a, const State& b);
// A second name for the whole slab as one flat f32 tensor.
std::shared_ptr<State> flat_view(const std::shared_ptr<Slab>& slab);

// The expression that reads a state, and the state an expression reads (null for others).
Tensor tensor_of(const std::shared_ptr<State>& state);
std::shared_ptr<State> state_of(const Tensor& tensor);

}  // namespace ingot::graph
