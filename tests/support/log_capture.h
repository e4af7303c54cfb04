// SPDX-License-Identifier: MIT
// The library's log while tests run. By default a warning or an error is printed and fails the run;
// a test that provokes one holds a LogCapture and looks at what was said.
#pragma once

#include <ingot/log.h>

#include <string>
#include <string_view>
#include <vector>

namespace ingot::testing {

void watch_log();           // installs the default
int unexpected_warnings();  // seen by the default so far

class LogCapture {
public:
    struct Line {
        LogLevel level;
        std::string message;
    };

    LogCapture();
    ~LogCapture();  // the default is back
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    const std::vector<Line>& lines() const { return lines_; }
    bool contains(std::string_view part) const;

private:
    std::vector<Line> lines_;
};

}  // namespace ingot::testing
