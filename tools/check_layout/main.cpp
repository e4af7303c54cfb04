// SPDX-License-Identifier: MIT
// Checks that the tree is still the diagram: who may include whom, how long a file may grow, that
// every file names its licence, and that the list of operator families is the folder's content.
//   usage: check_layout [SOURCE_FOLDER]        prints what is wrong, one line each; fails if
//   anything is
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

// A room is a folder; its row lists what its files may include besides themselves: rooms, `public`
// for the public headers <ingot/...>, `external` for packages other than the standard library. The
// longest matching folder decides. `*` is everything.
struct Room {
    std::string_view folder;
    std::vector<std::string_view> may_include;
};

const std::vector<Room> kRooms = {
    {"lib/include/ingot", {"public"}},  // what a user compiles against needs nothing else installed
    {"lib/core", {"public", "external"}},
    {"lib/kernels", {"public", "external", "lib/core"}},
    {"lib/graph", {"public", "external", "lib/core", "lib/kernels", "shaders"}},
    {"lib/ops", {"public", "external", "lib/core", "lib/kernels", "lib/graph", "shaders"}},
    {"lib/vk", {"public", "external", "vulkan", "lib/core"}},
    {"lib/exec",
     {"public", "external", "lib/core", "lib/kernels", "lib/graph", "lib/vk", "shaders"}},
    // Written against the public headers: the proof that those suffice. `kCoreHelpers` are
    // tolerated.
    {"lib/optim", {"public", "external"}},
    {"lib/nn", {"public", "external"}},
    {"lib/train", {"public", "external"}},
    {"lib/data", {"public", "external", "lib/core", "lib/io"}},
    {"lib/io", {"public", "external", "lib/core"}},
    {"lib/api", {"*"}},
    {"shaders", {}},
    {"samples", {"public", "samples/networks"}},
    {"samples/networks", {"public"}},
    {"tools", {"public", "external", "samples/networks"}},
    {"tools/bench", {"*"}},
    {"tools/compile_kernels", {"*"}},
    {"tools/shaderpack", {"*"}},
    {"tests", {"*"}},
    {"tests/consumer", {"public"}},
};

// Saying no, logging and random numbers need no public header of their own.
const std::set<std::string_view> kCoreHelpers = {"lib/core/check.h", "lib/core/log.h",
                                                 "lib/core/random.h"};
const std::set<std::string_view> kMayUseCoreHelpers = {"lib/optim", "lib/nn", "lib/train", "tools"};

// The headers of Vulkan and its loader stay behind one door, tests of that room included.
const std::set<std::string_view> kVulkanHeaders = {"vulkan", "vk_video", "volk.h", "volk.c"};
const std::set<std::string_view> kVulkanFolders = {"lib/vk", "tests/vk"};

constexpr int kTalkAboutLines = 400;
constexpr int kSplitLines = 600;
const std::set<std::string> kSizedExtensions = {".cpp", ".h", ".comp", ".glsl"};
const std::set<std::string> kLicensedExtensions = {".cpp", ".h", ".comp", ".glsl", ".inc", ".py"};
const std::vector<std::string_view> kFolders = {"lib", "shaders", "tools", "samples", "tests"};

int errors = 0;

void complain(const std::string& file, std::size_t line, const std::string& what) {
    std::printf("%s:%zu: %s\n", file.c_str(), line, what.c_str());
    ++errors;
}

bool is_under(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const Room* room_of(std::string_view path) {
    const Room* best = nullptr;
    for (const Room& room : kRooms) {
        if (is_under(path, room.folder) && (!best || room.folder.size() > best->folder.size())) {
            best = &room;
        }
    }
    return best;
}

// The file of this tree that an include means, or an empty string when it comes from outside of it.
std::string resolve(const fs::path& root, const std::string& includer, const std::string& name) {
    const fs::path beside = fs::path(includer).parent_path() / name;
    // As the compilers search: shaders from their own folder, C++ from lib, the root and tests.
    const std::vector<std::string> folders =
        is_under(includer, "shaders")
            ? std::vector<std::string>{"shaders"}
            : std::vector<std::string>{"lib", "lib/include", ".", "tests"};
    std::vector<fs::path> candidates = {beside};
    for (const std::string& folder : folders)
        candidates.push_back(fs::path(folder) / name);
    for (const fs::path& candidate : candidates) {
        const std::string path = candidate.lexically_normal().generic_string();
        if (fs::is_regular_file(root / path) && room_of(path)) return path;
    }
    return {};
}

// Empty when the include is allowed, else why it is not.
std::string objection(const fs::path& root, const std::string& file, const std::string& name) {
    const Room& room = *room_of(file);
    const auto allows = [&](std::string_view what) {
        return std::find(room.may_include.begin(), room.may_include.end(), what) !=
               room.may_include.end();
    };
    if (kVulkanHeaders.contains(name.substr(0, name.find('/')))) {
        for (const std::string_view folder : kVulkanFolders) {
            if (is_under(file, folder)) return {};
        }
        return "Vulkan's headers are included in lib/vk only";
    }
    if (allows("*") || name.ends_with(".comp.h")) return {};  // the latter by ingot_add_shaders
    const std::string target = resolve(root, file, name);
    if (target.empty()) {
        const bool standard = name.find_first_of("./") == std::string::npos || name == "stdlib.h";
        if (standard || allows("external") || name.starts_with("ingot/")) return {};
        return std::string(room.folder) + " includes only the standard library from outside";
    }
    const Room& target_room = *room_of(target);
    if (target_room.folder == room.folder || allows(target_room.folder)) return {};
    if (target_room.folder == "lib/include/ingot" && allows("public")) return {};
    if (kCoreHelpers.contains(target) && kMayUseCoreHelpers.contains(room.folder)) return {};
    return std::string(room.folder) + " may not include " + std::string(target_room.folder);
}

// What stands between the first `open` and the next `close`, or an empty string.
std::string between(std::string_view line, std::string_view open, std::string_view close) {
    const auto begin = line.find_first_of(open);
    if (begin == std::string_view::npos) return {};
    const auto end = line.find_first_of(close, begin + 1);
    if (end == std::string_view::npos) return {};
    return std::string(line.substr(begin + 1, end - begin - 1));
}

bool starts_with_directive(std::string_view line, std::string_view directive) {
    for (const std::string_view part : {std::string_view("#"), directive}) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.starts_with(part)) return false;
        line.remove_prefix(part.size());
    }
    return true;
}

