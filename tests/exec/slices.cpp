// SPDX-License-Identifier: MIT
// Steps in slices: the pace on a device of ours with a clock of ours, and on the real one that a
// step in slices is the same step, whoever comes in between.
#include "exec/pacer.h"

#include "exec_tools.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <random>
#include <thread>

using namespace ingot;
using namespace ingot::testing;

namespace {

constexpr double kFrame = 16.7e6, kBudget = 4e6;  // ns

// Carries out what it is given, one after the other, and says what it took and when it was over.
class FakeDevice {
public:
    explicit FakeDevice(std::function<double(std::size_t piece)> cost_ns)
        : cost_ns_(std::move(cost_ns)) {}

    void submit(std::size_t piece, double now) {
        const double start = std::max(now, free_at_), taken = cost_ns_(piece);
        free_at_ = start + taken;
        queue_.push_back({start, free_at_});
    }
    // What was over by now, in order; how much of the time until now it was busy since `since`.
    std::vector<double> over(double now) {
        std::vector<double> taken;
        while (done_ < queue_.size() && queue_[done_].end <= now) {
            taken.push_back(queue_[done_].end - queue_[done_].start);
            ++done_;
        }
        return taken;
    }
    double busy_between(double from, double to) const {
        double busy = 0;
        for (const Interval& item : queue_)
            busy += std::max(0.0, std::min(to, item.end) - std::max(from, item.start));
        return busy;
    }

private:
    struct Interval {
        double start, end;
    };
    std::function<double(std::size_t)> cost_ns_;
    std::vector<Interval> queue_;
    std::size_t done_ = 0;
    double free_at_ = 0;
};

struct Paced {
    std::vector<double> busy_ns;  // of each frame
    std::size_t pieces = 0;
};

Paced pace(std::vector<double> estimates_ns, FakeDevice device, int frames) {
    exec::Pacer pacer(estimates_ns);
    Paced result;
    for (int frame = 0; frame < frames; ++frame) {
        const double now = frame * kFrame;
        for (const double taken : device.over(now))
            pacer.finish(taken);
        while (pacer.admits(kBudget)) {
            device.submit(pacer.next(), now);
            pacer.hand_over();
            ++result.pieces;
        }
        if (frame > 0) result.busy_ns.push_back(device.busy_between(now - kFrame, now));
    }
    return result;
}

double percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Net {
    Parameter w = Parameter(HostTensor::of("w", {96, 96}, random_values(3, 96 * 96)));
    Tensor x = input({80, 96}), y;
    std::vector<float> x_values = random_values(1, 80 * 96);
    Graph graph;

    // A chain of products; each step moves w, so that a step too many or too few shows.
    Net() {
        y = x;
        for (int i = 0; i < 4; ++i)
            y = tanh(matmul(y, w.tensor()) * 0.1f);
        graph.output(y);
        graph.update(w, w.tensor() * 0.9f + 0.01f);
    }
    std::vector<Feed> feeds() const { return {{x, x_values}}; }
};

// So small that every dispatch is divided into all its groups.
constexpr double kTiny = 1e-6;

}  // namespace

TEST_CASE("pacer: pieces as estimated fill the budget and no more") {
    const Paced paced = pace({9e5, 9e5, 9e5}, FakeDevice([](std::size_t) { return 9e5; }), 100);
    // Where nothing is known of how times vary, half of them is kept in reserve.
    CHECK(percentile(paced.busy_ns, 0.5) == doctest::Approx(3.6e6));
    CHECK(percentile(paced.busy_ns, 1.0) <= kBudget);
    CHECK(paced.pieces > 350);
}

TEST_CASE("pacer: wrong estimates are put right by the first measurements") {
    for (const double wrong : {0.1, 10.0}) {
        CAPTURE(wrong);
        const std::vector<double> costs{2e5, 7e5, 1e6, 4e5};
        std::vector<double> estimates;
        for (const double cost : costs)
            estimates.push_back(cost * wrong);
        const Paced paced =
            pace(estimates, FakeDevice([=](std::size_t piece) { return costs[piece]; }), 300);
        const std::vector<double> settled(paced.busy_ns.begin() + 30, paced.busy_ns.end());
        CHECK(percentile(settled, 1.0) <= kBudget);
        CHECK(percentile(settled, 0.5) > 0.8 * kBudget);
    }
}

