// SPDX-License-Identifier: MIT
// Damaged files, plain and gzip: reading either succeeds with what the header says, or throws an
// Error of kind kFile; nothing else may happen.
#include "core/random.h"
#include "data/idx.h"
#include "idx_bytes.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <ingot/error.h>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("idx: thousands of damaged files") {
    const TemporaryFolder folder;
    RandomStream random(2);
    const std::string originals[] = {small_images(), gzipped(small_images()), small_labels(),
                                     gzipped(small_labels())};
    int refused = 0;
    constexpr std::uint32_t kCases = 4000;
    for (std::uint32_t i = 0; i < kCases; ++i) {
        std::string bytes = originals[i % 4];
        const std::uint32_t edits = 1 + random.below(3);
        for (std::uint32_t edit = 0; edit < edits; ++edit) {
            const auto place = random.below(static_cast<std::uint32_t>(bytes.size()));
            switch (random.below(4)) {
                case 0:
                    bytes[place] = static_cast<char>(bytes[place] ^ 1 << random.below(8));
                    break;
                case 1: bytes[place] = static_cast<char>(random.word()); break;
                case 2: bytes.resize(place + 1); break;
                default: bytes.insert(place, 1, static_cast<char>(random.word())); break;
            }
        }
        const auto path = folder.put("f", bytes);
        try {
            const data::IdxFile file = data::read_idx(path, i % 4 < 2 ? 3 : 1);
            REQUIRE(file.bytes.size() == static_cast<std::size_t>(file.shape.count()));
            REQUIRE(file.bytes.size() <= 1000);
        } catch (const Error& error) {
            REQUIRE(error.kind() == ErrorKind::kFile);
            ++refused;
        }
    }
    CHECK(refused > static_cast<int>(kCases) / 2);
}
