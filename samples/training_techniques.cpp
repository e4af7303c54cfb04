// SPDX-License-Identifier: MIT
// What each technique of a course on training does for one small network, 3072-100-100-10, on 5,000
// pictures of CIFAR-10: a row with the plain run, one for each technique, one with all together.
// Prints the table, writes a line of JSON for each run and, for the first seed, a page of curves a
// row. bench/compare_techniques.py holds the lines against those of another library.
//     usage: sample_training_techniques FOLDER [OPTION ...]
//       FOLDER           with train.bin (1,000 pictures a class), val.bin and test.bin, in
//                        CIFAR-10's binary format
//       --rows A,B ...   of the table; default: all
//       --seeds N        runs of each row; default: 1     --first-seed N   default: 0
//       --epochs N       at most, to try it out
//       --threads N      that augment; default: by the machine
//       --out FILE       default: training_techniques.jsonl
//       --pages FOLDER   default: training_techniques
#include <ingot/ingot.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

using namespace ingot;

struct Row {
    std::string name;
    std::function<optim::Optimizer()> optimizer = [] { return optim::Sgd{{.lr = 0.1}}; };
    std::int64_t epochs = 40;
    bool all_data = false, dropout = false, batch_norm = false, halve = false, augment = false;
    bool stop_early = false;
};

static std::vector<Row> table() {
    const auto adam = [] { return optim::Adam{{.lr = 1e-3}}; };
    return {
        {.name = "base"},
        {.name = "l2", .optimizer = [] { return optim::Sgd{{.lr = 0.1, .weight_decay = 0.01}}; }},
        {.name = "early_stopping", .stop_early = true},
        {.name = "dropout", .dropout = true},
        {.name = "more_data", .all_data = true},
        {.name = "momentum", .optimizer = [] { return optim::Sgd{{.lr = 0.01, .momentum = 0.9}}; }},
        {.name = "rmsprop", .optimizer = [] { return optim::RmsProp{{.lr = 1e-3}}; }},
        {.name = "adam", .optimizer = adam},
        {.name = "steplr", .epochs = 30, .halve = true},
        {.name = "batchnorm", .batch_norm = true},
        {.name = "augment", .augment = true},
        {.name = "all",
         .optimizer = adam,
         .epochs = 30,
         .all_data = true,
         .batch_norm = true,
         .halve = true,
         .augment = true},
    };
}

static nn::Sequential network(const Row& row) {
    std::vector<nn::Module> layers{nn::Flatten{}};
    std::int64_t inputs = 3 * 32 * 32;
    for (const double p : {0.5, 0.3}) {
        layers.insert(layers.end(), {nn::Linear{inputs, 100}, nn::ReLU{}});
        if (row.batch_norm) layers.push_back(nn::BatchNorm1d{100});
        if (row.dropout) layers.push_back(nn::Dropout{p});
        inputs = 100;
    }
    layers.push_back(nn::Linear{inputs, 10});
    return nn::Sequential{layers};
}

static const data::Normalization kNormalization{{0.49139968F, 0.48215841F, 0.44653091F},
                                                {0.24703223F, 0.24348513F, 0.26158784F}};

// Transforms of one's own, in units of the normalised values: all channels become their mean, or
// each moves by a number of its own.
static augment::Transform grey() {
    augment::Transform transform{"mean_of_channels"};
    transform.apply = [](augment::Picture& picture, augment::Random&) {
        const std::size_t plane = picture.values.size() / 3;
        for (std::size_t i = 0; i < plane; ++i) {
            float mean = 0;
            for (std::size_t c = 0; c < 3; ++c)
                mean += (picture.values[c * plane + i] - kNormalization.mean[c]) /
                        kNormalization.deviation[c] / 3;
            for (std::size_t c = 0; c < 3; ++c)
                picture.values[c * plane + i] =
                    mean * kNormalization.deviation[c] + kNormalization.mean[c];
        }
    };
    return transform;
}