std::string included_by(std::string_view line) {
    return starts_with_directive(line, "include") ? between(line, "<\"", ">\"") : std::string();
}

void check_file(const fs::path& root, const std::string& file) {
    const std::string extension = fs::path(file).extension().string();
    std::ifstream in(root / file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);

    const bool script = extension.empty() && !lines.empty() && lines[0].starts_with("#!");
    if (script || kLicensedExtensions.contains(extension)) {
        const auto head = lines.begin() + static_cast<long>(std::min<std::size_t>(lines.size(), 5));
        const bool licensed = std::any_of(lines.begin(), head, [](const std::string& line) {
            return line.find("SPDX-License-Identifier:") != std::string::npos;
        });
        if (!licensed) complain(file, 1, "no SPDX-License-Identifier line among the first five");
    }
    if (!kSizedExtensions.contains(extension)) return;

    const int count = static_cast<int>(lines.size());
    if (count > kSplitLines) {
        complain(file, lines.size(),
                 "more than " + std::to_string(kSplitLines) + " lines: split it");
    } else if (count > kTalkAboutLines) {
        std::printf("note: %s has %d lines (%d are the limit)\n", file.c_str(), count, kSplitLines);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string name = included_by(lines[i]);
        if (name.empty()) continue;
        const std::string reason = objection(root, file, name);
        if (!reason.empty()) complain(file, i + 1, "includes " + name + ": " + reason);
    }
}

// lib/ops/families.inc names each family once, as NAME(family); lib/ops/family.cpp holds it. A file
// that defines operators says OpDef, so a family that is not listed is found by that word; a part
// of family.cpp is called family_part.cpp.
void check_families(const fs::path& root) {
    const std::string list = "lib/ops/families.inc";
    if (!fs::exists(root / list)) return;
    std::map<std::string, std::size_t> listed;
    std::ifstream in(root / list);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const std::string family = line.starts_with("//") ? "" : between(line, "(", ")");
        if (!family.empty() && !listed.emplace(family, number).second) {
            complain(list, number, family + " is listed twice");
        }
    }
    for (const auto& [family, line] : listed) {
        if (!fs::exists(root / "lib/ops" / (family + ".cpp"))) {
            complain(list, line, "there is no lib/ops/" + family + ".cpp");
        }
    }
    for (const auto& entry_of_folder : fs::directory_iterator(root / "lib/ops")) {
        const fs::path& path = entry_of_folder.path();
        const std::string stem = path.stem().string();
        const bool belongs = std::any_of(listed.begin(), listed.end(), [&](const auto& family) {
            return stem == family.first || stem.starts_with(family.first + "_");
        });
        if (path.extension() != ".cpp" || belongs) continue;
        std::ifstream source(path);
        const std::string text{std::istreambuf_iterator<char>(source), {}};
        if (text.find("OpDef") != std::string::npos) {
            complain(list, 1, "lib/ops/" + path.filename().string() + " is not listed");
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const fs::path root = argc > 1 ? argv[1] : ".";
    std::vector<std::string> files;
    for (const std::string_view folder : kFolders) {
        if (!fs::is_directory(root / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            if (entry.is_regular_file()) {
                files.push_back(fs::relative(entry.path(), root).generic_string());
            }
        }
    }
    if (files.empty()) {
        std::fprintf(stderr, "check_layout: no source tree at %s\n", root.string().c_str());
        return 2;
    }
    std::sort(files.begin(), files.end());
    for (const std::string& file : files)
        check_file(root, file);
    check_families(root);
    std::printf("layout: %zu files, %d objections\n", files.size(), errors);
    return errors == 0 ? 0 : 1;
}
