// SPDX-License-Identifier: MIT
// Fabricated curves of every kind are called by their names, and good ones are left alone.
#include <doctest/doctest.h>
#include <ingot/diagnosis.h>

#include <cmath>
#include <functional>
#include <limits>

using namespace ingot;
using doctor::Verdict;

namespace {

using Function = std::function<double(double)>;  // of the epoch, from 0

constexpr int kStepsPerEpoch = 20;

// Noise in -1..1, the same each time.
double jitter(double i) {
    const double wild = std::sin(12.9898 * i + 0.5) * 43758.5453;
    return 2 * (wild - std::floor(wild)) - 1;
}

train::History curves(int epochs, const Function& train, const Function& validation = {}) {
    train::History history;
    for (int e = 0; e < epochs; ++e) {
        double sum = 0;
        for (int s = 0; s < kStepsPerEpoch; ++s) {
            const double loss = train(e + static_cast<double>(s) / kStepsPerEpoch);
            history.step_losses.push_back(static_cast<float>(loss));
            sum += loss;
        }
        history.epochs.push_back({.train_loss = sum / kStepsPerEpoch});
        if (validation) history.epochs.back().validation_loss = validation(e);
    }
    return history;
}

std::string diseases(const train::History& history, doctor::CurveOptions options = {}) {
    std::string names;
    for (const doctor::Finding& finding : doctor::judge_curves(history, options)) {
        CHECK(finding.check == "curves");
        CHECK(!finding.evidence.empty());
        CHECK(finding.remedy.empty() == (finding.verdict == Verdict::kHealthy));
        names += (names.empty() ? "" : ", ") + finding.disease;
    }
    return names;
}

double falling(double from, double to, double e, double pace) {
    return to + (from - to) * std::exp(-e / pace);
}

}  // namespace

TEST_SUITE("doctor") {
    TEST_CASE("curves: good ones") {
        const auto train = [](double e) { return falling(2.3, 0.2, e, 3); };
        const auto validation = [](double e) { return falling(2.3, 0.3, e, 3); };
        CHECK(diseases(curves(20, train, validation)) == "");
        CHECK(diseases(curves(20, train)) == "");
        CHECK(diseases(curves(200, train, validation)) == "");
        // Noise from batch to batch is usual.
        CHECK(diseases(curves(
                  20, [&](double e) { return train(e) * (1 + 0.3 * jitter(20 * e)); },
                  [&](double e) { return validation(e) * (1 + 0.03 * jitter(e)); })) == "");
        // Learnt to the end.
        CHECK(diseases(curves(
                  40, [](double e) { return falling(1.1, 0.001, e, 4); },
                  [](double e) { return falling(1.1, 0.004, e, 4); })) == "");
        // A table without steps, as a CSV file has them.
        auto history = curves(20, train, validation);
        history.step_losses.clear();
        CHECK(diseases(history) == "");
    }

    TEST_CASE("curves: overfitting") {
        const auto train = [](double e) { return falling(2.3, 0.01, e, 4); };
        const auto rising = [](double e) { return falling(2.3, 0.5, e, 2) + 0.03 * e; };
        CHECK(diseases(curves(30, train, rising)) == "overfitting");
        const auto settled = [](double e) { return falling(2.3, 0.9, e, 2); };
        CHECK(diseases(curves(30, train, settled)) == "overfitting");
        const auto findings = doctor::judge_curves(curves(30, train, rising));
        CHECK(findings[0].evidence.find("lowest in epoch 8") != std::string::npos);
        auto history = curves(30, train, rising);
        history.step_losses.clear();
        CHECK(diseases(history) == "overfitting");
    }

    TEST_CASE("curves: underfitting") {
        CHECK(diseases(curves(
                  30, [](double e) { return falling(2.3, 1.7, e, 3); },
                  [](double e) { return falling(2.3, 1.75, e, 3); })) == "underfitting");
        CHECK(diseases(curves(30, [](double e) { return falling(2.3, 1.7, e, 3); })) ==
              "underfitting");
    }

    TEST_CASE("curves: a rate too low, and a run too short") {
        const auto slow = [](double e) { return 2.3 - 0.02 * e; };
        CHECK(diseases(curves(20, slow, slow)) == "rate too low");
        CHECK(diseases(curves(20, slow)) == "rate too low");
        CHECK(diseases(curves(2, [](double e) { return 2.3 - 0.3 * e; })) == "rate too low");
        // Hardly anything in all this time, but steadily.
        CHECK(diseases(curves(20, [](double e) { return 2.3 - 0.005 * e; })) == "rate too low");
        const auto middle = [](double e) { return falling(2.3, 0.3, e, 8); };
        CHECK(diseases(curves(10, middle, middle)) == "not yet converged");
        CHECK(diseases(curves(1, [](double) { return 1.0; })).find("rate") == std::string::npos);
    }

    TEST_CASE("curves: a rate too high") {
        const auto spike = [](double e) { return e < 0.3 ? 2.3 + 100 * e : 2.35; };
        CHECK(diseases(curves(20, spike)) == "rate too high");
        const auto away = [](double e) {
            return e < 5 ? falling(2.3, 0.5, e, 2) : 0.7 + 0.2 * (e - 5);
        };
        CHECK(diseases(curves(20, away)) == "diverged");
        auto history = curves(3, [](double e) { return falling(2.3, 0.5, e, 2); });
        history.step_losses[17] = std::numeric_limits<float>::infinity();
        CHECK(diseases(history) == "diverged");
        CHECK(doctor::judge_curves(history)[0].evidence.find("step 18 of 60") != std::string::npos);
        history.step_losses.clear();
        history.epochs[1].train_loss = std::nan("");
        CHECK(diseases(history) == "diverged");
    }

    TEST_CASE("curves: nothing learnt") {
        const auto flat = [](double e) { return 2.31 + 0.02 * jitter(20 * e); };
        CHECK(diseases(curves(20, flat, [](double) { return 2.31; })) == "does not learn");
        auto history = curves(20, flat);
        history.step_losses.clear();
        CHECK(diseases(history, {.uninformed_loss = std::log(10.0)}) == "does not learn");
    }

    TEST_CASE("curves: jumps of the validation loss") {
        const auto train = [](double e) { return falling(2.3, 0.3, e, 3); };
        CHECK(diseases(curves(30, train, [&](double e) {
                  return 1.2 * train(e) * (1 + 0.6 * jitter(e));
              })) == "noisy");
    }

    TEST_CASE("curves: nothing to read") {
        CHECK(diseases({}) == "too short to read");
        train::History history;
        history.step_losses.assign(10, 1.0F);
        CHECK(diseases(history) == "too short to read");
        history.epochs = {{.train_loss = 1}};
        CHECK(diseases(history) == "too short to read");
    }
}
