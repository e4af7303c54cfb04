// SPDX-License-Identifier: MIT
// Scaled dot-product attention without a score matrix (Dao et al. 2022, FlashAttention):
//   scores = scale q k^T + mask,  w = softmax(scores),  o = w v
//   q [B, H, L, E], k [B, Hkv, S, E], v [B, Hkv, S, Ev] -> o [B, L, H, Ev], log_sum [B, L, H]
// Forward keeps log_sum = log sum exp(scores) a row. Backward makes the weights anew from it, tile
// by tile, once for the queries and once for the keys:
//   delta = rowsum(d_o o),  d_scores = w (d_o v^T - delta)
//   d_q = scale d_scores k,  d_k = scale d_scores^T q,  d_v = w^T d_o,  d_mask = d_scores
// Dropped weights (u < p) are 0 in w v, others grow by 1 / (1 - p); log_sum and delta stand as
// they are, since delta sums what was kept.
#include "shaders/attention.h"
#include "graph/autocast.h"
#include "graph/program_call.h"
#include "kernels/device_description.h"

#include <ingot/ops.h>

#include <algorithm>
#include <cmath>

namespace ingot::ops {
namespace {

constexpr float kHidden = -3e38F;  // what a bool mask adds to a score that it hides

using graph::Attributes;
using graph::Candidate;
using graph::GradientContext;
using graph::LowerContext;
using graph::OpDef;
using graph::Operation;
using graph::View;

struct AttentionAttributes {
    bool is_causal;
    bool has_mask;
    float scale;
    float dropout;
    template <typename Visit>
    void fields(Visit visit) const {
        visit("is_causal", is_causal);
        visit("has_mask", has_mask);
        visit("scale", scale);
        visit("dropout", dropout);
    }
};

// Inputs: q, k, v; in backward d_o, log_sum, delta; the mask if there is one; key, counter and
// stream of the random numbers if weights are dropped.
constexpr std::size_t kForwardInputs = 3, kBackwardInputs = 6;

enum class Kernel { kForward, kBackwardQ, kBackwardMask, kBackwardKv };

struct Sizes {
    std::int64_t B, H, Hkv, L, S, E, Ev;
};

Sizes sizes_of(const Shape& q, const Shape& k, const Shape& v) {
    return {q[0], q[1], k[1], q[2], k[2], q[3], v[3]};
}

// How the work is laid out, in the words of shaders/common/attention.glsl.
struct Tiling {
    bool spread;
    std::uint32_t local_size, lanes, rows, keys, columns, chunk;
    double speed;  // of this tile, full, against the others of its device
};

std::uint32_t width_of(Kernel kernel, const Sizes& s) {
    const std::int64_t width = kernel == Kernel::kForward      ? s.Ev
                               : kernel == Kernel::kBackwardKv ? std::max(s.E, s.Ev)
                                                               : s.E;
    return static_cast<std::uint32_t>(width);
}

// For software drivers. Large tiles load least for what they compute, but take longer to compile
// than short sequences take to run. Where loads are by texels, more rows than 16 do not pay.
// Measured on lavapipe 22.3.6 and 26.2. SwiftShader, with four lanes, takes gigabytes to compile
// what larger tiles unroll to, and is no faster with them.
Tiling spread_tiling(Kernel kernel, const Sizes& s, const DeviceDescription& device) {
    if (device.subgroup_size == 4) return {true, 4, 4, 4, 2, 4, 4, 1};
    const std::int64_t own_rows = kernel == Kernel::kBackwardKv ? s.S : s.L;
    const bool is_long = s.L >= 128 && s.S >= 128;
    const std::uint32_t rows = own_rows <= 8 ? 8 : is_long && !device.prefers_texels ? 32 : 16;
    const std::uint32_t keys = !is_long ? 2 : device.prefers_texels ? 8 : 4;
    const std::uint32_t columns = width_of(kernel, s) > 32 ? 8 : 4;
    return {true, 8, 8, rows, keys, columns, 4, 1};
}

// For cards, without spilled registers (docs/kernels.md). A wider head takes more lanes, not more
// columns of a lane, so that no scores are computed twice up to a width of 128.
std::vector<Tiling> shared_tilings(Kernel kernel, const Sizes& s, const DeviceDescription& device) {
    const std::uint32_t width = width_of(kernel, s);
    const std::uint32_t lanes = width <= 32 ? 8 : width <= 64 ? 16 : 32;
    std::vector<Tiling> tilings;
    if (!device.chooses_narrow_subgroups()) {
        tilings.push_back({false, 128, lanes, 8, 2, 4, std::min(lanes, 16u), 1});
    }
    if (device.min_subgroup_size < 32) {
        const std::uint32_t keys = kernel == Kernel::kForward ? 4 : 2;
        tilings.push_back({false, 128, lanes, 4, keys, 4, lanes, 0.8});
    }
    return tilings;
}

std::vector<Tiling> tilings_of(Kernel kernel, const Sizes& s, const DeviceDescription& device) {
    const bool spread = device.subgroup_size == 4 || device.subgroup_size == 8;
    if (device.device_class == DeviceClass::kCpu && spread) {
        return {spread_tiling(kernel, s, device)};
    }
    return shared_tilings(kernel, s, device);
}

// `rows` is the axis of the view along which L or S runs, the other inner one being the heads.
shaders::HeadStrides strides_of(const View& view, std::size_t rows) {
    const auto stride = [&](std::size_t axis) {
        return view.shape[axis] == 1 ? 0 : static_cast<std::uint32_t>(view.strides[axis]);
    };
    return {stride(0), stride(3 - rows), stride(rows), static_cast<std::uint32_t>(view.offset)};
}

bool reads_in_fours(const shaders::HeadStrides& s, std::int64_t width) {
    return width % 4 == 0 && (s.batch | s.head | s.row | s.offset) % 4 == 0;
}

// Fails if the device cannot run so many groups or rounds.
Candidate lower(const LowerContext& context, Kernel kernel, const Sizes& s, const Tiling& tiling) {
    const Operation& op = *context.group.anchor_in(context.body);
    const auto& a = op.attributes.as<AttentionAttributes>();
    const bool backward = kernel != Kernel::kForward;
    const bool by_keys = kernel == Kernel::kBackwardKv;
    const std::size_t mask_at = backward ? kBackwardInputs : kForwardInputs;

    shaders::AttentionParameters parameters{};
    parameters.H = static_cast<std::uint32_t>(s.H);
    parameters.heads_per_key = static_cast<std::uint32_t>(s.H / s.Hkv);
    parameters.L = static_cast<std::uint32_t>(s.L);
    parameters.S = static_cast<std::uint32_t>(s.S);
    parameters.E = static_cast<std::uint32_t>(s.E);
    parameters.Ev = static_cast<std::uint32_t>(s.Ev);
    parameters.scale = a.scale;
    parameters.drop = a.dropout;
    parameters.q = strides_of(op.inputs[0].view, 2);
    parameters.k = strides_of(op.inputs[1].view, 2);
    parameters.v = strides_of(op.inputs[2].view, 2);
    bool wide = reads_in_fours(parameters.q, s.E) && reads_in_fours(parameters.k, s.E) &&
                reads_in_fours(parameters.v, s.Ev);
    if (backward) {
        parameters.d_o = strides_of(op.inputs[3].view, 1);
        wide = wide && reads_in_fours(parameters.d_o, s.Ev);
    }
    std::uint32_t mask_kind = shaders::kMaskNone;
    if (a.has_mask) {
        const View& mask = op.inputs[mask_at].view;
        parameters.mask = strides_of(mask, 2);
        parameters.mask_column = s.S == 1 ? 0 : static_cast<std::uint32_t>(mask.strides[3]);
        mask_kind = parameters.mask.row == 0 ? shaders::kMaskKeys : shaders::kMaskFull;
    }

    const std::uint32_t slice = tiling.columns * tiling.lanes;
    // No read beyond an edge. (CHUNK divides the slice.)
    const bool exact = s.E % slice == 0 && s.Ev % slice == 0 && (!by_keys || s.E == s.Ev);

    const bool texels =
        tiling.spread && context.device.prefers_texels && graph::fits_texels(context.body, op);

    constexpr const char* kNames[] = {"attention", "attention_backward_q", "attention_backward_q",
                                      "attention_backward_kv"};
    KernelCall call = KernelCall::make(fmt::format("{}_{}{}", kNames[static_cast<int>(kernel)],
                                                   tiling.spread ? "spread" : "shared",
                                                   !wide    ? ""
                                                   : texels ? "_texel"
                                                            : "_wide"));
    call.parameters(parameters)
        .constant("LOCAL_SIZE", tiling.local_size)
        .constant("LANES", tiling.lanes)
        .constant("ROWS", tiling.rows)
        .constant("KEYS", tiling.keys)
        .constant("COLS", tiling.columns)
        .constant("CHUNK", tiling.chunk)
        .constant("EXACT", exact)
        .constant("CAUSAL", a.is_causal)
        .constant("MASK", mask_kind)
        .constant("DROPOUT", a.dropout > 0);

    constexpr Operand kUnused{Operand::Kind::kUnused, 0, 0, 0};
    const auto input = [&](std::size_t at) {
        return graph::operand_of(context.body, op.inputs[at].value);
    };
    const auto output = [&](std::size_t at) {
        return graph::operand_of(context.body, op.outputs[at]);
    };
    call.bind("q", input(0)).bind("k", input(1)).bind("v", input(2));
    call.bind("mask", a.has_mask ? input(mask_at) : kUnused);
    std::size_t next = mask_at + (a.has_mask ? 1 : 0);
    for (const char* name : {"random_key", "random_counter", "random_stream"}) {
        call.bind(name, a.dropout > 0 ? input(next++) : kUnused);
    }
    if (!backward) {
        call.bind("o", output(0)).bind("log_sum", output(1));
    } else {
        call.bind("d_o", input(3)).bind("log_sum", input(4)).bind("delta", input(5));
        if (by_keys) {
            call.bind("d_k", output(0)).bind("d_v", output(1));
        } else {
            const bool scores = kernel == Kernel::kBackwardMask;
            call.constant("D_SCORES", scores)
                .bind("d_q", scores ? kUnused : output(0))
                .bind("d_scores", scores ? output(0) : kUnused);
        }
    }

    const auto ceil_div = [](std::int64_t n, std::int64_t d) { return (n + d - 1) / d; };
    // The gradient of the mask has no columns to accumulate.
    const std::int64_t slices =
        kernel == Kernel::kBackwardMask ? 1 : ceil_div(width_of(kernel, s), slice);
    const std::int64_t row_tiles =
        ceil_div(by_keys ? s.S : s.L, tiling.rows * (tiling.local_size / tiling.lanes));
    const std::int64_t groups[] = {slices * row_tiles, by_keys ? s.Hkv : s.H, s.B};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (groups[axis] > context.device.max_group_count[axis]) {
            fail(ErrorKind::kUnsupported, "{}: q {}, k {} take {} groups along axis {}, {} has {}",
                 op.def->name, to_string(op.inputs[0].view.shape),
                 to_string(op.inputs[1].view.shape), groups[axis], axis, context.device.name,
                 context.device.max_group_count[axis]);
        }
    }
    // Old lavapipe leaves a kernel after 65535 rounds of its loops, inner ones counted.
    const std::int64_t tiles = by_keys ? s.H / s.Hkv * ceil_div(s.L, tiling.keys * tiling.lanes)
                                       : ceil_div(s.S, tiling.keys * tiling.lanes);
    const std::int64_t rounds =
        tiles * (1 + (backward ? 2 : 1) * tiling.lanes + ceil_div(s.E, tiling.chunk) +
                 (backward ? ceil_div(s.Ev, tiling.chunk) : 0));
    if (tiling.spread && rounds > 65000) {
        fail(ErrorKind::kUnsupported,
             "{}: q {}, k {} are {} rounds of a kernel's loops, {} takes 65000", op.def->name,
             to_string(op.inputs[0].view.shape), to_string(op.inputs[1].view.shape), rounds,
             context.device.name);
    }
    call.dispatch({static_cast<std::uint32_t>(groups[0]), static_cast<std::uint32_t>(groups[1]),
                   static_cast<std::uint32_t>(groups[2])});