TEST_CASE("pacer: with noise, 19 of 20 frames stay within half as much again") {
    std::mt19937 random(7);
    std::lognormal_distribution<double> noise(0, 0.35);
    std::uniform_real_distribution<double> rare(0, 1);
    const auto cost = [&](std::size_t piece) {
        const double base = 3e5 + 1e5 * static_cast<double>(piece % 5);
        return base * noise(random) * (rare(random) < 0.02 ? 6 : 1);
    };
    const Paced paced = pace(std::vector<double>(17, 5e5), FakeDevice(cost), 1000);
    CHECK(percentile(paced.busy_ns, 0.95) <= 1.5 * kBudget);
    CHECK(percentile(paced.busy_ns, 0.5) > 0.6 * kBudget);
}

TEST_CASE("pacer: a device that falls behind gets nothing new, an idle one always something") {
    exec::Pacer pacer({9e6, 1e6});
    CHECK(pacer.admits(kBudget));  // longer than the budget, but else it would never come
    pacer.hand_over();
    CHECK_FALSE(pacer.admits(kBudget));
    CHECK(pacer.pending() == 1);
    CHECK(pacer.next() == 1);
    pacer.finish(9e6);
    CHECK(pacer.admits(kBudget));
    pacer.hand_over();
    CHECK(pacer.next() == 0);
    CHECK_FALSE(pacer.admits(kBudget));
    pacer.finish();
    CHECK(pacer.expected_ns(1) == 1e6);  // not measured
    CHECK(pacer.expected_ns(0) == 9e6 + 4.5e6);
}

TEST_CASE("slices: a step cut into single groups computes what it does whole") {
    const Net whole_net, net;
    Program whole = test_device().compile(whole_net.graph);
    Program sliced = test_device().compile(net.graph, {.slice_ms = kTiny});
    CHECK(sliced.stats().submissions > sliced.stats().dispatches);
    for (int run = 0; run < 9; ++run) {
        CAPTURE(run);
        whole.run(whole_net.feeds());
        int calls = 0;
        while (!sliced.advance(net.feeds(), kTiny))
            ++calls;
        CHECK(calls > 2);
        CHECK(sliced.read_all<float>(net.y) == whole.read_all<float>(whole_net.y));
    }
    CHECK(sliced.stats().recordings >= 2);
    CHECK(sliced.stats().busy_ms > 0);
    CHECK(values_of(net.w) == values_of(whole_net.w));
    check_validation_said_nothing();
}

TEST_CASE("slices: whoever comes in between finds the step whole") {
    const Net net, other_net;
    Program sliced = test_device().compile(net.graph, {.slice_ms = kTiny});
    Program other = test_device().compile(other_net.graph);
    other.run(other_net.feeds());
    const auto expected = other.read_all<float>(other_net.y);
    const auto begin = [&] {
        write(net.w, values_of(Net().w));
        REQUIRE_FALSE(sliced.advance(net.feeds(), kTiny));
    };
    auto w_after = values_of(Net().w);
    for (float& value : w_after)
        value = value * 0.9f + 0.01f;

    SUBCASE("reading") {
        begin();
        CHECK(sliced.read_all<float>(net.y) == expected);
    }
    SUBCASE("running") {
        begin();
        write(net.w, values_of(Net().w));  // finishes, then puts the old contents back
        sliced.run(net.feeds());
        CHECK(sliced.read_all<float>(net.y) == expected);
    }
    SUBCASE("another program in the same arena") {
        begin();
        const Net third_net;
        Program third = test_device().compile(third_net.graph);
        third.run(third_net.feeds());
        CHECK(sliced.read_all<float>(net.y) == expected);
        CHECK(third.read_all<float>(third_net.y) == expected);
    }
    SUBCASE("a parameter's contents") {
        begin();
        const auto read = values_of(net.w);
        REQUIRE(read.size() == w_after.size());
        for (std::size_t i = 0; i < read.size(); ++i)
            CHECK(std::abs(read[i] - w_after[i]) < 1e-6f);
    }
    SUBCASE("two programs in slices") {
        begin();
        const Net third_net;
        Program third = test_device().compile(third_net.graph, {.slice_ms = kTiny});
        REQUIRE_FALSE(third.advance(third_net.feeds(), kTiny));
        CHECK(sliced.read_all<float>(net.y) == expected);
        CHECK(third.read_all<float>(third_net.y) == expected);
    }
    SUBCASE("the end of the program") {
        begin();
        { const Program gone = std::move(sliced); }
        CHECK(std::abs(values_of(net.w)[0] - w_after[0]) < 1e-6f);
    }
    check_validation_said_nothing();
    check_memory_is_as_planned();
}

