// SPDX-License-Identifier: MIT
// The command line as a process that goes on while the test looks at what it writes.
#pragma once

#include "command.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace ingot::testing {

class Running {
public:
    // `before`: words of the shell, "umask 077; " say. What is printed goes to .out and .error.
    Running(const TemporaryFolder& folder, const std::string& arguments,
            const std::string& before = {}) {
        const char* const launcher = std::getenv("INGOT_LAUNCHER");
        const std::string command = "cd '" + folder.path().string() + "' && " + before + "exec " +
                                    (launcher != nullptr ? launcher : "") + " '" + INGOT_CLI +
                                    "' " + arguments + " > .out 2> .error < /dev/null";
        pid_ = fork();
        if (pid_ == 0) {
            setpgid(0, 0);
            execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            _exit(127);
        }
        setpgid(pid_, pid_);
    }
    ~Running() { end(SIGKILL); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Until it is due, or the process has ended, or two minutes are over: whether it was due.
    bool wait_until(const std::function<bool()>& due) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
        while (!has_ended_ && std::chrono::steady_clock::now() < end) {
            if (due()) return true;
            has_ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return due();
    }

    // Its exit code, after the signal if it is not 0; -1 when a signal has ended it.
    int end(int signal = 0) {
        if (!has_ended_) {
            if (signal != 0) kill(-pid_, signal);
            waitpid(pid_, &status_, 0);
            has_ended_ = true;
        }
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }

    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
    int status_ = 0;
    bool has_ended_ = false;
};

}  // namespace ingot::testing
