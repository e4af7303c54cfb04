// SPDX-License-Identifier: MIT
// Specialization: the constants' arithmetic, what is left of a shader for given constants, and that
// each kernel of the catalog comes through. That the words still compute the same, the operator
// tables say; that they are valid, spirv-val (spirv_val.cmake).
#include "kernels/specialize.h"

#include "kernels/catalog.h"
#include "kernels/fold.h"
#include "kernels/kernel_call.h"
#include "kernels/reflect.h"
#include "kernels/spirv.h"
#include "kernels/spirv_function.h"

#include "shaders/pointwise.h"
#include "write_words.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "specialize.h"

using namespace ingot;
using ingot::testing::write_words;

namespace {

using Words = std::vector<std::uint32_t>;

constexpr SpecConstant kConstants[] = {{"LOCAL_SIZE", 0, 64, ScalarType::kUint},
                                       {"CHOICE", 1, 0, ScalarType::kUint},
                                       {"FLAG", 2, 0, ScalarType::kBool},
                                       {"ROUNDS", 3, 4, ScalarType::kInt},
                                       {"SCALE", 4, 0x3f800000, ScalarType::kFloat}};
#define FLOAT(number, name, arity, result) number,
#define WORD(number, name, arity, result) number,
constexpr std::uint32_t kOpcodes[] = {
#include "shaders/pointwise_ops.h"
};
#undef FLOAT
#undef WORD
constexpr std::uint32_t kOne = 0x3f800000;

Words specialized(std::uint32_t choice, bool flag, std::uint32_t rounds = 4) {
    Kernel kernel{};
    kernel.name = "specialize";
    kernel.spirv = specialize_spirv;
    kernel.constants = kConstants;
    return specialize(kernel, std::array<std::uint32_t, 5>{32, choice, flag, rounds, kOne});
}

// How often each instruction occurs; of the extended ones, GLSL's number + 1000.
std::map<std::uint32_t, int> census(std::span<const std::uint32_t> words) {
    std::map<std::uint32_t, int> counts;
    for (std::size_t at = spirv::kHeaderWords; at < words.size();) {
        const spirv::Instruction next = spirv::instruction_at(words, at);
        ++counts[next.op];
        if (next.op == spirv::kExtInst) ++counts[1000 + next.operands[3]];
        at += next.operands.size() + 1;
    }
    return counts;
}

constexpr std::uint32_t kSin = 1013, kCos = 1014, kTan = 1015, kAtan = 1018, kExp = 1027,
                        kLog = 1028, kInverseSqrt = 1032;

std::vector<std::uint32_t> bindings_of(const Words& words) {
    std::vector<std::uint32_t> indices;
    for (const auto& binding : reflect(words, "specialized").bindings)
        indices.push_back(binding.index);
    return indices;
}

std::optional<std::uint32_t> folded(std::uint32_t op, std::uint32_t a, std::uint32_t b) {
    return spirv::fold(op, std::array{std::optional(a), std::optional(b)});
}

// No constant is left to be given, and all else is as the kernel says.
void check_against(const Kernel& kernel, const Words& words) {
    const Reflection found = reflect(words, kernel.name);
    CHECK(found.constants.empty());
    CHECK(found.entry_point == "main");
    CHECK(std::ranges::equal(found.capabilities, kernel.capabilities));
    CHECK((found.parameter_size_bytes == 0 ||
           found.parameter_size_bytes == kernel.parameter_size_bytes));
    for (const auto& binding : found.bindings) {
        const auto same = std::ranges::find(kernel.bindings, binding.index, &Binding::index);
        REQUIRE(same != kernel.bindings.end());
        CHECK(same->kind == binding.kind);  // of several views of a binding any may be left
    }
    CHECK(words.size() <= kernel.spirv.size() + 64);
}

}  // namespace

TEST_CASE("specialize: integers as SPIR-V counts, and nothing of what it leaves undefined") {
    using namespace spirv;
    CHECK(folded(kIAdd, 0xffffffff, 2) == 1);
    CHECK(folded(kISub, 1, 2) == 0xffffffff);
    CHECK(folded(kIMul, 0x10000, 0x10001) == 0x10000);
    CHECK(folded(kUDiv, 7, 2) == 3);
    CHECK(folded(kUMod, 7, 4) == 3);
    CHECK(!folded(kUDiv, 7, 0));
    CHECK(!folded(kUMod, 7, 0));
    CHECK(folded(kShiftRightLogical, 0x80000000, 31) == 1);
    CHECK(folded(kShiftLeftLogical, 3, 31) == 0x80000000);
    CHECK(!folded(kShiftLeftLogical, 1, 32));
    CHECK(!folded(kShiftRightLogical, 1, 32));
    CHECK(folded(kULessThan, 1, 0xffffffff) == 1);
    CHECK(folded(kSLessThan, 1, 0xffffffff) == 0);
    CHECK(folded(kSGreaterThanEqual, 0x80000000, 0x80000000) == 1);
    CHECK(folded(kINotEqual, 3, 3) == 0);
    CHECK(!folded(kFUnordGreaterThanEqual, 1, 1));

    const std::optional<std::uint32_t> unknown;
    CHECK(fold(kLogicalAnd, std::array{unknown, std::optional(0u)}) == 0);
    CHECK(!fold(kLogicalAnd, std::array{unknown, std::optional(1u)}));
    CHECK(fold(kLogicalOr, std::array{std::optional(1u), unknown}) == 1);
    CHECK(!fold(kIAdd, std::array{unknown, std::optional(0u)}));
    CHECK(fold(kNot, std::array{std::optional(0u)}) == 0xffffffff);
    CHECK(fold(kLogicalNot, std::array{std::optional(1u)}) == 0);
    const std::optional<std::uint32_t> chosen[] = {0u, unknown, 9u};
    CHECK(fold(kSelect, chosen) == 9);
}

