// SPDX-License-Identifier: MIT
// An exploration as a page of text and as JSON.
#include "data/explore.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ingot::data {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 80;
constexpr std::size_t kMaxRows = 12;  // of one table of the page
constexpr std::size_t kMaxFindings = 16;
constexpr std::size_t kMaxExamples = 3;  // of samples; of files that cannot be read:
constexpr std::size_t kMaxUnreadable = 10;

// As wide as `width`, cut if need be; bytes of UTF-8 that continue a character take no room.
std::string fitted(const std::string& text, std::size_t width) {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    std::string result;
    std::size_t used = 0;
    for (const char c : text) {
        if (begins(c) && used++ == width) {
            while (!result.empty() && !begins(result.back()))
                result.pop_back();
            result.back() = '~';
            return result;
        }
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return result + std::string(width - used, ' ');
}

std::string without_end_blanks(std::string line) {
    line.resize(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

// Words on lines of the page, all but the first indented.
std::string wrapped(const std::string& first, const std::string& text, std::size_t indent) {
    std::string result, line = first;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        const std::string word = text.substr(begin, end - begin);
        if (line.size() + word.size() > kColumns && line.size() > indent) {
            result += without_end_blanks(line);
            line = std::string(indent, ' ');
        }
        line += word + ' ';
        begin = end + 1;
    }
    return result + without_end_blanks(line);
}

std::string part_rows(const Exploration& found) {
    std::string text =
        without_end_blanks(fmt::format("{:24} {:>11} {:16} {:6} {:>8} {:>10}", "", "samples",
                                       "shape", "stored", "classes", "duplicates"));
    for (const PartSummary& part : found.parts) {
        text += without_end_blanks(fmt::format(
            "{} {:>11} {} {:6} {:>8} {:>10}", fitted(part.name, 24), with_commas(part.samples),
            fitted(to_string(part.sample_shape), 16), to_string(part.stored),
            part.has_labels ? with_commas(std::ssize(part.classes)) : "-",
            with_commas(part.duplicates.count)));
    }
    return text;
}

std::string value_row(const ValueStatistics& row) {
    const std::string gaps =
        row.missing + row.infinite == 0 ? "" : with_commas(row.missing + row.infinite);
    if (row.categories.empty()) {
        return without_end_blanks(fmt::format("{} {:>11} {:>11} {:>11} {:>11} {:>10}",
                                              fitted(row.name, 20), short_number(row.minimum),
                                              short_number(row.maximum), short_number(row.mean),
                                              short_number(row.deviation), gaps));
    }
    std::vector<CategoryCount> categories = row.categories;
    std::ranges::stable_sort(categories, std::greater(), &CategoryCount::count);
    std::string text = fmt::format("{}:", counted(std::ssize(categories), "value"));
    for (const CategoryCount& one : categories)
        text += fmt::format(" {} {}", one.name, with_commas(one.count));
    return without_end_blanks(
        fmt::format("{} {} {:>10}", fitted(row.name, 20), fitted(text, 47), gaps));
}

std::string value_rows(const PartSummary& part) {
    std::string text = without_end_blanks(fmt::format("{} {:>11} {:>11} {:>11} {:>11} {:>10}",
                                                      fitted("in " + part.name, 20), "minimum",
                                                      "maximum", "mean", "deviation", "gaps"));
    const std::size_t shown = std::min(part.channels.size(), kMaxRows);
    for (std::size_t i = 0; i < shown; ++i)
        text += value_row(part.channels[i]);
    if (part.channels.size() > shown)
        text += fmt::format("and {} more\n", part.channels.size() - shown);
    if (!part.is_table && part.channels.size() > 1) text += value_row(part.values);
    for (std::size_t i = 0; i < std::min(part.targets.size(), kMaxRows); ++i)
        text += value_row(part.targets[i]);
    return text;
}

std::string class_rows(const Exploration& found) {
    const PartSummary& first = found.parts[0];
    if (first.classes.empty()) return {};
    constexpr std::size_t kMaxParts = 3, kBar = 16;
    std::string text = "\n" + fitted("class", 20);
    const std::size_t parts = std::min(found.parts.size(), kMaxParts);
    for (std::size_t p = 0; p < parts; ++p)
        text += fmt::format(" {:>13}",
                            std::string(without_end_blanks(fitted(found.parts[p].name, 13)), 0,
                                        std::min<std::size_t>(13, found.parts[p].name.size())));
    text += '\n';
    std::int64_t most = 1;
    for (const CategoryCount& one : first.classes)
        most = std::max(most, one.count);
    // The largest and the smallest are what matters where not all fit.
    std::vector<std::size_t> order(first.classes.size());
    for (std::size_t c = 0; c < order.size(); ++c)
        order[c] = c;
    if (order.size() > kMaxRows) {
        std::ranges::stable_sort(
            order, [&](auto a, auto b) { return first.classes[a].count > first.classes[b].count; });
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order.size() > kMaxRows && i == kMaxRows / 2) {
            text += fmt::format("... {} more ...\n", order.size() - kMaxRows);
            i = order.size() - kMaxRows / 2;
        }
        const CategoryCount& one = first.classes[order[i]];
        text += fitted(one.name, 20);
        for (std::size_t p = 0; p < parts; ++p) {
            const auto& classes = found.parts[p].classes;
            text += fmt::format(
                " {:>13}", order[i] < classes.size() ? with_commas(classes[order[i]].count) : "-");
        }
        const auto length = static_cast<std::size_t>(
            std::lround(static_cast<double>(kBar) * static_cast<double>(one.count) /
                        static_cast<double>(most)));
        text = without_end_blanks(text + "  " + std::string(length, '#'));
    }
    return text;
}

std::string size_rows(const Exploration& found) {
    std::string text;
    for (const PartSummary& part : found.parts) {
        const PictureSurvey& pictures = part.pictures;
        if (pictures.files == 0) continue;
        std::string sizes;
        const std::size_t shown = std::min<std::size_t>(pictures.sizes.size(), 6);
        for (std::size_t i = 0; i < shown; ++i) {
            const PictureSize& size = pictures.sizes[i];
            sizes += fmt::format("{}{} x {}: {}", i == 0 ? "" : ", ", size.width, size.height,
                                 with_commas(size.count));
        }
        if (pictures.sizes.size() > shown)
            sizes += fmt::format(" and {} more sizes", pictures.sizes.size() - shown);
        text += wrapped("",
                        fmt::format("{}: {}, {} grey, {} in colour; width x height: {}", part.name,
                                    counted(pictures.files, "file"), with_commas(pictures.grey),
                                    with_commas(pictures.colour), sizes),
                        2);
    }
    return text.empty() ? text : "\n" + text;
}

std::string finding_rows(const Exploration& found) {
    if (found.findings.empty()) return "\nNothing to complain about.\n";
    std::string text = "\n";
    const std::size_t shown = std::min(found.findings.size(), kMaxFindings);
    for (std::size_t i = 0; i < shown; ++i) {
        const Finding& finding = found.findings[i];
        std::string what = fmt::format("{}, {}: {}", finding.kind, finding.part, finding.what);
        if (names_samples(finding)) {
            const auto& names = finding.samples.names;
            const std::size_t some = std::min(
                names.size(), finding.kind == "unreadable" ? kMaxUnreadable : kMaxExamples);
            what += fmt::format(
                " ({}{})", fmt::join(names.begin(), names.begin() + std::ptrdiff_t(some), ", "),
                finding.samples.count > std::int64_t(some) ? " ..." : "");
        }
        text += wrapped(fmt::format("{:8} ", to_string(finding.gravity)),
                        what + ". " + sentence(finding.remedy), 9);
    }
    if (found.findings.size() > shown)
        text += fmt::format("and {} more\n", found.findings.size() - shown);
    return text;
}

Json json_of(double number) {
    return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json json_of(const std::vector<CategoryCount>& counts) {
    Json list = Json::array();
    for (const CategoryCount& one : counts)
        list.push_back({{"name", one.name}, {"count", one.count}});
    return list;
}

Json json_of(const ValueStatistics& values) {
    Json json{{"name", values.name},
              {"count", values.count},
              {"missing", values.missing},
              {"infinite", values.infinite},
              {"minimum", json_of(values.minimum)},
              {"maximum", json_of(values.maximum)},
              {"mean", json_of(values.mean)},
              {"deviation", json_of(values.deviation)}};
    if (!values.categories.empty()) json["categories"] = json_of(values.categories);
    return json;
}

Json json_of(const std::vector<ValueStatistics>& rows) {
    Json list = Json::array();
    for (const ValueStatistics& row : rows)
        list.push_back(json_of(row));
    return list;
}

Json json_of(const SampleList& samples) {
    return {{"count", samples.count}, {"names", samples.names}};
}

Json json_of(const Shape& shape) {
    return std::vector<std::int64_t>(shape.begin(), shape.end());
}

Json json_of(const PictureSurvey& survey) {
    Json sizes = Json::array(), unreadable = Json::array();
    for (const PictureSize& size : survey.sizes)
        sizes.push_back({{"width", size.width}, {"height", size.height}, {"count", size.count}});
    for (const UnreadableFile& file : survey.unreadable)
        unreadable.push_back({{"name", file.name}, {"reason", file.reason}});
    return {{"files", survey.files},
            {"grey", survey.grey},
            {"colour", survey.colour},
            {"sizes", sizes},
            {"unreadable", unreadable}};
}

Json json_of(const PartSummary& part) {
    Json json{{"name", part.name},
              {"samples", part.samples},
              {"sample_shape", json_of(part.sample_shape)},
              {"stored", to_string(part.stored)},
              {"target_shape", json_of(part.target_shape)},
              {"has_labels", part.has_labels},
              {"classes", json_of(part.classes)},
              {"class_by_class", part.class_by_class},
              {"values", json_of(part.values)},
              {part.is_table ? "features" : "channels", json_of(part.channels)},
              {"targets", json_of(part.targets)},
              {"constant_places", part.constant_places},
              {"blank", json_of(part.blank)},
              {"blank_black", json_of(part.blank_black)},
              {"non_finite", json_of(part.non_finite)},
              {"duplicates", json_of(part.duplicates)},
              {"contradictions", json_of(part.contradictions)}};
    if (part.pictures.files > 0) json["pictures"] = json_of(part.pictures);
    return json;
}

}  // namespace

std::string with_commas(std::int64_t number) {
    std::string text = std::to_string(number);
    const std::size_t sign = number < 0 ? 1 : 0;
    for (std::size_t place = text.size(); place > sign + 3;) {
        place -= 3;
        text.insert(place, ",");
    }
    return text;
}

std::string sentence(const std::string& text) {
    std::string result = text;
    if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
        result[0] = static_cast<char>(result[0] - 'a' + 'A');
    return result.empty() ? result : result + ".";
}

std::string short_number(double number) {
    if (!std::isfinite(number)) return "-";
    const double size = std::abs(number);
    return size >= 1000 && size < 1e8 ? fmt::format("{:.0f}", number)
                                      : fmt::format("{:.4g}", number);
}

std::string to_text(const Exploration& exploration) {
    const PartSummary& first = exploration.parts.at(0);
    return part_rows(exploration) + "\n" + value_rows(first) + class_rows(exploration) +
           size_rows(exploration) + finding_rows(exploration);
}

std::string to_json(const Exploration& exploration) {
    Json parts = Json::array(), leaks = Json::array(), findings = Json::array();
    for (const PartSummary& part : exploration.parts)
        parts.push_back(json_of(part));
    for (const Leak& leak : exploration.leaks)
        leaks.push_back({{"from", leak.from}, {"to", leak.to}, {"samples", json_of(leak.samples)}});
    for (const Finding& finding : exploration.findings) {
        findings.push_back({{"gravity", to_string(finding.gravity)},
                            {"kind", finding.kind},
                            {"part", finding.part},
                            {"what", finding.what},
                            {"remedy", finding.remedy},
                            {"samples", json_of(finding.samples)}});
    }
    // Names of files may be any bytes.
    return Json{{"parts", parts}, {"leaks", leaks}, {"findings", findings}}.dump(
        2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ingot::data
