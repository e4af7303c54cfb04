// SPDX-License-Identifier: MIT
#include "io/report_chart.h"

#include "io/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ingot::io {
namespace {

constexpr double kHeight = 280;
constexpr double kSmallestScale = 0.6;  // on a narrower page the drawing scrolls
constexpr double kLeft = 52, kRight = 14, kTop = 14, kBottom = 40;

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void include(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

bool finite(const ChartPoint& point) {
    return std::isfinite(point.x) && std::isfinite(point.y);
}

std::string number(double value, bool percent) {
    return percent ? fmt::format("{:.4g}%", 100 * value) : fmt::format("{:.4g}", value);
}

// Maps values to the drawing.
struct Frame {
    Range x, y;
    double width, height;  // of the plot inside the margins

    double across(double value) const { return (value - x.low) / (x.high - x.low) * width; }
    double down(double value) const { return height - (value - y.low) / (y.high - y.low) * height; }
};

void draw_series(std::string& svg, const ChartSeries& series, const Frame& frame, bool percent) {
    std::string path;
    bool pen_down = false;
    for (const ChartPoint& point : series.points) {
        if (finite(point)) {
            path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", frame.across(point.x),
                                frame.down(point.y));
        }
        pen_down = finite(point);
    }
    svg += fmt::format("<path class=\"line {}\" d=\"{}\"/>", series.style, path);
    if (!series.dots) return;
    for (const ChartPoint& point : series.points) {
        if (!finite(point)) continue;
        svg += fmt::format(
            "<circle class=\"dot {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: {} at "
            "{:g}</title></circle>",
            series.style, frame.across(point.x), frame.down(point.y), html_escaped(series.name),
            number(point.y, percent), point.x);
    }
}

}  // namespace

std::vector<double> chart_ticks(double low, double high, int wanted) {
    if (!(high > low)) {
        const double margin = low == 0 ? 1 : std::abs(low) * 0.1;
        low -= margin;
        high += margin;
    }
    const double raw = (high - low) / wanted;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    double step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0}) {
        if (factor * power >= raw * 0.999) step = factor * power;
    }
    std::vector<double> ticks;
    const double first = std::floor(low / step + 1e-9);
    const double last = std::ceil(high / step - 1e-9);
    for (double i = first; i <= last; ++i)
        ticks.push_back(i * step);
    return ticks;
}

std::string svg_of(const Chart& chart) {
    Frame frame{{}, {}, chart.width - kLeft - kRight, kHeight - kTop - kBottom};
    for (const ChartSeries& series : chart.series) {
        for (const ChartPoint& point : series.points) {
            if (!finite(point)) continue;
            frame.x.include(point.x);
            if (series.sets_range) frame.y.include(point.y);
        }
    }
    if (!(frame.x.low <= frame.x.high) || !(frame.y.low <= frame.y.high)) return {};
    const std::vector<double> y_ticks = chart_ticks(frame.y.low, frame.y.high, 5);
    frame.y = {y_ticks.front(), y_ticks.back()};
    if (frame.x.low == frame.x.high) frame.x = {frame.x.low - 0.5, frame.x.high + 0.5};

    std::string svg = fmt::format(
        "<div class=\"scroll\"><svg class=\"chart\" style=\"min-width:{:.0f}px\" viewBox=\"0 0 {} "
        "{}\" "
        "role=\"img\" aria-label=\"{}\">",
        kSmallestScale * chart.width, chart.width, kHeight, html_escaped(chart.title));
    for (const double tick : y_ticks) {
        const double y = kTop + frame.down(tick);
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
            "<text class=\"tick end\" x=\"{}\" y=\"{:.1f}\">{}</text>",
            kLeft, chart.width - kRight, y, y, kLeft - 8, y + 4, number(tick, chart.percent));
    }
    for (const double tick : chart_ticks(frame.x.low, frame.x.high, 8)) {
        // Epochs and steps are whole.
        if (tick < frame.x.low || tick > frame.x.high || tick != std::floor(tick)) continue;
        svg += fmt::format("<text class=\"tick middle\" x=\"{:.1f}\" y=\"{}\">{:.0f}</text>",
                           kLeft + frame.across(tick), kHeight - kBottom + 18, tick);
    }
    svg += fmt::format("<text class=\"tick middle\" x=\"{}\" y=\"{}\">{}</text>",
                       kLeft + frame.width / 2, kHeight - 5, html_escaped(chart.x_label));
    // An inner svg clips what leaves the range; dots on its edge get room of their own.
    constexpr double kRoom = 5;
    svg +=
        fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" viewBox=\"{} {} {} {}\">",
                    kLeft - kRoom, kTop - kRoom, frame.width + 2 * kRoom, frame.height + 2 * kRoom,
                    -kRoom, -kRoom, frame.width + 2 * kRoom, frame.height + 2 * kRoom);
    for (const ChartSeries& series : chart.series)
        draw_series(svg, series, frame, chart.percent);
    return svg + "</svg></svg></div>";
}

}  // namespace ingot::io
