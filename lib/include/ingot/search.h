// SPDX-License-Identifier: MIT
// Options found by trying them: random and grid search, and the best of several starts. A try that
// fails is one of the results, not the end.
//
//     auto found = ingot::train::search(
//         {{.name = "lr", .low = 1e-4, .high = 1e-1, .log = true},
//          {.name = "width", .values = {16, 32, 64}}},
//         [&](const ingot::train::Settings& settings) {
//             const auto net = make_net(settings.whole("width"));
//             Trainer trainer{device, net, losses::cross_entropy(),
//                             optim::Adam{{.lr = settings.number("lr")}}};
//             trainer.fit(train, {.epochs = 10});
//             return trainer.evaluate(validation).accuracy;
//         },
//         {.trials = 30, .file = "search.json"});
//     std::fputs(to_text(found).c_str(), stdout);
//     io::write_plots_html("search.html", page_of(found));
#pragma once

#include <ingot/export.h>
#include <ingot/plot.h>
#include <ingot/train.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace ingot::train {

// A number or a text.
class Value {
public:
    template <typename T>
    requires std::integral<T> || std::floating_point<T> Value(T number)  // NOLINT
        : value_(static_cast<double>(number)) {}
    Value(std::string text) : value_(std::move(text)) {}    // NOLINT
    Value(const char* text) : value_(std::string(text)) {}  // NOLINT

    bool is_number() const { return value_.index() == 0; }
    double number() const { return std::get<double>(value_); }  // as it is; see is_number()
    const std::string& text() const { return std::get<std::string>(value_); }
    bool operator==(const Value&) const = default;

private:
    std::variant<double, std::string> value_;
};
INGOT_API std::string to_string(const Value& value);

// One of the values, or a number between low and high.
struct SearchOption {
    std::string name{};
    std::vector<Value> values{};
    double low = 0, high = 0;  // both may be taken
    bool log = false;          // equally likely by magnitude; low is above 0
    bool whole = false;        // whole numbers alone
    // Of the grid: numbers from low to high, both among them, at least 2. Equal ones, of few whole
    // numbers, are tried once.
    std::int64_t steps = 5;

    bool operator==(const SearchOption&) const = default;
};

// What one trial is made with. All throw naming the options there are.
struct INGOT_API Settings {
    std::map<std::string, Value> values;

    double number(const std::string& name) const;
    std::int64_t whole(const std::string& name) const;  // a number without a fraction
    const std::string& text(const std::string& name) const;
    bool operator==(const Settings&) const = default;
};

struct Trial {
    std::int64_t number = 0;  // in the order of trying, from 0
    Settings settings{};
    double value = kNotMeasured;
    std::string error{};  // why there is no value; empty: there is one
    double time_s = 0;
};

enum class SearchBy {
    kRandom,  // each option drawn by itself (Bergstra and Bengio, "Random search for
              // hyper-parameter optimization", JMLR 2012); what was tried is drawn again
    kGrid     // every combination; the last option changes fastest
};

struct SearchOptions {
    SearchBy by = SearchBy::kRandom;
    std::int64_t trials = 20;         // at most, those of the file among them; of a grid 0: all
    std::string metric = "accuracy";  // what the value is called
    bool maximize = true;
    std::uint64_t seed = 0;  // of what is drawn: trial i is the same whatever came before
    // Of the trials, written after each; a search that finds it goes on from there. One of other
    // options, metric or seed is refused. Empty: none.
    std::filesystem::path file{};
    bool retry_failed = false;  // those that the file names
    std::function<void(const Trial&)> on_trial{};
};

struct INGOT_API SearchResult {
    std::vector<SearchOption> options;
    std::string metric;
    bool maximize = true;
    std::vector<Trial> trials;  // in the order of trying

    const Trial& best() const;                 // throws, with the first failure, if all have failed
    std::vector<const Trial*> sorted() const;  // the best first, those that failed last
};

// A trial fails where `measure` throws or gives a number that is not finite. Throws for options
// without a name or named twice, for empty ranges, for a damaged file; and passes on what
// `measure` throws when the device is lost.
INGOT_API SearchResult search(const std::vector<SearchOption>& options,
                              const std::function<double(const Settings&)>& measure,
                              const SearchOptions& how = {});

INGOT_API std::string to_text(const SearchResult& result);  // a table, the best first
// The metric by each option, a line for each trial across all of them, and the table.
INGOT_API io::PlotPage page_of(const SearchResult& result);

// ---- the best of several starts ----

struct RestartOptions {
    std::int64_t starts = 5;     // at least 1
    std::uint64_t seed = 0;      // of weights and order of the first; then seed + 1 ...
    std::string watch = "loss";  // of the validation data; "accuracy", or a metric of `fit`
};

struct Restart {
    std::uint64_t seed = 0;
    Evaluation validation{};
    History history{};
    double value = kNotMeasured;  // of what is watched
};

struct Restarts {
    std::string watch;
    std::vector<Restart> starts;
    std::size_t best = 0;  // among the starts
};

// Trains from several seeds (Trainer::restart) and leaves the net as the best has made it. `fit`
// has validation data; its seed is replaced. A start whose value is not finite is not the best;
// throws kData if there is no other.
INGOT_API Restarts random_restarts(Trainer& trainer, const data::Dataset& train,
                                   const FitOptions& fit, const RestartOptions& options = {});

INGOT_API std::string to_text(const Restarts& restarts);  // a table, the best first

}  // namespace ingot::train
