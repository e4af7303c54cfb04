// SPDX-License-Identifier: MIT
// The memory plan as a property: random graphs are executed in the memory that was planned for
// them, in shuffled element order and with garbage in scratch, and must give what they give with
// memory of their own for every value: outputs, new contents of parameters, and nothing else
// changed.
#include "body_tools.h"
#include "core/random.h"
#include "graph/memory_plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

using namespace ingot;
using namespace ingot::graph;
using namespace ingot::testing;

namespace {

constexpr double kGarbage = std::numeric_limits<double>::quiet_NaN();
constexpr double kGuard = 4711;

std::vector<double> doubles_of(const std::vector<std::byte>& bytes) {
    std::vector<float> floats(bytes.size() / 4);
    std::memcpy(floats.data(), bytes.data(), bytes.size());
    return {floats.begin(), floats.end()};
}

class PlannedRun {
public:
    PlannedRun(const Body& body, bool guards, std::uint64_t seed)
        : body_(body), groups_(fuse(body)), random_(seed, 3), machine_(body) {
        for (const Group& group : groups_) {
            scratch_.emplace_back();
            if (group.anchor && random_.below(3) == 0) {
                scratch_.back() = {4 + 4 * std::uint64_t{random_.below(300)}, 256};
            }
        }
        plan_ = plan_memory(body, groups_, scratch_, guards);
        arena_.assign(plan_.arena_bytes / 4, kGarbage);
        inputs_.assign(plan_.inputs_bytes / 4, kGarbage);
        constants_.assign(plan_.constants_bytes / 4, kGarbage);
        for (const Guard& guard : plan_.guards) {
            std::fill_n(arena_.begin() + static_cast<std::ptrdiff_t>(guard.offset_bytes / 4),
                        guard.size_bytes / 4, kGuard);
        }
        const Interpreter fresh(body);
        for (ValueId id = 0; id < body.values.size(); ++id) {
            if (plan_.values[id].region == Region::kNone) continue;
            machine_.place(id, locate(plan_.values[id]));
            if (body.values[id].kind == ValueKind::kConstant) {
                machine_.store(id, 0, fresh.load(id, 0));
            } else if (body.values[id].kind != ValueKind::kComputed) {
                machine_.set(id, leaf_values(body, id));
            }
        }
    }

    const MemoryPlan& plan() const { return plan_; }
    const std::vector<Group>& groups() const { return groups_; }
    const std::map<const Slab*, std::vector<double>>& slabs() const { return slabs_; }

    void run() {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            copy_before(g);
            for (std::size_t k = 0; k < scratch_[g].size(); ++k) {
                std::fill_n(
                    arena_.begin() + static_cast<std::ptrdiff_t>(plan_.scratch_offsets[g][k] / 4),
                    scratch_[g][k] / 4, kGarbage);
            }
            const Operation* anchor = groups_[g].anchor_in(body_);
            if (anchor != nullptr && anchor->def->layout != nullptr) continue;
            const std::vector<std::int64_t> order = shuffled(groups_[g].space.count());
            machine_.run_group(groups_[g], [&](std::int64_t i, std::int64_t) {
                return order[static_cast<std::size_t>(i)];
            });
        }
        copy_before(groups_.size());
    }

    std::vector<double> get(const Use& use) const { return machine_.get(use); }

    std::size_t broken_guards() const {
        std::size_t broken = 0;
        for (const Guard& guard : plan_.guards) {
            for (std::uint64_t word = 0; word < guard.size_bytes / 4; ++word)
                broken += arena_[guard.offset_bytes / 4 + word] != kGuard;
        }
        return broken;
    }

private:
    Location locate(const Placement& place) {
        switch (place.region) {
            case Region::kArena: return {&arena_, place.offset_bytes / 4};
            case Region::kInputs: return {&inputs_, place.offset_bytes / 4};
            case Region::kConstants: return {&constants_, place.offset_bytes / 4};
            case Region::kState: {
                auto& words = slabs_[place.slab.get()];
                if (words.empty()) words = doubles_of(place.slab->initial_contents());
                return {&words, place.offset_bytes / 4};
            }
            case Region::kNone: break;
        }
        FAIL("a value has no place");
        return {};
    }

    void copy_before(std::size_t g) {
        for (const PlannedCopy& copy : plan_.copies) {
            if (copy.before != g) continue;
            const std::vector<double> numbers = machine_.get(copy.from);
            CHECK(numbers.size() * 4 == copy.to.size_bytes);
            const Location to = locate(copy.to);
            std::copy(numbers.begin(), numbers.end(),
                      to.words->begin() + static_cast<std::ptrdiff_t>(to.first));
        }
    }

