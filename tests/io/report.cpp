// SPDX-License-Identifier: MIT
// The page stands alone, hides nothing of a hostile text and survives numbers that are none. What
// it looks like in a browser is tests/cli's business.
#include "io/html.h"
#include "io/thinned.h"

#include "support/temporary_folder.h"
#include "support/text.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace ingot;
using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

std::string page_of(const io::RunReport& report) {
    const TemporaryFolder folder;
    io::write_report_html(folder / "run.html", report);
    return contents_of(folder / "run.html");
}

io::PredictionRecord sample(const std::string& label, const std::string& prediction) {
    io::PredictionRecord record;
    record.picture = {1, 1, 1, {7}};
    record.label = label;
    record.prediction = prediction;
    record.probability = 0.5;
    return record;
}

}  // namespace

TEST_CASE("report: what is handed in is in the page, which can fetch nothing") {
    io::RunReport report;
    report.title = "Shoes & <bags>";
    report.facts = {{"Device", "Some \"GPU\""}};
    report.options = {{"lr", "0.1"}};
    report.history.epochs.push_back({.train_loss = 0.9, .validation_loss = 0.8});
    report.history.step_losses = {2.5F, 2.0F};
    report.test = {{"accuracy", 0.8475}};
    report.confusion = metrics::ConfusionMatrix(2);
    report.confusion.add(1, 0, 5);
    report.classes = {"Bag"};
    report.predictions = {sample("Bag", "Coat")};
    report.residuals = {{.name = "7", .target = {1, 2}, .prediction = {1.5, 2}, .error = 0.25}};
    report.kernels = {{.name = "matmul", .label = "matmul relu", .count = 2, .ms = 0.5}};
    report.filters = {{1, 1, 1, {9}}};
    const io::Histogram histogram = io::histogram(std::vector<float>{1, 2}, 2);
    report.tensors = {{"w", {{4, histogram, histogram}}}};

    const Json json = Json::parse(io::to_json(report));
    CHECK(json["title"] == "Shoes & <bags>");
    CHECK(json["epochs"][0]["validation_loss"] == 0.8);
    CHECK(json["step_losses"]["y"] == Json({2.5, 2.0}));
    CHECK(json["test"]["accuracy"] == 0.8475);
    CHECK(json["confusion"]["classes"] == Json({"Bag", "1"}));
    CHECK(json["confusion"]["cells"] == Json({1, 0, 5}));
    CHECK(json["predictions"][0]["picture"].get<std::string>().starts_with("iVBORw0KGgo"));
    CHECK(json["residuals"][0]["prediction"] == Json({1.5, 2.0}));
    CHECK(json["kernels"][0]["label"] == "matmul relu");
    CHECK(json["tensors"][0]["snapshots"][0]["weight"]["counts"] == Json({1, 1}));

    const std::string page = page_of(report);
    CHECK(holds(page, "default-src 'none'"));
    CHECK(holds(page, "Copyright (c) 2022 Leon Sorokin"));
    for (const char* outside : {"src=\"http", "href=\"http", "url(", "@import", "<link", "<img"})
        CHECK_FALSE(holds(page, outside));
}

TEST_CASE("report: text cannot become markup, and bytes that are no text do no harm") {
    const std::string evil = "\"></script><script>alert('1')</script><!--\xff\x01";
    io::RunReport report;
    report.title = report.summary = report.model = report.name = evil;
    report.facts = report.options = {{evil, evil}};
    report.predictions = {sample(evil, evil + "2")};
    const std::string page = page_of(report), harmless = page_of({});
    CHECK_FALSE(holds(page, "alert('1')</script"));
    CHECK(count_of(page, "<script") == count_of(harmless, "<script"));
    CHECK(count_of(page, "</script") == count_of(harmless, "</script"));
    CHECK(count_of(page, "<!--") == count_of(harmless, "<!--"));
}

TEST_CASE("report: an empty run, and numbers that are none") {
    CHECK(holds(page_of({}), "Training run"));
    io::RunReport report;
    const float inf = std::numeric_limits<float>::infinity();
    report.history.epochs = {{.train_loss = std::nan(""), .validation_loss = inf}};
    report.history.step_losses = {std::nanf(""), inf, 1.0F};
    report.test = {{"loss", std::nan("")}};
    const Json json = Json::parse(io::to_json(report));
    CHECK(json["step_losses"]["y"] == Json({nullptr, nullptr, 1.0}));
    CHECK(json["test"]["loss"].is_null());
    CHECK_FALSE(json["epochs"][0].contains("validation_loss"));
}

TEST_CASE("report: of several runs, and of what is none") {
    const TemporaryFolder folder;
    const std::string run = io::to_json(io::RunReport{});
    const std::vector<std::string> two{run, run};
    io::write_report_html(folder / "two.html", two);
    CHECK(count_of(contents_of(folder / "two.html"), "\"ingot_run\":1") == 2);
    Json no_epochs = Json::parse(run), odd_epochs = no_epochs, odd_tensors = no_epochs;
    no_epochs.erase("epochs");
    odd_epochs["epochs"] = "none";
    odd_tensors["tensors"] = 7;
    for (const std::string& bad :
         {std::string("{}"), std::string("{"), std::string("[]"), std::string("null"),
          std::string(R"({"ingot_run": "1"})"), std::string(R"({"ingot_run": 1})"),
          no_epochs.dump(), odd_epochs.dump(), odd_tensors.dump()}) {
        CAPTURE(bad);
        const std::vector<std::string> texts{run, bad};
        CHECK(holds(thrown_message([&] { io::write_report_html(folder / "x.html", texts); }),
                    "number 2 of what it is to show is no run as to_json() writes it"));
    }
    Json older = Json::parse(run);  // before kernels were listed
    older.erase("kernels");
    const std::vector<std::string> old{older.dump()};
    io::write_report_html(folder / "old.html", old);
}

TEST_CASE("thinned: the extremes stay, and so do short series") {
    std::vector<float> values(10000, 1.0F);
    values[1234] = 9.0F;
    values[8000] = -3.0F;
    const auto points = io::thinned(values, 100);
    CHECK(points.size() <= 101);
    const auto has = [&](std::int64_t step, double value) {
        return std::any_of(points.begin(), points.end(), [&](const io::StepValue& p) {
            return p.step == step && p.value == value;
        });
    };
    CHECK(has(1235, 9));
    CHECK(has(8001, -3));
    CHECK(std::is_sorted(points.begin(), points.end(),
                         [](const auto& a, const auto& b) { return a.step < b.step; }));
    CHECK(io::thinned(std::vector<float>{3, 1, 2}, 3).size() == 3);
    CHECK(io::thinned(std::vector<float>{}, 10).empty());
    const auto means = io::stretch_means(std::vector<float>{1, 3, std::nanf(""), 5, 7}, 3);
    REQUIRE(means.size() == 3);
    CHECK(means[0].value == 2);
    CHECK(means[1].value == 5);
    CHECK(means[2].step == 5);
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
