// SPDX-License-Identifier: MIT
// `ingot cross-validate`: how good a model is on samples it has not seen, from all training
// samples.
#include "commands.h"
#include "training.h"

#include "core/check.h"

#include <ingot/cross_validation.h>

namespace ingot::cli {

int cross_validate(CrossValidateSettings settings) {
    TrainSettings& s = settings.train;
    const NamedData data = load_data(s, 0);
    const data::Dataset& samples = data.samples.train;
    const auto recipe = [&](const data::Dataset& train) {
        const nn::Module net = make_model(s.model, train);
        check_model(net, s.model, train);
        return train::Recipe{net,
                             loss_of(train),
                             make_optimizer(s),
                             fit_options(s, train),
                             {.precision = precision_of(s)}};
    };
    train::CrossValidationOptions options{.folds = settings.folds,
                                          .repeats = settings.repeats,
                                          .stratify = samples.has_labels(),
                                          .validation = s.patience > 0,
                                          .preparation = preparation_options(data, samples, s),
                                          .seed = s.seed};
    options.on_fold = [](const train::FoldResult& fold, train::Trainer&, const data::Parts&) {
        fmt::print(stderr, "ingot: repeat {}, fold {}: loss {:.4f}\n", fold.repeat + 1,
                   fold.fold + 1, fold.test.loss);
    };
    const auto device = Device::pick({.name = s.device});
    fmt::print("{} on {}: {} samples, {} folds, {} epochs, {}\n", s.model, data.name,
               samples.size(), settings.folds, epochs_of(s, samples), device.info().name);
    std::fflush(stdout);
    fmt::print("{}", to_text(train::cross_validate(device, samples, recipe, options)));
    return 0;
}

}  // namespace ingot::cli
