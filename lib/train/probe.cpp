// SPDX-License-Identifier: MIT
// A look at weights and gradients in passing: the training step's forward and backward pass as a
// program of its own that updates no weights. What the forward pass itself changes, running
// statistics and the counters of random streams, is put back.
#include "train/trainer.h"

#include <algorithm>

namespace ingot::train {

StepProgram Trainer::Impl::compile_probe(const Tensor& x, const Tensor& draws, const Tensor& target,
                                         const Tensor& mask, const Tensor& value) {
    const std::vector<Parameter> parameters = parameters_of(value);
    const std::vector<Tensor> wanted(parameters.begin(), parameters.end());
    const std::optional<optim::LossScaler>& scaler = optimizer.loss_scaler();
    std::vector<Tensor> gradients = ingot::gradients(scaler ? scaler->scale(value) : value, wanted);
    if (scaler) gradients = scaler->unscale(gradients);
    Graph graph;
    graph.output(value);
    for (const Tensor& gradient : gradients)
        graph.output(gradient);
    return {.x = x,
            .drawn = draws,
            .target = target,
            .mask = mask,
            .program = device.compile(graph),
            .loss = value,
            .parameters = parameters,
            .gradients = std::move(gradients)};
}

Probe Trainer::Impl::probe(StepProgram& program, const data::Batch& batch, std::int64_t step) {
    const std::vector<nn::NamedParameter> named = net.parameters();
    const auto name_of = [&](const Parameter& parameter) {
        const auto found = std::find_if(named.begin(), named.end(), [&](const auto& of_net) {
            return of_net.parameter == parameter;
        });
        return found == named.end() ? parameter.name() : found->name;
    };
    std::vector<HostTensor> buffers;
    for (const nn::NamedParameter& buffer : net.buffers())
        buffers.push_back(buffer.parameter.read());
    std::vector<std::uint32_t> counters;
    for (const Generator& generator : net.generators())
        counters.push_back(generator.counter());

    run(program, batch);
    wait();
    Probe probe{.step = step, .loss = program.program.read<float>(program.loss)};
    for (std::size_t i = 0; i < program.parameters.size(); ++i) {
        const Parameter& parameter = program.parameters[i];
        probe.weights.push_back(parameter.read());
        probe.weights.back().name = name_of(parameter);
        probe.gradients.push_back(
            HostTensor::of(probe.weights.back().name, parameter.shape(),
                           program.program.read_all<float>(program.gradients[i])));
    }

    std::size_t i = 0;
    for (nn::NamedParameter& buffer : net.buffers())
        buffer.parameter.write(buffers[i++]);
    i = 0;
    for (Generator& generator : net.generators())
        generator.set_counter(counters[i++]);
    return probe;
}

}  // namespace ingot::train
