// SPDX-License-Identifier: MIT
#include <ingot/cross_validation.h>

#include "core/check.h"
#include "train/text_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace ingot::train {
namespace {

void check(const CrossValidationOptions& options) {
    const std::int64_t least = options.validation ? 3 : 2;
    if (options.folds < least || options.repeats < 1) {
        fail(ErrorKind::kInvalidArgument,
             "cross_validate: {} folds and {} repeats; at least {} and 1 are needed", options.folds,
             options.repeats, least);
    }
}

void check(const FitOptions& fit) {
    if (!fit.validation.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "cross_validate: the recipe has {} samples of validation data, which are to be a fold "
             "(CrossValidationOptions::validation)",
             fit.validation.size());
    }
    if (!fit.checkpoint.path.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "cross_validate: the recipe writes checkpoints to {}, every fold to the same",
             fit.checkpoint.path.string());
    }
}

// What a net that fits one of the training parts depends on.
std::string form_of(const data::Dataset& data) {
    return fmt::format("{} {} {} {} {}", to_string(data.sample_shape()),
                       to_string(data.target_shape()), static_cast<int>(data.input_dtype()),
                       data.has_labels(), data.has_labels() ? data.class_count() : 0);
}

data::Parts prepared(const data::Parts& parts,
                     const std::optional<data::PreparationOptions>& options) {
    if (!options) return parts;
    const data::Preparation learnt = data::Preparation::learn(parts.train, *options);
    return {learnt.apply(parts.train),
            parts.validation.empty() ? parts.validation : learnt.apply(parts.validation),
            learnt.apply(parts.test)};
}

class Folds {
public:
    Folds(const Device& device, const Maker& maker, const CrossValidationOptions& options)
        : device_(device), maker_(maker), options_(options) {}

    void run(const data::Dataset& data, std::int64_t repeat, std::vector<FoldResult>& results) {
        const data::FoldOptions how{.stratify = options_.stratify,
                                    .test = options_.validation,
                                    .seed = options_.seed + static_cast<std::uint64_t>(repeat)};
        std::int64_t number = 0;
        for (data::Parts& parts : data::k_fold(data, options_.folds, how)) {
            // Without a test part the fold left out is called validation.
            if (!options_.validation) std::swap(parts.validation, parts.test);
            results.push_back(run_fold(prepared(parts, options_.preparation), repeat, number++));
        }
    }

private:
    struct Workshop {
        FitOptions fit;
        Trainer trainer;
    };

    Workshop& workshop_for(const data::Dataset& train) {
        const std::string form = form_of(train);
        if (!options_.reuse) workshops_.clear();
        auto found = workshops_.find(form);
        if (found == workshops_.end()) {
            Recipe recipe = maker_(train);
            check(recipe.fit);
            found = workshops_
                        .emplace(form, Workshop{std::move(recipe.fit),
                                                Trainer(device_, recipe.net, recipe.loss,
                                                        recipe.optimizer, recipe.trainer)})
                        .first;
        }
        return found->second;
    }

    FoldResult run_fold(const data::Parts& parts, std::int64_t repeat, std::int64_t fold) {
        Workshop& workshop = workshop_for(parts.train);
        const auto seed =
            options_.seed + static_cast<std::uint64_t>(repeat * options_.folds + fold);
        workshop.trainer.restart(seed);
        FitOptions fit = workshop.fit;
        fit.validation = parts.validation;
        fit.seed = seed;
        FoldResult result{.repeat = repeat, .fold = fold, .train_samples = parts.train.size()};
        result.history = workshop.trainer.fit(parts.train, fit);
        result.test = workshop.trainer.evaluate(parts.test, {.metrics = fit.metrics});
        if (options_.on_fold) options_.on_fold(result, workshop.trainer, parts);
        return result;
    }

    const Device& device_;
    const Maker& maker_;
    const CrossValidationOptions& options_;
    std::map<std::string, Workshop> workshops_;
};

double value_of(const FoldResult& fold, const std::string& metric) {
    if (metric == "loss") return fold.test.loss;
    const auto found = fold.test.metrics.find(metric);
    if (found != fold.test.metrics.end()) return found->second;
    if (metric == "accuracy" && !std::isnan(fold.test.accuracy)) return fold.test.accuracy;
    fail(ErrorKind::kInvalidArgument, "cross-validation: '{}' was not measured", metric);
}

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

CrossValidation cross_validate(const Device& device, const data::Dataset& data, const Maker& maker,
                               const CrossValidationOptions& options) {
    check(options);
    CrossValidation result;
    Folds folds(device, maker, options);
    for (std::int64_t repeat = 0; repeat < options.repeats; ++repeat)
        folds.run(data, repeat, result.folds);
    return result;
}

std::vector<double> CrossValidation::values(const std::string& metric) const {
    std::vector<double> values;
    for (const FoldResult& fold : folds)
        values.push_back(value_of(fold, metric));
    return values;
}

std::vector<double> CrossValidation::repeat_means(const std::string& metric) const {
    std::map<std::int64_t, std::vector<double>> of_repeat;
    for (const FoldResult& fold : folds)
        of_repeat[fold.repeat].push_back(value_of(fold, metric));
    std::vector<double> means;
    for (const auto& [repeat, values] : of_repeat)
        means.push_back(mean_of(values));
    return means;
}

double CrossValidation::mean(const std::string& metric) const {
    return mean_of(values(metric));
}

double CrossValidation::standard_error(const std::string& metric) const {
    const std::vector<double> all = values(metric);
    if (all.size() < 2) return kNotMeasured;
    const double mean = mean_of(all), n = static_cast<double>(all.size());
    double squares = 0;
    for (const double value : all)
        squares += (value - mean) * (value - mean);
    return std::sqrt(squares / (n - 1) / n);
}

std::vector<std::string> CrossValidation::metrics() const {
    std::vector<std::string> names{"loss"};
    if (folds.empty()) return names;
    const Evaluation& first = folds.front().test;
    if (!std::isnan(first.accuracy)) names.emplace_back("accuracy");
    for (const auto& [name, value] : first.metrics) {
        if (name != "accuracy" || std::isnan(first.accuracy)) names.push_back(name);
    }
    return names;
}

std::string to_text(const CrossValidation& result) {
    const std::vector<std::string> names = result.metrics();
    std::vector<std::string> head{"fold", "train", "test"}, mean{"mean", "", ""},
        error{"standard error", "", ""};
    head.insert(head.end(), names.begin(), names.end());
    std::vector<std::vector<std::string>> rows;
    for (const FoldResult& fold : result.folds) {
        std::vector<std::string> row{fmt::format("{}.{}", fold.repeat + 1, fold.fold + 1),
                                     fmt::format("{}", fold.train_samples),
                                     fmt::format("{}", fold.test.samples)};
        for (const std::string& name : names)
            row.push_back(short_number(value_of(fold, name)));
        rows.push_back(std::move(row));
    }
    for (const std::string& name : names) {
        mean.push_back(short_number(result.mean(name)));
        error.push_back(short_number(result.standard_error(name)));
    }
    rows.push_back(std::move(mean));
    rows.push_back(std::move(error));
    return text_table(head, rows);
}

}  // namespace ingot::train
