// SPDX-License-Identifier: MIT
// Learning a preparation and putting it in front of a source.
#include <ingot/preparation.h>

#include "core/check.h"
#include "data/room.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

namespace ingot::data {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr const char* kOwnCategory = "missing";

// What the features of a dataset are: named by a table, else by their numbers; none unless samples
// are f32 of rank 1.
std::vector<Feature> features_of(const Dataset& dataset) {
    if (!dataset.features().empty()) return dataset.features();
    std::vector<Feature> features;
    if (dataset.source() == nullptr || dataset.source()->spec().input_dtype != f32 ||
        dataset.source()->spec().sample_shape.rank() != 1) {
        return features;
    }
    for (std::int64_t i = 0; i < dataset.source()->spec().sample_shape[0]; ++i)
        features.push_back({std::to_string(i)});
    return features;
}

// Calls `action` with the stored values of each sample of a view.
template <typename Action>
void each_sample(const Dataset& dataset, Action action) {
    const auto count = static_cast<std::size_t>(dataset.source()->spec().sample_shape.count());
    std::vector<float> room(count);
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const std::byte* bytes =
            dataset.source()->input(dataset.row(i), std::as_writable_bytes(std::span(room)));
        action(i, std::span(reinterpret_cast<const float*>(bytes), count));
    }
}

std::int32_t code_of(const std::vector<std::string>& sorted, const std::string& name) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), name);
    if (found == sorted.end() || *found != name) return -1;
    return static_cast<std::int32_t>(found - sorted.begin());
}

float most_frequent(std::vector<float>& values) {
    std::sort(values.begin(), values.end());
    float best = values.front();
    std::ptrdiff_t most = 0;
    for (auto first = values.begin(); first != values.end();) {
        const auto last = std::upper_bound(first, values.end(), *first);
        if (last - first > most) most = last - first, best = *first;
        first = last;
    }
    return best;
}

float median(std::vector<float>& values) {
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    const double below = *std::max_element(values.begin(), middle);
    return static_cast<float>((below + static_cast<double>(*middle)) / 2);
}

float mean(const std::vector<float>& values) {
    return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size()));
}

// What missing values of one feature become.
float fill_of(const PreparedFeature& feature, std::vector<float>& values, float constant) {
    const bool is_number = feature.categories.empty();
    switch (feature.missing) {
        case Missing::kError:
        case Missing::kDropRow: return 0;
        case Missing::kConstant:
            return is_number ? constant
                             : static_cast<float>(code_of(feature.categories, kOwnCategory));
        case Missing::kMean:
            if (is_number) return mean(values);
            break;
        case Missing::kMedian:
            if (is_number) return median(values);
            break;
        case Missing::kMostFrequent: break;
    }
    return most_frequent(values);
}

// Stored features to prepared ones, and labels to labels of the same name.
class PreparedSource final : public Source {
public:
    struct Column {
        std::size_t place = 0;              // in a stored sample
        std::vector<std::int32_t> codes{};  // of each stored category; -1: not learnt
    };

    PreparedSource(SourceSpec spec, std::shared_ptr<const Source> inner,
                   const Preparation& preparation, std::vector<Column> columns,
                   std::vector<std::int32_t> labels)
        : Source(std::move(spec)),
          inner_(std::move(inner)),
          preparation_(preparation),
          columns_(std::move(columns)),
          labels_(std::move(labels)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        if (columns_.empty()) return inner_->input(row, room);
        const auto width = static_cast<std::size_t>(inner_->spec().sample_shape.count());
        const Room stored(width * sizeof(float));
        const auto* values = reinterpret_cast<const float*>(inner_->input(row, stored.bytes()));
        auto* out = reinterpret_cast<float*>(room.data());
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const PreparedFeature& feature = preparation_.features[i];
            float value = values[columns_[i].place];
            const bool is_missing = std::isnan(value);
            if (is_missing) value = feature.fill;
            if (feature.categories.empty()) {
                *out++ = value;
                continue;
            }
            const std::int32_t code = is_missing
                                          ? static_cast<std::int32_t>(value)
                                          : columns_[i].codes[static_cast<std::size_t>(value)];
            if (!preparation_.one_hot) {
                *out++ = static_cast<float>(code);
                continue;
            }
            const auto count = static_cast<std::int32_t>(feature.categories.size());
            for (std::int32_t c = 0; c < count; ++c)
                *out++ = c == code ? 1.0F : 0.0F;
        }
        return room.data();
    }

    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        const std::byte* stored = inner_->target(row, room);
        if (labels_.empty() && preparation_.targets.mean.empty()) return stored;
        if (stored != room.data()) std::memcpy(room.data(), stored, room.size());
        if (!labels_.empty()) {
            auto* labels = reinterpret_cast<std::int32_t*>(room.data());
            for (std::size_t i = 0; i < room.size() / sizeof *labels; ++i) {
                const auto label = static_cast<std::size_t>(labels[i]);
                labels[i] = label < labels_.size() ? labels_[label] : -1;
            }
            return room.data();
        }
        const auto& [means, deviations] = preparation_.targets;
        auto* values = reinterpret_cast<float*>(room.data());
        for (std::size_t i = 0; i < means.size(); ++i)
            values[i] = (values[i] - means[i]) / deviations[i];
        return room.data();
    }
    std::string name(std::int64_t row) const override { return inner_->name(row); }

