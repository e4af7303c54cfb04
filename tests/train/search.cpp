// SPDX-License-Identifier: MIT
// Searches over options: what is drawn, what fails, what a file remembers; and random restarts.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/io.h>
#include <ingot/search.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace ingot;
using namespace ingot::testing;
using train::SearchBy;
using train::SearchOption;
using train::SearchOptions;
using train::Settings;

namespace {

const std::vector<SearchOption> kOptions{{.name = "lr", .low = 1e-4, .high = 1, .log = true},
                                         {.name = "width", .values = {16, 32}},
                                         {.name = "depth", .low = 1, .high = 3, .whole = true},
                                         {.name = "activation", .values = {"relu", "tanh"}}};

double bowl(const Settings& settings) {
    const double distance = std::log10(settings.number("lr")) + 2;
    return -distance * distance + (settings.text("activation") == "tanh" ? 0.5 : 0);
}

std::vector<Settings> settings_of(const train::SearchResult& result) {
    std::vector<Settings> all;
    for (const train::Trial& trial : result.trials)
        all.push_back(trial.settings);
    return all;
}

}  // namespace

TEST_CASE("search: random trials stay in their ranges and follow the seed") {
    const auto result = train::search(kOptions, bowl, {.trials = 200, .seed = 1});
    REQUIRE(result.trials.size() == 200);
    std::set<double> depths, widths;
    int small = 0;
    for (const train::Trial& trial : result.trials) {
        const double lr = trial.settings.number("lr");
        CHECK(lr >= 1e-4);
        CHECK(lr <= 1);
        small += lr < 1e-2 ? 1 : 0;
        widths.insert(trial.settings.number("width"));
        depths.insert(trial.settings.number("depth"));
        CHECK(trial.settings.whole("depth") >= 1);
        CHECK(trial.value == bowl(trial.settings));
        CHECK(trial.error.empty());
    }
    // Half of them by magnitude, within four deviations of sqrt(200) / 2.
    CHECK(std::abs(small - 100) < 29);
    CHECK(widths == std::set<double>{16, 32});
    CHECK(depths == std::set<double>{1, 2, 3});
    const auto best =
        *std::max_element(result.trials.begin(), result.trials.end(),
                          [](const auto& a, const auto& b) { return a.value < b.value; });
    CHECK(result.best().number == best.number);
    CHECK(result.sorted().front() == &result.best());

    CHECK(settings_of(train::search(kOptions, bowl, {.trials = 200, .seed = 1})) ==
          settings_of(result));
    const auto fewer = settings_of(train::search(kOptions, bowl, {.trials = 7, .seed = 1}));
    CHECK(std::equal(fewer.begin(), fewer.end(), settings_of(result).begin()));
    CHECK(settings_of(train::search(kOptions, bowl, {.trials = 7, .seed = 2})) != fewer);
}

TEST_CASE("search: a random search of few choices ends when all were tried") {
    const auto result = train::search(
        {{.name = "a", .values = {1, 2, 3}}, {.name = "b", .values = {"x", "y"}}},
        [](const Settings& s) { return s.number("a"); }, {.trials = 50, .maximize = false});
    CHECK(result.trials.size() == 6);
    CHECK(result.best().settings.number("a") == 1);
}

TEST_CASE("search: the grid has every combination, the last option changing fastest") {
    const auto result = train::search({{.name = "lr", .low = 1e-3, .high = 10, .log = true},
                                       {.name = "depth", .low = 1, .high = 2, .whole = true},
                                       {.name = "act", .values = {"relu", "tanh"}}},
                                      [](const Settings& s) { return s.number("lr"); },
                                      {.by = SearchBy::kGrid, .trials = 0});
    REQUIRE(result.trials.size() == 5 * 2 * 2);  // of five steps from 1 to 2 two whole numbers
    CHECK(result.trials[0].settings.number("lr") == 1e-3);
    CHECK(result.trials[0].settings.text("act") == "relu");
    CHECK(result.trials[1].settings.text("act") == "tanh");
    CHECK(result.trials[2].settings.whole("depth") == 2);
    CHECK(result.trials[4].settings.number("lr") == doctest::Approx(1e-2));
    CHECK(result.trials[19].settings.number("lr") == doctest::Approx(10));
    CHECK(train::search(kOptions, bowl, {.by = SearchBy::kGrid, .trials = 7}).trials.size() == 7);
}

