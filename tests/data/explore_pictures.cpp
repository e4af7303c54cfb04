// SPDX-License-Identifier: MIT
// Pictures as explore() and its page show them: of folders, streamed, before and after what the
// loader does to them.
#include "explore_sets.h"
#include "image_bytes.h"

#include "support/log_capture.h"
#include "support/temporary_folder.h"
#include "support/text.h"
#include "support/thrown_message.h"

#include <nlohmann/json.hpp>

using namespace ingot;
using namespace ingot::testing;

TEST_SUITE_BEGIN("explore");

TEST_CASE("explore: a folder of pictures with mixed sizes, unreadable files and a leak") {
    const TemporaryFolder folder;
    for (std::uint32_t i = 0; i < 6; ++i) {
        const std::string name = std::to_string(i) + ".png";
        put_png(folder, "set/train/a/" + name, noise_picture(12, 10, 3, i));
        put_png(folder, "set/train/b/" + name, noise_picture(9, 16, 3, 50 + i));
        put_png(folder, "set/test/a/" + name, noise_picture(12, 10, 1, 100 + i));
        put_png(folder, "set/test/b/" + name, noise_picture(12, 10, 3, 150 + i));
    }
    put_png(folder, "set/test/b/copy.png", noise_picture(12, 10, 3, 150));
    put_png(folder, "set/test/a/leak.png", noise_picture(12, 10, 3, 4));
    put_png(folder, "set/train/a/copy.png", noise_picture(12, 10, 3, 0));
    folder.put("set/train/b/broken.png", "no picture at all");
    folder.put("set/train/b/empty.jpg", "");
    const std::filesystem::path path = folder / "set";

    const std::string refused = thrown_message([&] { data::open_to_explore({{path}}); });
    CHECK(refused.starts_with("file: explore: 2 of 29 pictures cannot be read "));
    CHECK(refused.find("train/b/broken.png: ") != std::string::npos);
    CHECK(refused.find("train/b/empty.jpg: ") != std::string::npos);

    const LogCapture log;
    const data::ExploredData data = data::open_to_explore({{path}}, {.skip_unreadable = true});
    const data::Exploration result = data::explore(data.sets, data.pictures);
    REQUIRE(result.parts.size() == 2);
    const data::PartSummary& train = result.parts[0];
    CHECK(train.name == "train");
    CHECK(train.samples == 13);
    CHECK(train.sample_shape == Shape{3, 9, 9});
    CHECK(train.pictures.files == 15);
    CHECK(train.pictures.colour == 13);
    CHECK(result.parts[1].pictures.grey == 6);
    CHECK(train.pictures.sizes == std::vector<data::PictureSize>{{12, 10, 7}, {9, 16, 6}});
    CHECK(train.duplicates.names == std::vector<std::string>{"a/copy.png"});
    CHECK(result.parts[1].duplicates.names == std::vector<std::string>{"b/copy.png"});
    REQUIRE(result.leaks.size() == 1);
    CHECK(result.leaks[0].samples.names == std::vector<std::string>{"a/leak.png"});
    REQUIRE(train.pictures.unreadable.size() == 2);
    CHECK(train.pictures.unreadable[0].name == "b/broken.png");
    CHECK(!train.pictures.unreadable[0].reason.empty());
    CHECK(found(result, "unreadable").what == "2 of 15 files cannot be read and were left out");
    CHECK(found(result, "mixed sizes").what ==
          "2 sizes from 12 x 10 to 9 x 16; looked at as 9 x 9");
    check_columns(to_text(result));
    CHECK(to_text(result).find("12 x 10: 7, 9 x 16: 6") != std::string::npos);

    const auto json = nlohmann::json::parse(to_json(result));
    CHECK(json["parts"][0]["pictures"]["unreadable"].size() == 2);
    CHECK(json["leaks"][0]["samples"]["count"] == 1);
}

