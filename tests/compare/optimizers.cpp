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
        {"optim.Adam(params, lr=0.02, amsgrad=True)",
         [] { return Adam{{.lr = 0.02, .amsgrad = true}}; }},
        {"optim.RMSprop(params)", [] { return RmsProp{}; }},
        {"optim.RMSprop(params, lr=1e-3, momentum=0.9, centered=True, eps=1e-2)",
         [] { return RmsProp{{.lr = 1e-3, .epsilon = 1e-2, .momentum = 0.9, .centered = true}}; }},
        {"optim.Adagrad(params)", [] { return Adagrad{}; }},
        {"optim.Adagrad(params, lr=0.1, lr_decay=0.05, initial_accumulator_value=0.2)",
         [] { return Adagrad{{.lr = 0.1, .lr_decay = 0.05, .initial_accumulator_value = 0.2}}; }},
        {"optim.Adadelta(params, weight_decay=0.1)",
         [] { return Adadelta{{.weight_decay = 0.1}}; }},
        // With foreach: without it, PyTorch 1.x multiplies mu_t twice into the product for t + 1.
        {"optim.NAdam(params, foreach=True)", [] { return NAdam{}; }},
        {"optim.NAdam(params, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1,"
         " momentum_decay=0.1, foreach=True)",
         [] {
             return NAdam{{.lr = 0.02,
                           .beta1 = 0.8,
                           .beta2 = 0.95,
                           .epsilon = 1e-3,
                           .weight_decay = 0.1,
                           .momentum_decay = 0.1}};
         }},
        {"optim.RAdam(params, lr=0.01, weight_decay=0.1)",
         [] { return RAdam{{.lr = 0.01, .weight_decay = 0.1}}; }},
        {"optim.Adamax(params, weight_decay=0.1)", [] { return Adamax{{.weight_decay = 0.1}}; }},
    };
}

}  // namespace ingot::compare
