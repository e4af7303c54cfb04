// SPDX-License-Identifier: MIT
// One reading of each set: values, labels, and a hash of each sample, by which equal ones are found
// when all have been read.
#include "data/explore.h"

#include "core/check.h"
#include "data/channels.h"
#include "data/room.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <tuple>

namespace ingot::data {
namespace {

constexpr std::size_t kMaxNamed = 20;

// Mean and sum of squared differences of what has been seen so far; parts are joined as in Chan,
// Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances",
// 1979.
class Moments {
public:
    void add(std::int64_t count, double mean, double square, double minimum, double maximum) {
        if (count == 0) return;
        const double total = static_cast<double>(count_ + count);
        const double apart = mean - mean_;
        square_ += square + apart * apart * (static_cast<double>(count_) / total) *
                                static_cast<double>(count);
        mean_ += apart * (static_cast<double>(count) / total);
        count_ += count;
        minimum_ = std::min(minimum_, minimum);
        maximum_ = std::max(maximum_, maximum);
    }
    void add(const Moments& other) {
        add(other.count_, other.mean_, other.square_, other.minimum_, other.maximum_);
        missing_ += other.missing_;
        infinite_ += other.infinite_;
    }

    template <typename T>
    void add(std::span<const T> values) {
        std::int64_t count = 0;
        double sum = 0, minimum = kInfinity, maximum = -kInfinity;
        for (const T number : values) {
            const auto value = static_cast<double>(number);
            if (!std::isfinite(value)) {
                ++(std::isnan(value) ? missing_ : infinite_);
                continue;
            }
            ++count;
            sum += value;
            minimum = std::min(minimum, value);
            maximum = std::max(maximum, value);
        }
        if (count == 0) return;
        const double mean = sum / static_cast<double>(count);
        double square = 0;
        for (const T number : values) {
            const auto value = static_cast<double>(number);
            if (std::isfinite(value)) square += (value - mean) * (value - mean);
        }
        add(count, mean, square, minimum, maximum);
    }

    // Exact, whatever the order: a byte has 256 values.
    void add(const std::array<std::int64_t, 256>& bytes) {
        std::int64_t count = 0;
        double sum = 0, square = 0, minimum = kInfinity, maximum = -kInfinity;
        const auto value_of = [](std::size_t byte) { return static_cast<double>(byte) / 255; };
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (bytes[i] == 0) continue;
            count += bytes[i];
            sum += value_of(i) * static_cast<double>(bytes[i]);
            minimum = std::min(minimum, value_of(i));
            maximum = std::max(maximum, value_of(i));
        }
        if (count == 0) return;
        const double mean = sum / static_cast<double>(count);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            square += static_cast<double>(bytes[i]) * (value_of(i) - mean) * (value_of(i) - mean);
        add(count, mean, square, minimum, maximum);
    }

    ValueStatistics statistics(std::string name) const {
        ValueStatistics result{
            .name = std::move(name), .count = count_, .missing = missing_, .infinite = infinite_};
        if (count_ == 0) return result;
        result.minimum = minimum_;
        result.maximum = maximum_;
        result.mean = mean_;
        result.deviation = std::sqrt(square_ / static_cast<double>(count_));
        return result;
    }
    std::int64_t strange() const { return missing_ + infinite_; }

private:
    static constexpr double kInfinity = std::numeric_limits<double>::infinity();

    std::int64_t count_ = 0, missing_ = 0, infinite_ = 0;
    double mean_ = 0, square_ = 0, minimum_ = kInfinity, maximum_ = -kInfinity;
};

struct Hash {
    std::uint64_t low = 0, high = 0;
    auto operator<=>(const Hash&) const = default;
};

// Two lanes of 64 bits over words of eight bytes. Each step can be undone, so two samples of a
// length that differ in one word only never agree.
Hash hash_of(std::span<const std::byte> bytes) {
    constexpr std::uint64_t kLow = 0x9E3779B97F4A7C15, kHigh = 0xD6E8FEB86659FD93;
    const auto mixed = [](std::uint64_t word) {
        word ^= word >> 32;
        word *= kHigh;
        return word ^ word >> 29;
    };
    Hash hash{bytes.size() + 1, ~bytes.size()};
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + i, std::min(sizeof word, bytes.size() - i));
        hash.low = std::rotl((hash.low ^ word) * kLow, 29);
        hash.high = mixed(hash.high + word) * kLow;
    }
    return {mixed(hash.low), mixed(hash.high)};
}

