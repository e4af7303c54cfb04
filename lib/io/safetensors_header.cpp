// SPDX-License-Identifier: MIT
#include "io/safetensors_header.h"

#include "core/check.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

namespace ingot::io {
namespace {

using Json = nlohmann::json;

// Events instead of a tree: a tree would drop the first of two equal names without a word, and
// would be built in full before the first check.
class HeaderReader final : public nlohmann::json_sax<Json> {
public:
    HeaderReader(SafetensorsHeader& header, const std::string& source)
        : header_(header), source_(source) {}

    bool start_object(std::size_t) override {
        if (depth_ < 2) {
            if (depth_ == 1 && !in_metadata_) header_.entries.push_back({name_, {}, {}, {}});
            ++depth_;
            return true;
        }
        refuse("an object");
    }

    bool key(string_t& key) override {
        if (depth_ == 1) {
            if (!names_.insert(key).second) error("the name {} appears twice", in_quotes(key));
            in_metadata_ = key == kMetadataKey;
            name_ = key;
        } else {
            field_ = key;
            if (in_metadata_) return true;
            if (key != "dtype" && key != "shape" && key != "data_offsets") {
                error("tensor {}: unknown field {}", in_quotes(name_), in_quotes(key));
            }
            if (std::exchange(seen_[field_index()], true)) {
                error("tensor {}: field '{}' appears twice", in_quotes(name_), field_);
            }
        }
        return true;
    }

    bool end_object() override {
        if (--depth_ == 1 && !in_metadata_) {
            static constexpr const char* kFields[] = {"dtype", "shape", "data_offsets"};
            for (std::size_t i = 0; i < seen_.size(); ++i) {
                if (!std::exchange(seen_[i], false)) {
                    error("tensor {}: field '{}' is missing", in_quotes(name_), kFields[i]);
                }
            }
            if (entry().range.size() != 2) {
                error("tensor {}: data_offsets has {} numbers, not 2", in_quotes(name_),
                      entry().range.size());
            }
        }
        return true;
    }

    bool string(string_t& text) override {
        if (depth_ == 2 && in_metadata_) {
            if (!header_.metadata.emplace(field_, text).second) {
                error("{}: {} appears twice", kMetadataKey, in_quotes(field_));
            }
            return true;
        }
        if (depth_ != 2 || in_array_ || field_ != "dtype") refuse("a text");
        entry().type = text;
        return true;
    }

    bool start_array(std::size_t) override {
        if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") refuse("a list");
        in_array_ = true;
        return true;
    }
    bool end_array() override {
        in_array_ = false;
        return true;
    }

    bool number_unsigned(number_unsigned_t number) override {
        if (!in_array_) refuse("a number");
        auto& numbers = field_ == "shape" ? entry().sizes : entry().range;
        if (numbers.size() >= Shape::kMaxRank) {
            error("tensor {}: more than {} numbers in '{}'", in_quotes(name_), Shape::kMaxRank,
                  field_);
        }
        numbers.push_back(number);
        return true;
    }
    bool number_integer(number_integer_t number) override {
        if (in_array_)
            error("tensor {}: negative number {} in '{}'", in_quotes(name_), number, field_);
        refuse("a number");
    }
    bool number_float(number_float_t, const string_t& text) override {
        if (in_array_) {
            error("tensor {}: {} in '{}' is not a whole number", in_quotes(name_), in_quotes(text),
                  field_);
        }
        refuse("a number");
    }

    bool null() override { refuse("null"); }
    bool boolean(bool) override { refuse("a truth value"); }
    bool binary(binary_t&) override { refuse("binary data"); }

    bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
        error("the header is not valid JSON (at its byte {})", position);
    }

private:
    template <typename... Args>
    [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "safetensors {}: {}", source_,
             fmt::format(format, std::forward<Args>(args)...));
    }
    [[noreturn]] void refuse(const char* what) const {
        if (depth_ == 0) error("the header is {}, not an object", what);
        if (depth_ == 1) error("{} is {}, not an object", in_quotes(name_), what);
        if (in_metadata_) error("{}: {} is {}, not a text", kMetadataKey, in_quotes(field_), what);
        error("tensor {}: '{}' holds {}", in_quotes(name_), field_, what);
    }
    SafetensorsEntry& entry() { return header_.entries.back(); }
    std::size_t field_index() const { return field_ == "dtype" ? 0 : field_ == "shape" ? 1 : 2; }

