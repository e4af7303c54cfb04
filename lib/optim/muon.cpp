// SPDX-License-Identifier: MIT
// Muon; the formula stands in optim.h. The momentum of each matrix is brought close to the nearest
// orthogonal one, U V^T of its singular value decomposition, by five rounds of
//   X <- a X + (b G + c G G) X,  G = X X^T
// which move singular values from (0, 1] to about 1. X is the matrix with the shorter side first,
// over its norm, so that no singular value is above 1 and G is as small as can be.
#include "optim/adam.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>

namespace ingot::optim {
namespace {

class MuonRule : public Rule {
public:
    explicit MuonRule(const MuonOptions& options) : options_(options) {
        check_share("muon", "momentum", options.momentum);
        check_option("muon", "weight_decay", options.weight_decay);
        check_option("muon", "epsilon", options.epsilon);
        for (const auto& [name, value] :
             {std::pair("a", options.a), std::pair("b", options.b), std::pair("c", options.c)}) {
            check_finite("muon", name, value);
        }
        if (options.ns_steps < 1 || options.ns_steps > 99) {
            fail(ErrorKind::kInvalidArgument, "muon: ns_steps is {}, not in 1..99",
                 options.ns_steps);
        }
    }

    std::string name() const override { return "muon"; }
    WeightDecay decay() const override { return {options_.weight_decay, true}; }
    bool takes(const Parameter& parameter) const override { return parameter.shape().rank() == 2; }
    std::vector<StateName> state_names() const override { return {{"momentum_buffer"}}; }

    Tensor update(const SlabUpdate& slab, Graph& graph) const override {
        const Tensor momentum = mix(options_.momentum, slab.state[0], slab.d_p);
        graph.update(slab.state[0], momentum);
        const Tensor moving =
            options_.nesterov ? mix(options_.momentum, momentum, slab.d_p) : momentum;
        std::vector<Tensor> parts = slab.slab.unpack(moving);
        for (Tensor& part : parts)
            part = orthogonal(part) * number(scale_of(part.shape()));
        return slab.p - slab.learning_rate * slab.slab.pack(parts);
    }

private:
    Tensor orthogonal(const Tensor& matrix) const {
        const bool tall = matrix.shape()[0] > matrix.shape()[1];
        const Tensor norm = sqrt(sum(square(matrix)));
        Tensor x = (tall ? transpose(matrix) : matrix) / maximum(norm, number(options_.epsilon));
        for (std::int64_t round = 0; round < options_.ns_steps; ++round) {
            const Tensor g = matmul(x, transpose(x));
            const Tensor polynomial = matmul(g, g) * number(options_.c) + g * number(options_.b);
            x = matmul(polynomial, x) + x * number(options_.a);
        }
        return tall ? transpose(x) : x;
    }

    double scale_of(const Shape& shape) const {
        const auto rows = static_cast<double>(shape[0]);
        const auto cols = static_cast<double>(shape[1]);
        if (options_.adjust_lr == MuonScale::kMatchRmsAdamW) {
            return 0.2 * std::sqrt(std::max(rows, cols));
        }
        return std::sqrt(std::max(1.0, rows / cols));
    }

    MuonOptions options_;
};

}  // namespace

Muon::Muon(const MuonOptions& options, const AdamWOptions& others, const StepOptions& step)
    : Optimizer(
          [&] {
              std::vector<Group> groups = one(options.lr, std::make_unique<MuonRule>(options));
              groups.push_back({others.lr, adamw_rule(others)});
              return groups;
          }(),
          step) {}

void Muon::add_group(std::vector<Parameter> parameters, const MuonOptions& options,
                     const GroupOptions& group) {
    add(std::move(parameters), {options.lr, std::make_unique<MuonRule>(options)}, group);
}

void Muon::add_adamw_group(std::vector<Parameter> parameters, const AdamWOptions& options,
                           const GroupOptions& group) {
    add(std::move(parameters), {options.lr, adamw_rule(options)}, group);
}

}  // namespace ingot::optim
