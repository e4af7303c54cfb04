// SPDX-License-Identifier: MIT
// Building one dispatch by names, and the folding of long dispatches into rows of groups.
#include "kernels/kernel_call.h"

#include <ingot/error.h>

#include "shaders/copy_view.h"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <limits>

using namespace ingot;

namespace {

constexpr Binding kBindings[] = {
    {"x", 0, BindingKind::kStorageBuffer, Access::kRead},
    {"y", 2, BindingKind::kStorageBuffer, Access::kWrite},
};
constexpr SpecConstant kConstants[] = {
    {"LOCAL_SIZE", 0, 64, ScalarType::kUint},
    {"ALPHA", 1, 0, ScalarType::kFloat},
    {"SHIFT", 2, 5, ScalarType::kInt},
    {"FLAG", 7, 1, ScalarType::kBool},
};
constexpr Kernel kSample = {.name = "sample",
                            .spirv = {},
                            .bindings = kBindings,
                            .constants = kConstants,
                            .capabilities = {},
                            .parameter_size_bytes = 8,
                            .local_size = {64, 1, 1},
                            .local_size_ids = {0, kNoSpecId, kNoSpecId},
                            .uses_subgroups = false};

struct Parameters {
    std::uint32_t rows;
    float scale;
};

KernelCall sample() {
    return KernelCall::make(kSample);
}

template <typename Action>
void check_internal_error(const Action& action, const char* message) {
    try {
        action();
        FAIL("expected: " << message);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::kInternal);
        CHECK(std::string(error.what()) == message);
    }
}

}  // namespace

TEST_CASE("a call starts with the defaults and nothing bound") {
    const KernelCall call = sample();
    CHECK(call.constants == std::vector<std::uint32_t>{64, 0, 5, 1});
    CHECK(call.operands == std::vector<Operand>(2));
    CHECK(call.label == "sample");
    CHECK(call.required_subgroup_size == 0);
}

TEST_CASE("constants, operands and parameters are set by name and keep their bits") {
    const Operand y{Operand::Kind::kScratch, 3, 256, 1024};
    const KernelCall call = sample()
                                .constant("FLAG", false)
                                .constant("LOCAL_SIZE", 256u)
                                .constant("ALPHA", -0.5f)
                                .constant("SHIFT", -1)
                                .bind("y", y)
                                .bind("x", {Operand::Kind::kValue, 1})
                                .parameters(Parameters{7, 2.0f})
                                .dispatch({4, 1, 1})
                                .require_subgroup_size(32)
                                .named("sample of rows");
    CHECK(call.constants ==
          std::vector<std::uint32_t>{256, std::bit_cast<std::uint32_t>(-0.5f), 0xffffffff, 0});
    CHECK(call.operands[0] == Operand{Operand::Kind::kValue, 1});
    CHECK(call.operands[1] == y);
    REQUIRE(call.parameter_size_bytes == sizeof(Parameters));
    Parameters found;
    std::memcpy(&found, call.parameter_bytes.data(), sizeof found);
    CHECK(found.rows == 7);
    CHECK(found.scale == 2.0f);
    CHECK(call.required_subgroup_size == 32);
    CHECK(call.label == "sample of rows");
    CHECK(&call.check_complete() == &call);
}

TEST_CASE("a slip in a call is an internal error that names kernel and name") {
    KernelCall call = sample();
    check_internal_error(
        [&] { call.constant("BETA", 1u); },
        "sample: no constant is named `BETA` (it has: LOCAL_SIZE ALPHA SHIFT FLAG)");
    check_internal_error([&] { call.constant("ALPHA", 1u); },
                         "sample: constant `ALPHA` is declared float and was given uint");
    check_internal_error([&] { call.constant("LOCAL_SIZE", 64); },
                         "sample: constant `LOCAL_SIZE` is declared uint and was given int");
    check_internal_error(
        [&] {
            call.bind("z", {Operand::Kind::kValue, 1});
        },
        "sample: no binding is named `z` (it has: x y)");
    check_internal_error([&] { call.parameters(std::uint32_t{1}); },
                         "sample: the shader takes 8 bytes of parameters and was given 4");
}

TEST_CASE("an incomplete call says what is missing") {
    KernelCall call = sample().bind("x", {Operand::Kind::kValue, 1});
    check_internal_error([&] { call.check_complete(); }, "sample: nothing is bound to `y`");
    call.bind("y", {Operand::Kind::kValue, 2});
    check_internal_error([&] { call.check_complete(); },
                         "sample: its 8 bytes of parameters are not set");
    call.parameters(Parameters{});
    check_internal_error([&] { call.check_complete(); }, "sample: its group count is not set");
    call.dispatch({0, 1, 1});  // an empty tensor: set, and nothing to run
    call.check_complete();
}

TEST_CASE("a call of a catalogued kernel takes the struct of its header") {
    const KernelCall call = KernelCall::make("copy_view")
                                .constant("LOCAL_SIZE", 128u)
                                .bind("source", {Operand::Kind::kValue, 0})
                                .bind("target", {Operand::Kind::kValue, 1})
                                .parameters(shaders::CopyViewParameters{})
                                .dispatch({1, 1, 1});
    call.check_complete();
}

TEST_CASE("groups_for covers every element once and stays inside the limits") {
    DeviceDescription device;
    device.max_group_count = {10, 5, 1};
    for (const std::uint32_t per_group : {1u, 7u, 64u}) {
        for (std::uint64_t count = 1; count <= 50ull * per_group; ++count) {
            const auto [x, y, z] = groups_for(count, per_group, device);
            const std::uint64_t needed = (count + per_group - 1) / per_group;
            REQUIRE(x <= 10);
            REQUIRE(y <= 5);
            REQUIRE(z == 1);
            REQUIRE(std::uint64_t{x} * y >= needed);
            REQUIRE(std::uint64_t{x} * y < needed + y);  // less than one idle group a row
            REQUIRE((needed > 10 || y == 1));
        }
    }
}

TEST_CASE("groups_for at the edges") {
    const DeviceDescription device;
    using Groups = std::array<std::uint32_t, 3>;
    CHECK(groups_for(0, 64, device) == Groups{0, 1, 1});
    CHECK(groups_for(1, 64, device) == Groups{1, 1, 1});
    CHECK(groups_for(64, 64, device) == Groups{1, 1, 1});
    CHECK(groups_for(65, 64, device) == Groups{2, 1, 1});
    CHECK(groups_for(65535, 1, device) == Groups{65535, 1, 1});
    CHECK(groups_for(65536, 1, device) == Groups{32768, 2, 1});
    CHECK(groups_for(65535ull * 65535, 1, device) == Groups{65535, 65535, 1});
    for (const std::uint64_t count :
         {65535ull * 65535 + 1, 1ull << 32, std::numeric_limits<unsigned long long>::max()}) {
        CHECK_THROWS_AS(groups_for(count, 1, device), Error);
        CHECK_THROWS_AS(groups_for(count, 1024, {.max_group_count = {1, 1, 1}}), Error);
    }
    // 2^32 invocations fit the groups but not the shader's index.
    CHECK_THROWS_AS(groups_for(1ull << 32, 1024, device), Error);
}
