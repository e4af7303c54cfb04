// SPDX-License-Identifier: MIT
// A convolution's sizes: what options ask for, checked against x and weight.
#pragma once

#include "ops/window.h"

#include <ingot/tensor.h>

namespace ingot::ops {

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
