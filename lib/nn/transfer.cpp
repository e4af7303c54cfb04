// SPDX-License-Identifier: MIT
// Freezing and loading by name.
#include <ingot/nn/transfer.h>

#include "core/check.h"
#include "nn/pattern.h"

#include <ingot/nn/layer.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace ingot::nn {
namespace {

std::vector<NamedParameter> chosen_parameters(const char* what, const Module& module,
                                              const Patterns& patterns) {
    const std::vector<NamedParameter> all = module.parameters();
    std::vector<std::string> names;
    for (const NamedParameter& named : all)
        names.push_back(named.name);
    const std::vector<bool> is_chosen = chosen(what, names, patterns);
    std::vector<NamedParameter> result;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_chosen[i]) result.push_back(all[i]);
    }
    return result;
}

std::vector<std::string> set_trainable(const char* what, const Module& module,
                                       const Patterns& patterns, bool trainable) {
    std::vector<std::string> names;
    for (NamedParameter& named : chosen_parameters(what, module, patterns)) {
        named.parameter.set_trainable(trainable);
        names.push_back(named.name);
    }
    return names;
}

struct StatisticsOf {
    std::string layer;      // its name; of a model that is one layer: empty
    std::string statistic;  // the buffer's
    std::shared_ptr<Layer> owner;
};

void collect_statistics(const Module& module, const std::string& prefix,
                        std::vector<StatisticsOf>& all) {
    const std::vector<NamedModule> children = module.children();
    for (const NamedParameter& buffer : module.buffers()) {
        const bool is_below = std::any_of(
            children.begin(), children.end(),
            [&](const NamedModule& child) { return buffer.name.starts_with(child.name + "."); });
        if (is_below) continue;
        all.push_back({prefix.substr(0, prefix.empty() ? 0 : prefix.size() - 1),
                       prefix + buffer.name, module.layer()});
    }
    for (const NamedModule& child : children)
        collect_statistics(child.module, prefix + child.name + ".", all);
}

std::vector<std::string> set_statistics(const char* what, const Module& module,
                                        const Patterns& patterns, bool frozen) {
    std::vector<StatisticsOf> all;
    collect_statistics(module, "", all);
    if (all.empty()) {
        fail(ErrorKind::kInvalidArgument, "{}: {} has no running statistics", what, module.type());
    }
    std::vector<std::string> names;
    for (const StatisticsOf& one : all)
        names.push_back(one.statistic);
    const std::vector<bool> is_chosen = chosen(what, names, patterns);
    std::vector<std::string> layers;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_chosen[i]) continue;
        all[i].owner->frozen_statistics = frozen;
        if (layers.empty() || layers.back() != all[i].layer) layers.push_back(all[i].layer);
    }
    return layers;
}

// What PyTorch's batch norm counts besides; it plays no part with a fixed momentum.
bool is_ignored(std::string_view name) {
    return name.ends_with("num_batches_tracked");
}

void add_names(std::string& text, const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return;
    if (!text.empty()) text += "; ";
    text += fmt::format("{}: {}", what, fmt::join(names, ", "));
}

constexpr std::array kStates{"matched", "missing", "unexpected", "mismatched", "left out"};

// What a strict or lenient load does not forgive, for people.
std::string faults_of(const LoadReport& report, const LoadOptions& options) {
    std::string text;
    for (const LoadState state :
         {LoadState::kMissing, LoadState::kUnexpected, LoadState::kMismatched}) {
        const bool is_mismatch = state == LoadState::kMismatched;
        if (is_mismatch ? options.ignore_mismatched_sizes : !options.strict) continue;
        std::vector<std::string> names;
        for (const LoadEntry& entry : report.entries) {
            if (entry.state != state) continue;
            names.push_back(is_mismatch
                                ? fmt::format("'{}' is {}, the model's is {}", entry.name,
                                              to_string(*entry.in_file), to_string(*entry.in_model))
                                : fmt::format("'{}'", entry.name));
        }
        add_names(text, is_mismatch ? "different" : kStates[static_cast<std::size_t>(state)],
                  names);
    }
    return text;
}

// The tensors by the names that they have in the model; those left out go to the entries.
std::vector<std::pair<std::string, const HostTensor*>> renamed(std::span<const HostTensor> tensors,
                                                               const LoadOptions& options,
                                                               std::vector<LoadEntry>& left_out) {
    std::vector<std::pair<std::string, const HostTensor*>> result;
    for (const HostTensor& tensor : tensors) {
        if (is_ignored(tensor.name)) continue;
        if (tensor.name.starts_with(options.strip_prefix)) {
            result.emplace_back(
                options.add_prefix + tensor.name.substr(options.strip_prefix.size()), &tensor);
        } else {
            left_out.push_back({.state = LoadState::kLeftOut,
                                .name = tensor.name,
                                .in_file = TensorSpec{tensor.shape, tensor.dtype}});
        }
    }
    if (result.empty() && !tensors.empty() && !options.strip_prefix.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "load_state_dict: none of {} names begins with '{}'; the first is '{}'",
             tensors.size(), options.strip_prefix, tensors.front().name);
    }
    return result;
}

}  // namespace

