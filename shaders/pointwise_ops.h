// SPDX-License-Identifier: MIT
// The pointwise functions: one row each, read by GLSL as the body of a switch and by C++ as an
// enumerator. Numbers are part of pipeline caches: never reuse one.
//
//   FLOAT(number, name, arity, result)  result is a float, operands a b c are floats
//   WORD(number, name, arity, result)   result is a uint, operands ua ub uc are words as stored
//
// The rows before PW_WIDE's mark also run on four elements at once, so they compare and choose by
// macros (common/pointwise.glsl): FLOATS, WORDS and INTS are the types, PICK(c, x, y) is x where c.
// A bool is the word 1 or 0; f16 and bf16 are f32 in a register.
// NaN: relu, max and min pass it on, as in PyTorch; Vulkan promises nothing for its own max and
// min. No include guard: each reader defines the two macros and includes the list.
// clang-format off
WORD(1, copy, 1, ua)
FLOAT(2, add, 2, a + b)
FLOAT(3, subtract, 2, a - b)
FLOAT(4, multiply, 2, a * b)
FLOAT(5, divide, 2, a / b)
FLOAT(6, negate, 1, -a)
FLOAT(7, abs, 1, abs(a))
FLOAT(8, maximum, 2, PICK(IS_NAN(ua), a, PICK(GREATER(a, b), a, b)))
FLOAT(9, minimum, 2, PICK(IS_NAN(ua), a, PICK(GREATER(b, a), a, b)))
FLOAT(10, exp, 1, exp(a))
// Vulkan promises nothing for the logarithm of 0; SwiftShader says -88.
FLOAT(11, log, 1, PICK(EQUAL(a, FLOATS(0.0)), uintBitsToFloat(WORDS(0xff800000u)), log(a)))
FLOAT(12, sqrt, 1, sqrt(a))
FLOAT(15, sigmoid, 1, 1.0 / (1.0 + exp(-a)))
FLOAT(16, relu, 1, PICK(GREATER_EQUAL(FLOATS(0.0), a), FLOATS(0.0), a))
FLOAT(18, fma, 3, a * b + c)
// b where a > 0, else 0: the gradient of relu from its output
FLOAT(19, pass_if_positive, 2, PICK(GREATER(a, FLOATS(0.0)), b, FLOATS(0.0)))
FLOAT(25, float_of_int, 1, FLOATS(INTS(ua)))
WORD(26, int_of_float, 1, WORDS(INTS(a)))
// Comparisons and logic give 1 or 0, the word of a bool
WORD(30, equal, 2, WORDS(EQUAL(a, b)))
WORD(31, greater, 2, WORDS(GREATER(a, b)))
WORD(32, greater_equal, 2, WORDS(GREATER_EQUAL(a, b)))
WORD(33, equal_words, 2, WORDS(EQUAL(ua, ub)))
WORD(35, logical_and, 2, ua & ub)
// b where a holds, else c
WORD(39, where, 3, PICK(EQUAL(ua, WORDS(0u)), uc, ub))
// b between a and c; a NaN passes on
FLOAT(55, clamp, 3, PICK(GREATER(b, a), b, PICK(GREATER(a, c), c, a)))
FLOAT(56, reciprocal, 1, 1.0 / a)
// The nearest f16 and bf16, as an f32
WORD(57, round_half, 1, float_of_half(half_of_float(ua)))
WORD(58, round_brain, 1, brain_of_float(ua) << 16)
#ifndef PW_WIDE
WORD(34, greater_ints, 2, WORDS(GREATER(INTS(ua), INTS(ub))))
WORD(36, logical_or, 2, ua | ub)
WORD(37, logical_xor, 2, ua ^ ub)
WORD(38, logical_not, 1, ua ^ WORDS(1u))
WORD(40, bool_of_float, 1, WORDS(1u) - WORDS(EQUAL(a, FLOATS(0.0))))
WORD(41, bool_of_word, 1, WORDS(1u) - WORDS(EQUAL(ua, WORDS(0u))))
WORD(42, is_nan, 1, WORDS(IS_NAN(ua)))
WORD(43, is_finite, 1, WORDS(IS_FINITE(ua)))
WORD(44, low_byte, 1, ua & WORDS(255u))
WORD(45, add_ints, 2, ua + ub)
WORD(46, subtract_ints, 2, ua - ub)
WORD(47, multiply_ints, 2, ua * ub)
WORD(48, maximum_ints, 2, WORDS(max(INTS(ua), INTS(ub))))
WORD(49, minimum_ints, 2, WORDS(min(INTS(ua), INTS(ub))))
FLOAT(50, floor, 1, floor(a))
FLOAT(51, ceil, 1, ceil(a))
FLOAT(52, trunc, 1, trunc(a))
FLOAT(53, round, 1, roundEven(a))
FLOAT(54, sign, 1, sign(a))
FLOAT(13, pow, 2, pow_any(a, b))
FLOAT(14, tanh, 1, accurate_tanh(a))
FLOAT(17, erf, 1, accurate_erf(a))
FLOAT(59, log1p, 1, accurate_log1p(a))
FLOAT(60, expm1, 1, accurate_expm1(a))
FLOAT(61, softplus, 1, max(a, 0.0) + accurate_log1p(exp(-abs(a))))
FLOAT(62, sin, 1, accurate_sine(a, 0u))
FLOAT(63, cos, 1, accurate_sine(a, 1u))
WORD(64, floor_divide_ints, 2, floor_divide(int(ua), int(ub)))
FLOAT(65, atan, 1, accurate_atan(a))
// Uniform in [0, 1) from the element's place in the tensor: key, counter, stream
FLOAT(27, uniform, 3, philox_uniform(pw_element, ua, ub, uc))
// The element's own number
WORD(200, element, 0, pw_element)
#endif
// clang-format on
