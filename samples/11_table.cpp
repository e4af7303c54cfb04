// SPDX-License-Identifier: MIT
// A table in a CSV file, with gaps and text, cross-validated: five folds, each with a preparation
// learnt on its own training part. Prints what is right of samples never seen: accuracy, or R2
// where the target is a number. Without a FILE it makes one up.
//     usage: sample_11_table [EPOCHS [FILE TARGET [SKIP_LINES]]]
//            sample_11_table 40 housing.csv.gz median_house_value
//            sample_11_table 60 iris.csv 4 1        (a TARGET by number: labels, and no header)
#include <ingot/ingot.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

using namespace ingot;

// What is worn when it is so warm, and how wet. One value in twenty is missing.
static std::string made_up() {
    std::mt19937 random(1);
    std::string text = "celsius,sky,worn\n";
    for (int i = 0; i < 600; ++i) {
        const int celsius = static_cast<int>(random() % 40) - 10;
        const bool rains = random() % 3 == 0;
        text += (random() % 20 == 0 ? "" : std::to_string(celsius)) + ',' +
                (random() % 20 == 0 ? ""
                 : rains            ? "rain"
                                    : "\"sun, clouds\"") +
                ',' +
                (celsius > 20 && !rains ? "shirt"
                 : celsius < 5          ? "coat"
                                        : "jacket") +
                '\n';
    }
    return text;
}

int main(int argc, char** argv) try {
    const int epochs = argc > 1 ? std::atoi(argv[1]) : 40;
    const std::string file = argc > 3 ? argv[2] : "table.csv", target = argc > 3 ? argv[3] : "worn";
    const bool by_number = std::isdigit(static_cast<unsigned char>(target[0])) != 0;
    if (argc <= 3) io::write_file(file, made_up());
    const auto table = data::csv(file, {.skip_lines = argc > 4 ? std::atoi(argv[4]) : 0,
                                        .header = !by_number,
                                        .targets = {target},
                                        .labels = by_number,
                                        .missing = true});
    const bool of_labels = table.has_labels();
    const auto metric = of_labels ? metrics::accuracy() : metrics::r2();
    const auto recipe = [&](const data::Dataset& train) {
        const nn::Sequential net{nn::Linear{train.sample_shape().count(), 64}, nn::ReLU{},
                                 nn::Linear{64, 64}, nn::ReLU{},
                                 nn::Linear{64, of_labels ? table.class_count() : 1}};
        return train::Recipe{net,
                             of_labels ? losses::cross_entropy() : losses::mse(),
                             optim::AdamW{{.lr = 3e-3}},
                             {.epochs = epochs, .batch_size = 32, .metrics = {metric}}};
    };
    const auto result = train::cross_validate(
        Device::pick(), table, recipe,
        {.folds = 5,
         .stratify = of_labels,
         .preparation = data::PreparationOptions{.missing = data::Missing::kMedian,
                                                 .ignore_unknown = true,
                                                 .normalize_targets = !of_labels},
         .seed = 1});
    std::fputs(to_text(result).c_str(), stdout);
    return result.mean(metric.name) > 0.5 ? 0 : 1;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
