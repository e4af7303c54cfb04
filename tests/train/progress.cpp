// SPDX-License-Identifier: MIT
// What is shown while training: a table and a bar that fit the terminal, plain lines elsewhere.
#include "small_run.h"
#include "train/progress_text.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::string shown(train::FitOptions options, const train::ProgressOptions& progress) {
    std::FILE* file = std::tmpfile();
    REQUIRE(file != nullptr);
    auto to_file = progress;
    to_file.to = file;
    options.callbacks = {train::Progress{to_file}};
    small_trainer(small_net()).fit(small_data().train, options);
    std::rewind(file);
    std::string text;
    for (int c; (c = std::fgetc(file)) != EOF;)
        text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

// As a terminal shows them in the end.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t last = line.rfind("\r\x1b[K");
        lines.push_back(last == std::string::npos ? line : line.substr(last + 4));
    }
    return lines;
}

// The third of five epochs of 200 steps, 45 % through.
struct Middle {
    train::History history;
    nn::Module net = nn::Linear{2, 2};
    optim::Sgd optimizer;
    train::FitState state{.history = history,
                          .net = net,
                          .optimizer = optimizer,
                          .epochs = 5,
                          .epoch = 2,
                          .steps_per_epoch = 200,
                          .step = 90,
                          .loss = 0.41234,
                          .accuracy = 0.8514,
                          .samples_per_s = 17012.3,
                          .epoch_time_s = 9};
};

const train::EpochResult kEpoch{.train_loss = 0.5366,
                                .train_accuracy = 0.812,
                                .validation_loss = 0.3997,
                                .validation_accuracy = 0.858,
                                .train_metrics = {{"f1", 0.8}},
                                .validation_metrics = {{"auc", 0.91234}, {"f1", 0.8567}},
                                .time_s = 3.21,
                                .samples_per_s = 16865,
                                .data_s = 0.1};

}  // namespace

TEST_CASE("progress: plain lines to a file") {
    const auto data = small_data();
    auto options = small_options(data, 2);
    options.metrics = {metrics::f1()};
    const std::string text = shown(options, {.samples = "points"});
    CHECK(text.starts_with("epoch 1/2  loss "));
    CHECK(text.find("epoch 2/2  loss ") != std::string::npos);
    CHECK(text.find("  validation loss ") != std::string::npos);
    CHECK(text.find("  f1 0.") != std::string::npos);
    CHECK(text.find(" points/s") != std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("progress: a table on a terminal, aligned and no wider than that") {
    const auto data = small_data();
    auto options = small_options(data, 3);
    options.metrics = {metrics::f1()};
    for (const int width : {200, 80, 40, 20}) {
        CAPTURE(width);
        const auto lines = lines_of(shown(options, {.samples = "points", .width = width}));
        REQUIRE(lines.size() >= 3);  // the header, the first epoch and the last
        CHECK(lines[0].starts_with("epoch      loss"));
        for (const std::string& line : lines) {
            CHECK(line.size() == lines[0].size());
            CHECK(line.size() < static_cast<std::size_t>(width));
        }
        CHECK(lines[1].starts_with("  1/3  "));
        CHECK(lines.back().starts_with("  3/3  "));
        CHECK((lines[0].find("val accuracy") != std::string::npos) == (width >= 80));
        CHECK((lines[0].find("points/s") != std::string::npos) == (width == 200));
    }
    CHECK(shown(options, {.width = 60}).find('[') != std::string::npos);  // the bar
}

TEST_CASE("progress: the line of a running epoch") {
    const Middle middle;
    CHECK(train::progress_line(middle.state, "images", 0) ==
          "epoch 3/5  45 %  loss 0.4123  accuracy 85.1 %  17,012 images/s  0:51 left");
    CHECK(train::progress_line(middle.state, "images", 120) ==
          "epoch 3/5 [==========              ]  45 %  loss 0.4123  accuracy 85.1 %  17,012 "
          "images/s  0:51 left");
    CHECK(train::progress_line(middle.state, "images", 79) ==
          "epoch 3/5 [=========           ]  45 %  loss 0.4123  accuracy 85.1 %  0:51 left");
    CHECK(train::progress_line(middle.state, "images", 40) ==
          "epoch 3/5 [====     ]  45 %  loss 0.4123");
    CHECK(train::progress_line(middle.state, "images", 12) == "epoch 3/5  4");
    for (int width = 1; width < 130; ++width)
        CHECK(train::progress_line(middle.state, "images", width).size() <=
              static_cast<std::size_t>(width));

    Middle waiting;
    waiting.state.data_s = 2.7;
    CHECK(train::progress_line(waiting.state, "images", 0).ends_with("0:51 left  30 % for data"));
}

TEST_CASE("progress: an epoch as a line and as a row") {
    CHECK(train::epoch_line(2, 10, kEpoch, "images") ==
          "epoch  2/10  loss 0.5366  accuracy 81.2 %  f1 0.8000  validation loss 0.3997  accuracy "
          "85.8 %  auc 0.9123  f1 0.8567  16,865 images/s  3.2 s");
    const train::EpochTable table(kEpoch, 10, "images", 120);
    CHECK(table.header() ==
          "epoch      loss  accuracy  val loss  val accuracy        f1   val auc    val f1      "
          "time   images/s");
    CHECK(table.row(2, kEpoch) ==
          " 2/10    0.5366    81.2 %    0.3997        85.8 %    0.8000    0.9123    0.8567     "
          "3.2 s     16,865");
    // What a later epoch has no number for.
    train::EpochResult without = kEpoch;
    without.validation_loss = train::kNotMeasured;
    without.validation_metrics.clear();
    CHECK(table.row(3, without) ==
          " 3/10    0.5366    81.2 %         -        85.8 %    0.8000         -         -     "
          "3.2 s     16,865");
    CHECK(train::EpochTable({.train_loss = 1}, 3, "samples", 14).header() == "epoch");
    CHECK(train::EpochTable({.train_loss = 1}, 3, "samples", 15).header() == "epoch      loss");
}
