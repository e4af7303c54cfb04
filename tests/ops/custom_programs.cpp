// SPDX-License-Identifier: MIT
// Operators of users inside whole steps: training, shared subexpressions, dumps, profiles, bad
// data, and lifetimes.
#include "custom_operators.h"
#include "support/op_case.h"
#include "support/thrown_message.h"
#include "swish.comp.h"

#include <ingot/nn/layer.h>
#include <ingot/optim.h>
#include <ingot/train.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

using namespace ingot;
using namespace ingot::testing;

namespace {

Graph outputs(std::vector<Tensor> tensors) {
    Graph graph;
    graph.outputs = std::move(tensors);
    return graph;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

// A layer as a user writes one.
class Swish : public nn::Layer {
public:
    std::string type() const override { return "Swish"; }
    Tensor forward(const Tensor& x, nn::Mode) override { return swish()(x); }
};

}  // namespace

TEST_SUITE("custom") {
    TEST_CASE("custom: a training step learns through it, in f32 and in bf16") {
        for (const DType dtype : {f32, bf16}) {
            CAPTURE(to_string(dtype));
            std::vector<float> points, values;
            for (int i = 0; i < 64; ++i) {
                points.push_back(4.0F * static_cast<float>(i) / 63.0F - 2.0F);
                values.push_back(std::sin(points.back()));
            }
            const auto x = input({64, 1}), y = input({64, 1});
            const nn::Linear first{1, 16}, second{16, 1};
            const Tensor hidden = swish().with({{"beta", 1.5}})(cast(first(x), dtype));
            CHECK(hidden.dtype() == dtype);
            const Tensor loss = mse_loss(second(cast(hidden, f32)), y);
            auto step = test_device().compile(optim::Adam{{.lr = 2e-2}}.minimize(loss));
            step.run({{x, points}, {y, values}});
            const float before = step.read<float>(loss);
            for (int i = 0; i < 150; ++i)
                step.run({{x, points}, {y, values}});
            CHECK(step.read<float>(loss) < before / 20);
            check_validation();
        }
    }

    TEST_CASE("custom: a layer of one trains with the trainer") {
        const auto spirals = data::spirals({.per_class = 40, .seed = 3});
        const nn::Sequential net{nn::Linear{2, 16}, nn::Module{std::make_shared<Swish>()},
                                 nn::Linear{16, spirals.train.class_count()}};
        train::Trainer trainer{test_device(), net, losses::cross_entropy(),
                               optim::Adam{{.lr = 1e-2}}};
        const double before = trainer.evaluate(spirals.train).loss;
        trainer.fit(spirals.train, {.epochs = 5, .batch_size = 16});
        CHECK(trainer.evaluate(spirals.train).loss < before);
    }

    TEST_CASE("custom: equal calls merge, other attributes and other operators do not") {
        const Tensor x = input({8}, f32, "x");
        const custom::Operator namesake{
            {.name = "swish",
             .spirv = shaders::swish,
             .inputs = {"x"},
             .outputs = {"y"},
             .attributes = {{"beta", 1}},
             .infer = [](const custom::Call& call) { return std::vector{call.inputs[0]}; },
             .launch =
                 [](const custom::Call&, const custom::Limits&) {
                     return custom::Launch{}.parameter("count", 4).invocations(4);
                 },
             .no_gradient = "none"}};
        const auto dispatches = [&](const Tensor& other) {
            return occurrences(to_text(outputs({swish()(x), other})), "= swish(");
        };
        CHECK(dispatches(swish()(x)) == 1);
        CHECK(dispatches(swish().with({{"beta", 1}})(x)) == 1);
        CHECK(dispatches(swish().with({{"beta", 2}})(x)) == 2);
        CHECK(dispatches(namesake(x)) == 2);
    }

    TEST_CASE("custom: dumps, programs and profiles know it by its name") {
        const Tensor x = input({3, 40}, f32, "x");
        const Tensor y = rms_rows().with({{"epsilon", 0.5}})(x + 1.0F);
        const Graph graph = outputs({y});
        CHECK(to_text(graph).find("= rms_rows(") != std::string::npos);
        CHECK(to_text(graph).find("{epsilon=0.5}") != std::string::npos);
        CHECK(to_dot(graph).find("rms_rows") != std::string::npos);
        Program program = test_device().compile(graph, {.profile = true});
        CHECK(program.to_text().find("dispatch rms_rows [3 x 1 x 1]") != std::string::npos);
        const std::vector<float> values(120, 1.0F);
        program.run({{x, values}});
        const auto times = program.kernel_times();
        CHECK(std::any_of(times.begin(), times.end(), [](const KernelTime& time) {
            return time.name == "rms_rows" && time.label == "rms_rows";
        }));
        check_validation();
    }

    TEST_CASE("custom: what its shader reports is thrown, and nothing is updated") {
        const Tensor x = input({4, 2}, f32, "x"), index = input({3}, i32, "index");
        const Parameter steps(HostTensor::of("steps", {}, std::vector<float>{0}));
        Graph graph = outputs({take_rows()(x, index)});
        graph.update(steps, steps + 1.0F);
        Program program = test_device().compile(graph);
        const std::vector<float> rows{0, 1, 2, 3, 4, 5, 6, 7};
        program.run({{x, rows}, {index, std::vector<std::int32_t>{3, 0, 3}}});
        CHECK(program.read_all<float>(graph.outputs[0]) == std::vector<float>{6, 7, 0, 1, 6, 7});
        program.run({{x, rows}, {index, std::vector<std::int32_t>{1, 4, -1}}});
        CHECK(thrown_message([&] { program.wait(); }) ==
              "data: take_rows: there is no row for index 1, in run 2; that run and those after "
              "it changed no parameter");
        CHECK(steps.read().values<float>()[0] == 1);
        check_validation();
    }

    TEST_CASE("custom: a program outlives the operator, whose words come from a file") {
        const auto path = std::filesystem::temp_directory_path() / "ingot_custom_operator.spv";
        {
            std::ofstream file(path, std::ios::binary);
            file.write(reinterpret_cast<const char*>(shaders::swish), sizeof(shaders::swish));
        }
        const Tensor x = input({5});
        Tensor y;
        {
            const auto own = std::make_unique<custom::Operator>(custom::Options{
                .name = "swish_of_a_file",
                .spirv = custom::Spirv::read(path),
                .inputs = {"x"},
                .outputs = {"y"},
                .infer = [](const custom::Call& call) { return std::vector{call.inputs[0]}; },
                .launch =
                    [](const custom::Call&, const custom::Limits&) {
                        return custom::Launch{}
                            .parameter("count", 5)
                            .parameter("beta", 0)
                            .invocations(5);
                    },
                .no_gradient = "none"});
            y = (*own)(x);
        }
        std::filesystem::remove(path);
        Program program = test_device().compile(outputs({y}));
        y = {};
        const std::vector<float> values{-2, -1, 0, 1, 2};
        program.run({{x, values}});
        program.wait();
        CHECK(thrown_message([&] { custom::Spirv::read(path); }) ==
              "file: spirv: " + path.string() + " cannot be read");
    }
}
