// SPDX-License-Identifier: MIT
// Initial values; the formulas stand in init.h. Uniform values are exact but for one rounding: the
// product of two 24-bit numbers fits a double, so that contracting it with the sum changes nothing
// and every compiler gives the same bits.
#include <ingot/init.h>

#include "core/check.h"
#include "core/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace ingot::init {
namespace {

struct Fans {
    double in;
    double out;
};

Fans fans_of(const char* function, const Shape& shape) {
    if (shape.rank() < 2) {
        fail(ErrorKind::kInvalidArgument,
             "{}: {} has no fan: a weight has at least the axes [out, in]", function,
             to_string(shape));
    }
    double field = 1;
    for (std::size_t axis = 2; axis < shape.rank(); ++axis) {
        field *= static_cast<double>(shape[axis]);
    }
    return {static_cast<double>(shape[1]) * field, static_cast<double>(shape[0]) * field};
}

RandomStream stream(const RandomOptions& options) {
    return RandomStream(options.seed, stream_of(RandomPurpose::kInitialize, options.stream));
}

double he_deviation(const char* function, const Shape& shape, const HeOptions& options) {
    const Fans fans = fans_of(function, shape);
    const double gain = std::sqrt(2.0 / (1.0 + options.negative_slope * options.negative_slope));
    return gain / std::sqrt(options.fan == Fan::kIn ? fans.in : fans.out);
}

double xavier_deviation(const char* function, const Shape& shape, const XavierOptions& options) {
    const Fans fans = fans_of(function, shape);
    return options.gain * std::sqrt(2.0 / (fans.in + fans.out));
}

HostTensor uniform_within(const Shape& shape, double bound, const RandomOptions& options) {
    const auto limit = static_cast<float>(bound);
    return uniform(shape, -limit, limit, options);
}

HostTensor normal_around_zero(const Shape& shape, double deviation, const RandomOptions& options) {
    return normal(shape, 0.0F, static_cast<float>(deviation), options);
}

// The normal distribution function.
double tail_below(double z) {
    return std::erfc(-z / std::numbers::sqrt2) / 2;
}

// Where the distribution function is `share`, between the two: by halves, to the last bit that
// matters.
double quantile(double share, double low, double high) {
    low = std::max(low, -38.0);
    high = std::min(high, 38.0);
    for (int round = 0; round < 64 && low < high; ++round) {
        const double middle = low + (high - low) / 2;
        (tail_below(middle) < share ? low : high) = middle;
    }
    return low;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += a[i] * b[i];
    return sum;
}

void subtract_projection(std::vector<double>& from, const std::vector<double>& unit) {
    const double along = dot(from, unit);
    for (std::size_t i = 0; i < from.size(); ++i)
        from[i] -= along * unit[i];
}

}  // namespace

HostTensor zeros(const Shape& shape) {
    return HostTensor::zeros({}, shape);
}

HostTensor ones(const Shape& shape) {
    return constant(shape, 1);
}

HostTensor constant(const Shape& shape, float value) {
    HostTensor tensor = zeros(shape);
    for (float& element : tensor.values<float>())
        element = value;
    return tensor;
}

HostTensor uniform(const Shape& shape, float low, float high, const RandomOptions& options) {
    if (!(low <= high)) {
        fail(ErrorKind::kInvalidArgument, "uniform: from {} to {} is no interval", low, high);
    }
    HostTensor tensor = zeros(shape);
    RandomStream random = stream(options);
    const double width = high - low;
    for (float& element : tensor.values<float>()) {
        element = static_cast<float>(low + width * static_cast<double>(random.uniform()));
    }
    return tensor;
}

HostTensor normal(const Shape& shape, float mean, float deviation, const RandomOptions& options) {
    if (!(deviation >= 0)) {
        fail(ErrorKind::kInvalidArgument, "normal: the deviation is {}, below 0", deviation);
    }
    HostTensor tensor = zeros(shape);
    RandomStream random = stream(options);
    for (float& element : tensor.values<float>()) {
        element = static_cast<float>(mean + deviation * random.normal());
    }
    return tensor;
}

HostTensor truncated_normal(const Shape& shape, double mean, double deviation,
                            const TruncatedNormalOptions& o) {
    if (!(deviation > 0 && o.low < o.high)) {
        fail(ErrorKind::kInvalidArgument,
             "truncated_normal: deviation {} must be above 0, and {} below {}", deviation, o.low,
             o.high);
    }
    const double low = (o.low - mean) / deviation;
    const double high = (o.high - mean) / deviation;
    // In the upper tail the distribution function has no digits left; there the other tail is used.
    const bool mirrored = low > 0;
    const double from = tail_below(mirrored ? -high : low);
    const double to = tail_below(mirrored ? -low : high);
    if (!(from < to)) {
        fail(ErrorKind::kInvalidArgument,
             "truncated_normal: from {} to {} lies too many deviations of {} from the mean {}",
             o.low, o.high, deviation, mean);
    }
    HostTensor tensor = zeros(shape);
    RandomStream random = stream({o.seed, o.stream});
    for (float& element : tensor.values<float>()) {
        const double share = from + (to - from) * (static_cast<double>(random.uniform()) + 0x1p-25);
        const double z = quantile(share, mirrored ? -high : low, mirrored ? -low : high);
        element =
            static_cast<float>(std::clamp(mean + deviation * (mirrored ? -z : z), o.low, o.high));
    }
    return tensor;
}

