// SPDX-License-Identifier: MIT
// Tests that need nothing of the library but its data room.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
