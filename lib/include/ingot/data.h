// SPDX-License-Identifier: MIT
// Where samples come from. Files are checked before anything they announce is allocated; what is
// wrong with one is an Error of kind kFile in one sentence, naming the file and the numbers.
#pragma once

#include <ingot/augment.h>
#include <ingot/batches.h>
#include <ingot/dataset.h>
#include <ingot/export.h>
#include <ingot/preparation.h>
#include <ingot/split.h>
#include <ingot/tokenizer.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ingot::data {

struct TrainTest {
    Dataset train;
    Dataset test;
};

struct ImageOptions {
    bool flat = false;       // samples of one axis in place of [C, H, W]
    bool normalize = false;  // by mean and deviation of each channel of the training pictures
    bool stream = false;  // pixels stay in the file, which is plain, and are read sample by sample
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

// Krizhevsky, "Learning multiple layers of features from tiny images", 2009: colour pictures
// [3, 32, 32], in files of records: one label byte (CIFAR-10) or a coarse and a fine one
// (CIFAR-100), then 1,024 red, 1,024 green and 1,024 blue bytes.
enum class CifarLabels {
    kTen,     // CIFAR-10: airplane, automobile ...
    kCoarse,  // CIFAR-100's 20 groups of classes: aquatic_mammals, fish ...
    kFine     // CIFAR-100's 100 classes: apple, aquarium_fish ...
};
INGOT_API const std::vector<std::string>& cifar_classes(CifarLabels labels);

// The records of these files, one file after the other. `normalize` measures on these pictures.
INGOT_API Dataset cifar(std::span<const std::filesystem::path> files, CifarLabels labels,
                        const ImageOptions& options = {});
INGOT_API Dataset cifar(const std::filesystem::path& file, CifarLabels labels,
                        const ImageOptions& options = {});

// A folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin, as CIFAR-10 is
// distributed, or with a train.bin and a test.bin of the same format.
INGOT_API TrainTest cifar10(const std::filesystem::path& folder, const ImageOptions& options = {});
// A folder with CIFAR-100's train.bin and test.bin. Labels are kFine or kCoarse.
INGOT_API TrainTest cifar100(const std::filesystem::path& folder, const ImageOptions& options = {},
                             CifarLabels labels = CifarLabels::kFine);

// What the values of a column are.
enum class ColumnKind {
    kAuto,     // numbers if all are, else categories
    kNumber,   // text is an error
    kCategory  // numbers, too, are names of categories
};

struct CsvOptions {
    char delimiter = ',';
    int skip_lines = 0;  // at the top of the file, no part of the table
    bool header = true;  // the first record names the columns; false: they are "0", "1", ...
    std::vector<std::string> columns{};  // the features, in this order; empty: all but the targets
    std::vector<std::string> targets{};  // one or more; empty: the last column
    bool unlabelled = false;  // there are no targets, as where they are to be predicted: all 0
    // The target is a class. Text always is one; numbers are labels as they stand, from 0, if this
    // is set, else numbers to be predicted.
    bool labels = false;
    std::vector<std::string> class_names{};     // of labels that are numbers
    std::map<std::string, ColumnKind> kinds{};  // of columns that kAuto is not right for
    // Features may be missing: they become NaN, for a Preparation to fill or to drop. Off: an
    // error.
    bool missing = false;
    // What stands for a missing value, besides nothing at all.
    std::vector<std::string> missing_values{"NA", "N/A", "NaN", "nan", "null", "NULL", "?"};
};

// A table by RFC 4180, plain or gzip, UTF-8. Samples are f32 [columns]; a column of text becomes
// the index of its value among the column's values in alphabetic order (Dataset::features has
// them): a Preparation makes one-hot features of it. Labels are made of text likewise. Several
// targets, or one of numbers, are f32 [targets].
INGOT_API Dataset csv(const std::filesystem::path& file, const CsvOptions& options = {});

struct NpyOptions {
    bool tokens = false;   // inputs of integers are delivered as they are, not as numbers
    bool missing = false;  // inputs of floating point may be NaN: missing values
    bool stream = false;   // npy(): inputs, by rows, stay in the file and are read sample by sample
    std::vector<std::string> class_names{};
};

// Arrays of NumPy [N, ...]: inputs of u1 are pictures, delivered divided by 255, all other numbers
// as they are; targets of integers are labels. The second reads two arrays of one NPZ file.
INGOT_API Dataset npy(const std::filesystem::path& inputs, const std::filesystem::path& targets,
                      const NpyOptions& options = {});
INGOT_API Dataset npz(const std::filesystem::path& file, const std::string& inputs,
                      const std::string& targets, const NpyOptions& options = {});

struct ImageFolderOptions {
    std::int64_t resize = 0;  // pixels of the shorter side, the other in proportion; 0: as it is
    std::int64_t crop = 0;    // side of the square cut from the middle; 0: that of `resize`, if any
    std::int64_t channels = 0;  // 1 grey, 3 colour, converted if need be; 0: 3 if any is in colour
    bool flat = false;          // as in ImageOptions
    bool normalize = false;
    bool stream = false;  // decoded whenever they are read, so that any number fits into memory
    // Pictures that cannot be read are left out, each named in a warning to the log. Off: an error
    // that names them. With `stream` only their headers are looked at, unless this is set.
    bool skip_unreadable = false;
    std::vector<std::string>
        class_names{};  // the folders there must be; empty: those that there are
};

// Pictures by class: each subfolder is one, in alphabetic order, and holds PNG and JPEG files, in
// subfolders of its own or not; other files are passed over. Samples are f32 [C, H, W] in 0..1 and
// of one size, so unless all files are, take `resize` or `crop`. Dataset::name is the file's path
// within the folder.
INGOT_API Dataset image_folder(const std::filesystem::path& folder,
                               const ImageFolderOptions& options = {});

// ---- Any of the above, told apart by what lies at the path ----

enum class Format { kIdxFolder, kCifar10, kCifar100, kImageFolder, kCsv, kNpy, kNpz, kText };
// A folder with the files of idx_folder, cifar10 or cifar100, or with subfolders of pictures; a
// file .csv or .tsv (both also with .gz), .npy, .npz, .txt. Throws kFile, saying what there could
// be.
INGOT_API Format format_of(const std::filesystem::path& path);

struct OpenOptions {
    // CSV: the column, or several with commas between; empty: the last one. NPZ: the array; empty:
    // "y", "labels" or "targets". NPY: the file of the targets, which must be given.
    std::string target{};
    bool header = true;       // CSV: as in CsvOptions
    bool labels = false;      // CSV: numbers of the target column are classes
    bool unlabelled = false;  // CSV
    bool missing = false;     // NPY and NPZ: as in NpyOptions; of CSV, values always may be
    std::int64_t resize =
        0;                // of a folder of pictures, as in ImageFolderOptions; cropped to a square
    bool stream = false;  // as in ImageOptions; CSV and NPZ are always read
    bool skip_unreadable = false;  // pictures of a folder, as in ImageFolderOptions
    std::int64_t length = 32;      // of text: bytes from which the next one is to be told
    // Where the path holds no test part: the share of the samples that becomes one, stratified if
    // there are labels, of text its end; 0: none, 1: all.
    double test = 0.2;
    std::uint64_t seed = 0;  // of that choice
};

// Nothing is normalised or filled in: see Preparation. An NPZ file holds x_train, y_train, x_test
// and y_test, or x (or "inputs", "images") and its targets. A folder of pictures holds the classes,
// or train and test (or val), each with the classes. Text is tokens i32 [length], bytes, each with
// the next byte as its label.
INGOT_API TrainTest open(const std::filesystem::path& path, const OpenOptions& options = {});

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
