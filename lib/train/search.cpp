// SPDX-License-Identifier: MIT
// What is tried, and trying it.
#include "train/search.h"

#include "core/check.h"
#include "core/random.h"
#include "train/text_table.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <set>

namespace ingot::train {
namespace {

constexpr std::int64_t kMaxGrid = 1'000'000;
constexpr int kMaxDraws = 1000;  // of one trial, until it is a new one

void check(const std::vector<SearchOption>& options, const SearchOptions& how) {
    if (options.empty()) fail(ErrorKind::kInvalidArgument, "search: there are no options");
    std::set<std::string> names;
    for (const SearchOption& option : options) {
        if (option.name.empty() || !names.insert(option.name).second) {
            fail(ErrorKind::kInvalidArgument, "search: an option {}",
                 option.name.empty() ? "has no name" : "'" + option.name + "' is there twice");
        }
        if (!option.values.empty()) continue;
        if (!std::isfinite(option.low) || !std::isfinite(option.high) ||
            !(option.low < option.high)) {
            fail(ErrorKind::kInvalidArgument,
                 "search: option '{}' has no values and a range from {} to {}", option.name,
                 option.low, option.high);
        }
        if (option.log && !(option.low > 0)) {
            fail(ErrorKind::kInvalidArgument,
                 "search: option '{}' goes by magnitude from {}, which is not above 0", option.name,
                 option.low);
        }
        if (option.whole && !(std::ceil(option.low) <= std::floor(option.high))) {
            fail(ErrorKind::kInvalidArgument,
                 "search: option '{}': there is no whole number from {} to {}", option.name,
                 option.low, option.high);
        }
        if (how.by == SearchBy::kGrid && option.steps < 2) {
            fail(ErrorKind::kInvalidArgument,
                 "search: option '{}' has {} steps, at least 2 are needed", option.name,
                 option.steps);
        }
    }
    if (how.trials < (how.by == SearchBy::kGrid ? 0 : 1)) {
        fail(ErrorKind::kInvalidArgument, "search: {} trials", how.trials);
    }
}

// At `share` of the way from low to high.
double number_at(const SearchOption& option, double share) {
    const double value = option.log ? option.low * std::pow(option.high / option.low, share)
                                    : option.low + share * (option.high - option.low);
    if (!option.whole) return std::clamp(value, option.low, option.high);
    return std::clamp(std::round(value), std::ceil(option.low), std::floor(option.high));
}

Value drawn(const SearchOption& option, RandomStream& random) {
    if (!option.values.empty()) {
        return option.values[random.below(static_cast<std::uint32_t>(option.values.size()))];
    }
    const auto share = static_cast<double>(random.uniform());
    if (!option.whole || option.log) return number_at(option, share);
    // Each whole number equally likely, those at the ends too.
    const double low = std::ceil(option.low), high = std::floor(option.high);
    return std::min(high, low + std::floor(share * (high - low + 1)));
}

std::vector<Value> grid_of(const SearchOption& option) {
    if (!option.values.empty()) return option.values;
    std::vector<Value> values;
    for (std::int64_t i = 0; i < option.steps; ++i) {
        const Value value =
            number_at(option, static_cast<double>(i) / static_cast<double>(option.steps - 1));
        if (values.empty() || !(values.back() == value)) values.push_back(value);
    }
    return values;
}

class Search {
public:
    Search(const std::vector<SearchOption>& options,
           const std::function<double(const Settings&)>& measure, const SearchOptions& how)
        : measure_(measure), how_(how), limit_(how.trials) {
        result_ = {
            .options = options, .metric = how.metric, .maximize = how.maximize, .trials = {}};
        if (how.by == SearchBy::kGrid) make_grid();
    }

    SearchResult run() {
        if (!how_.file.empty() && std::filesystem::exists(how_.file)) {
            result_.trials = load_trials(result_, how_);
            if (how_.retry_failed) retry();
        }
        while (std::ssize(result_.trials) < limit_) {
            const std::optional<Settings> settings = next();
            if (!settings) break;
            Trial trial{.number = std::ssize(result_.trials), .settings = *settings};
            try_out(trial);
            result_.trials.push_back(std::move(trial));
            keep(result_.trials.back());
        }
        return std::move(result_);
    }

private:
    void make_grid() {
        std::int64_t count = 1;
        for (const SearchOption& option : result_.options) {
            grid_.push_back(grid_of(option));
            count *= std::ssize(grid_.back());
            if (count > kMaxGrid) {
                fail(ErrorKind::kInvalidArgument, "search: the grid has more than {} combinations",
                     kMaxGrid);
            }
        }
        limit_ = how_.trials == 0 ? count : std::min(count, how_.trials);
    }

