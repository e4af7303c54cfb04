// SPDX-License-Identifier: MIT
#include "train/checkpoint_files.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <regex>

namespace ingot::train {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(const fs::path& path, const std::string& suffix) {
    fs::path name = path.stem();
    name += suffix;
    name += path.extension();
    return path.parent_path() / name;
}

[[noreturn]] void fail_to_keep(const fs::path& path, const std::error_code& code) {
    fail(ErrorKind::kFile, "cannot keep {}: {}", path.string(), code.message());
}

// A file that is missing moves nothing.
void move_over(const fs::path& from, const fs::path& to) {
    std::error_code code;
    if (!fs::exists(from)) return;
    fs::rename(from, to, code);
    if (code) fail_to_keep(from, code);
}

// A second name for the file, so that the first one never goes missing; a copy where file systems
// know no second names.
void duplicate(const fs::path& from, const fs::path& to) {
    std::error_code code;
    if (!fs::exists(from)) return;
    const fs::path beside = with_suffix(to, ".moving");
    fs::remove(beside, code);
    fs::create_hard_link(from, beside, code);
    if (code) fs::copy_file(from, beside, fs::copy_options::overwrite_existing, code);
    if (code) fail_to_keep(from, code);
    fs::rename(beside, to, code);
    if (code) fail_to_keep(from, code);
}

template <typename Predicate>
void remove_files(const fs::path& folder, Predicate is_one) {
    std::error_code code;
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(folder.empty() ? fs::path(".") : folder, code)) {
        if (is_one(entry.path().filename().string())) files.push_back(entry.path());
    }
    for (const fs::path& file : files)
        fs::remove(file, code);
}

}  // namespace

fs::path earlier_checkpoint(const fs::path& path, std::int64_t number) {
    return number == 0 ? path : with_suffix(path, fmt::format(".{}", number));
}

fs::path best_checkpoint(const fs::path& path, std::int64_t number) {
    return with_suffix(path, number == 0 ? ".best" : fmt::format(".best.{}", number));
}

void replace_checkpoint(const fs::path& path, std::int64_t keep,
                        const std::function<void()>& write) {
    for (std::int64_t i = keep - 1; i > 1; --i)
        move_over(earlier_checkpoint(path, i - 1), earlier_checkpoint(path, i));
    if (keep > 1) duplicate(path, earlier_checkpoint(path, 1));
    write();
}

fs::path latest_checkpoint(const fs::path& path) {
    if (path.empty() || fs::exists(path)) return path;
    const fs::path before = earlier_checkpoint(path, 1);
    return fs::exists(before) ? before : fs::path();
}

void forget_others(const fs::path& path) {
    std::error_code code;
    for (std::int64_t i = 1; fs::remove(earlier_checkpoint(path, i), code); ++i) {
    }
    for (std::int64_t i = 0; fs::remove(best_checkpoint(path, i), code); ++i) {
    }
}

void remove_temporaries(const fs::path& path) {
    const std::string begin = path.stem().string(), extension = path.extension().string();
    // NAME.EXT.<process>-<number>.tmp, also of those before it and the best.
    remove_files(path.parent_path(), [&](const std::string& name) {
        return name.starts_with(begin + ".") && name.ends_with(".tmp") &&
               name.find(extension + ".") != std::string::npos;
    });
}

void remove_temporaries_in(const fs::path& folder) {
    remove_files(folder, [](const std::string& name) {
        static const std::regex temporary(".+\\.[0-9]+-[0-9]+\\.tmp");
        return std::regex_match(name, temporary);
    });
}

std::int64_t BestList::place_of(double value, std::int64_t keep) const {
    if (std::isnan(value)) return -1;
    const auto place = std::upper_bound(values.begin(), values.end(), value) - values.begin();
    return place < keep ? place : -1;
}

void BestList::insert(const fs::path& path, std::int64_t place, double value, std::int64_t keep,
                      const std::function<void(const fs::path&)>& write) {
    for (std::int64_t i = std::min<std::int64_t>(std::ssize(values), keep - 1); i > place; --i)
        move_over(best_checkpoint(path, i - 1), best_checkpoint(path, i));
    write(best_checkpoint(path, place));
    values.insert(values.begin() + place, value);
    if (std::ssize(values) > keep) values.resize(static_cast<std::size_t>(keep));
}

}  // namespace ingot::train
