// SPDX-License-Identifier: MIT
// The page: styles, the runs as JSON, and the scripts that draw them (lib/io/report, and uPlot with
// its licence), in one file that may fetch nothing.
#include "core/check.h"
#include "io/html.h"
#include "io/report_assets.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

namespace ingot::io {
namespace {

// JSON inside a script element: nothing in it may end the element.
std::string embedded(const std::string& json) {
    std::string text;
    text.reserve(json.size());
    for (const char c : json)
        c == '<' ? text += "\\u003c" : text += c;
    return text;
}

// Whether what the scripts rely on is there, and whatever else is there is what to_json() writes.
bool is_run(const nlohmann::json& json) {
    static const auto kEmpty = nlohmann::json::parse(to_json(RunReport{}));
    if (!json.is_object()) return false;
    for (const char* name : {"ingot_run", "title", "status", "updated_s", "epochs"}) {
        if (!json.contains(name)) return false;
    }
    for (const auto& [name, part] : json.items()) {
        const auto same = kEmpty.find(name);
        if (same == kEmpty.end()) continue;
        const bool alike = same->is_number() ? part.is_number() : part.type() == same->type();
        if (!alike) return false;
    }
    return json["ingot_run"] == 1;
}

}  // namespace

void write_report_html(const std::filesystem::path& path, std::span<const std::string> runs,
                       double refresh_s) {
    std::string content = fmt::format("{{\"refresh_s\":{},\"runs\":[", refresh_s);
    for (const std::string& run : runs) {
        if (!is_run(nlohmann::json::parse(run, nullptr, false))) {
            fail(ErrorKind::kInvalidArgument,
                 "report {}: number {} of what it is to show is no run as to_json() writes it",
                 path.string(), &run - runs.data() + 1);
        }
        if (content.back() != '[') content += ',';
        content += run;
    }
    content += "]}";
    std::string page =
        html_begin("Training run", {assets::uplot_css, assets::report_css}, Scripts::kOwn);
    page += "<noscript>This page draws itself with scripts.</noscript>\n";
    page += "<script type=\"application/json\" id=\"runs\">" + embedded(content) + "</script>\n";
    page += "<script>\n/*! ";
    page += assets::uplot_licence;
    page += "*/\n";
    page += assets::uplot_js;
    page += "</script>\n<script>\n";
    page += assets::report_js;
    write_file(path, page + "</script>" + kHtmlEnd);
}

void write_report_html(const std::filesystem::path& path, const RunReport& report,
                       double refresh_s) {
    const std::string run = to_json(report);
    write_report_html(path, std::span(&run, 1), refresh_s);
}

}  // namespace ingot::io
