// SPDX-License-Identifier: MIT
#include "adapter.h"
#include "core/check.h"

#include <algorithm>
#include <map>

namespace ingot::onnx_tests {

namespace {

const std::map<std::string_view, Adapter>& table() {
    static const auto all = [] {
        std::map<std::string_view, Adapter> rows;
        for (const auto family :
             {pointwise_rows, layout_rows, reduce_rows, product_rows, window_rows, norm_rows,
              loss_rows, training_rows, host_rows, index_rows, resize_rows, recurrent_rows,
              comparison_rows, quantized_rows}) {
            for (const auto& [name, adapter] : family()) {
                if (!rows.emplace(name, adapter).second) {
                    fail(ErrorKind::kInternal, "{} has two rows", name);
                }
            }
        }
        return rows;
    }();
    return all;
}

}  // namespace

bool has_adapter(const std::string& operation) {
    return table().contains(operation);
}

Adapter adapter_of(const std::string& operation) {
    const auto found = table().find(operation);
    if (found == table().end()) fail(ErrorKind::kUnsupported, "no adapter for {}", operation);
    return found->second;
}

}  // namespace ingot::onnx_tests
