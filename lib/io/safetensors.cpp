// SPDX-License-Identifier: MIT
// safetensors: 8 bytes of header size (little-endian), a JSON header, then the bytes of all tensors
// without a gap. Host memory has the same layout, so bytes move unchanged; only types that ingot
// does not compute in are converted on reading.
#include "core/check.h"
#include "io/atomic_file.h"
#include "io/input_file.h"
#include "io/safetensors_header.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_set>

namespace ingot::io {
namespace {

static_assert(std::endian::native == std::endian::little, "file and memory share one layout");

constexpr std::uint64_t kSizeBytes = 8;
constexpr std::size_t kHeaderAlignment = 8;  // the data begins at a multiple of it

const char* type_name(DType dtype) {
    switch (dtype) {
        case DType::kFloat32: return "F32";
        case DType::kInt32: return "I32";
        case DType::kFloat16: return "F16";
        case DType::kBFloat16: return "BF16";
        case DType::kUInt8: return "U8";
        case DType::kBool: return "BOOL";
    }
    return "?";
}

template <typename Half>
float from_bits(std::uint16_t bits) {
    Half half;
    half.bits = bits;
    return half;
}

template <typename From, typename To, typename Convert>
std::vector<std::byte> converted(const std::vector<std::byte>& raw, Convert convert) {
    const std::size_t count = raw.size() / sizeof(From);
    std::vector<std::byte> result(count * sizeof(To));
    for (std::size_t i = 0; i < count; ++i) {
        From from;
        std::memcpy(&from, raw.data() + i * sizeof(From), sizeof(From));
        const To to = convert(from, i);
        std::memcpy(result.data() + i * sizeof(To), &to, sizeof(To));
    }
    return result;
}

// Gives the tensor the type that ingot knows the file's `type` as.
void convert(HostTensor& tensor, const std::string& type, const std::string& source) {
    auto refuse = [&](auto value, std::size_t i) {
        fail(ErrorKind::kFile, "safetensors {}: tensor {}: element {} of type {} is {}, beyond {}",
             source, in_quotes(tensor.name), i, type, value, to_string(tensor.dtype));
    };
    if (type == "F32") return;
    if (type == "I32") {
        tensor.dtype = i32;
    } else if (type == "U8" || type == "BOOL") {
        tensor.dtype = u8;
    } else if (type == "F16") {
        tensor.data = converted<std::uint16_t, float>(
            tensor.data, [](std::uint16_t bits, std::size_t) { return from_bits<Float16>(bits); });
    } else if (type == "BF16") {
        tensor.data = converted<std::uint16_t, float>(
            tensor.data, [](std::uint16_t bits, std::size_t) { return from_bits<BFloat16>(bits); });
    } else if (type == "F64") {
        tensor.data = converted<double, float>(tensor.data, [&](double value, std::size_t i) {
            // Above this, rounding to nearest gives infinity.
            constexpr double kLimit = std::numeric_limits<float>::max() + 0x1p103;
            if (std::isfinite(value) && std::abs(value) >= kLimit) refuse(value, i);
            return static_cast<float>(value);
        });
    } else if (type == "I64") {
        tensor.dtype = i32;
        tensor.data = converted<std::int64_t, std::int32_t>(
            tensor.data, [&](std::int64_t value, std::size_t i) {
                const auto narrow = static_cast<std::int32_t>(value);
                if (narrow != value) refuse(value, i);
                return narrow;
            });
    } else {
        fail(ErrorKind::kFile, "safetensors {}: tensor {}: type {} is not supported", source,
             in_quotes(tensor.name), in_quotes(type));
    }
}

void check_tensors(const std::string& source, std::span<const HostTensor> tensors) {
    std::unordered_set<std::string_view> names;
    for (const HostTensor& tensor : tensors) {
        if (tensor.name.empty() || tensor.name == kMetadataKey) {
            fail(ErrorKind::kInvalidArgument, "safetensors {}: {} cannot name a tensor", source,
                 in_quotes(tensor.name));
        }
        if (!names.insert(tensor.name).second) {
            fail(ErrorKind::kInvalidArgument, "safetensors {}: two tensors are named {}", source,
                 in_quotes(tensor.name));
        }
        const std::size_t element_bytes = size_bytes_of(tensor.dtype);
        if (tensor.data.size() % element_bytes != 0 ||
            tensor.data.size() / element_bytes != static_cast<std::size_t>(tensor.shape.count())) {
            fail(ErrorKind::kInvalidArgument,
                 "safetensors {}: tensor {}: shape {} has {} elements of {}, data has {} bytes",
                 source, in_quotes(tensor.name), to_string(tensor.shape), tensor.shape.count(),
                 to_string(tensor.dtype), tensor.data.size());
        }
    }
}

std::string header_text(const std::string& source, std::span<const HostTensor* const> tensors,
                        const Metadata& metadata) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header[kMetadataKey] = metadata;
    std::size_t place = 0;
    for (const HostTensor* tensor : tensors) {
        // push_back, not []: an ordered_json searches its keys from the front.
        header.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(
            tensor->name, nlohmann::ordered_json{
                              {"dtype", type_name(tensor->dtype)},
                              {"shape", std::vector(tensor->shape.begin(), tensor->shape.end())},
                              {"data_offsets", {place, place + tensor->data.size()}}});
        place += tensor->data.size();
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const nlohmann::json::exception&) {
        fail(ErrorKind::kInvalidArgument,
             "safetensors {}: a tensor's name or the metadata is not valid UTF-8", source);
    }
    text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
    if (text.size() > kMaxHeaderBytes) {
        fail(ErrorKind::kInvalidArgument,
             "safetensors {}: names and metadata need a header of {} bytes, {} are allowed", source,
             text.size(), kMaxHeaderBytes);
    }
    return text;
}

}  // namespace

