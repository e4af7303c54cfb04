// SPDX-License-Identifier: MIT
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

class INGOT_API ReLU : public Module {
public:
    ReLU();
};
class INGOT_API GELU : public Module {
public:
    explicit GELU(GeluForm form = GeluForm::kErf);
};
class INGOT_API Tanh : public Module {
public:
    Tanh();
};
class INGOT_API Sigmoid : public Module {
public:
    Sigmoid();
};

}  // namespace ingot::nn