TEST_CASE("specialize: only the functions that are chosen are left") {
    auto counts = census(specialized(0, false));
    CHECK(counts[kSin] == 1);
    CHECK(counts[kCos] + counts[kTan] + counts[kExp] + counts[kLog] + counts[kAtan] == 0);
    CHECK(counts[kInverseSqrt] == 0);
    CHECK(counts[spirv::kSwitch] == 0);
    counts = census(specialized(2, true));
    CHECK(counts[kSin] == 0);
    CHECK(counts[kCos] == 1);
    CHECK(counts[kTan] == 1);
    CHECK(counts[kLog] == 1);
    CHECK(counts[kInverseSqrt] == 1);
    CHECK(census(specialized(2, true, 2))[kInverseSqrt] == 0);
}

TEST_CASE("specialize: a function is cloned for each choice") {
    const auto whole = census(specialize_spirv);
    auto counts = census(specialized(0, false));
    CHECK(counts[spirv::kFunctionCall] == 3);  // chosen(0), chosen(1), broken_off(0)
    CHECK(counts[spirv::kFunction] == 4);
    CHECK(whole.at(spirv::kFunction) == 4);  // chosen, broken_off, nested, main
    CHECK(census(specialized(5, false))[spirv::kFunction] == 4);
    // Beyond the cases 5 and 6 are the same, but 5 and 6 are two numbers.
    CHECK(census(specialized(5, false))[kTan] == 2);
}

TEST_CASE("specialize: a switch with a break in the middle of a case stays one") {
    CHECK(census(specialized(1, false))[spirv::kSwitch] == 1);
    CHECK(census(specialized(0, false))[spirv::kSwitch] == 0);
}

TEST_CASE("specialize: loops stay, as far as they run") {
    CHECK(census(specialized(0, false))[spirv::kLoopMerge] == 2);
    auto counts = census(specialized(9, false));
    CHECK(counts[kTan] == 0);  // behind the break
    counts = census(specialized(8, false));
    CHECK(counts[kTan] == 0);
    CHECK(census(specialized(7, false))[kAtan] == 1);
    CHECK(census(specialized(6, false))[kAtan] == 0);
}

TEST_CASE("specialize: bindings and shared memory that nothing touches are gone") {
    CHECK(bindings_of(specialized(0, false)) == std::vector<std::uint32_t>{0, 1});
    CHECK(bindings_of(specialized(0, true)) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(census(specialized(0, false))[spirv::kControlBarrier] == 0);
    CHECK(census(specialized(1, false))[spirv::kControlBarrier] == 1);
    CHECK(reflect(specialized(0, false), "specialized").local_size ==
          std::array<std::uint32_t, 3>{32, 1, 1});
}

TEST_CASE("specialize: words to words, always the same") {
    for (std::uint32_t choice = 0; choice < 10; ++choice) {
        for (const bool flag : {false, true}) {
            const Words words = specialized(choice, flag);
            CHECK(words == specialized(choice, flag));
            write_words("specialize_" + std::to_string(choice) + (flag ? "_flag" : ""), words);
        }
    }
}

TEST_CASE("specialize: every kernel of the catalog, and every pointwise function in it") {
    for (const Kernel& kernel : catalog()) {
        CAPTURE(std::string(kernel.name));
        KernelCall call = KernelCall::make(kernel);
        const Words words = specialize(kernel, call.constants);
        check_against(kernel, words);
        write_words(std::string(kernel.name), words);
        const auto is_program = [](const SpecConstant& c) { return c.name == "PW_I0"; };
        if (std::ranges::none_of(kernel.constants, is_program)) continue;
        const auto set = [&](const char* name, std::uint32_t bits) { call.constant(name, bits); };
        set("PW_COUNT", 3);
        set("PW_IN0", shaders::kAccessSame);
        set("PW_IN1", shaders::kAccessScalar);
        set("PW_C0", kOne);
        set("PW_I1", 18 | shaders::kFirstImmediate << 8 | 1 << 24);  // fma
        set("PW_I2", 2 | shaders::kFirstResult << 8 | (shaders::kFirstResult + 1) << 16);
        set("PW_OUT0", shaders::kFirstResult + 2);
        for (const std::uint32_t opcode : kOpcodes) {
            set("PW_I0", opcode | shaders::kFirstImmediate << 16);
            const Words program = specialize(kernel, call.constants);
            check_against(kernel, program);
            CHECK(census(program)[spirv::kSwitch] == 0);
            if (kernel.name.starts_with("pointwise")) {
                CHECK(program.size() < 3000);
                write_words(std::string(kernel.name) + "_" + std::to_string(opcode), program);
            }
        }
    }
}
