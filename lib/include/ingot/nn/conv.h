// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>
#include <ingot/nn/size.h>

namespace ingot::nn {

struct Conv2dOptions {
    Size2 kernel = 3;
    Size2 stride = 1;
    Size2 padding = 0;
    Size2 dilation = 1;
    std::int64_t groups = 1;
    bool bias = true;
};
// x [B, in, H, W] -> [B, out, H', W']. weight [out, in / groups, kh, kw], bias [out].
class INGOT_API Conv2d : public Module {
public:
    Conv2d(std::int64_t in_channels, std::int64_t out_channels, const Conv2dOptions& options = {});
};

}  // namespace ingot::nn
