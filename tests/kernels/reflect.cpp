// SPDX-License-Identifier: MIT
// Reflection: of one shader with everything, of the catalog, of what must be refused, and of words
// cut off or corrupted, which must end in a result or an Error and never in a bad read.
#include "kernels/reflect.h"

#include <ingot/error.h>

#include "kernels/catalog.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "binding_array.h"
#include "image.h"
#include "interface.h"
#include "set_1.h"
#include "wide_constant.h"

using namespace ingot;

namespace {

using Words = std::vector<std::uint32_t>;

const std::span<const std::uint32_t> kInterface = interface_spirv;

ErrorKind kind_of_refusal(std::span<const std::uint32_t> words) {
    try {
        reflect(words, "test");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with("test: word "));
        return error.kind();
    }
    FAIL("accepted");
    return ErrorKind::kInternal;
}

// A result or an Error; anything else is for the sanitizers to see.
void reflect_or_refuse(std::span<const std::uint32_t> words) {
    try {
        reflect(words, "test");
    } catch (const Error& error) {
        CHECK((error.kind() == ErrorKind::kInvalidArgument ||
               error.kind() == ErrorKind::kUnsupported));
    }
}

}  // namespace

TEST_CASE("bindings: name, kind and access, in the order of their index") {
    const Reflection found = reflect(kInterface, "interface");
    struct Row {
        const char* name;
        BindingKind kind;
        Access access;
    };
    const Row expected[] = {
        {"State", BindingKind::kStorageBuffer, Access::kReadWrite},
        {"table", BindingKind::kUniformBuffer, Access::kRead},
        {"target", BindingKind::kStorageBuffer, Access::kWrite},
        {"weights", BindingKind::kUniformTexelBuffer, Access::kRead},
        {"pixels", BindingKind::kStorageTexelBuffer, Access::kWrite},
        {"source", BindingKind::kStorageBuffer, Access::kRead},
        {"as_scalars", BindingKind::kStorageBuffer,
         Access::kReadWrite},  // read as one, written as another
    };
    REQUIRE(found.bindings.size() == std::size(expected));
    for (std::uint32_t i = 0; i < std::size(expected); ++i) {
        CAPTURE(i);
        CHECK(found.bindings[i].index == i);
        if (i != 6) CHECK(found.bindings[i].name == expected[i].name);
        CHECK(found.bindings[i].kind == expected[i].kind);
        CHECK(found.bindings[i].access == expected[i].access);
    }
    CHECK(found.bindings[5].element == ScalarType::kFloat);
    CHECK(found.bindings[6].element == ScalarType::kFloat);
    CHECK_FALSE(found.bindings[0].element.has_value());  // not an array alone
    // Which of its two names a shared binding has is the compiler's choice.
    CHECK(found.bindings[6].name.starts_with("as_"));
}

TEST_CASE("constants: name, type and default, and those that set the group size") {
    const Reflection found = reflect(kInterface, "interface");
    REQUIRE(found.constants.size() == 5);
    struct Row {
        std::uint32_t id;
        const char* name;
        ScalarType type;
        std::uint32_t bits;
    };
    const Row expected[] = {
        {0, "FLAG", ScalarType::kBool, 1},
        {1, "SHIFT", ScalarType::kInt, std::bit_cast<std::uint32_t>(-2)},
        {3, "ROWS", ScalarType::kUint, 4},
        {7, "LOCAL_SIZE", ScalarType::kUint, 1},
        {9, "SCALE", ScalarType::kFloat, std::bit_cast<std::uint32_t>(0.5f)},
    };
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        CAPTURE(i);
        CHECK(found.constants[i].id == expected[i].id);
        CHECK(found.constants[i].name == expected[i].name);
        CHECK(found.constants[i].type == expected[i].type);
        CHECK(found.constants[i].default_bits == expected[i].bits);
    }
    CHECK(found.local_size == std::array<std::uint32_t, 3>{1, 4, 2});
    CHECK(found.local_size_ids == std::array<std::uint32_t, 3>{7, 3, kNoSpecId});
}

