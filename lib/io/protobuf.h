// SPDX-License-Identifier: MIT
// Writes messages in the wire format of protocol buffers (protobuf.dev, "Encoding"): a row of
// fields, each a number, a kind and a value. Only writing, and only the kinds that event files
// have: forty lines in place of a library that every user would have to install.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ingot::io {

class ProtobufMessage {
public:
    ProtobufMessage& integer(std::uint32_t field, std::int64_t value) {
        key(field, 0);
        varint(static_cast<std::uint64_t>(value));
        return *this;
    }
    ProtobufMessage& number(std::uint32_t field, double value) {
        key(field, 1);
        word(std::bit_cast<std::uint64_t>(value));
        return *this;
    }
    ProtobufMessage& number(std::uint32_t field, float value) {
        key(field, 5);
        word(std::bit_cast<std::uint32_t>(value));
        return *this;
    }
    ProtobufMessage& numbers(std::uint32_t field, std::span<const double> values) {  // packed
        key(field, 2);
        varint(values.size() * sizeof(double));
        for (const double value : values)
            word(std::bit_cast<std::uint64_t>(value));
        return *this;
    }
    ProtobufMessage& bytes(std::uint32_t field, std::string_view value) {
        key(field, 2);
        varint(value.size());
        text_ += value;
        return *this;
    }
    ProtobufMessage& message(std::uint32_t field, const ProtobufMessage& value) {
        return bytes(field, value.text_);
    }
    const std::string& text() const { return text_; }

private:
    void key(std::uint32_t field, std::uint32_t kind) { varint(field << 3 | kind); }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            text_ += static_cast<char>(value | 0x80);
        text_ += static_cast<char>(value);
    }
    template <typename Word>
    void word(Word value) {  // little-endian
        for (std::size_t i = 0; i < sizeof(Word); ++i)
            text_ += static_cast<char>(value >> 8 * i & 0xFF);
    }

    std::string text_;
};

}  // namespace ingot::io
