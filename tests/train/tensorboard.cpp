// SPDX-License-Identifier: MIT
// What a trainer's event files hold, against the history of the same run.
#include "small_run.h"
#include "support/event_reader.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/tensorboard.h>

#include <algorithm>
#include <map>

using namespace ingot;
using namespace ingot::testing;

namespace {

struct Tags {
    std::map<std::string, std::map<std::int64_t, float>> scalars;
    std::map<std::string, std::vector<std::int64_t>> histograms;
    std::map<std::string, std::string> texts;
    int graphs = 0;
};

// All files of a folder in the order of their names, a later start taking back what it repeats.
Tags tags_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    Tags tags;
    for (const auto& path : paths) {
        for (const events::Event& event : events_in(contents_of(path))) {
            if (event.session_log().status() == 1) {
                for (auto& [tag, values] : tags.scalars)
                    values.erase(values.lower_bound(event.step()), values.end());
            }
            tags.graphs += event.what_case() == events::Event::kGraphDef;
            for (const auto& value : event.summary().value()) {
                if (value.has_histo()) {
                    CHECK(value.histo().num() > 0);
                    tags.histograms[value.tag()].push_back(event.step());
                } else if (value.has_tensor()) {
                    tags.texts[value.tag()] = value.tensor().string_val(0);
                } else if (!value.has_image()) {
                    tags.scalars[value.tag()][event.step()] = value.simple_value();
                }
            }
        }
    }
    return tags;
}

}  // namespace

TEST_CASE("tensorboard: scalars are the history, histograms come once an epoch") {
    const auto data = small_data();
    const TemporaryFolder folder;
    auto options = small_options(data, 3);
    options.metrics = {metrics::f1()};
    options.callbacks = {train::TensorBoard{folder / "tb"}};
    const auto history = small_trainer(small_net()).fit(data.train, options);
    const Tags tags = tags_in(folder / "tb");
    REQUIRE(tags.scalars.at("step/loss").size() == 30);
    for (std::size_t i = 0; i < 30; ++i)
        CHECK(tags.scalars.at("step/loss").at(static_cast<std::int64_t>(i + 1)) ==
              history.step_losses[i]);
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
        const auto step = static_cast<std::int64_t>(10 * (epoch + 1));
        const auto& result = history.epochs[epoch];
        CHECK(tags.scalars.at("loss/validation").at(step) ==
              static_cast<float>(result.validation_loss));
        CHECK(tags.scalars.at("accuracy/train").at(step) ==
              static_cast<float>(result.train_accuracy));
        CHECK(tags.scalars.at("f1/validation").at(step) ==
              static_cast<float>(result.validation_metrics.at("f1")));
    }
    for (const char* name : {"0.weight", "1.bias", "4.weight"}) {
        CHECK(tags.histograms.at(std::string("weights/") + name) ==
              std::vector<std::int64_t>{0, 10, 20});
        CHECK(tags.histograms.at(std::string("gradients/") + name).size() == 3);
        CHECK(tags.scalars.at(std::string("gradient_norm/") + name).at(10) > 0);
    }
    CHECK(tags.graphs == 1);
    CHECK(tags.texts.at("run").find("| seed | 2 |") != std::string::npos);
    CHECK(tags.texts.at("model").find("BatchNorm1d") != std::string::npos);
}

TEST_CASE("tensorboard: a resumed run reads as one that was never interrupted") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const auto run = [&](const char* name, std::vector<train::AnyCallback> others, bool resume) {
        auto options = small_options(data, 3);
        options.checkpoint.path = folder / (std::string(name) + ".safetensors");
        options.resume = resume;
        options.callbacks = {train::TensorBoard{folder / name, {.histograms_every = 7}}};
        options.callbacks.insert(options.callbacks.end(), others.begin(), others.end());
        small_trainer(small_net()).fit(data.train, options);
    };
    run("whole", {}, false);
    run("parts", {StopAfter(1, 10)}, false);
    run("parts", {}, true);
    const Tags whole = tags_in(folder / "whole"), parts = tags_in(folder / "parts");
    CHECK(whole.scalars.at("step/loss") == parts.scalars.at("step/loss"));
    CHECK(whole.scalars.at("loss/validation") == parts.scalars.at("loss/validation"));
    CHECK(whole.histograms.at("weights/0.weight") == parts.histograms.at("weights/0.weight"));
    CHECK(parts.graphs == 1);
}

TEST_CASE("tensorboard: what is wrong is said before the first step") {
    const auto data = small_data();
    const TemporaryFolder folder;
    folder.put("file", "x");
    auto options = small_options(data, 1);
    options.callbacks = {train::TensorBoard{folder / "file"}};
    CHECK(thrown_message([&] {
              small_trainer(small_net()).fit(data.train, options);
          }).starts_with("file: event file: the folder "));
    CHECK(thrown_message([&] {
              train::TensorBoard{folder / "x", {.histograms_every = -1}};
          }) == "invalid argument: TensorBoard: histograms every -1 steps");
}
