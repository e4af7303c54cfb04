// SPDX-License-Identifier: MIT
// Whole runs from the command line: the run folder and all that is in it, resuming, evaluating.
#include "command.h"
#include "support/json_file.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <filesystem>

using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

// Twenty bright ones and twenty dark ones, of two sizes.
void write_pictures(const TemporaryFolder& folder) {
    for (const char* kind : {"bright", "dark"}) {
        for (int i = 0; i < 20; ++i) {
            ingot::Image image{6 + i % 2, 6, 1, {}};
            const auto level = static_cast<std::uint8_t>((kind[0] == 'b' ? 180 : 20) + i);
            image.pixels.assign(static_cast<std::size_t>(image.width * image.height), level);
            const auto name = folder / ("pictures/" + std::string(kind) + "/" + std::to_string(i));
            std::filesystem::create_directories(name.parent_path());
            ingot::io::write_png(name.string() + ".png", image);
        }
    }
}

}  // namespace

TEST_CASE("help and version") {
    const TemporaryFolder folder;
    CHECK(run_ingot(folder, "--version").out.starts_with("ingot "));
    const Ended help = run_ingot(folder, "train --help");
    CHECK(help.code == 0);
    CHECK(holds(help.out, "--weight-decay"));
}

TEST_CASE("info names the devices") {
    const TemporaryFolder folder;
    const Ended text = run_ingot(folder, "info");
    CHECK(text.code == 0);
    CHECK(holds(text.out, "driver"));
    const Ended json = run_ingot(folder, "info --json");
    CHECK(json.code == 0);
    const Json devices = Json::parse(json.out);
    REQUIRE(!devices.empty());
    for (const char* field : {"name", "type", "driver", "memory_bytes", "features", "limits"}) {
        CHECK(devices[0].contains(field));
    }
}

TEST_CASE("a run in mixed precision is resumed in it, or refused by the device's name") {
    const TemporaryFolder folder;
    const bool stores = Json::parse(run_ingot(folder, "info --json").out)[0]["stores_16_bits"];
    const Ended train =
        run_ingot(folder, "train --data spirals --epochs 2 --precision bf16 --run-dir run");
    CAPTURE(train.error);
    if (!stores) {
        CHECK(train.code == 1);
        CHECK(holds(train.error, "has no 16-bit storage"));
        return;
    }
    REQUIRE(train.code == 0);
    CHECK(json_in(folder / "run/options.json")["precision"] == "bf16");
    const Ended more = run_ingot(folder, "train --resume --epochs 3 --run-dir run");
    CAPTURE(more.error);
    CHECK(more.code == 0);
    CHECK(holds(more.out, "epoch 3/3"));
    const Ended other =
        run_ingot(folder, "train --resume --epochs 4 --precision f32 --run-dir run");
    CHECK(other.code == 1);
    CHECK(holds(other.error, "the precision is"));
    CHECK(run_ingot(folder, "eval --run run").code == 0);
    CHECK(run_ingot(folder, "train --data spirals --precision f8").code == 2);
}

TEST_CASE("a run leaves everything in its folder, and can be evaluated") {
    const TemporaryFolder folder;
    const Ended train = run_ingot(folder, "train --data spirals --epochs 60 --run-dir run");
    CAPTURE(train.error);
    REQUIRE(train.code == 0);
    CHECK(train.error.empty());
    CHECK(holds(train.out, "epoch 60/60"));
    CHECK(holds(train.out, "test: 600 samples, loss "));
    CHECK(holds(train.out, "run folder: run\nreport: run/report.html\n"));
    for (const char* name : {"checkpoint.safetensors", "weights.safetensors", "history.csv"}) {
        CHECK(std::filesystem::file_size(folder / ("run/" + std::string(name))) > 0);
    }
    const Json options = json_in(folder / "run/options.json");
    CHECK(options["data"] == "spirals");
    CHECK(options["lr"] == 1e-3);
    CHECK(options["model_description"]["type"] == "Sequential");
    const Json history = json_in(folder / "run/history.json");
    CHECK(history["epochs"].size() == 60);
    CHECK(history["epochs"][59]["validation_accuracy"] > 0.7);
    CHECK(history["step_losses"].size() == history["steps"]);
    CHECK(holds(contents_of(folder / "run/report.html"), "mlp on spirals"));

    const Ended eval = run_ingot(folder, "eval --run run --json");
    REQUIRE(eval.code == 0);
    const Json result = Json::parse(eval.out);
    CHECK(result["samples"] == 600);
    CHECK(result["accuracy"] > 0.7);
    const Ended other = run_ingot(
        folder, "eval --weights run/weights.safetensors --model mlp --data spirals --json");
    CHECK(Json::parse(other.out)["loss"] == result["loss"]);
}

