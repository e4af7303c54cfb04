// SPDX-License-Identifier: MIT
// Where the samples of a Dataset come from: memory, files read sample by sample, a container of the
// user's, or anything made on demand. A source never changes once it is made; views share it.
//
//     struct Walk { size_t size() const; std::pair<std::vector<float>, int> operator[](size_t)
//     const; }; ingot::data::Dataset set = ingot::data::dataset_of(Walk{});
#pragma once

#include <ingot/dtype.h>
#include <ingot/error.h>
#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/image.h>
#include <ingot/shape.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ingot::data {

// One value of a sample of rank 1, as the columns of a table are. NaN stands for a missing value.
struct Feature {
    std::string name;
    // Of a feature that is no number: its values are indices into these. Empty: a number.
    std::vector<std::string> categories{};

    bool operator==(const Feature&) const = default;
};

struct SourceSpec {
    std::int64_t size = 0;  // samples
    Shape sample_shape{};
    DType input_dtype = f32;   // f32; u8, delivered as f32 divided by 255; i32, delivered as it is
    Shape target_shape{};      // of one sample; [] for one number
    DType target_dtype = i32;  // i32: class labels; f32: any other targets
    std::int64_t class_count = 0;            // of labels: each is below
    std::vector<std::string> class_names{};  // none, or class_count of them
    std::vector<Feature> features{};         // none, or one for each value of a sample of rank 1
};

class INGOT_API Source {
public:
    // Throws kInvalidArgument when the parts of the spec contradict each other.
    explicit Source(SourceSpec spec);
    virtual ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    const SourceSpec& spec() const { return spec_; }

    // The values of sample `row`, 0 to spec().size - 1, in the dtypes of the spec: either where
    // they lie already, or written to `room`, which has just their size and the alignment of a
    // float. Called by several threads at once.
    virtual const std::byte* input(std::int64_t row, std::span<std::byte> room) const = 0;
    virtual const std::byte* target(std::int64_t row, std::span<std::byte> room) const = 0;

    virtual std::string name(std::int64_t row) const;  // its file, say; by default its number

private:
    SourceSpec spec_;
};

namespace detail {

[[noreturn]] INGOT_API void refuse_sample(std::int64_t sample, const std::string& what);

template <typename T>
concept Number = std::is_arithmetic_v<T>;
template <typename T>
concept Numbers = std::ranges::contiguous_range<T> && std::ranges::sized_range<T> &&
    Number<std::ranges::range_value_t<T>>;

// How inputs and targets of these C++ types are stored.
template <typename T>
constexpr DType stored_dtype(bool is_input) {
    if (std::floating_point<T>) return f32;
    return is_input && sizeof(T) == 1 && std::is_unsigned_v<T> && !std::same_as<T, bool> ? u8 : i32;
}

template <typename T>
void store(std::int64_t sample, std::span<const T> values, DType dtype, std::byte* room) {
    for (const T value : values) {
        if constexpr (std::floating_point<T>) {
            const auto narrow = static_cast<float>(value);
            room = std::copy_n(reinterpret_cast<const std::byte*>(&narrow), sizeof narrow, room);
        } else if (dtype == u8) {
            *room++ = static_cast<std::byte>(value);
        } else {
            const auto narrow = static_cast<std::int32_t>(value);
            if (!std::same_as<T, bool> && static_cast<T>(narrow) != value) {
                refuse_sample(sample, "holds " + std::to_string(value) + ", beyond 32 bits");
            }
            room = std::copy_n(reinterpret_cast<const std::byte*>(&narrow), sizeof narrow, room);
        }
    }
}

struct Form {
    DType dtype = f32;
    Shape shape;
    bool operator==(const Form&) const = default;
};

template <Number T>
Form form_of(const T&, bool is_input) {
    return {stored_dtype<T>(is_input), is_input ? Shape{1} : Shape{}};
}
template <Numbers T>
Form form_of(const T& values, bool is_input) {
    return {stored_dtype<std::ranges::range_value_t<T>>(is_input),
            {static_cast<std::int64_t>(std::ranges::size(values))}};
}
inline Form form_of(const Image& image, bool) {
    return {u8, {image.channels, image.height, image.width}};
}
inline Form form_of(const HostTensor& tensor, bool) {
    return {tensor.dtype, tensor.shape};
}

template <Number T>
void put(std::int64_t sample, const T& value, DType dtype, std::byte* room) {
    store(sample, std::span<const T>(&value, 1), dtype, room);
}
template <Numbers T>
void put(std::int64_t sample, const T& values, DType dtype, std::byte* room) {
    using Value = std::ranges::range_value_t<T>;
    store(sample, std::span<const Value>(std::ranges::data(values), std::ranges::size(values)),
          dtype, room);
}
INGOT_API void put(std::int64_t sample, const Image& image, DType dtype, std::byte* room);
INGOT_API void put(std::int64_t sample, const HostTensor& tensor, DType dtype, std::byte* room);

template <typename Container>
class ContainerSource final : public Source {
public:
    ContainerSource(Container container, std::vector<std::string> class_names)
        : Source(examine(container, std::move(class_names))), container_(std::move(container)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        const auto& [input, target] = container_[static_cast<std::size_t>(row)];
        return take(row, input, "input", {spec().input_dtype, spec().sample_shape}, room, true);
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        const auto& [input, target] = container_[static_cast<std::size_t>(row)];
        return take(row, target, "target", {spec().target_dtype, spec().target_shape}, room, false);
    }

private:
    template <typename Value>
    static const std::byte* take(std::int64_t row, const Value& value, const char* what,
                                 const Form& expected, std::span<std::byte> room, bool is_input) {
        if (const Form form = form_of(value, is_input); form != expected) {
            refuse_sample(row, std::string("has ") + what + ' ' + to_string(form.dtype) +
                                   to_string(form.shape) + ", sample 0 " +
                                   to_string(expected.dtype) + to_string(expected.shape));
        }
        put(row, value, expected.dtype, room.data());
        return room.data();
    }

    static SourceSpec examine(const Container& container, std::vector<std::string> class_names) {
        SourceSpec spec;
        spec.size = static_cast<std::int64_t>(std::size(container));
        if (spec.size == 0) refuse_sample(0, "does not exist, the container is empty");
        {
            const auto& [input, target] = container[0];
            const Form in = form_of(input, true), out = form_of(target, false);
            spec.sample_shape = in.shape;
            spec.input_dtype = in.dtype;
            spec.target_shape = out.shape;
            spec.target_dtype = out.dtype;
        }
        spec.class_count = static_cast<std::int64_t>(class_names.size());
        spec.class_names = std::move(class_names);
        if (spec.target_dtype != i32 || spec.class_count > 0) return spec;
        std::vector<std::int32_t> labels(static_cast<std::size_t>(spec.target_shape.count()));
        for (std::int64_t row = 0; row < spec.size; ++row) {
            const auto& [input, target] = container[static_cast<std::size_t>(row)];
            take(row, target, "target", {i32, spec.target_shape},
                 std::as_writable_bytes(std::span(labels)), false);
            for (const std::int32_t label : labels)
                spec.class_count = std::max(spec.class_count, std::int64_t{label} + 1);
        }
        return spec;
    }

    Container container_;
};

}  // namespace detail

}  // namespace ingot::data
