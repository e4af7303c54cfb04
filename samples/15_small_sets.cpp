// SPDX-License-Identifier: MIT
// Classic small tables, cross-validated: five folds, each prepared and learnt without the one that
// is tested, from several seeds. Prints the mean accuracy and how it differs between the seeds.
//     usage: sample_15_small_sets SET FILE [REPEATS]
//            sample_15_small_sets iris iris.csv       (and wine, breast_cancer, digits: the files
//            sample_15_small_sets digits digits.csv.gz 1                   of scikit-learn)
#include <ingot/ingot.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace ingot;

struct Set {
    std::string name, target;
    int skip_lines;
    std::int64_t hidden, epochs, batch_size;  // units of a layer; 0: a linear model
    double lr, needed;
};
static const Set kSets[] = {{"iris", "4", 1, 0, 400, 120, 0.1, 0.95},
                            {"wine", "13", 1, 32, 40, 16, 3e-3, 0.96},
                            {"breast_cancer", "30", 1, 32, 30, 32, 3e-3, 0.95},
                            {"digits", "64", 0, 64, 30, 32, 3e-3, 0.96}};

int main(int argc, char** argv) try {
    const auto* const set = std::find_if(std::begin(kSets), std::end(kSets), [&](const Set& s) {
        return argc > 2 && s.name == argv[1];
    });
    if (set == std::end(kSets)) throw Error(ErrorKind::kInvalidArgument, "usage: SET FILE");
    const auto table = data::csv(
        argv[2],
        {.skip_lines = set->skip_lines, .header = false, .targets = {set->target}, .labels = true});
    const auto recipe = [&](const data::Dataset& train) {
        const auto features = train.sample_shape().count(), classes = train.class_count();
        nn::Module net = nn::Linear{features, classes};
        if (set->hidden > 0)
            net = nn::Sequential{nn::Linear{features, set->hidden}, nn::ReLU{},
                                 nn::Linear{set->hidden, classes}};
        return train::Recipe{net,
                             losses::cross_entropy(),
                             optim::AdamW{{.lr = set->lr}},
                             {.epochs = set->epochs, .batch_size = set->batch_size}};
    };
    const auto result = train::cross_validate(Device::pick(), table, recipe,
                                              {.folds = 5,
                                               .repeats = argc > 3 ? std::atoi(argv[3]) : 5,
                                               .stratify = true,
                                               .preparation = data::PreparationOptions{}});
    const auto means = result.repeat_means("accuracy");
    std::printf("%s: accuracy %.4f; of %zu seeds %.4f to %.4f\n", argv[1], result.mean("accuracy"),
                means.size(), *std::min_element(means.begin(), means.end()),
                *std::max_element(means.begin(), means.end()));
    return result.mean("accuracy") >= set->needed ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
