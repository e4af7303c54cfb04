// SPDX-License-Identifier: MIT
// The header is NumPy's enhancement proposal 1 and its additions; all that a file may say is held
// against its size before anything is allocated.
#include "io/npy.h"

#include "core/check.h"
#include "io/random_access_file.h"

#include <ingot/io.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

namespace ingot::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

template <typename... Args>
[[noreturn]] void refuse(const std::string& place, fmt::format_string<Args...> format,
                         Args&&... args) {
    fail(ErrorKind::kFile, "{}: {}", place, fmt::format(format, std::forward<Args>(args)...));
}

// The Python dictionary: names to text, True, False or a tuple of whole numbers.
class Dictionary {
public:
    Dictionary(const std::string& place, std::string_view text) : place_(place), text_(text) {}

    NpyHeader read() {
        NpyHeader header;
        bool has_type = false, has_order = false, has_shape = false;
        expect('{');
        while (!accept('}')) {
            const std::string_view key = text();
            expect(':');
            bool* const had = key == "descr"           ? &has_type
                              : key == "fortran_order" ? &has_order
                              : key == "shape"         ? &has_shape
                                                       : nullptr;
            if (had == nullptr) refuse(place_, "its header has an unknown key '{}'", shown(key));
            if (std::exchange(*had, true)) refuse(place_, "its header says '{}' twice", key);
            if (had == &has_type) {
                type(header);
            } else if (had == &has_order) {
                header.fortran = truth();
            } else {
                header.shape = tuple(header);
            }
            if (!accept(',') && peek() != '}') bad();
        }
        skip_blanks();
        if (!text_.empty()) bad();
        if (!has_type || !has_order || !has_shape) {
            refuse(place_, "its header lacks {}",
                   !has_type    ? "'descr'"
                   : !has_order ? "'fortran_order'"
                                : "'shape'");
        }
        return header;
    }

private:
    [[noreturn]] void bad() const {
        refuse(place_, "its header is no dictionary as NumPy writes it, at '{}'", shown(text_));
    }
    static std::string shown(std::string_view text) {
        std::string result(text.substr(0, 20));
        for (char& character : result) {
            if (character < ' ' || character > '~') character = '?';
        }
        return result;
    }
    void skip_blanks() {
        text_.remove_prefix(std::min(text_.find_first_not_of(" \n\t"), text_.size()));
    }
    char peek() {
        skip_blanks();
        return text_.empty() ? '\0' : text_.front();
    }
    bool accept(char character) {
        if (peek() != character) return false;
        text_.remove_prefix(1);
        return true;
    }
    void expect(char character) {
        if (!accept(character)) bad();
    }
    std::string_view text() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') bad();
        const auto end = text_.find(quote, 1);
        if (end == text_.npos) bad();
        const std::string_view result = text_.substr(1, end - 1);
        text_.remove_prefix(end + 1);
        return result;
    }
    bool truth() {
        skip_blanks();
        for (const std::string_view word : {"True", "False"}) {
            if (!text_.starts_with(word)) continue;
            text_.remove_prefix(word.size());
            return word == "True";
        }
        bad();
    }

    void type(NpyHeader& header) {
        if (peek() == '[') refuse(place_, "its elements are records of fields, not numbers");
        const std::string_view descr = text();
        const std::string_view known[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                          "u2", "u4", "u8", "f2", "f4", "f8"};
        std::string_view rest = descr;
        if (!rest.empty() && std::string_view("<>|=").find(rest.front()) != rest.npos) {
            header.big_endian = rest.front() == '>';
            rest.remove_prefix(1);
        }
        if (std::find(std::begin(known), std::end(known), rest) == std::end(known)) {
            refuse(place_, "its elements are of type '{}'; possible are {}", shown(descr),
                   fmt::join(known, ", "));
        }
        header.kind = rest[0];
        header.item_bytes = static_cast<std::size_t>(rest[1] - '0');
    }

    Shape tuple(const NpyHeader&) {
        expect('(');
        std::array<std::int64_t, Shape::kMaxRank> sizes{};
        std::size_t rank = 0;
        std::int64_t count = 1;
        while (!accept(')')) {
            skip_blanks();
            std::int64_t size = 0;
            const auto [end, code] =
                std::from_chars(text_.data(), text_.data() + text_.size(), size);
            if (code != std::errc() || size < 0) bad();
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
            if (text_.starts_with('L')) text_.remove_prefix(1);  // as Python 2 wrote it
            if (rank == sizes.size()) refuse(place_, "it has more than {} axes", sizes.size());
            // Eight bytes an element must still be counted without wrapping round.
            if (size != 0 && count > (std::int64_t{1} << 58) / size) {
                refuse(place_, "its header announces more elements than any file holds");
            }
            count *= std::max<std::int64_t>(size, 1);
            sizes[rank++] = size;
            if (!accept(',') && peek() != ')') bad();
        }
        return Shape(std::span<const std::int64_t>(sizes.data(), rank));
    }

    const std::string& place_;
    std::string_view text_;
};

