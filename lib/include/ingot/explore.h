// SPDX-License-Identifier: MIT
// A look at data before anything is learnt from it: what there is, how large its values are, and
// what is wrong with it. Samples are read once, one after the other, so a set that is streamed is
// never held in memory; what is kept for each sample is a hash of its values.
//
//     auto data = ingot::data::open_to_explore({"pictures/train", "pictures/test"});
//     auto found = ingot::data::explore(data.sets, data.pictures);
//     fmt::print("{}", to_text(found));
//     ingot::data::write_exploration_html("page.html", found, data.sets);
#pragma once

#include <ingot/augment.h>
#include <ingot/data.h>
#include <ingot/dtype.h>
#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingot::data {

// ---- What is looked at ----

struct NamedSet {
    std::string name;  // "train", "test", or a path
    Dataset samples;
};

struct PictureSize {
    std::int64_t width = 0;
    std::int64_t height = 0;
    std::int64_t count = 0;

    bool operator==(const PictureSize&) const = default;
};

struct UnreadableFile {
    std::string name;  // path within the folder
    std::string reason;

    bool operator==(const UnreadableFile&) const = default;
};

// The files of a folder of pictures as they are on the disk, before they are made equal.
struct PictureSurvey {
    std::int64_t files = 0;
    std::int64_t grey = 0;  // of those that can be read
    std::int64_t colour = 0;
    std::vector<PictureSize> sizes{};  // the most frequent first
    std::vector<UnreadableFile> unreadable{};
};

// Decodes each picture that image_folder would find.
INGOT_API PictureSurvey survey_pictures(const std::filesystem::path& folder);

struct ExploreOptions {
    // How paths are opened. `test` and `seed` do not count: what comes as one part stays one.
    OpenOptions open{};
    bool skip_unreadable = false;  // pictures; off: an error that names them all
};

struct ExploredData {
    std::vector<NamedSet> sets{};
    std::vector<PictureSurvey> pictures{};  // one for each set, of no files where it has none
};

// The parts that each path holds: those of data::open, records of CIFAR (a .bin file), and of a
// folder of pictures also train, val and test together. Pictures are decoded whenever they are
// read; if they differ in size and OpenOptions::resize is 0, they are brought to the shortest side
// of all, 256 pixels at most. NaN is let in.
INGOT_API ExploredData open_to_explore(std::span<const std::filesystem::path> paths,
                                       const ExploreOptions& options = {});

// ---- What is found ----

struct CategoryCount {
    std::string name;
    std::int64_t count = 0;

    bool operator==(const CategoryCount&) const = default;
};

// The values of a channel, a feature or a target in all samples, as delivered without normalisation
// (u8 divided by 255). Extremes, mean and deviation are of the finite ones, in double, and NaN if
// there are none; the deviation is that of the whole, divided by `count`.
struct ValueStatistics {
    std::string name;
    std::int64_t count = 0;     // finite values
    std::int64_t missing = 0;   // NaN
    std::int64_t infinite = 0;  // either sign
    double minimum = std::numeric_limits<double>::quiet_NaN();
    double maximum = std::numeric_limits<double>::quiet_NaN();
    double mean = std::numeric_limits<double>::quiet_NaN();
    double deviation = std::numeric_limits<double>::quiet_NaN();
    std::vector<CategoryCount> categories{};  // of a category, whose numbers above are of indices
};

struct SampleList {
    std::int64_t count = 0;
    std::vector<std::string> names{};  // of the first 20
};

struct PartSummary {
    std::string name;
    std::int64_t samples = 0;
    Shape sample_shape{};
    DType stored = f32;  // before it is delivered as f32, or as i32
    Shape target_shape{};
    bool has_labels = false;
    bool is_table = false;                    // its features have names
    std::vector<CategoryCount> classes{};     // of all labels
    bool class_by_class = false;              // each class lies in one piece, as in no random order
    ValueStatistics values{};                 // all of them
    std::vector<ValueStatistics> channels{};  // pictures: channels; samples of rank 1: features
    std::vector<ValueStatistics> targets{};   // that are numbers
    // Places of a sample, row-major, whose value is the same in all samples.
    std::vector<std::int64_t> constant_places{};
    SampleList blank{};           // pictures whose values are all alike
    SampleList blank_black{};     // of these, those that are all 0
    SampleList non_finite{};      // samples with NaN or infinity
    SampleList duplicates{};      // samples that are, to the last bit, an earlier one of this part
    SampleList contradictions{};  // samples whose inputs also stand with another target
    PictureSurvey pictures{};     // of no files if they do not come from a folder
};

// Samples of `to` that are, to the last bit of the inputs, samples of `from`.
struct Leak {
    std::string from;
    std::string to;
    SampleList samples{};
};

enum class Gravity {
    kNote,     // worth knowing
    kWarning,  // worth a look before training
    kProblem   // what is measured or learnt will be wrong
};
INGOT_API const char* to_string(Gravity gravity);  // "note", "warning", "problem"

struct Finding {
    Gravity gravity = Gravity::kNote;
    // "leak", "non-finite", "contradiction", "unreadable", "parts differ", "duplicates",
    // "header", "unseen category", "imbalance", "single sample", "empty class", "constant feature",
    // "empty feature", "blank", "missing", "constant pixels", "sorted", "mixed sizes".
    std::string kind;
    std::string part;
    std::string what;      // with the numbers
    std::string remedy;    // may be empty
    SampleList samples{};  // concerned, where they can be named
};

struct Exploration {
    std::vector<PartSummary> parts{};
    std::vector<Leak> leaks{};
    std::vector<Finding> findings{};  // the gravest first; none: nothing is to be said
};

// Sets in the order train, validation, test: what is in a later one is held against the earlier.
// surveys: none, or one for each. Equal samples are told by a hash of 128 bits, categories and
// classes by their names, whatever their numbers. Throws kInvalidArgument without any sample.
INGOT_API Exploration explore(std::span<const NamedSet> sets,
                              std::span<const PictureSurvey> surveys = {});
INGOT_API Exploration explore(const Dataset& samples);

// ---- What is shown ----

// One page of 80 columns; what is longer is cut, with the count of what is left out.
INGOT_API std::string to_text(const Exploration& exploration);
INGOT_API std::string to_json(const Exploration& exploration);  // everything

struct PreviewOptions {
    augment::Transform augment{};  // none: pictures are received as they are
    // What the samples go through. None: what Preparation::learn makes of those that are shown
    // from, with the median for what is missing.
    std::optional<Preparation> preparation{};
    std::int64_t per_class = 8;  // samples shown, evenly spread over the class
    std::int64_t classes = 20;   // that are shown, the first of them
    std::uint64_t seed = 0;      // of the augmentation, in epoch 0
};

// A picture as it is stored, as augmentation leaves it, and as Batches with these options hands it
// to a network.
struct Preview {
    std::int64_t sample = 0;
    std::int32_t label = 0;
    augment::Picture stored;
    augment::Picture augmented;
    augment::Picture received;
};

// Pictures [C, H, W]; kInvalidArgument for others.
INGOT_API std::vector<Preview> preview(const Dataset& samples, const PreviewOptions& options = {});

// One HTML file without outside references, light and dark: all of the above, and of the first set
// pictures by class or rows of a table, before and after.
INGOT_API void write_exploration_html(const std::filesystem::path& path,
                                      const Exploration& exploration,
                                      std::span<const NamedSet> sets,
                                      const PreviewOptions& options = {});

}  // namespace ingot::data
