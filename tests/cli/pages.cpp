// SPDX-License-Identifier: MIT
// The pages without a script in Chromium: no word on the console, and both colour schemes.
#include "browser.h"
#include "command.h"

#include <doctest/doctest.h>
#include <ingot/plot.h>

using namespace ingot;
using namespace ingot::testing;

namespace {

void put_pictures(const TemporaryFolder& folder) {
    for (const char* kind : {"bright", "dark"}) {
        for (int i = 0; i < 12; ++i) {
            Image image{8, 8, 3, {}};
            for (int k = 0; k < 192; ++k) {
                image.pixels.push_back(
                    static_cast<std::uint8_t>((kind[0] == 'b' ? 150 : 10) + i * 5 + k % 40));
            }
            const auto name = folder / ("pictures/" + std::string(kind) + "/" + std::to_string(i));
            std::filesystem::create_directories(name.parent_path());
            io::write_png(name.string() + ".png", image);
        }
    }
}

using Pixel = std::vector<std::uint8_t>;

Pixel pixel(const Image& image, std::int64_t x, std::int64_t y) {
    const auto at = image.pixels.begin() + 3 * (y * image.width + x);
    return {at, at + 3};
}

// The page behind everything, and the heading on it.
void check_schemes(const TemporaryFolder& folder, const std::string& page) {
    CAPTURE(page);
    const Image light = picture_of(folder, page, Scheme::kLight);
    const Image dark = picture_of(folder, page, Scheme::kDark);
    CHECK(pixel(light, 2, 2) == Pixel{0xf5, 0xf6, 0xf8});
    CHECK(pixel(dark, 2, 2) == Pixel{0x12, 0x15, 0x1a});
    std::uint8_t darkest = 255, brightest = 0;
    for (std::int64_t y = 0; y < 80; ++y) {
        for (std::int64_t x = 0; x < light.width; ++x) {
            darkest = std::min(darkest, pixel(light, x, y)[0]);
            brightest = std::max(brightest, pixel(dark, x, y)[0]);
        }
    }
    CHECK(darkest < 60);
    CHECK(brightest > 200);
}

}  // namespace

TEST_SUITE_BEGIN("browser");

TEST_CASE("pages in a browser: data, before and after augmentation") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    put_pictures(folder);
    const Ended explored = run_ingot(folder, "explore pictures --html page.html");
    CAPTURE(explored.error);
    REQUIRE(explored.code == 0);
    const Shown shown = show(folder, "page.html");
    CHECK(shown.console == "");
    CHECK(count_of(shown.dom, "<img ") == 2 * 8 * 3);  // 8 of each class, three times
    check_schemes(folder, "page.html");
}

TEST_CASE("pages in a browser: a diagnosis, and plots") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    put_pictures(folder);
    const Ended looked =
        run_ingot(folder, "doctor --data pictures --epochs 3 --batch-size 8 --html page.html");
    CAPTURE(looked.error);
    REQUIRE((looked.code == 0 || looked.code == 3));
    const Shown shown = show(folder, "page.html");
    CHECK(shown.console == "");
    CHECK(count_of(shown.dom, "<svg") >= 3);
    check_schemes(folder, "page.html");

    io::write_plots_html(folder / "plots.html",
                         {.title = "Plots", .plots = {{.series = {{.x = {1, 2}, .y = {3, 1}}}}}});
    CHECK(show(folder, "plots.html").console == "");
    check_schemes(folder, "plots.html");
}

TEST_CASE("pages in a browser: what is fetched is refused") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    io::write_plots_html(folder / "plots.html", {.title = "Plots"});
    std::string page = contents_of(folder / "plots.html");
    page.insert(page.find("</main>"), "<img src=\"file:///etc/hostname\"><script>boom()</script>");
    folder.put("changed.html", page);
    const std::string console = show(folder, "changed.html").console;
    CHECK(holds(console, "Content Security Policy"));
    CHECK(!holds(console, "boom is not defined"));
}

TEST_SUITE_END();
