// SPDX-License-Identifier: MIT
#include "core/check.h"

#include <ingot/loss_scaler.h>
#include <ingot/ops.h>

#include <cmath>

namespace ingot::optim {
namespace {

Parameter number_of(const char* name, double value) {
    const auto contents = static_cast<float>(value);
    return Parameter(HostTensor::of(name, {1}, std::span(&contents, 1)),
                     {.name = name, .trainable = false});
}

void check(const char* option, double value, bool is_right, const char* rule) {
    if (is_right && std::isfinite(static_cast<float>(value))) return;
    fail(ErrorKind::kInvalidArgument, "loss_scaler: {} is {}, {}", option, value, rule);
}

}  // namespace

LossScaler::LossScaler(const LossScalerOptions& options)
    : options_(options),
      scale_(number_of("loss_scaler.scale", options.init_scale)),
      growth_tracker_(number_of("loss_scaler.growth_tracker", 0)),
      skipped_steps_(number_of("loss_scaler.skipped_steps", 0)) {
    constexpr std::int64_t kMostSteps = std::int64_t{1} << 24;  // as far as f32 counts
    const auto interval = static_cast<double>(options.growth_interval);
    check("init_scale", options.init_scale, options.init_scale > 0, "not above 0 and in f32");
    check("growth_factor", options.growth_factor, options.growth_factor > 1, "not above 1");
    check("backoff_factor", options.backoff_factor,
          options.backoff_factor > 0 && options.backoff_factor < 1, "not between 0 and 1");
    check("growth_interval", interval,
          options.growth_interval >= 1 && options.growth_interval <= kMostSteps, "not in 1..2^24");
}

Tensor LossScaler::scale(const Tensor& loss) const {
    if (!options_.enabled) return loss;
    return cast(loss, f32) * reshape(scale_, Shape{});
}

std::vector<Tensor> LossScaler::unscale(std::span<const Tensor> gradients) const {
    std::vector<Tensor> result(gradients.begin(), gradients.end());
    if (!options_.enabled) return result;
    const Tensor inverse = reshape(1.0F / scale_.tensor(), Shape{});
    for (Tensor& gradient : result)
        gradient = cast(gradient, f32) * inverse;
    return result;
}

void LossScaler::update(Graph& step, const Tensor& finite, const Tensor& due) const {
    if (!options_.enabled) return;
    const Tensor good = reshape(finite, {1});
    const Tensor count = growth_tracker_ + 1.0F;
    const Tensor is_time = greater_equal(count, static_cast<float>(options_.growth_interval));
    const Tensor larger = scale_ * static_cast<float>(options_.growth_factor);
    const Tensor grown = where(logical_and(is_time, isfinite(larger)), larger, scale_);
    const Tensor lowered = scale_ * static_cast<float>(options_.backoff_factor);
    const auto set = [&](const Parameter& target, const Tensor& value) {
        step.update(target, due ? where(reshape(due, {1}), value, target.tensor()) : value);
    };
    set(scale_, where(good, grown, lowered));
    set(growth_tracker_, where(logical_and(good, logical_not(is_time)), count, 0.0F));
    set(skipped_steps_, where(good, skipped_steps_, skipped_steps_ + 1.0F));
}

double LossScaler::get_scale() const {
    return options_.enabled ? scale_.read().values<float>()[0] : 1.0;
}

std::int64_t LossScaler::skipped_steps() const {
    return static_cast<std::int64_t>(skipped_steps_.read().values<float>()[0]);
}

std::vector<Parameter> LossScaler::state() const {
    if (!options_.enabled) return {};
    return {scale_, growth_tracker_, skipped_steps_};
}

void LossScaler::reset() {
    scale_.write(number_of("scale", options_.init_scale).read());
    for (Parameter* count : {&growth_tracker_, &skipped_steps_})
        count->write(number_of("count", 0).read());
}

Tensor all_finite(std::span<const Tensor> tensors) {
    Tensor others;  // above 0: there are some
    for (const Tensor& x : tensors) {
        const Tensor found = max(cast(logical_not(isfinite(x)), f32));
        others = others ? maximum(others, found) : found;
    }
    if (!others) fail(ErrorKind::kInvalidArgument, "all_finite: of no tensors");
    return equal(others, 0.0F);
}

}  // namespace ingot::optim
