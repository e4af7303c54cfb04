// SPDX-License-Identifier: MIT
// The subcommands: their options as plain data, and the functions that run them. Each returns the
// exit code and throws Error for what went wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ingot::cli {

int info(bool json);

struct DataSettings {
    std::string data = "auto";
    std::string target;  // as data::OpenOptions has them
    bool labels = false;
    std::int64_t resize = 0;
    bool skip_unreadable = false;  // pictures of a folder; off: an error that names them
    bool normalize = false;        // by the training part; tables always are
    std::uint64_t split_seed = 1;  // of the test part, where there is none
};

struct TrainSettings : DataSettings {
    std::string model = "mlp";
    std::optional<std::int64_t> epochs;  // by the size of the data
    std::int64_t batch_size = 64;
    std::string optimizer = "adam";
    std::optional<double> lr;            // 0.1 for sgd, else 0.001
    double momentum = 0.9;               // of sgd
    std::optional<double> weight_decay;  // 0.01 for adamw, else 0
    std::string precision = "f32";       // or f16, bf16
    double validation = 0.1;             // share of the training data
    std::int64_t patience = 0;           // epochs without improvement; 0: no early stopping
    std::int64_t checkpoint_every = 0;   // steps; 0: by the clock and after epochs only
    std::int64_t keep_best = 0;          // checkpoints of the best epochs
    double time_limit_s = 0;             // 0: none
    std::vector<std::string> augment;    // as augmentation_of() takes them; empty: none
    std::string augment_on = "host";     // or "device"
    std::uint64_t seed = 1;
    std::string device;
    std::string run_dir;
    bool resume = false;
    bool watch = false;

    // Of a resumed run: the model as options.json describes it.
    std::string model_description;
};

int train(TrainSettings settings);

struct CrossValidateSettings {
    TrainSettings train;
    std::int64_t folds = 5;
    std::int64_t repeats = 1;
};

int cross_validate(CrossValidateSettings settings);

struct SearchSettings {
    TrainSettings train;
    std::vector<std::string> tries;      // "lr=1e-4..1e-1:log", "batch-size=16,32"
    std::string by = "random";           // or "grid"
    std::optional<std::int64_t> trials;  // 20, of a grid all
    std::string watch;  // accuracy, r2 or loss; empty: the first of labels, else r2
    std::string out;    // a folder for trials and page; empty: none
};

int search(SearchSettings settings);

struct DoctorSettings {
    std::string run;  // a run folder, or a history's file; empty: a net and data are examined
    TrainSettings train;
    std::int64_t folds = 0;
    std::vector<double> shares;
    std::string html;      // the page; empty: none
    std::string json;      // a file; empty: none
    std::string suspects;  // a table of all labels that look wrong; empty: none
};

int doctor(const DoctorSettings& settings);  // 3 if anything is ill

struct EvalSettings : DataSettings {
    std::string run;
    std::string weights;
    std::string model;
    std::string device;
    bool json = false;
};

int eval(EvalSettings settings);

struct PredictSettings {
    std::string run;
    std::string weights;
    std::vector<std::string> inputs;  // pictures, or one path with data
    std::string out;                  // CSV; empty: printed
    std::int64_t resize = 0;
    std::string device;
    bool json = false;
};

int predict(const PredictSettings& settings);

struct SummarySettings {
    std::string model;  // mlp, cnn, a JSON file, or a file of weights that describes its model
    std::string shape;  // "3,32,32" of a sample; empty: of the data
    DataSettings data;
};

int summary(const SummarySettings& settings);

struct ProfileSettings {
    std::string bench_case;  // of `ingot bench`; empty: training a model on data
    TrainSettings train;
    int runs = 10;
    std::string trace;  // a file; empty: none
};

int profile(const ProfileSettings& settings);

struct ReportSettings {
    std::vector<std::string> runs;  // folders
    std::string out;                // empty: RUN/report.html, or comparison.html of several
};

int report(const ReportSettings& settings);

struct ExploreSettings {
    std::vector<std::string> paths;  // or one of the names that DataSettings takes
    std::string target;              // as data::OpenOptions has them
    bool labels = false;
    std::int64_t resize = 0;
    bool no_header = false;
    bool stream = false;
    bool skip_unreadable = false;
    bool json = false;
    std::string html;                                  // a file; empty: none
    std::vector<std::string> augment{"crop", "flip"};  // shown on the page; "none"
    std::uint64_t seed = 0;                            // of the augmentation
};

int explore(const ExploreSettings& settings);

}  // namespace ingot::cli
