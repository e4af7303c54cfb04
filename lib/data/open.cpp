// SPDX-License-Identifier: MIT
// Which reader a path is for, and how its samples become a training and a test part.
#include <ingot/data.h>
#include <ingot/io.h>

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
    std::error_code code;
    return fs::exists(path, code);
}

bool is_folder(const fs::path& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

// "x.csv.gz" ends in ".csv".
std::string ending_of(const fs::path& path) {
    std::string name = path.filename().string();
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    std::string ending = fs::path(name).extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return ending;
}

bool holds_folders(const fs::path& folder) {
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code))
        if (entry.is_directory(code)) return true;
    return false;
}

Format format_of_folder(const fs::path& folder) {
    for (const char* ending : {"", ".gz"}) {
        for (const char* file : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                 "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
            if (is_there(folder / (std::string(file) + ending))) return Format::kIdxFolder;
        }
    }
    if (is_there(folder / "data_batch_1.bin")) return Format::kCifar10;
    if (const fs::path train = folder / "train.bin"; is_there(train)) {
        constexpr std::uintmax_t kTenBytes = 3073, kHundredBytes = 3074;
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(train, code);
        return bytes % kTenBytes != 0 && bytes % kHundredBytes == 0 ? Format::kCifar100
                                                                    : Format::kCifar10;
    }
    if (holds_folders(folder)) return Format::kImageFolder;
    fail(ErrorKind::kFile,
         "data: {} holds neither the files of MNIST (train-images-idx3-ubyte, "
         "t10k-images-idx3-ubyte "
         "...) nor of CIFAR (data_batch_1.bin, train.bin) nor folders of pictures",
         folder.string());
}

// Two parts of samples that come as one.
TrainTest parts_of(const Dataset& all, const OpenOptions& options) {
    if (!(options.test >= 0 && options.test <= 1)) {
        fail(ErrorKind::kInvalidArgument, "data: {} of the samples for the test, takes 0 to 1",
             options.test);
    }
    if (options.test == 0) return {all, {}};
    if (options.test == 1) return {{}, all};
    const bool stratify = all.has_labels() && all.target_shape().count() == 1;
    auto [train, test] = all.split(1 - options.test, {.stratify = stratify, .seed = options.seed});
    return {train, test};
}

std::vector<std::string> parts_between_commas(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return text.empty() ? std::vector<std::string>{} : parts;
}

TrainTest open_images(const fs::path& folder, const OpenOptions& options) {
    const ImageFolderOptions reading{.resize = options.resize,
                                     .crop = options.resize,
                                     .stream = options.stream,
                                     .skip_unreadable = options.skip_unreadable};
    const fs::path train = folder / "train";
    for (const char* name : {"test", "val", "valid", "validation"}) {
        if (!is_folder(train) || !is_folder(folder / name)) continue;
        const Dataset first = image_folder(train, reading);
        ImageFolderOptions same = reading;
        same.class_names = first.class_names();
        same.channels = first.sample_shape()[0];
        return {first, image_folder(folder / name, same)};
    }
    return parts_of(image_folder(folder, reading), options);
}

TrainTest open_npz(const fs::path& file, const OpenOptions& options) {
    const std::vector<HostTensor> arrays = io::read_npz(file);
    const NpyOptions reading{.missing = options.missing};
    const auto has = [&](const std::string& name) {
        return std::ranges::any_of(arrays, [&](const HostTensor& a) { return a.name == name; });
    };
    const auto first_of = [&](std::initializer_list<const char*> names) {
        const auto* const found = std::ranges::find_if(names, has);
        return std::string(found == names.end() ? "" : *found);
    };
    if (has("x_train") && has("y_train") && has("x_test") && has("y_test")) {
        return {npz(file, "x_train", "y_train", reading), npz(file, "x_test", "y_test", reading)};
    }
    const std::string targets =
        options.target.empty() ? first_of({"y", "labels", "targets"}) : options.target;
    const std::string inputs = first_of({"x", "X", "inputs", "images", "data"});
    if (!has(targets) || inputs.empty()) {
        std::vector<std::string> names;
        for (const HostTensor& array : arrays)
            names.push_back(array.name);
        fail(ErrorKind::kFile,
             "npz {}: it holds {}; needed are x_train, y_train, x_test and y_test, or x and y",
             file.string(), fmt::join(names, ", "));
    }
    return parts_of(npz(file, inputs, targets, reading), options);
}

