// SPDX-License-Identifier: MIT
// Submission cutting: the arithmetic, and that a step in pieces is the same step.
#include "exec/cutting.h"

#include "exec_tools.h"

using namespace ingot;
using namespace ingot::testing;

namespace {

using exec::Cut;
using exec::Work;
using Cuts = std::vector<Cut>;

// Of dispatches that cannot be divided.
Cuts cut(const std::vector<double>& times_ns, double budget_ns) {
    std::vector<Work> work;
    for (const double ns : times_ns)
        work.push_back({ns});
    return exec::cut(work, budget_ns);
}

// Six dispatches in a row.
Graph chain(const Tensor& x, const Tensor& w) {
    Tensor y = x;
    for (int i = 0; i < 6; ++i)
        y = tanh(matmul(y, w));
    return outputs({y});
}

}  // namespace

TEST_CASE("cut: pieces stay within the budget unless one dispatch does not") {
    CHECK(cut({}, 10).empty());
    CHECK(cut({3, 3, 3}, 10).empty());
    CHECK(cut({5, 5, 5, 5}, 10) == Cuts{{2}});
    CHECK(cut({5, 5, 5, 5}, 9) == Cuts{{1}, {2}, {3}});
    CHECK(cut({50, 1, 1}, 10) == Cuts{{1}});
    CHECK(cut({1, 50, 1, 1}, 10) == Cuts{{1}, {2}});
    CHECK(cut({1, 1, 1}, 0) == Cuts{{1}, {2}});
    CHECK(cut({0, 0, 0}, 0).empty());
}

TEST_CASE("cut: a long dispatch is divided into equal parts, as far as it has groups") {
    CHECK(exec::cut(std::vector<Work>{{50, 10}}, 10) == Cuts{{0, 2}, {0, 4}, {0, 6}, {0, 8}});
    CHECK(exec::cut(std::vector<Work>{{50, 7}}, 20) == Cuts{{0, 2}, {0, 4}});
    CHECK(exec::cut(std::vector<Work>{{50, 3}}, 1) == Cuts{{0, 1}, {0, 2}});
    CHECK(exec::cut(std::vector<Work>{{50, 1}}, 1).empty());
    CHECK(exec::cut(std::vector<Work>{{0, 9}}, 1).empty());
    CHECK(exec::cut(std::vector<Work>{{50, 4}}, 0) == Cuts{{0, 1}, {0, 2}, {0, 3}});
    // What is left of a piece is filled by what follows: 4, then 8 and 8, with the 2 behind.
    CHECK(exec::cut(std::vector<Work>{{4, 9}, {16, 2}, {2, 9}}, 10) == Cuts{{1, 0}, {1, 1}});
    CHECK(exec::cut(std::vector<Work>{{4, 9}, {16, 2}, {3, 9}}, 10) ==
          Cuts{{1, 0}, {1, 1}, {2, 0}});
}

TEST_CASE("cut: what pieces take is what their parts of dispatches take, and back") {
    const std::vector<Work> work{{4, 9}, {16, 2}, {2, 9}};
    const Cuts cuts{{1, 0}, {1, 1}};
    CHECK(exec::times_of_pieces(work, cuts) == std::vector<double>{4, 8, 10});
    CHECK(exec::times_of_pieces(work, {}) == std::vector<double>{22});
    CHECK(exec::times_of_dispatches(work, cuts, std::vector<double>{4, 8, 10}) ==
          std::vector<double>{4, 16, 2});
    CHECK(exec::times_of_dispatches(work, cuts, std::vector<double>{1, 5, 20}) ==
          std::vector<double>{1, 21, 4});
    // Uneven parts: 3 of 7 groups, then 4.
    CHECK(exec::times_of_pieces(std::vector<Work>{{14, 7}}, Cuts{{0, 3}}) ==
          std::vector<double>{6, 8});
    // Nothing can be said of what was expected to take no time.
    CHECK(exec::times_of_dispatches(std::vector<Work>{{0, 1}}, {}, std::vector<double>{5}) ==
          std::vector<double>{0});
}

