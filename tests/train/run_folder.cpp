// SPDX-License-Identifier: MIT
// A run folder is whole at every moment: while the run goes on, at its end, after an exception.
#include "small_run.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/io.h>
#include <ingot/run_folder.h>

#include <cmath>
#include <stdexcept>

using namespace ingot;
using namespace ingot::testing;
using Json = nlohmann::json;

TEST_CASE("run folder: all that came of a run") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const auto path = folder / "runs/first";
    std::vector<std::size_t> seen;
    {
        train::RunFolder run{path, {.options = {{"note", "x"}}, .refresh_s = 1e-9}};
        auto options = small_options(data, 3);
        options.callbacks.emplace_back(train::OnEpoch{[&](train::FitState&) {
            const Json json = json_in(path / "run.json");
            CHECK(json["status"] == "running");
            seen.push_back(json["epochs"].size());
        }});
        const nn::Module net = small_net();
        train::Trainer trainer = small_trainer(net);
        const auto history = trainer.fit(data.train, run.record(options));
        const auto test = run.finish(trainer, data.test);
        const Json json = json_in(path / "run.json");
        CHECK(json["status"] == "finished");
        CHECK(json["name"] == "first");
        CHECK(json["test"]["accuracy"] == test.accuracy);
        CHECK(json["epochs"] == json_in(path / "history.json")["epochs"]);
        CHECK(json["epochs"] == Json::parse(train::to_json(history))["epochs"]);
        CHECK(json["tensors"].size() == 6);
        CHECK(json["tensors"][0]["snapshots"].size() == 3);
        CHECK(json["options"][0] == Json({"note", "x"}));
        CHECK(json["options"].dump().find("[\"seed\",\"2\"]") != std::string::npos);
        CHECK(json["facts"].dump().find("Driver") != std::string::npos);
        CHECK(json["model"].get<std::string>().find("BatchNorm1d") != std::string::npos);

        REQUIRE(!json["kernels"].empty());
        double total_ms = 0, before_ms = INFINITY;
        for (const Json& kernel : json["kernels"]) {
            CHECK(kernel["ms"] <= before_ms);
            CHECK(kernel["count"] >= 1);
            before_ms = kernel["ms"];
            total_ms += before_ms;
        }
        CHECK(total_ms > 0);

        // The matrix counts every sample of the set once, as the evaluation does.
        std::int64_t samples = 0, right = 0;
        const Json& cells = json["confusion"]["cells"];
        for (std::size_t i = 0; i < cells.size(); i += 3) {
            samples += cells[i + 2].get<std::int64_t>();
            if (cells[i] == cells[i + 1]) right += cells[i + 2].get<std::int64_t>();
        }
        CHECK(samples == data.test.size());
        CHECK(static_cast<double>(right) / static_cast<double>(samples) ==
              doctest::Approx(test.accuracy));
        const Json& worst = json["predictions"];
        REQUIRE(worst.size() > 1);
        for (std::size_t i = 1; i < worst.size(); ++i)
            CHECK(worst[i - 1]["loss"].get<double>() >= worst[i]["loss"].get<double>());
        for (const char* name : {"history.csv", "weights.safetensors", "report.html", "events",
                                 "checkpoint.safetensors"})
            CHECK(std::filesystem::exists(path / name));
        const nn::Module again = small_net(7);
        io::load(again, path / "weights.safetensors");
        CHECK(again.state_dict() == net.state_dict());
    }
    // The folder is written behind the other callbacks: they see it as of the epoch before.
    CHECK(seen == std::vector<std::size_t>{0, 1, 2});
    CHECK(json_in(path / "run.json")["status"] == "finished");
}

