// SPDX-License-Identifier: MIT
// Plots and tables of anything as one HTML file without outside references, light or dark as the
// reader likes it. All text is escaped.
#pragma once

#include <ingot/export.h>

#include <filesystem>
#include <string>
#include <vector>

namespace ingot::io {

struct PlotSeries {
    std::string name{};                // for the legend; none when empty
    std::vector<double> x{}, y{};      // as many of each; one that is not finite leaves a gap
    std::vector<std::string> notes{};  // of the points, shown when they are pointed at; or none
    bool line = true;                  // joins them
    bool marks = false;                // a dot on each
};

struct PlotMark {
    double x = 0;
    std::string name{};
};

struct Plot {
    std::string title{};
    std::string x_label{}, y_label{};
    bool log_x = false;                  // x above 0; what is not is left out
    std::vector<std::string> x_names{};  // x are places among these: 0, 1, ...
    std::vector<PlotSeries> series{};
    std::vector<PlotMark> marks{};  // upright lines
};

// A line for each row across one upright axis for each column.
struct ParallelPlot {
    struct Axis {
        std::string name{};
        bool log = false;
        std::vector<std::string> names{};  // as Plot::x_names
    };
    struct Row {
        std::vector<double> values{};  // one an axis
        double rank = 0;               // 0 stands out, 1 is pale
        std::string note{};
    };
    std::string title{};
    std::vector<Axis> axes{};
    std::vector<Row> rows{};
};

struct PlotTable {
    std::string title{};
    std::vector<std::string> head{};
    std::vector<std::vector<std::string>> rows{};
};

struct PlotPage {
    std::string title{};
    std::string summary{};  // one line below the title
    std::vector<Plot> plots{};
    std::vector<ParallelPlot> parallel{};
    std::vector<PlotTable> tables{};
};

// A drawing that can stand alone as a file. Throws kInvalidArgument where x, y and notes, or values
// and axes, are not equally many. Empty where there is nothing finite to draw.
INGOT_API std::string to_svg(const Plot& plot);
INGOT_API std::string to_svg(const ParallelPlot& plot);
INGOT_API void write_plots_html(const std::filesystem::path& path, const PlotPage& page);

}  // namespace ingot::io
