// SPDX-License-Identifier: MIT
// Compiles every kernel with a device's own driver and writes what the compiler tells: registers,
// spills, shared memory, instructions. Nothing runs, so a driver without a card will do.
//   usage: compile_kernels OUT.json [MOST [KERNEL]]
//   (tools/drivers compile runs it on driver after driver)
//
// MOST: how many pipelines of a kernel may come from rows of tables; 0, or without it: all that
// differ. KERNEL: only kernels whose name contains it.
// What is compiled: the graph of each row of the operators' test tables and of some whole training
// steps, lowered for this very device, and what is left of the catalogue with default constants. A
// new operator is in it by its table, a new kernel by being there.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "exec/recorder.h"
#include "models.h"
#include "pipelines.h"
#include "support/op_case.h"
#include "vk/pipeline_statistics.h"

#include <ingot/error.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#ifndef _WIN32
#include <unistd.h>
#endif

#include <nlohmann/json.hpp>

namespace ingot::compile_kernels {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

// A compiler that crashes takes this process along; its last words name the kernel.
char last_words[512] = "compile_kernels: crashed before the first kernel\n";

void on_crash(int signal_number) {
#ifndef _WIN32
    (void)!write(STDERR_FILENO, last_words, std::strlen(last_words));
#endif
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Constants that differ from the kernel's own.
Json constants_of(const KernelCall& call) {
    Json constants = Json::object();
    for (std::size_t i = 0; i < call.constants.size(); ++i) {
        const SpecConstant& constant = call.kernel->constants[i];
        if (call.constants[i] != constant.default_bits) {
            constants[std::string(constant.name)] = call.constants[i];
        }
    }
    return constants;
}

Json compiled(vk::Device& device, const Wanted& wanted) {
    const KernelCall& call = wanted.call;
    Json entry{{"kernel", call.kernel->name},
               {"source", wanted.source},
               {"constants", constants_of(call)}};
    if (call.required_subgroup_size != 0) entry["subgroup_size"] = call.required_subgroup_size;
    std::snprintf(last_words, sizeof(last_words),
                  "compile_kernels: the compiler crashed on %s (%s) with %s\n",
                  std::string(call.kernel->name).c_str(), wanted.source.c_str(),
                  entry["constants"].dump().c_str());
    const bool statistics = device.enabled().pipeline_statistics;
    const auto start = Clock::now();
    try {
        const vk::Pipeline& pipeline = exec::pipeline_for(device, call, {.statistics = statistics});
        entry["ms"] = ms_since(start);
        if (!statistics) return entry;
        for (const vk::PipelineExecutable& executable : vk::statistics_of(device, pipeline)) {
            Json table{{"name", executable.name}, {"subgroup_size", executable.subgroup_size}};
            for (const vk::PipelineStatistic& statistic : executable.statistics) {
                table["statistics"][statistic.name] = statistic.value;
            }
            entry["executables"].push_back(table);
        }
    } catch (const Error& error) {
        entry["error"] = error.what();
    }
    return entry;
}

Json list(const std::vector<Remark>& remarks) {
    Json all = Json::array();
    for (const Remark& remark : remarks)
        all.push_back({{"name", remark.name}, {"reason", remark.reason}});
    return all;
}

int run(const char* out, std::size_t most_from_tables, std::string_view kernels) {
    const vk::Instance instance;
    const auto device = vk::Device::create(
        instance, vk::pick_physical_device(instance),
        {.wanted = vk::Features::all(), .cache_dir = {}, .use_pipeline_cache = false});
    Pipelines pipelines(*device);
    for (const auto& [name, graph] : models())
        pipelines.add_graph(name, graph, false);
    ingot::testing::visit_tables(
        [&](const std::string& row, const Graph& graph) { pipelines.add_graph(row, graph, true); });
    pipelines.add_catalog();

    std::vector<Wanted> all = pipelines.wanted(most_from_tables);
    std::erase_if(all, [&](const Wanted& wanted) {
        return wanted.call.kernel->name.find(kernels) == std::string_view::npos;
    });
    Json report{{"device", device->report().name},
                {"driver", device->report().driver_name + " " + device->report().driver_info},
                {"graphs", pipelines.graph_count()},
                {"left_out", pipelines.count() - all.size()},
                {"skipped", list(pipelines.skipped())},
                {"failures", list(pipelines.failures())},
                {"pipelines", Json::array()}};
    for (const Wanted& wanted : all)
        report["pipelines"].push_back(compiled(*device, wanted));
    std::ofstream file(out);
    file << report.dump(1) << '\n';
    file.close();
    if (file) return 0;
    std::fprintf(stderr, "compile_kernels: cannot write %s\n", out);
    return 1;
}

}  // namespace
}  // namespace ingot::compile_kernels

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) {
        std::fprintf(stderr, "usage: compile_kernels OUT.json [MOST [KERNEL]]\n");
        return 2;
    }
    std::signal(SIGSEGV, ingot::compile_kernels::on_crash);
    std::signal(SIGABRT, ingot::compile_kernels::on_crash);
    std::signal(SIGFPE, ingot::compile_kernels::on_crash);
    try {
        return ingot::compile_kernels::run(
            argv[1], argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0, argc > 3 ? argv[3] : "");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "compile_kernels: %s\n", error.what());
        return 1;
    }
}