private:
    std::shared_ptr<const Source> inner_;
    Preparation preparation_;
    std::vector<Column> columns_;       // one for each feature
    std::vector<std::int32_t> labels_;  // of each stored one; none: they are the same
};

using Column = PreparedSource::Column;

std::vector<Column> matched(const Preparation& preparation, const std::vector<Feature>& stored) {
    std::vector<Column> columns;
    for (const PreparedFeature& feature : preparation.features) {
        const auto found = std::find_if(stored.begin(), stored.end(), [&](const Feature& there) {
            return there.name == feature.name;
        });
        if (found == stored.end()) {
            fail(ErrorKind::kData, "preparation: the data has no feature '{}'", feature.name);
        }
        if (found->categories.empty() != feature.categories.empty()) {
            fail(ErrorKind::kData, "preparation: feature '{}' is {}, learnt was {}", feature.name,
                 found->categories.empty() ? "a number" : "a category",
                 feature.categories.empty() ? "a number" : "a category");
        }
        Column column{.place = static_cast<std::size_t>(found - stored.begin())};
        for (const std::string& name : found->categories)
            column.codes.push_back(code_of(feature.categories, name));
        columns.push_back(std::move(column));
    }
    return columns;
}

// Positions of the samples that are kept. Refuses what may not be.
std::vector<std::int64_t> examined(const Preparation& preparation, const Dataset& dataset,
                                   const std::vector<Column>& columns,
                                   const std::vector<Feature>& stored) {
    std::vector<std::int64_t> kept;
    each_sample(dataset, [&](std::int64_t i, std::span<const float> values) {
        for (std::size_t f = 0; f < columns.size(); ++f) {
            const PreparedFeature& feature = preparation.features[f];
            const float value = values[columns[f].place];
            if (std::isnan(value)) {
                if (feature.missing == Missing::kDropRow) return;
                if (feature.missing != Missing::kError) continue;
                fail(ErrorKind::kData, "preparation: feature '{}' of sample {} is missing",
                     feature.name, dataset.name(i));
            }
            if (!std::isfinite(value)) {
                fail(ErrorKind::kData, "preparation: feature '{}' of sample {} is {}", feature.name,
                     dataset.name(i), value);
            }
            if (feature.categories.empty()) continue;
            const auto& names = stored[columns[f].place].categories;
            if (value < 0 || value >= static_cast<float>(names.size()) ||
                value != std::floor(value)) {
                fail(ErrorKind::kData, "preparation: feature '{}' of sample {} is {}, no category",
                     feature.name, dataset.name(i), value);
            }
            const auto code = static_cast<std::size_t>(value);
            if (columns[f].codes[code] < 0 &&
                !(preparation.one_hot && preparation.ignore_unknown)) {
                fail(ErrorKind::kData,
                     "preparation: feature '{}' of sample {} is '{}', which was not learnt",
                     feature.name, dataset.name(i), names[code]);
            }
        }
        kept.push_back(i);
    });
    return kept;
}

// Where each label of the dataset lies among the learnt names; empty when they are the same.
std::vector<std::int32_t> matched_labels(const std::vector<std::string>& learnt,
                                         const Dataset& dataset) {
    const std::vector<std::string>& there = dataset.class_names();
    if (learnt.empty() || there.empty() || learnt == there) return {};
    std::vector<std::int32_t> labels;
    for (const std::string& name : there) {
        const auto found = std::find(learnt.begin(), learnt.end(), name);
        labels.push_back(found == learnt.end() ? -1
                                               : static_cast<std::int32_t>(found - learnt.begin()));
    }
    const std::vector<std::int64_t> sizes = dataset.class_sizes();
    for (std::size_t label = 0; label < labels.size(); ++label) {
        if (labels[label] < 0 && sizes[label] > 0) {
            fail(ErrorKind::kData,
                 "preparation: {} samples are of class '{}', which was not learnt", sizes[label],
                 there[label]);
        }
    }
    return labels;
}

