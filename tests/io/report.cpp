// SPDX-License-Identifier: MIT
// The page stands alone, hides nothing of a hostile text and survives numbers that are none.
#include "io/html.h"
#include "io/report_chart.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::TemporaryFolder;

namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

int count_of(const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

// Apart, because GCC 12 sees uninitialised memory in nested lists of these.
io::PredictionRecord sample(std::uint8_t grey, const std::string& label,
                            const std::string& prediction) {
    io::PredictionRecord record;
    record.picture = {1, 1, 1, {grey}};
    record.label = label;
    record.prediction = prediction;
    record.probability = 0.5;
    return record;
}

std::string page_of(const io::RunReport& report) {
    const TemporaryFolder folder;
    io::write_report_html(folder / "run.html", report);
    return contents_of(folder / "run.html");
}

}  // namespace

TEST_CASE("report: everything handed in is on the page, nothing is fetched") {
    io::RunReport report;
    report.title = "Shoes & <bags>";
    report.summary = "5 epochs";
    report.facts = {{"Device", "Some \"GPU\""}, {"Seed", "1"}};
    report.epochs = {{0.9, 0.61, 0.8, 0.702, 12.0}, {0.5, 0.81, 0.45, 0.853, 11.5}};
    report.step_losses = {2.3F, 2.0F, 1.5F, 1.2F};
    report.test_accuracy = 0.8475;
    report.predictions = {sample(7, "Bag", "Bag"), sample(9, "Bag", "Coat")};
    const std::string page = page_of(report);
    CHECK(contains(page, "<title>Shoes &amp; &lt;bags&gt;</title>"));
    CHECK(contains(page, "Some &quot;GPU&quot;"));
    CHECK(contains(page, "84.75%"));
    CHECK(contains(page, "best validation accuracy, epoch 2"));
    CHECK(contains(page, "1 of 2 right"));
    CHECK(contains(page, "✗ Coat"));
    for (const char* tag : {"div", "section", "svg", "table", "figure"}) {
        CHECK(count_of(page, std::string("<") + tag) == count_of(page, std::string("</") + tag));
    }
    CHECK(contains(page, "src=\"data:image/png;base64,iVBORw0KGgo"));
    CHECK(contains(page, "prefers-color-scheme: dark"));
    for (const char* outside : {"http://", "https://", "url(", "@import", "<script", "<link"}) {
        CHECK_FALSE(contains(page, outside));
    }
}

TEST_CASE("report: text cannot become markup") {
    const std::string evil = "\"><script>alert('1')</script>\x01";
    io::RunReport report;
    report.title = report.summary = evil;
    report.facts = {{evil, evil}};
    report.predictions = {sample(1, evil, evil + "2")};
    const std::string page = page_of(report);
    CHECK_FALSE(contains(page, "<script"));
    CHECK_FALSE(contains(page, "\x01"));
}

TEST_CASE("report: an empty run, a single point, and losses that are not finite") {
    CHECK(contains(page_of({}), "<h1>Training run</h1>"));
    io::RunReport report;
    const float inf = std::numeric_limits<float>::infinity();
    report.epochs = {{std::nan(""), std::nan(""), inf, 0.5, std::nan("")}};
    report.step_losses = {std::nanf(""), inf, 1.0F, std::nanf("")};
    const std::string page = page_of(report);
    CHECK_FALSE(contains(page, "nan"));
    CHECK_FALSE(contains(page, "inf"));
}

TEST_CASE("chart: ticks are round and cover the range") {
    CHECK(io::chart_ticks(0.0, 1.0, 5) ==
          std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1});
    CHECK(io::chart_ticks(3, 97, 5) == std::vector<double>{0, 20, 40, 60, 80, 100});
    for (const auto& [low, high] : {std::pair{2.0, 2.0}, {0.0, 0.0}, {-7.0, 1e-3}, {1e-9, 3e-9}}) {
        const auto ticks = io::chart_ticks(low, high, 5);
        CHECK(ticks.size() >= 2);
        CHECK(ticks.size() < 12);
        CHECK(ticks.front() <= low);
        CHECK(ticks.back() >= high);
    }
}

TEST_CASE("chart: thinning keeps the extremes, smoothing keeps a constant and does not trail") {
    std::vector<float> values(10000, 1.0F);
    values[1234] = 9.0F;
    values[8000] = -3.0F;
    const auto points = io::thinned(values, 100);
    CHECK(points.size() <= 102);
    CHECK(
        std::any_of(points.begin(), points.end(), [](auto p) { return p.y == 9 && p.x == 1235; }));
    CHECK(
        std::any_of(points.begin(), points.end(), [](auto p) { return p.y == -3 && p.x == 8001; }));
    for (const float value : io::smoothed(std::vector<float>(50, 4.0F), 10)) {
        CHECK(value == doctest::Approx(4.0));
    }
    std::vector<float> step(100, 1.0F);
    std::fill(step.begin() + 50, step.end(), 0.0F);
    CHECK(io::smoothed(step, 5)[49] + io::smoothed(step, 5)[50] == doctest::Approx(1));
    CHECK(io::smoothed(std::vector<float>{}, 10).empty());
}

TEST_CASE("html: base64 as in RFC 4648") {
    const auto of = [](std::string_view text) {
        return io::base64(std::as_bytes(std::span(text)));
    };
    CHECK(of("") == "");
    CHECK(of("f") == "Zg==");
    CHECK(of("fo") == "Zm8=");
    CHECK(of("foo") == "Zm9v");
    CHECK(of("foobar") == "Zm9vYmFy");
}
