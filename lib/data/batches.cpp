// SPDX-License-Identifier: MIT
// The caller reads one slot while the others are filled, one by each thread, in the order of the
// batches. A slot is the caller's but between request() and the end of its filling; that hand-over,
// under one mutex, is all the synchronisation there is. What a slot holds is a function of its
// place alone, so it does not matter which thread fills it, or when.
#include <ingot/batches.h>

#include "core/check.h"
#include "core/random.h"
#include "data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

namespace ingot::data {
namespace {

// Of values for `delivered` samples, those of the first `count`.
template <typename T>
std::span<T> first_of(std::span<T> values, std::int64_t count, std::int64_t delivered) {
    return values.first(values.size() / static_cast<std::size_t>(delivered) *
                        static_cast<std::size_t>(count));
}

// Fills up with the first `count` samples, again and again.
template <typename T>
void repeat(std::span<T> values, std::int64_t count, std::int64_t delivered) {
    const std::size_t given = first_of(values, count, delivered).size();
    for (std::size_t i = given; i < values.size(); ++i)
        values[i] = values[i - given];
}

// Where the samples of a batch go.
struct Spans {
    std::span<float> inputs;
    std::span<std::int32_t> labels;
    std::span<float> targets;
    std::span<std::int32_t> tokens;
    std::span<float> draws;

    template <typename Change>
    Spans each(Change change) const {
        return {change(inputs), change(labels), change(targets), change(tokens), change(draws)};
    }
};

}  // namespace

class Batches::Impl {
public:
    Impl(Dataset dataset, std::int64_t batch_size, const BatchOptions& options);
    ~Impl();

    const Batch* next();
    std::int64_t next_into(const Spans& to);
    std::int64_t count_of(std::int64_t batch) const {
        return std::min(batch_size, samples - batch * batch_size);
    }
    std::int64_t delivered_of(std::int64_t batch) const {
        return options.last == LastBatch::kPad ? batch_size : count_of(batch);
    }

    const Dataset dataset;
    const std::int64_t batch_size;
    const BatchOptions options;
    const bool has_tokens = dataset.input_dtype() == i32;
    const bool has_labels = dataset.has_labels() && !options.mix;
    Shape sample_shape = dataset.sample_shape();
    Shape target_shape = dataset.target_shape();
    std::shared_ptr<const augment::Step> plan;  // of augmentation on the device
    std::int64_t samples = 0;                   // of an epoch
    std::int64_t batches = 0;
    Cursor cursor;

private:
    struct Slot {
        std::vector<float> inputs;
        std::vector<std::int32_t> labels;
        std::vector<float> targets;
        std::vector<std::int32_t> tokens;
        std::vector<float> mask;
        std::vector<float> draws;
        Batch batch;

        Cursor at;          // what it holds, or will hold
        bool ready = true;  // guarded by mutex_: no thread has it or is going to
        std::exception_ptr failure;
    };

    // Of one epoch, shared by those who read from it.
    struct Order {
        std::int64_t epoch = -1;
        std::vector<std::uint32_t> samples;
        std::vector<std::uint32_t> repeats;  // how often each was drawn before; empty: never
    };

    void check_augmentation();
    bool at_end();
    Cursor behind(const Cursor& at) const {
        return at.batch + 1 < batches ? Cursor{at.epoch, at.batch + 1} : Cursor{at.epoch + 1, 0};
    }
    std::shared_ptr<const Order> order_of(std::int64_t epoch);
    std::shared_ptr<const Order> order_epoch(std::int64_t epoch) const;
    void gather(const Cursor& at, const Spans& to);
    void gather_samples(const Cursor& at, const Spans& to);
    RandomStream stream_at(const Order& order, std::int64_t epoch, std::size_t at) const;
    void read_augmented(const Order& order, const Cursor& at, std::span<float> inputs) const;
    void read_draws(const Order& order, const Cursor& at, std::span<float> draws) const;
    void read_probabilities(std::span<const std::uint32_t> wanted, std::span<float> targets) const;
    void fill(Slot& slot);
    void request(Slot* slot, const Cursor& at);
    void restart();
    void wait_for(const Slot& slot);
    void work();
    void join();

