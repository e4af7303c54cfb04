// SPDX-License-Identifier: MIT
// How good a recipe is on samples it has not seen, from all samples: k-fold cross-validation. Each
// fold is tested once by a net that was trained on the others; what the samples go through before
// (a Preparation) is learnt on those, too.
//
//     auto result = ingot::train::cross_validate(device, table, [](const data::Dataset& train) {
//         nn::Sequential net{nn::Linear{train.sample_shape().count(), 3}};
//         return Recipe{net, losses::cross_entropy(), optim::AdamW{}, {.epochs = 50}};
//     }, {.folds = 5, .stratify = true, .preparation = data::PreparationOptions{}});
//     std::fputs(to_text(result).c_str(), stdout);
#pragma once

#include <ingot/data.h>
#include <ingot/device.h>
#include <ingot/export.h>
#include <ingot/train.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ingot::train {

// All that training takes but the data.
struct Recipe {
    nn::Module net;
    losses::Loss loss;
    optim::Optimizer optimizer;
    // Of `metrics`, the tests measure all. Validation data and checkpoints belong to no fold and
    // are refused; `seed` is replaced.
    FitOptions fit{};
    TrainerOptions trainer{};
};
// Given the training samples as the net will see them.
using Maker = std::function<Recipe(const data::Dataset& train)>;

struct FoldResult {
    std::int64_t repeat = 0, fold = 0;
    std::int64_t train_samples = 0;
    Evaluation test{};  // loss, accuracy and the recipe's metrics of the fold left out
    History history{};
};

struct CrossValidationOptions {
    std::int64_t folds = 5;
    std::int64_t repeats = 1;  // each with folds of its own
    bool stratify = false;     // each fold gets each class in the same proportion; labels only
    // The fold behind the tested one is not trained on and is fit()'s validation data: for
    // EarlyStopping, which must not look at what is tested. At least 3 folds.
    bool validation = false;
    // What each training part learns and all parts go through; none: samples are taken as they are.
    std::optional<data::PreparationOptions> preparation{};
    std::uint64_t seed = 0;  // of folds, weights and the order of samples
    // The recipe of an earlier fold, and with it the compiled programs, serves every fold whose
    // samples have the same shapes: weights are drawn and the optimizer starts afresh. Off: a
    // recipe is made for each, for those that depend on more (weights of classes, say).
    bool reuse = true;
    // Called after each fold, with its trained net and its parts as the net sees them.
    std::function<void(const FoldResult&, Trainer&, const data::Parts&)> on_fold{};
};

struct INGOT_API CrossValidation {
    std::vector<FoldResult> folds;  // repeat by repeat

    // By name: "loss", "accuracy" or a metric of the recipe. Throws where nothing has that name.
    std::vector<double> values(const std::string& metric) const;        // of each fold
    std::vector<double> repeat_means(const std::string& metric) const;  // over each repeat's folds
    double mean(const std::string& metric) const;
    // Deviation of the folds / sqrt(their number): as if they were independent. They share most of
    // their training samples, so it is rather too small. NaN for a single value.
    double standard_error(const std::string& metric) const;
    std::vector<std::string> metrics() const;  // all names there are
};

// Throws for folds below 2 (3 with validation), repeats below 1 and what the recipe may not have;
// and what a fold's training throws.
INGOT_API CrossValidation cross_validate(const Device& device, const data::Dataset& data,
                                         const Maker& maker,
                                         const CrossValidationOptions& options = {});

// A table: a row for each fold, the means with their standard errors below.
INGOT_API std::string to_text(const CrossValidation& result);

}  // namespace ingot::train
