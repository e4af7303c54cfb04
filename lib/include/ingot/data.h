// SPDX-License-Identifier: MIT
// Where samples come from. Files are checked before anything they announce is allocated; what is
// wrong with one is an Error of kind kFile in one sentence, naming the file and the numbers.
#pragma once

#include <ingot/batches.h>
#include <ingot/dataset.h>
#include <ingot/export.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ingot::data {

struct TrainTest {
    Dataset train;
    Dataset test;
};

struct ImageOptions {
    bool flat = false;       // samples [H * W] in place of [1, H, W]
    bool normalize = false;  // by mean and deviation of the training pictures
};

// One pair of IDX files, plain or gzip: images u8 [N, H, W], labels u8 [N]. Samples are f32
// [1, H, W] in 0..1. `normalize` measures on these pictures.
INGOT_API Dataset idx(const std::filesystem::path& images, const std::filesystem::path& labels,
                      const ImageOptions& options = {}, std::vector<std::string> class_names = {});

// A folder with the four files of MNIST and its likes, each plain or with .gz:
// train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte.
INGOT_API TrainTest idx_folder(const std::filesystem::path& folder,
                               const ImageOptions& options = {},
                               std::vector<std::string> class_names = {});

// Fashion-MNIST: 60,000 and 10,000 grey pictures of clothes [1, 28, 28], 10 classes. Looked for in
// $INGOT_DATA_DIR/fashion-mnist, $INGOT_DATA_DIR and /usr/share/datasets/fashion-mnist (the Debian
// package dataset-fashion-mnist); nothing is ever downloaded.
INGOT_API TrainTest fashion_mnist(const ImageOptions& options = {});
INGOT_API const std::vector<std::string>& fashion_mnist_classes();

struct SpiralOptions {
    int classes = 3;         // at least 1: arms of the spiral
    int per_class = 200;     // training samples of each class; as many again for the test
    double noise = 0.1;      // deviation of the angle, in radians
    std::uint64_t seed = 0;  // train and test come from streams of their own
};

// Points of interleaved spiral arms: samples f32 [2] within -1..1, the classic small problem that
// no linear model solves.
INGOT_API TrainTest spirals(const SpiralOptions& options = {});

}  // namespace ingot::data