    const Dataset plain_ = dataset.normalized({});  // what is augmented
    std::vector<double> sums_;                      // of the weights up to each sample
    std::vector<std::unique_ptr<Slot>> slots_;      // one for the caller, one for each thread
    Slot* front_ = nullptr;                         // the caller's
    std::deque<Slot*> ahead_;                       // the others, by place; empty: not requested

    std::mutex orders_mutex_;
    std::array<std::shared_ptr<const Order>, 2> orders_;  // those used last: two epochs may be open
    std::size_t oldest_ = 0;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Slot*> requested_;  // guarded by mutex_, like the next
    bool stop_ = false;
    std::vector<std::thread> threads_;  // last: they start when all else is there
};

Batches::Impl::Impl(Dataset from, std::int64_t size, const BatchOptions& wanted)
    : dataset(std::move(from)), batch_size(size), options(wanted) {
    if (batch_size < 1 || dataset.empty()) {
        fail(ErrorKind::kInvalidArgument, "batches: batch size {} of {} samples", batch_size,
             dataset.size());
    }
    const bool drops = options.last == LastBatch::kDrop;
    if (drops && dataset.size() < batch_size) {
        fail(ErrorKind::kInvalidArgument,
             "batches: {} samples make no batch of {} and kDrop leaves out shorter ones",
             dataset.size(), batch_size);
    }
    constexpr int kMostThreads = 256;
    if (options.threads < 0 || options.threads > kMostThreads) {
        fail(ErrorKind::kInvalidArgument, "batches: {} threads, takes 0 to {}", options.threads,
             kMostThreads);
    }
    check_augmentation();
    samples = drops ? dataset.size() - dataset.size() % batch_size : dataset.size();
    batches = samples / batch_size + (samples % batch_size != 0);
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
    const auto largest = static_cast<std::size_t>(delivered_of(0));
    const std::size_t values = largest * static_cast<std::size_t>(sample_shape.count());
    const std::size_t answers = largest * static_cast<std::size_t>(target_shape.count());
    for (int i = 0; i <= options.threads; ++i) {
        Slot& slot = *slots_.emplace_back(std::make_unique<Slot>());
        has_tokens ? slot.tokens.resize(values) : slot.inputs.resize(values);
        has_labels ? slot.labels.resize(answers) : slot.targets.resize(answers);
        if (options.last == LastBatch::kPad) slot.mask.resize(largest);
        if (plan != nullptr) slot.draws.resize(largest * static_cast<std::size_t>(plan->numbers));
    }
    front_ = slots_.front().get();
    try {
        for (int i = 0; i < options.threads; ++i)
            threads_.emplace_back([this] { work(); });
    } catch (...) {  // no more threads to be had
        join();
        throw;
    }
}

Batches::Impl::~Impl() {
    join();
}

void Batches::Impl::join() {
    {
        const std::scoped_lock lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void Batches::Impl::check_augmentation() {
    if (has_tokens && (options.augment || options.mix)) {
        fail(ErrorKind::kInvalidArgument, "batches: tokens {} are not for '{}', which takes f32",
             to_string(sample_shape), options.augment ? options.augment.name : options.mix.name);
    }
    if (options.augment && options.augment_on == augment::Place::kDevice) {
        plan = augment::plan_of(options.augment, sample_shape);
        if (options.mix) {
            fail(ErrorKind::kUnsupported,
                 "batches: {} mixes samples on the host, where '{}' is to be, too, not on a device",
                 options.mix.name, options.augment.name);
        }
    }
    if (options.augment) {
        sample_shape = augment::shape_after(options.augment, sample_shape);
        const std::size_t channels = dataset.normalization().mean.size();
        if (sample_shape.rank() != 3 || sample_shape.count() == 0 ||
            (channels > 1 && sample_shape[0] != dataset.sample_shape()[0])) {
            fail(ErrorKind::kInvalidArgument,
                 "batches: '{}' makes {} of pictures {}, which are normalised by {} channels",
                 options.augment.name, to_string(sample_shape), to_string(dataset.sample_shape()),
                 channels);
        }
        if (plan != nullptr) sample_shape = plan->from;
    }
    if (!options.mix) return;
    if (options.mix.check != nullptr) options.mix.check(sample_shape);
    if (!dataset.has_labels()) return;
    if (target_shape.count() != 1) {
        fail(ErrorKind::kInvalidArgument, "batches: {} mixes one label a sample, not labels {}",
             options.mix.name, to_string(target_shape));
    }
    target_shape = {dataset.class_count()};
}

// A pure function of (options.seed, epoch).
std::shared_ptr<const Batches::Impl::Order> Batches::Impl::order_epoch(std::int64_t epoch) const {
    auto order = std::make_shared<Order>();
    order->epoch = epoch;
    order->samples.resize(static_cast<std::size_t>(dataset.size()));
    RandomStream random(options.seed,
                        stream_of(RandomPurpose::kShuffle, static_cast<std::uint64_t>(epoch)));
    if (sums_.empty()) {
        std::iota(order->samples.begin(), order->samples.end(), 0U);
        if (options.shuffle) shuffle(order->samples, random);
        return order;
    }
    std::vector<std::uint32_t> drawn(order->samples.size());
    for (std::uint32_t& sample : order->samples) {
        const std::uint64_t high = random.word();
        const double share = static_cast<double>(high << 21 ^ random.word() >> 11) * 0x1p-53;
        // The first whose sum is beyond: one of weight 0 never is.
        const auto found = std::upper_bound(sums_.begin(), sums_.end(), share * sums_.back());
        sample = static_cast<std::uint32_t>(
            std::min<std::ptrdiff_t>(found - sums_.begin(), std::ssize(sums_) - 1));
        order->repeats.push_back(drawn[sample]++);
    }
    return order;
}

std::shared_ptr<const Batches::Impl::Order> Batches::Impl::order_of(std::int64_t epoch) {
    if (!options.shuffle && sums_.empty()) epoch = 0;  // all are the same
    const std::scoped_lock lock(orders_mutex_);
    for (const auto& order : orders_) {
        if (order != nullptr && order->epoch == epoch) return order;
    }
    auto& place = orders_[oldest_];
    oldest_ = (oldest_ + 1) % orders_.size();
    place = order_epoch(epoch);
    return place;
}

RandomStream Batches::Impl::stream_at(const Order& order, std::int64_t epoch,
                                      std::size_t at) const {
    return augment::stream_of_sample(options.seed, epoch, order.samples[at],
                                     order.repeats.empty() ? 0 : order.repeats[at]);
}

void Batches::Impl::read_draws(const Order& order, const Cursor& at, std::span<float> draws) const {
    const auto first = static_cast<std::size_t>(at.batch * batch_size);
    std::vector<double> numbers(static_cast<std::size_t>(plan->numbers));
    float* out = draws.data();
    for (std::int64_t i = 0; i < count_of(at.batch); ++i) {
        RandomStream stream = stream_at(order, at.epoch, first + static_cast<std::size_t>(i));
        augment::Random random(stream);
        if (plan->draw != nullptr) plan->draw(random, numbers);
        out = std::transform(numbers.begin(), numbers.end(), out,
                             [](double number) { return static_cast<float>(number); });
    }
}

void Batches::Impl::read_augmented(const Order& order, const Cursor& at,
                                   std::span<float> inputs) const {
    const Shape& shape = dataset.sample_shape();
    const auto& [mean, deviation] = dataset.normalization();
    const auto first = static_cast<std::size_t>(at.batch * batch_size);
    const auto count = static_cast<std::size_t>(count_of(at.batch));
    augment::Picture picture;
    float* out = inputs.data();
    for (std::size_t i = first; i < first + count; ++i) {
        picture.channels = shape[0], picture.height = shape[1], picture.width = shape[2];
        picture.values.resize(static_cast<std::size_t>(shape.count()));
        plain_.read_inputs({&order.samples[i], 1}, picture.values);
        RandomStream stream = stream_at(order, at.epoch, i);
        augment::Random random(stream);
        augment::apply_checked(options.augment, picture, random);
        if (mean.empty()) {
            out = std::copy(picture.values.begin(), picture.values.end(), out);
            continue;
        }
        const std::size_t inner = picture.values.size() / mean.size();
        for (std::size_t j = 0; j < picture.values.size(); ++j)
            *out++ = (picture.values[j] - mean[j / inner]) / deviation[j / inner];
    }
}

void Batches::Impl::read_probabilities(std::span<const std::uint32_t> wanted,
                                       std::span<float> targets) const {
    std::vector<std::int32_t> labels(wanted.size());
    dataset.read_labels(wanted, labels);
    std::fill(targets.begin(), targets.end(), 0.0F);
    const std::size_t classes = targets.size() / wanted.size();
    for (std::size_t i = 0; i < labels.size(); ++i)
        targets[i * classes + static_cast<std::size_t>(labels[i])] = 1.0F;
}

void Batches::Impl::gather(const Cursor& at, const Spans& to) {
    const std::int64_t count = count_of(at.batch), delivered = delivered_of(at.batch);
    gather_samples(at, to.each([&](auto values) { return first_of(values, count, delivered); }));
    to.each([&](auto values) {
        repeat(values, count, delivered);
        return values;
    });
}

void Batches::Impl::gather_samples(const Cursor& at, const Spans& to) {
    const std::shared_ptr<const Order> order = order_of(at.epoch);
    const std::int64_t count = count_of(at.batch);
    const auto first = static_cast<std::size_t>(at.batch * batch_size);
    const auto wanted = std::span<const std::uint32_t>(order->samples)
                            .subspan(first, static_cast<std::size_t>(count));
    if (has_tokens) {
        dataset.read_tokens(wanted, to.tokens);
    } else if (plan != nullptr) {
        plain_.read_inputs(wanted, to.inputs);
        read_draws(*order, at, to.draws);
    } else if (options.augment) {
        read_augmented(*order, at, to.inputs);
    } else {
        dataset.read_inputs(wanted, to.inputs);
    }
    if (has_labels) {
        dataset.read_labels(wanted, to.labels);
    } else if (dataset.has_labels()) {
        read_probabilities(wanted, to.targets);
    } else {
        dataset.read_targets(wanted, to.targets);
    }
    if (!options.mix || count < 2) return;
    RandomStream stream = augment::stream_of_batch(options.seed, at.epoch, at.batch);
    augment::Random random(stream);
    options.mix.apply({count, sample_shape, to.inputs, to.targets}, random);
}

void Batches::Impl::fill(Slot& slot) {
    const std::int64_t count = count_of(slot.at.batch);
    const auto delivered = static_cast<std::size_t>(delivered_of(slot.at.batch));
    const auto most = static_cast<std::size_t>(delivered_of(0));
    const auto part = [&](auto& all) {
        return std::span(all).first(all.size() / most * delivered);
    };
    const Spans to{part(slot.inputs), part(slot.labels), part(slot.targets), part(slot.tokens),
                   part(slot.draws)};
    gather(slot.at, to);
    const auto mask = part(slot.mask);
    for (std::size_t i = 0; i < mask.size(); ++i)
        mask[i] = static_cast<std::int64_t>(i) < count ? 1.0F : 0.0F;
    slot.batch = {.inputs = to.inputs,
                  .labels = to.labels,
                  .targets = to.targets,
                  .tokens = to.tokens,
                  .mask = mask,
                  .draws = to.draws,
                  .count = count,
                  .epoch = slot.at.epoch,
                  .index = slot.at.batch};
}

bool Batches::Impl::at_end() {
    if (cursor.batch < batches) return false;
    cursor = {cursor.epoch + 1, 0};
    return true;
}

const Batch* Batches::Impl::next() {
    if (at_end()) return nullptr;
    if (options.threads == 0) {
        front_->at = cursor;
        fill(*front_);
        ++cursor.batch;
        return &front_->batch;
    }
    if (ahead_.empty() || ahead_.front()->at != cursor) restart();
    wait_for(*ahead_.front());
    std::swap(front_, ahead_.front());
    Slot* const free = ahead_.front();
    ahead_.pop_front();
    ++cursor.batch;
    request(free, behind(ahead_.empty() ? front_->at : ahead_.back()->at));
    return &front_->batch;
}

std::int64_t Batches::Impl::next_into(const Spans& to) {
    if (at_end()) return 0;
    const std::int64_t count = count_of(cursor.batch), delivered = delivered_of(cursor.batch);
    const auto values = static_cast<std::size_t>(delivered * sample_shape.count());
    const auto answers = static_cast<std::size_t>(delivered * target_shape.count());
    const std::size_t input_count = has_tokens ? 0 : values, token_count = values - input_count;
    const std::size_t label_count = has_labels ? answers : 0, target_count = answers - label_count;
    const auto draw_count =
        plan == nullptr ? 0 : static_cast<std::size_t>(delivered * plan->numbers);
    if (to.inputs.size() < input_count || to.labels.size() < label_count ||
        to.targets.size() < target_count || to.tokens.size() < token_count ||
        to.draws.size() < draw_count) {
        fail(ErrorKind::kInvalidArgument,
             "batches: {} samples need room for {} inputs, {} labels, {} targets, {} tokens and {} "
             "draws; there is room for {}, {}, {}, {} and {}",
             delivered, input_count, label_count, target_count, token_count, draw_count,
             to.inputs.size(), to.labels.size(), to.targets.size(), to.tokens.size(),
             to.draws.size());
    }
    if (options.threads > 0) {
        const Batch& batch = *next();
        std::copy(batch.inputs.begin(), batch.inputs.end(), to.inputs.begin());
        std::copy(batch.labels.begin(), batch.labels.end(), to.labels.begin());
        std::copy(batch.targets.begin(), batch.targets.end(), to.targets.begin());
        std::copy(batch.tokens.begin(), batch.tokens.end(), to.tokens.begin());
        std::copy(batch.draws.begin(), batch.draws.end(), to.draws.begin());
        return count;
    }
    gather(cursor, {to.inputs.first(input_count), to.labels.first(label_count),
                    to.targets.first(target_count), to.tokens.first(token_count),
                    to.draws.first(draw_count)});
    ++cursor.batch;
    return count;
}

void Batches::Impl::request(Slot* slot, const Cursor& at) {
    {
        const std::scoped_lock lock(mutex_);
        slot->at = at;
        slot->ready = false;
        requested_.push_back(slot);
    }
    ahead_.push_back(slot);
    changed_.notify_all();
}

// From the cursor: what was prepared for another place is given up.
void Batches::Impl::restart() {
    {
        const std::scoped_lock lock(mutex_);
        for (Slot* slot : requested_)
            slot->ready = true;
        requested_.clear();
    }
    ahead_.clear();
    Cursor at = cursor;
    for (const auto& slot : slots_) {
        if (slot.get() == front_) continue;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return slot->ready; });
            slot->failure = nullptr;
        }
        request(slot.get(), at);
        at = behind(at);
    }
}

void Batches::Impl::wait_for(const Slot& slot) {
    std::exception_ptr failure;
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return slot.ready; });
        failure = slot.failure;
    }
    if (failure == nullptr) return;
    ahead_.clear();  // the next call tries again
    std::rethrow_exception(failure);
}

void Batches::Impl::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return !requested_.empty() || stop_; });
        if (stop_) return;
        Slot* const slot = requested_.front();
        requested_.pop_front();
        lock.unlock();
        std::exception_ptr failure;
        try {
            fill(*slot);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        slot->failure = failure;
        slot->ready = true;
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
const std::shared_ptr<const augment::Step>& Batches::plan() const {
    return impl_->plan;
}
const Shape& Batches::sample_shape() const {
    return impl_->sample_shape;
}
const Shape& Batches::target_shape() const {
    return impl_->target_shape;
}
bool Batches::has_labels() const {
    return impl_->has_labels;
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
                                std::span<float> targets, std::span<std::int32_t> tokens,
                                std::span<float> draws) {
    return impl_->next_into({inputs, labels, targets, tokens, draws});
}

}  // namespace ingot::data