static augment::Transform channel_shift(double most) {
    augment::Transform transform{"channel_shift"};
    transform.apply = [most](augment::Picture& picture, augment::Random& random) {
        const std::size_t plane = picture.values.size() / 3;
        for (std::size_t c = 0; c < 3; ++c) {
            const auto shift =
                static_cast<float>(random.uniform(-most, most)) * kNormalization.deviation[c];
            for (std::size_t i = 0; i < plane; ++i)
                picture.values[c * plane + i] += shift;
        }
    };
    transform.description = "channel_shift(" + std::to_string(most) + ")";
    return transform;
}

static augment::Transform augmentation() {
    using namespace augment;
    return compose({random_crop({.size = 24}), resize({.size = Size(32, 32)}),
                    random_horizontal_flip(),
                    one_of({grey(), channel_shift(0.15), compose({})}, {0.2, 0.3, 0.5})});
}

struct Data {
    data::Dataset few, all, validation, test;
};

// The first 500 of each class, and all.
static Data load(const std::filesystem::path& folder) {
    const auto read = [&](const char* name) {
        return data::cifar(folder / name, data::CifarLabels::kTen).normalized(kNormalization);
    };
    const auto all = read("train.bin");
    std::vector<std::int64_t> few;
    std::array<int, 10> taken{};
    for (std::int64_t i = 0; i < all.size(); ++i) {
        int& of_class = taken[static_cast<std::size_t>(all.label(i))];
        if (of_class++ < 500) few.push_back(i);
    }
    return {all.subset(few), all, read("val.bin"), read("test.bin")};
}

struct Settings {
    std::vector<std::string> rows;
    std::int64_t seeds = 1, first_seed = 0, epochs = 1000;
    int threads = -1;
    std::string out = "training_techniques.jsonl", pages = "training_techniques";
};

struct Result {
    train::History history;
    std::array<train::Evaluation, 3> final;  // training, validation, test
    double best = 0, seconds = 0, processor_s = 0;
};

static Result run(const Device& device, const Row& row, const Data& data, std::uint64_t seed,
                  const Settings& settings) {
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    const auto net = network(row);
    net.initialize(seed);
    const auto& samples = row.all_data ? data.all : data.few;
    train::Trainer trainer{device, net, losses::cross_entropy(), row.optimizer()};
    train::FitOptions options{.epochs = std::min(row.epochs, settings.epochs),
                              .batch_size = 64,
                              .validation = data.validation,
                              .seed = seed};
    if (row.halve) {
        options.schedule = optim::step_lr({.step_size = 10, .gamma = 0.5});
        options.schedule_by_epoch = true;
    }
    if (row.augment) {
        options.augment = augmentation();
        options.threads = settings.threads;
    }
    if (row.stop_early) {
        options.callbacks = {
            train::EarlyStopping{{.patience = 5, .watch = "accuracy", .restore_best = false}}};
    }
    Result result{.history = trainer.fit(samples, options)};
    for (const train::EpochResult& epoch : result.history.epochs)
        result.best = std::max(result.best, epoch.validation_accuracy);
    result.final = {trainer.evaluate(samples), trainer.evaluate(data.validation),
                    trainer.evaluate(data.test)};
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result.processor_s = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
    return result;
}

static std::string line_of(const Row& row, std::uint64_t seed, const Result& result,
                           const DeviceInfo& device) {
    char line[1024];
    const auto& [train, val, test] = result.final;
    std::snprintf(
        line, sizeof line,
        R"({"row": "%s", "seed": %llu, "epochs": %zu, "train": [%.7g, %.7g], "val": [%.7g, %.7g], )"
        R"("best_val": %.7g, "test": [%.7g, %.7g], "seconds": %.1f, "processor_s": %.1f, )"
        R"("device": "%s", "driver": "%s"})",
        row.name.c_str(), static_cast<unsigned long long>(seed), result.history.epochs.size(),
        train.loss, train.accuracy, val.loss, val.accuracy, result.best, test.loss, test.accuracy,
        result.seconds, result.processor_s, device.name.c_str(), device.driver.c_str());
    return line;
}

