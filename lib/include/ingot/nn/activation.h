// SPDX-License-Identifier: MIT
// Activation functions as layers; the formulas stand in ops/activation.h.
#pragma once

#include <ingot/nn/module.h>

namespace ingot::nn {

class INGOT_API ReLU : public Module {
public:
    ReLU();
};
class INGOT_API ReLU6 : public Module {
public:
    ReLU6();
};
class INGOT_API LeakyReLU : public Module {
public:
    explicit LeakyReLU(double negative_slope = 0.01);
};
struct PReLUOptions {
    double init = 0.25;
};
// One slope for all, or one for each channel of x [B, C, ...]. weight [num_parameters].
class INGOT_API PReLU : public Module {
public:
    explicit PReLU(std::int64_t num_parameters = 1, const PReLUOptions& options = {});
};
class INGOT_API ELU : public Module {
public:
    explicit ELU(double alpha = 1);
};
class INGOT_API SELU : public Module {
public:
    SELU();
};
class INGOT_API CELU : public Module {
public:
    explicit CELU(double alpha = 1);  // not 0
};
class INGOT_API GELU : public Module {
public:
    explicit GELU(GeluForm form = GeluForm::kErf);
};
class INGOT_API SiLU : public Module {
public:
    SiLU();
};
class INGOT_API Mish : public Module {
public:
    Mish();
};
class INGOT_API Tanh : public Module {
public:
    Tanh();
};
class INGOT_API Sigmoid : public Module {
public:
    Sigmoid();
};
class INGOT_API LogSigmoid : public Module {
public:
    LogSigmoid();
};
class INGOT_API Softplus : public Module {
public:
    explicit Softplus(double beta = 1);  // above 0
};
class INGOT_API Softsign : public Module {
public:
    Softsign();
};
class INGOT_API Hardtanh : public Module {
public:
    explicit Hardtanh(double min_val = -1, double max_val = 1);  // min_val below max_val
};
class INGOT_API Hardsigmoid : public Module {
public:
    Hardsigmoid();
};
class INGOT_API Hardswish : public Module {
public:
    Hardswish();
};
class INGOT_API Threshold : public Module {
public:
    Threshold(double threshold, double value);  // x above the threshold, else the value
};

// The first half of an axis times the sigmoid of the second. (Dauphin et al., "Language modeling
// with gated convolutional networks", ICML 2017.)
class INGOT_API GLU : public Module {
public:
    explicit GLU(std::int64_t axis = -1);
};
class INGOT_API Softmax : public Module {
public:
    explicit Softmax(std::int64_t axis = -1);
};
class INGOT_API LogSoftmax : public Module {
public:
    explicit LogSoftmax(std::int64_t axis = -1);
};

}  // namespace ingot::nn
