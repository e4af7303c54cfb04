// SPDX-License-Identifier: MIT
// `ingot eval`: loss and accuracy of trained weights on the test part of some data, which goes
// through what the training data went through.
#include "commands.h"
#include "model.h"
#include "run_folder.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <cmath>

namespace ingot::cli {

int eval(EvalSettings settings) {
    std::string weights = settings.weights;
    // Data of its own, if it has no parts, is all for the test.
    double test_share = 1;
    if (!settings.run.empty()) {
        const TrainSettings run = read_options(settings.run);
        weights = (std::filesystem::path(settings.run) / kWeightsFile).string();
        if (settings.data.empty()) {
            static_cast<DataSettings&>(settings) = run;
            test_share = kTestShare;
        } else if (settings.target.empty()) {
            settings.target = run.target;
            settings.labels = settings.labels || run.labels;
            if (settings.resize == 0) settings.resize = run.resize;
        }
    }
    if (settings.data.empty()) settings.data = "auto";
    const NamedData data = load_data(settings, test_share);
    const auto load = [&] {
        if (settings.model.empty()) return io::load_module(weights);
        nn::Module net = make_model(settings.model, data.samples.test);
        io::load(net, weights);
        return net;
    };
    const nn::Module net = load();
    const data::Dataset samples = as_the_net_takes(net, data.samples.test);
    check_model(net, settings.model.empty() ? weights : settings.model, samples);

    auto device = Device::pick({.name = settings.device});
    train::Trainer trainer{device, net, loss_of(samples), optim::Sgd{}};
    const train::Evaluation test = trainer.evaluate(samples, {.metrics = metrics_of(samples)});
    if (settings.json) {
        nlohmann::ordered_json json{{"data", data.name},
                                    {"weights", weights},
                                    {"device", device.info().name},
                                    {"samples", test.samples},
                                    {"loss", test.loss}};
        if (std::isfinite(test.accuracy)) json["accuracy"] = test.accuracy;
        for (const auto& [name, value] : test.metrics)
            json[name] = value;
        fmt::print("{}\n", json.dump(2));
        return 0;
    }
    fmt::print("{} on {}: {}\n", weights, data.name, text_of(test));
    return 0;
}

}  // namespace ingot::cli
