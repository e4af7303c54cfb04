// SPDX-License-Identifier: MIT
// A run that was interrupted and continued elsewhere ends with the bits of one that was not; what
// does not belong to a checkpoint is refused; a disk that is full does not end a run.
#include "small_run.h"
#include "support/log_capture.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/io.h>

#include <doctest/doctest.h>

#include <filesystem>

using namespace ingot;
using namespace ingot::testing;

namespace {

// A process of its own: nothing but the file is handed on.
Outcome run(const train::FitOptions& options, const data::TrainTest& data) {
    const nn::Module net = small_net();
    train::Trainer trainer = small_trainer(net);
    train::History history = trainer.fit(data.train, options);
    return {net.state_dict(), std::move(history)};
}

void check_same(const Outcome& a, const Outcome& b) {
    CHECK(a.weights == b.weights);
    CHECK(a.history.step_losses == b.history.step_losses);
    REQUIRE(a.history.epochs.size() == b.history.epochs.size());
    for (std::size_t i = 0; i < a.history.epochs.size(); ++i) {
        CHECK(a.history.epochs[i].train_loss == b.history.epochs[i].train_loss);
        CHECK(a.history.epochs[i].train_accuracy == b.history.epochs[i].train_accuracy);
        CHECK(a.history.epochs[i].validation_loss == b.history.epochs[i].validation_loss);
    }
}

}  // namespace

TEST_CASE("a resumed run has the same bits") {
    const auto data = small_data();
    const Outcome whole = run(small_options(data, 4), data);
    for (const std::int64_t stop_epoch : {0, 1, 2}) {
        const TemporaryFolder folder;
        auto options = small_options(data, 4);
        options.checkpoint = {.path = folder / "checkpoint.safetensors", .every_steps = 3};
        options.callbacks = {StopAfter(stop_epoch, 1)};
        const Outcome part = run(options, data);
        CHECK(part.history.stopped == "enough");
        CHECK(part.history.step_losses.size() < whole.history.step_losses.size());
        options.callbacks.clear();
        options.resume = true;
        check_same(run(options, data), whole);
        check_same(run(options, data), whole);  // nothing is left to do
    }
    check_validation();
}

TEST_CASE("more epochs can be added to a finished run") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const Outcome whole = run(small_options(data, 3), data);
    auto options = small_options(data, 1);
    options.checkpoint.path = folder / "checkpoint.safetensors";
    run(options, data);
    options.epochs = 3;
    options.resume = true;
    check_same(run(options, data), whole);
}

TEST_CASE("what a checkpoint does not belong to is refused") {
    const auto data = small_data();
    const TemporaryFolder folder;
    auto options = small_options(data, 1);
    options.checkpoint.path = folder / "checkpoint.safetensors";
    run(options, data);
    options.resume = true;
    options.batch_size = 32;
    CHECK(thrown_message([&] { run(options, data); }).find("the batch size is 16, now it is 32") !=
          std::string::npos);
    options.batch_size = 16;
    options.seed = 5;
    CHECK(thrown_message([&] { run(options, data); }).find("the seed is 2, now it is 5") !=
          std::string::npos);
    options.seed = 2;
    const nn::Linear other{2, 3};
    train::Trainer trainer{test_device(), other, losses::cross_entropy(), optim::AdamW{}};
    CHECK(thrown_message([&] { trainer.fit(data.train, options); }).find("is of another model") !=
          std::string::npos);
    io::write_safetensors(options.checkpoint.path, {});
    CHECK(thrown_message([&] { run(options, data); }).find("is no checkpoint") !=
          std::string::npos);
    io::write_safetensors(options.checkpoint.path, {}, {{"ingot_checkpoint", "{"}});
    CHECK(thrown_message([&] { run(options, data); }).find("is a damaged checkpoint") !=
          std::string::npos);
}

