// SPDX-License-Identifier: MIT
// Mixtures of the samples of a batch, each with the one before it. In place, from the back, so that
// the one before is still as it was; the last one is kept for the first.
#include "data/augment.h"

#include <algorithm>
#include <cmath>

namespace ingot::augment {
namespace {

// The logarithm of a draw from Gamma(shape, 1): Marsaglia and Tsang, "A simple method for
// generating gamma variables", 2000. For a shape below 1, from that of shape + 1; its logarithm
// stays finite where the draw itself would be 0.
double log_gamma_draw(double shape, Random& random) {
    double boost = 0;
    if (shape < 1) {
        boost = std::log(1.0 - random.uniform()) / shape;
        shape += 1;
    }
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
        const double x = random.normal();
        const double root = 1.0 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root;
        const double u = 1.0 - random.uniform();  // (0, 1]
        if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) {
            return std::log(d * v) + boost;
        }
    }
}

double beta_draw(double alpha, Random& random) {
    const double first = log_gamma_draw(alpha, random);
    return 1.0 / (1.0 + std::exp(log_gamma_draw(alpha, random) - first));
}

// Calls combine(own, before, index) for every element of every sample.
template <typename Combine>
void with_the_one_before(std::span<float> values, std::int64_t count, Combine combine) {
    const std::size_t size = values.size() / static_cast<std::size_t>(count);
    const auto last_values = values.last(size);
    const std::vector<float> last(last_values.begin(), last_values.end());
    for (std::size_t sample = static_cast<std::size_t>(count); sample-- > 0;) {
        float* own = values.data() + sample * size;
        const float* before = sample == 0 ? last.data() : own - size;
        for (std::size_t i = 0; i < size; ++i)
            own[i] = combine(own[i], before[i], i);
    }
}

void blend(std::span<float> values, std::int64_t count, double own_share) {
    with_the_one_before(values, count, [own_share](float own, float before, std::size_t) {
        return static_cast<float>(own_share * own + (1 - own_share) * before);
    });
}

void check_mix(const char* name, const MixOptions& options) {
    check_probability(name, options.probability);
    if (!(options.alpha >= 1e-3 && options.alpha <= 1e6)) {
        fail(ErrorKind::kInvalidArgument, "{}: alpha {} is outside 0.001 to 1e6", name,
             options.alpha);
    }
}

std::string text_of(const char* name, const MixOptions& options) {
    return fmt::format("{}(alpha {}) in {}", name, options.alpha, options.probability);
}

}  // namespace

Mix mixup(const MixOptions& options) {
    check_mix("mixup", options);
    Mix mix{"mixup"};
    mix.description = text_of("mixup", options);
    mix.apply = [options](const MixedBatch& batch, Random& random) {
        if (!random.chance(options.probability)) return;
        const double own_share = beta_draw(options.alpha, random);
        blend(batch.inputs, batch.count, own_share);
        blend(batch.targets, batch.count, own_share);
    };
    return mix;
}

Mix cutmix(const MixOptions& options) {
    check_mix("cutmix", options);
    Mix mix{"cutmix"};
    mix.description = text_of("cutmix", options);
    mix.check = [](const Shape& shape) {
        if (shape.rank() != 3 || shape.count() == 0) {
            fail(ErrorKind::kInvalidArgument, "cutmix: samples {} are no pictures [C, H, W]",
                 to_string(shape));
        }
    };
    mix.apply = [options](const MixedBatch& batch, Random& random) {
        if (!random.chance(options.probability)) return;
        const std::int64_t height = batch.sample_shape[1], width = batch.sample_shape[2];
        // Half the sides of a rectangle around a pixel; what sticks out is cut off.
        const double half = 0.5 * std::sqrt(1.0 - beta_draw(options.alpha, random));
        const std::int64_t x = random.below(width), y = random.below(height);
        const auto half_width = static_cast<std::int64_t>(half * static_cast<double>(width));
        const auto half_height = static_cast<std::int64_t>(half * static_cast<double>(height));
        const std::int64_t left = std::max<std::int64_t>(0, x - half_width);
        const std::int64_t right = std::min(width, x + half_width);
        const std::int64_t top = std::max<std::int64_t>(0, y - half_height);
        const std::int64_t bottom = std::min(height, y + half_height);
        with_the_one_before(batch.inputs, batch.count, [&](float own, float before, std::size_t i) {
            const auto at = static_cast<std::int64_t>(i);
            const std::int64_t column = at % width, row = at / width % height;
            const bool inside = column >= left && column < right && row >= top && row < bottom;
            return inside ? before : own;
        });
        blend(batch.targets, batch.count,
              1.0 - static_cast<double>((right - left) * (bottom - top)) /
                        static_cast<double>(width * height));
    };
    return mix;
}

Mix one_of(std::vector<Mix> mixes, std::vector<double> weights) {
    const std::vector<double> sums = checked_sums("one_of", mixes.size(), weights);
    for (const Mix& mix : mixes) {
        if (!mix) fail(ErrorKind::kInvalidArgument, "one_of: '{}' mixes nothing", mix.name);
    }
    Mix result{"one_of"};
    result.description = text_of("one_of", mixes, weights);
    result.check = [mixes](const Shape& shape) {
        for (const Mix& mix : mixes) {
            if (mix.check != nullptr) mix.check(shape);
        }
    };
    result.apply = [mixes = std::move(mixes), sums](const MixedBatch& batch, Random& random) {
        mixes[drawn(sums, random)].apply(batch, random);
    };
    return result;
}

}  // namespace ingot::augment