std::uint64_t hash_of(const std::string& name) {
    return hash_of(std::as_bytes(std::span(name))).low;
}

struct Seen {
    Hash input;
    std::uint32_t part = 0;
    std::uint32_t sample = 0;
    std::uint64_t target = 0;  // its hash

    bool operator<(const Seen& other) const {
        return std::tie(input, part, sample) < std::tie(other.input, other.part, other.sample);
    }
};

void list(SampleList& samples, const Dataset& set, std::int64_t sample) {
    ++samples.count;
    if (samples.names.size() < kMaxNamed) samples.names.push_back(set.name(sample));
}

// The smallest and largest value of each place of a sample; NaN is neither.
template <typename T>
struct Places {
    std::vector<T> low, high;

    void add(std::span<const T> values) {
        if (low.empty()) low = high = {values.begin(), values.end()};
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i] < low[i] || low[i] != low[i]) low[i] = values[i];
            if (values[i] > high[i] || high[i] != high[i]) high[i] = values[i];
        }
    }
    std::vector<std::int64_t> constant() const {
        std::vector<std::int64_t> places;
        for (std::size_t i = 0; i < low.size(); ++i)
            if (low[i] == high[i]) places.push_back(static_cast<std::int64_t>(i));
        return places;
    }
};

class Reading {
public:
    Reading(const NamedSet& set, std::uint32_t number)
        : set_(set.samples),
          spec_(set_.source()->spec()),
          number_(number),
          // Tokens are all of one kind wherever they stand.
          channels_(spec_.input_dtype == i32
                        ? 1
                        : static_cast<std::size_t>(channel_count(set_.sample_shape()))),
          moments_(channels_),
          target_moments_(set_.has_labels() ? 0 : static_cast<std::size_t>(targets())),
          class_counts_(static_cast<std::size_t>(set_.has_labels() ? set_.class_count() : 0)) {
        part_.name = set.name;
        part_.samples = set_.size();
        part_.sample_shape = set_.sample_shape();
        part_.stored = spec_.input_dtype;
        part_.target_shape = set_.target_shape();
        part_.has_labels = set_.has_labels();
        part_.is_table = !spec_.features.empty();
        is_picture_ = part_.sample_shape.rank() >= 2 && part_.stored != i32;
        if (part_.stored == u8) bytes_.resize(channels_);
        for (const Feature& feature : spec_.features) {
            categories_.emplace_back(feature.categories.size());
            auto& names = category_names_.emplace_back();
            for (const std::string& name : feature.categories)
                names.push_back(hash_of(name));
            has_categories_ = has_categories_ || !names.empty();
        }
        for (std::size_t c = 0; c < class_counts_.size(); ++c)
            class_names_.push_back(hash_of(set_.class_name(static_cast<std::int64_t>(c))));
    }

    PartSummary read(std::vector<Seen>& seen) {
        const auto count = static_cast<std::size_t>(set_.sample_shape().count());
        const Room input_room(count * size_bytes_of(spec_.input_dtype));
        const Room target_room(static_cast<std::size_t>(targets()) * sizeof(float));
        for (std::int64_t i = 0; i < set_.size(); ++i) {
            const std::int64_t row = set_.row(i);
            const std::span input(set_.source()->input(row, input_room.bytes()),
                                  input_room.bytes().size());
            switch (spec_.input_dtype) {
                case u8: take_bytes(i, values_in<std::uint8_t>(input)); break;
                case i32: moments_[0].add(values_in<std::int32_t>(input)); break;
                default: take_floats(i, values_in<float>(input));
            }
            const std::span target(set_.source()->target(row, target_room.bytes()),
                                   target_room.bytes().size());
            take_target(i, target);
            seen.push_back({hash_of_input(input), number_, static_cast<std::uint32_t>(i),
                            hash_of_target(target)});
        }
        finish();
        return std::move(part_);
    }

private:
    template <typename T>
    static std::span<const T> values_in(std::span<const std::byte> bytes) {
        return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
    }
    std::int64_t targets() const { return set_.target_shape().count(); }

