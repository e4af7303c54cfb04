// SPDX-License-Identifier: MIT
// The embedded table: sorted, complete, and what copy_view.comp declares.
#include "kernels/catalog.h"
#include "kernels/spirv.h"
#include "kernels/spirv_module.h"

#include <ingot/error.h>

#include "shaders/copy_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace ingot;

TEST_CASE("the catalog is sorted by name and finds each of its kernels") {
    REQUIRE(!catalog().empty());
    CHECK(std::ranges::is_sorted(catalog(), {}, &Kernel::name));
    for (const Kernel& kernel : catalog()) {
        CHECK(&find_kernel(kernel.name) == &kernel);
    }
}

TEST_CASE("an unknown kernel is an internal error that names it") {
    for (const char* name : {"", "no_such_kernel", "zzz"}) {
        try {
            find_kernel(name);
            FAIL("found");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::kInternal);
            CHECK(std::string(error.what()).find('`' + std::string(name) + '`') !=
                  std::string::npos);
        }
    }
}

// glslang 12 gives `uint a[4]` the type of a parameter `uint b[4]`, stride included, which newer
// validation layers refuse.
TEST_CASE("no variable outside of buffers has an explicit layout") {
    for (const Kernel& kernel : catalog()) {
        const spirv::Module module = spirv::read_module(kernel.spirv, kernel.name);
        for (const spirv::Variable& variable : module.variables) {
            const spirv::Type& pointer = module.types.at(variable.type);
            if (pointer.storage_class != spirv::kPrivate &&
                pointer.storage_class != spirv::kWorkgroup) {
                continue;
            }
            CAPTURE(std::string(kernel.name));
            CAPTURE(module.name_of(variable.id));
            CHECK(!module.decorations_of(pointer.target).array_stride);
        }
    }
}

TEST_CASE("every kernel keeps to what the baseline offers") {
    for (const Kernel& kernel : catalog()) {
        CAPTURE(std::string(kernel.name));
        CHECK(!kernel.spirv.empty());
        CHECK(!kernel.bindings.empty());
        CHECK(kernel.parameter_size_bytes <= 128);
        CHECK(std::ranges::is_sorted(kernel.bindings, {}, &Binding::index));
        CHECK(std::ranges::is_sorted(kernel.constants, {}, &SpecConstant::id));
        for (const Binding& binding : kernel.bindings) {
            CHECK(std::ranges::count(kernel.bindings, binding.name, &Binding::name) == 1);
        }
        for (const SpecConstant& constant : kernel.constants) {
            CHECK(std::ranges::count(kernel.constants, constant.name, &SpecConstant::name) == 1);
        }
    }
}

TEST_CASE("copy_view is as its shader declares it") {
    const Kernel& kernel = find_kernel("copy_view");
    CHECK(kernel.parameter_size_bytes == sizeof(shaders::CopyViewParameters));
    REQUIRE(kernel.bindings.size() == 2);
    CHECK(kernel.bindings[0].name == "source");
    CHECK(kernel.bindings[0].access == Access::kRead);
    CHECK(kernel.bindings[1].name == "target");
    CHECK(kernel.bindings[1].access == Access::kWrite);
    REQUIRE(kernel.constants.size() == 1);
    CHECK(kernel.constants[0].name == "LOCAL_SIZE");
    CHECK(kernel.constants[0].default_bits == 64);
    CHECK(kernel.local_size[0] == 64);
    CHECK(kernel.local_size_ids[0] == 0);
    CHECK(kernel.local_size_ids[1] == kNoSpecId);
    CHECK(!kernel.uses_subgroups);
}