    Candidate candidate;
    candidate.name = fmt::format("{} {}x{}", call.kernel->name, tiling.rows, tiling.keys);
    const double pairs = static_cast<double>(s.B * s.H) * static_cast<double>(s.L) *
                         static_cast<double>(s.S) * (a.is_causal ? 0.5 : 1.0);
    const auto columns = static_cast<double>(s.E + s.Ev);
    candidate.flops = 2 * pairs * columns * (by_keys ? 2.0 : backward ? 1.5 : 1.0);
    candidate.bytes =
        4 * columns * static_cast<double>(s.B * (s.H * s.L + s.Hkv * s.S)) * (backward ? 2 : 1);
    candidate.cost_ns = candidate.flops / tiling.speed;
    candidate.calls.push_back(std::move(call));
    return candidate;
}

template <Kernel kernel>
std::vector<Candidate> lower(const LowerContext& context) {
    const Operation& op = *context.group.anchor_in(context.body);
    const Sizes s =
        sizes_of(op.inputs[0].view.shape, op.inputs[1].view.shape, op.inputs[2].view.shape);
    std::vector<Candidate> candidates;
    for (const Tiling& tiling : tilings_of(kernel, s, context.device))
        candidates.push_back(lower(context, kernel, s, tiling));
    return candidates;
}

// q, k, v and d_o need their last axis side by side; the mask may lie anyhow.
template <std::size_t fixed_inputs>
bool accepts(std::size_t input, const View& view) {
    if (view.shape.rank() != 4) return false;
    return input >= fixed_inputs || view.shape[3] == 1 || view.strides[3] == 1;
}

std::vector<TensorSpec> infer(std::span<const Tensor> inputs, const Attributes&) {
    const Sizes s = sizes_of(inputs[0].shape(), inputs[1].shape(), inputs[2].shape());
    return {{{s.B, s.L, s.H, s.Ev}, f32}, {{s.B, s.L, s.H}, f32}};
}

constexpr std::string_view kOnce = "it is a gradient; second derivatives are not supported";

const OpDef backward_q_op{
    .name = "attention_backward_q",
    .listed = graph::in_list<backward_q_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const Sizes s = sizes_of(inputs[0].shape(), inputs[1].shape(), inputs[2].shape());
        return {{{s.B, s.L, s.H, s.E}, f32}};
    },
    .no_gradient = kOnce,
    .lower = lower<Kernel::kBackwardQ>,
    .reads_narrow = true,
    .accepts = accepts<kBackwardInputs>};

