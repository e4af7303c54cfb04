// SPDX-License-Identifier: MIT
// Plots: where points lie, what has no place, what may be said in a page.
#include "support/temporary_folder.h"
#include "support/text.h"
#include "support/thrown_message.h"

#include <ingot/plot.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::testing;

TEST_CASE("to_svg: points by value and by magnitude, gaps where there is none") {
    // The drawing is 478 wide from 64 on and 240 high from 16 on.
    io::Plot plot{.title = "a <b>", .x_label = "x", .series = {{.x = {0, 5, 10}, .y = {0, 1, 2}}}};
    const std::string svg = io::to_svg(plot);
    CHECK(holds(svg, "d=\"M64.0 256.0L303.0 136.0L542.0 16.0\""));
    CHECK(holds(svg, "a &lt;b&gt;"));
    CHECK(holds(svg, "xmlns="));

    plot.log_x = true;
    plot.series[0] = {.x = {0.01, 1, 100, -1, 0}, .y = {0, 1, 2, 1, 1}, .marks = true};
    const std::string log = io::to_svg(plot);
    CHECK(holds(log, "d=\"M64.0 256.0L303.0 136.0L542.0 16.0\""));
    CHECK(count_of(log, "<title>") == 3);
    CHECK(holds(log, ">0.01<"));
    CHECK(holds(log, ">100<"));

    plot.log_x = false;
    plot.series[0] = {.x = {0, 1, 2, 3}, .y = {0, std::nan(""), 2, 1}};
    CHECK(holds(io::to_svg(plot), "d=\"M64.0 256.0M382.7 16.0L542.0 136.0\""));
    plot.series[0] = {.x = {1}, .y = {std::nan("")}};
    CHECK(io::to_svg(plot).empty());
    plot.series[0] = {.x = {1}, .y = {5}, .marks = true};  // a single point has room around it
    CHECK(holds(io::to_svg(plot), "M303.0 136.0h0.01"));
}

TEST_CASE("to_svg: names in place of numbers, marks, legends") {
    const std::string svg = io::to_svg(io::Plot{.title = "t",
                                                .x_names = {"relu", "tanh & more"},
                                                .series = {{.name = "both",
                                                            .x = {0, 1},
                                                            .y = {1, 2},
                                                            .notes = {"first", "<second>"},
                                                            .line = false,
                                                            .marks = true}},
                                                .marks = {{0.5, "between"}, {7, "outside"}}});
    CHECK(holds(svg, ">relu</text>"));
    CHECK(holds(svg, "tanh &amp; more"));
    CHECK(holds(svg, "<title>&lt;second&gt;</title>"));
    CHECK(holds(svg, ">between</text>"));
    CHECK(!holds(svg, "outside"));
    CHECK(holds(svg, ">both</text>"));
    CHECK(thrown_message([] {
              io::to_svg(io::Plot{.title = "t", .series = {{.name = "s", .x = {1}, .y = {}}}});
          }) == "invalid argument: to_svg: series 's' of 't' has 1 x, 0 y and 0 notes");
}

TEST_CASE("to_svg: a line for each row across the axes") {
    io::ParallelPlot plot{.title = "all",
                          .axes = {{.name = "lr", .log = true},
                                   {.name = "act", .names = {"a", "b"}},
                                   {.name = "accuracy"}},
                          .rows = {{.values = {0.01, 0, 0.5}, .rank = 1, .note = "bad"},
                                   {.values = {1, 1, 0.9}, .rank = 0, .note = "good"}}};
    const std::string svg = io::to_svg(plot);
    CHECK(holds(svg, "opacity=\"1.00\" d=\"M64.0 30.0L303.0"));
    CHECK(svg.find("bad") < svg.find("good"));  // the good one on top
    CHECK(holds(svg, ">accuracy</text>"));
    plot.rows[0].values.pop_back();
    CHECK(thrown_message([&] { io::to_svg(plot); }) ==
          "invalid argument: to_svg: a row of 'all' has 2 values for 3 axes");
    plot.rows.clear();
    CHECK(io::to_svg(plot).empty());
}

TEST_CASE("write_plots_html: a page without outside references") {
    const TemporaryFolder folder;
    io::write_plots_html(folder / "page.html",
                         {.title = "A & B",
                          .summary = "two",
                          .plots = {{.title = "p", .series = {{.x = {1, 2}, .y = {3, 4}}}}, {}},
                          .parallel = {},
                          .tables = {{.title = "t", .head = {"n<"}, .rows = {{"1"}, {"<i>"}}}}});
    const std::string page = contents_of(folder / "page.html");
    CHECK(page.starts_with("<!doctype html>"));
    CHECK(holds(page, "<h1>A &amp; B</h1>"));
    CHECK(count_of(page, "<section") == 2);
    CHECK(holds(page, "<td>&lt;i&gt;</td>"));
    CHECK(!holds(page, "src="));
    CHECK(!holds(page, "href="));
    CHECK(count_of(page, "http:") == 1);  // the name of SVG
    CHECK(thrown_message([&] {
              io::write_plots_html(folder / "none/page.html", {});
          }).starts_with("file: "));
}
