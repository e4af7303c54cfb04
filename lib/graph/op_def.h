// SPDX-License-Identifier: MIT
// OpDef: the contract every operator fulfils, as a constant table of functions. What an operator
// is decides which of them it gives:
//
//   leaf       nothing: the graph knows it
//   view       `view`: its output is its input seen otherwise
//   pointwise  `opcode`: the fuser writes it into programs (shaders/pointwise.h)
//   composite  `expand`: written with other operators, after gradients are taken
//   kernel     `lower`: a fused group and a device's description to candidate kernel calls
//
// and each of them either `gradient` or `no_gradient`, the reason why it has none.
#pragma once

#include "graph/node.h"
#include "graph/view.h"

#include <optional>
#include <string_view>

namespace ingot {
struct DeviceDescription;
}

namespace ingot::graph {

struct Body;
struct Group;
struct Candidate;

// What an Autocast (ingot/autocast.h) makes of an operator: the lists of torch.autocast. A test
// looks for operators that have not decided.
enum class AutocastRule {
    kUndecided,
    kLower,    // operands and result in 16 bits, all between in f32: products, attention
    kFloat32,  // operands and result in f32: what adds many numbers up, or spans a wide range
    kAsGiven,  // as without an Autocast: operands of different types meet in the wider one
};

enum class OpKind { kLeaf, kView, kPointwise, kComposite, kKernel };

// What a kernel can take in beside its own work.
enum class Fusion {
    kNone,
    kEpilogue,  // a pointwise program over each element of output 0 before it is stored
    kPrologue,  // a pointwise program that makes each element of input 0
};

struct GradientContext {
    const Node& node;
    std::vector<Tensor> outputs;
    std::vector<Tensor> d_outputs;  // an empty tensor where nothing flows back
    std::vector<bool> wanted;       // the inputs whose gradient somebody will read

    const Tensor& x(std::size_t input) const { return node.inputs[input]; }
    const Tensor& y() const { return outputs[0]; }
    const Tensor& d_y() const { return d_outputs[0]; }
    template <typename T>
    const T& attributes() const {
        return node.attributes.as<T>();
    }
};

struct LowerContext {
    const Body& body;
    const Group& group;
    const DeviceDescription& device;
};

struct OpDef;

// Every operator stands in one list, which a test compares with what the op tables contain. It is
// put there when the library is loaded; the OpDef itself stays a constant.
class Listing {
public:
    explicit Listing(const OpDef& def) : def_(def), next_(first_) { first_ = this; }
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;

    static std::vector<const OpDef*> all();

private:
    static constinit const Listing* first_;
    const OpDef& def_;
    const Listing* next_;
};

template <const OpDef& def>
inline const Listing listing_of{def};

// Has no default, so that an OpDef that says nothing about the list does not compile.
struct Listed {
    constexpr explicit Listed(const Listing* link) : listing(link) {}
    const Listing* listing;
};

template <const OpDef& def>
inline constexpr Listed in_list{&listing_of<def>};
// For what is no operator of the library: a user's, a test's, the copies that compiling makes.
inline constexpr Listed kUnlisted{nullptr};

struct OpDef {
    std::string_view name;
    Listed listed;  // in_list<this very operator>
    AutocastRule autocast = AutocastRule::kUndecided;
    OpKind kind = OpKind::kKernel;

    // Output specs from input specs and attributes; throws an Error naming the sizes.
    std::vector<TensorSpec> (*infer)(std::span<const Tensor> inputs,
                                     const Attributes& attributes) = nullptr;
    // One tensor an input: d input, or an empty tensor where nothing flows back.
    std::vector<Tensor> (*gradient)(const GradientContext& context) = nullptr;
    std::string_view no_gradient = {};

    // Multiplications and additions, of operators that do nothing else to speak of (FlopCounter).
    std::int64_t (*flops)(const Node& node) = nullptr;

    // kView: nothing when the input's strides cannot express it; the input is then copied first.
    std::optional<View> (*view)(const Node& node, const View& input) = nullptr;
    // kComposite
    std::vector<Tensor> (*expand)(const Node& node) = nullptr;
    // kPointwise
    std::uint32_t opcode = 0;
    float (*fold)(float a, float b, float c) = nullptr;  // for constants; optional
    // kKernel
    std::vector<Candidate> (*lower)(const LowerContext& context) = nullptr;
    Fusion fusion = Fusion::kNone;
    // Whether its kernels bind their floating inputs by operand_of() alone, as storage buffers of
    // which only elements are loaded: then these may be f16 or bf16 where a device has 16-bit
    // storage.
    bool reads_narrow = false;
    // Whether its kernel may find the data at fault (shaders/common/status.glsl). Nothing of the
    // step is updated before the last of these has run.
    bool reports = false;
    // What a report means, before its number: "a row is empty:". Without it, that the element of
    // the last i32 operand which bears the number is out of range.
    std::string_view reported = {};
    // kEpilogue: the access (shaders/pointwise.h) by which the kernel finds element
    // index / div % mod of its output, or kAccessNone when it cannot.
    std::uint32_t (*epilogue_access)(const Shape& output, std::uint32_t div,
                                     std::uint32_t mod) = nullptr;
    // An operator whose output is its inputs laid end to end: the byte offset of each input. Inputs
    // are computed in place where possible and copied there otherwise; `lower` is not used.
    std::vector<std::uint64_t> (*layout)(const Attributes& attributes) = nullptr;
    // ... and the state that holds the output, where it is not the arena.
    std::shared_ptr<State> (*holder)(const Attributes& attributes) = nullptr;
    // Whether the kernel follows this view of this input; without it, contiguous ones at an
    // aligned offset only. Others are copied first.
    bool (*accepts)(std::size_t input, const View& view) = nullptr;
};

}  // namespace ingot::graph
