// SPDX-License-Identifier: MIT
// The net under examination: its expression for a batch, the batch that is fed, and everything that
// a check may move, to be put back.
#pragma once

#include <ingot/doctor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ingot::doctor {

// Samples in memory that is kept, as they are fed.
struct Samples {
    std::int64_t count = 0;
    std::vector<float> inputs{};
    std::vector<std::int32_t> tokens{};
    std::vector<std::int32_t> labels{};
    std::vector<float> targets{};

    static Samples of(const data::Batch& batch);
};

// net(x) and the loss, written for so many samples.
struct Expression {
    Tensor x;
    Tensor given;  // labels or targets, as fed
    nn::Trace trace;
    Tensor output;
    Tensor loss;

    std::vector<Feed> feeds(const Samples& samples) const;
};

class Patient {
public:
    Patient(const Device& on, nn::Module model, losses::Loss measure, optim::Optimizer mover);

    Expression write(const data::Dataset& data, std::int64_t count, nn::Mode mode) const;
    // The loss of an answer that does not look at the samples, to be fed as `of` is.
    Tensor uninformed_loss(const Expression& of) const;

    Device device;
    nn::Module net;
    losses::Loss loss;
    optim::Optimizer optimizer;

private:
    Tensor target_of(const Tensor& given) const;
};

// The first batches of a shuffled epoch, at most so many, as long as they are full or there is only
// one. Throws for an empty dataset.
std::vector<Samples> batches_of(const data::Dataset& data, std::int64_t batch_size,
                                std::int64_t most, std::uint64_t seed);

// Weights, running statistics, notes, optimizer state and random streams: as they were when it was
// made. Put back at the latest when it goes.
class Snapshot {
public:
    explicit Snapshot(const Patient& patient);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    void restore() const;

private:
    const Patient& patient_;
    std::vector<HostTensor> weights_;
    std::map<std::string, std::string> notes_;
    std::vector<HostTensor> state_;
    std::vector<Generator> generators_;
    std::vector<std::uint32_t> counters_;
};

}  // namespace ingot::doctor
