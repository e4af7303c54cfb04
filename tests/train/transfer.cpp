// SPDX-License-Identifier: MIT
// Frozen parts cost no gradient and change no bit, thawed ones learn; features that are computed
// once are those that the network would have computed.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/features.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

nn::Sequential body() {
    return nn::Sequential{nn::Linear{2, 32}, nn::BatchNorm1d{32}, nn::ReLU{}};
}

nn::Sequential net_of(const nn::Module& below) {
    const nn::Sequential net{below, nn::Linear{32, 16}, nn::ReLU{}, nn::Linear{16, 3}};
    net.initialize(3);
    return net;
}

ProgramStats stats_of_step(const nn::Module& net) {
    const Tensor x = input({8, 2}), y = input({8}, i32);
    const Tensor loss = cross_entropy(net(x, nn::Mode::kTrain), y);
    return test_device().compile(optim::Sgd{{.lr = 0.1}}.minimize(loss)).stats();
}

// Names of the tensors whose bits differ.
std::vector<std::string> changed(const std::vector<HostTensor>& before,
                                 const std::vector<HostTensor>& after) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] != after[i]) names.push_back(before[i].name);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("frozen: the backward pass ends above what is frozen") {
    const nn::Sequential all = net_of(body()), head = net_of(body()), top = net_of(body()),
                         bottom = net_of(body());
    nn::freeze(head, {"0"});
    nn::freeze(top, {"0", "1"});
    nn::freeze(bottom, {"1", "3"});
    const auto whole = stats_of_step(all), of_head = stats_of_step(head),
               of_top = stats_of_step(top), of_bottom = stats_of_step(bottom);
    MESSAGE("dispatches: all " << whole.dispatches << ", without 0 " << of_head.dispatches
                               << ", without 0 and 1 " << of_top.dispatches << ", without 1 and 3 "
                               << of_bottom.dispatches);
    // Of a batch norm and a linear layer at least three products and sums go; the second linear
    // layer's two follow. What is frozen above costs no gradient of its own weights.
    CHECK(of_head.dispatches + 3 <= whole.dispatches);
    CHECK(of_top.dispatches + 2 <= of_head.dispatches);
    CHECK(of_bottom.dispatches + 2 <= whole.dispatches);
    CHECK(of_top.state_bytes <= whole.state_bytes);
    check_validation();
}

TEST_CASE("frozen: weights and statistics keep their bits, thawed ones move") {
    const auto data = small_data();
    const nn::Module net = net_of(body());
    train::Trainer trainer = small_trainer(net);
    auto options = small_options(data, 1);

    nn::freeze(net, {"0"});
    nn::freeze_statistics(net, {"0"});
    auto before = net.state_dict();
    trainer.fit(data.train, options);
    auto after = net.state_dict();
    CHECK(changed(before, after) == Names{"1.weight", "1.bias", "3.weight", "3.bias"});

    // As in PyTorch, frozen weights alone leave the statistics to follow.
    nn::thaw_statistics(net);
    before = std::exchange(after, {});
    trainer.fit(data.train, options);
    after = net.state_dict();
    CHECK(changed(before, after) ==
          Names{"0.1.running_mean", "0.1.running_var", "1.weight", "1.bias", "3.weight", "3.bias"});

    // The same trainer goes on with what is thawed between its calls.
    nn::thaw(net, {"0.1"});
    nn::freeze_statistics(net);
    before = std::exchange(after, {});
    trainer.fit(data.train, options);
    after = net.state_dict();
    CHECK(changed(before, after) ==
          Names{"0.1.weight", "0.1.bias", "1.weight", "1.bias", "3.weight", "3.bias"});

    // What one optimizer has updated together is not taken apart.
    nn::freeze(net, {"3"});
    CHECK(thrown_message([&] {
              trainer.fit(data.train, options);
          }).find("give the loss an optimizer of its own") != std::string::npos);
    train::Trainer another = small_trainer(net);
    before = net.state_dict();
    another.fit(data.train, options);
    CHECK(changed(before, net.state_dict()) ==
          Names{"0.1.weight", "0.1.bias", "1.weight", "1.bias"});
    check_validation();
}

