// SPDX-License-Identifier: MIT
// `ingot explore`: what there is in some data and what is wrong with it.
#include "augment.h"
#include "commands.h"
#include "data.h"

#include "core/check.h"

#include <ingot/explore.h>

#include <filesystem>

namespace ingot::cli {
namespace {

namespace fs = std::filesystem;

augment::Transform augmentation(const ExploreSettings& settings, const Shape& shape) {
    if (shape.rank() != 3) return {};
    const Augmentation wanted = augmentation_of(settings.augment, shape);
    if (wanted.mix) {
        fail(ErrorKind::kInvalidArgument,
             "--augment '{}': mixes whole batches, the page shows single pictures",
             wanted.mix.name);
    }
    return wanted.transform;
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
