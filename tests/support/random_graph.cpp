// SPDX-License-Identifier: MIT
#include "support/random_graph.h"

#include "core/random.h"

namespace ingot::testing {
namespace {

class Maker {
public:
    Maker(std::uint64_t seed, const RandomGraphOptions& options)
        : random_(seed, 17), options_(options) {}

    RandomGraph run() {
        const std::int64_t m = 3 * options_.scale, n = 4 * options_.scale;
        for (const Shape& shape :
             {Shape{m, n}, Shape{n}, Shape{m, 1}, Shape{2, m, n}, Shape{n, m}, Shape{m, n}}) {
            result_.inputs.push_back(input(shape));
            pool_.push_back(result_.inputs.back());
        }
        for (const Shape& shape : {Shape{m, n}, Shape{n}, Shape{n, n}, Shape{}}) {
            result_.parameters.emplace_back(
                HostTensor::of("", shape, random_values(random_.word(), shape.count())));
            pool_.push_back(result_.parameters.back());
        }
        pool_.push_back(Tensor(0.5F));
        for (std::size_t i = 0; i < options_.operations; ++i)
            pool_.push_back(operation());
        const std::size_t outputs = 1 + random_.below(3);
        for (std::size_t i = 0; i < outputs; ++i)
            result_.graph.output(recent());
        if (options_.updates) add_updates();
        return std::move(result_);
    }

private:
    bool chance(std::uint32_t percent) { return random_.below(100) < percent; }
    Tensor any() { return pool_[random_.below(static_cast<std::uint32_t>(pool_.size()))]; }
    Tensor recent() {  // deep graphs, not wide ones
        const auto size = static_cast<std::uint32_t>(pool_.size());
        return pool_[size - 1 - random_.below(std::min(size, 8u))];
    }

    Tensor unary(const Tensor& x) {
        switch (random_.below(6)) {
            case 0: return tanh(x);
            case 1: return relu(x);
            case 2: return -x;
            case 3: return sigmoid(x);
            case 4: return abs(x) * 0.75F;
            default: return x * 0.5F + 0.25F;
        }
    }

    // A partner that can be broadcast with x without growing it much.
    Tensor partner(const Tensor& x) {
        for (int tries = 0; tries < 20; ++tries) {
            const Tensor y = chance(50) ? recent() : any();
            try {
                if (broadcast("", x.shape(), y.shape()).count() <=
                    64 * options_.scale * options_.scale) {
                    return y;
                }
            } catch (const Error&) {
            }
        }
        return x;
    }

    Tensor binary(const Tensor& x) {
        const Tensor y = partner(x);
        switch (random_.below(4)) {
            case 0: return (x + y) * 0.5F;
            case 1: return (x - y) * 0.5F;
            case 2: return tanh(x * y);
            default: return maximum(x, y);
        }
    }

    Tensor view(const Tensor& x) {
        const std::size_t rank = x.shape().rank();
        if (rank == 0) return expand(x, Shape{4});
        const auto axis =
            static_cast<std::int64_t>(random_.below(static_cast<std::uint32_t>(rank)));
        const std::int64_t size = x.shape()[static_cast<std::size_t>(axis)];
        switch (random_.below(4)) {
            case 0: return rank > 1 ? transpose(x, 0, axis == 0 ? 1 : axis) : x;
            case 1: return reshape(x, Shape{x.shape().count()});
            case 2:
                return size > 2 ? slice(x, {.axis = axis, .begin = 1, .end = size, .step = 2}) : x;
            default: {
                if (x.shape().count() % 2 != 0) return x;
                return reshape(x, Shape{2, x.shape().count() / 2});
            }
        }
    }

    Tensor kernel(const Tensor& x) {
        const std::size_t rank = x.shape().rank();
        if (rank == 0) return x;
        const auto axis =
            static_cast<std::int64_t>(random_.below(static_cast<std::uint32_t>(rank)));
        switch (random_.below(5)) {
            case 0: return mean(x, {.axes = {axis}, .keep_axes = chance(50)});
            case 1: return max(x, {.axes = {axis}, .keep_axes = chance(50)});
            case 2: {
                const Tensor parts[] = {x, chance(50) ? x : unary(x)};
                return x.shape().count() <= 32 * options_.scale * options_.scale
                           ? concatenate(parts, axis)
                           : x;
            }
            default: {
                if (rank < 2) return mean(x);
                const auto k = static_cast<float>(x.shape()[rank - 1]);
                if (chance(40)) return matmul(x, transpose(x)) * (1 / k);
                for (int tries = 0; tries < 10; ++tries) {
                    const Tensor y = any();
                    if (y.shape().rank() == 2 && y.shape()[0] == x.shape()[rank - 1]) {
                        return matmul(x, y) * (1 / k);
                    }
                }
                return matmul(transpose(x), x) * (1 / static_cast<float>(x.shape()[rank - 2]));
            }
        }
    }

    Tensor operation() {
        const Tensor x = chance(70) ? recent() : any();
        const std::uint32_t kind = random_.below(100);
        if (kind < 30) return unary(x);
        if (kind < 65) return binary(x);
        if (kind < 80 || !options_.kernels) return view(x);
        return kernel(x);
    }

    // A value of the parameter's shape that depends on what was computed.
    Tensor value_for(const Parameter& parameter) {
        const Tensor from = recent();
        const Tensor number = chance(50) ? mean(from) : Tensor(0.25F);
        if (from.shape() == parameter.shape() && chance(70)) return from;
        switch (random_.below(3)) {
            case 0: return parameter * 0.5F + number;
            case 1: return expand(number, parameter.shape());
            default: {
                const std::size_t rank = parameter.shape().rank();
                const bool square = rank == 2 && parameter.shape()[0] == parameter.shape()[1];
                return square ? transpose(parameter.tensor()) : tanh(parameter + number);
            }
        }
    }

    void add_updates() {
        if (chance(40)) {  // by a slab, as optimizers do
            for (ParameterSlab& slab : ParameterSlab::gather(result_.parameters)) {
                std::vector<Tensor> gradients;
                for (const Parameter& parameter : slab.parameters())
                    gradients.push_back(value_for(parameter));
                const Tensor packed = slab.pack(gradients);
                const Parameter momentum = slab.like("momentum", 0.5F);
                const Tensor moved = momentum * 0.5F + packed * 0.5F;
                result_.graph.update(momentum, moved);
                result_.graph.update(slab.parameter(), slab.tensor() * 0.5F + moved * 0.5F);
                result_.parameters.push_back(momentum);
            }
            return;
        }
        for (const Parameter& parameter : result_.parameters) {
            if (!chance(60)) continue;
            const Tensor value = value_for(parameter);
            if (chance(30)) {
                Tensor& output = result_.graph.outputs[0];
                output = with_update(output, parameter, value);
            } else {
                result_.graph.update(parameter, value);
            }
        }
    }

    RandomStream random_;
    RandomGraphOptions options_;
    RandomGraph result_;
    std::vector<Tensor> pool_;
};

}  // namespace

RandomGraph random_graph(std::uint64_t seed, const RandomGraphOptions& options) {
    return Maker(seed, options).run();
}

std::vector<float> random_values(std::uint64_t seed, std::int64_t count) {
    RandomStream random(seed, 18);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values)
        value = random.uniform(-1, 1);
    return values;
}

}  // namespace ingot::testing