    // Of the trial with the next number; none: all have been tried.
    std::optional<Settings> next() const {
        if (how_.by == SearchBy::kGrid) return of_grid(std::ssize(result_.trials));
        RandomStream random(how_.seed, stream_of(RandomPurpose::kSearch, result_.trials.size()));
        for (int i = 0; i < kMaxDraws; ++i) {
            Settings settings;
            for (const SearchOption& option : result_.options)
                settings.values.emplace(option.name, drawn(option, random));
            const bool is_new =
                std::none_of(result_.trials.begin(), result_.trials.end(),
                             [&](const Trial& trial) { return trial.settings == settings; });
            if (is_new) return settings;
        }
        return std::nullopt;
    }

    Settings of_grid(std::int64_t number) const {
        Settings settings;
        for (std::size_t i = grid_.size(); i-- > 0;) {
            const std::int64_t count = std::ssize(grid_[i]);
            settings.values.emplace(result_.options[i].name,
                                    grid_[i][static_cast<std::size_t>(number % count)]);
            number /= count;
        }
        return settings;
    }

    void try_out(Trial& trial) const {
        const auto begin = std::chrono::steady_clock::now();
        trial.error.clear();
        try {
            trial.value = measure_(trial.settings);
            if (!std::isfinite(trial.value)) {
                trial.error = fmt::format("{} is {}", result_.metric, trial.value);
                trial.value = kNotMeasured;
            }
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::kDeviceLost) throw;
            trial.error = fmt::format("{}: {}", to_string(error.kind()), error.what());
        } catch (const std::exception& error) {
            trial.error = error.what();
            if (trial.error.empty()) trial.error = "an exception without words";
        }
        trial.time_s =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }

    void retry() {
        for (Trial& trial : result_.trials) {
            if (trial.error.empty()) continue;
            try_out(trial);
            keep(trial);
        }
    }

    void keep(const Trial& trial) const {
        if (!how_.file.empty()) save_trials(result_, how_);
        if (how_.on_trial) how_.on_trial(trial);
    }

