// SPDX-License-Identifier: MIT
// Runs that are killed or interrupted at any moment: what is left continues bit for bit.
#include "running.h"
#include "support/json_file.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>

using namespace ingot::testing;

namespace {

// A child of this process, sent `signal` when it is due. Its exit code, or -1 when it was killed.
int run_and_signal(const TemporaryFolder& folder, const std::string& arguments, int signal,
                   const std::function<bool()>& due) {
    Running child(folder, arguments);
    child.wait_until(due);
    return child.end(signal);
}

const std::string kRun = "train --data spirals --optimizer sgd --lr 0.05 --batch-size 50 --seed 9 ";

}  // namespace

TEST_CASE("killed at any moment, a run goes on from its last checkpoint with the same bits") {
    const TemporaryFolder folder;
    REQUIRE(run_ingot(folder, kRun + "--epochs 40 --run-dir whole").code == 0);

    const std::string part = kRun + "--epochs 40 --checkpoint-every 3 --run-dir part";
    int kills = 0;
    std::uint32_t random = 12345;
    for (int i = 0; i < 9; ++i) {
        random = random * 1664525 + 1013904223;
        using Clock = std::chrono::steady_clock;
        const auto end = Clock::now() + std::chrono::milliseconds(250 + 100 * i + random % 300);
        const bool begun = std::filesystem::exists(folder / "part/checkpoint.safetensors");
        const int code = run_and_signal(folder, begun ? part + " --resume" : part, SIGKILL,
                                        [&] { return Clock::now() > end; });
        if (code == 0) break;
        REQUIRE(code == -1);
        ++kills;
    }
    MESSAGE("killed " << kills << " times");
    CHECK(kills > 0);
    const Ended last = run_ingot(folder, part + " --resume");
    CAPTURE(last.error);
    REQUIRE(last.code == 0);
    CHECK(contents_of(folder / "part/weights.safetensors") ==
          contents_of(folder / "whole/weights.safetensors"));
    for (const auto& entry : std::filesystem::directory_iterator(folder / "part"))
        CHECK(entry.path().extension() != ".tmp");
}

TEST_CASE("Ctrl-C ends a run cleanly, with a checkpoint") {
    const TemporaryFolder folder;
    const int code = run_and_signal(folder, kRun + "--epochs 200000 --run-dir run", SIGINT, [&] {
        return std::filesystem::exists(folder / "run/checkpoint.safetensors");
    });
    CHECK(code == 130);
    CHECK(holds(contents_of(folder / ".out"), "to continue: ingot train --resume --run-dir run"));
    CHECK(std::filesystem::exists(folder / "run/checkpoint.safetensors"));
    CHECK(std::filesystem::exists(folder / "run/weights.safetensors"));
}

TEST_CASE("a report that is watched is rewritten while training runs") {
    const TemporaryFolder folder;
    Running run(folder, kRun + "--epochs 200000 --run-dir run --watch");
    std::set<double> written;
    std::size_t epochs = 0;
    const auto page = [&] { return contents_of(folder / "run/report.html"); };
    CHECK(run.wait_until([&] {
        if (!std::filesystem::exists(folder / "run/report.html")) return false;
        const auto json = json_in(folder / "run/run.json");  // replaced whole, never half there
        CHECK(json["status"] == "running");
        CHECK(json["epochs"].size() >= epochs);
        epochs = json["epochs"].size();
        written.insert(json["updated_s"].get<double>());
        return written.size() >= 3;
    }));
    CHECK(epochs > 0);
    CHECK(*written.rbegin() - *written.begin() > 2);
    CHECK(holds(page(), "\"refresh_s\":2"));
    CHECK(holds(page(), "\"status\":\"running\""));
    CHECK(run.end(SIGINT) == 130);
    CHECK(json_in(folder / "run/run.json")["status"] == "stopped");
    CHECK(holds(page(), "\"status\":\"stopped\""));
}

#ifdef __linux__
TEST_CASE("a disk that is full warns, and training goes on until there is room or it ends") {
    // No file may grow beyond a few KiB: enough for the options, not for a checkpoint.
    const std::string full = "ulimit -S -f 8; trap '' XFSZ; ";
    const TemporaryFolder folder;
    if (holds(run_ingot(folder, "info").out, "SwiftShader")) {
        MESSAGE(
            "skipped: SwiftShader keeps the code it makes in files of its own, which are larger");
        return;
    }
    const std::string warning = "checkpoint not written, training goes on: cannot write";
    {
        Running run(folder, kRun + "--epochs 3 --run-dir run", full);
        CHECK(run.end() == 1);
        const std::string said = contents_of(folder / ".error");
        CAPTURE(said);
        CHECK(count_of(said, warning) == 3);
        CHECK(holds(said, "run/checkpoint.safetensors: failed to write after "));
        CHECK(holds(said, "\ningot: the last checkpoint was not written: "));
        CHECK(holds(contents_of(folder / ".out"), "epoch 3/3"));
        CHECK_FALSE(std::filesystem::exists(folder / "run/checkpoint.safetensors"));
        for (const auto& entry : std::filesystem::directory_iterator(folder / "run"))
            CHECK(entry.path().extension() != ".tmp");
    }
    std::filesystem::remove(folder / ".error");
    Running run(folder, kRun + "--epochs 200000 --run-dir room", full);
    CHECK(run.wait_until([&] { return holds(contents_of(folder / ".error"), warning); }));
    const rlimit no_limit{RLIM_INFINITY, RLIM_INFINITY};
    REQUIRE(prlimit(run.pid(), RLIMIT_FSIZE, &no_limit, nullptr) == 0);
    CHECK(run.wait_until(
        [&] { return std::filesystem::exists(folder / "room/checkpoint.safetensors"); }));
    CHECK(run.end(SIGINT) == 130);
    CHECK_FALSE(holds(contents_of(folder / ".error"), "the last checkpoint"));
    CHECK(run_ingot(folder, "train --resume --run-dir room --epochs 1").code == 0);
}
#endif

TEST_CASE("a damaged checkpoint is refused, and the one before it resumes") {
    const TemporaryFolder folder;
    REQUIRE(run_ingot(folder, kRun + "--epochs 6 --run-dir whole").code == 0);
    REQUIRE(run_ingot(folder, kRun + "--epochs 3 --run-dir part").code == 0);
    const auto latest = folder / "part/checkpoint.safetensors";
    std::string bytes = contents_of(latest);
    bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 1);
    folder.put("part/checkpoint.safetensors", bytes);
    const std::string again = "train --resume --run-dir part --epochs 6";
    const Ended refused = run_ingot(folder, again);
    CHECK(refused.code == 1);
    CHECK(
        holds(refused.error, "part/checkpoint.safetensors: is a damaged checkpoint: its checksum"));
    CHECK(
        holds(refused.error, "the checkpoint before it is part/checkpoint.1.safetensors: remove"));
    std::filesystem::remove(latest);
    REQUIRE(run_ingot(folder, again).code == 0);
    CHECK(contents_of(folder / "part/weights.safetensors") ==
          contents_of(folder / "whole/weights.safetensors"));
}
