// SPDX-License-Identifier: MIT
// `ingot eval`: loss and accuracy of trained weights on the test part of some data.
#include "commands.h"
#include "model.h"
#include "run_folder.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

namespace ingot::cli {

int eval(const EvalSettings& settings) {
    std::string data_name = settings.data;
    std::string weights = settings.weights;
    if (!settings.run.empty()) {
        if (data_name.empty()) data_name = read_options(settings.run).data;
        weights = (std::filesystem::path(settings.run) / kWeightsFile).string();
    }
    if (data_name.empty()) data_name = "auto";
    const NamedData data = load_data(data_name);
    const auto load = [&] {
        if (settings.model.empty()) return io::load_module(weights);
        nn::Module net = make_model(settings.model, data.samples.test);
        io::load(net, weights);
        return net;
    };
    const nn::Module net = load();
    check_model(net, settings.model.empty() ? weights : settings.model, data.samples.test);

    auto device = Device::pick({.name = settings.device});
    train::Trainer trainer{device, net, losses::cross_entropy(), optim::Sgd{}};
    const train::Evaluation test = trainer.evaluate(data.samples.test);
    if (settings.json) {
        const nlohmann::ordered_json json{
            {"data", data.name},       {"weights", weights}, {"device", device.info().name},
            {"samples", test.samples}, {"loss", test.loss},  {"accuracy", test.accuracy}};
        fmt::print("{}\n", json.dump(2));
        return 0;
    }
    fmt::print("{} on {}: {} samples, loss {:.4f}, accuracy {:.2f} %\n", weights, data.name,
               test.samples, test.loss, 100 * test.accuracy);
    return 0;
}

}  // namespace ingot::cli
