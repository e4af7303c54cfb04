// SPDX-License-Identifier: MIT
// What a device can do at best, measured by two kernels that do nothing else.
#pragma once

#include "exec/context.h"

#include <ingot/profile.h>

namespace ingot::exec {

Ceilings measure_ceilings(Context& context);

}  // namespace ingot::exec
