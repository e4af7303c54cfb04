// SPDX-License-Identifier: MIT
// Thousands of damaged files for every reader: it reads them or throws an Error of kind kFile, and
// takes no more memory than the files justify. Starts from files that are whole, and from those
// that tools/fuzz has found worth keeping.
#include "tests/fuzz/readers.h"

#include "core/random.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <ingot/error.h>

#include <algorithm>
#include <cstring>

#ifdef __linux__
#include <sys/resource.h>
#endif

using namespace ingot;
using namespace ingot::testing;

namespace {

std::string mutated(std::string bytes, RandomStream& random) {
    const std::uint32_t edits = 1 + random.below(3);
    for (std::uint32_t edit = 0; edit < edits && !bytes.empty(); ++edit) {
        const auto place = random.below(static_cast<std::uint32_t>(bytes.size()));
        switch (random.below(6)) {
            case 0: bytes[place] = static_cast<char>(bytes[place] ^ 1 << random.below(8)); break;
            case 1: bytes[place] = static_cast<char>(random.word()); break;
            case 2: bytes.resize(place); break;
            case 3: bytes.insert(place, 1, static_cast<char>(random.word())); break;
            case 4: {  // a number of four bytes becomes very large
                const std::uint32_t large = random.below(2) == 0 ? 0xFFFFFFFF : 0x7FFFFFFF;
                std::memcpy(&bytes[place], &large,
                            std::min<std::size_t>(sizeof large, bytes.size() - place));
                break;
            }
            default:  // a part comes twice
                bytes.insert(place, bytes.substr(place, 1 + random.below(16)));
        }
    }
    return bytes;
}

// False when the reader refused the file.
bool reads(const Reader& reader, const std::filesystem::path& path) {
    try {
        reader.read(path);
        return true;
    } catch (const Error& error) {
        CAPTURE(error.what());
        REQUIRE(error.kind() == ErrorKind::kFile);
        return false;
    }
}

long peak_kilobytes() {
#ifdef __linux__
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
#else
    return 0;
#endif
}

}  // namespace

TEST_CASE("readers: damaged files of every kind") {
    const TemporaryFolder folder;
    const long before = peak_kilobytes();
    RandomStream random(2);
    for (const Reader& reader : readers()) {
        CAPTURE(std::string(reader.name));
        std::vector<std::string> seeds = reader.seeds();
        for (const std::string& seed : seeds)
            CHECK(reads(reader, folder.put("f", seed)));
        const auto kept = std::filesystem::path(INGOT_FUZZ_CORPUS) / reader.name;
        if (std::filesystem::is_directory(kept)) {
            std::vector<std::filesystem::path> files;
            for (const auto& entry : std::filesystem::directory_iterator(kept))
                files.push_back(entry.path());
            std::sort(files.begin(), files.end());  // the same cases everywhere
            for (const auto& file : files) {
                seeds.push_back(contents_of(file));
                static_cast<void>(reads(reader, folder.put("f", seeds.back())));
            }
        }
        int refused = 0;
        constexpr std::size_t kCases = 600;
        for (std::size_t i = 0; i < kCases; ++i)
            refused += !reads(reader, folder.put("f", mutated(seeds[i % seeds.size()], random)));
        CHECK(refused > static_cast<int>(kCases / 10));
    }
    CHECK(peak_kilobytes() - before < 512 * 1024);
}
