// SPDX-License-Identifier: MIT
// What a doctor of networks says: findings, and the plain data that they are read from. Every
// judge_...() is a function over such data, whoever measured it; doctor.h measures it on a device.
//
//     for (const doctor::Finding& finding : doctor::judge_curves(history)) ...
//
// Verdicts are rules of thumb with their numbers beside them. They are laid out to be silent where
// nothing is wrong: what may be meant is a note.
#pragma once

#include <ingot/export.h>
#include <ingot/history.h>
#include <ingot/host_tensor.h>
#include <ingot/image.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ingot::doctor {

using train::kNotMeasured;

enum class Verdict : std::uint8_t {
    kHealthy,
    kNote,      // worth knowing; may be meant
    kDoubtful,  // probably at fault
    kIll        // does not work as it is
};
INGOT_API const char* to_string(Verdict verdict);  // "ok", "note", "doubt", "ILL"

struct Finding {
    std::string check;  // what was looked at: "first loss", "one batch", "layers" ...
    Verdict verdict = Verdict::kHealthy;
    std::string disease;   // "vanishing gradients"; empty: none
    std::string evidence;  // the numbers behind it, in one to three sentences
    std::string remedy;    // what usually helps; empty: nothing need be done
};

// ---- The batch, and what the net makes of it ----

// Of the samples that are looked at, as the net receives them.
struct BatchFacts {
    std::int64_t samples = 0;
    double mean = kNotMeasured;  // of all input values
    double deviation = kNotMeasured;
    std::int64_t non_finite = 0;     // input values
    std::int64_t repeated = 0;       // samples whose inputs are those of an earlier one
    std::int64_t contradictory = 0;  // of these, with another target
    bool tokens = false;             // inputs are indices: mean and deviation say nothing
};
INGOT_API std::vector<Finding> judge_batch(const BatchFacts& facts);

// Of the outputs [N, V] for these samples, before training.
struct OutputFacts {
    std::string loss;  // its name
    std::int64_t samples = 0;
    std::int64_t non_finite = 0;
    bool rows_are_probabilities = false;  // no value below 0, rows add up to 1
    bool within_unit = false;             // all values above 0 and below 1
    bool floored = false;                 // no value below 0, some are 0, some are not
    bool same_for_all = false;            // every sample gets the same outputs, and not all 0
};
// What `outputs` [N, ...] are, computed in double.
INGOT_API OutputFacts output_facts(const std::string& loss, const HostTensor& outputs);
INGOT_API std::vector<Finding> judge_outputs(const OutputFacts& facts);

// ---- The first loss ----

struct FirstLoss {
    std::string loss;          // its name
    std::int64_t classes = 0;  // 0: targets are numbers
    std::int64_t samples = 0;
    double measured = kNotMeasured;  // before any step
    // Of an answer that does not look at the sample: equal scores for all classes, which is
    // ln(classes) for cross-entropy; of numbers the best constant, under MSE their variance.
    double expected = kNotMeasured;
    std::string expectation{};          // what that is: "ln 10", "variance of the targets"
    double target_mean = kNotMeasured;  // of numbers
    double target_deviation = kNotMeasured;
};
INGOT_API Finding judge_first_loss(const FirstLoss& first);

// ---- Overfitting on purpose ----

// A net that cannot learn one sample or one batch by heart is broken.
struct Overfit {
    std::string what;  // "one sample", "one batch"
    std::int64_t samples = 0;
    std::string optimizer;     // its name
    double learning_rate = 0;  // of its group 0
    std::int64_t steps = 0;    // taken
    double first_loss = kNotMeasured;
    double last_loss = kNotMeasured;      // the lower of training and evaluation mode
    double last_accuracy = kNotMeasured;  // 0..1; with labels only
    double goal = kNotMeasured;           // the loss at which it counts as learnt
    // Where that was not reached: the same with Adam at 1e-3, which tells the net from its
    // optimizer. 0 steps: not tried.
    std::int64_t other_steps = 0;
    double other_loss = kNotMeasured;
    std::int64_t contradictory = 0;  // samples whose inputs are an earlier one's with other targets
    std::vector<float> losses{};     // of the steps
    std::string note{};              // on how it was done
};
INGOT_API Finding judge_overfit(const Overfit& overfit);

// The fit of parts of growing size, trained alike.
struct LearningPoint {
    std::int64_t samples = 0;
    double train_loss = kNotMeasured;
    double validation_loss = kNotMeasured;
};
INGOT_API Finding judge_learning_curve(std::span<const LearningPoint> points);

// ---- Gradients ----

// The derivative of the loss along one direction v of one parameter, |v| = 1.
struct GradientProbe {
    std::string parameter;     // as in state_dict: "conv1.weight"
    double analytic = 0;       // gradient . v
    double numeric = 0;        // (loss(p + h v) - loss(p - h v)) / (2 h)
    double error = 0;          // of `numeric`: rounding of the loss over h, and how it still moves
                               // with h
    double step = 0;           // h
    double gradient_norm = 0;  // 2-norm of the whole gradient of the parameter
    // Whether they differ by more than `kGradientTolerance` of the larger and three times `error`.
    bool is_wrong() const;
    // Whether `error` leaves that open: it is above a tenth of the larger one.
    bool is_open() const;
};
// The loss is an f32: differences of it are right to a few per mille at best, so 2 % is what can be
// told from rounding; a wrong formula is wrong by much more.
inline constexpr double kGradientTolerance = 0.02;
// In the order of the model, so that the last wrong one is the nearest to the loss.
INGOT_API Finding judge_gradients(std::span<const GradientProbe> probes);

