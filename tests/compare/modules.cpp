// SPDX-License-Identifier: MIT
#include "compare.h"

namespace ingot::compare {

std::vector<ModuleCase> module_cases() {
    return {
        {"torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), "
         "torch.nn.PReLU(8), torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(128, 7))",
         [] {
             return nn::Sequential{nn::Conv2d{3, 8, {.kernel = 3, .padding = 1}},
                                   nn::BatchNorm2d{8},
                                   nn::PReLU{8},
                                   nn::MaxPool2d{2},
                                   nn::Flatten{},
                                   nn::Linear{128, 7}};
         },
         {5, 3, 8, 8}},
        {"torch.nn.TransformerEncoderLayer(24, 4, 40, batch_first=True)",
         [] {
             return nn::TransformerEncoderLayer{24, 4, {.dim_feedforward = 40}};
         },
         {3, 11, 24}},
    };
}

}  // namespace ingot::compare
