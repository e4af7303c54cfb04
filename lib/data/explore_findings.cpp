// SPDX-License-Identifier: MIT
// What the numbers of explore() say about the data, in words.
#include "data/explore.h"

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace ingot::data {
namespace {

// The largest class over the smallest, from where a network may do well by ignoring the smallest.
constexpr double kImbalance = 3;
constexpr std::size_t kMaxListed = 8;

std::string listed(const std::vector<std::string>& names) {
    const std::size_t shown = std::min(names.size(), kMaxListed);
    std::string text =
        fmt::format("{}", fmt::join(names.begin(), names.begin() + std::ptrdiff_t(shown), ", "));
    if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
    std::vector<std::string> names;
    for (const Named& one : all)
        names.push_back(one.name);
    return names;
}

double percent(std::int64_t part, std::int64_t whole) {
    return 100 * static_cast<double>(part) / static_cast<double>(whole);
}

class Judge {
public:
    explicit Judge(const Exploration& exploration) : all_(exploration) {}

    std::vector<Finding> findings() {
        parts_differ();
        for (const Leak& leak : all_.leaks)
            leaks(leak);
        for (const PartSummary& part : all_.parts) {
            files(part);
            values(part);
            equal_samples(part);
            if (part.has_labels && part.stored != i32) classes(part);
        }
        std::ranges::stable_sort(findings_, std::greater(), &Finding::gravity);
        return std::move(findings_);
    }

private:
    void add(Gravity gravity, const char* kind, const std::string& part, std::string what,
             const char* remedy, SampleList samples = {}) {
        findings_.push_back({gravity, kind, part, std::move(what), remedy, std::move(samples)});
    }

    const PartSummary& part_named(const std::string& name) const {
        return *std::ranges::find(all_.parts, name, &PartSummary::name);
    }

    void parts_differ() {
        const PartSummary& first = all_.parts[0];
        for (const PartSummary& part : all_.parts) {
            if (part.sample_shape != first.sample_shape) {
                add(Gravity::kProblem, "parts differ", part.name,
                    fmt::format("samples are {}, those of {} {}", to_string(part.sample_shape),
                                first.name, to_string(first.sample_shape)),
                    "a network takes samples of one shape");
            }
            if (part.is_table && first.is_table) features_differ(part, first);
            if (part.has_labels != first.has_labels) {
                add(Gravity::kProblem, "parts differ", part.name,
                    fmt::format("has {}, {} has {}", part.has_labels ? "labels" : "targets",
                                first.name, first.has_labels ? "labels" : "targets"),
                    "");
            } else if (names_of(part.classes) != names_of(first.classes)) {
                add(Gravity::kProblem, "parts differ", part.name,
                    fmt::format("its classes are {}, those of {} are {}",
                                listed(names_of(part.classes)), first.name,
                                listed(names_of(first.classes))),
                    "a label would mean another class");
            }
        }
    }

    void features_differ(const PartSummary& part, const PartSummary& first) {
        if (names_of(part.channels) != names_of(first.channels)) {
            add(Gravity::kProblem, "parts differ", part.name,
                fmt::format("its columns are {}, those of {} are {}",
                            listed(names_of(part.channels)), first.name,
                            listed(names_of(first.channels))),
                "");
            return;
        }
        std::vector<std::string> unseen;
        for (std::size_t f = 0; f < part.channels.size(); ++f) {
            for (const CategoryCount& one : part.channels[f].categories) {
                const auto& known = first.channels[f].categories;
                const auto found = std::ranges::find(known, one.name, &CategoryCount::name);
                if (one.count > 0 && (found == known.end() || found->count == 0))
                    unseen.push_back(part.channels[f].name + " " + one.name);
            }
        }
        if (unseen.empty()) return;
        add(Gravity::kWarning, "unseen category", part.name,
            fmt::format("not in {}: {}", first.name, listed(unseen)),
            "a Preparation refuses it, unless ignore_unknown is set", {std::ssize(unseen), unseen});
    }

    void leaks(const Leak& leak) {
        const PartSummary& part = part_named(leak.to);
        add(part.stored == i32 ? Gravity::kNote : Gravity::kProblem, "leak", leak.to,
            fmt::format("{} of {} ({:.2g}%) stand in {}, too", with_commas(leak.samples.count),
                        counted(part.samples, "sample"), percent(leak.samples.count, part.samples),
                        leak.from),
            "take them out of one: what is measured on them was learnt by heart", leak.samples);
    }

    void files(const PartSummary& part) {
        const PictureSurvey& pictures = part.pictures;
        if (!pictures.unreadable.empty()) {
            SampleList names{std::ssize(pictures.unreadable), {}};
            for (const UnreadableFile& file : pictures.unreadable)
                names.names.push_back(file.name + ": " + file.reason);
            add(Gravity::kProblem, "unreadable", part.name,
                fmt::format("{} of {} cannot be read and were left out", with_commas(names.count),
                            counted(pictures.files, "file")),
                "mend or remove them", std::move(names));
        }
        if (pictures.sizes.size() > 1) {
            const auto by_area = [](const PictureSize& a, const PictureSize& b) {
                return a.width * a.height < b.width * b.height;
            };
            const auto [low, high] = std::ranges::minmax_element(pictures.sizes, by_area);
            add(Gravity::kNote, "mixed sizes", part.name,
                fmt::format("{} sizes from {} x {} to {} x {}; looked at as {} x {}",
                            pictures.sizes.size(), low->width, low->height, high->width,
                            high->height, part.sample_shape[2], part.sample_shape[1]),
                "a network takes one: resize, or a random resized crop");
        }
    }

    void values(const PartSummary& part) {
        // A NaN in a table is a gap; anywhere else it is an accident.
        const std::int64_t strange =
            part.values.infinite + (part.is_table ? 0 : part.values.missing);
        if (strange > 0) {
            add(Gravity::kProblem, "non-finite", part.name,
                fmt::format("{} ({} NaN, {} infinite) in {}", counted(strange, "value"),
                            with_commas(part.is_table ? 0 : part.values.missing),
                            with_commas(part.values.infinite),
                            counted(part.non_finite.count, "sample")),
                "one is enough to make every weight NaN", part.non_finite);
        }
        std::int64_t bad_targets = 0;
        for (const ValueStatistics& target : part.targets)
            bad_targets += target.missing + target.infinite;
        if (bad_targets > 0) {
            add(Gravity::kProblem, "non-finite", part.name,
                counted(bad_targets, "target") + " NaN or infinite", "leave these samples out");
        }
        if (part.is_table) features(part);
        if (!part.is_table && !part.constant_places.empty() && part.stored != i32) {
            const auto count = std::ssize(part.constant_places);
            add(Gravity::kNote, "constant pixels", part.name,
                fmt::format("{} of {} values of a sample are the same in all samples",
                            with_commas(count), with_commas(part.sample_shape.count())),
                "nothing is learnt from them; a border, perhaps");
        }
        if (part.blank.count > 0) {
            add(Gravity::kWarning, "blank", part.name,
                fmt::format("{} of one value throughout, {} of them black",
                            counted(part.blank.count, "picture"),
                            with_commas(part.blank_black.count)),
                "look at them: a lost or a damaged file, perhaps", part.blank);
        }
    }

    // Numbers, but not those that columns without a header get.
    static bool names_look_like_values(const PartSummary& part) {
        for (std::size_t f = 0; f < part.channels.size(); ++f) {
            const std::string& name = part.channels[f].name;
            char* end = nullptr;
            std::strtod(name.c_str(), &end);
            const bool is_number = !name.empty() && *end == '\0';
            if (is_number && name.find_first_not_of("0123456789") != std::string::npos) return true;
            if (is_number && std::strtoull(name.c_str(), nullptr, 10) > part.channels.size())
                return true;
        }
        return false;
    }

    void features(const PartSummary& part) {
        std::vector<std::string> gaps, constant, empty;
        std::int64_t missing = 0;
        for (std::size_t f = 0; f < part.channels.size(); ++f) {
            const ValueStatistics& feature = part.channels[f];
            missing += feature.missing;
            if (feature.count == 0) {
                empty.push_back(feature.name);
            } else if (feature.missing > 0) {
                gaps.push_back(fmt::format("{} {}", feature.name, with_commas(feature.missing)));
            }
            if (std::ranges::count(part.constant_places, static_cast<std::int64_t>(f)) > 0 &&
                feature.count > 0) {
                constant.push_back(feature.name);
            }
        }
        if (names_look_like_values(part)) {
            add(Gravity::kWarning, "header", part.name,
                fmt::format("its columns are named {} to {}", part.channels[0].name,
                            part.channels.back().name),
                "if that is the first record, the file has no header");
        }
        if (!empty.empty()) {
            add(Gravity::kWarning, "empty feature", part.name,
                "no value at all in " + listed(empty), "leave it out", {std::ssize(empty), empty});
        }
        if (!constant.empty()) {
            add(Gravity::kWarning, "constant feature", part.name,
                "one value throughout in " + listed(constant),
                "leave it out: nothing is learnt from it", {std::ssize(constant), constant});
        }
        if (!gaps.empty()) {
            add(Gravity::kNote, "missing", part.name,
                counted(missing, "value") + " missing: " + listed(gaps),
                "a Preparation fills them or drops the rows", {std::ssize(gaps), gaps});
        }
    }

    void equal_samples(const PartSummary& part) {
        const bool is_text = part.stored == i32;  // where phrases come again
        if (part.duplicates.count > 0) {
            add(is_text ? Gravity::kNote : Gravity::kWarning, "duplicates", part.name,
                fmt::format("{} of {} ({:.2g}%) repeat an earlier one",
                            with_commas(part.duplicates.count), counted(part.samples, "sample"),
                            percent(part.duplicates.count, part.samples)),
                "they count more than others, and a split puts copies into two parts",
                part.duplicates);
        }
        if (part.contradictions.count > 0 && !is_text) {
            add(part.has_labels ? Gravity::kProblem : Gravity::kNote, "contradiction", part.name,
                fmt::format("{} with equal inputs but different {}",
                            counted(part.contradictions.count, "sample"),
                            part.has_labels ? "labels" : "targets"),
                part.has_labels ? "no network can be right on both: look at their labels" : "",
                part.contradictions);
        }
    }

    void classes(const PartSummary& part) {
        std::vector<std::string> empty, single;
        const CategoryCount *largest = nullptr, *smallest = nullptr;
        std::int64_t total = 0;
        for (const CategoryCount& one : part.classes) {
            total += one.count;
            if (one.count == 0) empty.push_back(one.name);
            if (one.count == 1) single.push_back(one.name);
            if (one.count == 0) continue;
            if (largest == nullptr || one.count > largest->count) largest = &one;
            if (smallest == nullptr || one.count < smallest->count) smallest = &one;
        }
        if (!empty.empty()) {
            add(Gravity::kWarning, "empty class", part.name, "no sample of " + listed(empty),
                part.classes[0].count == 0 && empty.size() == 1 ? "labels count from 0" : "",
                {std::ssize(empty), empty});
        }
        if (!single.empty()) {
            add(Gravity::kWarning, "single sample", part.name,
                "one sample only of " + listed(single), "it cannot stand in two parts of a split",
                {std::ssize(single), single});
        }
        if (largest != nullptr && static_cast<double>(largest->count) >=
                                      kImbalance * static_cast<double>(smallest->count)) {
            add(Gravity::kWarning, "imbalance", part.name,
                fmt::format(
                    "{} has {} ({:.3g}%), {} {} ({:.3g}%): {:.3g} times as many", largest->name,
                    counted(largest->count, "sample"), percent(largest->count, total),
                    smallest->name, with_commas(smallest->count), percent(smallest->count, total),
                    static_cast<double>(largest->count) / static_cast<double>(smallest->count)),
                "weigh classes (class_weights) or draw them alike (balanced_weights)");
        }
        if (part.class_by_class) {
            add(Gravity::kNote, "sorted", part.name, "samples lie class by class",
                "shuffle before splitting and in each epoch");
        }
    }

    const Exploration& all_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> findings_of(const Exploration& exploration) {
    return Judge(exploration).findings();
}

}  // namespace ingot::data
