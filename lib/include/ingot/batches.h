// SPDX-License-Identifier: MIT
// A dataset cut into batches, epoch after epoch. Which samples a batch holds is a pure function of
// (seed, epoch, batch), equal on all platforms, so training resumes exactly from a Cursor. Buffers
// are reused: nothing is allocated per batch after the first.
//
//     ingot::data::Batches batches{train, 64, {.shuffle = true, .seed = 1}};
//     for (int epoch = 0; epoch < 5; ++epoch) {
//         for (const auto& batch : batches) step(batch.inputs, batch.labels);
//     }
#pragma once

#include <ingot/dataset.h>
#include <ingot/export.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

namespace ingot::data {

struct BatchOptions {
    bool shuffle = false;     // a new order each epoch; false: the order of the dataset
    std::uint64_t seed = 0;   // of the orders
    bool drop_last = false;   // leave out a last batch shorter than the batch size
    bool background = false;  // one thread prepares the next batch while this one is used
    // One for each sample, 0 or more: an epoch is as many samples as the dataset has, drawn with
    // repetition, each as often as its weight says. Empty: each sample once. See balanced_weights.
    std::vector<double> weights{};
};

// Valid until the next call to next(), start() or the end of the Batches.
struct Batch {
    std::span<const float> inputs;         // [count, sample...]; empty for tokens
    std::span<const std::int32_t> labels;  // [count, target...]; empty when the dataset has targets
    std::span<const float> targets;        // [count, target...]; empty when it has labels
    std::span<const std::int32_t> tokens;  // [count, sample...]; inputs of dtype i32
    std::int64_t count = 0;  // samples; below the batch size only for a short last batch
    std::int64_t epoch = 0;
    std::int64_t index = 0;  // of this batch in its epoch
};

// The batch that comes next. batch == batches_per_epoch(): the end of the epoch comes next.
struct Cursor {
    std::int64_t epoch = 0;
    std::int64_t batch = 0;

    bool operator==(const Cursor&) const = default;
};

class INGOT_API Batches {
public:
    // Throws when the dataset is empty, batch_size < 1 or drop_last leaves no batch at all.
    Batches(Dataset dataset, std::int64_t batch_size, const BatchOptions& options = {});
    ~Batches();
    Batches(Batches&&) noexcept;
    Batches& operator=(Batches&&) noexcept;

    const Dataset& dataset() const;
    std::int64_t batch_size() const;
    std::int64_t batches_per_epoch() const;
    std::int64_t samples_per_epoch() const;  // below dataset().size() only with drop_last
    std::int64_t last_batch_count() const;   // samples of the last batch of an epoch

    Cursor cursor() const;
    void start(const Cursor& cursor);  // continue from there; throws when it is out of range

    // The next batch, or nullptr once at the end of an epoch; the call after that begins the next.
    const Batch* next();

    // The same, gathered straight into the caller's memory: room for batch_size() samples. Returns
    // the count, 0 at the end of an epoch. Spans that do not apply may be empty.
    std::int64_t next_into(std::span<float> inputs, std::span<std::int32_t> labels,
                           std::span<float> targets = {}, std::span<std::int32_t> tokens = {});

    // Walks from the cursor to the end of its epoch.
    class Iterator {
    public:
        using value_type = Batch;
        using difference_type = std::ptrdiff_t;

        explicit Iterator(Batches* batches) : batches_(batches), batch_(batches->next()) {}
        const Batch& operator*() const { return *batch_; }
        const Batch* operator->() const { return batch_; }
        Iterator& operator++() {
            batch_ = batches_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return batch_ == nullptr; }

    private:
        Batches* batches_;
        const Batch* batch_;
    };
    Iterator begin() { return Iterator(this); }
    std::default_sentinel_t end() const { return {}; }

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ingot::data
