// SPDX-License-Identifier: MIT
// A history comes back from its files as it was, and what is no history is refused by name.
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/history.h>
#include <ingot/io.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

train::History sample() {
    train::History history;
    history.step_losses = {2.5F, 1.25F, NAN};
    history.epochs.resize(2);
    history.epochs[0] = {.train_loss = 2.3,
                         .train_accuracy = 0.1,
                         .validation_loss = 2.2,
                         .validation_accuracy = 0.2,
                         .train_metrics = {{"f1", 0.15}},
                         .validation_metrics = {{"f1", 0.25}},
                         .time_s = 1.5,
                         .samples_per_s = 1e4};
    history.epochs[1] = history.epochs[0];
    history.epochs[1].train_loss = 1.0 / 3;
    history.time_s = 3;
    history.stopped = "time is up";
    return history;
}

}  // namespace

TEST_CASE("history: both files bring it back") {
    const TemporaryFolder folder;
    const train::History history = sample();
    io::write_file(folder / "history.csv", train::to_csv(history));
    train::History read = train::read_history(folder.path());
    CHECK(read.epochs == history.epochs);
    CHECK(read.step_losses.empty());
    CHECK(read.time_s == 3);

    // The JSON file says more, and comes first.
    io::write_file(folder / "history.json", train::to_json(history));
    read = train::read_history(folder.path());
    CHECK(read.epochs == history.epochs);
    REQUIRE(read.step_losses.size() == 3);
    CHECK(read.step_losses[1] == 1.25F);
    CHECK(std::isnan(read.step_losses[2]));
    CHECK(read.stopped == "time is up");

    train::History gaps;
    gaps.epochs.resize(1);
    gaps.epochs[0].train_loss = 1;
    io::write_file(folder / "gaps.csv", train::to_csv(gaps));
    CHECK(std::isnan(train::read_history(folder / "gaps.csv").epochs[0].validation_loss));
}

TEST_CASE("history: what is none") {
    const TemporaryFolder folder;
    const auto of = [&](const std::string& name, const std::string& text) {
        io::write_file(folder / name, text);
        return thrown_message([&] { train::read_history(folder / name); });
    };
    const std::string place = (folder / "x").string();
    CHECK(thrown_message([&] { train::read_history(folder.path()); }) ==
          "file: " + folder.path().string() + ": holds neither history.json nor history.csv");
    CHECK(thrown_message([&] { train::read_history(folder / "x"); }).find(place) !=
          std::string::npos);
    CHECK(of("x.csv", "") ==
          "file: " + place + ".csv: is no history: its first column is '', not 'epoch'");
    CHECK(of("x.csv", "epoch,train_loss\n1,2,3\n") ==
          "file: " + place + ".csv: line 2 has 3 values, the first line names 2");
    CHECK(of("x.csv", "epoch,train_loss\n1,2\n2,two\n") ==
          "file: " + place + ".csv: line 3: 'two' of train_loss is no number");
    for (const char* text :
         {"", "[]", "{}", "{\"epochs\": 3}", "{\"epochs\": [{\"train_loss\": \"a\"}]}",
          "{\"epochs\": [], \"step_losses\": [[]]}", "\xff\xfe"}) {
        CAPTURE(text);
        CHECK(of("x.json", text).starts_with("file: " + place + ".json: is no history: "));
    }
}
