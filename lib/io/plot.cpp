// SPDX-License-Identifier: MIT
// Plots as SVG that carries its own style, and pages of them.
#include <ingot/plot.h>

#include "core/check.h"
#include "io/html.h"

#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ingot::io {
namespace {

constexpr double kWidth = 560, kHeight = 300;
constexpr double kLeft = 64, kRight = 18, kTop = 16, kBottom = 44;
constexpr double kAcross = kWidth - kLeft - kRight, kDown = kHeight - kTop - kBottom;
constexpr std::size_t kColours = 4;

constexpr const char* kSvgStyle = R"css(
.plot { --ink: #1c2430; --soft: #5c6878; --edge: #dfe3e9; --s0: #2463c9; --s1: #c2600a; --s2: #1f7a4d;
  --s3: #9b3fb5; font: 12px system-ui, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) { .plot { --ink: #e4e8ee; --soft: #97a3b4; --edge: #313944;
  --s0: #74a8ff; --s1: #f2a65a; --s2: #64c896; --s3: #d591ea; } }
.plot text { fill: var(--soft); } .plot .grid { stroke: var(--edge); }
.plot .mark { stroke: var(--soft); stroke-dasharray: 4 3; }
.plot .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.plot .s0 { stroke: var(--s0); } .plot .s1 { stroke: var(--s1); } .plot .s2 { stroke: var(--s2); }
.plot .s3 { stroke: var(--s3); } .plot .dot { stroke-width: 6; stroke-linecap: round; }
.plot .end { text-anchor: end; } .plot .middle { text-anchor: middle; }
)css";

// Values of one axis onto 0..1.
class Scale {
public:
    Scale(bool log, std::size_t names) : log_(log), names_(names) {}

    bool takes(double value) const { return std::isfinite(value) && !(log_ && value <= 0); }
    void include(double value) {
        if (!takes(value)) return;
        low_ = std::min(low_, of(value));
        high_ = std::max(high_, of(value));
    }
    bool empty() const { return !(low_ <= high_); }
    // Some room, round numbers at the ends if asked for.
    void settle(bool round) {
        if (names_ > 0) {
            low_ = -0.5;
            high_ = static_cast<double>(names_) - 0.5;
        } else if (low_ == high_) {
            const double room = log_ || low_ == 0 ? 1 : 0.1 * std::abs(low_);
            low_ -= room;
            high_ += room;
        }
        if (round && names_ == 0 && !log_) {
            const double step = this->step();
            low_ = std::floor(low_ / step + 1e-9) * step;
            high_ = std::ceil(high_ / step - 1e-9) * step;
        }
    }
    double place(double value) const { return (of(value) - low_) / (high_ - low_); }

    std::vector<double> ticks() const {
        std::vector<double> ticks;
        if (names_ > 0) {
            for (std::size_t i = 0; i < names_; ++i)
                ticks.push_back(static_cast<double>(i));
            return ticks;
        }
        const double step = log_ ? std::max(1.0, std::ceil((high_ - low_) / 6)) : this->step();
        for (double i = std::ceil(low_ / step - 1e-9); i <= high_ / step + 1e-9; ++i)
            ticks.push_back(log_ ? std::pow(10, i * step) : i * step);
        // Less than a power of ten.
        if (log_ && ticks.size() < 2) ticks = {std::pow(10, low_), std::pow(10, high_)};
        return ticks;
    }

private:
    double of(double value) const { return log_ ? std::log10(value) : value; }
    double step() const {  // of about five: 1, 2 or 5 times a power of ten
        const double raw = (high_ - low_) / 5, power = std::pow(10, std::floor(std::log10(raw)));
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (factor * power >= raw * 0.999) return factor * power;
        }
        return 10 * power;
    }

    bool log_;
    std::size_t names_;
    double low_ = std::numeric_limits<double>::infinity();
    double high_ = -std::numeric_limits<double>::infinity();
};

std::string label(double tick, const std::vector<std::string>& names) {
    if (names.empty()) return fmt::format("{:.4g}", std::abs(tick) < 1e-12 ? 0 : tick);
    return html_escaped(names[static_cast<std::size_t>(tick)]);
}

