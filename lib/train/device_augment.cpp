// SPDX-License-Identifier: MIT
// The steps of a plan as expressions. Pictures are x [B, C, H, W]; the numbers of a step are
// columns of the draws, each [B, 1, 1, 1]. Places are whole numbers in f32, exact below 2^24.
//   crop, warp     x at computed places: one gather of each channel's pixels
//   resample, blur A x B, with matrices [B, H', H] and [B, W, W'] made of the numbers
//   the others     pixel by pixel, so they join their neighbours in one kernel
#include <ingot/device_augment.h>

#include <ingot/ops.h>

#include "core/check.h"

#include <algorithm>
#include <vector>

namespace ingot::augment {
namespace {

constexpr std::int64_t kMostPlaces = std::int64_t{1} << 24;

// The numbers of the steps, taken one after the other.
class Draws {
public:
    explicit Draws(Tensor draws) : draws_(std::move(draws)) {}

    Tensor next(std::int64_t count = 1) {  // [B, count, 1, 1]
        const std::int64_t begin = at_;
        at_ += count;
        const Tensor part = slice(draws_, {.axis = 1, .begin = begin, .end = at_});
        return reshape(part, {draws_.shape()[0], count, 1, 1});
    }

private:
    Tensor draws_;  // [B, numbers]
    std::int64_t at_ = 0;
};

// 0, 1 .. size - 1 along an axis of pictures.
Tensor places(std::int64_t size, std::size_t axis) {
    return reshape(arange(size, f32), Shape{1, 1, 1, 1}.with(axis, size));
}

Tensor channel(const Tensor& x, std::int64_t c) {
    return slice(x, {.axis = 1, .begin = c, .end = c + 1});
}

Tensor grey_of(const Tensor& x) {  // [B, 1, H, W]
    if (x.shape()[1] == 1) return x;
    return 0.2989F * channel(x, 0) + 0.587F * channel(x, 1) + 0.114F * channel(x, 2);
}

Tensor within(const Tensor& at, std::int64_t size) {
    return logical_and(greater_equal(at, 0.0F), less(at, static_cast<float>(size)));
}

// Pixels of each channel at whole places (rows, columns), which are broadcast against each other:
// [B, C, H', W']. Places outside are moved to the border.
Tensor pixels_at(const Tensor& x, const Tensor& rows, const Tensor& columns, const Shape& to) {
    const Shape& from = x.shape();
    const std::int64_t batch = from[0], channels = from[1], height = from[2], width = from[3];
    const Tensor row = clamp(rows, 0, static_cast<float>(height - 1));
    const Tensor column = clamp(columns, 0, static_cast<float>(width - 1));
    const Tensor index = cast(row * static_cast<float>(width) + column, i32);
    const std::int64_t count = to[1] * to[2];
    const Tensor all = expand(index, {batch, channels, to[1], to[2]});
    return reshape(gather(reshape(x, {batch, channels, height * width}), 2,
                          reshape(all, {batch, channels, count})),
                   {batch, channels, to[1], to[2]});
}

// As source_index() of the host; places that kConstant fills stay outside.
Tensor source_places(const Tensor& at, std::int64_t size, Padding mode) {
    if (mode == Padding::kConstant) return at;
    if (mode == Padding::kEdge) return clamp(at, 0, static_cast<float>(size - 1));
    const std::int64_t ends = mode == Padding::kSymmetric ? 0 : 1;
    const auto period = static_cast<float>(std::max<std::int64_t>(1, 2 * (size - ends)));
    const Tensor there = remainder(at, period);
    const Tensor back = period - there - static_cast<float>(1 - ends);
    return where(less(there, static_cast<float>(size)), there, back);
}

Tensor crop(const Step& step, const Tensor& x, Draws& draws) {
    const Tensor y = draws.next() + places(step.to[1], 2);
    const Tensor rows = source_places(y, step.from[1], step.padding);
    const Tensor columns =
        source_places(draws.next() + places(step.to[2], 3), step.from[2], step.padding);
    const Tensor pixels = pixels_at(x, rows, columns, step.to);
    if (step.padding != Padding::kConstant) return pixels;
    const Tensor inside = logical_and(within(rows, step.from[1]), within(columns, step.from[2]));
    return where(inside, pixels, step.fill);
}

Tensor warp(const Step& step, const Tensor& x, Draws& draws) {
    const auto middle = [](std::int64_t size) { return static_cast<float>(size) / 2 - 0.5F; };
    const float middle_x = middle(step.from[2]), middle_y = middle(step.from[1]);
    const Tensor column = places(step.from[2], 3) - middle_x;
    const Tensor row = places(step.from[1], 2) - middle_y;
    const auto moved = [&] {
        const Tensor a = draws.next(), b = draws.next(), c = draws.next();
        return a * column + b * row + c;
    };
    const Tensor x_from = moved() + middle_x;
    const Tensor y_from = moved() + middle_y;
    const auto at = [&](const Tensor& rows, const Tensor& columns) {
        const Tensor inside =
            logical_and(within(rows, step.from[1]), within(columns, step.from[2]));
        return where(inside, pixels_at(x, rows, columns, step.to), step.fill);
    };
    if (step.interpolation == Interpolation::kNearest) return at(round(y_from), round(x_from));
    const Tensor top = floor(y_from), left = floor(x_from);
    const Tensor right_share = x_from - left, lower_share = y_from - top;
    const auto mixed = [](const Tensor& first, const Tensor& second, const Tensor& share) {
        return first + (second - first) * share;
    };
    return mixed(mixed(at(top, left), at(top, left + 1), right_share),
                 mixed(at(top + 1, left), at(top + 1, left + 1), right_share), lower_share);
}

// What pixel i of `to` takes of pixel j of `from` along an axis, [B, 1, to, from]: a triangle
// around where i lies in the window, as wide as a step from one pixel to the next, at least 1.
Tensor resampling(const Tensor& begin, const Tensor& length, std::int64_t from, std::int64_t to) {
    const Tensor step = length / static_cast<float>(to);
    const Tensor reach = maximum(step, 1.0F);
    const Tensor centre = (places(to, 2) + 0.5F) * step;
    const Tensor j = places(from, 3) - begin;
    const Tensor inside = logical_and(greater_equal(j, 0.0F), less(j, length));
    const Tensor weight = maximum(1.0F - abs(j + 0.5F - centre) / reach, 0.0F);
    const Tensor within = where(inside, weight, 0.0F);
    // No window, where this is not the part that was chosen: anything but a NaN.
    return within / maximum(sum(within, {.axes = {3}, .keep_axes = true}), 1e-6F);
}

Tensor resample(const Step& step, const Tensor& x, Draws& draws) {
    const Tensor top = draws.next(), left = draws.next();
    const Tensor height = draws.next(), width = draws.next();
    const Tensor columns = resampling(left, width, step.from[2], step.to[2]);
    const Tensor rows = resampling(top, height, step.from[1], step.to[1]);
    return matmul(rows, matmul(x, transpose(columns)));
}

// Weights [B, K, 1, 1] of neighbours along an axis of that size, mirrored at the borders, as a
// matrix [B, 1, size, size].
Tensor blurring(const Tensor& weights, std::int64_t size) {
    const std::int64_t batch = weights.shape()[0], count = weights.shape()[1];
    const Tensor neighbour = places(count, 1) - static_cast<float>(count / 2);
    const Tensor source = source_places(neighbour + places(size, 2), size, Padding::kReflect);
    const Tensor taken = cast(equal(source, places(size, 3)), f32);  // [1, K, size, size]
    const Tensor matrix =
        matmul(reshape(weights, {batch, count}), reshape(taken, {count, size * size}));
    return reshape(matrix, {batch, 1, size, size});
}

Tensor blur(const Step& step, const Tensor& x, Draws& draws) {
    const Tensor weights = draws.next(step.numbers);
    return matmul(blurring(weights, step.from[1]),
                  matmul(x, transpose(blurring(weights, step.from[2]))));
}

Tensor blend(const Step& step, const Tensor& x, Draws& draws) {
    const Tensor factor = draws.next(), of_mean = draws.next(), of_grey = draws.next();
    Tensor blended = factor * x;
    if (step.of_mean) {
        const Tensor mean = ingot::mean(grey_of(x), {.axes = {1, 2, 3}, .keep_axes = true});
        blended = blended + (1 - factor) * of_mean * mean;
    }
    if (step.of_grey) blended = blended + (1 - factor) * of_grey * grey_of(x);
    return where(equal(factor, 1.0F), x, clamp(blended, 0, 1));
}

// Through hue, saturation and value and back: Smith, "Color gamut transform pairs", 1978, the way
// back for all three channels at once.
Tensor turn_hue(const Tensor& x, Draws& draws) {
    const Tensor turns = draws.next();
    const Tensor red = channel(x, 0), green = channel(x, 1), blue = channel(x, 2);
    const Tensor value = maximum(red, maximum(green, blue));
    const Tensor spread = value - minimum(red, minimum(green, blue));
    const Tensor divisor = where(equal(spread, 0.0F), 1.0F, spread);
    const Tensor sixth = where(
        equal(value, red), (green - blue) / divisor,
        where(equal(value, green), 2.0F + (blue - red) / divisor, 4.0F + (red - green) / divisor));
    // 5, 3 and 1 sixths for red, green and blue.
    const Tensor along = remainder(5.0F - 2.0F * places(3, 1) + sixth + 6.0F * turns, 6.0F);
    const Tensor share = clamp(minimum(along, 4.0F - along), 0, 1);
    return where(equal(turns, 0.0F), x, clamp(value - spread * share, 0, 1));
}

Tensor erase(const Step& step, const Tensor& x, Draws& draws) {
    const Tensor row = places(step.from[1], 2) - draws.next();
    const Tensor column = places(step.from[2], 3) - draws.next();
    const auto inside = [](const Tensor& at, const Tensor& size) {
        return logical_and(greater_equal(at, 0.0F), less(at, size));
    };
    const Tensor rows = inside(row, draws.next());
    return where(logical_and(rows, inside(column, draws.next())), step.fill, x);
}

Tensor carried_out(const Step& step, const Tensor& x, Draws& draws) {
    if (std::max(step.from.count(), step.to.count()) > kMostPlaces) {
        fail(ErrorKind::kUnsupported,
             "augment: {} of pictures {} on a device, which takes them up to 2^24 values",
             step.name, to_string(step.from));
    }
    switch (step.kind) {
        case StepKind::kSequence: {
            Tensor y = x;
            for (const auto& part : step.parts)
                y = carried_out(*part, y, draws);
            return y;
        }
        case StepKind::kChoice: {
            const Tensor chosen = draws.next();
            Tensor y = x;
            for (std::size_t i = 0; i < step.parts.size(); ++i) {
                const Tensor part = carried_out(*step.parts[i], x, draws);
                // Where the shape changes there always is a choice, so the first needs no other.
                const bool must = i == 0 && step.from != step.to;
                y = must ? part : where(equal(chosen, static_cast<float>(i)), part, y);
            }
            return y;
        }
        case StepKind::kCrop: return crop(step, x, draws);
        case StepKind::kResample: return resample(step, x, draws);
        case StepKind::kMirrorX: return flip(x, {3});
        case StepKind::kMirrorY: return flip(x, {2});
        case StepKind::kWarp: return warp(step, x, draws);
        case StepKind::kBlend: return blend(step, x, draws);
        case StepKind::kHue: return turn_hue(x, draws);
        case StepKind::kShift: return clamp(x + draws.next(step.numbers), 0, 1);
        case StepKind::kGrayscale: return expand(grey_of(x), x.shape());
        case StepKind::kBlur: return blur(step, x, draws);
        case StepKind::kErase: return erase(step, x, draws);
        case StepKind::kHostOnly: break;
    }
    fail(ErrorKind::kUnsupported, "augment: {} cannot run on a device", step.name);
}

Tensor of_channels(const std::vector<float>& values) {  // [1, C, 1, 1]
    std::vector<Tensor> all;
    for (const float value : values)
        all.push_back(constant(value, {1, 1, 1, 1}));
    return all.size() == 1 ? all.front() : concatenate(all, 1);
}

}  // namespace

Tensor on_device(const Step& plan, const Tensor& x, const Tensor& draws,
                 const data::Normalization& normalization) {
    const std::int64_t batch = x.shape().rank() > 0 ? x.shape()[0] : 0;
    if (x.dtype() != f32 || x.shape() != plan.from.inserted(0, batch)) {
        fail(ErrorKind::kInvalidArgument, "augment: a plan for pictures {}, of pictures {}",
             to_string(plan.from), to_string(x.spec()));
    }
    if (plan.numbers > 0 && (!draws || draws.spec() != TensorSpec{{batch, plan.numbers}, f32})) {
        fail(ErrorKind::kInvalidArgument, "augment: a plan of {} numbers for each of {} pictures{}",
             plan.numbers, batch,
             draws ? ", draws are " + to_string(draws.spec()) : " needs draws");
    }
    const auto channels = static_cast<std::size_t>(plan.to[0]);
    const std::size_t means = normalization.mean.size();
    if ((means > 1 && means != channels) || normalization.deviation.size() != means) {
        fail(ErrorKind::kInvalidArgument,
             "augment: pictures {} are normalised by {} means and {} deviations",
             to_string(plan.to), means, normalization.deviation.size());
    }
    Draws numbers(draws);
    const Tensor y = carried_out(plan, x, numbers);
    if (means == 0) return y;
    return (y - of_channels(normalization.mean)) / of_channels(normalization.deviation);
}

}  // namespace ingot::augment
