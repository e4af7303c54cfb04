// SPDX-License-Identifier: MIT
// One run of Trainer::fit: what has been done so far, which is also what a checkpoint keeps.
#pragma once

#include "train/checkpoint_files.h"
#include "train/trainer.h"

#include <string>
#include <vector>

namespace ingot::train {

// Of the epoch that is going on.
struct EpochSums {
    double loss = 0;  // sum over the samples
    double correct = 0;
    std::int64_t samples = 0;
    std::int64_t steps = 0;
    double time_s = 0;
    double data_s = 0;  // of it, until batches were there
    Confusions confusions{};
};

// What continues a run: with the weights and the optimizer's state, everything.
struct RunState {
    data::Cursor cursor;
    EpochSums sums;
    History history;
    BestList best;  // of the checkpoints kept for being best
};

// What must be the same for a run to be continued.
struct RunIdentity {
    std::string model;  // to_json(), or the names and shapes of the parameters
    std::string optimizer;
    DType precision = f32;
    std::int64_t batch_size = 0;
    std::int64_t samples = 0;
    std::uint64_t seed = 0;
    bool shuffle = true;
    int last_batch = 0;       // data::LastBatch
    std::string preparation;  // of the samples
    std::string augment;      // to_string() of it; empty: none
    std::string mix;
    std::string weights;  // a checksum of them; empty: none
};

RunIdentity identity_of(const Trainer::Impl& trainer, const data::Dataset& train,
                        const FitOptions& options);

void save_checkpoint(const std::filesystem::path& path, const Trainer::Impl& trainer,
                     const RunIdentity& identity, const RunState& state,
                     const std::vector<AnyCallback>& callbacks);

// Restores weights, optimizer, generators and callbacks. The optimizer's state must exist, so the
// training step is compiled before. Nothing is changed before the checksum is found right.
RunState load_checkpoint(const std::filesystem::path& path, Trainer::Impl& trainer,
                         const RunIdentity& identity, const std::vector<AnyCallback>& callbacks);

}  // namespace ingot::train