std::string svg_begin(const std::string& title) {
    return fmt::format(
        "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
        "role=\"img\" aria-label=\"{}\"><style>{}</style>",
        kWidth, kHeight, html_escaped(title), kSvgStyle);
}

void check(const Plot& plot) {
    for (const PlotSeries& series : plot.series) {
        if (series.x.size() == series.y.size() &&
            (series.notes.empty() || series.notes.size() == series.x.size())) {
            continue;
        }
        fail(ErrorKind::kInvalidArgument, "to_svg: series '{}' of '{}' has {} x, {} y and {} notes",
             series.name, plot.title, series.x.size(), series.y.size(), series.notes.size());
    }
}

}  // namespace

std::string to_svg(const Plot& plot) {
    check(plot);
    Scale x(plot.log_x, plot.x_names.size()), y(false, 0);
    for (const PlotSeries& series : plot.series) {
        for (std::size_t i = 0; i < series.x.size(); ++i) {
            if (!x.takes(series.x[i]) || !y.takes(series.y[i])) continue;
            x.include(series.x[i]);
            y.include(series.y[i]);
        }
    }
    if (y.empty()) return {};
    x.settle(false);
    y.settle(true);
    const auto across = [&](double value) { return kLeft + x.place(value) * kAcross; };
    const auto down = [&](double value) { return kTop + (1 - y.place(value)) * kDown; };

    std::string svg = svg_begin(plot.title);
    for (const double tick : y.ticks()) {
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
            "<text class=\"end\" x=\"{3}\" y=\"{4:.1f}\">{5}</text>",
            kLeft, kWidth - kRight, down(tick), kLeft - 8, down(tick) + 4, label(tick, {}));
    }
    for (const double tick : x.ticks()) {
        svg += fmt::format("<text class=\"middle\" x=\"{:.1f}\" y=\"{}\">{}</text>", across(tick),
                           kHeight - kBottom + 18, label(tick, plot.x_names));
    }
    svg += fmt::format("<text class=\"middle\" x=\"{}\" y=\"{}\">{}</text>", kLeft + kAcross / 2,
                       kHeight - 6, html_escaped(plot.x_label));
    svg +=
        fmt::format("<text class=\"middle\" transform=\"translate(13 {}) rotate(-90)\">{}</text>",
                    kTop + kDown / 2, html_escaped(plot.y_label));
    double height = kTop + kDown - 6;  // below the legend, one above the other
    for (const PlotMark& mark : plot.marks) {
        if (!x.takes(mark.x) || x.place(mark.x) < 0 || x.place(mark.x) > 1) continue;
        const bool is_left = x.place(mark.x) < 0.6;
        svg += fmt::format(
            "<line class=\"mark\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
            "<text class=\"{3}\" x=\"{4:.1f}\" y=\"{5}\">{6}</text>",
            across(mark.x), kTop, kTop + kDown, is_left ? "" : "end",
            across(mark.x) + (is_left ? 4 : -4), height, html_escaped(mark.name));
        height -= 14;
    }
    std::size_t number = 0, named = 0;
    for (const PlotSeries& series : plot.series) {
        const std::size_t colour = number++ % kColours;
        std::string path, dots;
        bool pen_down = false;
        for (std::size_t i = 0; i < series.x.size(); ++i) {
            const bool there = x.takes(series.x[i]) && y.takes(series.y[i]);
            if (there) {
                const double at = across(series.x[i]), depth = down(series.y[i]);
                path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", at, depth);
                const std::string note =
                    series.notes.empty() ? fmt::format("{:.5g}: {:.5g}", series.x[i], series.y[i])
                                         : series.notes[i];
                dots += fmt::format(
                    "<path class=\"dot s{}\" d=\"M{:.1f} {:.1f}h0.01\"><title>{}</title></path>",
                    colour, at, depth, html_escaped(note));
            }
            pen_down = there;
        }
        if (series.line) svg += fmt::format("<path class=\"line s{}\" d=\"{}\"/>", colour, path);
        if (series.marks) svg += dots;
        if (!series.name.empty()) {
            const double at = kTop + 10 + 15 * static_cast<double>(named++);
            svg += fmt::format(
                "<path class=\"line s{0}\" d=\"M{1} {2}h16\"/><text class=\"end\" x=\"{3}\" "
                "y=\"{4}\">{5}</text>",
                colour, kWidth - kRight - 18, at - 4, kWidth - kRight - 24, at,
                html_escaped(series.name));
        }
    }
    return svg + "</svg>";
}

