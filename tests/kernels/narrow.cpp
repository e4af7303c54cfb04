// SPDX-License-Identifier: MIT
// Kernels with their buffers in 16 bits: what the op tables run on devices is looked at here word
// by word, for every kernel of the catalog.
#include "kernels/narrow.h"

#include "kernels/catalog.h"
#include "kernels/reflect.h"
#include "kernels/specialize.h"
#include "kernels/spirv.h"
#include "write_words.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace ingot;

namespace {

std::vector<std::uint32_t> default_constants(const Kernel& kernel) {
    std::vector<std::uint32_t> bits;
    for (const SpecConstant& constant : kernel.constants)
        bits.push_back(constant.default_bits);
    return bits;
}

int count(std::span<const std::uint32_t> words, std::uint32_t op) {
    int found = 0;
    for (std::size_t at = spirv::kHeaderWords; at < words.size(); at += words[at] >> 16)
        found += (words[at] & 0xffff) == op;
    return found;
}

}  // namespace

TEST_CASE("narrow: a kernel keeps its interface, and converts where it loads and stores") {
    const Kernel& kernel = find_kernel("softmax");
    const auto words = specialize(kernel, default_constants(kernel));
    const int loads = count(words, spirv::kLoad), stores = count(words, spirv::kStore);
    for (const Storage storage : {Storage::kHalf, Storage::kBrain}) {
        std::map<std::uint32_t, Storage> all;
        for (const Binding& binding : kernel.bindings)
            all[binding.index] = storage;
        const auto narrowed = narrow(words, all);
        const auto before = reflect(words, "wide"), after = reflect(narrowed, "narrow");
        REQUIRE(after.bindings.size() == before.bindings.size());
        for (std::size_t i = 0; i < before.bindings.size(); ++i) {
            CHECK(after.bindings[i].index == before.bindings[i].index);
            CHECK(after.bindings[i].access == before.bindings[i].access);
        }
        CHECK(std::ranges::count(after.capabilities, kNarrowCapability) == 1);
        CHECK(count(narrowed, spirv::kLoad) == loads);
        CHECK(count(narrowed, spirv::kStore) == stores);
        const std::uint32_t conversion =
            storage == Storage::kHalf ? spirv::kFConvert : spirv::kUConvert;
        CHECK(count(narrowed, conversion) > 2);
    }
    CHECK(narrow(words, {}).size() == words.size() + 2);  // the capability, no more
}

TEST_CASE("narrow: every kernel of the catalog, but for those that count in a buffer") {
    int kernels = 0;
    for (const Kernel& kernel : catalog()) {
        CAPTURE(kernel.name);
        std::map<std::uint32_t, Storage> read;
        for (const Binding& binding : kernel.bindings) {
            if (binding.kind == BindingKind::kStorageBuffer && binding.access == Access::kRead)
                read[binding.index] = binding.index % 2 == 0 ? Storage::kHalf : Storage::kBrain;
        }
        const auto words = narrow(specialize(kernel, default_constants(kernel)), read);
        reflect(words, kernel.name);
        testing::write_words("narrow_" + std::string(kernel.name), words);
        ++kernels;
    }
    CHECK(kernels > 50);
}
