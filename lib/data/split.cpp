// SPDX-License-Identifier: MIT
#include <ingot/split.h>

#include "core/check.h"
#include "core/random.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::data {
namespace {

using Positions = std::vector<std::int64_t>;

// Streams of one seed: what is drawn for one purpose says nothing about another.
enum : std::uint64_t { kSecondSplit = 1, kFolds = 2, kBalance = 3 };

RandomStream stream(std::uint64_t seed, std::uint64_t use) {
    return RandomStream(seed, stream_of(RandomPurpose::kSplit, use));
}

// The positions of each class; without labels, or unless `by_class`, one list of all.
std::vector<std::vector<std::uint32_t>> classes_of(const Dataset& dataset, bool by_class) {
    std::vector<std::vector<std::uint32_t>> classes(
        by_class ? static_cast<std::size_t>(dataset.class_count()) : 1);
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto c = static_cast<std::size_t>(by_class ? dataset.label(i) : 0);
        classes[c].push_back(static_cast<std::uint32_t>(i));
    }
    return classes;
}

std::pair<Dataset, Dataset> divided(const Dataset& dataset, std::int64_t count, bool stratify,
                                    std::uint64_t seed) {
    if (count == 0) return {dataset.take(0), dataset};
    const double fraction = static_cast<double>(count) / static_cast<double>(dataset.size());
    return dataset.split(fraction, {.stratify = stratify, .seed = seed});
}

}  // namespace

Parts split(const Dataset& dataset, const PartOptions& options) {
    const auto size = static_cast<double>(dataset.size());
    const double validation = std::round(options.validation * size);
    const double test = std::round(options.test * size);
    const bool is_possible =
        options.validation >= 0 && options.test >= 0 && validation + test < size &&
        (validation > 0 || options.validation == 0) && (test > 0 || options.test == 0);
    if (!is_possible) {
        fail(ErrorKind::kInvalidArgument,
             "split: {} of {} samples to validate and {} to test leave a part empty",
             options.validation, dataset.size(), options.test);
    }
    Parts parts;
    Dataset rest;
    std::tie(parts.test, rest) =
        divided(dataset, static_cast<std::int64_t>(test), options.stratify, options.seed);
    // Not the same words again: what the first split drew must not decide the second.
    const std::uint64_t seed = stream(options.seed, kSecondSplit).word();
    std::tie(parts.validation, parts.train) =
        divided(rest, static_cast<std::int64_t>(validation), options.stratify, seed);
    return parts;
}

std::vector<Parts> k_fold(const Dataset& dataset, std::int64_t folds, const FoldOptions& options) {
    const std::int64_t least = options.test ? 3 : 2;
    if (folds < least || folds > dataset.size()) {
        fail(ErrorKind::kInvalidArgument, "k_fold: {} folds of {} samples; at least {} are needed",
             folds, dataset.size(), least);
    }
    if (options.stratify && !dataset.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "k_fold: stratify needs labels, the data has targets");
    }
    // Dealt out like cards, class after class, so that folds differ by no more than one.
    RandomStream random = stream(options.seed, kFolds);
    std::vector<std::int64_t> fold_of(static_cast<std::size_t>(dataset.size()));
    std::int64_t next = 0;
    for (auto& members : classes_of(dataset, options.stratify)) {
        shuffle(members, random);
        for (const std::uint32_t position : members)
            fold_of[position] = next++ % folds;
    }
    std::vector<Parts> turns;
    for (std::int64_t turn = 0; turn < folds; ++turn) {
        const std::int64_t test = options.test ? turn : -1;
        const std::int64_t validation = options.test ? (turn + 1) % folds : turn;
        Positions positions[3];
        for (std::int64_t i = 0; i < dataset.size(); ++i) {
            const std::int64_t fold = fold_of[static_cast<std::size_t>(i)];
            positions[fold == validation ? 1 : fold == test ? 2 : 0].push_back(i);
        }
        turns.push_back({dataset.subset(positions[0]), dataset.subset(positions[1]),
                         dataset.subset(positions[2])});
    }
    return turns;
}

Dataset representative(const Dataset& dataset, std::int64_t count, std::uint64_t seed) {
    if (count < 1) {
        fail(ErrorKind::kInvalidArgument, "representative: {} of {} samples", count,
             dataset.size());
    }
    if (count >= dataset.size()) return dataset;
    return divided(dataset, count, dataset.has_labels(), seed).first;
}

std::vector<float> class_weights(const Dataset& dataset) {
    if (!dataset.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "class_weights: the data has targets, no labels");
    }
    const std::vector<std::int64_t> sizes = dataset.class_sizes();
    const auto present =
        sizes.size() - static_cast<std::size_t>(std::count(sizes.begin(), sizes.end(), 0));
    std::vector<float> weights;
    for (const std::int64_t size : sizes) {
        const double all = static_cast<double>(present) * static_cast<double>(size);
        weights.push_back(
            size == 0 ? 0.0F : static_cast<float>(static_cast<double>(dataset.size()) / all));
    }
    return weights;
}

std::vector<double> balanced_weights(const Dataset& dataset) {
    if (!dataset.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "balanced_weights: the data has targets, no labels");
    }
    const std::vector<std::int64_t> sizes = dataset.class_sizes();
    std::vector<double> weights;
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto size = sizes[static_cast<std::size_t>(dataset.label(i))];
        weights.push_back(1.0 / static_cast<double>(size));
    }
    return weights;
}

Dataset balanced(const Dataset& dataset, std::uint64_t seed) {
    if (!dataset.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "balanced: the data has targets, no labels");
    }
    RandomStream random = stream(seed, kBalance);
    auto classes = classes_of(dataset, true);
    std::size_t largest = 0;
    for (const auto& members : classes)
        largest = std::max(largest, members.size());
    std::vector<std::uint32_t> order;
    for (auto& members : classes) {
        if (members.empty()) continue;
        shuffle(members, random);  // which of them are taken once more than others
        for (std::size_t i = 0; i < largest; ++i)
            order.push_back(members[i % members.size()]);
    }
    shuffle(order, random);
    return dataset.subset(Positions(order.begin(), order.end()));
}

}  // namespace ingot::data