    std::vector<std::int64_t> shuffled(std::int64_t count) {
        std::vector<std::uint32_t> order(static_cast<std::size_t>(count));
        std::iota(order.begin(), order.end(), 0u);
        shuffle(order, random_);
        return {order.begin(), order.end()};
    }

    const Body& body_;
    std::vector<Group> groups_;
    RandomStream random_;
    Interpreter machine_;
    std::vector<std::vector<std::uint64_t>> scratch_;
    MemoryPlan plan_;
    std::vector<double> arena_, inputs_, constants_;
    std::map<const Slab*, std::vector<double>> slabs_;
};

// What every slab must hold after the step.
void check_states(const Body& body, const PlannedRun& run, const Interpreter& plain) {
    std::map<const Slab*, std::vector<double>> expected;
    const auto at = [&](const State& state) {
        auto& words = expected[state.slab.get()];
        if (words.empty()) words = doubles_of(state.slab->initial_contents());
        return words.begin() + static_cast<std::ptrdiff_t>(state.offset_bytes / 4);
    };
    for (const Value& value : body.values) {
        if (value.kind == ValueKind::kState) at(*value.state);
    }
    for (const BodyUpdate& update : body.updates) {
        const auto numbers = plain.get(update.value);
        std::copy(numbers.begin(), numbers.end(), at(*update.target));
    }
    for (const auto& [slab, words] : expected) {
        INFO("slab " << slab->name);
        REQUIRE(run.slabs().contains(slab));
        CHECK(run.slabs().at(slab) == words);
    }
}

void check_numbers(const Body& body, const PlannedRun& run, std::size_t scratch_bytes) {
    const MemoryPlan& plan = run.plan();
    std::uint64_t sum = scratch_bytes;
    for (const Group& group : run.groups()) {
        for (const ValueId value : group.writes(body))
            sum += align_up(size_bytes_of(body.values[value].spec));
    }
    CHECK(plan.arena_bytes <= sum);
    for (ValueId id = 0; id < body.values.size(); ++id) {
        const Placement& place = plan.values[id];
        CHECK(place.offset_bytes % kAlignmentBytes == 0);
        if (place.region == Region::kArena)
            CHECK(place.offset_bytes + place.size_bytes <= plan.arena_bytes);
    }
    for (const auto& offsets : plan.scratch_offsets) {
        for (const std::uint64_t offset : offsets)
            CHECK(offset % kAlignmentBytes == 0);
    }
    CHECK(std::is_sorted(
        plan.holders.begin(), plan.holders.end(),
        [](const Holder& a, const Holder& b) { return a.size_bytes > b.size_bytes; }));
}

void check_plan(const Graph& graph, bool guards, std::uint64_t seed) {
    const Body body = linearize(graph);
    PlannedRun run(body, guards, seed);
    Interpreter plain(body);
    set_leaves(plain, body);  // before the run, which changes no host contents
    plain.run_body();
    run.run();
    for (std::size_t i = 0; i < body.outputs.size(); ++i) {
        INFO("output " << i);
        CHECK(run.get(body.outputs[i].use) == plain.get(body.outputs[i].use));
    }
    check_states(body, run, plain);
    if (guards) {
        CHECK(run.broken_guards() == 0);
        CHECK(!run.plan().guards.empty());
    } else {
        check_numbers(body, run, 1u << 20);
        CHECK(run.plan().guards.empty());
    }
}

}  // namespace

TEST_CASE("memory plan: random graphs run in it") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random = random_graph(
            seed, {.operations = 5 + seed % 50, .scale = 1 + static_cast<int>(seed % 3)});
        check_plan(random.graph, false, seed);
    }
}

TEST_CASE("memory plan: random graphs run between guards") {
    for (std::uint64_t seed = 0; seed < 80; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random = random_graph(seed, {.operations = 5 + seed % 30});
        check_plan(random.graph, true, seed);
    }
}

TEST_CASE("memory plan: pointwise graphs take over memory all the time") {
    for (std::uint64_t seed = 0; seed < 80; ++seed) {
        INFO("seed " << seed);
        const RandomGraph random = random_graph(seed, {.operations = 120, .kernels = false});
        check_plan(random.graph, false, seed);
    }
}
