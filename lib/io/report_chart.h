// SPDX-License-Identifier: MIT
// Line charts as inline SVG, for pages without a script. Colours come from the page's style sheet
// by class, so one drawing serves light and dark. Points that are not finite leave a gap.
#pragma once

#include <string>
#include <vector>

namespace ingot::io {

struct ChartPoint {
    double x = 0;
    double y = 0;
};

struct ChartSeries {
    std::string name;   // for the legend; none when empty
    std::string style;  // CSS class: "train", "validation"; "faint" beside it for a backdrop
    std::vector<ChartPoint> points;
    bool dots = false;       // a mark with its value on each point
    bool sets_range = true;  // false: may leave the drawing, a spike must not flatten the rest
};

struct Chart {
    std::string title;
    std::string x_label;
    double width = 520;  // of the drawing's own units; it scales with the page
    bool percent = false;
    std::vector<ChartSeries> series = {};
};

std::string svg_of(const Chart& chart);

// Round numbers covering low..high, about `wanted` of them; at least two.
std::vector<double> chart_ticks(double low, double high, int wanted);

}  // namespace ingot::io
