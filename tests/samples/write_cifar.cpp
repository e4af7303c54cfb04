// SPDX-License-Identifier: MIT
// Writes a folder with the files of CIFAR-10, which a sample reads: ten kinds of noise, each with a
// place of its own for a bright square, so there is something to learn.
//     usage: write_cifar FOLDER
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace {

void write(const std::filesystem::path& file, int records, std::mt19937& random) {
    std::ofstream out(file, std::ios::binary);
    for (int record = 0; record < records; ++record) {
        const auto label = static_cast<int>(random() % 10);
        std::string bytes(1, static_cast<char>(label));
        for (int colour = 0; colour < 3; ++colour) {
            for (int row = 0; row < 32; ++row) {
                for (int column = 0; column < 32; ++column) {
                    const bool bright = row / 16 == label / 5 && column / 6 == label % 5;
                    bytes += static_cast<char>(random() % 100 + (bright ? 156 : 0));
                }
            }
        }
        out << bytes;
    }
    if (!out.flush()) throw std::filesystem::filesystem_error("cannot write", file, {});
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 2) return 2;
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder);
    std::mt19937 random(1);
    for (int i = 1; i <= 5; ++i)
        write(folder / ("data_batch_" + std::to_string(i) + ".bin"), 100, random);
    write(folder / "test_batch.bin", 100, random);
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
