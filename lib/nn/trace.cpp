// SPDX-License-Identifier: MIT
#include "nn/record.h"

#include <ingot/nn/trace.h>

#include <unordered_map>
#include <utility>

namespace ingot::nn {
namespace {

class Tracer : public Recorder {
public:
    Tracer(const Module& module, Trace& trace) : trace_(trace) { name(module, ""); }

    void enter(const Layer& layer, std::initializer_list<Tensor> inputs) override {
        const auto found = names_.find(&layer);
        const bool is_named = found != names_.end();
        if (is_named) {
            for (Open& around : open_)
                around.traced.has_parts = true;
        }
        open_.push_back({.is_named = is_named,
                         .traced = {.name = is_named ? found->second : "",
                                    .type = layer.type(),
                                    .inputs = inputs,
                                    .output = {}}});
    }
    void gave(const Tensor& output) override {
        Open& open = open_.back();
        if (!open.is_named) return;
        open.traced.output = output;
        trace_.layers.push_back(open.traced);
    }
    void leave() override { open_.pop_back(); }
    void reads(const Layer&) override {}

private:
    struct Open {
        bool is_named;
        TracedLayer traced;
    };

    void name(const Module& module, const std::string& as) {
        if (!names_.emplace(module.layer().get(), as).second) return;
        for (const auto& [child, below] : module.children())
            name(below, as.empty() ? child : as + "." + child);
    }

    Trace& trace_;
    std::unordered_map<const Layer*, std::string> names_;
    std::vector<Open> open_;
};

}  // namespace

Trace trace(const Module& module, const Tensor& x, Mode mode) {
    Trace result;
    Tracer tracer(module, result);
    const RecorderScope scope(tracer);
    result.output = module.forward(x, mode);
    return result;
}

}  // namespace ingot::nn
