// SPDX-License-Identifier: MIT
// A dataset cut into batches, epoch after epoch. Which samples a batch holds is a pure function of
// (seed, epoch, batch), equal on all platforms, and so is how a sample is augmented one of (seed,
// epoch, sample): training resumes exactly from a Cursor, with any number of threads. Buffers are
// reused: nothing is allocated per batch after the first, but for what transforms need.
//
//     ingot::data::Batches batches{train, 64, {.shuffle = true, .seed = 1}};
//     for (int epoch = 0; epoch < 5; ++epoch) {
//         for (const auto& batch : batches) step(batch.inputs, batch.labels);
//     }
#pragma once

#include <ingot/augment.h>
#include <ingot/dataset.h>
#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

namespace ingot::data {

// What becomes of the samples at the end of an epoch that are too few for a whole batch.
enum class LastBatch {
    kShorter,  // a shorter batch; a trainer compiles a second program for it
    kDrop,     // none: another few each epoch if they are shuffled
    kPad       // a whole batch: its samples repeat from the first on, and Batch::mask says which
               // are to count. One program for all batches
};

struct BatchOptions {
    bool shuffle = false;    // a new order each epoch; false: the order of the dataset
    std::uint64_t seed = 0;  // of the orders and of what augmentation draws
    LastBatch last = LastBatch::kShorter;
    // In the background, 0 to 256: each prepares one of the batches that come next while this one
    // is used. 0: a batch is prepared when it is asked for. The batches are the same.
    int threads = 0;
    // One for each sample, 0 or more: an epoch is as many samples as the dataset has, drawn with
    // repetition, each as often as its weight says. Empty: each sample once. See balanced_weights.
    std::vector<double> weights{};
    // What pictures, f32 [C, H, W] in 0..1, go through each time that they are read. The dataset's
    // normalisation is applied to the result. None: nothing.
    augment::Transform augment{};
    // kDevice: batches hold pictures as they are, not normalised either, and Batch::draws, for
    // augment::on_device. Throws kUnsupported for transforms that take the host, and with `mix`.
    augment::Place augment_on = augment::Place::kHost;
    // What the samples of a batch go through last, in batches of 2 or more. Labels, one a sample,
    // are then delivered as targets: probabilities of the classes, as losses::soft_cross_entropy
    // takes them. None: nothing.
    augment::Mix mix{};
};

// Valid until the next call to next(), start() or the end of the Batches.
struct Batch {
    std::span<const float> inputs;         // [count, sample...]; empty for tokens
    std::span<const std::int32_t> labels;  // [count, target...]; empty when there are targets
    std::span<const float> targets;        // [count, target...]; empty when there are labels
    std::span<const std::int32_t> tokens;  // [count, sample...]; inputs of dtype i32
    // With LastBatch::kPad: 1 for each sample, 0 for what fills up. The spans above are then of the
    // batch size, not of `count`.
    std::span<const float> mask;
    // [count, plan()->numbers]; with augment::Place::kDevice, what is drawn for each sample.
    std::span<const float> draws;
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
    // Throws when the dataset is empty, batch_size < 1 or kDrop leaves no batch at all, and
    // when `augment` or `mix` cannot take such samples.
    Batches(Dataset dataset, std::int64_t batch_size, const BatchOptions& options = {});
    ~Batches();
    Batches(Batches&&) noexcept;
    Batches& operator=(Batches&&) noexcept;

    const Dataset& dataset() const;
    std::int64_t batch_size() const;
    // With augment::Place::kDevice, what it is to make of the pictures; else none.
    const std::shared_ptr<const augment::Step>& plan() const;
    // As delivered: augmentation may change the size of pictures, a mixture has targets.
    const Shape& sample_shape() const;
    const Shape& target_shape() const;
    bool has_labels() const;
    std::int64_t batches_per_epoch() const;
    std::int64_t samples_per_epoch() const;  // below dataset().size() only with kDrop
    std::int64_t last_batch_count() const;   // samples of the last batch of an epoch

    Cursor cursor() const;
    void start(const Cursor& cursor);  // continue from there; throws when it is out of range

    // The next batch, or nullptr once at the end of an epoch; the call after that begins the next.
    const Batch* next();

    // The same, gathered straight into the caller's memory: room for batch_size() samples. Returns
    // the count, 0 at the end of an epoch. Spans that do not apply may be empty. With kPad, what
    // lies behind `count` are the samples again.
    std::int64_t next_into(std::span<float> inputs, std::span<std::int32_t> labels,
                           std::span<float> targets = {}, std::span<std::int32_t> tokens = {},
                           std::span<float> draws = {});

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
