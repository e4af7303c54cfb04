// SPDX-License-Identifier: MIT
// The page of a diagnosis, top to bottom: findings, curves, layers, parameters, gradients, labels.
#include "io/html.h"
#include "io/thinned.h"

#include <ingot/diagnosis.h>
#include <ingot/io.h>
#include <ingot/plot.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::io {
namespace {

using doctor::Diagnosis;
using doctor::Verdict;

constexpr const char* kStyle = R"css(
.findings td { padding-right: 14px; } .findings th { white-space: nowrap; font-weight: 500; }
.findings tr > :first-child { width: 1%; }
.badge { display: inline-block; min-width: 62px; padding: 1px 9px; border-radius: 9px; font-size: 13px;
  text-align: center; border: 1px solid var(--edge); color: var(--soft); white-space: nowrap; }
.badge.ok { color: var(--right); } .badge.doubt { color: var(--validation); border-color: currentColor; }
.badge.ill { color: var(--page); background: var(--wrong); border-color: var(--wrong); }
.remedy { color: var(--soft); display: block; }
.numbers td + td, .numbers th + th { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: 8px; border-radius: 2px; background: var(--train); opacity: 0.7;
  margin-left: 10px; vertical-align: middle; }
)css";

struct Badge {
    const char* style;
    const char* text;
};

Badge badge_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kHealthy: return {"ok", "healthy"};
        case Verdict::kNote: return {"note", "note"};
        case Verdict::kDoubtful: return {"doubt", "doubtful"};
        case Verdict::kIll: return {"ill", "ill"};
    }
    return {};
}

std::string number(double value) {
    return std::isfinite(value) ? fmt::format("{:.3g}", value) : "–";
}

std::string percent(double value) {
    return std::isfinite(value) ? fmt::format("{:.0f}%", 100 * value) : "–";
}

std::string table(std::vector<std::string> head, const std::string& rows) {
    std::string cells;
    for (const std::string& cell : head)
        cells += "<th>" + html_escaped(cell) + "</th>";
    return "<div class=\"scroll\"><table class=\"numbers\"><tr>" + cells + "</tr>" + rows +
           "</table></div>";
}

std::string row(std::vector<std::string> cells) {
    std::string text = "<tr>";
    for (const std::string& cell : cells)
        text += "<td>" + cell + "</td>";
    return text + "</tr>";
}

std::string findings(const Diagnosis& diagnosis) {
    std::vector<doctor::Finding> sorted = diagnosis.findings;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.verdict > b.verdict; });
    std::string rows;
    for (const doctor::Finding& finding : sorted) {
        const Badge badge = badge_of(finding.verdict);
        rows += fmt::format(
            "<tr><td><span class=\"badge {}\">{}</span></td><th "
            "scope=\"row\">{}</th><td>{}{}{}</td></tr>",
            badge.style, badge.text, html_escaped(finding.check),
            finding.disease.empty() ? "" : "<b>" + html_escaped(finding.disease) + ".</b> ",
            html_escaped(finding.evidence),
            finding.remedy.empty()
                ? ""
                : "<span class=\"remedy\">→ " + html_escaped(finding.remedy) + "</span>");
    }
    return rows.empty() ? rows
                        : html_card("Findings", "<table class=\"findings\">" + rows + "</table>");
}

std::string plot_card(const Plot& plot) {
    const std::string svg = to_svg(plot);
    return svg.empty() ? svg : html_card(plot.title, svg);
}

PlotSeries dotted(const char* name) {
    return {.name = name, .marks = true};
}

void add(PlotSeries& series, double x, double y) {
    series.x.push_back(x);
    series.y.push_back(y);
}

std::string plots(const Diagnosis& diagnosis) {
    PlotSeries train = dotted("train"), validation = dotted("validation");
    for (std::size_t i = 0; i < diagnosis.history.epochs.size(); ++i) {
        const train::EpochResult& epoch = diagnosis.history.epochs[i];
        add(train, static_cast<double>(i + 1), epoch.train_loss);
        add(validation, static_cast<double>(i + 1), epoch.validation_loss);
    }
    const bool validated =
        std::ranges::any_of(validation.y, [](double y) { return std::isfinite(y); });
    Plot loss{.title = "Loss", .x_label = "epoch", .series = {train}};
    if (validated) loss.series.push_back(validation);
    std::string cards = plot_card(loss);

    for (const doctor::Overfit& overfit : diagnosis.overfits) {
        PlotSeries losses{.name = "loss"}, goal{.name = "goal"};
        for (const StepValue& point : thinned(overfit.losses, 400))
            add(losses, static_cast<double>(point.step), point.value);
        add(goal, 1, overfit.goal);
        add(goal, static_cast<double>(overfit.losses.size()), overfit.goal);
        cards += plot_card({.title = "Learning " + overfit.what + " by heart",
                            .x_label = "step",
                            .series = {losses, goal}});
    }
    PlotSeries fitted = dotted("train"), validated_on = dotted("validation");
    for (const doctor::LearningPoint& point : diagnosis.learning_curve) {
        add(fitted, static_cast<double>(point.samples), point.train_loss);
        add(validated_on, static_cast<double>(point.samples), point.validation_loss);
    }
    cards += plot_card({.title = "Parts of the training data",
                        .x_label = "samples",
                        .series = {fitted, validated_on}});
    return cards.empty() ? cards : "\n<div class=\"columns\">" + cards + "</div>";
}

