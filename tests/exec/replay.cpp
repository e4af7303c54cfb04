// SPDX-License-Identifier: MIT
// A recorded step, replayed, computes what the interpreter computes, run after run: random graphs
// with state, with new inputs each time; and graphs that need no barrier have none.
#include "exec_tools.h"
#include "support/interpreter.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

using namespace ingot;
using namespace ingot::testing;

namespace {

// The same step in double precision, its states carried from run to run.
class Reference {
public:
    explicit Reference(const Graph& graph) : body_(graph::linearize(graph)), machine_(body_) {
        for (graph::ValueId id = 0; id < body_.values.size(); ++id) {
            if (body_.values[id].kind != graph::ValueKind::kState) continue;
            std::vector<double>& words = words_of(*body_.values[id].state);
            machine_.place(id, {&words, body_.values[id].state->offset_bytes / 4});
        }
        for (const graph::BodyUpdate& update : body_.updates)
            words_of(*update.target);
    }

    void run(const std::vector<Tensor>& inputs, const std::vector<std::vector<float>>& values) {
        for (graph::ValueId id = 0; id < body_.values.size(); ++id) {
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                if (body_.values[id].leaf != inputs[i].node()) continue;
                machine_.set(id, {values[i].begin(), values[i].end()});
            }
        }
        machine_.run_body();
        std::vector<std::vector<double>> updated;
        for (const graph::BodyUpdate& update : body_.updates)
            updated.push_back(machine_.get(update.value));
        for (std::size_t i = 0; i < updated.size(); ++i) {
            const graph::State& state = *body_.updates[i].target;
            std::copy(
                updated[i].begin(), updated[i].end(),
                words_of(state).begin() + static_cast<std::ptrdiff_t>(state.offset_bytes / 4));
        }
    }

    std::vector<double> output(std::size_t i) const { return machine_.get(body_.outputs[i].use); }

    const graph::Body& body() const { return body_; }
    std::vector<double>& words_of(const graph::State& state) {
        graph::Slab& slab = *state.slab;
        auto& words = slabs_[&slab];
        if (words.empty()) {
            const auto bytes = slab.initial_contents();
            std::vector<float> floats(bytes.size() / 4);
            std::memcpy(floats.data(), bytes.data(), bytes.size());
            words.assign(floats.begin(), floats.end());
        }
        return words;
    }

private:
    graph::Body body_;
    Interpreter machine_;
    std::map<const graph::Slab*, std::vector<double>> slabs_;
};

void check_close(const std::vector<float>& values, const std::vector<double>& expected) {
    REQUIRE(values.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        REQUIRE(std::isfinite(expected[i]));
        const double error = std::abs(static_cast<double>(values[i]) - expected[i]);
        worst = std::max(worst, error / (1 + std::abs(expected[i])));
    }
    CHECK(worst < 1e-5);
}

void check_replay(std::uint64_t seed, const RandomGraphOptions& options, bool guards) {
    INFO("seed " << seed);
    RandomGraph random = random_graph(seed, options);
    // Outputs are sums of what each step made of state, so errors would pile up if there were any.
    for (Parameter& parameter : random.parameters)
        graph::slab_of(parameter.state());
    Reference reference(random.graph);
    Program program = test_device().compile(random.graph, {.guard_bytes = guards});
    for (std::uint64_t run = 0; run < 4; ++run) {
        std::vector<std::vector<float>> values;
        std::vector<Feed> feeds;
        for (const Tensor& tensor : random.inputs)
            values.push_back(random_values(seed + run * 31, tensor.shape().count()));
        for (std::size_t i = 0; i < random.inputs.size(); ++i) {
            const bool read = std::any_of(
                reference.body().values.begin(), reference.body().values.end(),
                [&](const graph::Value& v) { return v.leaf == random.inputs[i].node(); });
            if (read) feeds.emplace_back(random.inputs[i], values[i]);
        }
        program.run(feeds);
        reference.run(random.inputs, values);
        if (run % 2 == 1) {
            for (std::size_t i = 0; i < random.graph.outputs.size(); ++i) {
                INFO("run " << run << ", output " << i);
                check_close(program.read_all<float>(random.graph.outputs[i]), reference.output(i));
            }
        }
    }
    for (const Parameter& parameter : random.parameters) {
        const graph::State& state = *parameter.state();
        const auto& words = reference.words_of(state);
        const auto first = words.begin() + static_cast<std::ptrdiff_t>(state.offset_bytes / 4);
        INFO(parameter.name());
        check_close(values_of(parameter), {first, first + parameter.shape().count()});
    }
    if (guards) program.check_guards();
    CHECK(program.stats().recordings == 1);
}

}  // namespace

TEST_CASE("replay: random graphs with state, as the interpreter has it") {
    for (std::uint64_t seed = 0; seed < 24; ++seed)
        check_replay(seed, {.operations = 8 + seed % 25, .scale = 1 + static_cast<int>(seed % 4)},
                     false);
    check_memory_is_as_planned();
    check_validation_said_nothing();
}

TEST_CASE("replay: the same between guards") {
    for (std::uint64_t seed = 100; seed < 108; ++seed)
        check_replay(seed, {.operations = 20, .scale = 3}, true);
    check_memory_is_as_planned();
    check_validation_said_nothing();
}

TEST_CASE("replay: two runs with equal inputs give equal bits") {
    const RandomGraph random = random_graph(5, {.operations = 25, .updates = false, .scale = 8});
    Program program = test_device().compile(random.graph);
    std::vector<std::vector<float>> values;
    for (const Tensor& tensor : random.inputs)
        values.push_back(random_values(3, tensor.shape().count()));
    const graph::Body body = graph::linearize(random.graph);
    std::vector<Feed> feeds;
    for (std::size_t i = 0; i < values.size(); ++i) {
        for (const graph::Value& value : body.values) {
            if (value.leaf == random.inputs[i].node())
                feeds.emplace_back(random.inputs[i], values[i]);
        }
    }
    program.run(feeds);
    const auto first = program.read_all<float>(random.graph.outputs[0]);
    for (int run = 0; run < 4; ++run)
        program.run(feeds);
    CHECK(std::memcmp(program.read_all<float>(random.graph.outputs[0]).data(), first.data(),
                      first.size() * sizeof(float)) == 0);
}

TEST_CASE("replay: barriers stand only between dispatches that meet in memory") {
    const Tensor x = input({32, 32}), y = input({32, 32});
    const auto stats = [](const Graph& graph) { return test_device().compile(graph).stats(); };
    // Two that know nothing of each other, though they read the same input.
    const ProgramStats apart = stats(outputs({matmul(x, y), matmul(y, x)}));
    CHECK(apart.dispatches == 2);
    CHECK(apart.barriers == 0);
    const ProgramStats chained = stats(outputs({matmul(matmul(x, y), y)}));
    CHECK(chained.dispatches == 2);
    CHECK(chained.barriers == 1);
    // Two pairs side by side.
    const ProgramStats pairs = stats(outputs({matmul(matmul(x, y), y), matmul(matmul(y, x), x)}));
    CHECK(pairs.dispatches == 4);
    CHECK(pairs.barriers <= 3);  // memory is used again in between
    // One dispatch, updating in place, needs none either.
    const Parameter p = filled("p", {32, 32}, 1);
    Graph update;
    update.update(p, p * 0.5F + x);
    CHECK(stats(update).barriers == 0);
    CHECK(stats(update).dispatches == 1);
}
