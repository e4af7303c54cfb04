// SPDX-License-Identifier: MIT
// What lets one header be read by GLSL and by C++: wrap its body in INGOT_SHADER_BEGIN and
// INGOT_SHADER_END. Only uint, int and float, so both languages lay a struct out alike. Constants
// are written `const uint kName = 6;`.
#ifndef INGOT_SHADERS_COMMON_SHARED_H
#define INGOT_SHADERS_COMMON_SHARED_H

#ifdef __cplusplus
#include <cstdint>
#define INGOT_SHADER_BEGIN     \
    namespace ingot::shaders { \
    using uint = std::uint32_t;
#define INGOT_SHADER_END }
#else
#define INGOT_SHADER_BEGIN
#define INGOT_SHADER_END
#endif

#endif
