// SPDX-License-Identifier: MIT
// `ingot doctor`: of a net and data, and of a run.
#include "command.h"
#include "support/json_file.h"

#include <doctest/doctest.h>
#include <ingot/io.h>

#include <cmath>
#include <string>

using namespace ingot::testing;

TEST_CASE("doctor: a net and its data") {
    const TemporaryFolder folder;
    const Ended well = run_ingot(
        folder,
        "doctor --data spirals --lr 0.01 --epochs 40 --html page.html --suspects labels.csv");
    CAPTURE(well.out);
    CAPTURE(well.error);
    CHECK(well.code == 0);
    CHECK(
        well.out.starts_with("mlp on spirals\n1539 parameters, cross_entropy, adam at 0.01, 540 "
                             "samples [2]"));
    CHECK(holds(well.out, "1.099 is expected, ln 3."));
    for (const char* check : {"first loss", "layers", "gradients", "one sample", "one batch",
                              "updates", "curves", "labels"}) {
        CAPTURE(check);
        CHECK(holds(well.out, std::string("ok    ") + check));
    }
    CHECK(holds(contents_of(folder / "page.html"), "<h1>mlp on spirals</h1>"));
    CHECK(contents_of(folder / "labels.csv").starts_with("sample,name,label,"));

    const Ended ill = run_ingot(folder, "doctor --data spirals --optimizer sgd --lr 3000");
    CAPTURE(ill.out);
    CHECK(ill.code == 3);
    CHECK(holds(ill.out, "\nILL   "));
    CHECK(holds(ill.out, "optimizer at fault"));
}

TEST_CASE("doctor: the curves of a run") {
    const TemporaryFolder folder;
    std::string table = "epoch,train_loss,validation_loss\n";
    for (int i = 0; i < 20; ++i) {
        table += std::to_string(i + 1) + "," + std::to_string(2.3 * std::exp(-i / 4.0)) + "," +
                 std::to_string(0.6 + 1.7 * std::exp(-i / 2.0) + 0.03 * i) + "\n";
    }
    std::filesystem::create_directory(folder / "run");
    ingot::io::write_file(folder / "run/history.csv", table);
    for (const char* run : {"run", "run/history.csv"}) {
        const Ended read = run_ingot(folder, std::string("doctor ") + run);
        CAPTURE(read.error);
        CHECK(read.code == 0);
        CHECK(holds(read.out, "overfitting: The validation loss was lowest in epoch "));
        CHECK(holds(read.out, "20 epochs, 0 steps"));
    }
}

TEST_CASE("doctor: the net, the data and the labels of a run") {
    const TemporaryFolder folder;
    REQUIRE(run_ingot(folder, "train --data spirals --lr 0.01 --epochs 40 --run-dir run").code ==
            0);
    const Ended looked = run_ingot(folder, "doctor run --json run.json --suspects labels.csv");
    CAPTURE(looked.out);
    CAPTURE(looked.error);
    CHECK(looked.code == 0);
    CHECK(looked.out.starts_with("run: mlp on spirals\n1539 parameters, cross_entropy, "));
    const auto whole = json_in(folder / "run.json");
    CHECK(whole["layers"].size() == 4);
    CHECK(whole["parameters"].size() == 4);
    CHECK(whole["labels"]["samples"] == 540);
    CHECK(whole["history"]["epochs"].size() == 40);
    CHECK(contents_of(folder / "labels.csv").starts_with("sample,name,label,"));

    // A run that was killed has its checkpoint only.
    std::filesystem::remove(folder / "run/weights.safetensors");
    REQUIRE(run_ingot(folder, "doctor run --json killed.json").code == 0);
    CHECK(json_in(folder / "killed.json")["parameters"] == whole["parameters"]);

    folder.put("run/checkpoint.safetensors", "nonsense");
    const Ended curves = run_ingot(folder, "doctor run");
    CHECK(curves.code == 0);
    CHECK(curves.out.starts_with("The curves of run\n40 epochs, "));
    CHECK(holds(curves.out, "note  net and data    not examined: "));
}

TEST_CASE("doctor: mistakes") {
    const TemporaryFolder folder;
    const Ended nowhere = run_ingot(folder, "doctor nowhere");
    CHECK(nowhere.code == 1);
    CHECK(holds(nowhere.error, "nowhere"));
    CHECK(run_ingot(folder, "doctor run --data spirals").code == 2);
    const Ended labels = run_ingot(folder, "doctor --data spirals --suspects labels.csv");
    CHECK(labels.code == 1);
    CHECK(labels.error == "ingot: doctor: labels are judged after training: --epochs\n");
}