TEST_CASE("run folder: of numbers, the samples it is furthest off, in their own unit") {
    const TemporaryFolder folder;
    std::vector<float> x, y;
    for (int i = 0; i < 60; ++i) {
        x.push_back(static_cast<float>(i) / 30 - 1);
        y.push_back(1000 + 100 * x.back() + (i == 17 ? 500.0F : 0.0F));
    }
    const data::Dataset raw{HostTensor::of("x", {60, 1}, x), HostTensor::of("y", {60, 1}, y)};
    const auto learnt = data::Preparation::learn(raw, {.normalize_targets = true});
    const nn::Module net = nn::Linear{1, 1};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, losses::mse(), optim::Adam{{.lr = 0.05}}};
    train::RunFolder run{folder / "run"};
    trainer.fit(learnt.apply(raw), run.record({.epochs = 20, .batch_size = 20}));
    for (const data::Dataset& test : {raw, learnt.apply(raw)}) {
        run.finish(trainer, test);
        const Json rows = json_in(folder / "run/run.json")["residuals"];
        REQUIRE(rows.size() == 30);
        CHECK(rows[0]["name"] == "17");
        CHECK(rows[0]["target"][0].get<double>() == doctest::Approx(y[17]).epsilon(1e-5));
        const double predicted = rows[0]["prediction"][0];
        CHECK(predicted == doctest::Approx(950).epsilon(0.1));
        CHECK(rows[0]["error"].get<double>() == doctest::Approx(y[17] - predicted).epsilon(1e-4));
        for (std::size_t i = 1; i < rows.size(); ++i)
            CHECK(rows[i]["error"] <= rows[i - 1]["error"]);
    }
    CHECK(json_in(folder / "run/run.json")["predictions"].empty());
}

TEST_CASE("run folder: a run that ends by an exception says so") {
    const auto data = small_data();
    const TemporaryFolder folder;
    {
        const train::RunFolder run{folder / "run"};
        auto options = small_options(data, 3);
        options.callbacks.emplace_back(train::OnEpoch{[](train::FitState& fit) {
            if (fit.epoch == 1) throw std::runtime_error("enough");
        }});
        CHECK_THROWS(small_trainer(small_net()).fit(data.train, run.record(options)));
    }
    CHECK(json_in(folder / "run/run.json")["status"] == "failed");
}

TEST_CASE("run folder: the bits are those of a run without, and a resumed one keeps its curves") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const nn::Module plain = small_net();
    small_trainer(plain).fit(data.train, small_options(data, 3));

    const auto part = [&](bool resume, std::vector<train::AnyCallback> callbacks) {
        train::RunFolder run{folder / "run"};
        auto options = small_options(data, 3);
        options.resume = resume;
        options.callbacks = std::move(callbacks);
        const nn::Module net = small_net();
        train::Trainer trainer = small_trainer(net);
        trainer.fit(data.train, run.record(options));
        run.finish(trainer, {});
        return net;
    };
    part(false, {StopAfter(1, 10)});
    CHECK(json_in(folder / "run/run.json")["status"] == "stopped");
    const nn::Module net = part(true, {});
    CHECK(net.state_dict() == plain.state_dict());
    const Json json = json_in(folder / "run/run.json");
    CHECK(json["epochs"].size() == 3);
    CHECK(json["status"] == "finished");
    CHECK(json["tensors"][0]["snapshots"].size() == 3);  // those before the interruption, too
}

TEST_CASE("run folder: what cannot be is said before training") {
    const TemporaryFolder folder;
    folder.put("file", "x");
    CHECK(thrown_message([&] {
              train::RunFolder{folder / "file"};
          }).find("a file of that name is there") != std::string::npos);
    const std::vector<std::filesystem::path> runs{folder / "none"};
    CHECK(thrown_message([&] {
              train::write_comparison(folder / "x.html", runs);
          }).find("it has no run.json") != std::string::npos);
    folder.put("none/run.json", "{\"ingot_run\": 1}");
    CHECK(thrown_message([&] {
              train::write_comparison(folder / "x.html", runs);
          }).starts_with("file: run.json of a run folder is damaged: "));
}
