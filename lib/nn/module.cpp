// SPDX-License-Identifier: MIT
// Module: the handle over a layer and all that is below it; its tensors by name.
#include "core/check.h"
#include "nn/record.h"

#include <ingot/io.h>
#include <ingot/nn/layer.h>

#include <algorithm>
#include <unordered_map>

namespace ingot::nn {
namespace {

std::vector<Layer::Entry> entries_of(const Module& module) {
    std::vector<Layer::Entry> entries;
    module.layer()->collect("", entries);
    return entries;
}

std::vector<NamedParameter> of_kind(const Module& module, Layer::Kind kind) {
    std::vector<NamedParameter> result;
    for (Layer::Entry& entry : entries_of(module)) {
        if (entry.kind == kind) result.push_back(std::move(entry.named));
    }
    return result;
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

}  // namespace

Module::Module(std::shared_ptr<Layer> layer) : layer_(std::move(layer)) {
    if (!layer_) fail(ErrorKind::kInvalidArgument, "module: there is no layer");
}

Tensor Module::forward(const Tensor& x, Mode mode) const {
    return recorded(*layer_, {x}, [&] { return layer_->forward(x, mode); });
}

std::string Module::type() const {
    return layer_->type();
}

std::vector<NamedModule> Module::children() const {
    return layer_->named_children();
}

Module Module::operator[](std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& [child, module] : children()) {
        if (name == child) return module;
        const bool is_below = name.starts_with(child) && name[child.size()] == '.';
        if (is_below) return module[name.substr(child.size() + 1)];
        names.push_back(child);
    }
    fail(ErrorKind::kInvalidArgument, "{}: there is no module '{}' below; there is {}", type(),
         name, names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

std::vector<NamedParameter> Module::parameters() const {
    return of_kind(*this, Layer::Kind::kParameter);
}

std::vector<NamedParameter> Module::buffers() const {
    return of_kind(*this, Layer::Kind::kBuffer);
}

std::vector<Generator> Module::generators() const {
    std::vector<Generator> result;
    layer_->collect_generators(result);
    return result;
}

std::int64_t Module::parameter_count() const {
    std::int64_t count = 0;
    for (const NamedParameter& named : parameters())
        count += named.parameter.shape().count();
    return count;
}

void Module::set_trainable(bool trainable) const {
    for (NamedParameter& named : parameters())
        named.parameter.set_trainable(trainable);
}

void Module::initialize(std::uint64_t seed) const {
    layer_->initialize(seed);
    layer_->notes.clear();
}

std::vector<HostTensor> Module::state_dict() const {
    std::vector<HostTensor> result;
    for (const Layer::Entry& entry : entries_of(*this)) {
        result.push_back(entry.named.parameter.read());
        result.back().name = entry.named.name;
    }
    return result;
}

void Module::load_state_dict(std::span<const HostTensor> tensors) const {
    std::unordered_map<std::string_view, const HostTensor*> given;
    for (const HostTensor& tensor : tensors) {
        if (!is_ignored(tensor.name)) given[tensor.name] = &tensor;
    }
    std::vector<std::string> missing, unexpected, different;
    std::vector<std::pair<Parameter, const HostTensor*>> writes;
    for (const Layer::Entry& entry : entries_of(*this)) {
        const auto& [name, parameter] = entry.named;
        const auto found = given.find(name);
        if (found == given.end()) {
            missing.push_back(fmt::format("'{}'", name));
            continue;
        }
        const HostTensor& tensor = *found->second;
        const TensorSpec spec{tensor.shape, tensor.dtype};
        if (spec != parameter.spec()) {
            different.push_back(fmt::format("'{}' is {}, the model's is {}", name, to_string(spec),
                                            to_string(parameter.spec())));
        }
        writes.emplace_back(parameter, &tensor);
        given.erase(found);
    }
    for (const HostTensor& tensor : tensors) {
        if (given.contains(tensor.name)) unexpected.push_back(fmt::format("'{}'", tensor.name));
    }
    std::string text;
    add_names(text, "missing", missing);
    add_names(text, "unexpected", unexpected);
    add_names(text, "different", different);
    if (!text.empty()) fail(ErrorKind::kInvalidArgument, "load_state_dict: {}", text);
    for (auto& [parameter, tensor] : writes)
        parameter.write(*tensor);
}

const std::map<std::string, std::string>& Module::notes() const {
    return layer_->notes;
}

void Module::set_note(const std::string& name, std::string text) const {
    if (name.empty() || name == "format" || name == "ingot_model") {
        fail(ErrorKind::kInvalidArgument, "module: no note can be called '{}'", name);
    }
    if (text.empty()) {
        layer_->notes.erase(name);
    } else {
        layer_->notes[name] = std::move(text);
    }
}

}  // namespace ingot::nn

namespace ingot::io {
namespace {

constexpr const char* kModelKey = "ingot_model";
constexpr const char* kFormatKey = "format";

void load_tensors(const nn::Module& module, const Safetensors& file,
                  const std::filesystem::path& path) {
    try {
        module.load_state_dict(file.tensors);
    } catch (const Error& error) {
        fail(ErrorKind::kFile, "{}: the weights do not fit the model: {}", path.string(),
             error.what());
    }
    module.layer()->notes.clear();
    for (const auto& [name, text] : file.metadata) {
        if (name != kModelKey && name != kFormatKey && !name.empty()) module.set_note(name, text);
    }
}

}  // namespace

void save(const nn::Module& module, const std::filesystem::path& path) {
    Metadata metadata = module.notes();
    metadata[kFormatKey] = "pt";  // what PyTorch's readers ask for
    try {
        metadata[kModelKey] = nn::to_json(module);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kUnsupported) throw;
    }
    write_safetensors(path, module.state_dict(), metadata);
}

void load(const nn::Module& module, const std::filesystem::path& path) {
    load_tensors(module, read_safetensors(path), path);
}

nn::Module load_module(const std::filesystem::path& path) {
    const Safetensors file = read_safetensors(path);
    const auto found = file.metadata.find(kModelKey);
    if (found == file.metadata.end()) {
        fail(ErrorKind::kFile, "{}: describes no model (no metadata '{}')", path.string(),
             kModelKey);
    }
    nn::Module module = nn::from_json(found->second);
    load_tensors(module, file, path);
    return module;
}

}  // namespace ingot::io
