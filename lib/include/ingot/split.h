// SPDX-License-Identifier: MIT
// Parts of a dataset to train, validate and test on, and what to do about classes of unequal size.
// No sample is in two parts. All is decided by the seed, equal on all platforms; parts keep the
// order of the dataset.
#pragma once

#include <ingot/dataset.h>
#include <ingot/export.h>

#include <cstdint>
#include <vector>

namespace ingot::data {

struct Parts {
    Dataset train;
    Dataset validation;
    Dataset test;
};

struct PartOptions {
    double validation = 0.1;  // 0 to 1: fraction of all samples; 0: an empty part
    double test = 0.1;        // likewise; the rest is for training
    bool stratify = false;    // all parts get each class in the same proportion; labels only
    std::uint64_t seed = 0;
};
INGOT_API Parts split(const Dataset& dataset, const PartOptions& options = {});

struct FoldOptions {
    bool stratify = false;  // each fold gets each class in the same proportion; labels only
    bool test = true;  // in turn i fold i is the test part and fold i + 1 validates; off: fold i
                       // validates and there is no test part
    std::uint64_t seed = 0;
};

// `folds` turns. Each sample is in the validation part of just one turn, and in the test part of
// just one. Folds differ by at most one sample, and by at most one of each class if stratified.
// Takes at least 2 folds, 3 with a test part, and no more than there are samples.
INGOT_API std::vector<Parts> k_fold(const Dataset& dataset, std::int64_t folds,
                                    const FoldOptions& options = {});

// `count` samples, or all if there are fewer, with the classes in the proportions of the whole.
INGOT_API Dataset representative(const Dataset& dataset, std::int64_t count,
                                 std::uint64_t seed = 0);

// samples / (classes * samples of the class): with these weights each class counts alike in a loss
// (losses::class_weights). Classes without a sample are not counted and weigh 0.
INGOT_API std::vector<float> class_weights(const Dataset& dataset);

// For BatchOptions::weights: each sample's share, so that each class is drawn equally often.
INGOT_API std::vector<double> balanced_weights(const Dataset& dataset);

// Every sample at least once, those of smaller classes again until all classes that have any are of
// the largest one's size. In mixed order.
INGOT_API Dataset balanced(const Dataset& dataset, std::uint64_t seed = 0);

}  // namespace ingot::data