std::string to_svg(const ParallelPlot& plot) {
    std::vector<Scale> scales;
    for (const ParallelPlot::Axis& axis : plot.axes)
        scales.emplace_back(axis.log, axis.names.size());
    for (const ParallelPlot::Row& row : plot.rows) {
        if (row.values.size() != plot.axes.size()) {
            fail(ErrorKind::kInvalidArgument, "to_svg: a row of '{}' has {} values for {} axes",
                 plot.title, row.values.size(), plot.axes.size());
        }
        for (std::size_t i = 0; i < scales.size(); ++i)
            scales[i].include(row.values[i]);
    }
    const bool is_empty =
        std::any_of(scales.begin(), scales.end(), [](const Scale& scale) { return scale.empty(); });
    if (scales.size() < 2 || is_empty) return {};
    const auto across = [&](std::size_t i) {
        return kLeft + static_cast<double>(i) * kAcross / static_cast<double>(scales.size() - 1);
    };
    const auto down = [&](double place) { return kTop + 14 + (1 - place) * (kDown - 14); };

    std::string svg = svg_begin(plot.title);
    std::vector<const ParallelPlot::Row*> rows;  // the pale ones below
    for (const ParallelPlot::Row& row : plot.rows)
        rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto* a, const auto* b) { return a->rank > b->rank; });
    for (Scale& scale : scales)
        scale.settle(false);
    for (const ParallelPlot::Row* row : rows) {
        std::string path;
        for (std::size_t i = 0; i < scales.size(); ++i) {
            if (!scales[i].takes(row->values[i])) break;
            path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", across(i),
                                down(scales[i].place(row->values[i])));
        }
        svg += fmt::format(
            "<path class=\"line s0\" opacity=\"{:.2f}\" d=\"{}\"><title>{}</title></path>",
            1 - 0.85 * std::clamp(row->rank, 0.0, 1.0), path, html_escaped(row->note));
    }
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const bool is_last = i + 1 == scales.size();
        svg += fmt::format(
            "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
            "<text class=\"middle\" x=\"{0:.1f}\" y=\"{3}\">{4}</text>",
            across(i), down(1), down(0), kHeight - 18, html_escaped(plot.axes[i].name));
        for (const double tick : scales[i].ticks()) {
            svg += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                               is_last ? "end" : "", across(i) + (is_last ? -5 : 5),
                               down(scales[i].place(tick)) + 4, label(tick, plot.axes[i].names));
        }
    }
    return svg + "</svg>";
}

void write_plots_html(const std::filesystem::path& path, const PlotPage& page) {
    std::string html = still_page_begin(page.title, {}, page.summary);
    html += "<div class=\"columns\">";
    for (const Plot& plot : page.plots)
        html += html_card(plot.title, to_svg(plot));
    html += "</div>";
    for (const ParallelPlot& plot : page.parallel)
        html += html_card(plot.title, to_svg(plot));
    for (const PlotTable& table : page.tables) {
        std::string text = "<div class=\"scroll\"><table><tr>";
        for (const std::string& name : table.head)
            text += "<th>" + html_escaped(name) + "</th>";
        text += "</tr>";
        for (const auto& row : table.rows) {
            text += "<tr>";
            for (const std::string& cell : row)
                text += "<td>" + html_escaped(cell) + "</td>";
            text += "</tr>";
        }
        html += html_card(table.title, text + "</table></div>");
    }
    write_file(path, html + kStillPageEnd);
}

}  // namespace ingot::io
