// SPDX-License-Identifier: MIT
// INGOT_API marks what leaves the library: everything else is built with hidden symbols, so a
// program that embeds ingot sees this surface and nothing of what stands behind it.
#pragma once

#if defined(_WIN32) && defined(INGOT_SHARED)
#if defined(INGOT_BUILDING)
#define INGOT_API __declspec(dllexport)
#else
#define INGOT_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define INGOT_API __attribute__((visibility("default")))
#else
#define INGOT_API
#endif
