// SPDX-License-Identifier: MIT
// The readers under libFuzzer, one a run: INGOT_FUZZ_READER names it. With INGOT_FUZZ_SEEDS=FOLDER
// it writes the reader's own files there and ends; with INGOT_FUZZ_LIST it names all readers.
#include "tests/fuzz/readers.h"

#include <ingot/error.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

using namespace ingot;
using namespace ingot::testing;

namespace {

const Reader* reader = nullptr;
std::filesystem::path place;  // in memory, where there is such a folder

void put(const std::filesystem::path& path, const void* bytes, std::size_t size) {
    std::ofstream(path, std::ios::binary)
        .write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    if (std::getenv("INGOT_FUZZ_LIST") != nullptr) {
        for (const Reader& each : readers())
            std::puts(each.name);
        std::exit(0);
    }
    const char* name = std::getenv("INGOT_FUZZ_READER");
    for (const Reader& each : readers()) {
        if (name != nullptr && std::strcmp(each.name, name) == 0) reader = &each;
    }
    if (reader == nullptr) {
        std::fputs("fuzz_reader: INGOT_FUZZ_READER names no reader\n", stderr);
        std::exit(1);
    }
    if (const char* folder = std::getenv("INGOT_FUZZ_SEEDS")) {
        int number = 0;
        for (const std::string& seed : reader->seeds())
            put(std::filesystem::path(folder) / ("seed" + std::to_string(number++)), seed.data(),
                seed.size());
        std::exit(0);
    }
    const bool has_memory = std::filesystem::is_directory("/dev/shm");
    place =
        (has_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) /
        ("ingot-fuzz-" + std::string(name) + "-" +
         std::to_string(std::hash<std::string>()(std::filesystem::current_path().string())));
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    put(place, bytes, size);
    try {
        reader->read(place);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kFile) {
            std::fprintf(stderr, "not an error of the file: %s\n", error.what());
            std::abort();
        }
    }
    return 0;
}
