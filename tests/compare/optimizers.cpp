// SPDX-License-Identifier: MIT
#include "compare.h"

namespace ingot::compare {

namespace {

using Parameters = std::vector<Parameter>;

// An optimizer of these options.
template <typename Kind, typename... Options>
std::function<optim::Optimizer(const Parameters&)> make(const Options&... options) {
    return [=](const Parameters&) { return Kind{options...}; };
}

}  // namespace

std::vector<OptimizerCase> optimizer_cases() {
    using namespace optim;
    return {
        {"optim.SGD(params, lr=0.1)", make<Sgd>(SgdOptions{.lr = 0.1})},
        {"optim.SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)",
         make<Sgd>(
             SgdOptions{.lr = 0.05, .momentum = 0.9, .nesterov = true, .weight_decay = 0.01})},
        {"optim.SGD(params, lr=0.05, momentum=0.8, dampening=0.2)",
         make<Sgd>(SgdOptions{.lr = 0.05, .momentum = 0.8, .dampening = 0.2})},
        {"optim.Adam(params, lr=0.02)", make<Adam>(AdamOptions{.lr = 0.02})},
        {"optim.Adam(params, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)",
         make<Adam>(AdamOptions{
             .lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1})},
        {"optim.AdamW(params, lr=0.02)", make<AdamW>(AdamWOptions{.lr = 0.02})},
        {"optim.Adam(params, lr=0.02, amsgrad=True)",
         make<Adam>(AdamOptions{.lr = 0.02, .amsgrad = true})},
        {"optim.RMSprop(params)", make<RmsProp>()},
        {"optim.RMSprop(params, lr=1e-3, momentum=0.9, centered=True, eps=1e-2)",
         make<RmsProp>(
             RmsPropOptions{.lr = 1e-3, .epsilon = 1e-2, .momentum = 0.9, .centered = true})},
        {"optim.Adagrad(params)", make<Adagrad>()},
        {"optim.Adagrad(params, lr=0.1, lr_decay=0.05, initial_accumulator_value=0.2)",
         make<Adagrad>(
             AdagradOptions{.lr = 0.1, .lr_decay = 0.05, .initial_accumulator_value = 0.2})},
        {"optim.Adadelta(params, weight_decay=0.1)",
         make<Adadelta>(AdadeltaOptions{.weight_decay = 0.1})},
        // With foreach: without it, PyTorch 1.x multiplies mu_t twice into the product for t + 1.
        {"optim.NAdam(params, foreach=True)", make<NAdam>()},
        {"optim.NAdam(params, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1,"
         " momentum_decay=0.1, foreach=True)",
         make<NAdam>(NAdamOptions{.lr = 0.02,
                                  .beta1 = 0.8,
                                  .beta2 = 0.95,
                                  .epsilon = 1e-3,
                                  .weight_decay = 0.1,
                                  .momentum_decay = 0.1})},
        {"optim.RAdam(params, lr=0.01, weight_decay=0.1)",
         make<RAdam>(RAdamOptions{.lr = 0.01, .weight_decay = 0.1})},
        {"optim.Adamax(params, weight_decay=0.1)",
         make<Adamax>(AdamaxOptions{.weight_decay = 0.1})},

        // Of formulas.py: PyTorch has these later or never.
        {"Lion(params, lr=0.01)", make<Lion>(LionOptions{.lr = 0.01})},
        {"Lion(params, lr=0.01, betas=(0.8, 0.9), weight_decay=0.1)",
         make<Lion>(LionOptions{.lr = 0.01, .beta1 = 0.8, .beta2 = 0.9, .weight_decay = 0.1})},
        {"Lamb(params, lr=0.01)", make<Lamb>(LambOptions{.lr = 0.01})},
        {"Lamb(params, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)",
         make<Lamb>(LambOptions{
             .lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3, .weight_decay = 0.1})},
        {"Adafactor(params)", make<Adafactor>()},
        {"Adafactor(params, lr=0.05, beta2_decay=-0.6, eps=(1e-3, 0.1), d=1.5, weight_decay=0.1)",
         make<Adafactor>(AdafactorOptions{.lr = 0.05,
                                          .beta2_decay = -0.6,
                                          .epsilon1 = 1e-3,
                                          .epsilon2 = 0.1,
                                          .d = 1.5,
                                          .weight_decay = 0.1})},
        {"MuonAndAdamW(params, dict(lr=0.02), lr=0.02)",
         make<Muon>(MuonOptions{.lr = 0.02}, AdamWOptions{.lr = 0.02})},
        {"MuonAndAdamW(params, dict(), lr=0.01, momentum=0.8, nesterov=False, weight_decay=0,"
         " scale='match_rms_adamw')",
         make<Muon>(MuonOptions{.lr = 0.01,
                                .weight_decay = 0,
                                .momentum = 0.8,
                                .nesterov = false,
                                .adjust_lr = MuonScale::kMatchRmsAdamW})},

        // Groups: by one norm of the gradient, of all of them together.
        {"optim.AdamW([dict(params=params[:1], lr=0.05, weight_decay=0), dict(params=params[1:])],"
         " lr=0.02)",
         [](const Parameters& params) {
             AdamW optimizer{{.lr = 0.02}, {.clip_norm = 0.5}};
             optimizer.add_group({params[0]}, {.lr = 0.05, .weight_decay = 0});
             return optimizer;
         },
         "Around(clip_norm=0.5)"},
        {"optim.SGD([dict(params=params[1:2], momentum=0), dict(params=params[::2])],"
         " lr=0.05, momentum=0.9)",
         [](const Parameters& params) {
             Sgd optimizer{{.lr = 0.05, .momentum = 0.9}};
             optimizer.add_group({params[1]}, {.lr = 0.05});
             return optimizer;
         }},

        // What stands around any of them.
        {"optim.SGD(params, lr=0.1)",
         make<Sgd>(SgdOptions{.lr = 0.1}, StepOptions{.clip_value = 0.2}),
         "Around(clip_value=0.2)"},
        {"optim.SGD(params, lr=0.1)", make<Sgd>(SgdOptions{.lr = 0.1}, StepOptions{.clip_norm = 1}),
         "Around(clip_norm=1)"},
        {"optim.SGD(params, lr=0.1)",
         make<Sgd>(SgdOptions{.lr = 0.1}, StepOptions{.others = {.l1 = 0.1}}), "Around(l1=0.1)"},
        {"optim.Adam(params, lr=0.02)",
         make<Adam>(AdamOptions{.lr = 0.02}, StepOptions{.others = {.max_norm = 0.7}}),
         "Around(max_norm=0.7)"},
        {"optim.AdamW(params, maximize=True)",
         make<AdamW>(AdamWOptions{}, StepOptions{.others = {.maximize = true}})},
        {"optim.Adam(params, lr=0.02)",
         make<Adam>(AdamOptions{.lr = 0.02}, StepOptions{.accumulate = 4}), "Around(accumulate=4)"},
        {"optim.AdamW(params, lr=0.02)",
         make<AdamW>(AdamWOptions{.lr = 0.02}, StepOptions{.ema_decay = 0.9}),
         "Around(ema_decay=0.9)"},
        {"optim.SGD(params, lr=0.1, momentum=0.9)",
         make<Sgd>(SgdOptions{.lr = 0.1, .momentum = 0.9},
                   StepOptions{.clip_value = 0.3,
                               .clip_norm = 1,
                               .accumulate = 3,
                               .ema_decay = 0.8,
                               .others = {.l1 = 0.01, .max_norm = 1.2}}),
         "Around(clip_value=0.3, clip_norm=1, accumulate=3, ema_decay=0.8, l1=0.01,"
         " max_norm=1.2)"},
    };
}

}  // namespace ingot::compare
