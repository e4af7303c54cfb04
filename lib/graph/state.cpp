// SPDX-License-Identifier: MIT
#include "graph/state.h"

#include "graph/leaf.h"

#include <cstring>

namespace ingot::graph {

std::uint64_t size_bytes_of(const TensorSpec& spec) {
    return static_cast<std::uint64_t>(spec.shape.count()) * size_bytes_of(spec.dtype);
}

std::vector<std::byte> Slab::initial_contents() const {
    std::vector<std::byte> bytes(size_bytes);
    for (const auto& weak : states) {
        const auto state = weak.lock();
        if (!state || !state->contents) continue;
        std::memcpy(bytes.data() + state->offset_bytes, state->contents->data.data(),
                    state->contents->data.size());
    }
    return bytes;
}

namespace {

// Of a slab on the host: the states with contents of their own that lie inside `state`.
std::vector<std::shared_ptr<State>> parts_of(const State& state) {
    std::vector<std::shared_ptr<State>> parts;
    const std::uint64_t end = state.offset_bytes + size_bytes_of(state.spec);
    for (const auto& weak : state.slab->states) {
        const auto part = weak.lock();
        if (part && part->offset_bytes >= state.offset_bytes &&
            part->offset_bytes + size_bytes_of(part->spec) <= end) {
            parts.push_back(part);
        }
    }
    return parts;
}

}  // namespace

void read_contents(const State& state, std::span<std::byte> bytes) {
    if (state.slab && state.slab->storage) {
        state.slab->storage->read(state.offset_bytes, bytes);
    } else if (state.slab) {
        const std::vector<std::byte> slab = state.slab->initial_contents();
        std::memcpy(bytes.data(), slab.data() + state.offset_bytes, bytes.size());
    } else if (state.contents) {
        std::memcpy(bytes.data(), state.contents->data.data(), bytes.size());
    } else {
        std::memset(bytes.data(), 0, bytes.size());
    }
}

void write_contents(State& state, std::span<const std::byte> bytes) {
    const auto tensor_of_part = [&](const State& part, std::uint64_t offset) {
        HostTensor tensor = HostTensor::zeros(part.name, part.spec.shape, part.spec.dtype);
        std::memcpy(tensor.data.data(), bytes.data() + offset, tensor.data.size());
        return tensor;
    };
    if (state.slab && state.slab->storage) {
        state.slab->storage->write(state.offset_bytes, bytes);
    } else if (state.slab) {
        for (const auto& part : parts_of(state)) {
            part->contents = tensor_of_part(*part, part->offset_bytes - state.offset_bytes);
        }
    } else {
        state.contents = tensor_of_part(state, 0);
    }
}

std::shared_ptr<Slab> make_slab(std::string name) {
    auto slab = std::make_shared<Slab>();
    slab->id = next_id();
    slab->name = std::move(name);
    return slab;
}

void place(const std::shared_ptr<State>& state, const std::shared_ptr<Slab>& slab) {
    INGOT_CHECK(!state->slab && !slab->storage);
    state->slab = slab;
    state->offset_bytes = slab->size_bytes;
    slab->states.push_back(state);
    slab->size_bytes += align_up(size_bytes_of(state->spec));
}

const std::shared_ptr<Slab>& slab_of(const std::shared_ptr<State>& state) {
    if (!state->slab) place(state, make_slab(state->name));
    return state->slab;
}

std::shared_ptr<State> make_state(std::string name, TensorSpec spec, bool trainable) {
    auto state = std::make_shared<State>();
    state->id = next_id();
    state->name = name.empty() ? fmt::format("parameter{}", state->id) : std::move(name);
    state->spec = std::move(spec);
    state->trainable = trainable;
    return state;
}

bool overlap(const State& a, const State& b) {
    return a.slab && a.slab == b.slab && a.offset_bytes < b.offset_bytes + size_bytes_of(b.spec) &&
           b.offset_bytes < a.offset_bytes + size_bytes_of(a.spec);
}

std::shared_ptr<State> flat_view(const std::shared_ptr<Slab>& slab) {
    const auto count = static_cast<std::int64_t>(slab->size_bytes / size_bytes_of(f32));
    auto state = make_state(slab->name, {Shape{count}, f32}, false);
    state->slab = slab;
    return state;
}

}  // namespace ingot::graph
