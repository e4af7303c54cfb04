// SPDX-License-Identifier: MIT
// Where Fashion-MNIST is looked for. Nothing is downloaded: the user, or the distribution, puts it
// there.
#include "data/fashion_mnist.h"

#include "core/check.h"

#include <cstdlib>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "fashion-mnist";
constexpr const char* kMarker = "train-images-idx3-ubyte";  // its presence decides for a folder

bool holds_data(const fs::path& folder) {
    std::error_code code;
    return fs::exists(folder / (std::string(kMarker) + ".gz"), code) ||
           fs::exists(folder / kMarker, code);
}

}  // namespace

const std::vector<std::string>& fashion_mnist_classes() {
    static const std::vector<std::string> kClasses = {
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    return kClasses;
}

TrainTest fashion_mnist_in(std::span<const fs::path> places, const ImageOptions& options) {
    std::string searched;
    for (const fs::path& place : places) {
        if (holds_data(place)) return idx_folder(place, options, fashion_mnist_classes());
        searched += (searched.empty() ? "" : ", ") + place.string();
    }
    fail(ErrorKind::kFile,
         "fashion_mnist: the data was found in none of {}; install the Debian package "
         "dataset-fashion-mnist, or set INGOT_DATA_DIR to a folder with {}.gz and its three "
         "companions",
         searched, kMarker);
}

TrainTest fashion_mnist(const ImageOptions& options) {
    std::vector<fs::path> places;
    const char* folder = std::getenv("INGOT_DATA_DIR");
    if (folder != nullptr && *folder != '\0') {
        // The folder of that name first: beside it, under the same file names, may lie MNIST.
        places = {fs::path(folder) / kFolder, fs::path(folder)};
    }
    places.push_back(fs::path("/usr/share/datasets") / kFolder);
    return fashion_mnist_in(places, options);
}

}  // namespace ingot::data
