// SPDX-License-Identifier: MIT
// An exploration as a page for a browser: no scripts, nothing to fetch.
#include "core/check.h"
#include "data/explore.h"
#include "data/explore_style.h"
#include "data/resize.h"
#include "io/html.h"

#include <ingot/io.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ingot::data {
namespace {

using augment::Picture;
using io::html_card;
using io::html_escaped;

constexpr std::int64_t kMaxSide = 192;     // pixels of a picture on the page
constexpr std::size_t kMaxFeatures = 200;  // rows of a table on the page
constexpr std::int64_t kMaxRows = 5;       // samples of a table on the page
constexpr std::size_t kMaxTokens = 64;

std::string scrolled(const std::string& rows) {
    return "<div class=\"scroll\"><table>" + rows + "</table></div>";
}

std::string cell(const std::string& text, const char* kind = "td") {
    return fmt::format("<{0}>{1}</{0}>", kind, html_escaped(text));
}

std::string head(std::initializer_list<const char*> names) {
    std::string row = "<tr>";
    for (const char* name : names)
        row += cell(name, "th");
    return row + "</tr>";
}

std::string figures(const Exploration& found) {
    const PartSummary& first = found.parts[0];
    std::int64_t samples = 0, problems = 0, warnings = 0;
    for (const PartSummary& part : found.parts)
        samples += part.samples;
    for (const Finding& finding : found.findings) {
        problems += finding.gravity == Gravity::kProblem;
        warnings += finding.gravity == Gravity::kWarning;
    }
    std::string content;
    const auto add = [&](const std::string& value, const char* name, const char* style = "") {
        content += fmt::format("<div class=\"figure\"><b class=\"{}\">{}</b><span>{}</span></div>",
                               style, html_escaped(value), name);
    };
    add(with_commas(samples), "samples");
    if (first.has_labels) add(with_commas(std::ssize(first.classes)), "classes");
    add(to_string(first.sample_shape), "shape of a sample");
    add(to_string(first.stored), "stored as");
    add(with_commas(problems), "problems", problems > 0 ? "problem" : "good");
    add(with_commas(warnings), "warnings", warnings > 0 ? "warning" : "good");
    return "<div class=\"figures\">" + content + "</div>";
}

std::string findings(const Exploration& found) {
    if (found.findings.empty()) return "<p class=\"good\">Nothing to complain about.</p>";
    std::string items;
    for (const Finding& finding : found.findings) {
        const char* gravity = to_string(finding.gravity);
        items += fmt::format("<li><b class=\"{0}\">{0}</b><div><b>{1}, {2}:</b> {3}.", gravity,
                             finding.kind, html_escaped(finding.part), html_escaped(finding.what));
        if (!finding.remedy.empty())
            items += fmt::format(" <span class=\"soft\">{}</span>",
                                 html_escaped(sentence(finding.remedy)));
        if (names_samples(finding)) {
            items += fmt::format(
                "<div class=\"soft names\">{}{}</div>",
                html_escaped(fmt::format("{}", fmt::join(finding.samples.names, ", "))),
                finding.samples.count > std::ssize(finding.samples.names) ? " ..." : "");
        }
        items += "</div></li>";
    }
    return "<ul class=\"findings\">" + items + "</ul>";
}

std::string parts(const Exploration& found) {
    std::string rows = head({"part", "samples", "shape", "stored as", "targets", "duplicates",
                             "minimum", "maximum", "mean", "deviation"});
    for (const PartSummary& part : found.parts) {
        rows += "<tr>" + cell(part.name) + cell(with_commas(part.samples)) +
                cell(to_string(part.sample_shape)) + cell(to_string(part.stored)) +
                cell(part.has_labels ? with_commas(std::ssize(part.classes)) + " classes"
                                     : "numbers " + to_string(part.target_shape)) +
                cell(with_commas(part.duplicates.count)) +
                cell(part.is_table ? "-" : short_number(part.values.minimum)) +
                cell(part.is_table ? "-" : short_number(part.values.maximum)) +
                cell(part.is_table ? "-" : short_number(part.values.mean)) +
                cell(part.is_table ? "-" : short_number(part.values.deviation)) + "</tr>";
    }
    return scrolled(rows);
}

std::string value_row(const ValueStatistics& row) {
    std::string categories;
    for (const CategoryCount& one : row.categories)
        categories += fmt::format("{}{} {}", categories.empty() ? "" : ", ", one.name,
                                  with_commas(one.count));
    const bool number = categories.empty();
    return "<tr>" + cell(row.name) + cell(with_commas(row.count)) + cell(with_commas(row.missing)) +
           cell(with_commas(row.infinite)) + cell(number ? short_number(row.minimum) : "") +
           cell(number ? short_number(row.maximum) : "") +
           cell(number ? short_number(row.mean) : "") +
           cell(number ? short_number(row.deviation) : "") + "<td class=\"words\">" +
           html_escaped(categories) + "</td></tr>";
}

std::string values(const PartSummary& part) {
    std::string rows = head({part.is_table ? "feature" : "channel", "values", "missing", "infinite",
                             "minimum", "maximum", "mean", "deviation", ""});
    const std::size_t shown = std::min(part.channels.size(), kMaxFeatures);
    for (std::size_t i = 0; i < shown; ++i)
        rows += value_row(part.channels[i]);
    for (const ValueStatistics& target : part.targets)
        rows += value_row(target);
    std::string text = scrolled(rows);
    if (part.channels.size() > shown)
        text += fmt::format("<p class=\"soft\">and {} more</p>", part.channels.size() - shown);
    return text;
}

std::string classes(const Exploration& found) {
    const PartSummary& first = found.parts[0];
    if (first.classes.empty()) return {};
    std::string rows = "<tr><th>class</th>";
    for (const PartSummary& part : found.parts)
        rows += cell(part.name, "th");
    rows += "<th class=\"share\"></th></tr>";
    std::int64_t most = 1, total = 0;
    for (const CategoryCount& one : first.classes)
        most = std::max(most, one.count), total += one.count;
    for (std::size_t c = 0; c < std::min(first.classes.size(), kMaxFeatures); ++c) {
        const CategoryCount& one = first.classes[c];
        rows += "<tr>" + cell(one.name);
        for (const PartSummary& part : found.parts)
            rows += cell(c < part.classes.size() ? with_commas(part.classes[c].count) : "-");
        rows += fmt::format(
            "<td class=\"share\"><i class=\"bar\" style=\"width:{:.1f}%\" title=\"{:.2f}%\"></i>"
            "</td></tr>",
            100 * static_cast<double>(one.count) / static_cast<double>(most),
            100 * static_cast<double>(one.count) /
                static_cast<double>(std::max<std::int64_t>(total, 1)));
    }
    return scrolled(rows);
}

std::string sizes(const Exploration& found) {
    std::string rows;
    for (const PartSummary& part : found.parts) {
        for (const PictureSize& size : part.pictures.sizes)
            rows += "<tr>" + cell(part.name) +
                    cell(fmt::format("{} x {}", size.width, size.height)) +
                    cell(with_commas(size.count)) + "</tr>";
    }
    return rows.empty() ? rows : scrolled(head({"part", "width x height", "files"}) + rows);
}

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void add(const Picture& picture) {
        for (const float value : picture.values) {
            if (!std::isfinite(value)) continue;
            low = std::min(low, static_cast<double>(value));
            high = std::max(high, static_cast<double>(value));
        }
    }
};

