// SPDX-License-Identifier: MIT
// Report pages in Chromium: no word on the console, every chart drawn, every number that of the
// history.
#include "browser.h"
#include "command.h"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <regex>

using namespace ingot;
using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

void check_drawn(const Shown& shown, std::size_t least) {
    CHECK(shown.console == "");
    CHECK(shown.all("ready").size() == 1);
    const auto ink = shown.all("ink");
    CHECK(ink.size() >= least);
    for (const std::string& pixels : ink)
        CHECK(std::stoi(pixels) > 300);
}

std::string unescaped(const std::string& text) {
    return std::regex_replace(text, std::regex("&quot;"), "\"");
}

}  // namespace

TEST_SUITE_BEGIN("browser");

TEST_CASE("report in a browser: what a broken page says is heard") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    folder.put("bad.html", "<!doctype html><script>nothing.there()</script>");
    CHECK(holds(show(folder, "bad.html").console, "nothing is not defined"));
    folder.put("good.html", "<!doctype html><p>fine</p>");
    CHECK(show(folder, "good.html").console == "");
}

TEST_CASE("report in a browser: the page of a run, and of two side by side") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    const std::string train = "train --data spirals --epochs 4 --batch-size 50 --run-dir ";
    REQUIRE(run_ingot(folder, train + "a --lr 0.01").code == 0);
    REQUIRE(run_ingot(folder, train + "b --lr 0.001").code == 0);
    const Shown page = show(folder, "a/report.html");
    // Loss, accuracy, steps, speed, norms; weights and gradients of four tensors.
    check_drawn(page, 13);

    const Json history = Json::parse(contents_of(folder / "a/history.json"));
    const auto names = page.all("name"), values = page.all("value");
    REQUIRE(names.size() == values.size());
    std::size_t at = 0;
    for (const Json& epoch : history["epochs"]) {
        for (const char* name :
             {"train_loss", "validation_loss", "train_accuracy", "validation_accuracy"}) {
            REQUIRE(at < names.size());
            CHECK(names[at] == name);
            CHECK(std::stod(values[at]) == epoch[name].get<double>());
            ++at;
        }
    }
    CHECK(at == names.size());
    const Json kernels = Json::parse(contents_of(folder / "a/run.json"))["kernels"];
    CHECK(!kernels.empty());
    CHECK(page.all("kernel").size() == kernels.size());
    const auto charts = page.all("chart"), series = page.all("series");
    REQUIRE(!series.empty());
    const Json loss = Json::parse(unescaped(series[0]));
    CHECK(loss[0][0] == "train");
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(loss[0][1][i] == history["epochs"][i]["train_loss"]);
        CHECK(loss[1][1][i] == history["epochs"][i]["validation_loss"]);
    }

    const Ended compared = run_ingot(folder, "report a b");
    CHECK(compared.code == 0);
    CHECK(compared.out == "report: comparison.html\n");
    const Shown both = show(folder, "comparison.html");
    check_drawn(both, 4);
    CHECK(both.all("run") == std::vector<std::string>{"a", "b"});
    CHECK(both.all("option") == std::vector<std::string>{"lr"});
}

TEST_CASE("report in a browser: a table's worst predictions") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    std::string table = "a,price\n";
    for (int i = 0; i < 120; ++i)
        table += std::to_string(i) + "," + std::to_string(3 * i + (i % 7 == 0 ? 90 : 0)) + "\n";
    folder.put("t.csv", table);
    REQUIRE(run_ingot(folder, "train --data t.csv --epochs 5 --run-dir run").code == 0);
    const Shown page = show(folder, "run/report.html");
    CHECK(page.console == "");
    const Json rows = Json::parse(contents_of(folder / "run/run.json"))["residuals"];
    const auto errors = page.all("error");
    REQUIRE(errors.size() == rows.size());
    REQUIRE(errors.size() == 24);
    for (std::size_t i = 0; i < rows.size(); ++i)
        CHECK(std::stod(errors[i]) == rows[i]["error"].get<double>());
}

TEST_CASE("report in a browser: a hundred classes, hostile names, a single epoch") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    io::RunReport report;
    report.title = report.summary = "</script><img src=x onerror=\"boom()\">";
    report.history.epochs = {{.train_loss = 1, .validation_loss = 2}};
    report.history.step_losses = {1, 2, 3};
    report.confusion = metrics::ConfusionMatrix(100);
    for (int c = 0; c < 100; ++c) {
        report.confusion.add(c, c, 50);
        report.confusion.add(c, (c * 7 + 3) % 100, c);
        report.classes.push_back("<b>" + std::to_string(c) + "</b>");
    }
    report.facts = {{"<script>", "<b>"}};
    io::write_report_html(folder / "page.html", report);
    const Shown page = show(folder, "page.html");
    check_drawn(page, 3);
    CHECK_FALSE(holds(page.dom, "<img"));
}

TEST_CASE("report in a browser: the page of a run that goes on loads itself again") {
    if (!has_browser()) return;
    const TemporaryFolder folder;
    io::RunReport report;
    report.status = "running";
    report.history.epochs = {{.train_loss = 1}};
    io::write_report_html(folder / "page.html", report, 1);
    const Shown page = show(folder, "page.html");
    CHECK(page.console == "");
    CHECK(page.all("loaded") == std::vector<std::string>{"reload"});
    report.status = "finished";
    io::write_report_html(folder / "page.html", report, 1);
    CHECK(show(folder, "page.html").all("loaded") == std::vector<std::string>{"navigate"});
}

TEST_SUITE_END();

TEST_CASE("report: what is no run is named") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "empty");
    const Ended ended = run_ingot(folder, "report empty");
    CHECK(ended.code == 1);
    CHECK(holds(ended.error, "empty is not the folder of a run: it has no run.json"));
}
