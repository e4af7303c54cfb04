// SPDX-License-Identifier: MIT
#include "nn/function.h"

#include <ingot/nn/layout.h>

#include <algorithm>
#include <cmath>

namespace ingot::nn {
namespace {

Tensor same(const Tensor& x) {
    return x;
}
using IdentitySpec = FunctionSpec<"Identity", same>;

struct FlattenSpec {
    static constexpr const char* kType = "Flatten";
    std::int64_t start_axis = 1, end_axis = -1;
    void visit(OptionVisitor& option) {
        option("start_axis", start_axis);
        option("end_axis", end_axis);
    }
    Tensor run(const Tensor& x) const { return flatten(x, start_axis, end_axis); }
};

struct UnflattenSpec {
    static constexpr const char* kType = "Unflatten";
    std::int64_t axis = 1;
    std::vector<std::int64_t> sizes = {};
    void visit(OptionVisitor& option) {
        option.required("axis", axis);
        option.required("sizes", sizes);
    }
    void check() const {
        const auto open = std::count(sizes.begin(), sizes.end(), -1);
        const bool wrong =
            std::any_of(sizes.begin(), sizes.end(), [](auto size) { return size < -1; });
        if (!sizes.empty() && !wrong && open <= 1) return;
        fail(ErrorKind::kInvalidArgument,
             "Unflatten: [{}] are no sizes: at least one, none negative but one -1",
             fmt::join(sizes, ", "));
    }

    Tensor run(const Tensor& x) const {
        const std::size_t at = resolve_axis(kType, axis, x.shape());
        std::vector<std::int64_t> filled = sizes;
        std::int64_t product = 1;
        for (const std::int64_t size : sizes)
            product *= size == -1 ? 1 : size;
        for (std::int64_t& size : filled) {
            if (size != -1) continue;
            size = product == 0 ? 0 : x.shape()[at] / product;
            product *= size;
        }
        if (product != x.shape()[at]) {
            fail(ErrorKind::kInvalidArgument, "Unflatten: axis {} of {} has no parts [{}]", at,
                 to_string(x.shape()), fmt::join(sizes, ", "));
        }
        std::vector<std::int64_t> shape(x.shape().begin(), x.shape().end());
        const auto place = shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(at));
        shape.insert(place, filled.begin(), filled.end());
        return reshape(x, Shape(shape));
    }
};

struct UpsampleSpec {
    static constexpr const char* kType = "Upsample";
    UpsampleOptions options = {};
    void visit(OptionVisitor& option) {
        option("size", options.size);
        option("scale_factor", options.scale_factor);
        option.choice("mode", options.mode, {"nearest", "nearest-exact", "linear"});
        option("align_corners", options.align_corners);
    }
    void check() const {
        if (options.size.empty() == options.scale_factor.empty()) {
            fail(ErrorKind::kInvalidArgument,
                 "Upsample: takes a size or a scale_factor, not {} and {} numbers of them",
                 options.size.size(), options.scale_factor.size());
        }
        for (const std::int64_t size : options.size)
            check_at_least(kType, "size", size, 1);
        for (const double scale : options.scale_factor) {
            if (scale > 0 && std::isfinite(scale)) continue;
            fail(ErrorKind::kInvalidArgument, "Upsample: scale_factor is {}, not a number above 0",
                 scale);
        }
    }
    Tensor run(const Tensor& x) const {
        return interpolate(x, {.size = options.size,
                               .scale = options.scale_factor,
                               .mode = options.mode,
                               .align_corners = options.align_corners});
    }
};

struct PixelShuffleSpec {
    static constexpr const char* kType = "PixelShuffle";
    std::int64_t upscale_factor = 1;
    void visit(OptionVisitor& option) { option.required("upscale_factor", upscale_factor); }
    void check() const { check_at_least(kType, "upscale_factor", upscale_factor, 1); }

    Tensor run(const Tensor& x) const {
        check_rank(kType, x, 4, "[B, C, H, W]");
        const auto [B, C, H, W] =
            std::array{x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]};
        const std::int64_t r = upscale_factor;
        if (C % (r * r) != 0) {
            fail(ErrorKind::kInvalidArgument,
                 "PixelShuffle: {} channels of {} are no blocks of {} x {}", C,
                 to_string(x.shape()), r, r);
        }
        const Tensor blocks = reshape(x, {B, C / (r * r), r, r, H, W});
        return reshape(permute(blocks, {0, 1, 4, 2, 5, 3}), {B, C / (r * r), H * r, W * r});
    }
};

struct PixelUnshuffleSpec {
    static constexpr const char* kType = "PixelUnshuffle";
    std::int64_t downscale_factor = 1;
    void visit(OptionVisitor& option) { option.required("downscale_factor", downscale_factor); }
    void check() const { check_at_least(kType, "downscale_factor", downscale_factor, 1); }

    Tensor run(const Tensor& x) const {
        check_rank(kType, x, 4, "[B, C, H, W]");
        const auto [B, C, H, W] =
            std::array{x.shape()[0], x.shape()[1], x.shape()[2], x.shape()[3]};
        const std::int64_t r = downscale_factor;
        if (H % r != 0 || W % r != 0) {
            fail(ErrorKind::kInvalidArgument,
                 "PixelUnshuffle: {} is not made of blocks of {} x {} pixels", to_string(x.shape()),
                 r, r);
        }
        const Tensor blocks = reshape(x, {B, C, H / r, r, W / r, r});
        return reshape(permute(blocks, {0, 1, 3, 5, 2, 4}), {B, C * r * r, H / r, W / r});
    }
};

}  // namespace

Identity::Identity() : Module(function_layer(IdentitySpec{})) {}
Flatten::Flatten(std::int64_t start_axis, std::int64_t end_axis)
    : Module(function_layer(FlattenSpec{start_axis, end_axis})) {}
Unflatten::Unflatten(std::int64_t axis, std::vector<std::int64_t> sizes)
    : Module(function_layer(UnflattenSpec{axis, std::move(sizes)})) {}
Upsample::Upsample(const UpsampleOptions& options)
    : Module(function_layer(UpsampleSpec{options})) {}
PixelShuffle::PixelShuffle(std::int64_t upscale_factor)
    : Module(function_layer(PixelShuffleSpec{upscale_factor})) {}
PixelUnshuffle::PixelUnshuffle(std::int64_t downscale_factor)
    : Module(function_layer(PixelUnshuffleSpec{downscale_factor})) {}

std::span<const LayerMaker> layout_layers() {
    static constexpr LayerMaker kMakers[] = {
        maker_of<FunctionLayer<IdentitySpec>>(),     maker_of<FunctionLayer<FlattenSpec>>(),
        maker_of<FunctionLayer<UnflattenSpec>>(),    maker_of<FunctionLayer<UpsampleSpec>>(),
        maker_of<FunctionLayer<PixelShuffleSpec>>(), maker_of<FunctionLayer<PixelUnshuffleSpec>>(),
    };
    return kMakers;
}

}  // namespace ingot::nn
