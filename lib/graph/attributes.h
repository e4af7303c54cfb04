// SPDX-License-Identifier: MIT
// The attributes of an operation: any plain struct with
//     template <class Visit> void fields(Visit visit) const { visit("axis", axis); ... }
// The one list of fields serves dumps, equality and common-subexpression keys, so `text` spells
// every value out in full.
#pragma once

#include "core/check.h"

#include <ingot/shape.h>

#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

namespace ingot::graph {

inline std::string field_text(bool value) {
    return value ? "true" : "false";
}
inline std::string field_text(const std::string& value) {
    return fmt::format("\"{}\"", value);
}
inline std::string field_text(const Shape& value) {
    return to_string(value);
}
template <typename T>
std::string field_text(const std::vector<T>& value) {
    return fmt::format("[{}]", fmt::join(value, ", "));
}
template <typename T>
requires std::is_arithmetic_v<T> std::string field_text(T value) {
    return fmt::format("{}", value);  // shortest text that reads back to the same value
}

class Attributes {
public:
    Attributes() = default;

    template <typename T>
    static Attributes of(T value) {
        Attributes attributes;
        attributes.held_ = std::make_shared<Model<T>>(std::move(value));
        return attributes;
    }

    template <typename T>
    const T& as() const {
        INGOT_CHECK(held_ != nullptr && held_->type() == typeid(T));
        return static_cast<const Model<T>&>(*held_).value;
    }

    std::string text() const { return held_ ? held_->text() : std::string(); }

private:
    struct Base {
        virtual ~Base() = default;
        virtual const std::type_info& type() const = 0;
        virtual std::string text() const = 0;
    };
    template <typename T>
    struct Model final : Base {
        explicit Model(T v) : value(std::move(v)) {}
        const std::type_info& type() const override { return typeid(T); }
        std::string text() const override {
            std::string text;
            value.fields([&](const char* name, const auto& field) {
                text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, field_text(field));
            });
            return text;
        }
        T value;
    };

    std::shared_ptr<const Base> held_;
};

}  // namespace ingot::graph
