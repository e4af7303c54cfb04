// SPDX-License-Identifier: MIT
// `ingot explore`: what there is in some data and what is wrong with it.
#include "commands.h"
#include "data.h"

#include "core/check.h"

#include <ingot/explore.h>

#include <filesystem>

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

constexpr double kAngle = 15;             // degrees, either way
constexpr double kFactor = 0.2;           // of brightness, contrast and saturation, either way
constexpr std::int64_t kPaddedShare = 8;  // of a side, as 4 pixels are of CIFAR's 32

// By name, with the sizes that suit such pictures.
augment::Transform transform_named(const std::string& name, const Shape& shape) {
    using namespace augment;
    const std::int64_t height = shape[1], width = shape[2];
    const Size size{height, width};
    const augment::Range factor{1 - kFactor, 1 + kFactor};
    const std::int64_t padding = std::max<std::int64_t>(1, std::min(height, width) / kPaddedShare);
    if (name == "crop") return random_crop({.size = size, .padding = padding});
    if (name == "resized-crop") return random_resized_crop({.size = size});
    if (name == "flip") return random_horizontal_flip();
    if (name == "flip-vertical") return random_vertical_flip();
    if (name == "rotate") return random_rotation({.degrees = {-kAngle, kAngle}});
    if (name == "brightness") return brightness({.factor = factor});
    if (name == "contrast") return contrast({.factor = factor});
    if (name == "saturation") return saturation({.factor = factor});
    if (name == "rgb-shift") return rgb_shift({.probability = 1});
    if (name == "grey") return random_grayscale();
    if (name == "noise") return gaussian_noise();
    if (name == "erase") return random_erasing();
    fail(ErrorKind::kInvalidArgument,
         "explore: --augment '{}' is none of crop, resized-crop, flip, flip-vertical, rotate, "
         "brightness, contrast, saturation, rgb-shift, grey, noise, erase",
         name);
}

augment::Transform augmentation(const ExploreSettings& settings, const Shape& shape) {
    if (shape.rank() != 3 || settings.augment == std::vector<std::string>{"none"}) return {};
    std::vector<augment::Transform> transforms;
    for (const std::string& name : settings.augment)
        transforms.push_back(transform_named(name, shape));
    return augment::compose(std::move(transforms));
}

data::ExploredData open(const ExploreSettings& settings) {
    const bool is_known = settings.paths.size() == 1 && !fs::exists(settings.paths[0]);
    if (is_known) {
        DataSettings named;
        named.data = settings.paths[0];
        const NamedData data = load_data(named, 0);
        return {{{"train", data.samples.train}, {"test", data.samples.test}}, {{}, {}}};
    }
    const std::vector<fs::path> paths(settings.paths.begin(), settings.paths.end());
    return data::open_to_explore(paths, {.open = {.target = settings.target,
                                                  .header = !settings.no_header,
                                                  .labels = settings.labels,
                                                  .resize = settings.resize,
                                                  .stream = settings.stream},
                                         .skip_unreadable = settings.skip_unreadable});
}

}  // namespace

int explore(const ExploreSettings& settings) {
    const data::ExploredData data = open(settings);
    const data::Dataset& first = data.sets.front().samples;
    // What is wrong with the options is said before anything is read.
    const data::PreviewOptions options{.augment = augmentation(settings, first.sample_shape()),
                                       .seed = settings.seed};
    const data::Exploration found = data::explore(data.sets, data.pictures);
    fmt::print("{}", settings.json ? to_json(found) + "\n" : to_text(found));
    if (settings.html.empty()) return 0;
    write_exploration_html(settings.html, found, data.sets, options);
    if (!settings.json) fmt::print("\npage: {}\n", settings.html);
    return 0;
}

}  // namespace ingot::cli
