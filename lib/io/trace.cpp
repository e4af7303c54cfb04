// SPDX-License-Identifier: MIT
// A profile as the Trace Event Format, of which complete events ("X") and names ("M") are enough.
#include <ingot/profile.h>

#include <nlohmann/json.hpp>

namespace ingot {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1, kHost = 1, kDevice = 2;

Json named(const char* what, const std::string& name, int track) {
    return {
        {"ph", "M"}, {"name", what}, {"pid", kProcess}, {"tid", track}, {"args", {{"name", name}}}};
}

Json event(const std::string& name, int track, double start_ms, double ms) {
    return {{"ph", "X"},    {"name", name},         {"pid", kProcess},
            {"tid", track}, {"ts", start_ms * 1e3}, {"dur", ms * 1e3}};
}

}  // namespace

std::string trace_of(const Profile& profile) {
    Json events = Json::array();
    events.push_back(named("process_name", "ingot", kHost));
    events.push_back(named("thread_name", "host", kHost));
    events.push_back(named("thread_name", profile.device, kDevice));
    for (const HostSpan& span : profile.host)
        events.push_back(event(span.name, kHost, span.start_ms, span.ms));
    for (std::size_t i = 0; i < profile.runs.size(); ++i) {
        for (const KernelSpan& span : profile.runs[i]) {
            Json kernel = event(span.label, kDevice, span.start_ms, span.ms);
            kernel["args"] = {
                {"kernel", span.name}, {"run", i}, {"flops", span.flops}, {"bytes", span.bytes}};
            if (span.ms > 0) {
                kernel["args"]["gflops"] = span.flops * 1e-6 / span.ms;
                kernel["args"]["gbytes_per_s"] = span.bytes * 1e-6 / span.ms;
            }
            events.push_back(std::move(kernel));
        }
    }
    const Json trace{{"displayTimeUnit", "ms"},
                     {"otherData",
                      {{"device", profile.device},
                       {"driver", profile.driver},
                       {"ceiling_gflops", profile.ceilings.gflops},
                       {"ceiling_gbytes_per_s", profile.ceilings.gbytes_per_s}}},
                     {"traceEvents", std::move(events)}};
    return trace.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ingot
