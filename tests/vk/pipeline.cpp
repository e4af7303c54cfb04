// SPDX-License-Identifier: MIT
#include "support.h"
#include "vk/pipeline_statistics.h"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <thread>

namespace ingot::vk::testing {
namespace {

constexpr std::array kConstants{SpecConstant{0, 32}, SpecConstant{1, 2}};

DeviceOptions cached_in(const std::filesystem::path& folder) {
    DeviceOptions options;
    options.cache_dir = folder;
    return options;
}

// Runs a device to its end and says whether it found a cache file.
bool run_with_cache(const std::filesystem::path& folder, std::filesystem::path* file = nullptr) {
    DeviceFixture fixture(cached_in(folder));
    check_round_trip(*fixture.device, 100);
    if (file) *file = fixture.device->pipelines().cache_file();
    return fixture.device->pipelines().loaded_from_disk();
}

}  // namespace

TEST_CASE("equal descriptions give one pipeline, equal shapes one layout") {
    DeviceFixture fixture;
    PipelineStore& store = fixture.device->pipelines();
    const Pipeline& first = store.get(scale_add_desc(kConstants));
    CHECK(&store.get(scale_add_desc(kConstants)) == &first);
    CHECK(first.name() == "scale_add");
    CHECK(first.bindings().size() == 2);

    constexpr std::array other{SpecConstant{0, 32}, SpecConstant{1, 4}};
    const Pipeline& second = store.get(scale_add_desc(other));
    CHECK(&second != &first);
    CHECK(second.layout() == first.layout());
    CHECK(store.pipeline_count() == 2);
    CHECK(store.layout_count() == 1);

    PipelineDesc renamed = scale_add_desc(kConstants);
    renamed.name = "other";
    CHECK(&store.get(renamed) != &first);
    store.get(texel_sum_desc());
    CHECK(store.layout_count() == 2);
}

TEST_CASE("threads that ask for the same pipeline get the same one") {
    DeviceFixture fixture;
    std::array<const Pipeline*, 4> found{};
    {
        std::vector<std::thread> threads;
        for (const Pipeline*& place : found) {
            threads.emplace_back([&fixture, &place] {
                place = &fixture.device->pipelines().get(scale_add_desc(kConstants));
            });
        }
        for (std::thread& thread : threads)
            thread.join();
    }
    for (const Pipeline* pipeline : found)
        CHECK(pipeline == found[0]);
    CHECK(fixture.device->pipelines().pipeline_count() == 1);
}

TEST_CASE("compiled pipelines are found again by the next device") {
    const TemporaryFolder folder;
    std::filesystem::path file;
    CHECK(!run_with_cache(folder.path(), &file));
    REQUIRE(std::filesystem::exists(file));
    const auto written = std::filesystem::last_write_time(file);
    CHECK(run_with_cache(folder.path()));
    CHECK(run_with_cache(folder.path()));
    CHECK(std::filesystem::last_write_time(file) >= written);
}

TEST_CASE("a damaged cache costs a compilation, no more") {
    const TemporaryFolder folder;
    std::filesystem::path file;
    run_with_cache(folder.path(), &file);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    CHECK(!run_with_cache(folder.path()));  // and writes a good one
    CHECK(run_with_cache(folder.path()));
    std::ofstream(file, std::ios::binary) << "garbage";
    CHECK(!run_with_cache(folder.path()));
}

TEST_CASE("a cache folder that cannot be made is not fatal") {
    const TemporaryFolder folder;
    const auto blocker = folder.path() / "file";
    std::ofstream(blocker) << "in the way";
    CHECK(!run_with_cache(blocker));
}

TEST_CASE("a pipeline beyond the device's limits is refused by name") {
    DeviceFixture fixture;
    const Limits& limits = fixture.device->limits();
    PipelineStore& store = fixture.device->pipelines();
    PipelineDesc desc = scale_add_desc(kConstants);
    desc.push_constant_bytes = limits.max_push_constant_bytes + 4;
    CHECK(contains(message_of(ErrorKind::kUnsupported, [&] { store.get(desc); }),
                   "pipeline scale_add: "));
    desc = scale_add_desc(kConstants);
    desc.required_subgroup_size = 32;
    CHECK(contains(message_of(ErrorKind::kUnsupported, [&] { store.get(desc); }),
                   "subgroup_size_control is not enabled"));
    desc = scale_add_desc(kConstants);
    desc.full_subgroups = true;
    message_of(ErrorKind::kUnsupported, [&] { store.get(desc); });
    desc = scale_add_desc(kConstants);
    desc.statistics = true;
    CHECK(contains(message_of(ErrorKind::kUnsupported, [&] { store.get(desc); }),
                   "pipeline_statistics is not enabled"));
    CHECK(store.pipeline_count() == 0);
}

TEST_CASE("a compiler's statistics have names, where the driver tells any") {
    DeviceOptions options = DeviceFixture::without_cache();
    options.wanted.pipeline_statistics = true;
    DeviceFixture fixture(options);
    if (!fixture.device->enabled().pipeline_statistics) return;  // lavapipe, say
    PipelineDesc desc = scale_add_desc(kConstants);
    desc.statistics = true;
    const Pipeline& pipeline = fixture.device->pipelines().get(desc);
    for (const PipelineExecutable& executable : statistics_of(*fixture.device, pipeline)) {
        CHECK(!executable.name.empty());
        for (const PipelineStatistic& statistic : executable.statistics)
            CHECK(!statistic.name.empty());
    }
}

TEST_CASE("a subgroup size may be required where the device lets us") {
    DeviceOptions options = DeviceFixture::without_cache();
    options.wanted.subgroup_size_control = options.wanted.compute_full_subgroups = true;
    DeviceFixture fixture(options);
    if (!fixture.device->enabled().subgroup_size_control) return;  // SwiftShader, say
    const SubgroupReport& subgroup = fixture.device->report().subgroup;
    PipelineDesc desc = scale_add_desc(kConstants);
    desc.required_subgroup_size = subgroup.max_size;
    desc.full_subgroups = fixture.device->enabled().compute_full_subgroups;
    CHECK(fixture.device->pipelines().get(desc).handle() != VK_NULL_HANDLE);
    desc.required_subgroup_size = subgroup.max_size * 2;
    CHECK(contains(
        message_of(ErrorKind::kUnsupported, [&] { fixture.device->pipelines().get(desc); }),
        std::to_string(subgroup.max_size * 2)));
}

}  // namespace ingot::vk::testing
