// SPDX-License-Identifier: MIT
// What the first batch, the first loss, fits on purpose and gradients say, as plain functions.
#include <ingot/diagnosis.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ingot::doctor {
namespace {

constexpr double kLargeInputs = 20;  // deviation or distance of the mean from 0; of bytes: 70

// Scores of deviation s raise a cross-entropy by about s^2 / 2: one of 1 is the most that starting
// weights should give.
constexpr double kScoresOfOne = 0.5;
constexpr double kFarAbove = 4;
constexpr double kKnowsAlready = 0.75;
constexpr double kNumbersAbove = 3;  // of the expected loss, where targets are numbers
constexpr double kNumbersBelow = 0.5;

double larger(const GradientProbe& probe) {
    return std::max(std::abs(probe.analytic), std::abs(probe.numeric));
}

}  // namespace

const char* to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::kHealthy: return "ok";
        case Verdict::kNote: return "note";
        case Verdict::kDoubtful: return "doubt";
        case Verdict::kIll: return "ILL";
    }
    return "";
}

Verdict Diagnosis::worst() const {
    Verdict worst = Verdict::kHealthy;
    for (const Finding& finding : findings)
        worst = std::max(worst, finding.verdict);
    return worst;
}

bool Diagnosis::has(const std::string& disease) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.disease == disease; });
}

std::vector<Finding> judge_batch(const BatchFacts& facts) {
    std::vector<Finding> findings;
    const auto add = [&](Verdict verdict, const char* disease, std::string evidence,
                         const char* remedy) {
        findings.push_back({"inputs", verdict, disease, std::move(evidence), remedy});
    };
    if (facts.non_finite > 0) {
        add(Verdict::kIll, "inputs not finite",
            fmt::format("{} input values of {} samples are not finite.", facts.non_finite,
                        facts.samples),
            "Missing values filled in by a Preparation, or their samples dropped.");
    }
    if (facts.samples > 1 && facts.repeated == facts.samples - 1) {
        add(Verdict::kIll, "inputs all the same",
            fmt::format("All {} samples have the same inputs.", facts.samples),
            "A look at how samples are read.");
    } else if (facts.contradictory > 0) {
        add(Verdict::kDoubtful, "contradictory targets",
            fmt::format("Of {} samples {} have the inputs of an earlier one and another target.",
                        facts.samples, facts.contradictory),
            "A look at how inputs and targets are paired; duplicates removed.");
    }
    const bool has_size = !facts.tokens && facts.non_finite == 0;
    if (has_size && facts.deviation == 0 && facts.samples > 1) {
        add(Verdict::kIll, "inputs constant",
            fmt::format("Every input value is {:.4g}.", facts.mean),
            "A look at how samples are read.");
    } else if (has_size && std::max(std::abs(facts.mean), facts.deviation) > kLargeInputs) {
        add(Verdict::kDoubtful, "inputs not normalised",
            fmt::format("Input values have mean {:.4g} and deviation {:.4g}.", facts.mean,
                        facts.deviation),
            "Dataset::normalized or a Preparation: mean 0 and deviation 1, measured on the "
            "training "
            "part.");
    }
    if (findings.empty()) {
        add(Verdict::kHealthy, "",
            facts.tokens ? fmt::format("{} samples of tokens.", facts.samples)
                         : fmt::format("{} samples, mean {:.4g}, deviation {:.4g}.", facts.samples,
                                       facts.mean, facts.deviation),
            "");
    }
    return findings;
}

OutputFacts output_facts(const std::string& loss, const HostTensor& outputs) {
    OutputFacts facts{.loss = loss};
    if (outputs.shape.rank() == 0 || outputs.shape.count() == 0) return facts;
    facts.samples = outputs.shape[0];
    const auto values = outputs.values<float>();
    const std::size_t row = values.size() / static_cast<std::size_t>(facts.samples);
    bool negative = false, zero = false, positive = false, beyond = false, other_sum = false,
         differs = false;
    for (std::size_t i = 0; i < values.size(); i += row) {
        double sum = 0;
        for (std::size_t j = i; j < i + row; ++j) {
            const float value = values[j];
            facts.non_finite += std::isfinite(value) ? 0 : 1;
            negative = negative || value < 0;
            zero = zero || value == 0;
            positive = positive || value > 0;
            beyond = beyond || value >= 1;
            differs = differs || value != values[j % row];
            sum += value;
        }
        other_sum = other_sum || !(std::abs(sum - 1) < 1e-4);
    }
    if (facts.non_finite > 0) return facts;
    facts.rows_are_probabilities = outputs.shape.rank() == 2 && row > 1 && !negative && !other_sum;
    facts.within_unit = !negative && !zero && !beyond;
    facts.floored = !negative && zero && positive;
    facts.same_for_all = !differs && facts.samples > 1 && (negative || positive);
    return facts;
}