TEST_CASE("frozen: a batch norm of frozen statistics trains as it evaluates") {
    const nn::Sequential net{nn::BatchNorm2d{3},
                             nn::InstanceNorm2d{3, {.track_running_stats = true}}};
    for (nn::NamedParameter& named : net.buffers()) {
        HostTensor contents = named.parameter.read();
        for (float& value : contents.values<float>())
            value = value + 0.25F;
        named.parameter.write(contents);
    }
    const auto run = [&](nn::Mode mode) {
        const Tensor x = input({2, 3, 4, 4});
        const Tensor y = net(x, mode);
        std::vector<float> values(96);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::sin(0.3F * static_cast<float>(i));
        Program program = test_device().compile(Graph{}.output(y));
        program.run({{x, values}});
        return program.read_all<float>(y);
    };
    const auto before = net.state_dict();
    const auto evaluated = run(nn::Mode::kEval);
    nn::freeze_statistics(net);
    CHECK(run(nn::Mode::kTrain) == evaluated);
    CHECK(net.state_dict() == before);
    nn::thaw_statistics(net, {"0"});
    CHECK(run(nn::Mode::kTrain) != evaluated);
    CHECK(changed(before, net.state_dict()) == Names{"0.running_mean", "0.running_var"});
    check_validation();
}

TEST_CASE("replaced: a trainer takes up the new head") {
    const auto data = small_data();
    const nn::Module net = net_of(body());
    train::Trainer trainer = small_trainer(net);
    trainer.fit(data.train, small_options(data, 1));
    CHECK(trainer.predict(data.test).shape == Shape{150, 3});
    const nn::Module old = net["3"];
    net.replace("3", nn::Linear{16, 7});
    CHECK(trainer.predict(data.test).shape == Shape{150, 7});
    const auto before = old.state_dict(), fresh = net["3"].state_dict();
    CHECK(thrown_message([&] {
              trainer.fit(data.train, small_options(data, 1));
          }).find("give the loss an optimizer of its own") != std::string::npos);
    small_trainer(net).fit(data.train, small_options(data, 1));
    CHECK(old.state_dict() == before);
    CHECK(changed(fresh, net["3"].state_dict()) == Names{"weight", "bias"});
    check_validation();
}

TEST_CASE("rates: one group a pattern, growing towards the head") {
    const nn::Module net = net_of(body());
    optim::AdamW optimizer{{.lr = 1e-3}};
    train::add_groups(optimizer, net, {"0", "1", "3"}, {.lr = 0.08, .weight_decay = 0}, 2);
    REQUIRE(optimizer.group_count() == 4);
    CHECK(optimizer.learning_rate(0) == 1e-3);
    CHECK(optimizer.learning_rate(1) == 0.02);
    CHECK(optimizer.learning_rate(2) == 0.04);
    CHECK(optimizer.learning_rate(3) == 0.08);

    // Under SGD the step is the rate times the gradient, which one group for all shows.
    const auto step_of = [&](optim::Sgd sgd) {
        const nn::Module fresh = net_of(body());
        const auto before = fresh.state_dict();
        if (sgd.group_count() == 1 && sgd.learning_rate() == 0)
            train::add_groups(sgd, fresh, {"0", "1", "3"}, {.lr = 1}, 4);
        const Tensor x = input({8, 2}), y = input({8}, i32);
        Program step =
            test_device().compile(sgd.minimize(cross_entropy(fresh(x, nn::Mode::kEval), y)));
        const std::vector<float> points{1, 2, -1, 0.5F, 3, -2, 1, 1, -3, 0, 2, 2, 0.1F, -1, 1, -1};
        step.run({{x, points}, {y, std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 0, 1}}});
        step.wait();
        const auto after = fresh.state_dict();
        std::vector<double> largest;  // step, by tensor
        for (std::size_t i = 0; i < before.size(); ++i) {
            double most = 0;
            for (std::size_t k = 0; k < before[i].values<float>().size(); ++k)
                most = std::max<double>(
                    most, std::abs(after[i].values<float>()[k] - before[i].values<float>()[k]));
            largest.push_back(most);
        }
        return largest;
    };
    const auto plain = step_of(optim::Sgd{{.lr = 1}}), graded = step_of(optim::Sgd{{.lr = 0}});
    for (std::size_t i = 0; i < plain.size(); ++i) {
        CAPTURE(i);
        const double share = i < 6 ? 1.0 / 16 : i < 8 ? 1.0 / 4 : 1;
        // Weights below 1 are rounded to 6e-8.
        CHECK(std::abs(graded[i] - share * plain[i]) < 2e-7);
    }
    CHECK(thrown_message([&] {
              train::add_groups(optimizer, net, {"0.1", "0.*.bias", "0.1.bias"}, {});
          }) ==
          "invalid argument: add_groups: all that '0.1.bias' fits is in the groups of "
          "patterns before it");
    CHECK(thrown_message([&] {
              train::add_groups(optimizer, net, {"4"}, {});
          }).find("'4' fits none of 8 names") != std::string::npos);
    CHECK(thrown_message([&] { train::add_groups(optimizer, net, {"0"}, {}, 0.5); }) ==
          "invalid argument: add_groups: the factor is 0.5, not at least 1");
    check_validation();
}