const HostTensor* Safetensors::find(std::string_view name) const {
    for (const HostTensor& tensor : tensors) {
        if (tensor.name == name) return &tensor;
    }
    return nullptr;
}

const HostTensor& Safetensors::at(std::string_view name) const {
    if (const HostTensor* tensor = find(name)) return *tensor;
    constexpr std::size_t kMaxListed = 8;
    std::vector<std::string> listed;
    for (const HostTensor& tensor : tensors) {
        if (listed.size() < kMaxListed) listed.push_back(in_quotes(tensor.name));
    }
    fail(ErrorKind::kFile, "safetensors: no tensor {}; there are {}: {}{}", in_quotes(name),
         tensors.size(), fmt::join(listed, ", "), tensors.size() > kMaxListed ? " ..." : "");
}

void write_safetensors(const std::filesystem::path& path, std::span<const HostTensor> tensors,
                       const Metadata& metadata) {
    const std::string source = path.string();
    check_tensors(source, tensors);
    std::vector<const HostTensor*> order;
    for (const HostTensor& tensor : tensors)
        order.push_back(&tensor);
    std::stable_partition(order.begin(), order.end(), [](const HostTensor* tensor) {
        return size_bytes_of(tensor->dtype) == 4;
    });
    const std::string header = header_text(source, order, metadata);
    const auto header_bytes =
        std::bit_cast<std::array<std::byte, kSizeBytes>>(static_cast<std::uint64_t>(header.size()));

    AtomicFile file(path);
    file.write(header_bytes);
    file.write(header);
    for (const HostTensor* tensor : order)
        file.write(tensor->data);
    file.commit();
}

Safetensors read_safetensors(const std::filesystem::path& path) {
    const std::string source = path.string();
    InputFile file(path);
    if (file.size_bytes() < kSizeBytes) {
        fail(ErrorKind::kFile, "safetensors {}: {} bytes are too few for the size of a header",
             source, file.size_bytes());
    }
    std::array<std::byte, kSizeBytes> size{};
    file.read(size);
    const auto header_bytes = std::bit_cast<std::uint64_t>(size);
    const std::uint64_t left = file.size_bytes() - kSizeBytes;
    if (header_bytes > kMaxHeaderBytes || header_bytes > left) {
        fail(ErrorKind::kFile,
             "safetensors {}: the header would have {} bytes; the file has {} after its size, and "
             "{} are allowed",
             source, header_bytes, left, kMaxHeaderBytes);
    }
    std::string json(static_cast<std::size_t>(header_bytes), '\0');
    file.read(std::as_writable_bytes(std::span(json)));
    SafetensorsHeader header = parse_safetensors_header(json, left - header_bytes, source);

    Safetensors result;
    result.metadata = std::move(header.metadata);
    for (const SafetensorsEntry& entry : header.entries) {
        HostTensor tensor;
        tensor.name = entry.name;
        const std::vector<std::int64_t> sizes(entry.sizes.begin(), entry.sizes.end());
        tensor.shape = Shape(std::span<const std::int64_t>(sizes));
        tensor.data.resize(static_cast<std::size_t>(entry.size_bytes()));
        file.read(tensor.data);
        convert(tensor, entry.type, source);
        result.tensors.push_back(std::move(tensor));
    }
    return result;
}

}  // namespace ingot::io