std::vector<Finding> judge_outputs(const OutputFacts& facts) {
    std::vector<Finding> findings;
    const auto add = [&](Verdict verdict, const char* disease, std::string evidence,
                         std::string remedy) {
        findings.push_back({"outputs", verdict, disease, std::move(evidence), std::move(remedy)});
    };
    const bool of_logits = facts.loss == "cross_entropy" || facts.loss == "soft_cross_entropy" ||
                           facts.loss == "softmax_focal";
    const bool of_binary_logits =
        facts.loss == "binary_cross_entropy_with_logits" || facts.loss == "sigmoid_focal";
    if (facts.non_finite > 0) {
        add(Verdict::kIll, "outputs not finite",
            fmt::format("{} output values of {} samples are not finite.", facts.non_finite,
                        facts.samples),
            "Smaller starting weights; a look for logarithms, roots and quotients.");
    } else if (of_logits && facts.rows_are_probabilities) {
        add(Verdict::kIll, "softmax twice",
            fmt::format("The outputs of each sample add up to 1, as behind a softmax; {} takes "
                        "logits and has a softmax of its own.",
                        facts.loss),
            "No softmax at the end of the net.");
    } else if (of_binary_logits && facts.within_unit) {
        add(Verdict::kDoubtful, "sigmoid twice",
            fmt::format("All outputs lie between 0 and 1, as behind a sigmoid; {} takes logits and "
                        "has a sigmoid of its own.",
                        facts.loss),
            "No sigmoid at the end of the net, or binary_cross_entropy.");
    } else if ((of_logits || of_binary_logits) && facts.floored) {
        add(Verdict::kDoubtful, "outputs cut off",
            "No output is below 0 and some are 0, as behind a ReLU; logits may be of either sign.",
            "No activation at the end of the net.");
    }
    if (facts.same_for_all) {
        add(Verdict::kDoubtful, "outputs all the same",
            fmt::format("All {} samples get the same outputs.", facts.samples),
            "A look at the layers: dead units, zero weights, a lost signal.");
    }
    return findings;
}

Finding judge_first_loss(const FirstLoss& first) {
    Finding finding{.check = "first loss"};
    finding.evidence = fmt::format("{:.4g} before training", first.measured);
    const auto is = [&](Verdict verdict, const char* disease, std::string remedy) {
        finding.verdict = verdict;
        finding.disease = disease;
        finding.remedy = std::move(remedy);
        return finding;
    };
    if (!std::isfinite(first.measured)) {
        finding.evidence += ".";
        return is(
            Verdict::kIll, "loss not finite",
            "Smaller starting weights; normalised inputs; a look for logarithms and quotients "
            "of 0 in net and loss.");
    }
    if (!std::isfinite(first.expected)) {
        finding.evidence += "; what it should be is not known for this loss.";
        return finding;
    }
    finding.evidence += fmt::format("; {:.4g} is expected, {}.", first.expected, first.expectation);
    const double ratio = first.measured / first.expected;
    if (first.classes > 0) {
        if (ratio < kKnowsAlready) {
            return is(
                Verdict::kNote, "knows already",
                "Nothing, if the net was trained before; if not, the inputs hold the labels.");
        }
        if (first.measured > first.expected + std::max(kScoresOfOne, 0.25 * first.expected)) {
            return is(ratio > kFarAbove ? Verdict::kIll : Verdict::kDoubtful, "first loss too high",
                      "Smaller starting weights in the last layer; normalised inputs; labels that "
                      "are numbered as the outputs are.");
        }
        return finding;
    }
    if (std::isfinite(first.target_mean)) {
        finding.evidence += fmt::format(" Targets have mean {:.4g} and deviation {:.4g}.",
                                        first.target_mean, first.target_deviation);
    }
    if (ratio < kNumbersBelow) {
        return is(Verdict::kNote, "knows already",
                  "Nothing, if the net was trained before; if not, the inputs hold the targets.");
    }
    if (ratio > kNumbersAbove) {
        const bool off_centre = std::abs(first.target_mean) > first.target_deviation;
        return is(Verdict::kDoubtful, "first loss too high",
                  off_centre
                      ? "Targets normalised to mean 0 and deviation 1, or a bias of the last "
                        "layer that begins at their mean."
                      : "Smaller starting weights; normalised inputs.");
    }
    return finding;
}