// `range` from black to white.
std::string image_of(const Picture& picture, const Range& range, const std::string& title) {
    const bool colour = picture.channels == 3;
    Image image{picture.width, picture.height, colour ? 3 : 1, {}};
    const double scale = range.high > range.low ? 255 / (range.high - range.low) : 0;
    for (std::int64_t y = 0; y < picture.height; ++y) {
        for (std::int64_t x = 0; x < picture.width; ++x) {
            for (std::int64_t channel = 0; channel < image.channels; ++channel) {
                const double value = picture.values[picture.index(channel, y, x)];
                const double level = std::isfinite(value) ? (value - range.low) * scale : 0;
                image.pixels.push_back(
                    static_cast<std::uint8_t>(std::lround(std::clamp(level, 0., 255.))));
            }
        }
    }
    if (const auto side = std::max(image.width, image.height); side > kMaxSide) {
        image = resized(image, std::max<std::int64_t>(1, image.width * kMaxSide / side),
                        std::max<std::int64_t>(1, image.height * kMaxSide / side));
    }
    return fmt::format("<img alt=\"{0}\" title=\"{0}\" src=\"data:image/png;base64,{1}\">",
                       html_escaped(title), io::base64(io::encode_png(image)));
}

std::string numbers_of(const Picture& picture) {
    double sum = 0;
    Range range;
    range.add(picture);
    for (const float value : picture.values)
        sum += value;
    return fmt::format("{}, {} to {}, mean {}", to_string(picture.shape()), short_number(range.low),
                       short_number(range.high),
                       short_number(sum / static_cast<double>(picture.values.size())));
}