TEST_CASE("program: a step in many submissions computes what it does in one") {
    const Tensor x = input({32, 32}), w = input({32, 32});
    const auto x_values = random_values(1, 1024), w_values = random_values(2, 1024);
    const std::vector<Feed> feeds{{x, x_values}, {w, w_values}};
    const Graph graph = chain(x, w);

    Program whole = test_device().compile(graph, {.submission_budget_ms = 1e6});
    whole.run(feeds);
    const auto expected = whole.read_all<float>(graph.outputs[0]);
    CHECK(whole.stats().submissions == 1);
    CHECK(whole.stats().recordings == 1);

    Program pieces = test_device().compile(graph, {.submission_budget_ms = 1e-9});
    CHECK(pieces.stats().submissions == pieces.stats().dispatches);
    CHECK(pieces.stats().dispatches == 6);
    for (int run = 0; run < 8; ++run) {
        pieces.run(feeds);
        if (run % 3 == 0) CHECK(pieces.read_all<float>(graph.outputs[0]) == expected);
    }
    CHECK(pieces.read_all<float>(graph.outputs[0]) == expected);
    check_validation_said_nothing();
}

TEST_CASE("program: once timed, a step is cut once more by what it took") {
    const Tensor x = input({32, 32}), w = input({32, 32});
    const auto x_values = random_values(1, 1024), w_values = random_values(2, 1024);
    const std::vector<Feed> feeds{{x, x_values}, {w, w_values}};
    const Graph graph = chain(x, w);
    // The estimates are some 20 microseconds a dispatch: cut at first, whole once measured. On a
    // busy machine the measured times may lead to the same cuts, so there are several tries.
    std::uint32_t recordings = 0;
    for (int tries = 0; recordings != 2 && tries < 10; ++tries) {
        Program program = test_device().compile(graph, {.submission_budget_ms = 0.1});
        CHECK(program.stats().submissions > 1);
        for (int run = 0; run < 20; ++run)
            program.run(feeds);  // nobody waits
        recordings = program.stats().recordings;
        const auto values = program.read_all<float>(graph.outputs[0]);
        for (int run = 0; run < 5; ++run)
            program.run(feeds);
        CHECK(program.read_all<float>(graph.outputs[0]) == values);
        CHECK(program.stats().recordings == recordings);
        CHECK(program.stats().step_ms > 0);
    }
    CHECK(recordings == 2);
    check_validation_said_nothing();
}

TEST_CASE("program: profiling times every kernel of the last run") {
    const Tensor x = input({32, 32}), w = input({32, 32});
    const auto x_values = random_values(1, 1024);
    Program program = test_device().compile(chain(x, w), {.profile = true});
    program.run({{x, x_values}, {w, x_values}});
    const auto times = program.kernel_times();
    REQUIRE(times.size() == 6);
    double sum = 0;
    for (const KernelTime& time : times) {
        CHECK(time.label == "matmul tanh");
        CHECK(time.ms >= 0);
        CHECK(time.flops >= 2.0 * 32 * 32 * 32);
        sum += time.ms;
    }
    CHECK(sum == doctest::Approx(program.stats().step_ms).epsilon(0.01));
    Program plain = test_device().compile(chain(x, w));
    CHECK(thrown_message([&] {
              plain.kernel_times();
          }).starts_with("invalid argument: kernel_times"));
    CHECK(plain.stats().step_ms == 0);
    check_validation_said_nothing();
}

TEST_CASE("program: profiling is switched on and off between runs, and changes no bit") {
    const Tensor x = input({32, 32}), w = input({32, 32});
    const auto x_values = random_values(1, 1024);
    const Graph graph = chain(x, w);
    Program program = test_device().compile(graph);
    const auto run = [&] {
        program.run({{x, x_values}, {w, x_values}});
        return program.read_all<float>(graph.outputs[0]);
    };
    const auto values = run();
    program.set_profile(true);
    // Nothing was timed yet.
    for (const KernelTime& time : program.kernel_times())
        CHECK(time.ms == 0);
    CHECK(run() == values);
    double sum = 0;
    for (const KernelTime& time : program.kernel_times())
        sum += time.ms;
    CHECK(sum > 0);
    CHECK(program.stats().recordings == 2);
    program.set_profile(false);
    CHECK_THROWS_AS(program.kernel_times(), Error);
    CHECK(run() == values);
    CHECK(program.stats().step_ms > 0);
    CHECK(program.stats().recordings == 3);
    check_validation_said_nothing();
}