std::vector<Parameter> matching(const Module& module, const Patterns& patterns) {
    std::vector<Parameter> result;
    for (NamedParameter& named : chosen_parameters("matching", module, patterns))
        result.push_back(std::move(named.parameter));
    return result;
}

std::vector<std::string> freeze(const Module& module, const Patterns& patterns) {
    return set_trainable("freeze", module, patterns, false);
}
std::vector<std::string> thaw(const Module& module, const Patterns& patterns) {
    return set_trainable("thaw", module, patterns, true);
}
std::vector<std::string> freeze_statistics(const Module& module, const Patterns& patterns) {
    return set_statistics("freeze_statistics", module, patterns, true);
}
std::vector<std::string> thaw_statistics(const Module& module, const Patterns& patterns) {
    return set_statistics("thaw_statistics", module, patterns, false);
}

std::vector<std::string> LoadReport::names(LoadState state) const {
    std::vector<std::string> result;
    for (const LoadEntry& entry : entries) {
        if (entry.state == state) result.push_back(entry.name);
    }
    return result;
}

std::int64_t LoadReport::count(LoadState state) const {
    return std::count_if(entries.begin(), entries.end(),
                         [&](const LoadEntry& entry) { return entry.state == state; });
}

std::string to_text(const LoadReport& report) {
    std::string text;
    for (std::size_t state = 0; state < kStates.size(); ++state) {
        text += fmt::format("{}{} {}", state == 0 ? "" : ", ",
                            report.count(static_cast<LoadState>(state)), kStates[state]);
    }
    text += '\n';
    using Row = std::array<std::string, 4>;
    std::vector<Row> rows{{"", "name", "model", "file"}};
    for (const LoadEntry& entry : report.entries) {
        if (entry.state == LoadState::kMatched) continue;
        rows.push_back({kStates[static_cast<std::size_t>(entry.state)], entry.name,
                        entry.in_model ? to_string(*entry.in_model) : "",
                        entry.in_file ? to_string(*entry.in_file) : ""});
    }
    if (rows.size() == 1) return text;
    std::array<std::size_t, 4> widths{};
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    for (const Row& row : rows) {
        std::string line = fmt::format("{:{}}  {:{}}  {:{}}  {}", row[0], widths[0], row[1],
                                       widths[1], row[2], widths[2], row[3]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

LoadReport load_state_dict(const Module& module, std::span<const HostTensor> tensors,
                           const LoadOptions& options) {
    std::vector<LoadEntry> left_out;
    const auto given = renamed(tensors, options, left_out);
    std::unordered_map<std::string_view, const HostTensor*> by_name;
    for (const auto& [name, tensor] : given)
        by_name[name] = tensor;

    std::vector<Layer::Entry> all;
    module.layer()->collect("", all);
    std::vector<std::string> names;
    for (const Layer::Entry& entry : all)
        names.push_back(entry.named.name);
    const std::vector<bool> is_wanted = options.only.empty()
                                            ? std::vector<bool>(names.size(), true)
                                            : chosen("load_state_dict", names, options.only);

    LoadReport report;
    std::vector<std::pair<Parameter, const HostTensor*>> writes;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_wanted[i]) continue;
        const Parameter& parameter = all[i].named.parameter;
        LoadEntry entry{LoadState::kMissing, names[i], parameter.spec(), {}};
        if (const auto found = by_name.find(names[i]); found != by_name.end()) {
            entry.in_file = TensorSpec{found->second->shape, found->second->dtype};
            const bool is_same = entry.in_file == entry.in_model;
            entry.state = is_same ? LoadState::kMatched : LoadState::kMismatched;
            if (is_same) writes.emplace_back(parameter, found->second);
            by_name.erase(found);
        }
        report.entries.push_back(std::move(entry));
    }
    for (const auto& [name, tensor] : given) {
        if (!by_name.contains(name)) continue;
        const TensorSpec spec{tensor->shape, tensor->dtype};
        const bool is_asked_for =
            options.only.empty() ||
            std::any_of(options.only.begin(), options.only.end(),
                        [&, &n = name](const std::string& pattern) { return fits(pattern, n); });
        if (is_asked_for) {
            report.entries.push_back({LoadState::kUnexpected, name, {}, spec});
        } else {
            left_out.push_back({LoadState::kLeftOut, tensor->name, {}, spec});
        }
    }
    report.entries.insert(report.entries.end(), left_out.begin(), left_out.end());

    if (const std::string faults = faults_of(report, options); !faults.empty()) {
        fail(ErrorKind::kInvalidArgument, "load_state_dict: {}", faults);
    }
    if (writes.empty() && !names.empty()) {
        fail(ErrorKind::kInvalidArgument,
             "load_state_dict: nothing of {} tensors fits the model; its first name is '{}'{}",
             tensors.size(), names.front(),
             tensors.empty() ? "" : fmt::format(", theirs '{}'", tensors.front().name));
    }
    for (auto& [parameter, tensor] : writes)
        parameter.write(*tensor);
    return report;
}

}  // namespace ingot::nn