Normalization measured_targets(const Dataset& dataset) {
    if (dataset.has_labels()) {
        fail(ErrorKind::kInvalidArgument, "preparation: labels are not normalised");
    }
    // As measure() does of inputs: over a view whose inputs are these targets.
    const auto count = static_cast<std::size_t>(dataset.target_shape().count());
    std::vector<float> all(static_cast<std::size_t>(dataset.size()) * count);
    std::vector<std::uint32_t> positions(static_cast<std::size_t>(dataset.size()));
    std::iota(positions.begin(), positions.end(), 0U);
    dataset.read_targets(positions, all);
    const Shape shape{dataset.size(), static_cast<std::int64_t>(count)};
    return Dataset(HostTensor::of("targets", shape, all), HostTensor::zeros("", {dataset.size()}))
        .measure();
}

std::vector<PreparedFeature> learn_features(const Dataset& train,
                                            const PreparationOptions& options) {
    const std::vector<Feature> stored = features_of(train);
    std::vector<PreparedFeature> features;
    std::vector<std::vector<float>> values(stored.size());  // that are not missing
    each_sample(train, [&](std::int64_t i, std::span<const float> sample) {
        for (std::size_t f = 0; f < stored.size(); ++f) {
            if (std::isnan(sample[f])) continue;
            if (!std::isfinite(sample[f])) {
                fail(ErrorKind::kData, "preparation: feature '{}' of sample {} is {}",
                     stored[f].name, train.name(i), sample[f]);
            }
            values[f].push_back(sample[f]);
        }
    });
    for (std::size_t f = 0; f < stored.size(); ++f) {
        PreparedFeature& feature = features.emplace_back();
        feature.name = stored[f].name;
        const auto own = options.missing_of.find(feature.name);
        feature.missing = own == options.missing_of.end() ? options.missing : own->second;
        if (values[f].empty()) {
            fail(ErrorKind::kData, "preparation: all values of feature '{}' are missing",
                 feature.name);
        }
        const std::vector<std::string>& names = stored[f].categories;
        for (std::size_t code = 0; code < names.size(); ++code) {
            if (std::find(values[f].begin(), values[f].end(), static_cast<float>(code)) !=
                values[f].end()) {
                feature.categories.push_back(names[code]);
            }
        }
        if (!names.empty() && feature.missing == Missing::kConstant) {
            feature.categories.emplace_back(kOwnCategory);
        }
        std::sort(feature.categories.begin(), feature.categories.end());
        feature.categories.erase(std::unique(feature.categories.begin(), feature.categories.end()),
                                 feature.categories.end());
        for (float& value : values[f]) {  // from the file's codes to those that were learnt
            if (names.empty()) break;
            value = static_cast<float>(
                code_of(feature.categories, names.at(static_cast<std::size_t>(value))));
        }
        feature.fill = fill_of(feature, values[f], options.constant);
    }
    for (const auto& rule : options.missing_of) {
        const bool is_there =
            std::any_of(features.begin(), features.end(),
                        [&](const PreparedFeature& feature) { return feature.name == rule.first; });
        if (!is_there) {
            fail(ErrorKind::kInvalidArgument, "preparation: there is no feature '{}'", rule.first);
        }
    }
    return features;
}

}  // namespace

Preparation Preparation::learn(const Dataset& train, const PreparationOptions& options) {
    if (train.empty()) fail(ErrorKind::kInvalidArgument, "preparation: nothing to learn from");
    if (!std::isfinite(options.constant)) {
        fail(ErrorKind::kInvalidArgument, "preparation: the constant is {}", options.constant);
    }
    Preparation learnt{.one_hot = options.one_hot, .ignore_unknown = options.ignore_unknown};
    if (!features_of(train).empty() || !options.missing_of.empty()) {
        learnt.features = learn_features(train, options);
    }
    learnt.class_names = train.class_names();
    const Dataset plain = learnt.apply(train);
    if (options.normalize_targets) learnt.targets = measured_targets(plain);
    if (!options.normalize) return learnt;
    learnt.inputs = plain.measure();
    std::size_t at = 0;
    for (const PreparedFeature& feature : learnt.features) {
        const std::size_t count = feature.categories.empty() ? 0
                                  : learnt.one_hot           ? feature.categories.size()
                                                             : 1;
        for (std::size_t i = 0; i < count; ++i, ++at)
            learnt.inputs.mean[at] = 0, learnt.inputs.deviation[at] = 1;
        at += feature.categories.empty();
    }
    return learnt;
}

