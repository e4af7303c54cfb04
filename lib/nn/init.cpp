// SPDX-License-Identifier: MIT
// Initial values; the formulas stand in init.h. Uniform values are exact but for one rounding: the
// product of two 24-bit numbers fits a double, so that contracting it with the sum changes nothing
// and every compiler gives the same bits.
#include <ingot/init.h>

#include "core/check.h"
#include "core/random.h"

#include <cmath>

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

}  // namespace

HostTensor zeros(const Shape& shape) {
    return HostTensor::zeros({}, shape);
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
