// SPDX-License-Identifier: MIT
// What a report of a run says: plain data, filled by whoever trained. write_report_html() in io.h
// turns it into one HTML file without outside references. All text is escaped; any part left empty
// is left out of the page.
#pragma once

#include <ingot/image.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace ingot::io {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

struct EpochRecord {
    double train_loss = kNotMeasured;
    double train_accuracy = kNotMeasured;  // 0..1
    double validation_loss = kNotMeasured;
    double validation_accuracy = kNotMeasured;  // 0..1
    double time_s = kNotMeasured;
};

struct PredictionRecord {
    Image picture;
    std::string label;
    std::string prediction;  // wrong when it differs from label
    double probability = 0;  // of the prediction, 0..1
};

struct Fact {
    std::string name;   // "Device", "Driver", "Model", "Data", "Options", "Seed" ...
    std::string value;  // may hold several lines
};

struct RunReport {
    std::string title = "Training run";
    std::string summary;  // one line below the title
    std::vector<Fact> facts;
    std::vector<EpochRecord> epochs;  // the first is epoch 1
    std::vector<float> step_losses;   // one per step; drawn faint, with a smoothed line over them
    std::optional<double> test_accuracy;  // 0..1
    std::optional<double> test_loss;
    std::vector<PredictionRecord> predictions;
};

}  // namespace ingot::io