constexpr std::array<Picture Preview::*, 3> kStages = {&Preview::stored, &Preview::augmented,
                                                       &Preview::received};

std::string pictures(const Dataset& samples, const Preparation& learnt,
                     const PreviewOptions& options) {
    PreviewOptions prepared = options;
    prepared.preparation = learnt;
    const std::vector<Preview> previews = preview(samples, prepared);
    // What is stored and augmented lies in 0..1; nothing does for certain when it is received.
    std::array<Range, 3> ranges{Range{0, 1}, Range{0, 1}, Range{}};
    for (const Preview& one : previews) {
        ranges[2].add(one.received);
        ranges[0].add(one.stored);
        ranges[1].add(one.augmented);
    }
    std::string means;
    for (std::size_t i = 0; i < learnt.inputs.mean.size(); ++i)
        means += fmt::format("{}({:.4g}, {:.4g})", i == 0 ? "" : ", ", learnt.inputs.mean[i],
                             learnt.inputs.deviation[i]);
    std::string text = fmt::format(
        "<p>Augmentation: {}. {} Received values from {} to {} are drawn from black to white.</p>",
        options.augment ? html_escaped(to_string(options.augment)) : "none",
        means.empty() ? "Not normalised."
                      : "Normalised by (mean, deviation) of each channel: " + means + ".",
        short_number(ranges[2].low), short_number(ranges[2].high));
    constexpr std::array kNames = {"stored", "augmented", "received"};
    const bool by_class = samples.has_labels() && samples.target_shape().count() == 1;
    constexpr std::size_t kPerStrip = 8;
    for (std::size_t begin = 0, end = 0; begin < previews.size(); begin = end) {
        while (end < previews.size() &&
               (by_class ? previews[end].label == previews[begin].label : end - begin < kPerStrip))
            ++end;
        if (by_class)
            text += "<h3>" + html_escaped(samples.class_name(previews[begin].label)) + "</h3>";
        text += "<div class=\"stages\">";
        for (std::size_t stage = 0; stage < kStages.size(); ++stage) {
            if (stage == 1 && !options.augment) continue;
            const Picture& first = previews[begin].*kStages[stage];
            text += fmt::format(
                "<span class=\"soft\">{}</span><div class=\"strip\" "
                "style=\"--count:{};--ratio:{}/{}\">",
                kNames[stage], std::max<std::size_t>(end - begin, kPerStrip), first.width,
                first.height);
            for (std::size_t i = begin; i < end; ++i) {
                const Picture& picture = previews[i].*kStages[stage];
                text += image_of(
                    picture, ranges[stage],
                    fmt::format("{}: {}", samples.name(previews[i].sample), numbers_of(picture)));
            }
            text += "</div>";
        }
        text += "</div>";
    }
    if (by_class && samples.class_count() > options.classes)
        text += fmt::format("<p class=\"soft\">and {} more classes</p>",
                            samples.class_count() - options.classes);
    return text;
}

std::vector<std::int64_t> some_samples(const Dataset& samples) {
    std::vector<std::int64_t> chosen;
    const std::int64_t count = std::min(kMaxRows, samples.size());
    for (std::int64_t i = 0; i < count; ++i)
        chosen.push_back(i * samples.size() / count);
    return chosen;
}