HostTensor orthogonal(const Shape& shape, const OrthogonalOptions& o) {
    fans_of("orthogonal", shape);
    const auto out = static_cast<std::size_t>(shape[0]);
    const auto in = static_cast<std::size_t>(shape.count()) / out;
    const bool tall = out > in;
    const std::size_t count = tall ? in : out;  // orthonormal vectors
    const std::size_t length = tall ? out : in;
    RandomStream random = stream({o.seed, o.stream});
    std::vector<std::vector<double>> vectors(count, std::vector<double>(length));
    for (std::size_t i = 0; i < count; ++i) {
        double size = 0;
        while (!(size > 1e-3)) {  // all but never twice
            for (double& element : vectors[i])
                element = random.normal();
            // Gram and Schmidt's projection, twice: the second takes away what rounding left. The
            // sign is that of a QR decomposition with a positive diagonal.
            for (int round = 0; round < 2; ++round) {
                for (std::size_t j = 0; j < i; ++j)
                    subtract_projection(vectors[i], vectors[j]);
            }
            size = std::sqrt(dot(vectors[i], vectors[i]));
        }
        for (double& element : vectors[i])
            element /= size;
    }
    HostTensor tensor = zeros(shape);
    const auto values = tensor.values<float>();
    for (std::size_t r = 0; r < out; ++r) {
        for (std::size_t c = 0; c < in; ++c) {
            const double value = tall ? vectors[c][r] : vectors[r][c];
            values[r * in + c] = static_cast<float>(o.gain * value);
        }
    }
    return tensor;
}

HostTensor eye(const Shape& shape) {
    if (shape.rank() != 2) {
        fail(ErrorKind::kInvalidArgument, "eye: {} is no matrix", to_string(shape));
    }
    HostTensor tensor = zeros(shape);
    for (std::int64_t i = 0; i < std::min(shape[0], shape[1]); ++i)
        tensor.values<float>()[static_cast<std::size_t>(i * shape[1] + i)] = 1;
    return tensor;
}

HostTensor dirac(const Shape& shape, std::int64_t groups) {
    if (shape.rank() < 3 || groups < 1 || shape[0] % groups != 0) {
        fail(ErrorKind::kInvalidArgument,
             "dirac: {} is no convolution [out, in / groups, ...] with {} groups", to_string(shape),
             groups);
    }
    HostTensor tensor = zeros(shape);
    std::int64_t window = 1, middle = 0;
    for (std::size_t axis = 2; axis < shape.rank(); ++axis) {
        window *= shape[axis];
        middle = middle * shape[axis] + shape[axis] / 2;
    }
    const std::int64_t out = shape[0] / groups;
    for (std::int64_t g = 0; g < groups; ++g) {
        for (std::int64_t d = 0; d < std::min(out, shape[1]); ++d) {
            const std::int64_t at = ((g * out + d) * shape[1] + d) * window + middle;
            tensor.values<float>()[static_cast<std::size_t>(at)] = 1;
        }
    }
    return tensor;
}

double gain_of(Nonlinearity nonlinearity, double negative_slope) {
    switch (nonlinearity) {
        case Nonlinearity::kLinear:
        case Nonlinearity::kSigmoid: break;
        case Nonlinearity::kTanh: return 5.0 / 3;
        case Nonlinearity::kRelu: return std::sqrt(2.0);
        case Nonlinearity::kLeakyRelu: return std::sqrt(2 / (1 + negative_slope * negative_slope));
        case Nonlinearity::kSelu: return 0.75;
    }
    return 1;
}

HostTensor he_normal(const Shape& shape, const HeOptions& options) {
    return normal_around_zero(shape, he_deviation("he_normal", shape, options),
                              {options.seed, options.stream});
}

HostTensor he_uniform(const Shape& shape, const HeOptions& options) {
    return uniform_within(shape, std::sqrt(3.0) * he_deviation("he_uniform", shape, options),
                          {options.seed, options.stream});
}

HostTensor xavier_normal(const Shape& shape, const XavierOptions& options) {
    return normal_around_zero(shape, xavier_deviation("xavier_normal", shape, options),
                              {options.seed, options.stream});
}

HostTensor xavier_uniform(const Shape& shape, const XavierOptions& options) {
    return uniform_within(shape,
                          std::sqrt(3.0) * xavier_deviation("xavier_uniform", shape, options),
                          {options.seed, options.stream});
}

HostTensor layer_weight(const Shape& shape, const RandomOptions& options) {
    return uniform_within(shape, 1.0 / std::sqrt(fans_of("layer_weight", shape).in), options);
}

HostTensor layer_bias(const Shape& shape, std::int64_t fan_in, const RandomOptions& options) {
    if (fan_in < 1) fail(ErrorKind::kInvalidArgument, "layer_bias: the fan is {}", fan_in);
    return uniform_within(shape, 1.0 / std::sqrt(static_cast<double>(fan_in)), options);
}

}  // namespace ingot::init
