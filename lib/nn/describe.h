// SPDX-License-Identifier: MIT
// What a layer of the library adds to Layer: its options as JSON, and the way back. A family's file
// holds both; families.inc lists them.
#pragma once

#include <ingot/nn/layer.h>
#include <ingot/nn/size.h>

#include <nlohmann/json.hpp>

#include <set>
#include <span>
#include <string>
#include <vector>

namespace ingot::nn {

using Json = nlohmann::ordered_json;

class DescribedLayer : public Layer {
public:
    virtual void describe(Json& json) const = 0;  // the options; "type" is there
};

// Reads the fields of one JSON object; every complaint names the place in the file and the field.
class Fields {
public:
    Fields(const Json& json, std::string place);

    const std::string& place() const { return place_; }
    const std::string& type() const { return type_; }

    std::int64_t integer(const char* name);  // must be there
    std::int64_t integer(const char* name, std::int64_t fallback);
    double number(const char* name, double fallback);
    bool flag(const char* name, bool fallback);
    Size2 size(const char* name, Size2 fallback);                                 // 3 or [3, 5]
    std::string choice(const char* name, const std::vector<std::string>& names);  // first: default
    const Json& list(const char* name);
    void done() const;  // throws when a field was never asked for

    [[noreturn]] void complain(const std::string& what) const;

private:
    const Json* find(const char* name);

    const Json& json_;
    std::string place_;
    std::string type_;
    std::set<std::string> known_{"type"};
};

Json json_of(Size2 size);  // a number when both are equal
Json describe(const Module& module);
Module make_module(const Json& json, const std::string& place);

// The way back: a layer of type `type` from the fields of its object.
struct LayerMaker {
    const char* type;
    Module (*make)(Fields& fields);
};

#define LAYERS(family) std::span<const LayerMaker> family##_layers();
#include "nn/families.inc"
#undef LAYERS

// Throws naming the layer unless value >= least.
void check_at_least(const char* layer, const char* option, std::int64_t value, std::int64_t least);
void check_at_least(const char* layer, const char* option, Size2 value, std::int64_t least);

}  // namespace ingot::nn