// Of a value among others, by its logarithm: 6 pixels a factor of ten above the least.
std::string bar(double value, double least) {
    if (!(value > 0) || !std::isfinite(value) || !(least > 0)) return {};
    const double width = std::min(4 + 6 * std::log10(value / least), 120.0);
    return fmt::format("<span class=\"bar\" style=\"width:{:.0f}px\"></span>", width);
}

std::string layers(const Diagnosis& diagnosis) {
    if (diagnosis.layers.empty()) return {};
    double least = INFINITY;
    for (const doctor::LayerNorms& layer : diagnosis.layers) {
        if (layer.gradient > 0) least = std::min(least, layer.gradient);
    }
    std::string rows;
    for (const doctor::LayerNorms& layer : diagnosis.layers) {
        rows += row({html_escaped(layer.name + " " + layer.type), number(layer.output),
                     percent(layer.variation), number(layer.gradient) + bar(layer.gradient, least),
                     percent(layer.dead), percent(layer.saturated)});
    }
    return html_card(
        "Layers, from the input to the loss",
        table({"", "output", "differs by sample", "gradient", "dead", "saturated"}, rows));
}

std::string parameters(const Diagnosis& diagnosis) {
    if (diagnosis.parameters.empty()) return {};
    std::string rows;
    for (const doctor::ParameterNorms& p : diagnosis.parameters) {
        rows += row({html_escaped(p.name), number(p.weight), number(p.gradient), number(p.update)});
    }
    return html_card("Parameters", table({"", "size", "gradient", "step / size"}, rows));
}

std::string gradients(const Diagnosis& diagnosis) {
    if (diagnosis.gradients.empty()) return {};
    std::string rows;
    for (const doctor::GradientProbe& probe : diagnosis.gradients) {
        const Badge badge = badge_of(probe.is_wrong()  ? Verdict::kIll
                                     : probe.is_open() ? Verdict::kNote
                                                       : Verdict::kHealthy);
        const char* const word = probe.is_wrong()  ? "wrong"
                                 : probe.is_open() ? "too small"
                                                   : "right";
        rows += row({html_escaped(probe.parameter), fmt::format("{:.4g}", probe.analytic),
                     fmt::format("{:.4g}", probe.numeric), number(probe.error), number(probe.step),
                     fmt::format("<span class=\"badge {}\">{}</span>", badge.style, word)});
    }
    return html_card("Gradients along one direction of each parameter",
                     table({"", "analytic", "differences", "±", "step", ""}, rows));
}

std::string labels(const Diagnosis& diagnosis) {
    constexpr std::size_t kShown = 48;
    const doctor::LabelReview& review = diagnosis.labels;
    if (review.suspects.empty()) return {};
    const auto name = [&](std::int64_t c) {
        const auto i = static_cast<std::size_t>(c);
        return html_escaped(i < review.class_names.size() ? review.class_names[i]
                                                          : std::to_string(c));
    };
    std::string cells;
    for (std::size_t i = 0; i < std::min(kShown, review.suspects.size()); ++i) {
        const doctor::SuspectLabel& suspect = review.suspects[i];
        cells += "<figure class=\"sample wrong\">";
        if (!suspect.picture.pixels.empty()) {
            cells += fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">",
                                 name(suspect.label), base64(encode_png(suspect.picture)));
        }
        const std::string sample =
            suspect.name.empty() ? std::to_string(suspect.sample) : html_escaped(suspect.name);
        cells += fmt::format(
            "<b>{}</b><small>looks like {}, {:.0f}%<br>sample {}, loss {:.1f}</small></figure>",
            name(suspect.label), name(suspect.prediction), 100 * suspect.probability, sample,
            suspect.loss);
    }
    const std::string more = review.suspects.size() > kShown
                                 ? fmt::format("the worst {} of {}", kShown, review.suspects.size())
                                 : std::to_string(review.suspects.size());
    return fmt::format(
        "\n<section class=\"card\"><div class=\"head\"><h2>Labels that look wrong</h2>"
        "<div class=\"legend\">{}</div></div><div class=\"samples\">{}</div></section>",
        more, cells);
}

}  // namespace

void write_diagnosis_html(const std::filesystem::path& path, const Diagnosis& diagnosis) {
    std::string page = still_page_begin(diagnosis.title, kStyle, diagnosis.summary);
    for (const auto part : {findings, plots, labels, layers, parameters, gradients})
        page += part(diagnosis);
    write_file(path, page + kStillPageEnd);
}

}  // namespace ingot::io