Dataset Preparation::apply(const Dataset& dataset) const {
    const auto marked = [this](Dataset result) {
        result.preparation_ = std::make_shared<const Preparation>(*this);
        return result;
    };
    if (dataset.empty()) fail(ErrorKind::kInvalidArgument, "preparation: of no samples");
    if (!targets.mean.empty() &&
        (dataset.has_labels() || targets.mean.size() != targets.deviation.size() ||
         static_cast<std::int64_t>(targets.mean.size()) != dataset.target_shape().count())) {
        fail(ErrorKind::kData, "preparation: {} targets were learnt, the data has {} {}",
             targets.mean.size(), dataset.has_labels() ? "labels" : "targets",
             to_string(dataset.target_shape()));
    }
    const std::vector<Feature> stored = features_of(dataset);
    const std::vector<Column> columns = matched(*this, stored);
    const std::vector<std::int32_t> labels = matched_labels(class_names, dataset);
    if (columns.empty() && labels.empty() && targets.mean.empty()) {
        return marked(dataset.normalized(inputs));
    }
    SourceSpec spec = dataset.source()->spec();
    if (!columns.empty()) {
        spec.features.clear();
        for (const PreparedFeature& feature : features) {
            if (feature.categories.empty() || !one_hot) {
                spec.features.push_back({feature.name, feature.categories});
                continue;
            }
            for (const std::string& name : feature.categories)
                spec.features.push_back({feature.name + "=" + name});
        }
        spec.sample_shape = {static_cast<std::int64_t>(spec.features.size())};
    }
    if (!labels.empty()) {
        spec.class_names = class_names;
        spec.class_count = static_cast<std::int64_t>(class_names.size());
    }
    Dataset prepared = dataset.with_source(std::make_shared<PreparedSource>(
        std::move(spec), dataset.source(), *this, columns, labels));
    if (columns.empty()) prepared = prepared.reshaped(dataset.sample_shape());
    prepared = prepared.normalized(inputs);
    if (columns.empty()) return marked(prepared);
    const std::vector<std::int64_t> kept = examined(*this, dataset, columns, stored);
    if (kept.empty()) fail(ErrorKind::kData, "preparation: every sample has a missing value");
    return marked(std::ssize(kept) == dataset.size() ? prepared : prepared.subset(kept));
}

Preparation preparation_of(const Dataset& dataset) {
    Preparation preparation;
    if (dataset.preparation() != nullptr) preparation = *dataset.preparation();
    preparation.inputs = dataset.normalization();
    preparation.class_names = dataset.class_names();
    return preparation;
}

Dataset prepared(const Dataset& dataset, const Preparation& learnt) {
    if (dataset.preparation() == nullptr && dataset.normalization().mean.empty()) {
        const bool is_table = !learnt.features.empty();
        // Channels are those of the samples as stored, however they are looked at.
        return is_table || dataset.empty()
                   ? learnt.apply(dataset)
                   : learnt.apply(dataset.reshaped(dataset.source()->spec().sample_shape))
                         .reshaped(dataset.sample_shape());
    }
    Preparation there = preparation_of(dataset);
    there.class_names = learnt.class_names;
    if (there == learnt) return dataset;
    const auto text = [](const Preparation& preparation) {
        const Normalization& inputs = preparation.inputs;
        return fmt::format("{} features, {}", preparation.features.size(),
                           inputs.mean.empty() ? "not normalised"
                                               : fmt::format("mean {} and deviation {} first",
                                                             inputs.mean[0], inputs.deviation[0]));
    };
    fail(ErrorKind::kInvalidArgument,
         "preparation: the data is prepared differently from what the net was trained on: {}; then "
         "it was {}",
         text(there), text(learnt));
}

void Preparation::restore_targets(std::span<float> values) const {
    if (targets.mean.empty()) return;
    if (values.size() % targets.mean.size() != 0) {
        fail(ErrorKind::kInvalidArgument, "preparation: {} values are no multiple of {} targets",
             values.size(), targets.mean.size());
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t target = i % targets.mean.size();
        values[i] = values[i] * targets.deviation[target] + targets.mean[target];
    }
}

}  // namespace ingot::data
