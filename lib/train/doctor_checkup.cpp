// SPDX-License-Identifier: MIT
// Checkup: a look at the layers and curves of a run that is going on.
#include "train/layer_probe.h"
#include "train/preparing.h"

#include "core/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace ingot::doctor {

class Checkup::Impl {
public:
    Impl(const Device& on, losses::Loss of, data::Dataset from, CheckupOptions with)
        : device(on.context()),
          loss(std::move(of)),
          samples(std::move(from)),
          options(std::move(with)) {}

    void look(train::FitState& fit, bool at_end) {
        if (!program) compile(fit);
        program->run(expression.feeds(batch));
        diagnosis.layers = probes->read(*program);
        diagnosis.history = fit.history;
        diagnosis.findings = judge_layers(diagnosis.layers);
        for (Finding& finding : judge_curves(fit.history)) {
            if (at_end || tells_before_the_end(finding))
                diagnosis.findings.push_back(std::move(finding));
        }
        for (const Finding& finding : diagnosis.findings) {
            if (finding.verdict <= Verdict::kNote) continue;
            if (told.insert(finding.check + finding.disease).second) tell(finding, fit);
            const bool ends =
                options.stop_at != Verdict::kHealthy && finding.verdict >= options.stop_at;
            if (ends) fit.stop(finding.disease);
        }
    }

private:
    // The rest of a run may be what a curve lacks.
    static bool tells_before_the_end(const Finding& finding) {
        return finding.disease == "diverged" || finding.disease == "rate too high" ||
               finding.disease == "does not learn" || finding.disease == "overfitting";
    }

    void tell(const Finding& finding, const train::FitState& fit) const {
        if (options.found) {
            options.found(finding);
            return;
        }
        log(LogLevel::kWarning, "epoch {}: {}: {} {}", fit.history.epochs.size(), finding.disease,
            finding.evidence, finding.remedy);
    }

    // In evaluation mode: running statistics and random streams of the run stay as they are.
    void compile(train::FitState& fit) {
        const Patient patient(device, fit.net, loss, fit.optimizer);
        samples = train::prepared_to_train(fit.net, samples);
        batch = batches_of(samples, options.batch_size, 1, options.seed).front();
        expression = patient.write(samples, batch.count, nn::Mode::kEval);
        probes.emplace(expression);
        Graph graph;
        graph.output(expression.loss);
        probes->add_to(graph);
        program.emplace(device.compile(graph));
    }

    Device device;
    losses::Loss loss;
    data::Dataset samples;
    Samples batch;
    Expression expression;
    std::optional<LayerProbes> probes;
    std::optional<Program> program;
    std::set<std::string> told;

public:
    CheckupOptions options;
    Diagnosis diagnosis;
};

Checkup::Checkup(const Device& device, losses::Loss loss, data::Dataset samples,
                 CheckupOptions options)
    : impl_(
          std::make_unique<Impl>(device, std::move(loss), std::move(samples), std::move(options))) {
    if (impl_->options.every < 1) {
        throw Error(ErrorKind::kInvalidArgument,
                    fmt::format("doctor: a look every {} epochs", impl_->options.every));
    }
}
Checkup::~Checkup() = default;
Checkup::Checkup(Checkup&&) noexcept = default;

void Checkup::on_epoch(train::FitState& fit) {
    if (static_cast<std::int64_t>(fit.history.epochs.size()) % impl_->options.every == 0)
        impl_->look(fit, false);
}

void Checkup::on_end(train::FitState& fit) {
    impl_->look(fit, true);
}

const Diagnosis& Checkup::diagnosis() const {
    return impl_->diagnosis;
}

}  // namespace ingot::doctor
