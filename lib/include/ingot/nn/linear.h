// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

struct LinearOptions {
    bool bias = true;
};
// x [B, ..., in] -> [B, ..., out]: x weight^T + bias. weight [out, in], bias [out].
class INGOT_API Linear : public Module {
public:
    Linear(std::int64_t in_features, std::int64_t out_features, const LinearOptions& options = {});
};

}  // namespace ingot::nn
