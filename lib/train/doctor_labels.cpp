// SPDX-License-Identifier: MIT
// Labels that look wrong. A net that has learnt from labels of which a share r was drawn among
// other classes at random gives each wrong class about r, however little the sample looks like it;
// one that two classes resemble gives both of them more. So a label is suspected when its
// probability is of the order of r. r is read off the labels themselves: pairs of classes that are
// alike have their own, larger rates, the median pair has not.
#include "core/check.h"

#include <ingot/diagnosis.h>

#include <algorithm>
#include <cmath>

namespace ingot::doctor {
namespace {

// Shares of samples: below the first, what is left over in any set; above the second, too many.
constexpr double kFewSuspects = 0.01;
constexpr double kManySuspects = 0.03;

// A label of probability 2 r is as likely to be wrong as right, if the net is exact. On
// Fashion-MNIST with 5 % of the labels changed, 2, 3 and 4 r find 0.70, 0.78 and 0.82 of these, and
// 0.93, 0.90 and 0.87 of what they name is one (three folds, three epochs of an MLP).
constexpr double kNoiseFactor = 3;
constexpr double kSurelyWrong = 0.01;  // in sets without such noise

// Softmax of the outputs, checked against the labels.
class Probabilities {
public:
    Probabilities(const char* who, const HostTensor& outputs, std::span<const std::int32_t> labels)
        : labels_(labels) {
        if (outputs.shape.rank() != 2 ||
            outputs.shape[0] != static_cast<std::int64_t>(labels.size())) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: takes outputs [N, V] of as many samples as there are labels, not {} and {}",
                 who, to_string(outputs.shape), labels.size());
        }
        classes_ = static_cast<std::size_t>(outputs.shape[1]);
        const auto scores = outputs.values<float>();
        values_.resize(scores.size());
        for (std::size_t i = 0; i < labels.size(); ++i) {
            if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= classes_) {
                fail(ErrorKind::kInvalidArgument, "{}: the label of sample {} is {}, of {} classes",
                     who, i, labels[i], classes_);
            }
            const auto row = scores.subspan(i * classes_, classes_);
            const double largest = *std::max_element(row.begin(), row.end());
            double sum = 0;
            for (const float score : row)
                sum += std::exp(score - largest);
            for (std::size_t c = 0; c < classes_; ++c)
                values_[i * classes_ + c] = std::exp(row[c] - largest) / sum;
        }
    }

    std::span<const double> of(std::size_t sample) const {
        return std::span(values_).subspan(sample * classes_, classes_);
    }

    // By the confident joint: counts of (label, most probable confident class).
    double noise() const {
        std::vector<double> confidence(classes_, 0), count(classes_, 0);
        for (std::size_t i = 0; i < labels_.size(); ++i) {
            const auto label = static_cast<std::size_t>(labels_[i]);
            confidence[label] += of(i)[label];
            ++count[label];
        }
        std::vector<double> joint(classes_ * classes_, 0), of_class(classes_, 0);
        for (std::size_t i = 0; i < labels_.size(); ++i) {
            const auto p = of(i);
            std::size_t best = classes_;
            for (std::size_t c = 0; c < classes_; ++c) {
                const bool confident = count[c] > 0 && p[c] * count[c] >= confidence[c];
                if (confident && (best == classes_ || p[c] > p[best])) best = c;
            }
            if (best == classes_) continue;
            ++joint[static_cast<std::size_t>(labels_[i]) * classes_ + best];
            ++of_class[best];
        }
        std::vector<double> rates;
        for (std::size_t label = 0; label < classes_; ++label) {
            for (std::size_t c = 0; c < classes_; ++c) {
                if (label != c && of_class[c] > 0)
                    rates.push_back(joint[label * classes_ + c] / of_class[c]);
            }
        }
        if (rates.empty()) return 0;
        const auto middle = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() / 2);
        std::nth_element(rates.begin(), middle, rates.end());
        return *middle;
    }

private:
    std::span<const std::int32_t> labels_;
    std::size_t classes_ = 0;
    std::vector<double> values_;
};

// A cell of a table, by RFC 4180.
std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

}  // namespace

double label_noise(const HostTensor& outputs, std::span<const std::int32_t> labels) {
    return Probabilities("label_noise", outputs, labels).noise();
}

std::vector<SuspectLabel> suspect_labels(const HostTensor& outputs,
                                         std::span<const std::int32_t> labels,
                                         const LabelOptions& options) {
    const Probabilities all("suspect_labels", outputs, labels);
    const double bound =
        std::min(std::max(kNoiseFactor * all.noise(), kSurelyWrong), options.label_probability);
    std::vector<SuspectLabel> suspects;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto p = all.of(i);
        const auto best = std::max_element(p.begin(), p.end());
        const double at_label = p[static_cast<std::size_t>(labels[i])];
        if (*best <= at_label || at_label >= bound) continue;
        suspects.push_back({.sample = static_cast<std::int64_t>(i),
                            .label = labels[i],
                            .prediction = best - p.begin(),
                            .probability = *best,
                            .label_probability = at_label,
                            .loss = -std::log(std::max(at_label, 1e-300))});
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