// ---- Norms ----

// One layer without layers below it, for one batch. NaN is not measured, infinity not finite.
struct LayerNorms {
    std::string name;  // "layers.0.linear1"; of a model that is one layer: empty
    std::string type;
    double output = kNotMeasured;     // root mean square of its outputs
    double variation = kNotMeasured;  // share of it that differs between samples, 0..1
    double gradient = kNotMeasured;   // 2-norm of d loss / d outputs, of the whole batch
    // Of a layer that cuts off below 0: the share of units that are 0 for all samples; else NaN.
    double dead = kNotMeasured;
    // Of Sigmoid and Tanh: the share of outputs within 1 % of an end; else NaN.
    double saturated = kNotMeasured;
    bool is_last = false;  // its outputs are the model's
};
INGOT_API std::vector<Finding> judge_layers(std::span<const LayerNorms> layers);

struct ParameterNorms {
    std::string name;
    std::size_t rank = 0;            // axes
    double weight = kNotMeasured;    // root mean square, before training
    double gradient = kNotMeasured;  // likewise
    double update = kNotMeasured;    // of one step, relative to the weight
    bool all_equal = false;          // every element the same, before training
    bool is_trained = true;          // false: frozen
};
INGOT_API std::vector<Finding> judge_parameters(std::span<const ParameterNorms> parameters);

// ---- Curves ----

struct CurveOptions {
    // Of an answer that does not look at the sample, as FirstLoss::expected. NaN: the loss of the
    // first steps, or else of the first epoch.
    double uninformed_loss = kNotMeasured;
};
// Underfitting, overfitting, a rate too high or too low, diverged, not yet converged, noisy; or one
// finding that all is well.
INGOT_API std::vector<Finding> judge_curves(const train::History& history,
                                            const CurveOptions& options = {});

// ---- Labels ----

struct SuspectLabel {
    std::int64_t sample = 0;  // in the dataset that was looked at
    std::string name{};       // the dataset's, of the sample
    std::int64_t label = 0;
    std::int64_t prediction = 0;
    double probability = 0;        // of the prediction, 0..1
    double label_probability = 0;  // of the label
    double loss = 0;               // -ln of that
    Image picture{};               // where there is one
};

struct LabelReview {
    std::int64_t samples = 0;  // looked at; 0: it was not done
    // Whether each was judged by a net that had not been trained on it.
    bool held_out = false;
    std::vector<SuspectLabel> suspects{};    // the highest loss first
    std::vector<std::string> class_names{};  // none: numbers
};
struct LabelOptions {
    double label_probability = 0.1;  // suspect labels are less probable than this, in any case
};
// How often a wrong class stands for a right one, as far as that has nothing to do with how alike
// the two are: the median over pairs of classes of P(label | class), by the confident joint of
// Northcutt et al. ("Confident learning: estimating uncertainty in dataset labels", JAIR 2021): a
// sample is counted for the most probable of the classes that are as probable for it as they are on
// average for samples that carry them. Arguments as of suspect_labels().
INGOT_API double label_noise(const HostTensor& outputs, std::span<const std::int32_t> labels);
// Samples whose label looks wrong, by the outputs [N, V] of a trained net: another class is the
// most probable one, and the label is hardly more probable than by mistake, less than 3 times
// label_noise(), though at least 0.01. Outputs are logits, or log-probabilities. Throws when counts
// differ or a label is out of range.
INGOT_API std::vector<SuspectLabel> suspect_labels(const HostTensor& outputs,
                                                   std::span<const std::int32_t> labels,
                                                   const LabelOptions& options = {});
INGOT_API Finding judge_labels(const LabelReview& review);
// "sample,name,label,prediction,probability,label_probability,loss", one line a suspect; labels by
// their names where they have any.
INGOT_API std::string to_csv(const LabelReview& review);

// ---- All of it ----

// Parts that were not looked at are empty.
struct Diagnosis {
    std::string title = "Diagnosis";
    std::string summary{};  // one line below the title: model, data, device
    std::vector<Finding> findings{};
    std::optional<FirstLoss> first_loss{};
    std::vector<Overfit> overfits{};
    std::vector<LearningPoint> learning_curve{};
    std::vector<GradientProbe> gradients{};
    std::vector<LayerNorms> layers{};
    std::vector<ParameterNorms> parameters{};
    train::History history{};
    LabelReview labels{};

    Verdict worst() const;  // of the findings
    // Whether any finding is of this disease.
    bool has(const std::string& disease) const;
};

// One page of lines of at most 80 characters; tables are cut off at 24 lines.
INGOT_API std::string to_text(const Diagnosis& diagnosis);

// All of it as JSON, {"title": ..., "verdict": the worst finding's, "findings": [{"check",
// "verdict", "disease", "evidence", "remedy"} ...], ...}, members named as above; pictures are left
// out, and what was not measured or is not finite is null.
INGOT_API std::string to_json(const Diagnosis& diagnosis);

}  // namespace ingot::doctor

namespace ingot::io {

// The same as one self-contained HTML file, with curves and pictures.
INGOT_API void write_diagnosis_html(const std::filesystem::path& path,
                                    const doctor::Diagnosis& diagnosis);

}  // namespace ingot::io
