// SPDX-License-Identifier: MIT
// Computes every case on the device and writes what it was given and what came out, one safetensors
// file a case, for compare_pytorch.py.
//   usage: compare_cases FOLDER [SEED [FILTER]]
#include "compare.h"

#include <ingot/device.h>
#include <ingot/error.h>
#include <ingot/io.h>

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>

using namespace ingot;
using namespace ingot::compare;

namespace {

constexpr int kSteps = 100;  // of an optimizer
int files_written = 0;

HostTensor drawn(const Input& input, Draw& draw) {
    HostTensor tensor = HostTensor::zeros(input.name, input.shape, input.dtype);
    if (input.dtype == i32) {
        for (std::int32_t& value : tensor.values<std::int32_t>())
            value = static_cast<std::int32_t>(std::floor(draw.real(input.low, input.high + 1)));
    } else {
        for (float& value : tensor.values<float>())
            value = static_cast<float>(draw.real(input.low, input.high));
    }
    return tensor;
}

HostView view_of(const HostTensor& tensor) {
    return tensor.dtype == i32 ? HostView(tensor.values<std::int32_t>())
                               : HostView(tensor.values<float>());
}

HostTensor read(Program& program, const Tensor& tensor, std::string name) {
    HostTensor result = HostTensor::zeros(std::move(name), tensor.shape(), tensor.dtype());
    program.read(tensor, result.data);
    return result;
}

std::vector<HostTensor> run(Device& device, const Case& row, Draw& draw) {
    std::vector<HostTensor> record;
    Tensors inputs, differentiable;
    std::vector<std::string> names;
    for (const Input& each : row.inputs) {
        inputs.push_back(input(each.shape, each.dtype, each.name));
        record.push_back(drawn(each, draw));
        if (each.dtype != f32) continue;
        differentiable.push_back(inputs.back());
        names.push_back("grad_" + each.name);
    }
    const Tensor y = row.build(inputs);
    const bool has_gradient = row.has_gradient && is_floating(y.dtype());
    Tensors outputs{cast(y, f32)};
    Tensors fed = inputs;
    if (has_gradient) {
        fed.push_back(input(y.shape(), f32, "d_y"));
        record.push_back(drawn({"out_d_y", y.shape()}, draw));
        for (const Tensor& d : gradients(sum(y * fed.back()), differentiable))
            outputs.push_back(d);
    }
    Program program = device.compile({.outputs = outputs});
    std::vector<Feed> feeds;
    for (std::size_t i = 0; i < fed.size(); ++i)
        feeds.emplace_back(fed[i], view_of(record[i]));
    program.run(feeds);
    record.push_back(read(program, outputs[0], "out_y"));
    for (std::size_t i = 1; i < outputs.size(); ++i)
        record.push_back(read(program, outputs[i], names[i - 1]));
    return record;
}

std::vector<HostTensor> run(Device& device, const OptimizerCase& row, Draw& draw) {
    std::vector<HostTensor> record;
    std::vector<Parameter> parameters;
    Tensors targets;
    Tensor loss;
    const std::vector<Shape> shapes = {
        {draw.size(2, 9), draw.size(2, 40)}, {draw.size(1, 70)}, {2, 3, draw.size(1, 5)}};
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        record.push_back(drawn({fmt::format("p{}", i), shapes[i]}, draw));
        parameters.emplace_back(record.back(), ParameterOptions{.name = record.back().name});
        targets.push_back(input(shapes[i]));
        const Tensor term = sum(square(parameters[i] - targets[i]) * 0.3F);
        loss = loss ? loss + term : term;
    }
    optim::Optimizer optimizer = row.make(parameters);
    Program program = device.compile(optimizer.minimize(loss));
    for (int step = 0; step < kSteps; ++step) {
        const std::size_t first = record.size();
        for (std::size_t i = 0; i < shapes.size(); ++i)
            record.push_back(drawn({fmt::format("target{}.{}", i, step), shapes[i]}, draw));
        std::vector<Feed> feeds;
        for (std::size_t i = 0; i < shapes.size(); ++i)
            feeds.emplace_back(targets[i], view_of(record[first + i]));
        program.run(feeds);
    }
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        HostTensor end = parameters[i].read();
        end.name = fmt::format("end{}", i);
        record.push_back(std::move(end));
    }
    if (row.around.find("ema_decay") == std::string::npos) return record;
    for (HostTensor& average : optimizer.averages()) {  // by the parameters' names, p0 ...
        average.name.replace(0, 1, "average");
        record.push_back(std::move(average));
    }
    return record;
}

// The weights lie beside the record, as a user saves them.
void write_module(Device& device, const ModuleCase& row, Draw& draw,
                  const std::filesystem::path& folder) {
    const nn::Module net = row.make();
    for (const nn::NamedParameter& named : net.parameters()) {
        // Also what initialize() leaves at 0 or 1; variances are positive.
        const auto contents = drawn({named.name, named.parameter.shape(), 0.1, 0.6}, draw);
        Parameter(named.parameter).write(contents);
    }
    const std::string name = fmt::format("{:04}", files_written++);
    io::save(net, folder / (name + ".weights"));
    const Tensor x = input(row.x);
    std::vector<HostTensor> record{drawn({"x", row.x}, draw)};
    const Tensor y = net(x, nn::Mode::kEval);
    Program program = device.compile({.outputs = {y}});
    program.run({{x, view_of(record[0])}});
    record.push_back(read(program, y, "out_y"));
    io::write_safetensors(
        folder / (name + ".safetensors"), record,
        {{"kind", "module"}, {"torch", row.torch}, {"weights", name + ".weights"}});
}

std::map<std::string, std::string> metadata_of(const Case& row) {
    return {{"kind", "operator"}, {"torch", row.torch}};
}

std::map<std::string, std::string> metadata_of(const OptimizerCase& row) {
    return {{"kind", "optimizer"}, {"torch", row.torch}, {"around", row.around}};
}

template <typename Row>
void write_all(Device& device, const std::vector<Row>& rows, Draw& draw,
               const std::filesystem::path& folder, const std::string& filter) {
    for (const Row& row : rows) {
        if (row.torch.find(filter) == std::string::npos) continue;
        try {
            const auto file = folder / fmt::format("{:04}.safetensors", files_written++);
            io::write_safetensors(file, run(device, row, draw), metadata_of(row));
        } catch (const Error& error) {
            throw Error(error.kind(), row.torch + ": " + error.what());
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: compare_cases FOLDER [SEED [FILTER]]\n");
        return 2;
    }
    try {
        Draw draw(argc > 2 ? static_cast<std::uint32_t>(std::stoul(argv[2])) : 1);
        const std::string filter = argc > 3 ? argv[3] : "";
        Device device = Device::pick();
        std::printf("%s, %s\n", device.info().name.c_str(), device.info().driver.c_str());
        for (const auto family : {pointwise_cases, tensor_cases, index_cases, layout_cases,
                                  layer_cases, sequence_cases, loss_cases})
            write_all(device, family(draw), draw, argv[1], filter);
        write_all(device, optimizer_cases(), draw, argv[1], filter);
        for (const ModuleCase& row : module_cases()) {
            if (row.torch.find(filter) != std::string::npos)
                write_module(device, row, draw, argv[1]);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "compare_cases: %s\n", error.what());
        return 1;
    }
    return 0;
}