TEST_CASE("explore: a streamed set is read once, in order, and looks like the same in memory") {
    struct Counting final : data::Source {
        Counting(const Noise& noise_, data::SourceSpec wanted)
            : Source(std::move(wanted)), noise(noise_) {}
        const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
            CHECK(row == reads++);
            const auto* from = noise.pixels.data() + static_cast<std::size_t>(row) * room.size();
            std::copy_n(reinterpret_cast<const std::byte*>(from), room.size(), room.begin());
            return room.data();
        }
        const std::byte* target(std::int64_t row, std::span<std::byte>) const override {
            return reinterpret_cast<const std::byte*>(&noise.labels[static_cast<std::size_t>(row)]);
        }
        const Noise& noise;
        mutable std::int64_t reads = 0;
    };
    Noise noise(50, 1);
    noise.copy(1, 30);
    noise.fill(7, 0);
    const auto source =
        std::make_shared<Counting>(noise, data::SourceSpec{.size = 50,
                                                           .sample_shape = noise.shape,
                                                           .input_dtype = u8,
                                                           .class_count = 3,
                                                           .class_names = {"ant", "bee", "cow"}});
    const data::Dataset streamed{source};
    CHECK(to_json(data::explore(streamed)) == to_json(data::explore(noise.set())));
    CHECK(source->reads == 50);

    // Records in files, too.
    const TemporaryFolder folder;
    std::string records;
    std::minstd_rand random(4);
    for (int i = 0; i < 40 * 3073; ++i)
        records += static_cast<char>(i % 3073 == 0 ? i / 3073 % 10 : random() >> 8 & 255);
    const auto path = folder.put("records.bin", records);
    std::string texts[2];
    for (const bool stream : {false, true}) {
        const data::ExploredData data =
            data::open_to_explore({{path}}, {.open = {.stream = stream}});
        texts[stream] = to_json(data::explore(data.sets));
    }
    CHECK(texts[0] == texts[1]);
    CHECK(texts[0].find("\"airplane\"") != std::string::npos);
}

TEST_CASE("preview: what is received is what Batches delivers") {
    const Noise noise(30, 1);
    const augment::Transform transform = augment::compose(
        {augment::random_crop({.size = 5, .padding = 1}), augment::random_horizontal_flip()});
    const data::Dataset train = noise.set();
    const auto previews =
        data::preview(train, {.augment = transform, .per_class = 4, .classes = 2, .seed = 9});
    REQUIRE(previews.size() == 8);
    data::Batches batches(train.normalized(train.measure()), 30, {.seed = 9, .augment = transform});
    const data::Batch& batch = *batches.next();
    for (const data::Preview& one : previews) {
        CHECK(one.label == noise.labels[static_cast<std::size_t>(one.sample)]);
        CHECK(one.label < 2);
        CHECK(one.stored.shape() == Shape{3, 5, 7});
        CHECK(one.stored.values[1] ==
              static_cast<float>(
                  noise.pixels[static_cast<std::size_t>(one.sample) * noise.width() + 1]) /
                  255.0F);
        CHECK(one.augmented == augment::applied(transform, one.stored, 9, 0, one.sample));
        REQUIRE(one.received.shape() == Shape{3, 5, 5});
        CHECK(std::ranges::equal(
            one.received.values,
            batch.inputs.subspan(static_cast<std::size_t>(one.sample) * 75, 75)));
    }
    CHECK(thrown_message([] {
              data::preview(floats({2, 3}, {1, 2, 3, 4, 5, 6}));
          }) == "invalid argument: preview: samples [3] are no pictures [C, H, W]");
}

TEST_CASE("explore: the page holds all pictures and states the numbers") {
    const TemporaryFolder folder;
    const data::NamedSet sets[] = {{"<train> & \"co\"", Noise(30, 1).set({"<b>", "&amp", "cow"})},
                                   {"test", Noise(30, 2).set({"<b>", "&amp", "cow"})}};
    const data::Exploration result = data::explore(sets);
    data::write_exploration_html(folder / "page.html", result, sets,
                                 {.augment = augment::random_horizontal_flip(), .per_class = 5});
    const std::string page = contents_of(folder / "page.html");
    check_page(page);
    CHECK(count_of(page, "<img ") == 3 * 5 * 3);
    CHECK(page.find("&lt;b&gt;") != std::string::npos);
    CHECK(page.find("&amp;amp") != std::string::npos);
    CHECK(page.find("random_horizontal_flip()") != std::string::npos);
    CHECK(page.find("Received values from -1.") != std::string::npos);
    CHECK(page.find("are drawn from black to white") != std::string::npos);
    data::write_exploration_html(folder / "plain.html", result, sets, {.per_class = 2});
    CHECK(count_of(contents_of(folder / "plain.html"), "<img ") == 3 * 2 * 2);
    CHECK(thrown_message([&] {
              data::write_exploration_html(folder / "x.html", result, {sets, 1});
          }) == "invalid argument: explore: 1 sets for an exploration of 2");
}

TEST_SUITE_END();