// Bytes, each with the one that follows `length` of them.
class Windows {
public:
    Windows(std::shared_ptr<const std::string> text, std::size_t begin, std::size_t end,
            std::size_t length)
        : text_(std::move(text)), begin_(begin), end_(end), length_(length) {}

    std::size_t size() const { return end_ - begin_ > length_ ? end_ - begin_ - length_ : 0; }
    std::pair<std::vector<std::int32_t>, std::int32_t> operator[](std::size_t i) const {
        const auto* const at = reinterpret_cast<const unsigned char*>(text_->data()) + begin_ + i;
        return {{at, at + length_}, at[length_]};
    }

private:
    std::shared_ptr<const std::string> text_;
    std::size_t begin_, end_, length_;
};

TrainTest open_text(const fs::path& file, const OpenOptions& options) {
    const auto text = std::make_shared<const std::string>(io::read_file(file));
    const auto length = static_cast<std::size_t>(std::max<std::int64_t>(options.length, 0));
    if (length < 1 || text->size() < 2 * (length + 1)) {
        fail(ErrorKind::kFile, "text {}: {} bytes are too few for samples of {} and what follows",
             file.string(), text->size(), options.length);
    }
    std::vector<std::string> names;
    for (int byte = 0; byte < 256; ++byte)
        names.push_back(byte > 32 && byte < 127 ? std::string(1, static_cast<char>(byte))
                                                : fmt::format("0x{:02x}", byte));
    const auto split = static_cast<std::size_t>(
        std::llround((1 - options.test) * static_cast<double>(text->size())));
    const auto part = [&](std::size_t begin, std::size_t end) {
        const Windows windows(text, begin, end, length);
        return windows.size() == 0 ? Dataset() : dataset_of(windows, names);
    };
    return {part(0, split), part(split, text->size())};
}

}  // namespace

Format format_of(const fs::path& path) {
    if (is_folder(path)) return format_of_folder(path);
    if (!is_there(path)) fail(ErrorKind::kFile, "data: there is no {}", path.string());
    const std::string ending = ending_of(path);
    if (ending == ".csv" || ending == ".tsv") return Format::kCsv;
    if (ending == ".npy") return Format::kNpy;
    if (ending == ".npz") return Format::kNpz;
    if (ending == ".txt") return Format::kText;
    fail(ErrorKind::kFile,
         "data: {} is neither a folder nor a file .csv, .tsv, .npy, .npz or .txt by its name",
         path.string());
}

TrainTest open(const fs::path& path, const OpenOptions& options) {
    const ImageOptions images{.stream = options.stream};
    switch (format_of(path)) {
        case Format::kIdxFolder: return idx_folder(path, images);
        case Format::kCifar10: return cifar10(path, images);
        case Format::kCifar100: return cifar100(path, images);
        case Format::kImageFolder: return open_images(path, options);
        case Format::kNpz: return open_npz(path, options);
        case Format::kText: return open_text(path, options);
        case Format::kNpy:
            if (options.target.empty()) {
                fail(ErrorKind::kInvalidArgument, "npy {}: the file of its targets is not given",
                     path.string());
            }
            return parts_of(
                npy(path, options.target, {.missing = options.missing, .stream = options.stream}),
                options);
        case Format::kCsv: break;
    }
    return parts_of(csv(path, {.delimiter = ending_of(path) == ".tsv" ? '\t' : ',',
                               .header = options.header,
                               .targets = parts_between_commas(options.target),
                               .unlabelled = options.unlabelled,
                               .labels = options.labels,
                               .missing = true}),
                    options);
}

}  // namespace ingot::data
