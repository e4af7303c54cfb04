// SPDX-License-Identifier: MIT
#include "compare.h"

namespace ingot::compare {

std::vector<OptimizerCase> optimizer_cases() {
    using namespace optim;
    return {
        {"optim.SGD(params, lr=0.1)", [] { return Sgd{{.lr = 0.1}}; }},
        {"optim.SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)",
         [] { return Sgd{{.lr = 0.05, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01}}; }},
        {"optim.SGD(params, lr=0.05, momentum=0.8, dampening=0.2)",
         [] { return Sgd{{.lr = 0.05, .momentum = 0.8, .dampening = 0.2}}; }},
        {"optim.Adam(params, lr=0.02)", [] { return Adam{{.lr = 0.02}}; }},
        {"optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)",
         [] {
             return Adam{
                 {.lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1}};
         }},
        {"optim.AdamW(params, lr=0.02)", [] { return AdamW{{.lr = 0.02}}; }},
    };
}

}  // namespace ingot::compare
