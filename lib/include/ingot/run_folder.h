// SPDX-License-Identifier: MIT
// A folder with all that came of a run, in a few lines:
//
//     train::RunFolder run{"runs/first", {.options = {{"model", "mlp"}}}};
//     trainer.fit(train, run.record({.epochs = 5, .validation = validation}));
//     run.finish(trainer, test);               // then open runs/first/report.html
//
//     run.json                 options, seed, device and driver, model, figures: what the page
//     shows history.json, .csv       losses and metrics by epoch, and each step's loss
//     checkpoint*.safetensors  as CheckpointOptions says
//     weights.safetensors      after the run
//     events/                  TensorBoard's files
//     report.html              one file, to look at without a network
#pragma once

#include <ingot/report.h>
#include <ingot/tensorboard.h>
#include <ingot/train.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot::train {

struct RunFolderOptions {
    std::string title{};              // of the page; empty: the folder's name
    std::vector<io::Fact> facts{};    // more of what stands under "Key facts"
    std::vector<io::Fact> options{};  // what the run was given, beside FitOptions; comparisons show
                                      // those that differ
    bool tensorboard = true;          // whether event files are written
    TensorBoardOptions histograms{};  // how often weights and gradients are looked at
    double refresh_s = 10;            // between rewrites of the page while the run goes on, at
                                      // least; 0: none before the end
};

// A handle: copies are the same folder.
class INGOT_API RunFolder {
public:
    // Makes the folder, so that one that cannot be written is said before training. What a former
    // run has left there goes when a new one begins in it, checkpoints too.
    explicit RunFolder(std::filesystem::path path, RunFolderOptions options = {});

    // The options with this folder's checkpoint (where none is named) and a callback that writes
    // all but what finish() does. A file that cannot be written meanwhile is a warning in the log.
    FitOptions record(FitOptions options) const;

    // Evaluates on the data and finds the samples that the model is most wrong about. Writes
    // weights, histories and the page; throws kFile when one cannot be written. Empty data: nothing
    // is evaluated.
    Evaluation finish(Trainer& trainer, const data::Dataset& test,
                      const EvaluateOptions& options = {});

    const std::filesystem::path& path() const;
    std::filesystem::path report_path() const;

private:
    class Recorder;
    std::shared_ptr<Recorder> recorder_;
};

// One page of several run folders, side by side; of one, its own page anew. Throws kFile naming a
// folder that holds no run.
INGOT_API void write_comparison(const std::filesystem::path& path,
                                std::span<const std::filesystem::path> runs);

}  // namespace ingot::train
