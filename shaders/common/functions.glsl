// SPDX-License-Identifier: MIT
// Functions that Vulkan leaves imprecise or undefined at the edges, spelled out.
#ifndef INGOT_FUNCTIONS_GLSL
#define INGOT_FUNCTIONS_GLSL

bool is_nan(uint word) {  // by bits: the compiler may assume that floats are never NaN
    return (word & 0x7fffffffu) > 0x7f800000u;
}

// Words that are in the order of the numbers in others: integers, or floats, of which a NaN counts
// as the largest, and -0 equals 0.
uint order_of_int(uint word) {
    return word ^ 0x80000000u;
}
uint order_of_float(uint word) {
    const uint magnitude = word & 0x7fffffffu;
    if (is_nan(word)) return 0xffffffffu;
    return magnitude != 0u && word != magnitude ? ~word : magnitude | 0x80000000u;
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

// ln(1 + x) = 2 atanh(x / (2 + x)), by its series where the logarithm of a number near 1 would lose
// all digits.
float accurate_log1p(float x) {
    if (x <= -0.5 || x >= 1.0 || is_nan(floatBitsToUint(x))) return log(1.0 + x);
    const float s = x / (2.0 + x);
    const float z = s * s;
    const float p = ((((((z / 15.0 + 1.0 / 13.0) * z + 1.0 / 11.0) * z + 1.0 / 9.0) * z +
                       1.0 / 7.0) * z + 0.2) * z + 1.0 / 3.0) * z;
    return 2.0 * s + 2.0 * s * p;
}

// exp(x) - 1, by its series near 0.
float accurate_expm1(float x) {
    if (abs(x) >= 0.5 || is_nan(floatBitsToUint(x))) return exp(x) - 1.0;
    const float p = ((((((x / 40320.0 + 1.0 / 5040.0) * x + 1.0 / 720.0) * x + 1.0 / 120.0) * x +
                       1.0 / 24.0) * x + 1.0 / 6.0) * x + 0.5) * x;
    return x + x * p;
}

// sin(x + quarter pi / 2). Reduced by pi / 2 in three parts (Cody and Waite, 1980), whose products
// with the quadrant are exact up to |x| = 1e5; polynomials of Cephes (sinf, cosf). Vulkan's own are
// good to 2^-11 only, and between -pi and pi only.
float accurate_sine(float x, uint quarter) {
    if (!(abs(x) < 1e9)) return uintBitsToFloat(0x7fc00000u);
    const float turns = roundEven(x * 0.636619772367581343);
    precise float r = x - turns * 1.5703125;
    r = r - turns * 4.837512969970703125e-4;
    r = r - turns * 7.54978995489188216e-8;
    const uint quadrant = (uint(int(turns)) + quarter) & 3u;
    const float z = r * r;
    const float sine =
        r + r * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
    const float cosine = 1.0 - 0.5 * z + z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) *
                                                 z + 4.166664568298827e-2);
    const float value = (quadrant & 1u) == 0u ? sine : cosine;
    return (quadrant & 2u) == 0u ? value : -value;
}

// Cephes, atanf.
float accurate_atan(float x) {
    if (is_nan(floatBitsToUint(x))) return x;
    const float m = abs(x);
    float base = 0.0;
    float r = m;
    if (m > 2.414213562373095) {
        base = 1.5707963267948966;
        r = -1.0 / m;
    } else if (m > 0.4142135623730950) {
        base = 0.7853981633974483;
        r = (m - 1.0) / (m + 1.0);
    }
    const float z = r * r;
    const float p = ((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z -
                    3.33329491539e-1;
    const float y = base + (p * z * r + r);
    return x < 0.0 ? -y : y;
}

// Rounded towards minus infinity; 0 when the divisor is 0.
uint floor_divide(int a, int b) {
    if (b == 0) return 0u;
    if (b == -1) return uint(-a);
    const int quotient = a / b;
    return uint(a - quotient * b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient);
}

#endif