TEST_CASE("a table: its gaps are filled by what the training part taught, in every command") {
    const TemporaryFolder folder;
    std::string table = "a,sky,price\n", unlabelled = "sky,a\n";
    for (int i = 0; i < 200; ++i) {
        const int a = 300 + i * 137 % 400;
        const char* const sky = i % 2 == 0 ? "grey" : "blue";
        table += (i % 10 == 3 ? "" : std::to_string(a)) + "," + sky + "," +
                 std::to_string(1000 + 3 * a + (i % 2 == 0 ? -200 : 200)) + "\n";
    }
    unlabelled += "grey,400\nblue,\nblue,600\n";
    folder.put("t.csv", table);
    folder.put("u.csv", unlabelled);
    const Ended train =
        run_ingot(folder, "train --data t.csv --epochs 60 --batch-size 16 --run-dir run");
    CAPTURE(train.error);
    REQUIRE(train.code == 0);
    CHECK(holds(train.out, "test: 40 samples, loss "));
    const Json eval = Json::parse(run_ingot(folder, "eval --run run --json").out);
    CHECK(eval["samples"] == 40);
    CHECK(eval["r2"] > 0.7);
    CHECK_FALSE(eval.contains("accuracy"));
    CHECK(Json::parse(run_ingot(folder, "eval --run run --data t.csv --json").out)["samples"] ==
          200);

    const Json values = Json::parse(run_ingot(folder, "predict --run run u.csv --json").out);
    REQUIRE(values.size() == 3);
    CHECK(values[0]["values"][0].get<double>() == doctest::Approx(2000).epsilon(0.1));
    CHECK(values[2]["values"][0].get<double>() == doctest::Approx(3000).epsilon(0.1));
    CHECK(run_ingot(folder, "predict --weights run/weights.safetensors u.csv --out p.csv").code ==
          0);
    CHECK(contents_of(folder / "p.csv").starts_with("sample,value\n0,"));
    CHECK(holds(run_ingot(folder, "summary run/weights.safetensors --shape 3").out, "parameters"));
}

TEST_CASE("pictures by class: predictions name it") {
    const TemporaryFolder folder;
    write_pictures(folder);
    const Ended train = run_ingot(folder,
                                  "train --data pictures --resize 5 --normalize --epochs 20 "
                                  "--batch-size 8 --run-dir run");
    CAPTURE(train.error);
    REQUIRE(train.code == 0);
    CHECK(Json::parse(run_ingot(folder, "eval --run run --json").out)["accuracy"] == 1);
    const Ended predicted =
        run_ingot(folder, "predict --run run pictures/dark/3.png pictures/bright/4.png");
    CHECK(predicted.out.starts_with("sample,class,probability\npictures/dark/3.png,dark,"));
    CHECK(holds(predicted.out, "pictures/bright/4.png,bright,"));
    CHECK(Json::parse(run_ingot(folder, "predict --run run pictures --json").out).size() == 40);
    CHECK(holds(run_ingot(folder, "summary cnn --shape 1,28,28").out, "Conv2d"));
}

