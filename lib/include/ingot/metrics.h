// SPDX-License-Identifier: MIT
// Metrics: numbers that say how good a model is, over a whole set (never means of batches). Names,
// formulas and corner cases are scikit-learn's.
//
//     trainer.evaluate(test, {.metrics = {metrics::f1(), metrics::roc_auc()}}).metrics["f1"]
//
// What can be counted is counted on the device, in a confusion matrix; other metrics are computed
// in double from outputs that are read back.
#pragma once

#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ingot::metrics {

// How the values of the classes become one.
enum class Average {
    kMacro,     // their mean, over the classes that occur among labels or predictions
    kMicro,     // from the counts of all classes together
    kWeighted,  // their mean, weighted by how many labels are of the class
    kBinary     // the value of class 1, of two
};

// count(t, p): how many samples of class t were taken for class p.
class INGOT_API ConfusionMatrix {
public:
    ConfusionMatrix() = default;
    explicit ConfusionMatrix(std::int64_t classes);  // at least 1

    void add(std::int64_t label, std::int64_t predicted, std::int64_t samples = 1);

    std::int64_t classes() const { return classes_; }
    std::int64_t count(std::int64_t label, std::int64_t predicted) const;
    std::int64_t samples() const;
    std::int64_t labelled(std::int64_t c) const;   // samples of the class
    std::int64_t predicted(std::int64_t c) const;  // samples taken for it

    double accuracy() const;  // the share of samples taken for what they are
    // 0 / 0 is 0.
    double precision(std::int64_t c) const;  // right / predicted
    double recall(std::int64_t c) const;     // right / labelled
    double f1(std::int64_t c) const;         // 2 right / (labelled + predicted); also Dice
    double iou(std::int64_t c) const;        // right / (labelled + predicted - right), Jaccard's
    double precision(Average average) const;
    double recall(Average average) const;
    double f1(Average average) const;
    double iou(Average average) const;

private:
    using Ratio = std::pair<double, double>;  // above and below the bar
    Ratio precision_of(std::int64_t c) const;
    Ratio recall_of(std::int64_t c) const;
    Ratio f1_of(std::int64_t c) const;
    Ratio iou_of(std::int64_t c) const;
    double averaged(Average average, Ratio (ConfusionMatrix::*ratio)(std::int64_t) const) const;
    double right(std::int64_t c) const { return static_cast<double>(count(c, c)); }

    std::int64_t classes_ = 0;
    std::vector<std::int64_t> counts_;
};

// What was measured of a set. `confusion` is there for metrics that want it, outputs and what they
// should be for metrics that want those: labels, or targets of the outputs' shape.
struct Measured {
    std::int64_t samples = 0;
    double loss = 0;  // mean over the samples
    ConfusionMatrix confusion{};
    Shape output_shape{};  // of one sample
    std::vector<float> outputs{};
    std::vector<std::int32_t> labels{};
    std::vector<float> targets{};
};

enum class Wants {
    kLoss,       // nothing but the mean loss
    kConfusion,  // measured while training, too
    kOutputs     // all outputs in host memory: measured by evaluate() and on validation sets
};

// Any other metric is made by filling a Metric. Values may be any number; NaN: not defined here.
struct Metric {
    std::string name;  // in histories, tables and files
    Wants wants = Wants::kOutputs;
    bool maximize = true;  // whether more is better
    std::function<double(const Measured&)> value;
    // Of kConfusion with targets in place of labels: an output above it is class 1, else class 0.
    // 0 suits logits, 0.5 probabilities. A target above 0.5 is class 1.
    float threshold = 0;
};

struct ClassOptions {
    Average average = Average::kMacro;
    float threshold = 0;  // where targets, not labels, are given: see Metric
};

// Of classes: the largest of a sample's outputs [C] against its label; or every output by itself
// against its target, as two classes. Another average than kMacro is part of the name: "f1_micro".
INGOT_API Metric accuracy(float threshold = 0);
INGOT_API Metric precision(const ClassOptions& options = {});
INGOT_API Metric recall(const ClassOptions& options = {});
INGOT_API Metric f1(const ClassOptions& options = {});
INGOT_API Metric dice(const ClassOptions& options = {});  // f1 by its name in segmentation
INGOT_API Metric iou(const ClassOptions& options = {});   // intersection over union

// The share of samples whose label is among the k largest of their outputs [C]; of equal
// outputs, those of higher classes count as larger.
INGOT_API Metric top_k_accuracy(std::int64_t k);

// The area under the ROC curve and average precision, of every class against the rest, averaged
// over the classes that have both; labels and outputs [C] or targets and outputs, as above. Outputs
// [C] are logits, or probabilities if `probabilities` says so: their order over samples differs.
INGOT_API Metric roc_auc(bool probabilities = false);
INGOT_API Metric average_precision(bool probabilities = false);

// Of targets of the outputs' shape; of several numbers a sample, the mean over them.
INGOT_API Metric mean_absolute_error();
INGOT_API Metric root_mean_squared_error();
INGOT_API Metric r2();  // 1 - sum (t - y)^2 / sum (t - mean t)^2; NaN below two samples

// exp(mean loss): of a cross-entropy over tokens.
INGOT_API Metric perplexity();

}  // namespace ingot::metrics