TEST_CASE("parameters, entry point, capabilities") {
    const Reflection found = reflect(kInterface, "interface");
    CHECK(found.parameter_size_bytes == 8 + 5 * 4 + 4);
    CHECK(found.entry_point == "main");
    CHECK(found.version == 0x00010500);
    CHECK(found.uses_subgroups);
    CHECK(std::ranges::is_sorted(found.capabilities));
    CHECK(std::ranges::count(found.capabilities, 1u) == 1);   // Shader
    CHECK(std::ranges::count(found.capabilities, 63u) == 1);  // GroupNonUniformArithmetic
}

TEST_CASE("parameters one by one: name, place, count and type") {
    const Reflection found = reflect(kInterface, "interface");
    struct Row {
        const char* name;
        std::uint32_t offset_bytes, count, stride_bytes;
        ScalarType type;
    };
    const Row expected[] = {{"head", 0, 2, 4, ScalarType::kFloat},
                            {"sizes", 8, 5, 4, ScalarType::kUint},
                            {"tail", 28, 1, 4, ScalarType::kFloat}};
    REQUIRE(found.parameters.size() == std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        CAPTURE(i);
        CHECK(found.parameters[i].name == expected[i].name);
        CHECK(found.parameters[i].offset_bytes == expected[i].offset_bytes);
        CHECK(found.parameters[i].count == expected[i].count);
        CHECK(found.parameters[i].stride_bytes == expected[i].stride_bytes);
        CHECK(found.parameters[i].type == expected[i].type);
    }
    CHECK_FALSE(found.reads_group_counts);
    const Kernel& folded = find_kernel("softmax");
    CHECK(reflect(folded.spirv, folded.name).reads_group_counts);
}

TEST_CASE("the catalog says what reflection finds in its words") {
    for (const Kernel& kernel : catalog()) {
        const Reflection found = reflect(kernel.spirv, kernel.name);
        CHECK(found.bindings.size() == kernel.bindings.size());
        CHECK(found.constants.size() == kernel.constants.size());
        CHECK(found.parameter_size_bytes == kernel.parameter_size_bytes);
        CHECK(found.local_size == kernel.local_size);
        CHECK(std::ranges::equal(found.capabilities, kernel.capabilities));
    }
}

TEST_CASE("interfaces that the library does not offer are refused as unsupported") {
    CHECK(kind_of_refusal(set_1_spirv) == ErrorKind::kUnsupported);
    CHECK(kind_of_refusal(binding_array_spirv) == ErrorKind::kUnsupported);
    CHECK(kind_of_refusal(image_spirv) == ErrorKind::kUnsupported);
    CHECK(kind_of_refusal(wide_constant_spirv) == ErrorKind::kUnsupported);
}

TEST_CASE("a header that is not SPIR-V's is refused") {
    CHECK(kind_of_refusal({}) == ErrorKind::kInvalidArgument);
    for (const std::size_t word : {0, 3}) {
        for (const std::uint32_t value : {0u, 0x03022307u, 0xffffffffu}) {
            Words words(kInterface.begin(), kInterface.end());
            words[word] = value;
            CHECK(kind_of_refusal(words) == ErrorKind::kInvalidArgument);
        }
    }
}

TEST_CASE("every truncation is refused") {
    for (std::size_t length = 0; length < kInterface.size(); ++length) {
        // A copy of its own, so that the address sanitizer sees a read beyond the end.
        const Words words(kInterface.begin(), kInterface.begin() + length);
        CAPTURE(length);
        REQUIRE(kind_of_refusal(words) == ErrorKind::kInvalidArgument);
    }
}

TEST_CASE("a corrupted word is refused or read, never followed") {
    const std::uint32_t poisons[] = {0, 1, 0xffff, 0xffff0000, 0xffffffff, 0x00010000};
    for (std::size_t i = 0; i < kInterface.size(); ++i) {
        for (const std::uint32_t poison : poisons) {
            Words words(kInterface.begin(), kInterface.end());
            words[i] = poison;
            reflect_or_refuse(words);
        }
    }
}

TEST_CASE("random corruption is refused or read, never followed") {
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        Words words(kInterface.begin(), kInterface.end());
        for (int change = 0; change < 1 + round % 8; ++change) {
            // Another word of the same module is the likeliest thing to pass the first checks.
            words[random() % words.size()] =
                change % 2 == 0 ? words[random() % words.size()] : random();
        }
        reflect_or_refuse(words);
    }
}