    SafetensorsHeader& header_;
    const std::string& source_;
    std::unordered_set<std::string> names_;
    std::array<bool, 3> seen_{};
    std::string name_;   // of the tensor, or kMetadataKey
    std::string field_;  // in it
    int depth_ = 0;      // objects open
    bool in_array_ = false;
    bool in_metadata_ = false;
};

// The bytes that shape and type need must be the bytes of the range.
void check_entry(const SafetensorsEntry& entry, std::uint64_t payload_bytes,
                 const std::string& source) {
    const auto [begin, end] = std::pair(entry.range[0], entry.range[1]);
    if (begin > end || end > payload_bytes) {
        fail(ErrorKind::kFile,
             "safetensors {}: tensor {}: its bytes {} to {} lie outside the {} bytes of data",
             source, in_quotes(entry.name), begin, end, payload_bytes);
    }
    const std::uint64_t element_bytes = safetensors_element_bytes(entry.type);
    if (element_bytes == 0) {
        fail(ErrorKind::kFile, "safetensors {}: tensor {}: type {} is not supported", source,
             in_quotes(entry.name), in_quotes(entry.type));
    }
    constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max() / 8;
    std::uint64_t count = 1;
    for (const std::uint64_t size : entry.sizes) {
        if (size > kMaxCount || (size != 0 && count > kMaxCount / size)) {
            fail(ErrorKind::kFile, "safetensors {}: tensor {}: shape [{}] has too many elements",
                 source, in_quotes(entry.name), fmt::join(entry.sizes, ", "));
        }
        count *= size;
    }
    if (count * element_bytes != entry.size_bytes()) {
        fail(
            ErrorKind::kFile,
            "safetensors {}: tensor {}: shape [{}] of {} needs {} bytes, but bytes {} to {} are {}",
            source, in_quotes(entry.name), fmt::join(entry.sizes, ", "), entry.type,
            count * element_bytes, begin, end, entry.size_bytes());
    }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t payload_bytes,
                                           const std::string& source) {
    SafetensorsHeader header;
    HeaderReader reader(header, source);
    Json::sax_parse(json.begin(), json.end(), &reader);

    std::stable_sort(header.entries.begin(), header.entries.end(),
                     [](const auto& a, const auto& b) { return a.range < b.range; });
    std::uint64_t place = 0;
    for (const SafetensorsEntry& entry : header.entries) {
        check_entry(entry, payload_bytes, source);
        if (entry.range[0] != place) {
            fail(ErrorKind::kFile,
                 "safetensors {}: tensor {}: its data begins at byte {}, {} the end of the one "
                 "before it at {}",
                 source, in_quotes(entry.name), entry.range[0],
                 entry.range[0] < place ? "before" : "with a hole after", place);
        }
        place = entry.range[1];
    }
    if (place != payload_bytes) {
        fail(ErrorKind::kFile,
             "safetensors {}: the tensors end at byte {} of the data, but the file holds {}",
             source, place, payload_bytes);
    }
    return header;
}

std::uint64_t safetensors_element_bytes(std::string_view type) {
    static constexpr std::pair<std::string_view, std::uint64_t> kSizes[] = {
        {"F32", 4},  {"I32", 4}, {"U8", 1},  {"F16", 2}, {"BF16", 2}, {"F64", 8}, {"I64", 8},
        {"BOOL", 1}, {"I8", 1},  {"I16", 2}, {"U16", 2}, {"U32", 4},  {"U64", 8}};
    for (const auto& [name, size] : kSizes) {
        if (name == type) return size;
    }
    return 0;
}

std::string in_quotes(std::string_view name) {
    constexpr std::size_t kMaxShown = 120;
    if (name.size() <= kMaxShown) return fmt::format("'{}'", name);
    return fmt::format("'{}...' ({} bytes)", name.substr(0, kMaxShown), name.size());
}

}  // namespace ingot::io
