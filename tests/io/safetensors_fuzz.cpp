// SPDX-License-Identifier: MIT
// Damaged files: a good one with bytes changed, cut off or added. Reading either succeeds with
// tensors that keep their own promise, or throws an Error of kind kFile; nothing else may happen.
#include "core/random.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::TemporaryFolder;

TEST_CASE("safetensors: thousands of damaged files") {
    const TemporaryFolder folder;
    const auto path = folder / "f.safetensors";
    const std::vector<HostTensor> tensors = {
        HostTensor::of("a", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}),
        HostTensor::of("b", {2}, std::vector<std::int32_t>{7, 8}),
        HostTensor::of("c", {5}, std::vector<std::uint8_t>{1, 2, 3, 4, 5})};
    io::write_safetensors(path, tensors, {{"k", "v"}});
    const std::string good = contents_of(path);
    static constexpr std::string_view kTelling = "0123456789[]{},:\"-.eFIU";
    RandomStream random(1);
    int refused = 0;
    constexpr int kCases = 4000;
    for (int i = 0; i < kCases; ++i) {
        std::string bytes = good;
        const std::uint32_t edits = 1 + random.below(3);
        for (std::uint32_t edit = 0; edit < edits; ++edit) {
            const auto place = random.below(static_cast<std::uint32_t>(bytes.size()));
            switch (random.below(5)) {
                case 0:
                    bytes[place] = static_cast<char>(bytes[place] ^ 1 << random.below(8));
                    break;
                case 1: bytes[place] = kTelling[random.below(kTelling.size())]; break;
                case 2: bytes.resize(place + 1); break;
                case 3: bytes.insert(place, 1, kTelling[random.below(kTelling.size())]); break;
                default: bytes.erase(place, 1 + random.below(4)); break;
            }
            if (bytes.empty()) bytes.push_back('{');
        }
        folder.put("f.safetensors", bytes);
        try {
            for (const HostTensor& tensor : io::read_safetensors(path).tensors) {
                REQUIRE(tensor.size_bytes() == static_cast<std::size_t>(tensor.shape.count()) *
                                                   size_bytes_of(tensor.dtype));
            }
        } catch (const Error& error) {
            REQUIRE(error.kind() == ErrorKind::kFile);
            ++refused;
        }
    }
    CHECK(refused > kCases / 2);
    CHECK(refused < kCases);  // damage to the numbers themselves cannot be seen
}
