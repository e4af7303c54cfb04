// SPDX-License-Identifier: MIT
// The command line as a process: what it printed on both outputs and how it ended.
#pragma once

#include "support/temporary_folder.h"
#include "support/text.h"

#include <sys/wait.h>

#include <cstdlib>
#include <string>

namespace ingot::testing {

struct Ended {
    int code = -1;
    std::string out;
    std::string error;
};

// Runs `ingot ARGUMENTS` in the folder; `environment` as NAME=VALUE, separated by spaces. Through
// what INGOT_LAUNCHER names, if it does.
inline Ended run_ingot(const TemporaryFolder& folder, const std::string& arguments,
                       const std::string& environment = {}) {
    const char* const launcher = std::getenv("INGOT_LAUNCHER");
    const std::string command = "cd '" + folder.path().string() + "' && " + environment + " " +
                                (launcher != nullptr ? launcher : "") + " '" + INGOT_CLI + "' " +
                                arguments + " > .out 2> .error < /dev/null";
    const int status = std::system(command.c_str());
    Ended ended;
    ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ended.out = contents_of(folder / ".out");
    ended.error = contents_of(folder / ".error");
    return ended;
}

}  // namespace ingot::testing