TEST_CASE("slices: a budget for many steps gives as many as there are slots, and never waits") {
    const Net net;
    Program sliced = test_device().compile(net.graph, {.slots = 2, .slice_ms = 1e3});
    CHECK(sliced.stats().submissions == 1);
    int steps = 0;
    while (steps < 100 && sliced.advance(net.feeds(), 1e6))
        ++steps;
    CHECK(steps >= 2);
    sliced.wait();
    CHECK(sliced.advance(net.feeds(), 1e6));
}

TEST_CASE("slices: what is refused") {
    const Net net;
    Program whole = test_device().compile(net.graph);
    CHECK(thrown_message([&] { whole.advance(net.feeds(), 4); }) ==
          "invalid argument: advance: the program was compiled without CompileOptions::slice_ms");
    CHECK(thrown_message([&] { test_device().compile(net.graph, {.slice_ms = -1}); }) ==
          "invalid argument: compile: slices of -1 ms; more than 0 are possible");
    CHECK(thrown_message([&] { test_device().compile(net.graph, {.slice_ms = NAN}); }) ==
          "invalid argument: compile: slices of nan ms; more than 0 are possible");
    CHECK(thrown_message(
              [&] { test_device().compile(net.graph, {.slice_ms = 1, .profile = true}); }) ==
          "invalid argument: compile: `profile` times kernels, `slice_ms` pieces of them; choose "
          "one");
    Program sliced = test_device().compile(net.graph, {.slice_ms = 1});
    CHECK(thrown_message([&] { sliced.advance({}, 4); }).find("0 inputs were fed") !=
          std::string::npos);
    CHECK(thrown_message([&] { sliced.advance(net.feeds(), NAN); }) ==
          "invalid argument: advance: a budget of nan ms");
}

TEST_CASE("slices: bad data in a step that is open suppresses all of it") {
    const Tensor x = input({40, 5}), labels = input({40}, i32);
    Parameter w = filled("w", {5, 5}, 0.5f);
    Graph graph;
    const Tensor loss = cross_entropy(matmul(x, w.tensor()), labels);
    graph.output(loss);
    graph.update(w, w.tensor() + loss);
    Program sliced = test_device().compile(graph, {.slice_ms = kTiny});
    const auto x_values = random_values(1, 200);
    std::vector<std::int32_t> good(40, 1), bad(40, 1);
    bad[7] = 99;
    while (!sliced.advance({{x, x_values}, {labels, bad}}, kTiny)) {
    }
    const std::string message = thrown_message([&] {
        // advance() never waits, and the device may be compiling kernels yet.
        for (int i = 0; i < 60'000; ++i) {
            sliced.advance({{x, x_values}, {labels, good}}, kTiny);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    CHECK(message.find("element 7 of") != std::string::npos);
    CHECK(message.find("99") != std::string::npos);
    CHECK(values_of(w) == std::vector<float>(25, 0.5f));
    CHECK_NOTHROW(while (!sliced.advance({{x, x_values}, {labels, good}}, kTiny)){});
    sliced.wait();
    CHECK(values_of(w) != std::vector<float>(25, 0.5f));
    check_validation_said_nothing();
}
