// SPDX-License-Identifier: MIT
// One slot is filled while the caller reads the other. The thread, when there is one, owns the back
// slot and the order of the epoch from request() until wait() returns; the caller owns them
// otherwise. That hand-over, under one mutex, is all the synchronisation there is.
#include <ingot/batches.h>

#include "core/check.h"
#include "core/random.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

namespace ingot::data {

class Batches::Impl {
public:
    Impl(Dataset dataset, std::int64_t batch_size, const BatchOptions& options);
    ~Impl();

    const Batch* next();
    std::int64_t next_into(std::span<float> inputs, std::span<std::int32_t> labels,
                           std::span<float> targets, std::span<std::int32_t> tokens);
    std::int64_t count_of(std::int64_t batch) const {
        return std::min(batch_size, samples - batch * batch_size);
    }

    const Dataset dataset;
    const std::int64_t batch_size;
    const BatchOptions options;
    const bool has_tokens = dataset.input_dtype() == i32;
    const bool has_labels = dataset.has_labels();
    std::int64_t samples = 0;  // of an epoch
    std::int64_t batches = 0;
    Cursor cursor;

private:
    struct Slot {
        std::vector<float> inputs;
        std::vector<std::int32_t> labels;
        std::vector<float> targets;
        std::vector<std::int32_t> tokens;
        Batch batch;
    };

    bool at_end();
    void gather(const Cursor& at, std::span<float> inputs, std::span<std::int32_t> labels,
                std::span<float> targets, std::span<std::int32_t> tokens);
    void fill(Slot& slot, const Cursor& at);
    void request(const Cursor& at);
    void wait();
    void work();

    void order_epoch(std::int64_t epoch);

    std::vector<double> sums_;          // of the weights up to each sample
    std::vector<std::uint32_t> order_;  // of order_epoch_
    std::int64_t order_epoch_ = -1;
    Slot front_, back_;
    std::optional<Cursor> prepared_;  // what the back slot holds or will hold after wait()