TEST_CASE("search: trials that fail are results") {
    int calls = 0;
    const auto result =
        train::search({{.name = "a", .low = 0, .high = 1}},
                      [&](const Settings& s) -> double {
                          switch (calls++) {
                              case 0:
                                  throw Error(ErrorKind::kInvalidArgument, "Linear: no <features>");
                              case 1: throw std::runtime_error("out of luck");
                              case 2: return std::nan("");
                              case 3: return std::numeric_limits<double>::infinity();
                              default: return s.number("a");
                          }
                      },
                      {.trials = 6});
    REQUIRE(result.trials.size() == 6);
    CHECK(result.trials[0].error == "invalid argument: Linear: no <features>");
    CHECK(result.trials[1].error == "out of luck");
    CHECK(result.trials[2].error == "accuracy is nan");
    CHECK(result.trials[3].error == "accuracy is inf");
    CHECK(std::isnan(result.trials[3].value));
    CHECK(result.trials[4].error.empty());
    CHECK(result.sorted()[1]->error.empty());
    CHECK(result.sorted()[2]->number == 0);

    const std::string text = to_text(result);
    CHECK(text.starts_with("trial  accuracy"));
    CHECK(text.find("failed") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 7);

    const TemporaryFolder folder;
    io::write_plots_html(folder / "search.html", page_of(result));
    const std::string page = contents_of(folder / "search.html");
    CHECK(page.find("no &lt;features&gt;") != std::string::npos);
    CHECK(page.find("accuracy by a") != std::string::npos);
    CHECK(page.find("<svg class=\"plot\"") != std::string::npos);

    const auto none =
        train::search({{.name = "a", .values = {1, 2}}},
                      [](const Settings&) -> double { throw std::exception(); }, {.trials = 2});
    CHECK(thrown_message([&] {
              none.best();
          }).starts_with("data: search: all of 2 trials have failed; the first: "));
    // Without a device no trial can go better.
    CHECK(thrown_message([] {
              train::search({{.name = "a", .values = {1, 2}}}, [](const Settings&) -> double {
                  throw Error(ErrorKind::kDeviceLost, "gone");
              });
          }) == "device lost: gone");
}

TEST_CASE("search: a file remembers what was tried") {
    const TemporaryFolder folder;
    const SearchOptions whole{.trials = 12, .seed = 4};
    const auto expected = train::search(kOptions, bowl, whole);
    SearchOptions how = whole;
    how.file = folder / "search.json";

    // A process that ends in the middle of the fourth trial.
    int calls = 0;
    CHECK_THROWS_AS(train::search(
                        kOptions,
                        [&](const Settings& settings) {
                            if (++calls == 4) throw calls;
                            if (calls == 2) throw std::runtime_error("bad luck, caf\xE9");
                            return bowl(settings);
                        },
                        how),
                    int);
    CHECK(folder.file_count() == 1);

    calls = 0;
    std::vector<std::int64_t> tried;
    how.on_trial = [&](const train::Trial& trial) { tried.push_back(trial.number); };
    const auto count = [&](const Settings& settings) {
        ++calls;
        return bowl(settings);
    };
    const auto resumed = train::search(kOptions, count, how);
    CHECK(calls == 9);
    CHECK(tried == std::vector<std::int64_t>{3, 4, 5, 6, 7, 8, 9, 10, 11});
    CHECK(settings_of(resumed) == settings_of(expected));
    CHECK(resumed.trials[1].error.starts_with("bad luck"));
    CHECK(resumed.trials[0].value == expected.trials[0].value);

    // All is done but what had failed.
    calls = 0;
    how.retry_failed = true;
    const auto retried = train::search(kOptions, count, how);
    CHECK(calls == 1);
    CHECK(retried.trials[1].error.empty());
    CHECK(retried.trials[1].value == expected.trials[1].value);
    how.retry_failed = false;
    CHECK(train::search(kOptions, count, how).trials[1].value == expected.trials[1].value);
    CHECK(calls == 1);
}

TEST_CASE("search: files of other searches and damaged ones are refused") {
    const TemporaryFolder folder;
    SearchOptions how{.trials = 2, .file = folder / "search.json"};
    train::search(kOptions, bowl, how);
    const std::string path = how.file.string();
    how.seed = 9;
    CHECK(thrown_message([&] { train::search(kOptions, bowl, how); }) ==
          "invalid argument: search: " + path +
              " is of another search: its seed is 0, now it is 9");
    how.seed = 0;
    CHECK(thrown_message([&] { train::search({kOptions[1]}, bowl, how); })
              .starts_with("invalid argument: search: " + path +
                           " is of another search: its options is [{"));

    const std::string good = contents_of(path);
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("[1, 2]"), std::string("\xFF\xFE"),
          good.substr(0, good.size() / 2), std::string("{\"ingot_search\": 1, \"trials\": 3}")}) {
        folder.put("search.json", bad);
        const std::string message = thrown_message([&] { train::search(kOptions, bowl, how); });
        CHECK_MESSAGE(message.starts_with("file: " + path + ": is no file of a search: "), message);
    }
    folder.put("search.json", "{\"ingot_search\": 2}");
    CHECK(thrown_message([&] { train::search(kOptions, bowl, how); }) ==
          "file: " + path + ": is a search of version 2, this reads version 1");
    std::string swapped = good;
    swapped.replace(swapped.find("\"number\": 1"), 11, "\"number\": 5");
    folder.put("search.json", swapped);
    CHECK(thrown_message([&] { train::search(kOptions, bowl, how); }) ==
          "file: " + path + ": trial 5 stands in place 1");
    how.file = folder / "no folder/search.json";
    CHECK(thrown_message([&] { train::search(kOptions, bowl, how); }).starts_with("file: "));
}