template <typename T>
T load(const std::byte* from, bool swap) {
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), from, sizeof(T));
    if (swap) std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<T>(bytes);
}

struct Conversion {
    const std::string& place;
    const NpyHeader& header;
    std::span<const std::byte> from;
    std::span<std::byte> to;
    NpyValues values;
    std::uint64_t first;

    bool swap() const { return header.big_endian != (std::endian::native == std::endian::big); }
};

template <typename From, typename To, typename Convert>
void each(const Conversion& all, Convert convert) {
    const std::size_t count = all.from.size() / sizeof(From);
    const bool swap = all.swap();
    for (std::size_t i = 0; i < count; ++i) {
        const To value = convert(load<From>(all.from.data() + i * sizeof(From), swap), i);
        std::memcpy(all.to.data() + i * sizeof(To), &value, sizeof(To));
    }
}

template <typename From>
void floats(const Conversion& all) {
    each<From, float>(all, [&](From element, std::size_t i) {
        const auto value = static_cast<float>(element);
        const bool finite = std::isfinite(value);
        if (finite) return value;
        if (std::isfinite(static_cast<double>(element))) {
            refuse(all.place, "element {} is {}, beyond 32 bits", all.first + i,
                   static_cast<double>(element));
        }
        if (all.values == NpyValues::kFinite ||
            (all.values == NpyValues::kOrNaN && !std::isnan(value))) {
            refuse(all.place, "element {} is {}, not finite", all.first + i, value);
        }
        return value;
    });
}

template <typename From>
void integers(const Conversion& all, DType dtype) {
    if (dtype == f32) {
        each<From, float>(all,
                          [](From element, std::size_t) { return static_cast<float>(element); });
        return;
    }
    each<From, std::int32_t>(all, [&](From element, std::size_t i) {
        if (!std::in_range<std::int32_t>(element)) {
            refuse(all.place, "element {} is {}, beyond 32 bits", all.first + i, element);
        }
        return static_cast<std::int32_t>(element);
    });
}

void bytes(const Conversion& all, DType dtype) {
    const bool is_bool = all.header.kind == 'b';
    for (std::size_t i = 0; is_bool && i < all.from.size(); ++i) {
        if (std::to_integer<int>(all.from[i]) > 1) {
            refuse(all.place, "element {} is {}, no truth value", all.first + i,
                   std::to_integer<int>(all.from[i]));
        }
    }
    if (dtype == u8) {
        std::copy(all.from.begin(), all.from.end(), all.to.begin());
    } else {
        integers<std::uint8_t>(all, dtype);
    }
}

// From the first axis contiguous to the last.
template <typename T>
std::vector<std::byte> row_major(const std::vector<std::byte>& from, const Shape& shape) {
    std::vector<std::byte> to(from.size());
    std::array<std::int64_t, Shape::kMaxRank> at{};
    std::array<std::size_t, Shape::kMaxRank> stride{};
    std::size_t step = 1;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        stride[axis] = step;
        step *= static_cast<std::size_t>(shape[axis]);
    }
    std::size_t place = 0;
    for (std::size_t i = 0; i < from.size() / sizeof(T); ++i) {
        std::memcpy(to.data() + i * sizeof(T), from.data() + place * sizeof(T), sizeof(T));
        for (std::size_t axis = shape.rank(); axis-- > 0;) {
            place += stride[axis];
            if (++at[axis] < shape[axis]) break;
            place -= stride[axis] * static_cast<std::size_t>(shape[axis]);
            at[axis] = 0;
        }
    }
    return to;
}

HostTensor converted(const std::string& place, const NpyHeader& header,
                     std::span<const std::byte> elements, DType dtype, NpyValues values) {
    HostTensor tensor = HostTensor::zeros("", header.shape, dtype);
    convert_npy(place, header, elements, dtype, tensor.data, values);
    if (header.fortran && header.shape.rank() > 1) {
        tensor.data = dtype == u8 ? row_major<std::uint8_t>(tensor.data, header.shape)
                                  : row_major<std::uint32_t>(tensor.data, header.shape);
    }
    return tensor;
}

}  // namespace

DType NpyHeader::natural_dtype() const {
    return kind == 'f' ? f32 : kind == 'b' || (kind == 'u' && item_bytes == 1) ? u8 : i32;
}