static void write_page(const std::filesystem::path& folder, const Row& row, const Result& result,
                       const DeviceInfo& device) {
    std::filesystem::create_directories(folder);
    io::RunReport report{.title = row.name,
                         .summary = "3072-100-100-10 on CIFAR-10",
                         .facts = {{"Device", device.name}, {"Driver", device.driver}}};
    report.history = result.history;
    report.test = {{"loss", result.final[2].loss}, {"accuracy", result.final[2].accuracy}};
    io::write_report_html(folder / "report.html", report);
    io::write_file(folder / "history.json", train::to_json(result.history) + "\n");
    io::write_file(folder / "history.csv", train::to_csv(result.history));
}

struct Mean {
    std::vector<double> values;
    double mean() const {
        double sum = 0;
        for (const double value : values)
            sum += value;
        return sum / static_cast<double>(values.size());
    }
    double error() const {  // of the mean
        double sum = 0;
        for (const double value : values)
            sum += (value - mean()) * (value - mean());
        const auto n = static_cast<double>(values.size());
        return n > 1 ? std::sqrt(sum / (n - 1) / n) : 0;
    }
};

static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts{""};
    for (const char c : text) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

int main(int argc, char** argv) try {
    if (argc < 2 || argc % 2 == 1) {
        std::fprintf(stderr,
                     "usage: %s FOLDER [--rows A,B] [--seeds N] [--first-seed N] "
                     "[--epochs N] [--threads N] [--out FILE] [--pages FOLDER]\n",
                     argv[0]);
        return 2;
    }
    Settings settings;
    const std::map<std::string, std::function<void(const std::string&)>> known{
        {"--rows", [&](const std::string& text) { settings.rows = split(text); }},
        {"--seeds", [&](const std::string& text) { settings.seeds = std::stoll(text); }},
        {"--first-seed", [&](const std::string& text) { settings.first_seed = std::stoll(text); }},
        {"--epochs", [&](const std::string& text) { settings.epochs = std::stoll(text); }},
        {"--threads", [&](const std::string& text) { settings.threads = std::stoi(text); }},
        {"--out", [&](const std::string& text) { settings.out = text; }},
        {"--pages", [&](const std::string& text) { settings.pages = text; }}};
    for (int i = 2; i < argc; i += 2)
        known.at(argv[i])(argv[i + 1]);

    const Data data = load(argv[1]);
    const auto device = Device::pick();
    const DeviceInfo info = device.info();
    std::printf("%s, %s\n%-15s %6s  %-21s %-21s %14s %9s\n", info.name.c_str(), info.driver.c_str(),
                "row", "epochs", "best validation acc.", "final test accuracy", "train accuracy",
                "seconds");
    std::string lines;
    bool learned = true;
    for (const Row& row : table()) {
        if (!settings.rows.empty() &&
            std::ranges::find(settings.rows, row.name) == settings.rows.end()) {
            continue;
        }
        Mean best, test, train, seconds, epochs;
        for (std::int64_t i = 0; i < settings.seeds; ++i) {
            const auto seed = static_cast<std::uint64_t>(settings.first_seed + i);
            const Result result = run(device, row, data, seed, settings);
            lines += line_of(row, seed, result, info) + "\n";
            io::write_file(settings.out, lines);
            if (i == 0) {
                write_page(std::filesystem::path(settings.pages) / row.name, row, result, info);
            }
            best.values.push_back(result.best);
            test.values.push_back(result.final[2].accuracy);
            train.values.push_back(result.final[0].accuracy);
            seconds.values.push_back(result.seconds);
            epochs.values.push_back(static_cast<double>(result.history.epochs.size()));
            learned = learned && result.final[0].accuracy > 0.11;  // 0.1 by chance
        }
        std::printf("%-15s %6.0f  %.4f +- %.4f      %.4f +- %.4f      %14.4f %9.1f\n",
                    row.name.c_str(), epochs.mean(), best.mean(), best.error(), test.mean(),
                    test.error(), train.mean(), seconds.mean());
        std::fflush(stdout);
    }
    return learned ? 0 : 1;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