    std::mutex mutex_;
    std::condition_variable changed_;
    bool busy_ = false;  // guarded by mutex_, like the next two
    bool stop_ = false;
    std::exception_ptr failure_;
    std::thread thread_;  // last: it starts when all else is there
};

Batches::Impl::Impl(Dataset from, std::int64_t size, const BatchOptions& wanted)
    : dataset(std::move(from)), batch_size(size), options(wanted) {
    if (batch_size < 1 || dataset.empty()) {
        fail(ErrorKind::kInvalidArgument, "batches: batch size {} of {} samples", batch_size,
             dataset.size());
    }
    if (options.drop_last && dataset.size() < batch_size) {
        fail(ErrorKind::kInvalidArgument,
             "batches: {} samples make no batch of {} and drop_last leaves out shorter ones",
             dataset.size(), batch_size);
    }
    samples = options.drop_last ? dataset.size() - dataset.size() % batch_size : dataset.size();
    batches = samples / batch_size + (samples % batch_size != 0);
    const auto largest = static_cast<std::size_t>(std::min(batch_size, samples));
    for (Slot* slot : {&front_, &back_}) {
        if (slot == &back_ && !options.background) break;
        const auto values = static_cast<std::size_t>(dataset.sample_shape().count());
        const auto answers = static_cast<std::size_t>(dataset.target_shape().count());
        (has_tokens ? slot->tokens.resize(largest * values)
                    : slot->inputs.resize(largest * values));
        (has_labels ? slot->labels.resize(largest * answers)
                    : slot->targets.resize(largest * answers));
    }
    double sum = 0;
    for (const double weight : options.weights) {
        sum += weight;
        sums_.push_back(sum);
        if (!(weight >= 0)) sum = std::nan("");
    }
    if (!sums_.empty() && (sums_.size() != static_cast<std::size_t>(dataset.size()) || !(sum > 0) ||
                           !std::isfinite(sum))) {
        fail(ErrorKind::kInvalidArgument,
             "batches: {} weights of sum {} for {} samples; each takes one of 0 or more",
             sums_.size(), sum, dataset.size());
    }
    order_.resize(static_cast<std::size_t>(dataset.size()));
    std::iota(order_.begin(), order_.end(), 0U);
    if (options.background) thread_ = std::thread([this] { work(); });
}

Batches::Impl::~Impl() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

// A pure function of (options.seed, epoch), made afresh.
void Batches::Impl::order_epoch(std::int64_t epoch) {
    order_epoch_ = epoch;
    if (!options.shuffle && sums_.empty()) return;
    RandomStream random(options.seed,
                        stream_of(RandomPurpose::kShuffle, static_cast<std::uint64_t>(epoch)));
    if (sums_.empty()) {
        std::iota(order_.begin(), order_.end(), 0U);
        shuffle(order_, random);
        return;
    }
    for (std::uint32_t& sample : order_) {
        const std::uint64_t high = random.word();
        const double share = static_cast<double>(high << 21 ^ random.word() >> 11) * 0x1p-53;
        // The first whose sum is beyond: one of weight 0 never is.
        const auto found = std::upper_bound(sums_.begin(), sums_.end(), share * sums_.back());
        sample = static_cast<std::uint32_t>(
            std::min<std::ptrdiff_t>(found - sums_.begin(), std::ssize(sums_) - 1));
    }
}

void Batches::Impl::gather(const Cursor& at, std::span<float> inputs,
                           std::span<std::int32_t> labels, std::span<float> targets,
                           std::span<std::int32_t> tokens) {
    if (order_epoch_ != at.epoch) order_epoch(at.epoch);
    const auto wanted = std::span<const std::uint32_t>(order_).subspan(
        static_cast<std::size_t>(at.batch * batch_size),
        static_cast<std::size_t>(count_of(at.batch)));
    if (has_tokens) {
        dataset.read_tokens(wanted, tokens);
    } else {
        dataset.read_inputs(wanted, inputs);
    }
    if (has_labels) {
        dataset.read_labels(wanted, labels);
    } else {
        dataset.read_targets(wanted, targets);
    }
}

void Batches::Impl::fill(Slot& slot, const Cursor& at) {
    const auto count = static_cast<std::size_t>(count_of(at.batch));
    const std::size_t most = static_cast<std::size_t>(std::min(batch_size, samples));
    const auto part = [&](auto& all) { return std::span(all).first(all.size() / most * count); };
    const auto inputs = part(slot.inputs);
    const auto labels = part(slot.labels);
    const auto targets = part(slot.targets);
    const auto tokens = part(slot.tokens);
    gather(at, inputs, labels, targets, tokens);
    slot.batch = {inputs, labels, targets, tokens, count_of(at.batch), at.epoch, at.batch};
}

bool Batches::Impl::at_end() {
    if (cursor.batch < batches) return false;
    cursor = {cursor.epoch + 1, 0};
    return true;
}

const Batch* Batches::Impl::next() {
    if (at_end()) return nullptr;
    if (!options.background) {
        fill(front_, cursor);
        ++cursor.batch;
        return &front_.batch;
    }
    wait();
    if (prepared_ != cursor) {
        request(cursor);
        wait();
    }
    std::swap(front_, back_);
    ++cursor.batch;
    request(cursor.batch < batches ? cursor : Cursor{cursor.epoch + 1, 0});
    return &front_.batch;
}

std::int64_t Batches::Impl::next_into(std::span<float> inputs, std::span<std::int32_t> labels,
                                      std::span<float> targets, std::span<std::int32_t> tokens) {
    if (at_end()) return 0;
    const std::int64_t count = count_of(cursor.batch);
    const auto values = static_cast<std::size_t>(count * dataset.sample_shape().count());
    const auto answers = static_cast<std::size_t>(count * dataset.target_shape().count());
    const std::size_t input_count = has_tokens ? 0 : values, token_count = values - input_count;
    const std::size_t label_count = has_labels ? answers : 0, target_count = answers - label_count;
    if (inputs.size() < input_count || labels.size() < label_count ||
        targets.size() < target_count || tokens.size() < token_count) {
        fail(ErrorKind::kInvalidArgument,
             "batches: {} samples need room for {} inputs, {} labels, {} targets and {} tokens; "
             "there is room for {}, {}, {} and {}",
             count, input_count, label_count, target_count, token_count, inputs.size(),
             labels.size(), targets.size(), tokens.size());
    }
    if (options.background) {
        const Batch& batch = *next();
        std::copy(batch.inputs.begin(), batch.inputs.end(), inputs.begin());
        std::copy(batch.labels.begin(), batch.labels.end(), labels.begin());
        std::copy(batch.targets.begin(), batch.targets.end(), targets.begin());
        std::copy(batch.tokens.begin(), batch.tokens.end(), tokens.begin());
        return count;
    }
    gather(cursor, inputs.first(input_count), labels.first(label_count),
           targets.first(target_count), tokens.first(token_count));
    ++cursor.batch;
    return count;
}

void Batches::Impl::request(const Cursor& at) {
    {
        const std::scoped_lock lock(mutex_);
        prepared_ = at;
        busy_ = true;
    }
    changed_.notify_all();
}

void Batches::Impl::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
    if (failure_ == nullptr) return;
    prepared_.reset();
    std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Batches::Impl::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return busy_ || stop_; });
        if (stop_) return;
        const Cursor at = *prepared_;
        lock.unlock();
        std::exception_ptr failure;
        try {
            fill(back_, at);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        failure_ = failure;
        busy_ = false;
        changed_.notify_all();
    }
}

Batches::Batches(Dataset dataset, std::int64_t batch_size, const BatchOptions& options)
    : impl_(std::make_unique<Impl>(std::move(dataset), batch_size, options)) {}
Batches::~Batches() = default;
Batches::Batches(Batches&&) noexcept = default;
Batches& Batches::operator=(Batches&&) noexcept = default;

const Dataset& Batches::dataset() const {
    return impl_->dataset;
}
std::int64_t Batches::batch_size() const {
    return impl_->batch_size;
}
std::int64_t Batches::batches_per_epoch() const {
    return impl_->batches;
}
std::int64_t Batches::samples_per_epoch() const {
    return impl_->samples;
}
std::int64_t Batches::last_batch_count() const {
    return impl_->count_of(impl_->batches - 1);
}
Cursor Batches::cursor() const {
    return impl_->cursor;
}

void Batches::start(const Cursor& cursor) {
    constexpr std::int64_t kMaxEpoch = std::int64_t{1} << 56;
    if (cursor.epoch < 0 || cursor.epoch >= kMaxEpoch || cursor.batch < 0 ||
        cursor.batch > impl_->batches) {
        fail(ErrorKind::kInvalidArgument,
             "batches: no place to start at epoch {}, batch {}: an epoch has {} batches",
             cursor.epoch, cursor.batch, impl_->batches);
    }
    impl_->cursor = cursor;
}

const Batch* Batches::next() {
    return impl_->next();
}

std::int64_t Batches::next_into(std::span<float> inputs, std::span<std::int32_t> labels,
                                std::span<float> targets, std::span<std::int32_t> tokens) {
    return impl_->next_into(inputs, labels, targets, tokens);
}

}  // namespace ingot::data
