// SPDX-License-Identifier: MIT
// Labels that look wrong: each class's own threshold is the mean probability that samples labelled
// with it are given, so that a class the net is unsure of is not suspected as a whole.
#include "core/check.h"

#include <ingot/diagnosis.h>

#include <algorithm>
#include <cmath>

namespace ingot::doctor {
namespace {

// Shares of samples: below the first, what is left over in any set; above the second, too many.
constexpr double kFewSuspects = 0.01;
constexpr double kManySuspects = 0.03;

// A cell of a table, by RFC 4180.
std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

}  // namespace

std::vector<SuspectLabel> suspect_labels(const HostTensor& outputs,
                                         std::span<const std::int32_t> labels,
                                         const LabelOptions& options) {
    if (outputs.shape.rank() != 2 || outputs.shape[0] != static_cast<std::int64_t>(labels.size())) {
        fail(ErrorKind::kInvalidArgument,
             "suspect_labels: takes outputs [N, V] of as many samples as there are labels, not {} "
             "and {}",
             to_string(outputs.shape), labels.size());
    }
    const auto classes = static_cast<std::size_t>(outputs.shape[1]);
    const auto scores = outputs.values<float>();
    std::vector<double> probabilities(scores.size());
    std::vector<double> confidence(classes, 0), count(classes, 0);
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= classes) {
            fail(ErrorKind::kInvalidArgument,
                 "suspect_labels: the label of sample {} is {}, of {} classes", i, labels[i],
                 classes);
        }
        const auto row = scores.subspan(i * classes, classes);
        const double largest = *std::max_element(row.begin(), row.end());
        double sum = 0;
        for (const float score : row)
            sum += std::exp(score - largest);
        for (std::size_t c = 0; c < classes; ++c)
            probabilities[i * classes + c] = std::exp(row[c] - largest) / sum;
        const auto label = static_cast<std::size_t>(labels[i]);
        confidence[label] += probabilities[i * classes + label];
        ++count[label];
    }
    std::vector<SuspectLabel> suspects;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto label = static_cast<std::size_t>(labels[i]);
        const double* const p = probabilities.data() + i * classes;
        std::size_t best = label;
        for (std::size_t c = 0; c < classes; ++c) {
            const bool confident = count[c] > 0 && p[c] * count[c] >= confidence[c];
            if (confident && (best == label || p[c] > p[best])) best = c;
        }
        // The label itself may have been the most probable confident class: it was the first best.
        if (best == label || p[best] <= p[label] || p[label] >= options.label_probability) continue;
        suspects.push_back({.sample = static_cast<std::int64_t>(i),
                            .label = labels[i],
                            .prediction = static_cast<std::int64_t>(best),
                            .probability = p[best],
                            .label_probability = p[label],
                            .loss = -std::log(std::max(p[label], 1e-300))});
    }
    std::stable_sort(suspects.begin(), suspects.end(),
                     [](const SuspectLabel& a, const SuspectLabel& b) { return a.loss > b.loss; });
    return suspects;
}

Finding judge_labels(const LabelReview& review) {
    Finding finding{.check = "labels"};
    const double share = static_cast<double>(review.suspects.size()) /
                         static_cast<double>(std::max<std::int64_t>(review.samples, 1));
    finding.evidence =
        fmt::format("{} of {} labels, {:.2g} %, look wrong to a net {}.", review.suspects.size(),
                    review.samples, 100 * share,
                    review.held_out ? "that was not trained on them" : "trained on them");
    if (share <= kFewSuspects) return finding;
    finding.verdict = share > kManySuspects ? Verdict::kDoubtful : Verdict::kNote;
    finding.disease = "suspect labels";
    finding.remedy =
        "A look at the listed samples, the worst first: corrected or dropped where the label is "
        "wrong. Hard samples and classes that run into each other look the same.";
    return finding;
}

std::string to_csv(const LabelReview& review) {
    const auto named = [&](std::int64_t c) {
        const auto index = static_cast<std::size_t>(c);
        return quoted(index < review.class_names.size() ? review.class_names[index]
                                                        : std::to_string(c));
    };
    std::string text = "sample,name,label,prediction,probability,label_probability,loss\n";
    for (const SuspectLabel& suspect : review.suspects) {
        text += fmt::format("{},{},{},{},{},{},{}\n", suspect.sample, quoted(suspect.name),
                            named(suspect.label), named(suspect.prediction), suspect.probability,
                            suspect.label_probability, suspect.loss);
    }
    return text;
}

}  // namespace ingot::doctor
