// SPDX-License-Identifier: MIT
// Which accesses need a barrier between them.
#include "exec/hazards.h"

#include <doctest/doctest.h>

#include <vector>

using ingot::exec::Hazards;
using ingot::exec::MemoryAccess;

namespace {

constexpr bool kRead = false, kWrite = true;

bool add(Hazards& hazards, std::vector<MemoryAccess> accesses) {
    return hazards.add(accesses);
}

}  // namespace

TEST_CASE("hazards: reads of one place need no barrier, all else does") {
    const struct {
        bool before, after, barrier;
    } rows[] = {{kRead, kRead, false},
                {kRead, kWrite, true},
                {kWrite, kRead, true},
                {kWrite, kWrite, true}};
    for (const auto& row : rows) {
        Hazards hazards;
        CHECK_FALSE(add(hazards, {{1, 0, 256, row.before}}));
        CHECK(add(hazards, {{1, 128, 132, row.after}}) == row.barrier);
    }
}

TEST_CASE("hazards: other buffers, and ranges that only touch, do not meet") {
    Hazards hazards;
    CHECK_FALSE(add(hazards, {{1, 0, 256, kWrite}}));
    CHECK_FALSE(add(hazards, {{2, 0, 256, kWrite}}));
    CHECK_FALSE(add(hazards, {{1, 256, 512, kWrite}}));
    CHECK(add(hazards, {{1, 255, 256, kRead}}));
}

TEST_CASE("hazards: accesses of one dispatch do not meet each other") {
    Hazards hazards;
    CHECK_FALSE(add(hazards, {{1, 0, 256, kRead}, {1, 0, 256, kWrite}}));
    CHECK(add(hazards, {{1, 0, 256, kRead}}));
}

TEST_CASE("hazards: one barrier serves everything before it, and nothing after it") {
    Hazards hazards;
    add(hazards, {{1, 0, 256, kWrite}});
    add(hazards, {{2, 0, 256, kWrite}});
    CHECK(add(hazards, {{1, 0, 256, kRead}, {3, 0, 256, kWrite}}));
    CHECK_FALSE(add(hazards, {{2, 0, 256, kRead}}));
    CHECK(add(hazards, {{3, 0, 256, kRead}}));
    hazards.clear();
    CHECK_FALSE(add(hazards, {{3, 0, 256, kWrite}}));
}
