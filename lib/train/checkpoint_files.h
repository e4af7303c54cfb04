// SPDX-License-Identifier: MIT
// The files of a run's checkpoints: the latest one under the name that was asked for, those before
// it as NAME.1.EXT, NAME.2.EXT ..., the best ones as NAME.best.EXT, NAME.best.1.EXT ... At no
// moment is the latest name without a whole file, once there has been one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ingot::train {

// The checkpoint `number` before the latest; 0: the latest.
std::filesystem::path earlier_checkpoint(const std::filesystem::path& path, std::int64_t number);
// The best one but `number`.
std::filesystem::path best_checkpoint(const std::filesystem::path& path, std::int64_t number);

// Makes room for a new latest file, which `write` then puts in place of the old one: of those
// before it, keep - 1 stay.
void replace_checkpoint(const std::filesystem::path& path, std::int64_t keep,
                        const std::function<void()>& write);

// The latest file, or the first before it that is there; empty: none.
std::filesystem::path latest_checkpoint(const std::filesystem::path& path);

// Removes those before the latest, and the best: they are of another run.
void forget_others(const std::filesystem::path& path);

// What runs that were killed while writing left behind: of a checkpoint, of any file of a folder.
void remove_temporaries(const std::filesystem::path& path);
void remove_temporaries_in(const std::filesystem::path& folder);

// The values of the best checkpoints there are, best first, for a value where less is better.
class BestList {
public:
    // Where a new one would stand among `keep`; -1: nowhere.
    std::int64_t place_of(double value, std::int64_t keep) const;
    // Makes room at this place and has `write` fill it. Values change when the file is there.
    void insert(const std::filesystem::path& path, std::int64_t place, double value,
                std::int64_t keep, const std::function<void(const std::filesystem::path&)>& write);

    std::vector<double> values;
};

}  // namespace ingot::train
