// SPDX-License-Identifier: MIT
// The pointwise functions: one row each, read by GLSL as the body of a switch and by C++ as an
// enumerator. Numbers are part of pipeline caches: never reuse one.
//
//   FLOAT(number, name, arity, result)  result is a float, operands a b c are floats
//   WORD(number, name, arity, result)   result is a uint, operands ua ub uc are words as stored
//
// The rows before PW_LIGHT's mark also run on four elements at once, so they compare and choose by
// macros (common/pointwise.glsl): FLOATS, WORDS and INTS are the types, PICK(c, x, y) is x where c.
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
FLOAT(11, log, 1, log(a))
FLOAT(12, sqrt, 1, sqrt(a))
FLOAT(16, relu, 1, PICK(GREATER_EQUAL(FLOATS(0.0), a), FLOATS(0.0), a))
FLOAT(18, fma, 3, a * b + c)
// b where a > 0, else 0: the gradient of relu from its output
FLOAT(19, pass_if_positive, 2, PICK(GREATER(a, FLOATS(0.0)), b, FLOATS(0.0)))
// b where a is not 0, else c
WORD(20, select, 3, PICK(EQUAL(a, FLOATS(0.0)), uc, ub))
FLOAT(21, equal, 2, FLOATS(EQUAL(a, b)))
FLOAT(22, greater, 2, FLOATS(GREATER(a, b)))
FLOAT(23, greater_equal, 2, FLOATS(GREATER_EQUAL(a, b)))
FLOAT(24, equal_words, 2, FLOATS(EQUAL(ua, ub)))
FLOAT(25, float_of_int, 1, FLOATS(INTS(ua)))
WORD(26, int_of_float, 1, WORDS(INTS(a)))
#ifndef PW_LIGHT
FLOAT(13, pow, 2, pow_any(a, b))
FLOAT(14, tanh, 1, accurate_tanh(a))
FLOAT(15, sigmoid, 1, 1.0 / (1.0 + exp(-a)))
FLOAT(17, erf, 1, accurate_erf(a))
// Uniform in [0, 1) from the element's place in the tensor: key, counter, stream
FLOAT(27, uniform, 3, philox_uniform(pw_element, ua, ub, uc))
// The element's own number
WORD(200, element, 0, pw_element)
#endif
// clang-format on
