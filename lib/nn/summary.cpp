// SPDX-License-Identifier: MIT
#include "core/check.h"
#include "nn/record.h"

#include <ingot/graph.h>
#include <ingot/nn/summary.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace ingot::nn {
namespace {

thread_local Recorder* current_recorder = nullptr;

std::int64_t bytes_of(const TensorSpec& spec) {
    return spec.shape.count() * static_cast<std::int64_t>(size_bytes_of(spec.dtype));
}

class Survey : public Recorder {
public:
    Survey(const Module& module, Summary& summary) : summary_(summary) { add(module, "", 0); }

    void enter(const Layer& layer, std::initializer_list<Tensor> inputs) override {
        // What made the inputs belongs to the layer around.
        for (const Tensor& x : inputs)
            count(x);
        const auto found = rows_.find(&layer);
        // A layer that its owner does not name counts as part of it.
        open_.push_back(found != rows_.end() ? found->second : open_.back());
    }
    void gave(const Tensor& output) override {
        count(output);
        SummaryRow& row = summary_.rows[open_.back()];
        row.is_used = true;
        row.output = output.shape();
        row.dtype = output.dtype();
        if (std::find(outputs_.begin(), outputs_.end(), output) != outputs_.end()) return;
        outputs_.push_back(output);
        summary_.activation_bytes += bytes_of(output.spec());
    }
    void leave() override { open_.pop_back(); }
    void reads(const Layer& layer) override {
        const auto found = rows_.find(&layer);
        if (found != rows_.end()) summary_.rows[found->second].is_used = true;
    }

private:
    void add(const Module& module, const std::string& name, std::size_t depth) {
        if (!rows_.emplace(module.layer().get(), summary_.rows.size()).second) return;
        SummaryRow row{.name = name, .type = module.type(), .depth = depth};
        const auto take = [&](const Module& of, std::int64_t sign) {
            for (const NamedParameter& named : of.parameters()) {
                const std::int64_t elements = sign * named.parameter.shape().count();
                row.parameters += elements;
                row.trainable_parameters += named.parameter.trainable() ? elements : 0;
            }
        };
        take(module, 1);
        const std::vector<NamedModule> children = module.children();
        for (const NamedModule& child : children)
            take(child.module, -1);
        summary_.parameters += row.parameters;
        summary_.trainable_parameters += row.trainable_parameters;
        summary_.rows.push_back(std::move(row));
        for (const auto& [child, below] : children)
            add(below, name.empty() ? child : name + "." + child, depth + 1);
    }

    void count(const Tensor& tensor) {
        const std::int64_t flops = counter_.add(tensor);
        if (!open_.empty()) summary_.rows[open_.back()].flops += flops;
    }

    Summary& summary_;
    std::unordered_map<const Layer*, std::size_t> rows_;
    std::vector<std::size_t> open_;
    FlopCounter counter_;
    std::vector<Tensor> outputs_;
};

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3)
        digits.insert(static_cast<std::size_t>(place), ",");
    return digits;
}

using Line = std::array<std::string, 4>;

// `owner` is the name of the layer around, with a dot behind it.
Line line_of(const SummaryRow& row, const std::string& owner) {
    std::string label(2 * row.depth, ' ');
    if (!row.name.empty()) label += row.name.substr(owner.size()) + " ";
    std::string output = row.output ? to_string(*row.output) : "";
    if (row.output && row.dtype != f32) output = to_string(row.dtype) + output;
    return {label + row.type, row.is_used ? output : "not used",
            row.parameters == 0 ? "" : grouped(row.parameters),
            row.flops == 0 ? "" : grouped(row.flops)};
}

}  // namespace

Recorder* Recorder::current() {
    return current_recorder;
}
RecorderScope::RecorderScope(Recorder& recorder) : before_(current_recorder) {
    current_recorder = &recorder;
}
RecorderScope::~RecorderScope() {
    current_recorder = before_;
}

Summary summary(const Module& module, const Tensor& x, Mode mode) {
    if (x.shape().rank() == 0 || x.shape()[0] < 1) {
        fail(ErrorKind::kInvalidArgument, "summary: takes a batch [B, ...], not {}",
             to_string(x.shape()));
    }
    Summary result{.input = x.spec()};
    Survey survey(module, result);
    {
        const RecorderScope scope(survey);
        module.forward(x, mode);
    }
    for (SummaryRow& row : result.rows) {
        row.flops /= x.shape()[0];
        result.flops += row.flops;
    }
    for (const auto& state : {module.parameters(), module.buffers()}) {
        for (const NamedParameter& named : state)
            result.state_bytes += bytes_of(named.parameter.spec());
    }
    return result;
}

std::string to_string(const Summary& summary) {
    std::vector<Line> lines{{"layer", "output", "parameters", "flops"}};
    std::vector<std::string> owners{""};  // of a row at each depth
    for (const SummaryRow& row : summary.rows) {
        lines.push_back(line_of(row, owners[row.depth]));
        owners.resize(row.depth + 1);
        owners.push_back(row.name.empty() ? "" : row.name + ".");
    }
    std::array<std::size_t, 4> widths{};
    for (const Line& line : lines) {
        for (std::size_t column = 0; column < widths.size(); ++column)
            widths[column] = std::max(widths[column], line[column].size());
    }
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{:{}}  {:{}}  {:>{}}  {:>{}}", line[0], widths[0], line[1], widths[1],
                            line[2], widths[2], line[3], widths[3]);
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    const double mebibyte = 1 << 20;
    text += fmt::format(
        "input {}: {} parameters, {} of them trained, {:.2f} MiB with buffers\n"
        "{} flops a sample; the layers' outputs are {:.2f} MiB\n",
        to_string(summary.input), grouped(summary.parameters),
        grouped(summary.trainable_parameters), static_cast<double>(summary.state_bytes) / mebibyte,
        grouped(summary.flops), static_cast<double>(summary.activation_bytes) / mebibyte);
    return text;
}

}  // namespace ingot::nn