NpyHeader npy_header(const std::string& place, std::span<const std::byte> begin,
                     std::uint64_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
    if (!text.starts_with(kMagic)) {
        refuse(place, "it does not begin with \\x93NUMPY: it is no NPY file");
    }
    if (text.size() < 12) refuse(place, "it ends within its header");
    const auto byte = [&](std::size_t at) { return std::to_integer<std::uint32_t>(begin[at]); };
    const std::uint32_t major = byte(6), minor = byte(7);
    if (major < 1 || major > 3 || minor != 0) {
        refuse(place, "it is of version {}.{}; possible are 1.0, 2.0 and 3.0", major, minor);
    }
    const std::size_t length_bytes = major == 1 ? 2 : 4;
    std::uint64_t length = 0;
    for (std::size_t i = length_bytes; i-- > 0;)
        length = length << 8 | byte(8 + i);
    const std::uint64_t data_offset = 8 + length_bytes + length;
    if (data_offset > size_bytes) {
        refuse(place, "its header has {} bytes, the file {}", length, size_bytes);
    }
    if (data_offset > begin.size()) {
        refuse(place, "its header has {} bytes, more than any array's needs", length);
    }
    NpyHeader header = Dictionary(place, text.substr(8 + length_bytes, length)).read();
    header.data_offset = data_offset;
    if (header.data_bytes() != size_bytes - data_offset) {
        refuse(place, "its header announces {} of {} bytes each, {} bytes, but {} follow",
               to_string(header.shape), header.item_bytes, header.data_bytes(),
               size_bytes - data_offset);
    }
    return header;
}

void convert_npy(const std::string& place, const NpyHeader& header, std::span<const std::byte> from,
                 DType dtype, std::span<std::byte> to, NpyValues values, std::uint64_t first) {
    const bool is_byte = header.kind == 'b' || (header.kind == 'u' && header.item_bytes == 1);
    if ((header.kind == 'f' && dtype != f32) || (dtype == u8 && !is_byte)) {
        refuse(place, "its elements are {}{}, where {} is needed", header.kind, header.item_bytes,
               dtype == u8 ? "u1" : "an integer");
    }
    INGOT_CHECK(from.size() / header.item_bytes == to.size() / size_bytes_of(dtype));
    const Conversion all{place, header, from, to, values, first};
    switch (header.kind) {
        case 'f':
            if (header.item_bytes == 2) return floats<Float16>(all);
            return header.item_bytes == 4 ? floats<float>(all) : floats<double>(all);
        case 'i':
            switch (header.item_bytes) {
                case 1: return integers<std::int8_t>(all, dtype);
                case 2: return integers<std::int16_t>(all, dtype);
                case 4: return integers<std::int32_t>(all, dtype);
                default: return integers<std::int64_t>(all, dtype);
            }
        case 'u':
            switch (header.item_bytes) {
                case 1: return bytes(all, dtype);
                case 2: return integers<std::uint16_t>(all, dtype);
                case 4: return integers<std::uint32_t>(all, dtype);
                default: return integers<std::uint64_t>(all, dtype);
            }
        default: return bytes(all, dtype);
    }
}

HostTensor npy_tensor(const std::string& place, std::span<const std::byte> bytes, DType dtype,
                      NpyValues values) {
    const NpyHeader header =
        npy_header(place, bytes.first(std::min(bytes.size(), kMaxNpyHeader)), bytes.size());
    return converted(place, header, bytes.subspan(header.data_offset), dtype, values);
}

NpyHeader npy_file_header(const std::filesystem::path& path) {
    const RandomAccessFile file(path, "npy");
    std::vector<std::byte> begin(
        static_cast<std::size_t>(std::min<std::uint64_t>(file.size_bytes(), kMaxNpyHeader)));
    file.read_at(0, begin);
    return npy_header("npy " + path.string(), begin, file.size_bytes());
}

HostTensor npy_file(const std::filesystem::path& path, DType dtype, NpyValues values) {
    const NpyHeader header = npy_file_header(path);
    const RandomAccessFile file(path, "npy");
    std::vector<std::byte> elements(static_cast<std::size_t>(header.data_bytes()));
    file.read_at(header.data_offset, elements);
    return converted("npy " + path.string(), header, elements, dtype, values);
}

HostTensor read_npy(const std::filesystem::path& path) {
    HostTensor tensor = npy_file(path, npy_file_header(path).natural_dtype(), NpyValues::kAny);
    tensor.name = path.stem().string();
    return tensor;
}

std::vector<HostTensor> read_npz(const std::filesystem::path& path) {
    std::vector<HostTensor> tensors;
    for (ZipMember& member : read_zip(path, "npz")) {
        if (member.name.ends_with(".npy")) member.name.resize(member.name.size() - 4);
        const std::string place = fmt::format("npz {}: '{}'", path.string(), member.name);
        const std::span<const std::byte> bytes = member.bytes;
        const NpyHeader header =
            npy_header(place, bytes.first(std::min(bytes.size(), kMaxNpyHeader)), bytes.size());
        tensors.push_back(converted(place, header, bytes.subspan(header.data_offset),
                                    header.natural_dtype(), NpyValues::kAny));
        tensors.back().name = member.name;
        member.bytes = {};  // no array is kept twice
    }
    return tensors;
}

}  // namespace ingot::io
