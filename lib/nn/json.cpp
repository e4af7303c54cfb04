// SPDX-License-Identifier: MIT
// Models as JSON; the form stands in ingot/nn/module.h. Writing and reading visit the options of a
// layer (describe.h) in the same order.
#include "nn/describe.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace ingot::nn {
namespace {

using Json = nlohmann::ordered_json;

// Deeper models are a mistake or an attack on the stack.
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxNumbers = Shape::kMaxRank;  // of one option

Json describe(const Module& module);
Module make_module(const Json& json, const std::string& place, std::size_t depth);

class Writer : public OptionVisitor {
public:
    explicit Writer(Json& json) : json_(json) {}

private:
    void visit(const char* name, bool& value, bool) override { json_[name] = value; }
    void visit(const char* name, std::int64_t& value, bool) override { json_[name] = value; }
    void visit(const char* name, double& value, bool) override { json_[name] = value; }
    void visit(const char* name, std::vector<std::int64_t>& value, bool) override {
        if (!value.empty()) json_[name] = value;
    }
    void visit(const char* name, std::vector<double>& value, bool) override {
        if (!value.empty()) json_[name] = value;
    }
    void visit(const char* name, std::vector<Module>& value, bool) override {
        Json& list = json_[name] = Json::array();
        for (const Module& module : value)
            list.push_back(describe(module));
    }
    void visit(const char* name, std::optional<Module>& value, bool) override {
        if (value) json_[name] = describe(*value);
    }
    void visit_sizes(const char* name, std::span<std::int64_t> value, bool) override {
        const bool equal = std::all_of(value.begin(), value.end(),
                                       [&](std::int64_t size) { return size == value[0]; });
        if (equal) {
            json_[name] = value[0];
        } else {
            json_[name] = std::vector(value.begin(), value.end());
        }
    }
    void visit_choice(const char* name, std::size_t& number,
                      std::span<const char* const> names) override {
        json_[name] = names[number];
    }
    bool has(const char*, bool there) override { return there; }

    Json& json_;
};

// Every complaint names the place in the file and the field.
class Reader : public OptionVisitor {
public:
    Reader(const Json& json, std::string place, std::size_t depth)
        : json_(json), place_(std::move(place)), depth_(depth) {
        if (!json.is_object()) complain("is {}, not an object", json.type_name());
        const auto type = json.find("type");
        if (type == json.end() || !type->is_string()) complain("has no \"type\"");
        type_ = type->get<std::string>();
    }

    const std::string& type() const { return type_; }

    template <typename... Args>
    [[noreturn]] void complain(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "model file: {}{}{}: {}", place_, type_.empty() ? "" : ", ", type_,
             fmt::format(format, std::forward<Args>(args)...));
    }

    // Throws when a field was never asked for.
    void done() const {
        for (const auto& item : json_.items()) {
            if (known_.contains(item.key())) continue;
            complain("unknown field \"{}\"; it has {}", item.key(), fmt::join(known_, ", "));
        }
    }

private:
    const Json* find(const char* name, bool required) {
        known_.insert(name);
        const auto found = json_.find(name);
        if (found != json_.end()) return &*found;
        if (required) complain("\"{}\" is missing", name);
        return nullptr;
    }

