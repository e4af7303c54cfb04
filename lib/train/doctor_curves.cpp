// SPDX-License-Identifier: MIT
// Curves read as a diagnosis. All rules are relative to the loss of an answer that does not look at
// the samples ("uninformed") and to how much a curve jumps by itself, so that they hold for any
// loss.
#include <ingot/diagnosis.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ingot::doctor {
namespace {

constexpr const char* kCheck = "curves";

// Below this share of the uninformed loss taken away, nothing was learnt; above, much was.
constexpr double kNothing = 0.05;
constexpr double kMuch = 0.5;
constexpr double kSpike = 2.5;          // of the uninformed loss, averaged over neighbouring steps
constexpr double kRise = 0.1;           // of the validation loss above its best, at the least
constexpr double kWideGap = 0.15;       // between the losses, of the uninformed one
constexpr double kStraight = 0.6;       // the second half's fall by the first's
constexpr double kStillFalling = 0.03;  // of the uninformed loss, over the last third
constexpr double kBetter = 0.005;       // of the validation loss: worth going on
constexpr double kJumpy = 0.15;         // of the validation loss, from epoch to epoch

using Curve = std::vector<double>;

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_of(Curve values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// The deviation of one value around a smooth curve, relative to the curve: from second differences,
// whose deviation is sqrt(6) times that of the values.
double jumpiness(const Curve& curve) {
    const std::size_t begin = curve.size() / 3;  // the first epochs are steep
    if (curve.size() - begin < 5) return 0;
    Curve bends;
    for (std::size_t i = begin + 1; i + 1 < curve.size(); ++i)
        bends.push_back(std::abs(curve[i + 1] - 2 * curve[i] + curve[i - 1]));
    const double level =
        median_of({curve.begin() + static_cast<std::ptrdiff_t>(begin), curve.end()});
    return level > 0 ? median_of(bends) / (0.6745 * std::sqrt(6.0) * level) : 0;
}

class Reading {
public:
    Reading(const train::History& history, const CurveOptions& options) : history_(history) {
        for (const train::EpochResult& epoch : history.epochs) {
            train_.push_back(epoch.train_loss);
            if (!std::isnan(epoch.validation_loss)) validation_.push_back(epoch.validation_loss);
        }
        // Of a run that measured it now and then only, there is no curve.
        if (validation_.size() != train_.size()) validation_.clear();
        uninformed_ = options.uninformed_loss;
    }

    std::vector<Finding> judge() {
        if (!look_for_non_finite() && enough()) {
            shape();
            if (!look_for_divergence() && !look_for_no_progress()) {
                look_for_low_rate() || look_for_underfitting();
                look_for_overfitting();
            }
            look_for_jumps();
        }
        if (findings_.empty()) add(Verdict::kHealthy, "", say_learnt(), "");
        return std::move(findings_);
    }

private:
    void add(Verdict verdict, std::string disease, std::string evidence, std::string remedy) {
        findings_.push_back(
            {kCheck, verdict, std::move(disease), std::move(evidence), std::move(remedy)});
    }

    bool look_for_non_finite() {
        const auto& steps = history_.step_losses;
        const auto step = std::find_if(steps.begin(), steps.end(),
                                       [](float loss) { return !std::isfinite(loss); });
        const auto not_finite = [](double loss) { return !std::isfinite(loss); };
        const auto epoch = std::find_if(train_.begin(), train_.end(), not_finite);
        const auto validation = std::find_if(validation_.begin(), validation_.end(), not_finite);
        std::string where;
        if (step != steps.end()) {
            where = fmt::format("The loss of step {} of {} is {}.", step - steps.begin() + 1,
                                steps.size(), *step);
        } else if (epoch != train_.end()) {
            where = fmt::format("The training loss of epoch {} is {}.", epoch - train_.begin() + 1,
                                *epoch);
        } else if (validation != validation_.end()) {
            where = fmt::format("The validation loss of epoch {} is {}.",
                                validation - validation_.begin() + 1, *validation);
        } else {
            return false;
        }
        add(Verdict::kIll, "diverged", where,
            "A learning rate ten times lower; clipping of the gradient's norm (clip_norm 1); a "
            "look "
            "for values in the data that are not finite, and for logarithms or quotients of 0.");
        return true;
    }

    bool enough() {
        constexpr std::size_t kFewSteps = 20;
        if (train_.size() >= 2 || history_.step_losses.size() >= kFewSteps) return true;
        add(Verdict::kNote, "too short to read",
            fmt::format("{} epochs and {} steps say little.", train_.size(),
                        history_.step_losses.size()),
            "Train for longer.");
        return false;
    }

    // The course of the training loss, of at least 6 points: of epochs, or of stretches of steps.
    void shape() {
        course_ = train_;
        const auto& steps = history_.step_losses;
        const std::size_t blocks = std::clamp<std::size_t>(steps.size() / 4, 6, 30);
        Curve stretches;
        for (std::size_t b = 0; b < blocks && steps.size() >= 4 * blocks / 2; ++b) {
            const std::size_t begin = b * steps.size() / blocks;
            const std::size_t end = (b + 1) * steps.size() / blocks;
            double sum = 0;
            for (std::size_t i = begin; i < end; ++i)
                sum += steps[i];
            stretches.push_back(sum / static_cast<double>(std::max<std::size_t>(end - begin, 1)));
        }
        if (!stretches.empty() && course_.size() < 6) course_ = stretches;
        highest_ = highest_of_steps();
        if (std::isnan(uninformed_)) {
            // The first step's loss is from before any update, but of one batch only.
            const std::size_t first = std::min<std::size_t>(steps.size(), 3);
            const double sum = std::accumulate(
                steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(first), 0.0);
            uninformed_ = first == 0 ? train_.front()
                                     : std::min<double>(steps[0], sum / static_cast<double>(first));
            if (first == 0) from_first_epoch_ = true;
        }
        last_ = train_.empty() ? course_.back() : train_.back();
        learnt_ = uninformed_ > 0 ? 1 - last_ / uninformed_ : 1;
    }

    // Averaged over neighbouring steps, as one batch may be a hard one.
    double highest_of_steps() const {
        const auto& steps = history_.step_losses;
        const std::size_t window = std::max<std::size_t>(5, steps.size() / 200);
        if (steps.size() < window) return *std::max_element(course_.begin(), course_.end());
        double sum = std::accumulate(steps.begin(),
                                     steps.begin() + static_cast<std::ptrdiff_t>(window), 0.0);
        double highest = sum;
        for (std::size_t i = window; i < steps.size(); ++i) {
            sum += static_cast<double>(steps[i]) - steps[i - window];
            highest = std::max(highest, sum);
        }
        return highest / static_cast<double>(window);
    }

    bool look_for_divergence() {
        const double lowest = *std::min_element(course_.begin(), course_.end());
        if (last_ > 2 * lowest && last_ - lowest > 0.1 * uninformed_) {
            add(Verdict::kIll, "diverged",
                fmt::format("The training loss ended at {:.4g}, after it had been {:.4g}.", last_,
                            lowest),
                "A learning rate 3 to 10 times lower, or one that falls by a schedule; clipping of "
                "the gradient's norm.");
            return true;
        }
        if (highest_ <= kSpike * uninformed_) return false;
        add(learnt_ < kMuch ? Verdict::kIll : Verdict::kDoubtful, "rate too high",
            fmt::format("The training loss rose to {:.4g}, from {:.4g} of an answer that does not "
                        "look at the samples; it ended at {:.4g}.",
                        highest_, uninformed_, last_),
            "A learning rate 3 to 10 times lower, or one that warms up over the first hundreds of "
            "steps.");
        return learnt_ < kMuch;
    }

    // The fall of the second half of the course by the first's.
    double straightness() const {
        const std::size_t half = course_.size() / 2;
        const double first = course_.front() - course_[half];
        const double second = course_[half] - course_.back();
        return first > 0 ? second / first : 0;
    }

    bool look_for_no_progress() {
        if (learnt_ >= kNothing || from_first_epoch_) return false;
        const double fall = (course_.front() - course_.back()) / uninformed_;
        if (fall > 0 && straightness() > kStraight && jumpiness(course_) < 0.3 * fall) {
            return false;  // slow, but going down
        }
        const double jumps = jumpiness(course_);
        add(Verdict::kIll, "does not learn",
            fmt::format("The training loss ended at {:.4g}; an answer that does not look at the "
                        "samples has {:.4g}. It jumps by {:.1f} % from point to point.",
                        last_, uninformed_, 100 * jumps),
            "Learn one batch by heart first. A learning rate ten times lower, and one ten times "
            "higher; labels that belong to the samples; gradients that reach all layers.");
        return true;
    }

    bool look_for_low_rate() {
        if (course_.size() < 6) return false;
        const std::size_t third = course_.size() - course_.size() / 3 - 1;
        const double fall = (course_[third] - course_.back()) / course_[third];
        const double jumps = jumpiness(course_);
        const std::string numbers = fmt::format(
            "Over the last third the training loss fell by {:.2g} %, to {:.4g}", 100 * fall, last_);
        const bool is_steady = straightness() > kStraight && fall > 2 * jumps;
        const bool is_worse_elsewhere =
            validation_.size() == course_.size() && validation_.back() > validation_[third];
        if (is_steady && learnt_ < kMuch && !is_worse_elsewhere) {
            add(Verdict::kDoubtful, "rate too low",
                fmt::format("{}, in an almost straight line: the second half's fall is {:.0f} % of "
                            "the first's. {}",
                            numbers, 100 * straightness(), say_share()),
                "A learning rate 3 to 10 times higher, then more epochs.");
            return true;
        }
        if (!validation_.empty() && !validation_still_falls()) return false;
        const bool is_much = (course_[third] - course_.back()) > kStillFalling * uninformed_;
        if (!is_much || fall < 2 * jumps) return false;
        add(Verdict::kNote, "not yet converged", fmt::format("{}. {}", numbers, say_share()),
            "More epochs, or a learning rate 2 to 3 times higher.");
        return true;
    }

    bool validation_still_falls() const {
        const std::size_t third = validation_.size() - validation_.size() / 3 - 1;
        const double best_before = *std::min_element(
            validation_.begin(), validation_.begin() + static_cast<std::ptrdiff_t>(third) + 1);
        const double best_after = *std::min_element(
            validation_.begin() + static_cast<std::ptrdiff_t>(third), validation_.end());
        return best_after < best_before * (1 - kBetter);
    }

    bool look_for_underfitting() {
        if (learnt_ >= kMuch || from_first_epoch_ || course_.size() < 3) return false;
        const double validation = validation_.empty() ? last_ : validation_.back();
        if (validation - last_ > kWideGap * uninformed_) return false;
        const std::string beside =
            validation_.empty() ? ""
                                : fmt::format(" and the validation loss at {:.4g}", validation);
        add(Verdict::kDoubtful, "underfitting",
            fmt::format("The training loss has settled at {:.4g}{}. {}", last_, beside,
                        say_share()),
            "A larger net, weaker regularisation, better features, or another learning rate.");
        return true;
    }

    void look_for_overfitting() {
        if (validation_.size() < 3) return;
        const auto best = std::min_element(validation_.begin(), validation_.end());
        const auto best_epoch = static_cast<std::size_t>(best - validation_.begin());
        // One last value may be chance: the last three, where there are as many behind the best.
        const std::size_t tail = std::min<std::size_t>(3, validation_.size() - 1 - best_epoch);
        const double end =
            tail == 0 ? validation_.back() : mean_of(std::span(validation_).last(tail));
        const double rise = end / *best - 1;
        const double jumps = jumpiness(validation_);
        const double gap = end - last_;
        const bool falls_on = last_ < 0.95 * train_[best_epoch];
        const bool rises = tail > 0 && rise > std::max(kRise, 3 * jumps) && falls_on &&
                           end - *best > 0.01 * uninformed_;
        const bool apart =
            gap > kWideGap * uninformed_ && end > 1.5 * last_ && !validation_still_falls();
        if (!rises && !apart) return;
        const train::EpochResult& epoch = history_.epochs.back();
        const std::string accuracies =
            std::isnan(epoch.train_accuracy) || std::isnan(epoch.validation_accuracy)
                ? ""
                : fmt::format(" Accuracies are {:.1f} % and {:.1f} %.", 100 * epoch.train_accuracy,
                              100 * epoch.validation_accuracy);
        add(Verdict::kDoubtful, "overfitting",
            fmt::format("The validation loss was lowest in epoch {}, {:.4g}, and is {:.4g} at the "
                        "end, {:+.0f} %, while the training loss went from {:.4g} to {:.4g}.{}",
                        best_epoch + 1, *best, end, 100 * rise, train_[best_epoch], last_,
                        accuracies),
            "Early stopping with the best weights; more data or augmentation; weight decay, "
            "dropout; "
            "a smaller net.");
    }

    void look_for_jumps() {
        const double jumps = jumpiness(validation_);
        if (jumps < kJumpy || validation_.back() < 0.05 * uninformed_) return;
        add(Verdict::kNote, "noisy",
            fmt::format("The validation loss jumps by {:.0f} % from epoch to epoch.", 100 * jumps),
            "More validation samples, a lower learning rate at the end, larger batches.");
    }

    std::string say_share() const {
        return fmt::format(
            "{:.0f} % of the loss of an answer that does not look at the samples "
            "({:.4g}) is left.",
            100 * (1 - learnt_), uninformed_);
    }

    std::string say_learnt() const {
        std::string text =
            fmt::format("The training loss went from {:.4g} to {:.4g}", uninformed_, last_);
        if (!validation_.empty()) {
            const auto best = std::min_element(validation_.begin(), validation_.end());
            text += fmt::format(", the validation loss to {:.4g} (best {:.4g}, epoch {} of {})",
                                validation_.back(), *best, best - validation_.begin() + 1,
                                validation_.size());
        }
        return text + ".";
    }

    const train::History& history_;
    Curve train_, validation_;  // by epochs
    Curve course_;              // of the training loss
    double uninformed_ = kNotMeasured;
    double highest_ = 0;  // of the training loss, stretches averaged
    double last_ = 0;
    double learnt_ = 0;              // share of the uninformed loss that is gone
    bool from_first_epoch_ = false;  // the uninformed loss is only known from above
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> judge_curves(const train::History& history, const CurveOptions& options) {
    return Reading(history, options).judge();
}

}  // namespace ingot::doctor
