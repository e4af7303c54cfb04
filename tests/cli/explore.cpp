// SPDX-License-Identifier: MIT
// `ingot explore` as a user runs it: text, JSON and the page.
#include "command.h"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

// 40 records of CIFAR-10 in no order.
std::string records(std::uint32_t seed) {
    std::string bytes;
    for (int i = 0; i < 40 * 3073; ++i) {
        seed = seed * 1664525 + 1013904223;
        bytes += static_cast<char>(i % 3073 == 0 ? i / 3073 * 3 % 10 : seed >> 24);
    }
    return bytes;
}

}  // namespace

TEST_SUITE_BEGIN("explore");

TEST_CASE("explore: text, JSON and a page") {
    const TemporaryFolder folder;
    folder.put("train.bin", records(1));
    folder.put("test.bin", records(2).replace(3073 * 5, 3073, records(1), 3073 * 9, 3073));
    const Ended text = run_ingot(folder, "explore train.bin test.bin --html page.html");
    CAPTURE(text.error);
    REQUIRE(text.code == 0);
    CHECK(holds(text.out, "problem  leak, test.bin: 1 of 40 samples (2.5%) stand in train.bin"));
    CHECK(holds(text.out, "page: page.html"));
    CHECK(holds(contents_of(folder / "page.html"), "random_crop("));

    const Ended json = run_ingot(folder, "explore . --json --stream");
    CAPTURE(json.error);
    REQUIRE(json.code == 0);
    const Json found = Json::parse(json.out);
    CHECK(found["parts"][0]["name"] == "train");
    CHECK(found["parts"][1]["samples"] == 40);
    CHECK(found["leaks"][0]["samples"]["names"] == Json::array({"5"}));
}

TEST_CASE("explore: what is wrong") {
    const TemporaryFolder folder;
    folder.put("t.bin", records(1));
    std::filesystem::create_directories(folder / "pictures/cats");
    folder.put("pictures/cats/a.png", "no picture");
    struct Mistake {
        const char* arguments;
        int code;
        const char* sentence;
    };
    const Mistake mistakes[] = {
        {"explore", 2, "path is required"},
        {"explore nowhere", 1, "'nowhere'"},
        {"explore t.bin nowhere", 1, "there is no nowhere"},
        {"explore t.bin --augment magic", 1, "--augment 'magic' is none of crop, "},
        {"explore t.bin --augment flip,mixup", 1, "the page shows single pictures"},
        {"explore pictures", 1, "1 of 1 pictures cannot be read"},
        {"explore pictures --skip-unreadable", 1, "none of its pictures can be read"},
    };
    for (const Mistake& mistake : mistakes) {
        const Ended ended = run_ingot(folder, mistake.arguments);
        CAPTURE(mistake.arguments);
        CAPTURE(ended.error);
        CHECK(ended.code == mistake.code);
        CHECK(ended.error.starts_with("ingot: "));
        CHECK(holds(ended.error, mistake.sentence));
    }
}

TEST_SUITE_END();
