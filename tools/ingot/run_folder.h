// SPDX-License-Identifier: MIT
// The folder of a run: the library's (ingot/run_folder.h), and options.json.
#pragma once

#include "commands.h"
#include "data.h"

#include <ingot/nn.h>
#include <ingot/run_folder.h>

#include <filesystem>
#include <set>
#include <string>

namespace ingot::cli {

inline constexpr const char* kOptionsFile = "options.json";
inline constexpr const char* kCheckpointFile = "checkpoint.safetensors";
inline constexpr const char* kWeightsFile = "weights.safetensors";
inline constexpr double kTestShare = 0.2;  // of data that comes as one part

// runs/2026-01-31-120000-mlp
std::string default_run_dir(const std::string& model);

// Every option, with what the defaults came to, and the model's description.
void write_options(const std::filesystem::path& folder, const TrainSettings& settings);
TrainSettings read_options(const std::filesystem::path& folder);

// The net of a run: its weights when it was over, else those of its last checkpoint.
nn::Module trained_net(const std::filesystem::path& folder, const TrainSettings& settings);

// Fills in, from the run folder, the options that were not given ("--epochs" ...).
void take_options_of_run(TrainSettings& settings, const std::set<std::string>& given);

// "600 samples, loss 0.1234, accuracy 95.12 %", or what there is in place of accuracy.
std::string text_of(const train::Evaluation& evaluation);

// The library's run folder, which knows these options; writes them, too.
train::RunFolder open_run_folder(const std::filesystem::path& folder, const TrainSettings& settings,
                                 const NamedData& data);

}  // namespace ingot::cli
