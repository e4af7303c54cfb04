// SPDX-License-Identifier: MIT
// CIFAR's binary files: records of label bytes and pixels, without a header, so that a file's size
// is all that can be checked before it is read.
#include "core/check.h"
#include "data/pictures.h"
#include "data/record_source.h"

#include <ingot/data.h>

#include <array>
#include <cstring>
#include <fstream>
#include <string_view>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPixelBytes = 3 * 32 * 32;

template <typename... Args>
[[noreturn]] void refuse(const fs::path& path, fmt::format_string<Args...> format, Args&&... args) {
    fail(ErrorKind::kFile, "cifar {}: {}", path.string(),
         fmt::format(format, std::forward<Args>(args)...));
}

// What a record begins with.
std::vector<CifarLabels> label_bytes(CifarLabels labels) {
    if (labels == CifarLabels::kTen) return {CifarLabels::kTen};
    return {CifarLabels::kCoarse, CifarLabels::kFine};
}

const char* format_name(std::size_t label_count) {
    return label_count == 1 ? "CIFAR-10" : "CIFAR-100";
}

// Why a file of this size cannot be read, as far as its first bytes and the size tell.
std::string explanation(const fs::path& path, std::uint64_t size_bytes, std::size_t label_count) {
    struct Packed {
        std::string_view begin;
        const char* name;
    };
    constexpr Packed kPacked[] = {{"\x1F\x8B", "gzip"},
                                  {"\xFD"
                                   "7zXZ",
                                   "xz"},
                                  {"PK", "zip"}};
    std::array<char, 8> begin{};
    std::ifstream(path, std::ios::binary).read(begin.data(), begin.size());
    for (const Packed& packed : kPacked) {
        if (std::string_view(begin.data(), begin.size()).starts_with(packed.begin)) {
            return fmt::format("; it is packed by {}, unpack it first", packed.name);
        }
    }
    const std::size_t other = 3 - label_count;
    if (size_bytes % (other + kPixelBytes) != 0) return {};
    return fmt::format("; it would be {} of {}", size_bytes / (other + kPixelBytes),
                       format_name(other));
}

std::uint64_t record_count(const fs::path& path, std::size_t label_count) {
    std::error_code code;
    if (!fs::exists(path, code)) refuse(path, "no such file");
    if (!fs::is_regular_file(path, code)) refuse(path, "it is not a file");
    const std::uint64_t size_bytes = fs::file_size(path, code);
    if (code) refuse(path, "{}", code.message());
    if (size_bytes == 0) refuse(path, "it is empty");
    const std::size_t record_bytes = label_count + kPixelBytes;
    if (size_bytes % record_bytes != 0) {
        refuse(path, "its {} bytes are no whole number of {} records of {} bytes{}", size_bytes,
               format_name(label_count), record_bytes, explanation(path, size_bytes, label_count));
    }
    return size_bytes / record_bytes;
}

struct Records {
    std::vector<std::byte> pixels;  // none when they stay in their files
    std::vector<std::int32_t> labels;
};

void take_labels(const io::RandomAccessFile& file, std::int64_t record,
                 std::span<const std::byte> bytes, CifarLabels wanted, Records& records) {
    const std::vector<CifarLabels> kinds = label_bytes(wanted);
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        const auto label = std::to_integer<std::size_t>(bytes[k]);
        const std::size_t classes = cifar_classes(kinds[k]).size();
        if (label >= classes) {
            file.error("the {}label of record {} is {}, outside 0 to {}",
                       kinds[k] == CifarLabels::kCoarse ? "coarse "
                       : kinds[k] == CifarLabels::kFine ? "fine "
                                                        : "",
                       record, label, classes - 1);
        }
        if (kinds[k] == wanted) records.labels.push_back(static_cast<std::int32_t>(label));
    }
}

Dataset load(std::span<const fs::path> paths, CifarLabels labels, bool stream) {
    const std::size_t label_count = label_bytes(labels).size();
    const std::size_t record_bytes = label_count + kPixelBytes;
    std::vector<RecordFile> files;  // every file is checked before the first is read
    std::int64_t total = 0;
    for (const fs::path& path : paths) {
        const auto count = static_cast<std::int64_t>(record_count(path, label_count));
        files.push_back({std::make_shared<io::RandomAccessFile>(path, "cifar"), label_count,
                         record_bytes, count});
        total += count;
    }
    if (total == 0) fail(ErrorKind::kInvalidArgument, "cifar: no files are given");

    Records records;
    records.labels.reserve(static_cast<std::size_t>(total));
    if (!stream) records.pixels.resize(static_cast<std::size_t>(total) * kPixelBytes);
    std::vector<std::byte> record(stream ? label_count : record_bytes);
    for (const RecordFile& file : files) {
        for (std::int64_t i = 0; i < file.samples; ++i) {
            file.file->read_at(static_cast<std::uint64_t>(i) * record_bytes, record);
            take_labels(*file.file, i, record, labels, records);
            if (stream) continue;
            std::memcpy(records.pixels.data() + (records.labels.size() - 1) * kPixelBytes,
                        record.data() + label_count, kPixelBytes);
        }
    }
    HostTensor targets = HostTensor::of<std::int32_t>("labels", {total}, records.labels);
    const std::vector<std::string>& names = cifar_classes(labels);
    if (stream) {
        return Dataset(record_source({.size = total,
                                      .sample_shape = {3, 32, 32},
                                      .input_dtype = u8,
                                      .class_count = static_cast<std::int64_t>(names.size()),
                                      .class_names = names},
                                     std::move(files), std::move(targets)));
    }
    return Dataset({"images", {total, 3, 32, 32}, u8, std::move(records.pixels)},
                   std::move(targets), names);
}

}  // namespace

Dataset cifar(std::span<const fs::path> files, CifarLabels labels, const ImageOptions& options) {
    return prepared(load(files, labels, options.stream), options);
}

Dataset cifar(const fs::path& file, CifarLabels labels, const ImageOptions& options) {
    return cifar({&file, 1}, labels, options);
}

TrainTest cifar10(const fs::path& folder, const ImageOptions& options) {
    std::vector<fs::path> files;
    for (int i = 1; i <= 5; ++i)
        files.push_back(folder / fmt::format("data_batch_{}.bin", i));
    fs::path test_file = folder / "test_batch.bin";
    std::error_code code;
    if (!fs::exists(files.front(), code)) {
        files = {folder / "train.bin"};
        test_file = folder / "test.bin";
        if (!fs::exists(files.front(), code)) {
            fail(ErrorKind::kFile, "cifar10: {} holds neither data_batch_1.bin nor train.bin",
                 folder.string());
        }
    }
    const Dataset train = load(files, CifarLabels::kTen, options.stream);
    return prepared(train, load({&test_file, 1}, CifarLabels::kTen, options.stream), options);
}

TrainTest cifar100(const fs::path& folder, const ImageOptions& options, CifarLabels labels) {
    if (labels == CifarLabels::kTen) {
        fail(ErrorKind::kInvalidArgument, "cifar100: labels are kFine or kCoarse, not kTen");
    }
    const fs::path files[] = {folder / "train.bin", folder / "test.bin"};
    const Dataset train = load({&files[0], 1}, labels, options.stream);
    return prepared(train, load({&files[1], 1}, labels, options.stream), options);
}

}  // namespace ingot::data
