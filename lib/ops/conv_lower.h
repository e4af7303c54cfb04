// SPDX-License-Identifier: MIT
// From a convolution's products (conv_product.h) to kernel calls.
#pragma once

#include "graph/group.h"
#include "graph/op_def.h"
#include "ops/conv_product.h"

#include <vector>

namespace ingot::ops {

// All products of one candidate write the same output; `to_weight` for d_w, whose rows are its
// first axis, while those of images are their second.
std::vector<graph::Candidate> lower_products(const graph::LowerContext& context,
                                             const ConvGeometry& g,
                                             const std::vector<ConvProduct>& products,
                                             bool to_weight);

}  // namespace ingot::ops
