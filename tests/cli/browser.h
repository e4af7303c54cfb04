// SPDX-License-Identifier: MIT
// Pages in Chromium. What needs it stands in the suite "browser".
#pragma once

#include "support/shared_data.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

namespace ingot::testing {

inline bool has_browser() {
    if (std::string(INGOT_CHROMIUM) != "") return true;
    skip_case("there is no Chromium; tools/setup --check installs it");
    return false;
}

struct Shown {
    std::string dom;
    std::string console;

    // All values of an attribute, in the order of the page.
    std::vector<std::string> all(const std::string& attribute) const {
        std::vector<std::string> values;
        const std::regex pattern(" data-" + attribute + "=\"([^\"]*)\"");
        for (std::sregex_iterator i(dom.begin(), dom.end(), pattern), end; i != end; ++i)
            values.push_back((*i)[1]);
        return values;
    }
};

enum class Scheme { kDark, kLight };

// What the page said on the console; `arguments` say what else becomes of it.
inline std::string browse(const TemporaryFolder& folder, const std::string& page,
                          const std::string& arguments) {
    const std::string command = "cd '" + folder.path().string() +
                                "' && timeout 120 '" INGOT_CHROMIUM
                                "' --headless --no-sandbox --disable-gpu --no-first-run "
                                "--disable-extensions --hide-scrollbars --user-data-dir='" +
                                (folder / ".browser").string() + "' --enable-logging=stderr " +
                                arguments + " 'file://" + (folder / page).string() +
                                "#ink' > .dom 2> .console";
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string log = contents_of(folder / ".console");
    std::string said;
    for (std::size_t at = log.find("CONSOLE"); at != std::string::npos;
         at = log.find("CONSOLE", at + 1))
        said += log.substr(at, log.find('\n', at) - at) + "\n";
    return said;
}

// Loads the page with #ink and lets two seconds of its own time pass.
inline Shown show(const TemporaryFolder& folder, const std::string& page) {
    const std::string said = browse(folder, page, "--virtual-time-budget=2000 --dump-dom");
    return {contents_of(folder / ".dom"), said};
}

// The upper left part of the page for a reader who likes it dark or light.
inline Image picture_of(const TemporaryFolder& folder, const std::string& page, Scheme scheme) {
    const auto file = folder / ".page.png";
    std::filesystem::remove(file);
    CHECK(browse(folder, page,
                 std::string("--window-size=900,700 --blink-settings=preferredColorScheme=") +
                     (scheme == Scheme::kDark ? "0" : "1") + " --screenshot='" + file.string() +
                     "'") == "");
    return io::read_image(file, 3);
}

}  // namespace ingot::testing