const OpDef backward_mask_op{
    .name = "attention_backward_mask",
    .listed = graph::in_list<backward_mask_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const Sizes s = sizes_of(inputs[0].shape(), inputs[1].shape(), inputs[2].shape());
        return {{{s.B, s.H, s.L, s.S}, f32}};
    },
    .no_gradient = kOnce,
    .lower = lower<Kernel::kBackwardMask>,
    .reads_narrow = true,
    .accepts = accepts<kBackwardInputs>};

const OpDef backward_kv_op{
    .name = "attention_backward_kv",
    .listed = graph::in_list<backward_kv_op>,
    .autocast = graph::AutocastRule::kAsGiven,
    .infer = [](std::span<const Tensor> inputs, const Attributes&) -> std::vector<TensorSpec> {
        const Sizes s = sizes_of(inputs[0].shape(), inputs[1].shape(), inputs[2].shape());
        return {{{s.B, s.S, s.Hkv, s.E}, f32}, {{s.B, s.S, s.Hkv, s.Ev}, f32}};
    },
    .no_gradient = kOnce,
    .lower = lower<Kernel::kBackwardKv>,
    .reads_narrow = true,
    .accepts = accepts<kBackwardInputs>};

// [B, L, H, E] as [B, H, L, E], and back.
Tensor heads_swapped(const Tensor& x) {
    return transpose(x, 1, 2);
}