// Samples of rank 1: a column for each, a row for each feature.
std::string rows_of(const Dataset& samples, std::span<const std::int64_t> shown) {
    std::string header = "<tr><th></th>";
    std::vector<std::vector<float>> columns;
    for (const std::int64_t sample : shown) {
        header += cell("sample " + samples.name(sample), "th");
        auto& values =
            columns.emplace_back(static_cast<std::size_t>(samples.sample_shape().count()));
        const auto position = static_cast<std::uint32_t>(sample);
        samples.read_inputs({&position, 1}, values);
    }
    std::string rows = header + "</tr>";
    for (std::size_t f = 0; f < std::min(columns[0].size(), kMaxFeatures); ++f) {
        const auto& features = samples.features();
        rows += "<tr>" + cell(features.empty() ? std::to_string(f) : features[f].name);
        for (const auto& column : columns) {
            const auto index = static_cast<std::size_t>(column[f] >= 0 ? column[f] : 0.0F);
            const bool is_category = !features.empty() && std::isfinite(column[f]) &&
                                     index < features[f].categories.size();
            rows += cell(is_category ? features[f].categories[index] : short_number(column[f]));
        }
        rows += "</tr>";
    }
    return scrolled(rows);
}

std::string tokens_of(const Dataset& samples) {
    std::string rows;
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(samples.sample_shape().count()));
    for (const std::int64_t sample : some_samples(samples)) {
        const auto position = static_cast<std::uint32_t>(sample);
        samples.read_tokens({&position, 1}, tokens);
        const std::size_t shown = std::min(tokens.size(), kMaxTokens);
        rows += "<tr>" + cell("sample " + samples.name(sample)) + "<td class=\"words\">" +
                fmt::format(
                    "{}", fmt::join(tokens.begin(), tokens.begin() + std::ptrdiff_t(shown), " ")) +
                (shown < tokens.size() ? " ..." : "") + "</td></tr>";
    }
    return scrolled(rows);
}

std::string samples_before_and_after(const Dataset& samples, const PreviewOptions& options) {
    if (samples.input_dtype() == i32)
        return html_card("Tokens, as the network receives them", tokens_of(samples));
    const Dataset plain = samples.normalized({});
    try {
        const Preparation learnt =
            options.preparation
                ? *options.preparation
                : Preparation::learn(plain, {.missing = Missing::kMedian, .ignore_unknown = true});
        if (plain.sample_shape().rank() == 3)
            return html_card("Pictures: stored, augmented, and as the network receives them",
                             pictures(plain, learnt, options));
        const Dataset prepared = learnt.apply(plain);
        if (plain.sample_shape().rank() > 1) return {};
        const std::vector<std::int64_t> shown = some_samples(prepared);
        std::vector<std::int64_t> before;  // a row that was dropped moves those behind it
        if (prepared.size() == plain.size()) before = shown;
        return (before.empty() ? "" : html_card("Rows, as stored", rows_of(plain, before))) +
               html_card("Rows, as the network receives them", rows_of(prepared, shown));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kData) throw;
        return html_card(
            "As the network receives them",
            "<p class=\"problem\">Cannot be prepared: " + html_escaped(error.what()) + "</p>");
    }
}

}  // namespace

void write_exploration_html(const std::filesystem::path& path, const Exploration& exploration,
                            std::span<const NamedSet> sets, const PreviewOptions& options) {
    if (sets.empty() || sets.size() != exploration.parts.size()) {
        fail(ErrorKind::kInvalidArgument, "explore: {} sets for an exploration of {}", sets.size(),
             exploration.parts.size());
    }
    std::vector<std::string> names;
    for (const NamedSet& set : sets)
        names.push_back(set.name);
    std::string page =
        io::still_page_begin(fmt::format("Data: {}", fmt::join(names, ", ")), kExploreStyle);
    page += figures(exploration);
    page += html_card("Findings", findings(exploration));
    page += samples_before_and_after(sets[0].samples, options);
    page += html_card("Parts", parts(exploration));
    page += html_card("Sizes of the files", sizes(exploration));
    page += html_card("Classes", classes(exploration));
    for (const PartSummary& part : exploration.parts)
        page += html_card("Values of " + part.name, values(part));
    io::write_file(path, page + io::kStillPageEnd);
}

}  // namespace ingot::data