TEST_CASE("the latest and the best checkpoints are kept, those of other runs are not") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const auto file = [&](const std::string& name) {
        return std::filesystem::exists(folder / ("c" + name + ".safetensors"));
    };
    auto options = small_options(data, 6);
    options.checkpoint = {.path = folder / "c.safetensors",
                          .every_steps = 4,
                          .keep = 3,
                          .keep_best = 2,
                          .watch = "accuracy"};
    const Outcome whole = run(options, data);
    for (const char* name : {"", ".1", ".2", ".best", ".best.1"})
        CHECK(file(name));
    CHECK_FALSE(file(".3"));
    CHECK_FALSE(file(".best.2"));

    // The best one holds the weights of the epoch with the highest accuracy.
    std::size_t best = 0;
    for (std::size_t i = 1; i < 6; ++i) {
        const auto accuracy = [&](std::size_t k) {
            return whole.history.epochs[k].validation_accuracy;
        };
        if (accuracy(i) > accuracy(best)) best = i;
    }
    const Outcome until = run(small_options(data, static_cast<std::int64_t>(best) + 1), data);
    const io::Safetensors kept = io::read_safetensors(folder / "c.best.safetensors");
    for (const HostTensor& weight : until.weights)
        CHECK(kept.at("model." + weight.name).data == weight.data);

    // A new run begins its own, with what is left of a killed one out of the way.
    io::write_file(folder / "c.safetensors.99-0.tmp", "x");
    options.epochs = 1;
    options.checkpoint.keep_best = 0;
    options.checkpoint.every_steps = 0;
    run(options, data);
    for (const char* name : {".2", ".best", ".best.1", ".safetensors.99-0.tmp"})
        CHECK_FALSE(file(name));
    CHECK_FALSE(std::filesystem::exists(folder / "c.safetensors.99-0.tmp"));
    options.checkpoint.keep = 0;
    CHECK(thrown_message([&] { run(options, data); }).find("0 latest and 0 best are kept") !=
          std::string::npos);
}

TEST_CASE("a damaged checkpoint is refused before anything changes, and the one before resumes") {
    const auto data = small_data();
    const TemporaryFolder folder;
    const Outcome whole = run(small_options(data, 3), data);
    auto options = small_options(data, 2);
    options.checkpoint = {.path = folder / "c.safetensors", .every_steps = 4};
    run(options, data);
    const std::string good = io::read_file(options.checkpoint.path);
    options.epochs = 3;
    options.resume = true;
    std::uint32_t random = 7;
    for (int i = 0; i < 40; ++i) {
        random = random * 1664525 + 1013904223;
        std::string bad = good;
        const std::size_t at = random % bad.size();
        if (i % 4 == 0) {
            bad.resize(at);
        } else {
            bad[at] = static_cast<char>(bad[at] ^ (1 << (random >> 29)));
        }
        io::write_file(options.checkpoint.path, bad);
        CAPTURE(at);
        const std::string message = thrown_message([&] { run(options, data); });
        // A changed name of metadata that nobody asks for changes nothing.
        if (!message.empty()) CHECK(message.find("c.safetensors") != std::string::npos);
        if (i % 4 == 0) CHECK(message.find("c.1.safetensors: remove") != std::string::npos);
    }
    std::filesystem::remove(options.checkpoint.path);
    check_same(run(options, data), whole);  // from the one before
}

TEST_CASE("a checkpoint that cannot be written is told, tried again, and an error at the end") {
    class Watcher : public train::Callback {
    public:
        explicit Watcher(int* warnings) : warnings_(warnings) {}
        void on_warning(train::FitState&, const std::string& text) override {
            if (text.starts_with("checkpoint not written, training goes on: ")) ++*warnings_;
        }

    private:
        int* warnings_;
    };
    // Makes room on the disk: the folder that was missing appears during the second epoch.
    class MakeRoom : public train::Callback {
    public:
        explicit MakeRoom(std::filesystem::path path) : path_(std::move(path)) {}
        void on_epoch(train::FitState& fit) override {
            if (fit.epoch == 1) std::filesystem::create_directories(path_);
        }

    private:
        std::filesystem::path path_;
    };

    const auto data = small_data();
    const Outcome whole = run(small_options(data, 3), data);
    const TemporaryFolder folder;
    const LogCapture log;
    int warnings = 0;
    auto options = small_options(data, 3);
    options.checkpoint.path = folder / "missing/checkpoint.safetensors";
    options.callbacks = {Watcher(&warnings)};
    CHECK(thrown_message([&] {
              run(options, data);
          }).starts_with("file: the last checkpoint was not written: "));
    CHECK(warnings == 3);
    CHECK(log.contains("checkpoint not written"));

    warnings = 0;
    options.callbacks.emplace_back(MakeRoom(folder / "missing"));
    check_same(run(options, data), whole);
    CHECK(warnings == 1);
    CHECK(std::filesystem::exists(options.checkpoint.path));
}