    // A category and a class by name: another file may number them otherwise.
    Hash hash_of_input(std::span<const std::byte> bytes) {
        if (!has_categories_) return hash_of(bytes);
        words_.clear();
        const auto values = values_in<float>(bytes);
        for (std::size_t f = 0; f < values.size(); ++f) {
            const auto& names = category_names_[f];
            const bool named = values[f] >= 0 && values[f] < static_cast<float>(names.size());
            words_.push_back(named ? names[static_cast<std::size_t>(values[f])]
                                   : std::bit_cast<std::uint32_t>(values[f]));
        }
        return hash_of(std::as_bytes(std::span(words_)));
    }
    std::uint64_t hash_of_target(std::span<const std::byte> bytes) {
        if (!set_.has_labels()) return hash_of(bytes).low;
        words_.clear();
        for (const std::int32_t label : values_in<std::int32_t>(bytes))
            words_.push_back(class_names_[static_cast<std::size_t>(label)]);
        return hash_of(std::as_bytes(std::span(words_))).low;
    }

    void take_bytes(std::int64_t sample, std::span<const std::uint8_t> values) {
        const std::size_t inner = values.size() / channels_;
        for (std::size_t channel = 0; channel < channels_; ++channel)
            for (const std::uint8_t value : values.subspan(channel * inner, inner))
                ++bytes_[channel][value];
        byte_places_.add(values);
        look_for_blank(sample, values);
    }

    void take_floats(std::int64_t sample, std::span<const float> values) {
        const std::size_t inner = values.size() / channels_;
        for (std::size_t channel = 0; channel < channels_; ++channel)
            moments_[channel].add(values.subspan(channel * inner, inner));
        for (std::size_t f = 0; f < categories_.size(); ++f) {
            const float value = values[f];
            if (value >= 0 && value < static_cast<float>(categories_[f].size()))
                ++categories_[f][static_cast<std::size_t>(value)];
        }
        places_.add(values);
        if (std::ranges::any_of(values, [](float v) { return !std::isfinite(v); }))
            list(part_.non_finite, set_, sample);
        look_for_blank(sample, values);
    }

    template <typename T>
    void look_for_blank(std::int64_t sample, std::span<const T> values) {
        if (!is_picture_ || values.size() < 2) return;
        if (std::ranges::any_of(values, [&](T value) { return value != values[0]; })) return;
        list(part_.blank, set_, sample);
        if (values[0] == T{0}) list(part_.blank_black, set_, sample);
    }

    void take_target(std::int64_t sample, std::span<const std::byte> bytes) {
        if (!set_.has_labels()) {
            const auto values = values_in<float>(bytes);
            for (std::size_t i = 0; i < values.size(); ++i)
                target_moments_[i].add(values.subspan(i, 1));
            return;
        }
        for (const std::int32_t label : values_in<std::int32_t>(bytes)) {
            if (label < 0 || label >= set_.class_count()) {
                fail(ErrorKind::kData, "explore: the label of sample {} is {}, outside 0 to {}",
                     set_.name(sample), label, set_.class_count() - 1);
            }
            ++class_counts_[static_cast<std::size_t>(label)];
            if (label != label_) ++runs_;
            label_ = label;
        }
    }

    std::string channel_name(std::size_t channel) const {
        if (part_.is_table) return spec_.features[channel].name;
        if (is_picture_ && channels_ == 3) return std::array{"red", "green", "blue"}[channel];
        if (is_picture_ && channels_ == 1) return "grey";
        return part_.stored == i32 ? "token" : std::to_string(channel);
    }

    void finish() {
        Moments all;
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            if (part_.stored == u8) moments_[channel].add(bytes_[channel]);
            all.add(moments_[channel]);
            part_.channels.push_back(moments_[channel].statistics(channel_name(channel)));
        }
        for (std::size_t f = 0; f < categories_.size(); ++f) {
            for (std::size_t c = 0; c < categories_[f].size(); ++c)
                part_.channels[f].categories.push_back(
                    {spec_.features[f].categories[c], categories_[f][c]});
        }
        part_.values = all.statistics("all");
        for (const Moments& target : target_moments_)
            part_.targets.push_back(target.statistics(
                target_moments_.size() == 1 ? "target"
                                            : fmt::format("target {}", part_.targets.size())));
        for (std::size_t c = 0; c < class_counts_.size(); ++c)
            part_.classes.push_back(
                {set_.class_name(static_cast<std::int64_t>(c)), class_counts_[c]});
        if (set_.size() > 1) {
            part_.constant_places =
                part_.stored == u8 ? byte_places_.constant() : places_.constant();
        }
        const auto present = std::ranges::count_if(class_counts_, [](auto n) { return n > 0; });
        part_.class_by_class = targets() == 1 && present > 1 && runs_ == present &&
                               set_.size() > 2 * static_cast<std::int64_t>(present);
    }

    const Dataset& set_;
    const SourceSpec& spec_;
    std::uint32_t number_;
    std::size_t channels_;
    bool is_picture_ = false;
    PartSummary part_;
    std::vector<Moments> moments_;
    std::vector<std::array<std::int64_t, 256>> bytes_;  // of a u8 source, for each channel
    std::vector<Moments> target_moments_;
    std::vector<std::vector<std::int64_t>> categories_;
    std::vector<std::int64_t> class_counts_;
    std::vector<std::vector<std::uint64_t>> category_names_;  // hashes, for each feature
    std::vector<std::uint64_t> class_names_;                  // likewise
    bool has_categories_ = false;
    std::vector<std::uint64_t> words_;
    Places<std::uint8_t> byte_places_;
    Places<float> places_;
    std::int32_t label_ = -1;
    std::int64_t runs_ = 0;
};

