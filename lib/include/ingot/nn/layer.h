// SPDX-License-Identifier: MIT
// Layer: what stands behind a Module, for those who write layers of their own. The constructor
// declares parameters, buffers and children; forward() makes an expression of them.
//
//     class Scale : public ingot::nn::Layer {
//     public:
//         Scale() { add_parameter("scale", [](auto&) { return ingot::init::constant({1}, 1); }); }
//         std::string type() const override { return "Scale"; }
//         ingot::Tensor forward(const ingot::Tensor& x, ingot::nn::Mode) override {
//             return x * parameter(0);
//         }
//     };
//     ingot::nn::Module scale = std::make_shared<Scale>();
#pragma once

#include <ingot/init.h>
#include <ingot/nn/module.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace ingot::nn {

class INGOT_API Layer {
public:
    Layer() = default;
    virtual ~Layer() = default;
    Layer(const Layer&) = delete;
    Layer& operator=(const Layer&) = delete;

    virtual std::string type() const = 0;
    virtual Tensor forward(const Tensor& x, Mode mode) = 0;

    // This layer's own tensors, then those of its children, each under its name and a dot.
    enum class Kind { kParameter, kBuffer };
    struct Entry {
        NamedParameter named;
        Kind kind;
    };
    void collect(const std::string& prefix, std::vector<Entry>& entries);
    std::vector<NamedModule> named_children() const;
    void collect_generators(std::vector<Generator>& generators);
    void initialize(std::uint64_t seed);
    void replace(std::string_view child, const Module& by);  // see Module::replace()
    bool has_replaced() const { return has_replaced_; }      // a child, at any time
    // Whether Mode::kTrain leaves running statistics as they are and takes them to normalise, as in
    // Mode::kEval: see freeze_statistics().
    bool frozen_statistics = false;
    std::map<std::string, std::string> notes;  // see Module::notes()
    // Names this layer's tensors and random stream by its place in a model; weights that were drawn
    // already stay as they are.
    void place(const std::string& prefix, std::uint64_t stream);

protected:
    // Draws the contents with the seed and stream it is given.
    using Draw = std::function<HostTensor(const init::RandomOptions&)>;

    void add_parameter(std::string name, Draw draw);  // number 0, 1, ... in order of declaration
    void add_buffer(std::string name, Draw draw);     // counted likewise, after the parameters
    // Returns the child, so that a member can be declared and named at once. The handle that is
    // returned, and the variable that was handed in, if any, follow when the child is replaced.
    template <typename M>
    auto add_child(std::string name, M&& child) {
        using Handle = std::remove_cvref_t<M>;
        if constexpr (!std::is_base_of_v<Module, Handle>) {
            Module module(std::forward<M>(child));
            adopt(std::move(name), module);
            return module;
        } else if constexpr (std::is_same_v<M, Handle&>) {
            adopt(std::move(name), child);
            return child;
        } else {
            Handle module(std::forward<M>(child));
            adopt(std::move(name), module);
            return module;
        }
    }

    const Parameter& parameter(std::size_t number);
    const Parameter& buffer(std::size_t number);
    const std::vector<Module>& children() const { return children_; }
    Generator& generator();  // of this layer; made when first asked for

private:
    struct Slot {
        std::string name;
        Draw draw;
        Parameter parameter;  // empty until it is asked for
    };
    void adopt(std::string name, Module& child);
    const Parameter& drawn(Slot& slot, std::uint64_t number, bool trainable);
    init::RandomOptions random(std::uint64_t number) const;

    std::vector<Slot> parameters_;
    std::vector<Slot> buffers_;
    std::vector<std::string> child_names_;
    std::vector<Module> children_;
    std::optional<Generator> generator_;
    std::string prefix_;
    std::uint64_t seed_ = 0;
    std::uint64_t stream_ = 1;
    bool has_replaced_ = false;
};

}  // namespace ingot::nn
