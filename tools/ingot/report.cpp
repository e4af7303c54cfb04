// SPDX-License-Identifier: MIT
// `ingot report`: the page of a run anew, or several runs side by side.
#include "commands.h"

#include <ingot/run_folder.h>

#include <fmt/format.h>

namespace ingot::cli {

namespace fs = std::filesystem;

int report(const ReportSettings& settings) {
    const std::vector<fs::path> runs(settings.runs.begin(), settings.runs.end());
    fs::path out = settings.out;
    if (out.empty()) out = runs.size() == 1 ? runs[0] / "report.html" : fs::path("comparison.html");
    train::write_comparison(out, runs);
    fmt::print("report: {}\n", out.string());
    return 0;
}

}  // namespace ingot::cli
