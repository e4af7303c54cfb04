// SPDX-License-Identifier: MIT
// Initial values of weights, drawn on the host by Philox: equal seeds give equal words and uniforms
// on every platform (a normal value is equal but for a rare last bit, see below). Results are
// tensors in host memory: `Parameter{init::he_normal({10, 784}, {.seed = 1})}`.
//
// The fans of a weight [out, in, ...] are fan_in = in * receptive field and fan_out = out *
// receptive field; a shape with fewer than two axes has none and is refused.
#pragma once

#include <ingot/export.h>
#include <ingot/host_tensor.h>
#include <ingot/shape.h>

#include <cstdint>

namespace ingot::init {

struct RandomOptions {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;  // one seed yields independent numbers on each; below 2^56
};

enum class Fan { kIn, kOut };  // keeps the variance of the activations, or of the gradients

struct HeOptions {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    Fan fan = Fan::kIn;
    double negative_slope = 0;  // of the rectifier that follows: 0 is ReLU
};

struct XavierOptions {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    double gain = 1;  // 5/3 before tanh
};

INGOT_API HostTensor zeros(const Shape& shape);
INGOT_API HostTensor ones(const Shape& shape);
INGOT_API HostTensor constant(const Shape& shape, float value);

// Each element in [low, high), of 24 random bits.
INGOT_API HostTensor uniform(const Shape& shape, float low, float high,
                             const RandomOptions& options = {});
// Box and Muller's, computed in double: it passes through the platform's log and cosine.
INGOT_API HostTensor normal(const Shape& shape, float mean, float deviation,
                            const RandomOptions& options = {});

struct TruncatedNormalOptions {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    double low = -2;  // as values, not as deviations
    double high = 2;
};
// A normal distribution cut off below `low` and above `high`, by its inverse distribution function.
INGOT_API HostTensor truncated_normal(const Shape& shape, double mean = 0, double deviation = 1,
                                      const TruncatedNormalOptions& options = {});

struct OrthogonalOptions {
    std::uint64_t seed = 0;
    std::uint64_t stream = 0;
    double gain = 1;
};
// Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
// networks", ICLR 2014: as a matrix [out, rest], uniformly drawn among those with orthonormal rows
// (columns when out is larger), times gain.
INGOT_API HostTensor orthogonal(const Shape& shape, const OrthogonalOptions& options = {});

// 1 where row and column agree: [rows, cols].
INGOT_API HostTensor eye(const Shape& shape);
// Convolutions [out, in / groups, ...] that pass channels on: 1 in the middle of the window of
// channel d from channel d, for as many as there are, in each of `groups` parts of out.
INGOT_API HostTensor dirac(const Shape& shape, std::int64_t groups = 1);

// The factor of the deviation that keeps a signal's scale through what follows the layer (PyTorch's
// calculate_gain).
enum class Nonlinearity { kLinear, kSigmoid, kTanh, kRelu, kLeakyRelu, kSelu };
INGOT_API double gain_of(Nonlinearity nonlinearity, double negative_slope = 0.01);

// He et al., "Delving deep into rectifiers", ICCV 2015 (PyTorch's kaiming_*): deviation
// gain / sqrt(fan) with gain = sqrt(2 / (1 + negative_slope^2)); uniform within sqrt(3) of it.
INGOT_API HostTensor he_normal(const Shape& shape, const HeOptions& options = {});
INGOT_API HostTensor he_uniform(const Shape& shape, const HeOptions& options = {});

// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
// AISTATS 2010: deviation gain * sqrt(2 / (fan_in + fan_out)); uniform within sqrt(3) of it.
INGOT_API HostTensor xavier_normal(const Shape& shape, const XavierOptions& options = {});
INGOT_API HostTensor xavier_uniform(const Shape& shape, const XavierOptions& options = {});

// What PyTorch gives linear and convolution layers: weights he_uniform with negative_slope
// sqrt(5), biases uniform, both within 1 / sqrt(fan_in) of 0.
INGOT_API HostTensor layer_weight(const Shape& shape, const RandomOptions& options = {});
INGOT_API HostTensor layer_bias(const Shape& shape, std::int64_t fan_in,
                                const RandomOptions& options = {});

}  // namespace ingot::init
