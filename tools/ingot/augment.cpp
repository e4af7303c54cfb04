// SPDX-License-Identifier: MIT
#include "augment.h"

#include "core/check.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace ingot::cli {
namespace {

using augment::Range;
using augment::Transform;

std::optional<double> number_in(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

// The options of one step. What is asked for is what there is.
class Given {
public:
    explicit Given(const std::string& step) {
        const std::vector<std::string> parts = parts_of(step, ':');
        name_ = parts.front();
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const std::size_t equals = parts[i].find('=');
            if (equals == std::string::npos || equals == 0) {
                fail(ErrorKind::kInvalidArgument, "--augment '{}': '{}' is no option such as p=0.5",
                     name_, parts[i]);
            }
            if (!values_.emplace(parts[i].substr(0, equals), parts[i].substr(equals + 1)).second) {
                fail(ErrorKind::kInvalidArgument, "--augment '{}': '{}' is given twice", name_,
                     parts[i].substr(0, equals));
            }
        }
    }

    const std::string& name() const { return name_; }

    double number(const std::string& option, double otherwise) {
        const std::string* const text = find(option);
        if (text == nullptr) return otherwise;
        const auto value = number_in(*text);
        if (!value) refuse(option, *text, "a number");
        return *value;
    }

    std::int64_t whole(const std::string& option, std::int64_t otherwise) {
        const std::string* const text = find(option);
        if (text == nullptr) return otherwise;
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
        if (error != std::errc() || end != text->data() + text->size()) {
            refuse(option, *text, "a whole number");
        }
        return value;
    }

    // One number is as far to either side of the middle.
    Range range(const std::string& option, const Range& otherwise, double middle = 0,
                double least = -HUGE_VAL) {
        const std::string* const text = find(option);
        if (text == nullptr) return otherwise;
        const std::size_t dots = text->find("..");
        if (dots == std::string::npos) {
            const auto away = number_in(*text);
            if (away) return {std::max(least, middle - *away), middle + *away};
        } else {
            const auto low = number_in(std::string_view(*text).substr(0, dots));
            const auto high = number_in(std::string_view(*text).substr(dots + 2));
            if (low && high) return {*low, *high};
        }
        refuse(option, *text, "a number or a range such as 0.8..1.2");
    }

    augment::Size size(const augment::Size& otherwise) {
        const std::string* const text = find("size");
        if (text == nullptr) return otherwise;
        const std::vector<std::string> sides = parts_of(*text, 'x');
        std::vector<std::int64_t> values;
        for (const std::string& side : sides) {
            const auto value = number_in(side);
            if (!value || *value < 1 || *value > 1e6 || *value != std::floor(*value)) break;
            values.push_back(static_cast<std::int64_t>(*value));
        }
        if (values.size() != sides.size() || values.size() > 2) {
            refuse("size", *text, "a size such as 32 or 24x32, height first");
        }
        return {values.front(), values.back()};
    }

    std::size_t one_of(const std::string& option, const std::vector<std::string>& names) {
        const std::string* const text = find(option);
        if (text == nullptr) return 0;
        const auto found = std::find(names.begin(), names.end(), *text);
        if (found == names.end()) refuse(option, *text, fmt::format("{}", fmt::join(names, ", ")));
        return static_cast<std::size_t>(found - names.begin());
    }

    double probability(double otherwise = 1) { return number("p", otherwise); }
    augment::Interpolation interpolation() {
        return one_of("interpolation", {"nearest", "bilinear"}) == 0
                   ? augment::Interpolation::kNearest
                   : augment::Interpolation::kBilinear;
    }

    void check_all_known() const {
        for (const auto& [option, value] : values_) {
            if (std::find(asked_.begin(), asked_.end(), option) != asked_.end()) continue;
            fail(ErrorKind::kInvalidArgument, "--augment '{}': there is no option '{}' among {}",
                 name_, option, fmt::join(asked_, ", "));
        }
    }

private:
    const std::string* find(const std::string& option) {
        asked_.push_back(option);
        const auto found = values_.find(option);
        return found == values_.end() ? nullptr : &found->second;
    }

    [[noreturn]] void refuse(const std::string& option, const std::string& value,
                             const std::string& expected) const {
        fail(ErrorKind::kInvalidArgument, "--augment '{}': {}={} is not {}", name_, option, value,
             expected);
    }

    std::string name_;
    std::map<std::string, std::string> values_;
    std::vector<std::string> asked_;
};

constexpr double kAngle = 15;             // degrees, either way
constexpr double kFactor = 0.2;           // of brightness, contrast and saturation, either way
constexpr std::int64_t kPaddedShare = 8;  // of a side, as 4 pixels are of CIFAR's 32

augment::FactorOptions factor(Given& given) {
    return {.factor = given.range("factor", {1 - kFactor, 1 + kFactor}, 1, 0),
            .probability = given.probability()};
}

struct NamedTransform {
    const char* name;
    std::function<Transform(Given&, const Shape&)> make;
};

augment::Size all_of(const Shape& shape) {
    return {shape[1], shape[2]};
}

// With the sizes that suit such pictures. Options are asked for in the order of the braces.
const std::vector<NamedTransform>& transforms() {
    using namespace augment;
    static const std::vector<NamedTransform> kAll{
        {"crop",
         [](Given& g, const Shape& shape) {
             const auto share = std::min(shape[1], shape[2]) / kPaddedShare;
             const std::vector<std::string> modes{"constant", "edge", "reflect", "symmetric"};
             return random_crop({.size = g.size(all_of(shape)),
                                 .padding = g.whole("padding", std::max<std::int64_t>(1, share)),
                                 .mode = static_cast<Padding>(g.one_of("mode", modes)),
                                 .fill = static_cast<float>(g.number("fill", 0)),
                                 .probability = g.probability()});
         }},
        {"resized-crop",
         [](Given& g, const Shape& shape) {
             return random_resized_crop({.size = g.size(all_of(shape)),
                                         .scale = g.range("scale", {0.08, 1}),
                                         .ratio = g.range("ratio", {3. / 4., 4. / 3.}),
                                         .probability = g.probability()});
         }},
        {"resize",
         [](Given& g, const Shape& shape) { return resize({.size = g.size(all_of(shape))}); }},
        {"flip",
         [](Given& g, const Shape&) {
             return random_horizontal_flip({.probability = g.probability(0.5)});
         }},
        {"flip-vertical",
         [](Given& g, const Shape&) {
             return random_vertical_flip({.probability = g.probability(0.5)});
         }},
        {"rotate",
         [](Given& g, const Shape&) {
             return random_rotation({.degrees = g.range("degrees", {-kAngle, kAngle}),
                                     .interpolation = g.interpolation(),
                                     .fill = static_cast<float>(g.number("fill", 0)),
                                     .probability = g.probability()});
         }},
        {"affine",
         [](Given& g, const Shape&) {
             const double moved = g.number("translate", 0.1);
             return random_affine({.degrees = g.range("degrees", {-kAngle, kAngle}),
                                   .translate_x = moved,
                                   .translate_y = moved,
                                   .scale = g.range("scale", {0.9, 1.1}, 1),
                                   .shear_x = g.range("shear", {0, 0}),
                                   .interpolation = g.interpolation(),
                                   .fill = static_cast<float>(g.number("fill", 0)),
                                   .probability = g.probability()});
         }},
        {"brightness", [](Given& g, const Shape&) { return brightness(factor(g)); }},
        {"contrast", [](Given& g, const Shape&) { return contrast(factor(g)); }},
        {"saturation", [](Given& g, const Shape&) { return saturation(factor(g)); }},
        {"hue",
         [](Given& g, const Shape&) {
             return hue({.shift = g.range("shift", {-0.05, 0.05}), .probability = g.probability()});
         }},
        {"color-jitter",
         [](Given& g, const Shape&) {
             const Range usual{1 - kFactor, 1 + kFactor};
             return color_jitter({.brightness = g.range("brightness", usual, 1, 0),
                                  .contrast = g.range("contrast", usual, 1, 0),
                                  .saturation = g.range("saturation", usual, 1, 0),
                                  .hue = g.range("hue", {0, 0}),
                                  .probability = g.probability()});
         }},
        {"rgb-shift",
         [](Given& g, const Shape&) {
             return rgb_shift({.shift = g.range("shift", {-20. / 255., 20. / 255.}),
                               .probability = g.probability()});
         }},
        {"grey",
         [](Given& g, const Shape&) {
             return random_grayscale({.probability = g.probability(0.1)});
         }},
        {"blur",
         [](Given& g, const Shape&) {
             return gaussian_blur({.kernel_size = g.whole("kernel", 3),
                                   .sigma = g.range("sigma", {0.1, 2}),
                                   .probability = g.probability()});
         }},
        {"noise",
         [](Given& g, const Shape&) {
             return gaussian_noise(
                 {.sigma = g.number("sigma", 0.1), .probability = g.probability()});
         }},
        {"erase", [](Given& g, const Shape&) {
             return random_erasing({.scale = g.range("scale", {0.02, 0.33}),
                                    .value = static_cast<float>(g.number("value", 0)),
                                    .probability = g.probability(0.5)});
         }}};
    return kAll;
}

}  // namespace