std::vector<Tensor> gradient(const GradientContext& c) {
    const auto& a = c.attributes<AttentionAttributes>();
    std::vector<Tensor> inputs = c.node.inputs;
    inputs.insert(inputs.begin() + kForwardInputs,
                  {c.d_y(), c.outputs[1], sum(c.y() * c.d_y(), {.axes = {3}})});
    const Tensor d_q = graph::apply(backward_q_op, c.node.attributes, inputs);
    const auto d_kv = graph::apply_all(backward_kv_op, c.node.attributes, inputs);
    std::vector<Tensor> d_inputs{heads_swapped(d_q), heads_swapped(d_kv[0]),
                                 heads_swapped(d_kv[1])};
    d_inputs.resize(c.node.inputs.size());
    if (a.has_mask) {
        d_inputs[kForwardInputs] = graph::apply(backward_mask_op, c.node.attributes, inputs);
    }
    return d_inputs;
}

// Scores, and what they pick of the values.
std::int64_t flops(const graph::Node& node) {
    const Sizes s =
        sizes_of(node.inputs[0].shape(), node.inputs[1].shape(), node.inputs[2].shape());
    return 2 * s.B * s.H * s.L * s.S * (s.E + s.Ev);
}

const OpDef attention_op{.name = "attention",
                         .listed = graph::in_list<attention_op>,
                         .autocast = graph::AutocastRule::kLower,
                         .infer = infer,
                         .gradient = gradient,
                         .flops = flops,
                         .lower = lower<Kernel::kForward>,
                         .reads_narrow = true,
                         .accepts = accepts<kForwardInputs>};

