// SPDX-License-Identifier: MIT
// Optimizer: from a loss to the graph of a training step. Parameters are laid out once, when they
// are first seen; every later graph updates the same slabs and the same state.
#include <ingot/optim.h>

#include "core/check.h"
#include "optim/rule.h"

#include <algorithm>
#include <cmath>

namespace ingot::optim {
namespace {

struct SlabWithState {
    ParameterSlab slab;
    std::vector<Parameter> state;

    bool holds(const Parameter& parameter) const {
        const auto& held = slab.parameters();
        return std::find(held.begin(), held.end(), parameter) != held.end();
    }
};

}  // namespace

void check_option(const char* optimizer, const char* option, double value) {
    if (!std::isfinite(value) || value < 0) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, below 0 or not finite", optimizer, option,
             value);
    }
}

void check_share(const char* optimizer, const char* option, double value) {
    if (!(value >= 0 && value < 1)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [0, 1)", optimizer, option, value);
    }
}

struct Optimizer::Impl {
    Scalar learning_rate;
    double exact_learning_rate;
    std::unique_ptr<Rule> rule;
    std::string name;
    std::vector<Parameter> shared;
    std::vector<SlabWithState> slabs;

    // Lays out those of the parameters that were never seen.
    void adopt(std::span<const Parameter> parameters) {
        std::vector<Parameter> fresh;
        for (const Parameter& parameter : parameters) {
            const auto holds = [&](const SlabWithState& slab) { return slab.holds(parameter); };
            if (std::none_of(slabs.begin(), slabs.end(), holds)) fresh.push_back(parameter);
        }
        for (ParameterSlab& slab : ParameterSlab::gather(fresh)) {
            std::vector<Parameter> state;
            for (const std::string& state_name : rule->state_names()) {
                state.push_back(slab.like(fmt::format("{}.{}.{}", name, state_name, slabs.size())));
            }
            slabs.push_back({std::move(slab), std::move(state)});
        }
    }
};

Optimizer::Optimizer(double learning_rate, std::unique_ptr<Rule> rule)
    : impl_(std::make_shared<Impl>(Impl{Scalar(static_cast<float>(learning_rate), "learning_rate"),
                                        learning_rate,
                                        std::move(rule),
                                        {},
                                        {},
                                        {}})) {
    impl_->name = impl_->rule->name();
    set_learning_rate(learning_rate);
    for (const std::string& shared : impl_->rule->shared_names()) {
        impl_->shared.emplace_back(
            HostTensor::zeros(impl_->name + "." + shared, {1}),
            ParameterOptions{.name = impl_->name + "." + shared, .trainable = false});
    }
}

Graph Optimizer::minimize(const Tensor& loss) {
    const std::vector<Parameter> parameters = parameters_of(loss);
    if (parameters.empty()) {
        fail(ErrorKind::kInvalidArgument, "minimize: the loss depends on no trainable parameter");
    }
    impl_->adopt(parameters);

    const auto reached = [&](const Parameter& parameter) {
        return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
    };
    std::vector<const SlabWithState*> slabs;
    std::vector<Tensor> wrt;
    for (const SlabWithState& entry : impl_->slabs) {
        const auto& held = entry.slab.parameters();
        if (std::none_of(held.begin(), held.end(), reached)) continue;
        const auto missing = std::find_if_not(held.begin(), held.end(), reached);
        if (missing != held.end()) {
            fail(ErrorKind::kInvalidArgument,
                 "minimize: parameter '{}' is updated together with others that this loss depends "
                 "on, but is not reached or not trainable itself; give the loss an optimizer of "
                 "its own",
                 missing->name());
        }
        slabs.push_back(&entry);
        wrt.insert(wrt.end(), held.begin(), held.end());
    }
    const std::vector<Tensor> d_parameters = gradients(loss, wrt);

    Graph graph;
    graph.output(loss);
    const Tensor rate = impl_->learning_rate.tensor();
    const std::vector<Tensor> shared = impl_->rule->shared_values(impl_->shared, rate, graph);
    std::size_t at = 0;
    for (const SlabWithState* entry : slabs) {
        const std::size_t count = entry->slab.parameters().size();
        const Tensor d_p = entry->slab.pack(std::span(d_parameters).subspan(at, count));
        at += count;
        graph.update(
            entry->slab.parameter(),
            impl_->rule->update({entry->slab.tensor(), d_p, entry->state, shared, rate}, graph));
    }
    return graph;
}

void Optimizer::adopt(std::span<const Parameter> parameters) {
    impl_->adopt(parameters);
}

void Optimizer::set_learning_rate(double rate) {
    check_option(impl_->name.c_str(), "lr", rate);
    impl_->exact_learning_rate = rate;
    impl_->learning_rate.set(static_cast<float>(rate));
}

double Optimizer::learning_rate() const {
    return impl_->exact_learning_rate;
}

std::vector<Parameter> Optimizer::state() const {
    std::vector<Parameter> result = impl_->shared;
    for (const SlabWithState& entry : impl_->slabs) {
        result.insert(result.end(), entry.state.begin(), entry.state.end());
    }
    return result;
}

const std::string& Optimizer::name() const {
    return impl_->name;
}

}  // namespace ingot::optim
