// SPDX-License-Identifier: MIT
// What samples go through before a network sees them, learnt on the training part and applied to
// every other: values for missing ones, one-hot categories, mean and deviation. One value, stored
// with the model as JSON.
//
//     auto houses = ingot::data::csv("housing.csv", {.missing = true});
//     auto parts = ingot::data::split(houses);
//     auto learnt = ingot::data::Preparation::learn(parts.train, {.missing = Missing::kMedian});
//     auto train = learnt.apply(parts.train);
//     trainer.fit(train);            // keeps it with the net, and io::save in its file
//     trainer.evaluate(parts.test);  // applies it
#pragma once

#include <ingot/dataset.h>
#include <ingot/export.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::data {

// What is done about a feature's missing values (NaN).
enum class Missing {
    kError,         // they are refused, naming feature and sample
    kDropRow,       // the sample is left out
    kMean,          // of a category: the most frequent
    kMedian,        // likewise
    kMostFrequent,  // the smallest of several
    kConstant       // the options' constant; of a category: one of its own, named "missing"
};

struct PreparationOptions {
    Missing missing = Missing::kError;
    std::map<std::string, Missing> missing_of{};  // of features that `missing` is not right for
    float constant = 0;
    bool one_hot = true;  // a category becomes one feature, 0 or 1, for each value it had in the
                          // training part; off: the index among them
    // A value that the training part did not have makes all of these 0. Off, and always without
    // one_hot: an error that names it.
    bool ignore_unknown = false;
    bool normalize = true;           // numbers, or channels; one-hot features stay 0 and 1
    bool normalize_targets = false;  // of f32 targets, one by one
};

struct PreparedFeature {
    std::string name;
    std::vector<std::string> categories{};  // that the training part had, sorted; none: a number
    Missing missing = Missing::kError;
    float fill = 0;  // what a missing value becomes: a number, or an index into the categories

    bool operator==(const PreparedFeature&) const = default;
};

struct INGOT_API Preparation {
    std::vector<PreparedFeature>
        features{};  // of samples f32 of rank 1; others are only normalised
    bool one_hot = true;
    bool ignore_unknown = false;
    Normalization inputs{};                  // of what comes out; empty: none
    Normalization targets{};                 // likewise
    std::vector<std::string> class_names{};  // labels of another set are matched by name

    // Always from the values as stored, whatever the dataset was normalised by. Throws kData naming
    // feature and sample where a value is missing that may not, or is not finite.
    static Preparation learn(const Dataset& train, const PreparationOptions& options = {});

    // A view over the same data. Each value is looked at once, here, so that nothing is refused in
    // the middle of training. Features and categories are matched by name; columns that were not
    // learnt are left out. Throws kData when one is missing, or a value is that may not.
    Dataset apply(const Dataset& dataset) const;

    // From what a network predicts back to the unit of the targets, in place: [N, targets].
    void restore_targets(std::span<float> targets) const;

    // To be stored with the model: io::write_safetensors(path, weights, {{"preparation",
    // to_json()}}).
    std::string to_json() const;
    static Preparation from_json(std::string_view text);  // kFile, naming what is wrong

    bool operator==(const Preparation&) const = default;
};

// What the samples of a dataset have gone through: the preparation that was applied, if one was,
// with the normalisation and the classes as they are now.
INGOT_API Preparation preparation_of(const Dataset& dataset);

// The dataset as `learnt` prepares it: applied, or left as it is where the same was applied before.
// Throws kInvalidArgument where something else was.
INGOT_API Dataset prepared(const Dataset& dataset, const Preparation& learnt);

}  // namespace ingot::data
