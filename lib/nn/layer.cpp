// SPDX-License-Identifier: MIT
// Layer: tensors drawn when first asked for, so that a layer which was put into a model meanwhile
// draws from the stream of its place there.
#include <ingot/nn/layer.h>

#include "core/check.h"
#include "nn/record.h"

#include <algorithm>

namespace ingot::nn {
namespace {

// The stream of the n-th part of a part of ...: the digits of a number to a base that is no power
// of two, so that deep models do not run into each other.
std::uint64_t stream_within(std::uint64_t stream, std::uint64_t part) {
    constexpr std::uint64_t kMask = (std::uint64_t{1} << 56) - 1;
    return (stream * 10'007 + part + 1) & kMask;
}

}  // namespace

init::RandomOptions Layer::random(std::uint64_t number) const {
    return {.seed = seed_, .stream = stream_within(stream_, number)};
}

const Parameter& Layer::drawn(Slot& slot, std::uint64_t number, bool trainable) {
    if (!slot.parameter) {
        slot.parameter = Parameter(slot.draw(random(number)),
                                   {.name = prefix_ + slot.name, .trainable = trainable});
    }
    return slot.parameter;
}

const Parameter& Layer::parameter(std::size_t number) {
    if (Recorder* recorder = Recorder::current()) recorder->reads(*this);
    return drawn(parameters_.at(number), number, true);
}

const Parameter& Layer::buffer(std::size_t number) {
    return drawn(buffers_.at(number), parameters_.size() + number, false);
}

Generator& Layer::generator() {
    if (!generator_) {
        const auto options = random(parameters_.size() + buffers_.size());
        // Generators know a seed only: the stream is mixed into it.
        generator_.emplace(options.seed ^ (options.stream * 0x9E3779B97F4A7C15ULL));
    }
    return *generator_;
}

void Layer::add_parameter(std::string name, Draw draw) {
    parameters_.push_back({std::move(name), std::move(draw), {}});
}

void Layer::add_buffer(std::string name, Draw draw) {
    buffers_.push_back({std::move(name), std::move(draw), {}});
}

void Layer::adopt(std::string name, Module& child) {
    const std::size_t number = children_.size();
    // A place of its own: a module may be the child of several, and be replaced in one of them.
    child.place_ = std::make_shared<std::shared_ptr<Layer>>(child.layer());
    child.layer()->place(prefix_ + name + ".", stream_within(stream_, number));
    child_names_.push_back(std::move(name));
    children_.push_back(child);
}

void Layer::replace(std::string_view child, const Module& by) {
    const auto found = std::find(child_names_.begin(), child_names_.end(), child);
    INGOT_CHECK(found != child_names_.end());
    const auto number = static_cast<std::size_t>(found - child_names_.begin());
    *children_[number].place_ = by.layer();
    by.layer()->place(prefix_ + *found + ".", stream_within(stream_, number));
    has_replaced_ = true;
}

void Layer::place(const std::string& prefix, std::uint64_t stream) {
    prefix_ = prefix;
    stream_ = stream;
    for (std::vector<Slot>* slots : {&parameters_, &buffers_}) {
        for (Slot& slot : *slots) {
            if (slot.parameter) slot.parameter.rename(prefix_ + slot.name);
        }
    }
    for (std::size_t i = 0; i < children_.size(); ++i) {
        children_[i].layer()->place(prefix_ + child_names_[i] + ".", stream_within(stream_, i));
    }
}

void Layer::collect(const std::string& prefix, std::vector<Entry>& entries) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        entries.push_back({{prefix + parameters_[i].name, parameter(i)}, Kind::kParameter});
    }
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
        entries.push_back({{prefix + buffers_[i].name, buffer(i)}, Kind::kBuffer});
    }
    for (std::size_t i = 0; i < children_.size(); ++i) {
        children_[i].layer()->collect(prefix + child_names_[i] + ".", entries);
    }
}

std::vector<NamedModule> Layer::named_children() const {
    std::vector<NamedModule> result;
    for (std::size_t i = 0; i < children_.size(); ++i)  // handles that stay when it is replaced
        result.push_back({child_names_[i], Module(children_[i].layer())});
    return result;
}

void Layer::collect_generators(std::vector<Generator>& generators) {
    if (generator_) generators.push_back(*generator_);
    for (const Module& child : children_)
        child.layer()->collect_generators(generators);
}

void Layer::initialize(std::uint64_t seed) {
    seed_ = seed;
    generator_.reset();
    std::uint64_t number = 0;
    for (std::vector<Slot>* slots : {&parameters_, &buffers_}) {
        for (Slot& slot : *slots) {
            if (slot.parameter) slot.parameter.write(slot.draw(random(number)));
            ++number;
        }
    }
    for (const Module& child : children_)
        child.layer()->initialize(seed);
}

}  // namespace ingot::nn
