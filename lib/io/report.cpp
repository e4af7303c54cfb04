// SPDX-License-Identifier: MIT
// The page of a run, top to bottom: figures, curves, facts, epochs, predictions.
#include "io/html.h"
#include "io/report_chart.h"
#include "io/report_style.h"

#include <ingot/io.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::io {
namespace {

constexpr std::size_t kMaxDrawnSteps = 1600;
constexpr double kSmoothedPart = 0.005;  // of all steps: the reach of the smoothed line

std::string percent(double value) {
    return std::isfinite(value) ? fmt::format("{:.2f}%", 100 * value) : "–";
}

std::string plain(double value) {
    return std::isfinite(value) ? fmt::format("{:.4f}", value) : "–";
}

std::string duration(double seconds) {
    if (seconds < 60) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<long long>(std::min(std::llround(seconds), 1LL << 53));
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

void add_figure(std::string& page, const std::string& value, const char* name, bool main = false) {
    page += fmt::format("<div class=\"figure{}\"><b>{}</b><span>{}</span></div>",
                        main ? " main" : "", value, name);
}

std::string figures(const RunReport& report) {
    std::string page;
    if (report.test_accuracy)
        add_figure(page, percent(*report.test_accuracy), "test accuracy", true);
    if (report.test_loss) add_figure(page, plain(*report.test_loss), "test loss");
    double best = kNotMeasured, total = 0;
    std::size_t best_epoch = 0;
    for (std::size_t i = 0; i < report.epochs.size(); ++i) {
        const EpochRecord& epoch = report.epochs[i];
        if (std::isfinite(epoch.validation_accuracy) && !(best >= epoch.validation_accuracy)) {
            best = epoch.validation_accuracy;
            best_epoch = i + 1;
        }
        if (std::isfinite(epoch.time_s)) total += epoch.time_s;
    }
    if (best_epoch > 0) {
        add_figure(page, percent(best),
                   fmt::format("best validation accuracy, epoch {}", best_epoch).c_str());
    }
    if (!report.epochs.empty()) add_figure(page, std::to_string(report.epochs.size()), "epochs");
    if (total > 0) add_figure(page, duration(total), "training time");
    return page.empty() ? page : "<div class=\"figures\">" + page + "</div>";
}

std::string chart_card(const Chart& chart) {
    const std::string svg = svg_of(chart);
    if (svg.empty()) return {};
    std::string legend;
    for (const ChartSeries& series : chart.series) {
        if (series.name.empty()) continue;
        legend += fmt::format("<span><i class=\"{}\"></i>{}</span>", series.style,
                              html_escaped(series.name));
    }
    return fmt::format(
        "<section class=\"card\"><div class=\"head\"><h2>{}</h2><div "
        "class=\"legend\">{}</div></div>"
        "{}</section>",
        html_escaped(chart.title), legend, svg);
}

void add_curve(Chart& chart, const RunReport& report, const char* name,
               double EpochRecord::*value) {
    ChartSeries series{name, name, {}, true, true};
    bool measured = false;
    for (std::size_t i = 0; i < report.epochs.size(); ++i) {
        const double y = report.epochs[i].*value;
        measured = measured || std::isfinite(y);
        series.points.push_back({static_cast<double>(i + 1), y});
    }
    if (measured) chart.series.push_back(std::move(series));
}

std::string curves(const RunReport& report) {
    Chart loss{"Loss", "epoch"};
    add_curve(loss, report, "train", &EpochRecord::train_loss);
    add_curve(loss, report, "validation", &EpochRecord::validation_loss);
    Chart accuracy{"Accuracy", "epoch"};
    accuracy.percent = true;
    add_curve(accuracy, report, "train", &EpochRecord::train_accuracy);
    add_curve(accuracy, report, "validation", &EpochRecord::validation_accuracy);
    const std::string both = chart_card(loss) + chart_card(accuracy);
    return both.empty() ? both : "<div class=\"columns\">" + both + "</div>";
}

std::string step_curve(const RunReport& report) {
    const auto& losses = report.step_losses;
    if (losses.empty()) return {};
    const std::vector<float> smooth =
        smoothed(losses, kSmoothedPart * static_cast<double>(losses.size()));
    Chart chart{"Loss of each step", "step"};
    chart.width = 1080;
    chart.series.push_back({"", "train faint", thinned(losses, kMaxDrawnSteps), false, false});
    chart.series.push_back({"smoothed", "train", thinned(smooth, kMaxDrawnSteps), false, true});
    return chart_card(chart);
}

std::string facts(const RunReport& report) {
    if (report.facts.empty()) return {};
    std::string rows;
    for (const Fact& fact : report.facts) {
        rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                            html_escaped(fact.name), html_escaped(fact.value));
    }
    return "<section class=\"card\"><h2>Key facts</h2><table class=\"facts\">" + rows +
           "</table></section>";
}

std::string epochs(const RunReport& report) {
    if (report.epochs.empty()) return {};
    std::string rows;
    for (std::size_t i = 0; i < report.epochs.size(); ++i) {
        const EpochRecord& epoch = report.epochs[i];
        rows += fmt::format(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", i + 1,
            plain(epoch.train_loss), percent(epoch.train_accuracy), plain(epoch.validation_loss),
            percent(epoch.validation_accuracy),
            std::isfinite(epoch.time_s) ? duration(epoch.time_s) : "–");
    }
    return "<section class=\"card\"><details><summary>Every epoch in figures</summary><div "
           "class=\"scroll\"><table class=\"epochs\"><tr><th>epoch</th><th>train "
           "loss</th><th>train "
           "accuracy</th><th>validation loss</th><th>validation accuracy</th><th>time</th></tr>" +
           rows + "</table></div></details></section>";
}

std::string predictions(const RunReport& report) {
    if (report.predictions.empty()) return {};
    std::string cells;
    std::size_t wrong_count = 0;
    for (const PredictionRecord& record : report.predictions) {
        const bool wrong = record.label != record.prediction;
        wrong_count += wrong;
        cells += fmt::format("<figure class=\"sample{}\">", wrong ? " wrong" : "");
        if (!record.picture.pixels.empty()) {
            cells += fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">",
                                 html_escaped(record.label), base64(encode_png(record.picture)));
        }
        cells += fmt::format("<b>{} {}</b><small>{:.0f}%", wrong ? "✗" : "✓",
                             html_escaped(record.prediction), 100 * record.probability);
        if (wrong) cells += fmt::format(", is {}", html_escaped(record.label));
        cells += "</small>";
        cells += "</figure>";
    }
    return fmt::format(
        "<section class=\"card\"><div class=\"head\"><h2>Sample predictions</h2><div "
        "class=\"legend\">{} of {} right</div></div><div class=\"samples\">{}</div></section>",
        report.predictions.size() - wrong_count, report.predictions.size(), cells);
}

}  // namespace

void write_report_html(const std::filesystem::path& path, const RunReport& report) {
    std::string page = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width, "
        "initial-scale=1\"><title>{0}</title><style>{1}</style></head>\n"
        "<body><main><h1>{0}</h1>",
        html_escaped(report.title), kReportStyle);
    if (!report.summary.empty()) {
        page += fmt::format("<p class=\"summary\">{}</p>", html_escaped(report.summary));
    }
    for (const auto part : {figures, curves, step_curve, facts, epochs, predictions}) {
        const std::string text = part(report);
        if (!text.empty()) page += "\n" + text;
    }
    write_file(path, page + "\n</main></body></html>\n");
}

}  // namespace ingot::io
