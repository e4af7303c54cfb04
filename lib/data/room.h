// SPDX-License-Identifier: MIT
// Memory for one sample, for the duration of a block. A thread keeps it for the next time, so that
// reading allocates nothing in the long run. Blocks may nest: a source may read from another
// dataset while it is read.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ingot::data {

class Room {
public:
    explicit Room(std::size_t size_bytes) : size_bytes_(size_bytes) {
        Kept& kept = of_thread();
        if (kept.depth == kept.rooms.size()) kept.rooms.emplace_back();
        std::vector<float>& room = kept.rooms[kept.depth];
        const std::size_t count = (size_bytes + sizeof(float) - 1) / sizeof(float);
        if (room.size() < count) room.resize(count);
        values_ = room.data();  // stays there when other rooms are added
        ++kept.depth;
    }
    ~Room() { --of_thread().depth; }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    std::span<std::byte> bytes() const {
        return {reinterpret_cast<std::byte*>(values_), size_bytes_};
    }

private:
    struct Kept {
        std::vector<std::vector<float>> rooms;  // floats, for their alignment
        std::size_t depth = 0;
    };
    static Kept& of_thread() {
        thread_local Kept kept;
        return kept;
    }

    float* values_ = nullptr;
    std::size_t size_bytes_;
};

}  // namespace ingot::data
