// SPDX-License-Identifier: MIT
// Module: the handle over a layer and all that is below it; its tensors by name.
#include "core/check.h"
#include "nn/record.h"

#include <ingot/io.h>
#include <ingot/nn/layer.h>
#include <ingot/nn/transfer.h>

#include <algorithm>

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

// Whether `layer` is the module or below it.
bool holds(const Module& module, const Layer& layer) {
    if (module.layer().get() == &layer) return true;
    const std::vector<NamedModule> children = module.children();
    return std::any_of(children.begin(), children.end(),
                       [&](const NamedModule& child) { return holds(child.module, layer); });
}

}  // namespace

Module::Module(std::shared_ptr<Layer> layer)
    : place_(std::make_shared<std::shared_ptr<Layer>>(std::move(layer))) {
    if (!this->layer()) fail(ErrorKind::kInvalidArgument, "module: there is no layer");
}

Tensor Module::forward(const Tensor& x, Mode mode) const {
    const std::shared_ptr<Layer> layer = this->layer();
    const Mode used = layer->frozen_statistics ? Mode::kEval : mode;
    return recorded(*layer, {x}, [&] { return layer->forward(x, used); });
}

std::string Module::type() const {
    return layer()->type();
}

std::vector<NamedModule> Module::children() const {
    return layer()->named_children();
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

void Module::replace(std::string_view name, const Module& module) const {
    static_cast<void>((*this)[name]);  // throws unless it is there
    for (const auto& [child, below] : children()) {
        if (name == child) {
            if (holds(module, *layer())) {
                fail(ErrorKind::kInvalidArgument,
                     "{}: '{}' cannot be replaced by {}, which holds the module it is to lie in",
                     type(), name, module.type());
            }
            return layer()->replace(name, module);
        }
        if (name.starts_with(child) && name[child.size()] == '.')
            return below.replace(name.substr(child.size() + 1), module);
    }
}

std::vector<NamedParameter> Module::parameters() const {
    return of_kind(*this, Layer::Kind::kParameter);
}

std::vector<NamedParameter> Module::buffers() const {
    return of_kind(*this, Layer::Kind::kBuffer);
}

std::vector<Generator> Module::generators() const {
    std::vector<Generator> result;
    layer()->collect_generators(result);
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
    layer()->initialize(seed);
    layer()->notes.clear();
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
    static_cast<void>(nn::load_state_dict(*this, tensors));
}

const std::map<std::string, std::string>& Module::notes() const {
    return layer()->notes;
}

void Module::set_note(const std::string& name, std::string text) const {
    if (name.empty() || name == "format" || name == "ingot_model") {
        fail(ErrorKind::kInvalidArgument, "module: no note can be called '{}'", name);
    }
    if (text.empty()) {
        layer()->notes.erase(name);
    } else {
        layer()->notes[name] = std::move(text);
    }
}

}  // namespace ingot::nn

namespace ingot::io {
namespace {

constexpr const char* kModelKey = "ingot_model";
constexpr const char* kFormatKey = "format";

nn::LoadReport load_some(const nn::Module& module, const Safetensors& file,
                         const std::filesystem::path& path, const nn::LoadOptions& options) {
    try {
        return nn::load_state_dict(module, file.tensors, options);
    } catch (const Error& error) {
        fail(ErrorKind::kFile, "{}: the weights do not fit the model: {}", path.string(),
             error.what());
    }
}

void load_tensors(const nn::Module& module, const Safetensors& file,
                  const std::filesystem::path& path) {
    static_cast<void>(load_some(module, file, path, {}));
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

nn::LoadReport load(const nn::Module& module, const std::filesystem::path& path,
                    const nn::LoadOptions& options) {
    return load_some(module, read_safetensors(path), path, options);
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
