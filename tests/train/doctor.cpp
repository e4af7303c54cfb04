// SPDX-License-Identifier: MIT
// Nets with a known disease, on a device: the doctor names it, and says nothing of healthy ones.
#include "doctor_nets.h"
#include "support/text.h"
#include "support/thrown_message.h"

#include "swish.comp.h"

#include <doctest/doctest.h>
#include <ingot/custom.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;
using doctor::Doctor;
using doctor::Verdict;

namespace {

// Everything that a check may move.
std::vector<HostTensor> all_of(const nn::Module& net, const optim::Optimizer& optimizer) {
    std::vector<HostTensor> tensors = net.state_dict();
    for (const Parameter& parameter : optimizer.state())
        tensors.push_back(parameter.read());
    for (const Generator& generator : net.generators()) {
        const auto counter = static_cast<std::int32_t>(generator.counter());
        tensors.push_back(HostTensor::of("counter", {1}, std::vector{counter}));
    }
    return tensors;
}

}  // namespace

TEST_SUITE("doctor") {
    TEST_CASE("healthy nets are left alone") {
        struct Case {
            const char* name;
            nn::Module net;
            data::Dataset train, validation;
            optim::Optimizer optimizer;
            std::int64_t epochs;
        };
        const auto spirals = data::spirals({.per_class = 150, .seed = 1});
        const Case cases[] = {
            {"mlp, spirals", mlp(2, 3), spirals.train, spirals.test, optim::Adam{{.lr = 1e-2}}, 40},
            {"mlp, pictures", mlp(64, 4), pictures(4, 100, 1), pictures(4, 50, 2), optim::AdamW{},
             25},
            {"mlp, sgd", mlp(64, 4), pictures(4, 100, 1), pictures(4, 50, 2),
             optim::Sgd{{.lr = 0.05, .momentum = 0.9}}, 15},
            {"cnn", cnn(4), pictures(4, 100, 1), pictures(4, 50, 2), optim::Adam{{.lr = 2e-3}}, 25},
        };
        for (const Case& c : cases) {
            CAPTURE(c.name);
            Doctor doctor = doctor_of(c.net, c.optimizer);
            const auto before = all_of(c.net, c.optimizer);
            const auto diagnosis =
                doctor.examine(c.train, {.epochs = c.epochs, .validation = c.validation});
            CAPTURE(to_text(diagnosis));
            CHECK(diagnosis.worst() == Verdict::kHealthy);
            CHECK(diagnosis.findings.size() >= 8);
            CHECK(c.net.state_dict() ==
                  std::vector(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(
                                                                   c.net.state_dict().size())));
            for (const Parameter& parameter : c.optimizer.state()) {
                const HostTensor state = parameter.read();
                CHECK(std::find(before.begin(), before.end(), state) != before.end());
            }
        }
        check_validation();
    }

    TEST_CASE("nothing is moved, not by one that throws either") {
        const nn::Module net = cnn(4);
        const optim::Optimizer optimizer = optim::Adam{{.lr = 1e-2}};
        const data::Dataset data = pictures(4, 40, 1);
        train::Trainer trainer{test_device(), net, losses::cross_entropy(), optimizer};
        trainer.fit(data, {.epochs = 1, .batch_size = 32});  // state of all kinds is there
        const auto before = all_of(net, optimizer);
        REQUIRE(before.size() > net.state_dict().size() + 2);
        Doctor doctor{test_device(), net, losses::cross_entropy(), optimizer};
        const doctor::Options options{.batch_size = 32,
                                      .overfit_steps = 20,
                                      .steps = 5,
                                      .epochs = 2,
                                      .validation = data.take(40),
                                      .folds = 2,
                                      .shares = {0.5, 1}};
        doctor.examine(data, options);
        CHECK(all_of(net, optimizer) == before);

        // Nor what training notes on a net: how its data was prepared.
        const nn::Module fresh = mlp(64, 4);
        fresh.set_note("mine", "kept");
        doctor_of(fresh).training(data.normalized(data.measure()), {.epochs = 1});
        for (const auto& [name, text] : fresh.notes())
            CHECK(name + " " + text == "mine kept");
        CHECK(fresh.notes().size() == 1);

        // A label that no output is for, found on the device in the second batch.
        std::vector<float> x(64 * 64, 0.5F);
        std::vector<std::int32_t> labels(64, 1);
        labels[63] = 9;
        const data::Dataset wrong{HostTensor::of("x", {64, 1, 8, 8}, x),
                                  HostTensor::of("y", {64}, labels)};
        CHECK(thrown_message([&] {
                  doctor.training(wrong, {.batch_size = 16, .epochs = 1});
              }).starts_with("data: "));
        CHECK(all_of(net, optimizer) == before);
        check_validation();
    }

    TEST_CASE("the first loss") {
        const data::Dataset data = pictures(4, 40, 1);
        const nn::Module net = mlp(64, 4);
        auto first = doctor_of(net).first_loss(data);
        CHECK(first.expected == doctest::Approx(std::log(4.0)).epsilon(1e-5));
        CHECK(first.expectation == "ln 4");
        CHECK(judge_first_loss(first).verdict == Verdict::kHealthy);
        scale(net, "5.weight", 100);
        first = doctor_of(net).first_loss(data);
        CHECK(judge_first_loss(first).disease == "first loss too high");

        // Of numbers: the variance, and the median's distance.
        std::vector<float> x, y;
        for (int i = 0; i < 101; ++i) {
            x.push_back(static_cast<float>(i) / 101);
            y.push_back(200 + static_cast<float>(i));
        }
        const data::Dataset numbers{HostTensor::of("x", {101, 1}, x),
                                    HostTensor::of("y", {101, 1}, y)};
        Doctor of_numbers{test_device(), mlp(1, 1), losses::mse(), optim::Sgd{}};
        first = of_numbers.first_loss(numbers, {.batch_size = 101});
        CHECK(first.expected == doctest::Approx((101 * 101 - 1) / 12.0));
        CHECK(first.measured > 20 * first.expected);
        CHECK(judge_first_loss(first).disease == "first loss too high");
        CHECK(judge_first_loss(first).remedy.starts_with("Targets normalised"));
        Doctor of_distances{test_device(), mlp(1, 1), losses::l1(), optim::Sgd{}};
        CHECK(of_distances.first_loss(numbers, {.batch_size = 101}).expected ==
              doctest::Approx(50.0 * 51 / 101));
        Doctor of_log{
            test_device(),
            nn::Sequential{mlp(64, 4), nn::Lambda{"LogSoftmax",
                                                  [](const Tensor& t) { return log_softmax(t); }}},
            losses::nll(), optim::Sgd{}};
        first = of_log.first_loss(data);
        CHECK(first.expected == doctest::Approx(std::log(4.0)).epsilon(1e-5));
        CHECK(judge_first_loss(first).verdict == Verdict::kHealthy);
    }

    TEST_CASE("outputs that do not fit the loss") {
        const data::Dataset data = pictures(4, 40, 1);
        const auto of = [&](const nn::Module& last) {
            return diseases(
                judge_outputs(doctor_of(nn::Sequential{mlp(64, 4), last}).outputs(data)));
        };
        CHECK(of(nn::Lambda{"Softmax", [](const Tensor& t) { return softmax(t); }}) ==
              "softmax twice");
        CHECK(of(nn::ReLU{}) == "outputs cut off");
        CHECK(of(nn::Identity{}) == "");
    }

    TEST_CASE("a last layer of zeros") {
        const data::Dataset data = pictures(4, 40, 1);
        const nn::Module net = mlp(64, 4);
        scale(net, "5.weight", 0);
        Doctor doctor = doctor_of(net);
        CHECK(diseases(judge_layers(doctor.layers(data))) == "no gradient");
        // It learns all the same.
        const auto steps = doctor.steps(data);
        CHECK(diseases(judge_parameters(steps.parameters)) == "zero weights");
        CHECK(diseases(judge_layers(steps.layers)) == "");
        CHECK(judge_overfit(doctor.overfit(data, 32)).verdict == Verdict::kHealthy);
        // Two of them do not.
        scale(net, "3.weight", 0);
        scale(net, "3.bias", 0, -1);
        Doctor of_two = doctor_of(net);
        CHECK(of_two.examine(data, {.gradient_parameters = 0}).has("cannot overfit one batch"));
    }

    TEST_CASE("dead units") {
        const data::Dataset data = pictures(4, 40, 1);
        const nn::Module net = mlp(64, 4);
        scale(net, "1.bias", 0, -100);
        Doctor doctor = doctor_of(net);
        const auto layers = doctor.layers(data);
        REQUIRE(layers.size() == 6);
        CHECK(layers[2].dead == 1);
        CHECK(std::isnan(layers[1].dead));
        const auto findings = judge_layers(layers);
        CHECK(holds(diseases(findings), "dead units"));
        for (const doctor::Finding& finding : findings) {
            if (finding.disease == "dead units") {
                CHECK(finding.evidence.find("2 (ReLU)") != std::string::npos);
            }
        }
        // Channels of pictures, too.
        const nn::Module of_channels = cnn(4);
        scale(of_channels, "1.bias", 0, -100);
        CHECK(holds(diseases(judge_layers(doctor_of(of_channels).layers(data))), "dead units"));
    }

    TEST_CASE("vanishing and exploding") {
        const data::Dataset data = pictures(4, 40, 1).flattened();
        std::vector<nn::Module> sigmoids, plain;
        for (int i = 0; i < 20; ++i) {
            sigmoids.push_back(nn::Linear{64, 64});
            sigmoids.push_back(nn::Sigmoid{});
        }
        sigmoids.push_back(nn::Linear{64, 4});
        Doctor doctor = doctor_of(nn::Sequential{sigmoids});
        const auto findings = judge_layers(doctor.layers(data));
        // Where a device has no denormal numbers, the first layers' gradients are 0.
        const std::string expected = "signal lost, vanishing gradients", named = diseases(findings);
        CHECK((named == expected || named == "no gradient, " + expected));
        CHECK(findings[0].evidence.find("0 (Linear)") != std::string::npos);
        CHECK(std::ranges::any_of(findings, [](const doctor::Finding& finding) {
            return finding.disease == "vanishing gradients" && finding.verdict == Verdict::kIll;
        }));

        const nn::Module wild = mlp(64, 4);
        scale(wild, "weight", 200);
        const auto exploding = diseases(judge_layers(doctor_of(wild).layers(data)));
        CHECK(holds(exploding, "exploding activations"));
        CHECK(holds(exploding, "exploding gradients"));
        const nn::Module beyond = mlp(64, 4);
        scale(beyond, "weight", 1e20F);
        CHECK(diseases(judge_layers(doctor_of(beyond).layers(data))) == "not finite");

        const nn::Module saturated =
            nn::Sequential{nn::Linear{64, 64}, nn::Tanh{}, nn::Linear{64, 4}};
        scale(saturated, "0.weight", 100);
        CHECK(diseases(judge_layers(doctor_of(saturated).layers(data))) == "saturated units");
    }

    TEST_CASE("rates") {
        const data::Dataset train = pictures(4, 100, 1), validation = pictures(4, 50, 2);
        const auto of = [&](optim::Optimizer optimizer, std::int64_t epochs) {
            Doctor doctor = doctor_of(mlp(64, 4), std::move(optimizer));
            const auto first = doctor.first_loss(train);
            const auto trained = doctor.training(
                train, {.batch_size = 32, .epochs = epochs, .validation = validation});
            const auto findings =
                doctor::judge_curves(trained.history, {.uninformed_loss = first.expected});
            CAPTURE(findings[0].evidence);
            return diseases(findings);
        };
        CHECK(holds(of(optim::Sgd{{.lr = 100}}, 5), "rate too high"));
        CHECK(holds(of(optim::Adam{{.lr = 3}}, 5), "rate too high"));
        CHECK(of(optim::Sgd{{.lr = 3e-4}}, 10) == "rate too low");
        CHECK(of(optim::Adam{{.lr = 3e-6}}, 10) == "rate too low");

        Doctor fast = doctor_of(mlp(64, 4), optim::Adam{{.lr = 1}});
        CHECK(holds(diseases(judge_parameters(fast.steps(train, {.steps = 3}).parameters)),
                    "updates too large"));
        Doctor slow = doctor_of(mlp(64, 4), optim::Sgd{{.lr = 1e-6}});
        CHECK(diseases(judge_parameters(slow.steps(train).parameters)) == "updates too small");
        // The net is well, and the doctor knows by trying.
        const auto finding = judge_overfit(slow.overfit(train, 32, {.overfit_steps = 200}));
        CHECK(finding.disease == "optimizer at fault");
    }

    TEST_CASE("fits") {
        // Too few samples for so large a net.
        const data::Dataset few = pictures(4, 5, 1, 1.5), validation = pictures(4, 50, 2, 1.5);
        Doctor doctor = doctor_of(mlp(64, 4), optim::Adam{{.lr = 1e-3}});
        auto trained =
            doctor.training(few, {.batch_size = 10, .epochs = 60, .validation = validation});
        CHECK(holds(diseases(doctor::judge_curves(trained.history)), "overfitting"));
        // A line through spirals.
        const auto spirals = data::spirals();
        Doctor line = doctor_of(nn::Linear{2, 3}, optim::Adam{{.lr = 5e-2}});
        trained = line.training(spirals.train, {.epochs = 40, .validation = spirals.test});
        CHECK(diseases(doctor::judge_curves(trained.history)) == "underfitting");
        // Labels that are not those of the samples.
        std::vector<float> x(64 * 64, 0.5F);
        std::vector<std::int32_t> labels;
        for (int i = 0; i < 64; ++i)
            labels.push_back(i % 4);
        const data::Dataset same{HostTensor::of("x", {64, 64}, x),
                                 HostTensor::of("y", {64}, labels)};
        Doctor blind = doctor_of(mlp(64, 4));
        const auto diagnosis =
            blind.examine(same, {.overfit_steps = 100, .gradient_parameters = 0});
        CHECK(diagnosis.has("inputs all the same"));
        CHECK(diagnosis.has("cannot overfit one batch"));
        CHECK(!diagnosis.has("cannot overfit one sample"));
        // More of them.
        const auto points = doctor.learning_curve(
            pictures(4, 100, 1, 1.5),
            {.batch_size = 20, .epochs = 20, .validation = validation, .shares = {0.1, 0.3, 1}});
        REQUIRE(points.size() == 3);
        CHECK(points[0].samples == 40);
        CHECK(points[2].samples == 400);
        CAPTURE(judge_learning_curve(points).evidence);
        CHECK(judge_learning_curve(points).disease == "more data helps");
    }

    TEST_CASE("gradients") {
        const data::Dataset data = pictures(4, 40, 1);
        for (const nn::Module& net : {mlp(64, 4), cnn(4)}) {
            const auto probes = doctor_of(net).gradients(data);
            CHECK(probes.size() == 6);
            for (const doctor::GradientProbe& probe : probes) {
                CAPTURE(probe.parameter);
                CHECK(!probe.is_wrong());
                CHECK(std::abs(probe.analytic) > 0);
            }
        }
        CHECK(doctor_of(mlp(64, 4)).gradients(data, {.gradient_parameters = 2}).size() == 2);

        // An operator whose gradient is 20 % too small, behind the first layer.
        const auto each = [](const custom::Call& call, const custom::Limits&) {
            const auto count = call.inputs[0].shape.count();
            return custom::Launch{}
                .parameter("count", count)
                .constant("LOCAL_SIZE", 32)
                .invocations(count);
        };
        const custom::Operator wrong{
            {.name = "swish",
             .spirv = shaders::swish,
             .inputs = {"x"},
             .outputs = {"y"},
             .attributes = {{"beta", 1}},
             .infer = [](const custom::Call& call) { return std::vector{call.inputs[0]}; },
             .launch = each,
             .gradient = [](const custom::Gradient& g) -> std::vector<Tensor> {
                 const Tensor s = sigmoid(g.inputs[0]);
                 return {0.8F * g.d_outputs[0] * (s + g.outputs[0] * (1 - s))};
             }}};
        const nn::Sequential net{nn::Flatten{}, nn::Linear{64, 32},
                                 nn::Lambda{"Swish", [&](const Tensor& x) { return wrong(x); }},
                                 nn::Linear{32, 4}};
        const auto probes = doctor_of(net).gradients(data);
        REQUIRE(probes.size() == 4);
        CHECK(probes[0].is_wrong());
        CHECK(probes[1].is_wrong());
        CHECK(!probes[2].is_wrong());
        CHECK(!probes[3].is_wrong());
        const auto finding = judge_gradients(probes);
        CHECK(finding.disease == "wrong gradient");
        CHECK(finding.evidence.find("Nearest to the loss is 1.bias") != std::string::npos);
        CHECK(finding.remedy.find("between 1.bias and 3.weight") != std::string::npos);
        check_validation();
    }
}
