// SPDX-License-Identifier: MIT
// Pairs of IDX files as datasets, and folders of them.
#include "core/check.h"
#include "data/idx.h"
#include "data/memory_source.h"
#include "data/pictures.h"

#include <ingot/data.h>

#include <string_view>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

Dataset load(const fs::path& images, const fs::path& labels, bool stream,
             std::vector<std::string> class_names) {
    IdxFile pictures;
    RecordFile records;
    if (stream) {
        IdxPictures opened = open_idx(images);
        pictures.shape = opened.shape;
        records = std::move(opened.records);
    } else {
        pictures = read_idx(images, 3);
    }
    const IdxFile classes = read_idx(labels, 1);
    const Shape& shape = pictures.shape;
    if (shape[0] != classes.shape[0]) {
        fail(ErrorKind::kFile, "idx: {} holds {} images but {} holds {} labels", images.string(),
             shape[0], labels.string(), classes.shape[0]);
    }
    std::vector<std::int32_t> wide(classes.bytes.size());
    for (std::size_t i = 0; i < wide.size(); ++i) {
        wide[i] = std::to_integer<std::int32_t>(classes.bytes[i]);
        if (!class_names.empty() && static_cast<std::size_t>(wide[i]) >= class_names.size()) {
            fail(ErrorKind::kFile, "idx {}: label {} is {}, but there are {} classes",
                 labels.string(), i, wide[i], class_names.size());
        }
    }
    HostTensor targets = HostTensor::of<std::int32_t>("labels", classes.shape, wide);
    if (stream) {
        const std::int64_t class_count = check_labels(wide, class_names.size());
        return Dataset(record_source({.size = shape[0],
                                      .sample_shape = shape.inserted(1, 1).without(0),
                                      .input_dtype = u8,
                                      .class_count = class_count,
                                      .class_names = std::move(class_names)},
                                     {std::move(records)}, std::move(targets)));
    }
    return Dataset({"images", shape.inserted(1, 1), u8, std::move(pictures.bytes)},
                   std::move(targets), std::move(class_names));
}

fs::path find_file(const fs::path& folder, std::string_view name) {
    std::error_code code;
    for (const char* ending : {".gz", ""}) {
        const fs::path path = folder / (std::string(name) + ending);
        if (fs::exists(path, code)) return path;
    }
    fail(ErrorKind::kFile, "idx: {} holds neither {} nor {}.gz", folder.string(), name, name);
}

}  // namespace

Dataset idx(const fs::path& images, const fs::path& labels, const ImageOptions& options,
            std::vector<std::string> class_names) {
    return prepared(load(images, labels, options.stream, std::move(class_names)), options);
}

TrainTest idx_folder(const fs::path& folder, const ImageOptions& options,
                     std::vector<std::string> class_names) {
    std::error_code code;
    if (!fs::is_directory(folder, code)) {
        fail(ErrorKind::kFile, "idx: {} is not a folder", folder.string());
    }
    // All four are found before the first is read.
    const fs::path train_images = find_file(folder, "train-images-idx3-ubyte");
    const fs::path train_labels = find_file(folder, "train-labels-idx1-ubyte");
    const fs::path test_images = find_file(folder, "t10k-images-idx3-ubyte");
    const fs::path test_labels = find_file(folder, "t10k-labels-idx1-ubyte");
    const Dataset train = load(train_images, train_labels, options.stream, class_names);
    const Dataset test = load(test_images, test_labels, options.stream, std::move(class_names));
    if (train.sample_shape() != test.sample_shape()) {
        fail(ErrorKind::kFile, "idx: {} holds images {} but {} holds images {}",
             train_images.string(), to_string(train.sample_shape()), test_images.string(),
             to_string(test.sample_shape()));
    }
    return prepared(train, test, options);
}

}  // namespace ingot::data