TEST_CASE("pictures that cannot be read are named, and left out if told so") {
    const TemporaryFolder folder;
    for (int i = 0; i < 20; ++i) {
        const auto level = static_cast<std::uint8_t>(i % 2 == 0 ? 200 : 20);
        const std::string name =
            (i % 2 == 0 ? "p/bright/" : "p/dark/") + std::to_string(i) + ".png";
        std::filesystem::create_directories((folder / name).parent_path());
        ingot::io::write_png(folder / name, {5, 5, 1, std::vector<std::uint8_t>(25, level)});
    }
    const std::string whole = contents_of(folder / "p/dark/1.png");
    folder.put("p/dark/cut.png", whole.substr(0, whole.size() - 20));
    folder.put("p/bright/note.jpg", "hello");
    const std::string train = "train --data p --epochs 2 --batch-size 4 --run-dir run";
    const Ended refused = run_ingot(folder, train);
    CHECK(refused.code == 1);
    CHECK(holds(refused.error, "of 22 pictures cannot be read"));
    CHECK(holds(refused.error, "p/bright/note.jpg: its first bytes are neither"));
    const Ended went_on = run_ingot(folder, train + " --skip-unreadable");
    CAPTURE(went_on.error);
    CHECK(went_on.code == 0);
    CHECK(holds(went_on.error, "ingot: warning: left out: "));
    CHECK(holds(went_on.error, "p/dark/cut.png"));
    CHECK(json_in(folder / "run/options.json")["skip_unreadable"] == true);
    CHECK(run_ingot(folder, "eval --run run").code == 0);
    CHECK(run_ingot(folder, "train --resume --run-dir run --epochs 3").code == 0);
}

TEST_CASE("a resumed run takes the options of its folder and has the same bits") {
    const TemporaryFolder folder;
    const std::string options =
        "train --data spirals --optimizer sgd --lr 0.05 --batch-size 50 --seed 9 ";
    REQUIRE(run_ingot(folder, options + "--epochs 6 --run-dir whole").code == 0);
    REQUIRE(run_ingot(folder, options + "--epochs 2 --run-dir part").code == 0);
    const Ended resumed = run_ingot(folder, "train --resume --run-dir part --epochs 6");
    CAPTURE(resumed.error);
    REQUIRE(resumed.code == 0);
    CHECK(holds(resumed.out, "resumed in epoch 3"));
    CHECK(contents_of(folder / "part/weights.safetensors") ==
          contents_of(folder / "whole/weights.safetensors"));
    CHECK(json_in(folder / "part/history.json")["step_losses"] ==
          json_in(folder / "whole/history.json")["step_losses"]);
}

TEST_CASE("augmentation is recorded, resumed, and refused when it is another") {
    const TemporaryFolder folder;
    write_pictures(folder);
    const std::string options =
        "train --data pictures --resize 5 --batch-size 8 "
        "--augment crop:padding=1,flip,brightness:factor=0.1:p=0.5 --augment-on ";
    for (const std::string place : {"host", "device"}) {
        CAPTURE(place);
        REQUIRE(run_ingot(folder, options + place + " --epochs 4 --run-dir whole-" + place).code ==
                0);
        const std::string part = "part-" + place;
        REQUIRE(run_ingot(folder, options + place + " --epochs 2 --run-dir " + part).code == 0);
        const Json recorded = json_in(folder / (part + "/options.json"));
        CHECK(recorded["augment"] ==
              Json::array({"crop:padding=1", "flip", "brightness:factor=0.1:p=0.5"}));
        CHECK(recorded["augment_on"] == place);
        const std::string again = "train --resume --run-dir " + part + " --epochs 4";
        const Ended refused = run_ingot(folder, again + " --augment flip");
        CHECK(refused.code == 1);
        CHECK(holds(refused.error, "the augmentation is "));
        const Ended resumed = run_ingot(folder, again);
        CAPTURE(resumed.error);
        REQUIRE(resumed.code == 0);
        CHECK(contents_of(folder / (part + "/weights.safetensors")) ==
              contents_of(folder / ("whole-" + place + "/weights.safetensors")));
    }
    CHECK(contents_of(folder / "whole-host/weights.safetensors") !=
          contents_of(folder / "whole-device/weights.safetensors"));
}

TEST_CASE("a model from a file, and a folder named by the date") {
    const TemporaryFolder folder;
    folder.put("wide.json", R"({"type": "Sequential", "layers": [
        {"type": "Linear", "in_features": 2, "out_features": 40}, {"type": "Tanh"},
        {"type": "Linear", "in_features": 40, "out_features": 3}]})");
    const Ended train = run_ingot(
        folder, "train --data spirals --model wide.json --epochs 3 --validation 0 --patience 2");
    CAPTURE(train.error);
    REQUIRE(train.code == 0);
    REQUIRE(std::filesystem::is_directory(folder / "runs"));
    const auto run = *std::filesystem::directory_iterator(folder / "runs");
    CHECK(run.path().filename().string().ends_with("-wide"));
}
