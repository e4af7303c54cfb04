// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "train/ranking.h"

#include <ingot/metrics.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ingot::metrics {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// "f1", "f1_micro" ...
Metric of_classes(const std::string& name, const ClassOptions& options,
                  double (ConfusionMatrix::*value)(Average) const) {
    constexpr const char* kSuffixes[] = {"", "_micro", "_weighted", "_binary"};
    return {.name = name + kSuffixes[static_cast<int>(options.average)],
            .wants = Wants::kConfusion,
            .value = [=](const Measured& m) { return (m.confusion.*value)(options.average); },
            .threshold = options.threshold};
}

// The score of class c for every sample, and whether the sample is of the class.
struct Scores {
    std::vector<double> scores;
    std::vector<char> positive;
};

void expect_targets(const char* metric, const Measured& m) {
    if (m.targets.size() == m.outputs.size()) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} outputs, {} targets of their shape", metric,
         m.outputs.size(), m.targets.size());
}

std::size_t class_count(const char* metric, const Measured& m) {
    if (m.output_shape.rank() == 1) return static_cast<std::size_t>(m.output_shape[0]);
    fail(ErrorKind::kInvalidArgument, "{}: of labels, outputs are [B, C], not [B, {}", metric,
         to_string(m.output_shape).substr(1));
}

// In double, as probabilities: comparable between samples.
std::vector<double> probabilities_of(const Measured& m, std::size_t classes, bool already) {
    std::vector<double> p(m.outputs.begin(), m.outputs.end());
    for (std::size_t at = 0; !already && at < p.size(); at += classes) {
        const auto begin = p.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(classes);
        const double top = *std::max_element(begin, end);
        double sum = 0;
        for (auto q = begin; q != end; ++q)
            sum += * q = std::exp(*q - top);
        for (auto q = begin; q != end; ++q)
            *q /= sum;
    }
    return p;
}

Metric of_ranks(const char* name, bool probabilities,
                double (*value)(std::span<const double>, std::span<const char>)) {
    const auto of = [=](const Measured& m) -> double {
        if (m.labels.empty()) {
            expect_targets(name, m);
            const std::vector<double> scores(m.outputs.begin(), m.outputs.end());
            std::vector<char> positive;
            for (const float target : m.targets)
                positive.push_back(target > 0.5F);
            return value(scores, positive);
        }
        const std::size_t classes = class_count(name, m);
        const std::vector<double> p = probabilities_of(m, classes, probabilities);
        const auto against_rest = [&](std::size_t c) {
            Scores s;
            for (std::size_t i = 0; i < m.labels.size(); ++i) {
                s.scores.push_back(p[i * classes + c]);
                s.positive.push_back(m.labels[i] == static_cast<std::int32_t>(c));
            }
            return value(s.scores, s.positive);
        };
        if (classes == 2) return against_rest(1);
        double sum = 0, defined = 0;
        for (std::size_t c = 0; c < classes; ++c) {
            const double one = against_rest(c);
            if (std::isnan(one)) continue;
            sum += one;
            ++defined;
        }
        return defined == 0 ? kUndefined : sum / defined;
    };
    return {.name = name, .value = of};
}

// The mean over the numbers of a sample of measure(errors, targets), each of one of the numbers.
template <typename Measure>
Metric of_errors(const char* name, bool maximize, Measure measure) {
    const auto value = [=](const Measured& m) {
        expect_targets(name, m);
        if (m.samples == 0) return kUndefined;
        const std::size_t samples = static_cast<std::size_t>(m.samples);
        const std::size_t width = m.outputs.size() / samples;
        double sum = 0;
        std::vector<double> errors(samples), targets(samples);
        for (std::size_t k = 0; k < width; ++k) {
            for (std::size_t i = 0; i < samples; ++i) {
                targets[i] = m.targets[i * width + k];
                errors[i] = targets[i] - m.outputs[i * width + k];
            }
            sum += measure(errors, targets);
        }
        return sum / static_cast<double>(width);
    };
    return {.name = name, .maximize = maximize, .value = value};
}

double mean_of(std::span<const double> values, double (*f)(double)) {
    double sum = 0;
    for (const double value : values)
        sum += f(value);
    return sum / static_cast<double>(values.size());
}

double square(double x) {
    return x * x;
}

}  // namespace

Metric accuracy(float threshold) {
    return {.name = "accuracy",
            .wants = Wants::kConfusion,
            .value = [](const Measured& m) { return m.confusion.accuracy(); },
            .threshold = threshold};
}
Metric precision(const ClassOptions& options) {
    return of_classes("precision", options, &ConfusionMatrix::precision);
}
Metric recall(const ClassOptions& options) {
    return of_classes("recall", options, &ConfusionMatrix::recall);
}
Metric f1(const ClassOptions& options) {
    return of_classes("f1", options, &ConfusionMatrix::f1);
}
Metric dice(const ClassOptions& options) {
    return of_classes("dice", options, &ConfusionMatrix::f1);
}
Metric iou(const ClassOptions& options) {
    return of_classes("iou", options, &ConfusionMatrix::iou);
}

Metric top_k_accuracy(std::int64_t k) {
    if (k < 1) fail(ErrorKind::kInvalidArgument, "top_k_accuracy: of the {} largest", k);
    const std::string name = fmt::format("top_{}_accuracy", k);
    const auto value = [=](const Measured& m) {
        const std::size_t classes = class_count("top_k_accuracy", m);
        std::int64_t right = 0;
        for (std::size_t i = 0; i < m.labels.size(); ++i) {
            const float* row = &m.outputs[i * classes];
            const auto label = static_cast<std::size_t>(m.labels[i]);
            std::int64_t before = 0;
            for (std::size_t c = 0; c < classes; ++c)
                before += row[c] > row[label] || (row[c] == row[label] && c > label);
            right += before < k;
        }
        return m.labels.empty() ? kUndefined
                                : static_cast<double>(right) / static_cast<double>(m.labels.size());
    };
    return {.name = name, .value = value};
}

Metric roc_auc(bool probabilities) {
    return of_ranks("roc_auc", probabilities, &area_under_roc);
}
Metric average_precision(bool probabilities) {
    return of_ranks("average_precision", probabilities, &average_precision_of);
}

Metric mean_absolute_error() {
    return of_errors("mean_absolute_error", false, [](std::span<const double> e, auto) {
        return mean_of(e, [](double x) { return std::abs(x); });
    });
}
Metric root_mean_squared_error() {
    return of_errors("root_mean_squared_error", false,
                     [](std::span<const double> e, auto) { return std::sqrt(mean_of(e, square)); });
}
Metric r2() {
    return of_errors("r2", true, [](std::span<const double> e, std::span<const double> targets) {
        if (targets.size() < 2) return kUndefined;
        const double mean = mean_of(targets, [](double x) { return x; });
        std::vector<double> deviations;
        for (const double target : targets)
            deviations.push_back(target - mean);
        const double unexplained = mean_of(e, square), variance = mean_of(deviations, square);
        if (variance == 0) return unexplained == 0 ? 1.0 : 0.0;
        return 1 - unexplained / variance;
    });
}

Metric perplexity() {
    return {.name = "perplexity",
            .wants = Wants::kLoss,
            .maximize = false,
            .value = [](const Measured& m) { return std::exp(m.loss); }};
}

}  // namespace ingot::metrics