TEST_CASE("features: what the network would have computed, with everything that belongs to it") {
    const auto all = small_data().test;
    // Without the highest class and in another order: the classes stay as many.
    std::vector<std::int64_t> some;
    for (std::int64_t i = all.size() - 1; i >= 0; --i) {
        if (all.label(i) < 2) some.push_back(i);
    }
    const auto data = all.subset(some);
    const nn::Module below = body();
    const nn::Module net = net_of(below);
    const TemporaryFolder folder;
    train::Trainer trainer = small_trainer(below);
    const HostTensor direct = trainer.predict(data, {.batch_size = 16});
    const auto seen = train::features(test_device(), below, data, {.batch_size = 16});
    const auto streamed = train::features(test_device(), below, data,
                                          {.batch_size = 16, .path = folder / "seen.npy"});
    CHECK(folder.file_count() == 2);
    for (const data::Dataset& set : {seen, streamed}) {
        REQUIRE(set.size() == data.size());
        CHECK(set.sample_shape() == Shape{32});
        CHECK(set.class_count() == 3);
        CHECK(set.class_names() == data.class_names());
        for (std::int64_t i = 0; i < set.size(); ++i) {
            CHECK(set.label(i) == data.label(i));
            CHECK(set.name(i) == data.name(i));
        }
        std::vector<std::uint32_t> order(static_cast<std::size_t>(set.size()));
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = static_cast<std::uint32_t>(i);
        HostTensor values = HostTensor::zeros("outputs", direct.shape);
        set.read_inputs(order, values.values<float>());
        CHECK(values == direct);  // the same program over the same batches
    }

    // The whole network in one program: its kernels are fused otherwise, so sums of 32 products of
    // numbers below 10 may be rounded otherwise.
    const nn::Sequential head{net["1"], net["2"], net["3"]};
    const HostTensor whole = small_trainer(net).predict(data),
                     above = small_trainer(head).predict(seen);
    REQUIRE(above.shape == whole.shape);
    for (std::size_t i = 0; i < whole.values<float>().size(); ++i)
        CHECK(std::abs(whole.values<float>()[i] - above.values<float>()[i]) < 1e-5);

    // Training on the file gives the bits that training on memory gives.
    const auto train_head = [&](const data::Dataset& set) {
        const nn::Sequential fresh{nn::Linear{32, 3}};
        small_trainer(fresh).fit(set, {.epochs = 3, .batch_size = 16, .seed = 1});
        return fresh.state_dict();
    };
    CHECK(train_head(seen) == train_head(streamed));
    check_validation();
}

TEST_CASE("features: targets that are numbers, preparations, and what makes no sense") {
    const std::vector<float> inputs{1, 2, 3, 4, 5, 6}, targets{0.5F, -1, 2};
    const data::Dataset data(HostTensor::of("x", {3, 2}, inputs),
                             HostTensor::of("y", {3, 1}, targets));
    const auto seen = train::features(test_device(), nn::Identity{}, data, {.batch_size = 2});
    CHECK_FALSE(seen.has_labels());
    std::vector<float> read(3);
    const std::vector<std::uint32_t> order{0, 1, 2};
    seen.read_targets(order, read);
    CHECK(read == targets);
    std::vector<float> values(6);
    seen.read_inputs(order, values);
    CHECK(values == inputs);

    CHECK(thrown_message([] { train::features(test_device(), nn::Identity{}, data::Dataset{}); }) ==
          "invalid argument: features: of no samples");
    const nn::Lambda one{"Mean", [](const Tensor& x) { return mean(x); }};
    CHECK(thrown_message([&] { train::features(test_device(), one, data); }) ==
          "invalid argument: features: of 3 samples Mean gives [], no row for each");
    const TemporaryFolder folder;
    CHECK_THROWS_AS(train::features(test_device(), nn::Identity{}, data,
                                    {.path = folder / "no such folder" / "seen.npy"}),
                    Error);
    CHECK(folder.file_count() == 0);
    check_validation();
}
