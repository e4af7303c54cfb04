// SPDX-License-Identifier: MIT
// Rule: what one optimizer does to one slab of parameters, as expressions. What all of them have in
// common (decay, clipping, accumulation, averages) stands in optimizer.cpp. A pointwise update of a
// slab is one kernel as long as it fits one program: at most 8 inputs, 12 constants, 32
// instructions and 4 outputs.
#pragma once

#include <ingot/graph.h>
#include <ingot/ops.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace ingot::optim {

struct SlabUpdate {
    Tensor p;                          // f32 [count]: parameters, flat, after decoupled decay
    Tensor d_p;                        // f32 [count]: the gradient, after L1 and L2
    std::span<const Parameter> state;  // as made by make_state()
    std::span<const Tensor> shared;    // as made by shared_values()
    Tensor learning_rate;              // f32 []
    const ParameterSlab& slab;         // takes flat tensors apart, for rules that need shapes
};

struct StateName {
    std::string name;
    double initial = 0;
};

struct WeightDecay {
    double amount = 0;
    bool decoupled = false;  // scales the parameters by 1 - lr amount, not the gradient
};

class Rule {
public:
    virtual ~Rule() = default;
    virtual std::string name() const = 0;
    virtual WeightDecay decay() const { return {}; }
    // Whether it is for this parameter at all.
    virtual bool takes(const Parameter&) const { return true; }

    // State kept once: parameters f32 [1].
    virtual std::vector<StateName> shared_names() const { return {}; }
    // State kept for each slab, in the slab's layout ...
    virtual std::vector<StateName> state_names() const { return {}; }
    // ... or in any other: `named("exp_avg")` is the full name of one.
    using Named = std::function<std::string(const std::string&)>;
    virtual std::vector<Parameter> make_state(const ParameterSlab& slab, const Named& named) const {
        std::vector<Parameter> state;
        for (const StateName& s : state_names())
            state.push_back(slab.like(named(s.name), static_cast<float>(s.initial)));
        return state;
    }

    // Numbers that all slabs use, and the updates of the shared state; one small group.
    virtual std::vector<Tensor> shared_values(std::span<const Parameter>, const Tensor&,
                                              Graph&) const {
        return {};
    }
    // Adds the updates of the slab's state to the graph; the new value of p.
    virtual Tensor update(const SlabUpdate& slab, Graph& graph) const = 0;
};

// Throws naming the option unless the number is finite and at least 0.
void check_option(const char* optimizer, const char* option, double value);
// ... is finite.
void check_finite(const char* optimizer, const char* option, double value);
// ... is at least 0 and below 1.
void check_share(const char* optimizer, const char* option, double value);

inline Tensor number(double value) {
    return Tensor(static_cast<float>(value));
}

// share a + (1 - share) b
inline Tensor mix(double share, const Tensor& a, const Tensor& b) {
    return number(share) * a + number(1 - share) * b;
}

// The next bias correction 1 - beta^t, which is kept as state and moved by c' = beta c + (1 -
// beta): good to 2e-5 at any t, where 1 - pow(beta, t) loses most digits in the first steps.
inline Tensor next_correction(double beta, const Parameter& kept, Graph& graph) {
    const Tensor next = number(beta) * kept + number(1 - beta);
    graph.update(kept, next);
    return next;
}

inline Tensor next_step(const Parameter& kept, Graph& graph) {
    const Tensor next = kept + 1.0F;
    graph.update(kept, next);
    return next;
}

// Adam's two moments, kept in the slab's first two states.
struct Moments {
    Tensor m;
    Tensor v;
};
inline Moments next_moments(const SlabUpdate& slab, double beta1, double beta2, Graph& graph) {
    const Tensor& g = slab.d_p;
    const Moments next{mix(beta1, slab.state[0], g), mix(beta2, slab.state[1], g * g)};
    graph.update(slab.state[0], next.m);
    graph.update(slab.state[1], next.v);
    return next;
}

}  // namespace ingot::optim