// Which samples have equals where, by their positions in their parts.
class Equals {
public:
    explicit Equals(std::vector<Seen> seen, std::size_t parts)
        : duplicates_(parts), contradictions_(parts) {
        std::ranges::sort(seen, [](const Seen& a, const Seen& b) { return a < b; });
        for (std::size_t begin = 0, end = 0; begin < seen.size(); begin = end) {
            while (end < seen.size() && seen[end].input == seen[begin].input)
                ++end;
            if (end - begin > 1) compare({seen.data() + begin, end - begin});
        }
    }

    void report(std::span<const NamedSet> sets, Exploration& result) {
        for (std::size_t part = 0; part < sets.size(); ++part) {
            result.parts[part].duplicates = named(duplicates_[part], sets[part]);
            result.parts[part].contradictions = named(contradictions_[part], sets[part]);
        }
        for (auto& [parts, samples] : leaks_) {
            const auto [from, to] = parts;
            result.leaks.push_back({sets[from].name, sets[to].name, named(samples, sets[to])});
        }
    }

private:
    using Positions = std::vector<std::uint32_t>;

    // All samples of the same inputs, by part and position.
    void compare(std::span<const Seen> equal) {
        const bool contradict =
            std::ranges::any_of(equal, [&](const Seen& s) { return s.target != equal[0].target; });
        for (std::size_t i = 0; i < equal.size(); ++i) {
            const Seen& seen = equal[i];
            if (i > 0 && equal[i - 1].part == seen.part)
                duplicates_[seen.part].push_back(seen.sample);
            if (contradict) contradictions_[seen.part].push_back(seen.sample);
            for (std::size_t j = 0; j < i && equal[j].part < seen.part; ++j) {
                if (j > 0 && equal[j - 1].part == equal[j].part) continue;  // each part once
                leaks_[{equal[j].part, seen.part}].push_back(seen.sample);
            }
        }
    }

    static SampleList named(Positions& samples, const NamedSet& set) {
        std::ranges::sort(samples);
        SampleList result;
        for (const std::uint32_t sample : samples)
            list(result, set.samples, sample);
        return result;
    }

    std::vector<Positions> duplicates_;  // of each part
    std::vector<Positions> contradictions_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Positions> leaks_;  // from, to
};

}  // namespace

Exploration explore(std::span<const NamedSet> sets, std::span<const PictureSurvey> surveys) {
    if (!surveys.empty() && surveys.size() != sets.size()) {
        fail(ErrorKind::kInvalidArgument, "explore: {} surveys for {} sets", surveys.size(),
             sets.size());
    }
    Exploration result;
    std::vector<Seen> seen;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        const Dataset& set = sets[i].samples;
        if (set.empty() || set.sample_shape().count() == 0) {
            fail(ErrorKind::kInvalidArgument, "explore: '{}' holds {} samples {}", sets[i].name,
                 set.size(), to_string(set.sample_shape()));
        }
        seen.reserve(seen.size() + static_cast<std::size_t>(set.size()));
        result.parts.push_back(Reading(sets[i], static_cast<std::uint32_t>(i)).read(seen));
        if (!surveys.empty()) result.parts.back().pictures = surveys[i];
    }
    if (sets.empty()) fail(ErrorKind::kInvalidArgument, "explore: there are no samples");
    Equals(std::move(seen), sets.size()).report(sets, result);
    result.findings = findings_of(result);
    return result;
}

Exploration explore(const Dataset& samples) {
    const NamedSet set{"samples", samples};
    return explore({&set, 1});
}

const char* to_string(Gravity gravity) {
    switch (gravity) {
        case Gravity::kNote: return "note";
        case Gravity::kWarning: return "warning";
        case Gravity::kProblem: return "problem";
    }
    return "";
}

}  // namespace ingot::data
