// SPDX-License-Identifier: MIT
// House prices of California's 1990 census, cross-validated: 20,640 districts, numbers that are
// missing, a column of text. Each fold learns its preparation from the others.
//     usage: sample_16_housing housing.csv.gz [REPEATS [EPOCHS]]
#include <ingot/ingot.h>

#include <cstdio>
#include <cstdlib>

using namespace ingot;

static train::Recipe recipe(const data::Dataset& train, std::int64_t epochs) {
    const nn::Sequential net{nn::Linear{train.sample_shape().count(), 64}, nn::ReLU{},
                             nn::Linear{64, 64}, nn::ReLU{}, nn::Linear{64, 1}};
    const std::int64_t batch_size = 64, steps = epochs * (train.size() / batch_size + 1);
    return {net,
            losses::mse(),
            optim::AdamW{{.lr = 3e-3}},
            {.epochs = epochs,
             .batch_size = batch_size,
             .metrics = {metrics::r2()},
             .schedule = optim::cosine_annealing_lr({.t_max = steps})}};
}

int main(int argc, char** argv) try {
    if (argc < 2) throw Error(ErrorKind::kInvalidArgument, "usage: FILE [REPEATS [EPOCHS]]");
    const int epochs = argc > 3 ? std::atoi(argv[3]) : 15;
    const auto houses = data::csv(argv[1], {.targets = {"median_house_value"}, .missing = true});
    const auto result = train::cross_validate(
        Device::pick(), houses, [&](const data::Dataset& train) { return recipe(train, epochs); },
        {.folds = 5,
         .repeats = argc > 2 ? std::atoi(argv[2]) : 1,
         .preparation = data::PreparationOptions{.missing = data::Missing::kMedian,
                                                 .ignore_unknown = true,
                                                 .normalize_targets = true}});
    std::fputs(to_text(result).c_str(), stdout);
    return result.mean("r2") >= 0.75 ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
