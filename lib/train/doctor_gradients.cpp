// SPDX-License-Identifier: MIT
// Gradients against central differences of the loss, one parameter at a time, along a direction
// that is half the gradient itself, so that there is something to see, and half random, so that
// what the gradient lacks shows, too.
//
// The loss is an f32. A long step sees the curve, and every corner of a ReLU, a short one sees
// rounding; so the difference is taken with steps that shrink by four, and the one is believed that
// rounding and its neighbours leave the least doubt about. That doubt is GradientProbe::error.
#include "train/patient.h"

#include "core/random.h"

#include <ingot/ops.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ingot::doctor {
namespace {

constexpr std::size_t kSteps = 6;    // lengths of step
constexpr double kFirstStep = 0.05;  // relative to the parameter's norm
constexpr double kShrink = 0.25;
constexpr double kLossRounding = 0x1p-22;  // of a loss: two places of the last bit, and as much
                                           // again for what went into it
constexpr int kTries = 3;                  // directions, until one agrees

double norm_of(std::span<const float> values) {
    double sum = 0;
    for (const float value : values)
        sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
}

class GradientCheck {
public:
    GradientCheck(Patient& patient, const data::Dataset& data, const Options& options)
        : patient_(patient),
          samples_(batches_of(data, options.batch_size, 1, options.seed).front()),
          expression_(patient.write(data, samples_.count, nn::Mode::kTrain)),
          feeds_(expression_.feeds(samples_)),
          seed_(options.seed) {
        choose(options.gradient_parameters);
        std::vector<Tensor> wrt;
        for (const nn::NamedParameter& named : chosen_)
            wrt.push_back(named.parameter.tensor());
        gradients_ = gradients(expression_.loss, wrt);
    }

    std::vector<GradientProbe> run() {
        if (chosen_.empty()) return {};
        Graph graph;
        graph.output(expression_.loss);
        Program loss = patient_.device.compile(graph);
        for (const Tensor& gradient : gradients_)
            graph.output(gradient);
        Program whole = patient_.device.compile(graph);
        const Snapshot snapshot(patient_);
        run_afresh(whole);
        std::vector<GradientProbe> probes;
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            const auto gradient = whole.read_all<float>(gradients_[i]);
            GradientProbe probe;
            // Of a direction that meets a corner, differences say nothing.
            for (int t = 0; t < kTries; ++t) {
                probe = along(loss, chosen_[i], gradient, i * kTries + static_cast<std::size_t>(t));
                if (!probe.is_wrong()) break;
            }
            probes.push_back(probe);
        }
        return probes;
    }

private:
    // Evenly spread over the model.
    void choose(std::int64_t most) {
        const auto all = [&] {
            std::vector<nn::NamedParameter> result;
            for (nn::NamedParameter& named : patient_.net.parameters()) {
                if (named.parameter.trainable()) result.push_back(std::move(named));
            }
            return result;
        }();
        const auto count =
            std::min(static_cast<std::size_t>(std::max<std::int64_t>(most, 0)), all.size());
        for (std::size_t i = 0; i < count; ++i)
            chosen_.push_back(all[i * all.size() / count]);
    }

    // With the random numbers of the first time.
    void run_afresh(Program& program) {
        for (Generator& generator : patient_.net.generators())
            generator.set_counter(0);
        program.run(feeds_);
    }

    double loss_at(Program& program, Parameter parameter, const HostTensor& contents) {
        parameter.write(contents);
        run_afresh(program);
        return program.read<float>(expression_.loss);
    }

    GradientProbe along(Program& program, const nn::NamedParameter& named,
                        std::span<const float> gradient, std::size_t stream) {
        const HostTensor before = named.parameter.read();
        const auto p = before.values<float>();
        GradientProbe probe{.parameter = named.name, .gradient_norm = norm_of(gradient)};
        const std::vector<double> v = direction(gradient, probe.gradient_norm, stream);

        // A parameter of zeros moves as one of small weights does.
        const double size = std::max(norm_of(p), 0.01 * std::sqrt(static_cast<double>(p.size())));
        struct Difference {
            double step, analytic, numeric, rounding;
        };
        std::array<Difference, kSteps> differences{};
        double h = kFirstStep * size;
        for (Difference& difference : differences) {
            HostTensor up = before, down = before;
            double analytic = 0;
            for (std::size_t i = 0; i < p.size(); ++i) {
                const auto moved = static_cast<float>(h * v[i]);
                float& above = up.values<float>()[i];
                float& below = down.values<float>()[i];
                above = p[i] + moved;
                below = p[i] - moved;
                // As far as the parameter really moves, being an f32.
                analytic += static_cast<double>(gradient[i]) *
                            (static_cast<double>(above) - below) / (2 * h);
            }
            const double high = loss_at(program, named.parameter, up);
            const double low = loss_at(program, named.parameter, down);
            const double rounding = kLossRounding * std::max(std::abs(high), std::abs(low)) / h;
            difference = {h, analytic, (high - low) / (2 * h), rounding};
            h *= kShrink;
        }
        Parameter(named.parameter).write(before);

        probe.error = INFINITY;
        for (std::size_t k = 0; k < kSteps; ++k) {
            const Difference& d = differences[k];
            double doubt = 0;
            if (k + 1 < kSteps) doubt = std::abs(d.numeric - differences[k + 1].numeric);
            // A smooth curve's error falls by 16, so the neighbour's difference is 15 times it.
            if (k > 0)
                doubt = std::max(doubt, std::abs(d.numeric - differences[k - 1].numeric) / 15);
            if (!(d.rounding + doubt < probe.error)) continue;
            probe.error = d.rounding + doubt;
            probe.step = d.step;
            probe.analytic = d.analytic;
            probe.numeric = d.numeric;
        }
        if (std::isinf(probe.error)) probe.analytic = probe.numeric = kNotMeasured;
        return probe;
    }

    std::vector<double> direction(std::span<const float> gradient, double norm,
                                  std::size_t stream) const {
        RandomStream random(seed_, stream_of(RandomPurpose::kSample, stream));
        const double each = 1 / std::sqrt(static_cast<double>(gradient.size()));
        std::vector<double> v(gradient.size());
        double squares = 0;
        for (std::size_t i = 0; i < v.size(); ++i) {
            v[i] = random.word() % 2 == 0 ? each : -each;
            if (norm > 0 && std::isfinite(norm)) v[i] += gradient[i] / norm;
            squares += v[i] * v[i];
        }
        if (squares == 0) return v;
        for (double& element : v)
            element /= std::sqrt(squares);
        return v;
    }

    Patient& patient_;
    Samples samples_;
    Expression expression_;
    std::vector<Feed> feeds_;
    std::uint64_t seed_;
    std::vector<nn::NamedParameter> chosen_;
    std::vector<Tensor> gradients_;
};

}  // namespace

std::vector<GradientProbe> check_gradients(Patient& patient, const data::Dataset& data,
                                           const Options& options) {
    return GradientCheck(patient, data, options).run();
}

}  // namespace ingot::doctor