    const std::function<double(const Settings&)>& measure_;
    const SearchOptions& how_;
    std::int64_t limit_;
    SearchResult result_;
    std::vector<std::vector<Value>> grid_;
};

const Value& value_of(const Settings& settings, const std::string& name) {
    const auto found = settings.values.find(name);
    if (found != settings.values.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [there, value] : settings.values)
        names.push_back(there);
    fail(ErrorKind::kInvalidArgument, "search: there is no option '{}'; there is {}", name,
         fmt::join(names, ", "));
}

// The place of a value among those of its option, or the number itself.
double place_of(const SearchOption& option, const Value& value) {
    if (option.values.empty()) return value.number();
    const auto found = std::find(option.values.begin(), option.values.end(), value);
    return static_cast<double>(found - option.values.begin());
}

std::vector<std::string> names_of(const SearchOption& option) {
    std::vector<std::string> names;
    for (const Value& value : option.values)
        names.push_back(to_string(value));
    return names;
}

io::PlotTable table_of(const SearchResult& result) {
    io::PlotTable table{.title = "Trials, the best first", .head = {"trial", result.metric}};
    for (const SearchOption& option : result.options)
        table.head.push_back(option.name);
    table.head.insert(table.head.end(), {"s", ""});
    for (const Trial* trial : result.sorted()) {
        std::vector<std::string> row{fmt::format("{}", trial->number),
                                     trial->error.empty() ? short_number(trial->value) : "failed"};
        for (const SearchOption& option : result.options)
            row.push_back(to_string(value_of(trial->settings, option.name)));
        row.push_back(fmt::format("{:.1f}", trial->time_s));
        row.push_back(trial->error);
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string note_of(const SearchResult& result, const Trial& trial) {
    std::string note = fmt::format("trial {}, {} {:.4g}", trial.number, result.metric, trial.value);
    for (const auto& [name, value] : trial.settings.values)
        note += fmt::format(", {} {}", name, to_string(value));
    return note;
}

}  // namespace

std::string to_string(const Value& value) {
    return value.is_number() ? fmt::format("{:.6g}", value.number()) : value.text();
}

double Settings::number(const std::string& name) const {
    const Value& value = value_of(*this, name);
    if (value.is_number()) return value.number();
    fail(ErrorKind::kInvalidArgument, "search: option '{}' is '{}', no number", name, value.text());
}

std::int64_t Settings::whole(const std::string& name) const {
    const double value = number(name);
    if (value == std::floor(value) && std::abs(value) < 0x1p53) {
        return static_cast<std::int64_t>(value);
    }
    fail(ErrorKind::kInvalidArgument, "search: option '{}' is {}, no whole number", name, value);
}

const std::string& Settings::text(const std::string& name) const {
    const Value& value = value_of(*this, name);
    if (!value.is_number()) return value.text();
    fail(ErrorKind::kInvalidArgument, "search: option '{}' is {}, no text", name, value.number());
}

SearchResult search(const std::vector<SearchOption>& options,
                    const std::function<double(const Settings&)>& measure,
                    const SearchOptions& how) {
    check(options, how);
    return Search(options, measure, how).run();
}

std::vector<const Trial*> SearchResult::sorted() const {
    std::vector<const Trial*> order;
    for (const Trial& trial : trials)
        order.push_back(&trial);
    std::stable_sort(order.begin(), order.end(), [&](const Trial* a, const Trial* b) {
        if (a->error.empty() != b->error.empty()) return a->error.empty();
        if (!a->error.empty()) return false;
        return maximize ? a->value > b->value : a->value < b->value;
    });
    return order;
}

const Trial& SearchResult::best() const {
    const std::vector<const Trial*> order = sorted();
    if (order.empty()) fail(ErrorKind::kData, "search: nothing was tried");
    if (!order.front()->error.empty()) {
        fail(ErrorKind::kData, "search: all of {} trials have failed; the first: {}", trials.size(),
             trials.front().error);
    }
    return *order.front();
}

std::string to_text(const SearchResult& result) {
    const io::PlotTable table = table_of(result);
    return text_table(table.head, table.rows);
}

io::PlotPage page_of(const SearchResult& result) {
    std::vector<const Trial*> good = result.sorted();
    std::erase_if(good, [](const Trial* trial) { return !trial->error.empty(); });
    io::PlotPage page{.title = fmt::format("Search for {}", result.metric),
                      .summary = fmt::format("{} trials, {} of which failed", result.trials.size(),
                                             result.trials.size() - good.size())};
    io::ParallelPlot all{.title = "All options", .axes = {}, .rows = {}};
    for (const SearchOption& option : result.options) {
        io::Plot plot{.title = fmt::format("{} by {}", result.metric, option.name),
                      .x_label = option.name,
                      .y_label = result.metric,
                      .log_x = option.values.empty() && option.log,
                      .x_names = names_of(option)};
        io::PlotSeries points{.line = false, .marks = true};
        for (const Trial* trial : good) {
            points.x.push_back(place_of(option, value_of(trial->settings, option.name)));
            points.y.push_back(trial->value);
            points.notes.push_back(note_of(result, *trial));
        }
        all.axes.push_back({.name = option.name, .log = plot.log_x, .names = plot.x_names});
        plot.series.push_back(std::move(points));
        page.plots.push_back(std::move(plot));
    }
    all.axes.push_back({.name = result.metric});
    for (std::size_t i = 0; i < good.size(); ++i) {
        io::ParallelPlot::Row row{
            .rank = static_cast<double>(i) /
                    static_cast<double>(std::max<std::size_t>(good.size(), 2) - 1),
            .note = note_of(result, *good[i])};
        for (const SearchOption& option : result.options)
            row.values.push_back(place_of(option, value_of(good[i]->settings, option.name)));
        row.values.push_back(good[i]->value);
        all.rows.push_back(std::move(row));
    }
    page.parallel.push_back(std::move(all));
    page.tables.push_back(table_of(result));
    return page;
}

}  // namespace ingot::train