std::string augmentation_names() {
    std::string names;
    for (const NamedTransform& one : transforms())
        names += std::string(one.name) + ", ";
    return names + "mixup, cutmix";
}

Augmentation augmentation_of(const std::vector<std::string>& steps, const Shape& shape) {
    if (steps.empty() || steps == std::vector<std::string>{"none"}) return {};
    if (shape.rank() != 3) {
        fail(ErrorKind::kInvalidArgument, "--augment: takes pictures [C, H, W], the samples are {}",
             to_string(shape));
    }
    std::vector<Transform> chosen;
    Augmentation result;
    for (const std::string& step : steps) {
        Given given(step);
        const bool mixup = given.name() == "mixup", cutmix = given.name() == "cutmix";
        if (mixup || cutmix) {
            if (result.mix || &step != &steps.back()) {
                fail(ErrorKind::kInvalidArgument,
                     "--augment '{}': mixes whole batches, so it comes last and once",
                     given.name());
            }
            const augment::MixOptions options{.alpha = given.number("alpha", 1),
                                              .probability = given.probability()};
            result.mix = mixup ? augment::mixup(options) : augment::cutmix(options);
        } else {
            const auto& all = transforms();
            const auto found = std::find_if(
                all.begin(), all.end(), [&](const auto& one) { return given.name() == one.name; });
            if (found == all.end()) {
                fail(ErrorKind::kInvalidArgument, "--augment '{}' is none of {}", given.name(),
                     augmentation_names());
            }
            chosen.push_back(found->make(given, shape));
        }
        given.check_all_known();
    }
    if (chosen.empty()) return result;
    result.transform = chosen.size() == 1 ? chosen.front() : augment::compose(std::move(chosen));
    return result;
}

}  // namespace ingot::cli
