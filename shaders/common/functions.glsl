// SPDX-License-Identifier: MIT
// Functions that Vulkan leaves imprecise or undefined at the edges, spelled out.
#ifndef INGOT_FUNCTIONS_GLSL
#define INGOT_FUNCTIONS_GLSL

bool is_nan(uint word) {  // by bits: the compiler may assume that floats are never NaN
    return (word & 0x7fffffffu) > 0x7f800000u;
}

// Near 0 the quotient of exponentials cancels, so a polynomial takes over (Cephes, tanhf).
float accurate_tanh(float x) {
    const float m = abs(x);
    if (m < 0.625) {
        const float z = x * x;
        const float p = (((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z +
                         1.33314422036e-1) * z - 3.33332819422e-1;
        return p * z * x + x;
    }
    const float y = 1.0 - 2.0 / (exp(2.0 * min(m, 20.0)) + 1.0);
    return is_nan(floatBitsToUint(x)) ? x : (x < 0.0 ? -y : y);
}

// A series below 1 (Abramowitz and Stegun 7.1.5), their rational approximation 7.1.26 above;
// absolute error below 3e-7.
float accurate_erf(float x) {
    const float m = abs(x);
    if (m < 0.5) {
        const float z = x * x;
        return 1.1283791671 * x *
               (1.0 - z * (1.0 / 3.0 - z * (0.1 - z * (1.0 / 42.0 - z * (1.0 / 216.0 - z / 1320.0)))));
    }
    const float t = 1.0 / (1.0 + 0.3275911 * m);
    const float p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t +
                     0.254829592) * t;
    const float y = 1.0 - p * exp(-m * m);
    return is_nan(floatBitsToUint(x)) ? x : (x < 0.0 ? -y : y);
}

// pow for any base, as in C: Vulkan's is undefined for a negative one.
float pow_any(float base, float exponent) {
    if (exponent == 0.0) return 1.0;
    const float magnitude = pow(abs(base), exponent);
    if (base >= 0.0) return magnitude;
    if (floor(exponent) != exponent) return uintBitsToFloat(0x7fc00000u);
    return mod(exponent, 2.0) == 0.0 ? magnitude : -magnitude;
}

#endif
