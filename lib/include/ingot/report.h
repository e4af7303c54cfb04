// SPDX-License-Identifier: MIT
// What a report of a run says: plain data, filled by whoever trained (train::RunFolder does).
// to_json() in io.h makes a text of it, write_report_html() a page of one run or of several. Any
// part left empty is left out of the page.
#pragma once

#include <ingot/event_file.h>
#include <ingot/history.h>
#include <ingot/image.h>
#include <ingot/metrics.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ingot::io {

struct PredictionRecord {
    Image picture;  // none when it has no pixels
    std::string label;
    std::string prediction;  // wrong when it differs from label
    double probability = 0;  // of the prediction, 0..1
    double loss = train::kNotMeasured;
    std::string name{};  // of the sample: its file, say
};

// A sample whose targets are numbers.
struct ResidualRecord {
    std::string name{};  // of the sample
    std::vector<double> target{};
    std::vector<double> prediction{};  // as many
    double error = 0;                  // root of their mean square difference
    Image picture{};
};

struct Fact {
    std::string name;   // "Device", "Driver", "Data" ...
    std::string value;  // may hold several lines

    bool operator==(const Fact&) const = default;
};

// A tensor that is trained, before some of the steps.
struct TensorRecord {
    struct Snapshot {
        std::int64_t step = 0;  // done before
        Histogram weight{};
        Histogram gradient{};
    };
    std::string name;
    std::vector<Snapshot> snapshots{};
};

// What the training step runs, dispatches of one kernel for the same operations taken together.
struct KernelRecord {
    std::string name{};           // of the kernel
    std::string label{};          // of the operations it runs
    std::int64_t count = 0;       // dispatches in one step
    double ms = 0;                // all of them, in the step that was timed
    double flops = 0, bytes = 0;  // likewise, estimated
};

struct RatePoint {
    std::int64_t step = 0;
    double rate = 0;
};

struct RunReport {
    std::string title = "Training run";
    std::string name{};               // short, for a table of runs: its folder's
    std::string summary{};            // one line below the title
    std::string status = "finished";  // "running", "stopped" or "failed"
    std::vector<Fact> facts{};
    std::vector<Fact> options{};    // what the run was given; comparisons show those that differ
    std::vector<Fact> resources{};  // timings and memory
    std::vector<KernelRecord> kernels{};  // of one training step, the longest first
    std::string model{};                  // as a table of text
    std::int64_t parameters = 0;
    std::int64_t epochs_planned = 0;
    train::History history{};
    std::vector<std::string> minimized{};  // metrics of which less is better, beside the loss
    std::vector<RatePoint> learning_rates{};
    std::map<std::string, double> test{};  // "loss", "accuracy", metrics
    metrics::ConfusionMatrix confusion{};
    std::vector<std::string> classes{};  // names; numbers where there are none
    std::string predictions_title = "Predictions";
    std::vector<PredictionRecord> predictions{};
    std::vector<ResidualRecord> residuals{};  // in place of these where targets are numbers
    std::vector<Image> filters{};             // of the first layer
    std::vector<TensorRecord> tensors{};
};

}  // namespace ingot::io