Finding judge_overfit(const Overfit& overfit) {
    Finding finding{.check = overfit.what};
    const std::string accuracy = std::isnan(overfit.last_accuracy)
                                     ? ""
                                     : fmt::format(", {:.0f} % right", 100 * overfit.last_accuracy);
    finding.evidence =
        fmt::format("{} at {:g} took the loss from {:.4g} to {:.3g} in {} steps{}{}.",
                    overfit.optimizer, overfit.learning_rate, overfit.first_loss, overfit.last_loss,
                    overfit.steps, accuracy, overfit.note.empty() ? "" : " (" + overfit.note + ")");
    if (overfit.last_loss <= overfit.goal) return finding;
    if (overfit.other_steps > 0 && overfit.other_loss <= overfit.goal) {
        finding.evidence += fmt::format(" Adam at 0.001 takes it to {:.3g} in {}.",
                                        overfit.other_loss, overfit.other_steps);
        finding.verdict = Verdict::kDoubtful;
        finding.disease = "optimizer at fault";
        finding.remedy =
            overfit.last_loss > overfit.first_loss || !std::isfinite(overfit.last_loss)
                ? "The net can learn it: a learning rate 10 times lower."
                : "The net can learn it: a learning rate 10 times higher or lower, or Adam.";
        return finding;
    }
    // Half of the loss gone and every label right: a loss may have a floor, as with smoothed
    // labels.
    if (overfit.last_accuracy == 1 && overfit.last_loss < 0.5 * overfit.first_loss) {
        finding.verdict = Verdict::kNote;
        finding.disease = "slow to overfit";
        finding.evidence += " All labels are right.";
        finding.remedy = "Nothing, if the loss cannot come to 0, as with smoothed labels.";
        return finding;
    }
    if (overfit.other_steps > 0) {
        finding.evidence += fmt::format(" Adam at 0.001 took it to {:.3g} in {}.",
                                        overfit.other_loss, overfit.other_steps);
    }
    const bool fell = overfit.last_loss < 0.5 * overfit.first_loss;
    finding.verdict = fell ? Verdict::kDoubtful : Verdict::kIll;
    finding.disease = "cannot overfit " + overfit.what;
    if (overfit.contradictory > 0) {
        finding.remedy = fmt::format(
            "{} samples have the inputs of others and other targets: no net "
            "can learn them.",
            overfit.contradictory);
    } else {
        finding.remedy =
            "What else is found here first: gradients that are wrong or reach no layer, dead "
            "units, "
            "outputs that do not fit the loss. Then: is the target that of the sample, can the "
            "last layer's outputs reach it, does anything (strong decay, dropout) hold the net "
            "back?";
    }
    return finding;
}

Finding judge_learning_curve(std::span<const LearningPoint> points) {
    Finding finding{.check = "more data"};
    if (points.size() < 2) {
        finding.verdict = Verdict::kNote;
        finding.evidence = "One size of the training part says nothing about others.";
        return finding;
    }
    const LearningPoint& before = points[points.size() - 2];
    const LearningPoint& last = points.back();
    const double fall = 1 - last.validation_loss / before.validation_loss;
    const double gap = last.validation_loss - last.train_loss;
    finding.evidence = fmt::format(
        "From {} to {} samples the validation loss went from {:.4g} to {:.4g}, {:+.0f} %; the "
        "training loss is {:.4g}.",
        before.samples, last.samples, before.validation_loss, last.validation_loss, -100 * fall,
        last.train_loss);
    // Whether more data would help is no illness.
    if (fall > 0.03 && gap > 0) {
        finding.verdict = Verdict::kNote;
        finding.disease = "more data helps";
        finding.remedy = "More samples, or augmentation.";
    } else if (fall <= 0.03 && gap < 0.1 * last.validation_loss) {
        finding.verdict = Verdict::kNote;
        finding.disease = "more data does not help";
        finding.remedy = "A larger net or better features rather than more samples.";
    }
    return finding;
}

bool GradientProbe::is_wrong() const {
    if (!std::isfinite(analytic) || !std::isfinite(numeric)) return true;
    return std::abs(analytic - numeric) > kGradientTolerance * larger(*this) + 3 * error;
}

bool GradientProbe::is_open() const {
    return !is_wrong() && error > 0.1 * larger(*this) && larger(*this) > 0;
}

Finding judge_gradients(std::span<const GradientProbe> probes) {
    Finding finding{.check = "gradients"};
    const GradientProbe* last_wrong = nullptr;
    const GradientProbe* first_right = nullptr;  // behind the last wrong one
    std::size_t wrong = 0, open = 0;
    double worst = 0;
    for (const GradientProbe& probe : probes) {
        open += probe.is_open() ? 1 : 0;
        if (probe.is_wrong()) {
            ++wrong;
            last_wrong = &probe;
            first_right = nullptr;
        } else if (!probe.is_open()) {
            if (first_right == nullptr) first_right = &probe;
            if (larger(probe) > 0)
                worst = std::max(worst, std::abs(probe.analytic - probe.numeric) / larger(probe));
        }
    }
    if (wrong == 0) {
        finding.evidence =
            fmt::format("{} parameters agree with differences of the loss to {:.1g} of their size",
                        probes.size() - open, worst);
        finding.evidence +=
            open == 0 ? "." : fmt::format("; of {} the gradient is too small to be told.", open);
        return finding;
    }
    finding.verdict = Verdict::kIll;
    finding.disease = "wrong gradient";
    finding.evidence = fmt::format(
        "Of {} parameters {} {} wrong. Nearest to the loss is {}: the derivative along one "
        "direction is {:.4g}, differences of the loss give {:.4g} +- {:.1g}.",
        probes.size(), wrong, wrong == 1 ? "is" : "are", last_wrong->parameter,
        last_wrong->analytic, last_wrong->numeric, last_wrong->error);
    finding.remedy =
        first_right == nullptr
            ? fmt::format("The gradient of an operator behind {}, or its own.",
                          last_wrong->parameter)
            : fmt::format("The gradient of an operator between {} and {}, or that of {} itself.",
                          last_wrong->parameter, first_right->parameter, last_wrong->parameter);
    return finding;
}

}  // namespace ingot::doctor
