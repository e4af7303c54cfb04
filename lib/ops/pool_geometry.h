// SPDX-License-Identifier: MIT
// Pooling's windows: what options ask for, checked against x.
#pragma once

#include "ops/window.h"

#include <ingot/tensor.h>

namespace ingot::ops {

struct PoolGeometry {
    std::size_t axes;  // 1 to 3
    std::int64_t batch, channels;
    Triple image, result;  // D H W, D' H' W'
    Triple kernel, stride, padding, dilation;
    bool adaptive = false;  // windows by image and result alone; the four above are 1, 1, 0, 1
    bool include_pad = true;

    Shape x_shape() const { return shape_of(batch, channels, image, axes); }
    Shape y_shape() const { return shape_of(batch, channels, result, axes); }

    // The most positions of a window along an axis, and the most windows that hold a position.
    std::int64_t reach(std::size_t axis) const {
        return adaptive ? image[axis] / result[axis] + 2 : kernel[axis];
    }
    std::int64_t overlap(std::size_t axis) const {
        return adaptive ? result[axis] / image[axis] + 2
                        : (kernel[axis] - 1) * dilation[axis] / stride[axis] + 1;
    }
    // Whether some window reaches out of x, or even out of its padding, which `ceil_mode` allows.
    bool leaves_image() const { return leaves(Triple{0, 0, 0}); }
    bool leaves_padding() const { return leaves(padding); }

    template <typename Visit>
    void fields(Visit visit) const {
        visit("x", x_shape());
        visit("y", y_shape());
        visit("kernel", last_axes(kernel, axes));
        visit("stride", last_axes(stride, axes));
        visit("padding", last_axes(padding, axes));
        visit("dilation", last_axes(dilation, axes));
        visit("adaptive", adaptive);
        visit("include_pad", include_pad);
    }

private:
    bool leaves(const Triple& margin) const {
        for (std::size_t axis = 0; axis < 3 && !adaptive; ++axis) {
            const std::int64_t last = (result[axis] - 1) * stride[axis] - padding[axis] +
                                      (kernel[axis] - 1) * dilation[axis];
            if (padding[axis] > margin[axis] || last >= image[axis] + margin[axis]) return true;
        }
        return false;
    }
};

struct PoolRequest {
    const char* name;  // of the public function
    std::size_t axes;
    Triple kernel, stride, padding, dilation{1, 1, 1};
    bool ceil_mode = false;
    bool include_pad = true;
};

// Both throw naming the sizes at fault.
PoolGeometry pool_geometry(const PoolRequest& request, const Tensor& x);
PoolGeometry adaptive_geometry(const char* name, const Tensor& x,
                               std::span<const std::int64_t> output_size);

}  // namespace ingot::ops
