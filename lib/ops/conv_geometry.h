// SPDX-License-Identifier: MIT
// The shape algebra of convolutions, pooling and their like: windows over one to three axes. Inside
// there are always three, outermost first; axes that an operator lacks come first and have size 1.
#pragma once

#include <ingot/shape.h>
#include <ingot/tensor.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ingot::ops {

using Triple = std::array<std::int64_t, 3>;  // depth, height, width

// `values` for the last axes, `rest` for those in front.
inline Triple triple_of(std::span<const std::int64_t> values, std::int64_t rest) {
    Triple triple{rest, rest, rest};
    for (std::size_t i = 0; i < values.size(); ++i) {
        triple[3 - values.size() + i] = values[i];
    }
    return triple;
}
inline Triple triple_of(const Shape& shape, std::size_t axes) {
    return triple_of(shape.sizes().subspan(shape.rank() - axes), 1);
}
inline std::int64_t product(const Triple& triple) {
    return triple[0] * triple[1] * triple[2];
}
inline std::vector<std::int64_t> last_axes(const Triple& triple, std::size_t axes) {
    return {triple.end() - static_cast<std::ptrdiff_t>(axes), triple.end()};
}
// [first, second, the last `axes` of triple]
inline Shape shape_of(std::int64_t first, std::int64_t second, const Triple& triple,
                      std::size_t axes) {
    std::vector<std::int64_t> sizes = last_axes(triple, axes);
    sizes.insert(sizes.begin(), {first, second});
    return Shape(sizes);
}

// "width" for axis 2 of three, as errors name it; "length" where there is no other.
const char* axis_name(std::size_t axis, std::size_t axes);

// The most that any size, stride, padding or dilation may be, and the most elements of a tensor:
// kernels count in signed words.
inline constexpr std::int64_t kMostPositions = std::int64_t{1} << 30;
inline constexpr std::int64_t kMostElements = (std::int64_t{1} << 31) - 1;

struct ConvGeometry {
    std::size_t axes;  // 1 to 3
    std::int64_t batch, channels, outputs, groups;
    Triple image, kernel, result;      // D H W, kd kh kw, D' H' W'
    Triple stride, padding, dilation;  // padding in front; behind it is what result asks for

    Shape x_shape() const { return shape_of(batch, channels, image, axes); }
    Shape w_shape() const { return shape_of(outputs, channels / groups, kernel, axes); }
    Shape y_shape() const { return shape_of(batch, outputs, result, axes); }

    template <typename Visit>
    void fields(Visit visit) const {
        visit("x", x_shape());
        visit("weight", w_shape());
        visit("y", y_shape());
        visit("stride", last_axes(stride, axes));
        visit("padding", last_axes(padding, axes));
        visit("dilation", last_axes(dilation, axes));
        visit("groups", groups);
    }
};

// The options of all convolutions, of one to three axes.
struct ConvRequest {
    const char* name;  // of the public function
    std::size_t axes;
    Triple stride, padding, dilation;
    Triple output_padding{};
    std::int64_t groups;
    bool same = false;
};

// Geometry of conv(x, weight), and of the convolution whose data gradient conv_transpose(x, weight)
// is: there x has y_shape() and the result x_shape(). Both throw naming the sizes at fault.
ConvGeometry conv_geometry(const ConvRequest& request, const Tensor& x, const Tensor& weight,
                           const Tensor& bias);
ConvGeometry conv_transpose_geometry(const ConvRequest& request, const Tensor& x,
                                     const Tensor& weight, const Tensor& bias);

}  // namespace ingot::ops