void check(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
    constexpr const char* kName = "scaled_dot_product_attention";
    const auto refuse = [&](const std::string& rule) {
        fail(ErrorKind::kInvalidArgument, "{}: {}; q {}, k {}, v {}", kName, rule,
             to_string(q.spec()), to_string(k.spec()), to_string(v.spec()));
    };
    for (const Tensor* x : {&q, &k, &v}) {
        if (!is_floating(x->dtype()) || x->shape().rank() != 4)
            refuse("takes f32[B, heads, rows, E]");
        if (x->shape().count() == 0) refuse("nothing to attend to in an empty tensor");
    }
    const Shape &sq = q.shape(), &sk = k.shape(), &sv = v.shape();
    if (sq[0] != sk[0] || sq[0] != sv[0]) refuse("batch sizes differ");
    if (sk[1] != sv[1]) refuse("k and v have different numbers of heads");
    if (sk[2] != sv[2]) refuse("k and v have different numbers of rows");
    if (sq[3] != sk[3]) refuse("q and k have different widths");
    if (sq[1] % sk[1] != 0) {
        refuse(fmt::format("{} heads of q do not share {} heads of k evenly", sq[1], sk[1]));
    }
    if (options.scale && !std::isfinite(*options.scale)) {
        refuse(fmt::format("scale is {}, not a finite number", *options.scale));
    }
    if (!(options.dropout >= 0.0F && options.dropout < 1.0F)) {
        refuse(fmt::format("dropout is {}, not in [0, 1)", options.dropout));
    }
    if (options.dropout > 0 && options.generator == nullptr) {
        refuse(fmt::format("dropout {} needs a generator", options.dropout));
    }
    const Shape scores{sq[0], sq[1], sq[2], sk[2]};
    if (scores.count() > 0xffffffffll && (options.dropout > 0)) {
        refuse(fmt::format("dropout cannot number the {} weights (at most 2^32)", scores.count()));
    }
    for (const Tensor* x : {&q, &k, &v}) {
        if (x->shape().count() > 0xffffffffll) refuse("a kernel numbers at most 2^32 elements");
    }
    if (!options.mask) return;
    if (!is_floating(options.mask.dtype()) && options.mask.dtype() != boolean) {
        refuse(fmt::format("the mask is {}, it is f32 and added to the scores, or bool",
                           to_string(options.mask.spec())));
    }
    const Shape& mask = options.mask.shape();
    bool fits = mask.rank() <= 4 && mask.count() > 0;
    for (std::size_t i = 1; fits && i <= mask.rank(); ++i) {
        const std::int64_t size = mask[mask.rank() - i];
        fits = size == 1 || size == scores[4 - i];
    }
    if (!fits) {
        refuse(fmt::format("the mask {} cannot be broadcast to the scores {}", to_string(mask),
                           to_string(scores)));
    }
}

}  // namespace
}  // namespace ingot::ops

namespace ingot {

Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options) {
    ops::check(q, k, v, options);
    const ops::Sizes s = ops::sizes_of(q.shape(), k.shape(), v.shape());
    const Shape scores{s.B, s.H, s.L, s.S};
    const float scale = options.scale.value_or(1.0F / std::sqrt(static_cast<float>(s.E)));
    const bool has_mask = static_cast<bool>(options.mask);
    // The mask is added to the scores, which are f32: -1e30, say, is no number of f16.
    const graph::Casting casting(ops::attention_op.autocast);
    std::vector<Tensor> inputs{casting(q), casting(k), casting(v)};
    if (has_mask) {
        const bool keeps = options.mask.dtype() == boolean;
        const Tensor added = keeps ? where(options.mask, 0.0F, ops::kHidden) : options.mask;
        inputs.push_back(expand(added, scores));
    }
    if (options.dropout > 0) {
        const Tensor u = options.generator->uniform(scores);  // never computed: only its names
        inputs.insert(inputs.end(), u.node()->inputs.begin(), u.node()->inputs.end());
    }
    const ops::AttentionAttributes attributes{options.is_causal, has_mask, scale, options.dropout};
    const auto outputs =
        graph::apply_all(ops::attention_op, graph::Attributes::of(attributes), std::move(inputs));
    return ops::heads_swapped(casting.result(outputs[0]));
}

}  // namespace ingot
