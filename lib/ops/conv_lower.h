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

// The same products window by window, where taps fit in registers: for those with few rows or
// terms.
std::vector<graph::Candidate> lower_windows(const graph::LowerContext& context,
                                            const ConvGeometry& g,
                                            const std::vector<ConvProduct>& products);
// The product of the gradient of weights, likewise.
std::vector<graph::Candidate> lower_window_sums(const graph::LowerContext& context,
                                                const ConvGeometry& g, const ConvProduct& product);

// The gradient of the image in one dispatch, for large strides; nothing where sums are too long.
std::vector<graph::Candidate> lower_phases(const graph::LowerContext& context,
                                           const ConvGeometry& g);

// Adds the call that joins the `splits` partial results of `count` elements, and its scratch and
// cost.
void add_sum(graph::Candidate& candidate, const graph::LowerContext& context, std::uint64_t count,
             std::uint32_t splits, bool to_weight);
double dispatch_ns(const graph::LowerContext& context);  // what each call costs beside its work
double bytes_of(const ConvGeometry& g);                  // of both operands and the result

}  // namespace ingot::ops
