// SPDX-License-Identifier: MIT
// A diagnosis as lines of at most 80 characters.
#include <ingot/diagnosis.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace ingot::doctor {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kRows = 24;
constexpr std::size_t kIndent = 22;  // of evidence and remedies

std::size_t columns(std::string_view text) {
    // Continuation bytes of UTF-8 take no column.
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

// Words of `text` on lines that begin at column `indent`; `head` stands in front of the first.
std::string wrapped(const std::string& head, std::string_view text, std::size_t indent) {
    std::string result = head;
    std::size_t at = columns(head);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        if (at > indent && at + 1 + columns(word) > kWidth) {
            result += '\n' + std::string(indent, ' ');
            at = indent;
        } else if (at > indent) {
            result += ' ';
            ++at;
        }
        result += word;
        at += columns(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result + '\n';
}

using Row = std::vector<std::string>;

// The first column to the left, all others to the right; too wide a first column is cut in front.
std::string table(const std::vector<Row>& rows, std::size_t total) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c)
            widths[c] = std::max(widths[c], columns(row[c]));
    }
    std::size_t others = 2;
    for (std::size_t c = 1; c < widths.size(); ++c)
        others += widths[c] + 2;
    widths[0] = std::min(widths[0], kWidth - others);
    std::string text;
    for (const Row& row : rows) {
        std::string first = row[0];
        if (columns(first) > widths[0]) first = ".." + first.substr(first.size() - widths[0] + 2);
        std::string line = "  " + first + std::string(widths[0] - columns(first), ' ');
        for (std::size_t c = 1; c < row.size(); ++c)
            line += "  " + std::string(widths[c] - columns(row[c]), ' ') + row[c];
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    if (total + 1 > rows.size()) text += fmt::format("  and {} more\n", total + 1 - rows.size());
    return text;
}

std::string number(double value) {
    return std::isnan(value) ? "" : fmt::format("{:.2g}", value);
}

std::string percent(double value) {
    return std::isnan(value) ? "" : fmt::format("{:.0f} %", 100 * value);
}

template <typename Items, typename MakeRow>
std::string table_of(const char* title, Row head, const Items& items, MakeRow make_row) {
    if (items.empty()) return {};
    std::vector<Row> rows{std::move(head)};
    for (const auto& item : items) {
        if (rows.size() > kRows) break;
        rows.push_back(make_row(item));
    }
    return fmt::format("\n{}\n", title) + table(rows, items.size());
}

}  // namespace

std::string to_text(const Diagnosis& diagnosis) {
    std::string text = wrapped("", diagnosis.title, 0);
    if (!diagnosis.summary.empty()) text += wrapped("", diagnosis.summary, 0);
    text += '\n';
    std::vector<Finding> findings = diagnosis.findings;
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.verdict > b.verdict; });
    for (const Finding& finding : findings) {
        const std::string head =
            fmt::format("{:<6}{:<{}}", to_string(finding.verdict), finding.check, kIndent - 6);
        const std::string disease = finding.disease.empty() ? "" : finding.disease + ": ";
        text += wrapped(head, disease + finding.evidence, kIndent);
        if (!finding.remedy.empty())
            text += wrapped(std::string(kIndent - 3, ' ') + "-> ", finding.remedy, kIndent);
    }
    text += table_of("layers, from the input to the loss",
                     {"", "output", "differs", "gradient", "dead", "saturated"}, diagnosis.layers,
                     [](const LayerNorms& layer) -> Row {
                         return {layer.name.empty() ? layer.type : layer.name + " " + layer.type,
                                 number(layer.output),
                                 number(layer.variation),
                                 number(layer.gradient),
                                 percent(layer.dead),
                                 percent(layer.saturated)};
                     });
    text += table_of("parameters", {"", "size", "gradient", "step / size"}, diagnosis.parameters,
                     [](const ParameterNorms& p) -> Row {
                         return {p.name, number(p.weight), number(p.gradient), number(p.update)};
                     });
    text += table_of("gradients along one direction", {"", "analytic", "differences", "+-"},
                     diagnosis.gradients, [](const GradientProbe& probe) -> Row {
                         return {probe.parameter + (probe.is_wrong() ? "  WRONG" : ""),
                                 fmt::format("{:.4g}", probe.analytic),
                                 fmt::format("{:.4g}", probe.numeric), number(probe.error)};
                     });
    text +=
        table_of("parts of the training data", {"samples", "training loss", "validation loss"},
                 diagnosis.learning_curve, [](const LearningPoint& point) -> Row {
                     return {std::to_string(point.samples), fmt::format("{:.4g}", point.train_loss),
                             fmt::format("{:.4g}", point.validation_loss)};
                 });
    const LabelReview& labels = diagnosis.labels;
    const auto class_name = [&](std::int64_t c) {
        const auto index = static_cast<std::size_t>(c);
        return index < labels.class_names.size() ? labels.class_names[index] : std::to_string(c);
    };
    text +=
        table_of("labels that look wrong", {"sample", "label", "looks like", "for sure"},
                 labels.suspects, [&](const SuspectLabel& suspect) -> Row {
                     return {suspect.name.empty() ? std::to_string(suspect.sample) : suspect.name,
                             class_name(suspect.label), class_name(suspect.prediction),
                             percent(suspect.probability)};
                 });
    return text;
}

}  // namespace ingot::doctor
