// SPDX-License-Identifier: MIT
// Generator: uniform and normal numbers from the counter-based generator of
// shaders/common/philox.glsl, equal on every device; and dropout, which makes its mask from them
// anew wherever it needs it.
//   dropout: y = x / (1 - p) where u >= p, else 0        d_x = the same function of d_y
//   x [...], u [...] uniform in [0, 1) -> y [...]
// A number is named by the seed's key, the count of runs, the stream of the call and its place.
#include "core/random.h"
#include "graph/leaf.h"
#include "ops/pointwise.h"

#include <ingot/ops.h>

#include <numbers>

namespace ingot {

struct Generator::Streams {
    std::uint32_t key;
    std::uint32_t next = 0;
    std::shared_ptr<graph::ScalarCell> counter = std::make_shared<graph::ScalarCell>();

    Tensor counter_tensor() const { return graph::scalar_tensor(counter, i32); }
};

namespace ops {
namespace {

using graph::Attributes;
using graph::GradientContext;
using graph::Node;
using graph::OpDef;

struct DropoutAttributes {
    float p;
    std::uint32_t use;  // how many gradients this is away from the forward pass
    template <typename Visit>
    void fields(Visit visit) const {
        visit("p", p);
        visit("use", use);
    }
};

// Inputs: x, and what names the uniform numbers: key, counter, stream (i32 []).
std::vector<Tensor> expand_dropout(const Node& node) {
    const auto& a = node.attributes.as<DropoutAttributes>();
    const Tensor& x = node.inputs[0];
    const Tensor u = uniform(x.shape(), node.inputs[1], node.inputs[2], node.inputs[3], a.use);
    return {where(greater_equal(u, a.p), x * (1.0F / (1.0F - a.p)), 0.0F)};
}

extern const OpDef dropout_op;

std::vector<Tensor> gradient_dropout(const GradientContext& c) {
    DropoutAttributes attributes = c.attributes<DropoutAttributes>();
    ++attributes.use;
    return {graph::apply(dropout_op, Attributes::of(attributes), {c.d_y(), c.x(1), c.x(2), c.x(3)}),
            Tensor(), Tensor(), Tensor()};
}

const OpDef dropout_op{
    .name = "dropout",
    .listed = graph::in_list<dropout_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .kind = graph::OpKind::kComposite,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        if (!is_floating(inputs[0].dtype())) {
            fail(ErrorKind::kInvalidArgument, "dropout: takes f32, not {}",
                 to_string(inputs[0].spec()));
        }
        return {inputs[0].spec()};
    },
    .gradient = gradient_dropout,
    .expand = expand_dropout};

}  // namespace
}  // namespace ops

Generator::Generator(std::uint64_t seed) : streams_(std::make_shared<Streams>()) {
    // A word that all bits of the seed bear on, and apart from what the host draws with the seed.
    streams_->key = RandomStream(seed, stream_of(RandomPurpose::kDropout)).word();
    streams_->counter->id = graph::next_id();
    streams_->counter->name = "generator";
    streams_->counter->is_counter = true;
}

std::uint32_t Generator::counter() const {
    return streams_->counter->word;
}

void Generator::set_counter(std::uint32_t counter) {
    streams_->counter->word = counter;
}

Tensor Generator::uniform(const Shape& shape) {
    return ops::uniform(shape, graph::constant_word(streams_->key, i32), streams_->counter_tensor(),
                        graph::constant_word(streams_->next++, i32));
}

Tensor Generator::normal(const Shape& shape) {
    const Tensor u = uniform(shape), v = uniform(shape);
    return sqrt(-2.0F * log(1.0F - u)) * cos(2 * std::numbers::pi_v<float> * v);  // 1 - u > 0
}

Tensor dropout(const Tensor& x, Generator& generator, float p) {
    if (!(p >= 0.0F && p < 1.0F)) {
        fail(ErrorKind::kInvalidArgument, "dropout: p is {}, not in [0, 1)", p);
    }
    if (p == 0.0F) return x;
    const Tensor u = generator.uniform(x.shape());
    std::vector<Tensor> inputs = u.node()->inputs;
    inputs.insert(inputs.begin(), x);
    return graph::apply(ops::dropout_op, graph::Attributes::of(ops::DropoutAttributes{p, 0}),
                        std::move(inputs));
}

}  // namespace ingot
