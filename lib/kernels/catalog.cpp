// SPDX-License-Identifier: MIT
// catalog() itself is defined by the generated catalog_data.cpp.
#include "kernels/catalog.h"

#include "core/check.h"

#include <algorithm>

namespace ingot {

const Kernel& find_kernel(std::string_view name) {
    const auto kernels = catalog();
    const auto found = std::ranges::lower_bound(kernels, name, {}, &Kernel::name);
    if (found == kernels.end() || found->name != name) {
        fail(ErrorKind::kInternal, "kernels: no shader is named `{}` (the catalog has {})", name,
             kernels.size());
    }
    return *found;
}

}  // namespace ingot
