// SPDX-License-Identifier: MIT
// Models as JSON; the form stands in ingot/nn/module.h.
#include "nn/describe.h"

#include "core/check.h"

#include <algorithm>
#include <map>

namespace ingot::nn {
namespace {

// All of them, by type.
const std::map<std::string, Module (*)(Fields&)>& layer_makers() {
    static const auto makers = [] {
        std::map<std::string, Module (*)(Fields&)> all;
        const auto add = [&](std::span<const LayerMaker> family) {
            for (const LayerMaker& maker : family)
                INGOT_CHECK(all.emplace(maker.type, maker.make).second);
        };
#define LAYERS(family) add(family##_layers());
#include "nn/families.inc"
#undef LAYERS
        return all;
    }();
    return makers;
}

// Deeper models are a mistake or an attack on the stack.
constexpr std::size_t kMaxDepth = 64;

}  // namespace

Fields::Fields(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
    if (!json.is_object()) complain(fmt::format("is {}, not an object", json.type_name()));
    const auto type = json.find("type");
    if (type == json.end() || !type->is_string()) complain("has no \"type\"");
    type_ = type->get<std::string>();
}

void Fields::complain(const std::string& what) const {
    fail(ErrorKind::kFile, "model file: {}{}{}: {}", place_, type_.empty() ? "" : ", ", type_,
         what);
}

const Json* Fields::find(const char* name) {
    known_.insert(name);
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
}

std::int64_t Fields::integer(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) complain(fmt::format("\"{}\" is missing", name));
    if (!value->is_number_integer()) {
        complain(fmt::format("\"{}\" is {}, not a whole number", name, value->dump()));
    }
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) {
        complain(fmt::format("\"{}\" is {}, too large", name, value->dump()));
    }
    return value->get<std::int64_t>();
}

std::int64_t Fields::integer(const char* name, std::int64_t fallback) {
    return find(name) == nullptr ? fallback : integer(name);
}

double Fields::number(const char* name, double fallback) {
    const Json* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_number()) {
        complain(fmt::format("\"{}\" is {}, not a number", name, value->dump()));
    }
    return value->get<double>();
}

bool Fields::flag(const char* name, bool fallback) {
    const Json* value = find(name);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) {
        complain(fmt::format("\"{}\" is {}, not true or false", name, value->dump()));
    }
    return value->get<bool>();
}

Size2 Fields::size(const char* name, Size2 fallback) {
    const Json* value = find(name);
    if (value == nullptr) return fallback;
    if (value->is_number_integer()) return integer(name);
    if (!value->is_array() || value->size() != 2 || !(*value)[0].is_number_integer() ||
        !(*value)[1].is_number_integer()) {
        complain(fmt::format("\"{}\" is {}, not a size: 3 or [3, 5]", name, value->dump()));
    }
    return {(*value)[0].get<std::int64_t>(), (*value)[1].get<std::int64_t>()};
}

std::string Fields::choice(const char* name, const std::vector<std::string>& names) {
    const Json* value = find(name);
    if (value == nullptr) return names.front();
    if (!value->is_string() || std::find(names.begin(), names.end(), *value) == names.end()) {
        complain(fmt::format("\"{}\" is {}, not one of {}", name, value->dump(),
                             fmt::join(names, ", ")));
    }
    return value->get<std::string>();
}

const Json& Fields::list(const char* name) {
    const Json* value = find(name);
    if (value == nullptr || !value->is_array()) complain(fmt::format("has no list \"{}\"", name));
    return *value;
}

void Fields::done() const {
    for (const auto& item : json_.items()) {
        if (known_.contains(item.key())) continue;
        complain(
            fmt::format("unknown field \"{}\"; it has {}", item.key(), fmt::join(known_, ", ")));
    }
}

Json json_of(Size2 size) {
    if (size.height == size.width) return size.height;
    return Json::array({size.height, size.width});
}

Json describe(const Module& module) {
    const auto* layer = dynamic_cast<const DescribedLayer*>(module.layer().get());
    if (layer == nullptr) {
        fail(ErrorKind::kUnsupported, "to_json: '{}' is not a layer of the library", module.type());
    }
    Json json{{"type", layer->type()}};
    layer->describe(json);
    return json;
}

Module make_module(const Json& json, const std::string& place) {
    if (static_cast<std::size_t>(std::count(place.begin(), place.end(), '[')) > kMaxDepth) {
        fail(ErrorKind::kFile, "model file: layers are nested more than {} deep", kMaxDepth);
    }
    Fields fields(json, place);
    const auto found = layer_makers().find(fields.type());
    if (found == layer_makers().end()) {
        std::vector<std::string> types;
        for (const auto& [type, make] : layer_makers())
            types.push_back(type);
        fields.complain(fmt::format("unknown type; known are {}", fmt::join(types, ", ")));
    }
    try {
        Module module = found->second(fields);
        fields.done();
        return module;
    } catch (const Error& error) {  // of the layer's constructor, which knows no place
        if (error.kind() == ErrorKind::kFile) throw;
        fields.complain(error.what());
    }
}

std::string to_json(const Module& module) {
    return describe(module).dump(2);
}

Module from_json(std::string_view text) {
    // A depth limit for the parser, which recurses too.
    std::size_t depth = 0;
    for (const char c : text) {
        if (c == '[' || c == '{') ++depth;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        if (depth > 4 * kMaxDepth) fail(ErrorKind::kFile, "model file: nested too deep");
    }
    Json json;
    try {
        json = Json::parse(text);
    } catch (const Json::parse_error& error) {
        fail(ErrorKind::kFile, "model file: no JSON: {}", error.what());
    }
    return make_module(json, "model");
}

}  // namespace ingot::nn