TEST_CASE("search: mistakes are named") {
    const auto message = [](const std::vector<SearchOption>& options,
                            const SearchOptions& how = {}) {
        return thrown_message([&] { train::search(options, bowl, how); });
    };
    CHECK(message({}) == "invalid argument: search: there are no options");
    CHECK(message({{.values = {1}}}) == "invalid argument: search: an option has no name");
    CHECK(message({{.name = "a", .values = {1}}, {.name = "a", .values = {1}}}) ==
          "invalid argument: search: an option 'a' is there twice");
    CHECK(message({{.name = "a"}}) ==
          "invalid argument: search: option 'a' has no values and a range from 0 to 0");
    CHECK(message({{.name = "a", .low = 0, .high = 1, .log = true}}) ==
          "invalid argument: search: option 'a' goes by magnitude from 0, which is not above 0");
    CHECK(message({{.name = "a", .low = 0.2, .high = 0.8, .whole = true}}) ==
          "invalid argument: search: option 'a': there is no whole number from 0.2 to 0.8");
    CHECK(message({{.name = "a", .low = 0, .high = 1, .steps = 1}}, {.by = SearchBy::kGrid}) ==
          "invalid argument: search: option 'a' has 1 steps, at least 2 are needed");
    CHECK(message(kOptions, {.trials = 0}) == "invalid argument: search: 0 trials");
    const SearchOption many{.low = 0, .high = 1, .steps = 2000};
    SearchOption a = many, b = many;
    a.name = "a";
    b.name = "b";
    CHECK(message({a, b}, {.by = SearchBy::kGrid}) ==
          "invalid argument: search: the grid has more than 1000000 combinations");
    const Settings settings{{{"a", 1.5}, {"b", "x"}}};
    CHECK(thrown_message([&] { settings.number("c"); }) ==
          "invalid argument: search: there is no option 'c'; there is a, b");
    CHECK(thrown_message([&] { settings.number("b"); }) ==
          "invalid argument: search: option 'b' is 'x', no number");
    CHECK(thrown_message([&] { settings.whole("a"); }) ==
          "invalid argument: search: option 'a' is 1.5, no whole number");
    CHECK(thrown_message([&] { settings.text("a"); }) ==
          "invalid argument: search: option 'a' is 1.5, no text");
}

TEST_CASE("restart: as if the trainer had never trained") {
    const auto data = small_data();
    const auto fit = [&](train::Trainer& trainer) {
        const auto history = trainer.fit(data.train, small_options(data, 2));
        return std::pair(trainer.net().state_dict(), history.step_losses);
    };
    train::Trainer used = small_trainer(small_net(1)), fresh = small_trainer(small_net(7));
    const auto first = fit(used);
    used.optimizer().set_learning_rate(1);
    used.restart(7);
    const auto again = fit(used), expected = fit(fresh);
    CHECK(again == expected);
    CHECK(again.second != first.second);
    CHECK(used.optimizer().learning_rate() == 5e-3);
}

TEST_CASE("random_restarts: the best of them is what the net is afterwards") {
    const auto data = small_data();
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    const auto fit = small_options(data, 2);
    const auto result = train::random_restarts(trainer, data.train, fit, {.starts = 4, .seed = 10});
    REQUIRE(result.starts.size() == 4);
    for (const train::Restart& start : result.starts) {
        CHECK(start.value == start.validation.loss);
        CHECK(start.value >= result.starts[result.best].value);
        CHECK(start.history.epochs.size() == 2);
    }
    CHECK(result.starts[1].seed == 11);
    CHECK(result.starts[0].value != result.starts[1].value);
    CHECK(trainer.evaluate(data.test).loss == result.starts[result.best].value);
    const std::string text = to_text(result);
    CHECK(text.starts_with("seed    loss  accuracy  epochs\n" + std::to_string(10 + result.best) +
                           " "));

    train::FitOptions with_f1 = fit;
    with_f1.metrics = {metrics::f1()};
    const auto by_f1 =
        train::random_restarts(trainer, data.train, with_f1, {.starts = 2, .watch = "f1"});
    CHECK(by_f1.starts[by_f1.best].value == std::max(by_f1.starts[0].value, by_f1.starts[1].value));
    CHECK(to_text(by_f1).starts_with("seed    loss  accuracy  epochs      f1\n"));
    check_validation();
}

TEST_CASE("random_restarts: mistakes are named") {
    const auto data = small_data();
    train::Trainer trainer = small_trainer(small_net());
    train::FitOptions fit = small_options(data, 1);
    const auto message = [&](const train::RestartOptions& options) {
        return thrown_message([&] { train::random_restarts(trainer, data.train, fit, options); });
    };
    CHECK(message({.starts = 0}) ==
          "invalid argument: random_restarts: 0 starts, at least 1 is needed");
    CHECK(message({.watch = "r2"}) == "invalid argument: random_restarts: 'r2' is not measured");
    fit.checkpoint.path = "a.safetensors";
    CHECK(message({}) ==
          "invalid argument: random_restarts: checkpoints go to a.safetensors, of every start to "
          "the same");
    fit.validation = {};
    CHECK(message({}) ==
          "invalid argument: random_restarts: there is no validation data to tell by");
}
