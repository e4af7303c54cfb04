// SPDX-License-Identifier: MIT
// The same elements in another shape or order: views, free unless a kernel cannot follow their
// strides, and what takes tensors apart and puts them together. Where nothing else is said, tensors
// of any type.
#pragma once

#include <ingot/tensor.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

namespace ingot {

INGOT_API Tensor reshape(const Tensor& x, const Shape& shape);
// One size may be given as -1: what is left.
INGOT_API Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes);
INGOT_API Tensor flatten(const Tensor& x, std::int64_t start_axis = 0, std::int64_t end_axis = -1);
INGOT_API Tensor transpose(const Tensor& x, std::int64_t axis_a = -2, std::int64_t axis_b = -1);
INGOT_API Tensor permute(const Tensor& x, std::span<const std::int64_t> axes);
INGOT_API Tensor permute(const Tensor& x, std::initializer_list<std::int64_t> axes);
INGOT_API Tensor expand(const Tensor& x, const Shape& shape);  // broadcast to `shape`

struct SliceOptions {
    std::int64_t axis = 0;
    std::int64_t begin = 0;           // from the back when negative
    std::optional<std::int64_t> end;  // exclusive; from the back when negative; default: the size
    std::int64_t step = 1;            // at least 1
};
INGOT_API Tensor slice(const Tensor& x, const SliceOptions& options);
// The order along each of the axes turned round; a view, as the others above.
INGOT_API Tensor flip(const Tensor& x, std::span<const std::int64_t> axes);
INGOT_API Tensor flip(const Tensor& x, std::initializer_list<std::int64_t> axes);
// An axis of size 1 added in front of `axis`; -1 adds it behind the last.
INGOT_API Tensor unsqueeze(const Tensor& x, std::int64_t axis);
INGOT_API Tensor squeeze(const Tensor& x);                     // without any axis of size 1
INGOT_API Tensor squeeze(const Tensor& x, std::int64_t axis);  // x itself if its size is not 1
// x [.., N, M] -> [.., L]: the elements (i, i + offset) of the two axes, which come last.
INGOT_API Tensor diagonal(const Tensor& x, std::int64_t offset = 0, std::int64_t axis_a = -2,
                          std::int64_t axis_b = -1);

// Shapes agree but for `axis`.
INGOT_API Tensor concatenate(std::span<const Tensor> tensors, std::int64_t axis = 0);
// Shapes agree; laid behind one another along a new axis in front of `axis`.
INGOT_API Tensor stack(std::span<const Tensor> tensors, std::int64_t axis = 0);

// Views of parts along `axis`. Each of them may be used or not: the gradient of all is one
// concatenation.
INGOT_API std::vector<Tensor> split(const Tensor& x, std::span<const std::int64_t> sizes,
                                    std::int64_t axis = 0);  // the sizes add up to the axis
INGOT_API std::vector<Tensor> split(const Tensor& x, std::initializer_list<std::int64_t> sizes,
                                    std::int64_t axis = 0);
// Parts of `size` each, the last one of what is left.
INGOT_API std::vector<Tensor> split(const Tensor& x, std::int64_t size, std::int64_t axis = 0);
// At most `chunks` parts of equal size, the last one of what is left: torch.chunk.
INGOT_API std::vector<Tensor> chunk(const Tensor& x, std::int64_t chunks, std::int64_t axis = 0);
INGOT_API std::vector<Tensor> unbind(const Tensor& x, std::int64_t axis = 0);  // without the axis

// x as often along each axis as `repeats` says, which counts from the last axis; longer than the
// rank of x, it adds axes in front: torch.tile.
INGOT_API Tensor tile(const Tensor& x, std::span<const std::int64_t> repeats);
INGOT_API Tensor tile(const Tensor& x, std::initializer_list<std::int64_t> repeats);
// Each element `repeats` times in a row.
INGOT_API Tensor repeat_interleave(const Tensor& x, std::int64_t repeats, std::int64_t axis);
// Element i moves to (i + shift) mod size.
INGOT_API Tensor roll(const Tensor& x, std::int64_t shift, std::int64_t axis = -1);

enum class PadMode {
    kConstant,
    kReflect,    // c b | a b c | b a: less than the size on either side
    kReplicate,  // a a | a b c | c c
    kCircular    // b c | a b c | a b: at most the size on either side
};
struct AxisPadding {
    std::int64_t axis = -1;
    std::int64_t before = 0;  // elements in front; a negative number takes as many away
    std::int64_t after = 0;   // elements behind; likewise
};
struct PadOptions {
    std::vector<AxisPadding> axes;  // each named at most once; others stay as they are
    PadMode mode = PadMode::kConstant;
    float value = 0;  // of kConstant; of integers a whole number that the type holds
};
// torch.nn.functional.pad, the axes named instead of counted from the back.
INGOT_API Tensor pad(const Tensor& x, const PadOptions& options);

// Numbers that stand for themselves: 0, 1, .. count - 1, of i32 or f32 (exact below 2^24).
INGOT_API Tensor arange(std::int64_t count, DType dtype = i32);
// `steps` numbers at equal distances, the first `start`, the last `end`; f32.
INGOT_API Tensor linspace(float start, float end, std::int64_t steps);
// f32 [rows, columns] with 1 on the diagonal; 0 columns: as many as rows.
INGOT_API Tensor eye(std::int64_t rows, std::int64_t columns = 0);

// x [.., N, M] with zeros above, or below, the diagonal (i, i + diagonal); floats.
INGOT_API Tensor tril(const Tensor& x, std::int64_t diagonal = 0);
INGOT_API Tensor triu(const Tensor& x, std::int64_t diagonal = 0);

}  // namespace ingot
