// SPDX-License-Identifier: MIT
// Features are computed batch by batch, by the program that Trainer::predict would run, and go to
// memory or through an NpyWriter to a file.
#include <ingot/features.h>

#include "core/check.h"
#include "train/preparing.h"

#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace ingot::train {
namespace {

// The samples of `inner` under the names and with the classes of the data they were made of.
class FeatureSource final : public data::Source {
public:
    FeatureSource(data::SourceSpec spec, std::shared_ptr<const data::Source> inner,
                  data::Dataset data)
        : Source(std::move(spec)), inner_(std::move(inner)), data_(std::move(data)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        return inner_->input(row, room);
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        return inner_->target(row, room);
    }
    std::string name(std::int64_t row) const override { return data_.name(row); }

private:
    std::shared_ptr<const data::Source> inner_;
    data::Dataset data_;
};

// Where the rows go.
class Rows {
public:
    Rows(const Shape& shape, const std::filesystem::path& path) {
        if (path.empty()) {
            kept_ = HostTensor::zeros("features", shape);
        } else {
            file_.emplace(path, shape);
        }
    }
    // Reads a program's output, f32.
    void take(Program& program, const Tensor& output) {
        const auto bytes = static_cast<std::size_t>(output.shape().count()) * sizeof(float);
        if (!file_) {
            program.read(output, std::span(kept_.data).subspan(at_, bytes));
            at_ += bytes;
            return;
        }
        piece_.resize(bytes);
        program.read(output, piece_);
        file_->append(piece_);
    }
    HostTensor end() {
        if (file_) file_->commit();
        return std::move(kept_);
    }

private:
    HostTensor kept_;
    std::size_t at_ = 0;  // in bytes
    std::optional<io::NpyWriter> file_;
    std::vector<std::byte> piece_;
};

struct Extractor {
    Tensor x, y;
    Program program;
};

Extractor compile(const Device& device, const nn::Module& net, const data::Dataset& data,
                  std::int64_t count) {
    const Tensor x = input(data.sample_shape().inserted(0, count), data.input_dtype(), "x");
    const Tensor y = cast(net.forward(x, nn::Mode::kEval), f32);
    if (y.shape().rank() == 0 || y.shape()[0] != count) {
        fail(ErrorKind::kInvalidArgument, "features: of {} samples {} gives {}, no row for each",
             count, net.type(), to_string(y.shape()));
    }
    return {x, y, Device(device.context()).compile(Graph{}.output(y))};
}

// In the order of the data.
HostTensor targets_of(const data::Dataset& data) {
    std::vector<std::uint32_t> all(static_cast<std::size_t>(data.size()));
    std::iota(all.begin(), all.end(), std::uint32_t{0});
    HostTensor targets = HostTensor::zeros("targets", data.target_shape().inserted(0, data.size()),
                                           data.has_labels() ? i32 : f32);
    if (data.has_labels()) {
        data.read_labels(all, targets.values<std::int32_t>());
    } else {
        data.read_targets(all, targets.values<float>());
    }
    return targets;
}

}  // namespace

data::Dataset features(const Device& device, const nn::Module& net, const data::Dataset& given,
                       const FeatureOptions& options) {
    const data::Dataset data = options.prepare ? prepared_for(net, given) : given;
    if (data.empty()) fail(ErrorKind::kInvalidArgument, "features: of no samples");
    data::Batches batches{data, std::min(options.batch_size, data.size())};
    std::map<std::int64_t, Extractor> programs;  // by the number of samples: the last is shorter
    std::optional<Rows> rows;
    for (const data::Batch& batch : batches) {
        auto found = programs.find(batch.count);
        if (found == programs.end())
            found = programs.emplace(batch.count, compile(device, net, data, batch.count)).first;
        auto& [x, y, program] = found->second;
        if (!rows) rows.emplace(y.shape().with(0, data.size()), options.path);
        program.run({x.dtype() == i32 ? Feed(x, batch.tokens) : Feed(x, batch.inputs)});
        rows->take(program, y);
    }
    HostTensor kept = rows->end();
    HostTensor targets = targets_of(data);

    data::Dataset inner;
    if (options.path.empty()) {
        inner = data::Dataset(std::move(kept), std::move(targets));
    } else {
        std::filesystem::path beside = options.path;
        beside.replace_extension(".targets.npy");
        io::write_npy(beside, targets);
        inner = data::npy(options.path, beside, {.stream = true});
    }
    data::SourceSpec spec = inner.source()->spec();
    spec.class_count = data.has_labels() ? data.class_count() : 0;
    spec.class_names = data.class_names();
    return data::Dataset(std::make_shared<FeatureSource>(std::move(spec), inner.source(), data));
}

std::vector<detail::RateGroup> detail::rate_groups(const nn::Module& net,
                                                   const nn::Patterns& patterns, double factor) {
    if (!(factor >= 1) || !std::isfinite(factor)) {
        fail(ErrorKind::kInvalidArgument, "add_groups: the factor is {}, not at least 1", factor);
    }
    std::vector<RateGroup> groups;
    std::vector<Parameter> taken;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        const auto from_last = static_cast<double>(patterns.size() - 1 - i);
        RateGroup group{{}, std::pow(factor, -from_last)};
        for (const Parameter& parameter : nn::matching(net, {patterns[i]})) {
            if (std::find(taken.begin(), taken.end(), parameter) == taken.end())
                group.parameters.push_back(parameter);
        }
        if (group.parameters.empty()) {
            fail(ErrorKind::kInvalidArgument,
                 "add_groups: all that '{}' fits is in the groups of patterns before it",
                 patterns[i]);
        }
        taken.insert(taken.end(), group.parameters.begin(), group.parameters.end());
        groups.push_back(std::move(group));
    }
    return groups;
}

}  // namespace ingot::train
