// SPDX-License-Identifier: MIT
// Runs that are killed or interrupted at any moment: what is left continues bit for bit.
#include "command.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace ingot::testing;

namespace {

// A child of this process, sent `signal` when it is due. Its exit code, or -1 when it was killed.
int run_and_signal(const TemporaryFolder& folder, const std::string& arguments, int signal,
                   const std::function<bool()>& due) {
    const char* const launcher = std::getenv("INGOT_LAUNCHER");
    const std::string command = "cd '" + folder.path().string() + "' && exec " +
                                (launcher != nullptr ? launcher : "") + " '" + INGOT_CLI + "' " +
                                arguments + " > .out 2> .error < /dev/null";
    const pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    setpgid(child, child);
    int status = 0;
    while (!due() && waitpid(child, &status, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (kill(-child, signal) == 0) waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
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
