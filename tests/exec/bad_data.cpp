// SPDX-License-Identifier: MIT
// Labels out of range, found on the device: named with run, index and value; nothing is updated
// from that run on; and the program goes on after the throw as if those runs had not been.
#include "exec_tools.h"
#include "support/log_capture.h"

#include <optional>

using namespace ingot;
using namespace ingot::testing;

namespace {

using Labels = std::vector<std::int32_t>;

// Classifier with running statistics that are known before the loss is.
struct Model {
    Tensor x = input({4, 3}, f32, "x");
    Tensor labels = input({4}, i32, "labels");
    Parameter weight = filled("weight", {3, 3}, 0.5F);
    Parameter running = filled("running", {3}, 0);
    Parameter steps = filled("steps", {}, 0);
    Tensor loss;
    Graph graph;
    std::vector<float> values = random_values(1, 12);

    Model() {
        const Tensor seen = with_update(x, running, running + 1.0F);
        loss = cross_entropy(matmul(seen, weight.tensor()), labels);
        const std::vector<Tensor> wrt{weight.tensor()};
        graph.output(loss);
        graph.update(weight, weight - 0.1F * gradients(loss, wrt)[0]);
        graph.update(steps, steps + 1.0F);
    }
    void run(Program& program, const Labels& given) { program.run({{x, values}, {labels, given}}); }
    float counted() const { return values_of(steps)[0]; }
};

const Labels kGood{0, 1, 2, 0};

}  // namespace

TEST_CASE("bad data: the next call names run, index and value") {
    Model model;
    Program program = test_device().compile(model.graph);
    model.run(program, kGood);
    model.run(program, {0, 1, 7, -3});
    const std::string message = thrown_message([&] { program.read<float>(model.loss); });
    CHECK(
        message ==
        "data: cross_entropy: element 2 of 'labels' is 7, out of range for [4, 3], in run 2; that "
        "run and those after it changed no parameter");
    // wait() and run() throw as well.
    model.run(program, {-1, 1, 1, 1});
    CHECK(thrown_message([&] { program.wait(); }).find("element 0 of 'labels' is -1") !=
          std::string::npos);
    model.run(program, {0, 0, 0, 3});
    std::string thrown = "nothing was thrown";
    for (int run = 0; run < 8 && thrown == "nothing was thrown"; ++run)
        thrown = thrown_message([&] { model.run(program, kGood); });
    CHECK(thrown.find("element 3 of 'labels' is 3") != std::string::npos);
    model.run(program, kGood);
    CHECK(program.read<float>(model.loss) > 0);
    check_validation_said_nothing();
}

TEST_CASE("bad data: suppresses every update of that run and of those in flight behind it") {
    Model model;
    Program program = test_device().compile(model.graph, {.slots = 8});
    for (int run = 0; run < 3; ++run)
        model.run(program, kGood);
    const auto weight = values_of(model.weight);
    CHECK(model.counted() == 3);
    model.run(program, {0, 1, 2, 3});
    for (int run = 0; run < 3; ++run)
        model.run(program, kGood);
    CHECK(values_of(model.weight) == weight);
    CHECK(values_of(model.running) == std::vector<float>(3, 3));  // known before the loss
    CHECK(model.counted() == 3);
    CHECK(thrown_message([&] { program.wait(); }).find("in run 4;") != std::string::npos);
    model.run(program, kGood);
    program.wait();
    CHECK(model.counted() == 4);
    CHECK(values_of(model.running) == std::vector<float>(3, 4));
    CHECK(values_of(model.weight) != weight);
}

