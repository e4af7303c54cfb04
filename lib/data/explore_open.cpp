// SPDX-License-Identifier: MIT
// From paths to the sets that are to be explored, without making up parts that are not there.
#include "core/check.h"
#include "data/explore.h"

#include <algorithm>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxSide = 256;  // pictures of mixed sizes are looked at no larger

bool is_folder(const fs::path& path) {
    std::error_code code;
    return fs::is_directory(path, code);
}

class Opening {
public:
    Opening(std::span<const fs::path> paths, const ExploreOptions& options)
        : options_(options), many_(paths.size() > 1) {
        options_.open.test = 0;
        options_.open.missing = true;
        for (const fs::path& path : paths)
            distinct_ =
                distinct_ && std::ranges::count(paths, path.filename(), &fs::path::filename) == 1;
        for (const fs::path& path : paths)
            open(path);
        open_pictures();
    }

    ExploredData data() { return std::move(data_); }

private:
    struct Folder {
        std::size_t set = 0;  // its place among the sets
        fs::path path;
    };

    // "train", or "PATH:train" where there are several paths, by the path's last part if that will
    // do.
    std::string name_of(const fs::path& path, const std::string& part) const {
        const std::string name =
            distinct_ && path.has_filename() ? path.filename().string() : path.generic_string();
        if (part.empty()) return name;
        return many_ ? name + ":" + part : part;
    }

    void add(std::string name, Dataset samples) {
        data_.sets.push_back({std::move(name), std::move(samples)});
        data_.pictures.emplace_back();
    }

    void open(const fs::path& path) {
        std::error_code code;
        if (path.extension() == ".bin" && fs::is_regular_file(path, code)) {
            constexpr std::uintmax_t kTenBytes = 3073, kHundredBytes = 3074;
            const std::uintmax_t bytes = fs::file_size(path, code);
            const bool ten = bytes % kTenBytes == 0 || bytes % kHundredBytes != 0;
            return add(name_of(path, ""), cifar(path, ten ? CifarLabels::kTen : CifarLabels::kFine,
                                                {.stream = options_.open.stream}));
        }
        if (format_of(path) == Format::kImageFolder) return find_folders(path);
        TrainTest parts = data::open(path, options_.open);
        if (parts.test.empty()) return add(name_of(path, ""), parts.train);
        add(name_of(path, "train"), parts.train);
        add(name_of(path, "test"), parts.test);
    }

    void find_folders(const fs::path& path) {
        const auto add_folder = [&](const fs::path& folder, const std::string& part) {
            folders_.push_back({data_.sets.size(), folder});
            add(name_of(path, part), {});
        };
        std::vector<const char*> parts;
        for (const char* part : {"train", "val", "valid", "validation", "test"})
            if (is_folder(path / part)) parts.push_back(part);
        if (parts.size() < 2 || std::string_view(parts[0]) != "train") return add_folder(path, "");
        for (const char* part : parts)
            add_folder(path / part, part);
    }

    // All folders alike: of one size, grey only if all are.
    void open_pictures() {
        if (folders_.empty()) return;
        ImageFolderOptions reading{
            .resize = options_.open.resize, .crop = options_.open.resize, .stream = true};
        std::int64_t shortest = kMaxSide, sizes = 0;
        bool colour = false;
        std::vector<std::string> unreadable;
        std::int64_t files = 0;
        const PictureSize* first = nullptr;
        for (const Folder& folder : folders_) {
            PictureSurvey& survey = data_.pictures[folder.set];
            survey = survey_pictures(folder.path);
            files += survey.files;
            colour = colour || survey.colour > 0;
            for (const UnreadableFile& file : survey.unreadable)
                unreadable.push_back((folder.path / file.name).generic_string() + ": " +
                                     file.reason);
            for (const PictureSize& size : survey.sizes) {
                shortest = std::min({shortest, size.width, size.height});
                if (first == nullptr) first = &size;
                sizes += size.width != first->width || size.height != first->height;
            }
        }
        if (!unreadable.empty() && !options_.skip_unreadable) {
            fail(ErrorKind::kFile,
                 "explore: {} of {} pictures cannot be read (skip_unreadable goes on without "
                 "them): {}",
                 unreadable.size(), files, fmt::join(unreadable, "; "));
        }
        if (sizes > 0 && reading.resize == 0) reading.resize = reading.crop = shortest;
        reading.channels = colour ? 3 : 1;
        for (const Folder& folder : folders_) {
            reading.skip_unreadable = !data_.pictures[folder.set].unreadable.empty();
            data_.sets[folder.set].samples = image_folder(folder.path, reading);
        }
    }

    ExploreOptions options_;
    bool many_;
    bool distinct_ = true;  // the last parts of all paths differ
    ExploredData data_;
    std::vector<Folder> folders_;
};

}  // namespace

ExploredData open_to_explore(std::span<const fs::path> paths, const ExploreOptions& options) {
    if (paths.empty()) fail(ErrorKind::kInvalidArgument, "explore: no path is given");
    return Opening(paths, options).data();
}

}  // namespace ingot::data
