// SPDX-License-Identifier: MIT
// Augmentation as the command line names it: transforms with commas between, each with its options
// behind colons.
//     crop:padding=4,flip,rotate:degrees=15:p=0.5,brightness:factor=0.8..1.2,mixup:alpha=0.2
#pragma once

#include <ingot/augment.h>

#include <string>
#include <vector>

namespace ingot::cli {

struct Augmentation {
    augment::Transform transform{};
    augment::Mix mix{};
};

// Of pictures of this shape, whose size decides where an option is not given. {"none"} and {}:
// nothing. Throws kInvalidArgument, naming what there is.
Augmentation augmentation_of(const std::vector<std::string>& steps, const Shape& shape);

std::string augmentation_names();  // "crop, flip ..."

}  // namespace ingot::cli