TEST_CASE("bad data: random streams go on as if the runs had not been") {
    Generator generator(3);
    const Tensor logits = input({2, 3}), labels = input({2}, i32);
    const Tensor numbers = generator.uniform({4});
    const Tensor loss = cross_entropy(logits, labels);
    Program program = test_device().compile(outputs({loss, numbers}));
    const std::vector<float> x(6, 0);
    const Labels good{0, 1}, bad{0, 5};
    program.run({{logits, x}, {labels, good}});
    program.run({{logits, x}, {labels, bad}});
    program.run({{logits, x}, {labels, good}});
    CHECK_THROWS_AS(program.wait(), Error);
    CHECK(generator.counter() == 1);
    program.run({{logits, x}, {labels, good}});
    const auto after = program.read_all<float>(numbers);
    generator.set_counter(1);
    program.run({{logits, x}, {labels, good}});
    CHECK(program.read_all<float>(numbers) == after);
}

TEST_CASE("bad data: in a slice, the element is found behind the view; computed labels are named") {
    const Tensor logits = input({4, 3}), many = input({68}, i32, "many");
    const Tensor part = slice(many, {.begin = 64});
    const Tensor loss = cross_entropy(logits, part);
    Program program = test_device().compile(outputs({loss}));
    Labels values(68, 1);
    values[3] = 99;   // outside the slice
    values[66] = 42;  // its element 2
    program.run({{logits, std::vector<float>(12, 0)}, {many, values}});
    CHECK(thrown_message([&] { program.wait(); }).find("element 2 of 'many' is 42") !=
          std::string::npos);

    const Tensor numbers = input({4});
    const Tensor computed = cross_entropy(logits, cast(numbers, i32));
    Program other = test_device().compile(outputs({computed}));
    other.run({{logits, std::vector<float>(12, 0)}, {numbers, std::vector<float>{0, 1, 8, 9}}});
    CHECK(thrown_message([&] { other.wait(); }).find("cross_entropy: element 2 of '%") !=
          std::string::npos);
}

TEST_CASE("bad data: each of several losses and programs is told apart") {
    const Tensor logits = input({2, 3}), a = input({2}, i32, "a"), b = input({2}, i32, "b");
    const Tensor loss = cross_entropy(logits, a) + cross_entropy(logits * 2.0F, b);
    Program program = test_device().compile(outputs({loss}));
    const std::vector<float> x(6, 0);
    program.run({{logits, x}, {a, Labels{0, 1}}, {b, Labels{0, 9}}});
    CHECK(thrown_message([&] { program.wait(); }).find("element 1 of 'b' is 9") !=
          std::string::npos);
    program.run({{logits, x}, {a, Labels{8, 1}}, {b, Labels{0, 1}}});
    CHECK(thrown_message([&] { program.wait(); }).find("element 0 of 'a' is 8") !=
          std::string::npos);

    // Another program in flight behind it updates nothing either, and says so.
    const Parameter p = filled("p", {4}, 1);
    Graph update;
    update.update(p, p + 1.0F);
    Program other = test_device().compile(update);
    program.run({{logits, x}, {a, Labels{0, 1}}, {b, Labels{5, 1}}});
    other.run({});
    CHECK(values_of(p) == std::vector<float>(4, 1));
    CHECK(thrown_message([&] {
              other.wait();
          }).find("an operation of another program of this device, in run 1") != std::string::npos);
    CHECK(thrown_message([&] { program.wait(); }).find("element 0 of 'b' is 5") !=
          std::string::npos);
    other.run({});
    other.wait();
    CHECK(values_of(p) == std::vector<float>(4, 2));
}

TEST_CASE("bad data: a program that ends unasked says so, and leaves the device clean") {
    const Tensor logits = input({2, 3}), labels = input({2}, i32, "labels");
    const Tensor loss = cross_entropy(logits, labels);
    const std::vector<float> x(6, 0);
    LogCapture log;
    {
        Program program = test_device().compile(outputs({loss}));
        program.run({{logits, x}, {labels, Labels{0, 4}}});
    }
    CHECK(
        log.contains("a program ended before anyone asked for this: cross_entropy: element 1 of "
                     "'labels' is 4"));
    Program next = test_device().compile(outputs({loss}));
    next.run({{logits, x}, {labels, Labels{0, 1}}});
    CHECK(next.read<float>(loss) == doctest::Approx(1.0986).epsilon(1e-3));
}