    std::int64_t integer_of(const char* name, const Json& value) const {
        if (!value.is_number_integer()) {
            complain("\"{}\" is {}, not a whole number", name, value.dump());
        }
        if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) {
            complain("\"{}\" is {}, too large", name, value.dump());
        }
        return value.get<std::int64_t>();
    }

    double number_of(const char* name, const Json& value) const {
        if (!value.is_number()) complain("\"{}\" is {}, not a number", name, value.dump());
        return value.get<double>();
    }

    void visit(const char* name, bool& value, bool required) override {
        const Json* found = find(name, required);
        if (found == nullptr) return;
        if (!found->is_boolean()) complain("\"{}\" is {}, not true or false", name, found->dump());
        value = found->get<bool>();
    }

    void visit(const char* name, std::int64_t& value, bool required) override {
        if (const Json* found = find(name, required)) value = integer_of(name, *found);
    }

    void visit(const char* name, double& value, bool required) override {
        if (const Json* found = find(name, required)) value = number_of(name, *found);
    }

    // A list, or one number alone.
    template <typename T, typename One>
    void visit_numbers(const char* name, std::vector<T>& value, bool required, One&& one) {
        const Json* found = find(name, required);
        if (found == nullptr) return;
        value.clear();
        if (!found->is_array()) {
            value.push_back(one(*found));
            return;
        }
        if (found->size() > kMaxNumbers) {
            complain("\"{}\" has {} numbers, more than {}", name, found->size(), kMaxNumbers);
        }
        for (const Json& json : *found)
            value.push_back(one(json));
    }
    void visit(const char* name, std::vector<std::int64_t>& value, bool required) override {
        visit_numbers(name, value, required,
                      [&](const Json& json) { return integer_of(name, json); });
    }
    void visit(const char* name, std::vector<double>& value, bool required) override {
        visit_numbers(name, value, required,
                      [&](const Json& json) { return number_of(name, json); });
    }

    void visit(const char* name, std::vector<Module>& value, bool required) override {
        const Json* found = find(name, required);
        if (found == nullptr) return;
        if (!found->is_array()) complain("\"{}\" is no list", name);
        value.clear();
        for (const Json& json : *found) {
            value.push_back(make_module(json, fmt::format("{}.{}[{}]", place_, name, value.size()),
                                        depth_ + 1));
        }
    }

    void visit(const char* name, std::optional<Module>& value, bool required) override {
        const Json* found = find(name, required);
        if (found == nullptr) return;
        value = make_module(*found, fmt::format("{}.{}", place_, name), depth_ + 1);
    }

    void visit_sizes(const char* name, std::span<std::int64_t> value, bool required) override {
        const Json* found = find(name, required);
        if (found == nullptr) return;
        if (!found->is_array()) {
            std::fill(value.begin(), value.end(), integer_of(name, *found));
            return;
        }
        if (found->size() != value.size()) {
            complain("\"{}\" is {}, not one number or {}", name, found->dump(), value.size());
        }
        for (std::size_t axis = 0; axis < value.size(); ++axis)
            value[axis] = integer_of(name, (*found)[axis]);
    }

    void visit_choice(const char* name, std::size_t& number,
                      std::span<const char* const> names) override {
        const Json* found = find(name, false);
        if (found == nullptr) return;
        const auto chosen = std::find_if(names.begin(), names.end(), [&](const char* candidate) {
            return found->is_string() && found->get_ref<const std::string&>() == candidate;
        });
        if (chosen == names.end()) {
            complain("\"{}\" is {}, not one of {}", name, found->dump(), fmt::join(names, ", "));
        }
        number = static_cast<std::size_t>(chosen - names.begin());
    }

    bool has(const char* name, bool) override { return find(name, false) != nullptr; }

    const Json& json_;
    std::string place_;
    std::string type_;
    std::size_t depth_;
    std::set<std::string> known_{"type"};
};

// All of them, by type.
const std::map<std::string, Module (*)(OptionVisitor&)>& layer_makers() {
    static const auto makers = [] {
        std::map<std::string, Module (*)(OptionVisitor&)> all;
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

Json describe(const Module& module) {
    const auto* layer = dynamic_cast<const DescribedLayer*>(module.layer().get());
    if (layer == nullptr) {
        fail(ErrorKind::kUnsupported, "to_json: '{}' is not a layer of the library", module.type());
    }
    if (layer->has_replaced() && !layer->describes_children()) {
        fail(ErrorKind::kUnsupported,
             "to_json: '{}' with a module replaced in it has no description", module.type());
    }
    Json json{{"type", layer->type()}};
    Writer writer(json);
    layer->describe(writer);
    return json;
}

Module make_module(const Json& json, const std::string& place, std::size_t depth) {
    if (depth > kMaxDepth) {
        fail(ErrorKind::kFile, "model file: layers are nested more than {} deep", kMaxDepth);
    }
    Reader reader(json, place, depth);
    const auto found = layer_makers().find(reader.type());
    if (found == layer_makers().end()) {
        std::vector<std::string> types;
        for (const auto& [type, make] : layer_makers())
            types.push_back(type);
        reader.complain("unknown type; known are {}", fmt::join(types, ", "));
    }
    try {
        Module module = found->second(reader);
        reader.done();
        return module;
    } catch (const Error& error) {  // of the layer's constructor, which knows no place
        if (error.kind() == ErrorKind::kFile) throw;
        reader.complain("{}", error.what());
    }
}

}  // namespace

Module clone(const Module& module) {
    return make_module(describe(module), "clone", 0);
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
    return make_module(json, "model", 0);
}

}  // namespace ingot::nn
