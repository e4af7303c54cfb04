// SPDX-License-Identifier: MIT
// Pictures in folders that name their classes.
#include "core/check.h"
#include "core/log.h"
#include "data/pictures.h"
#include "data/resize.h"
#include "io/decode_image.h"

#include <ingot/data.h>
#include <ingot/explore.h>
#include <ingot/io.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxSide = 1 << 14;
constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxNamed = 10;  // unreadable files in one message

struct Picture {
    std::string name;  // path within the folder
    std::int32_t label = 0;
};

bool has_picture_name(const fs::path& path) {
    std::string ending = path.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    });
    return (ending == ".png" || ending == ".jpg" || ending == ".jpeg") &&
           !path.filename().string().starts_with('.');
}

// From a file to the pixels of a sample.
class Reading {
public:
    Reading(fs::path folder, const ImageFolderOptions& options)
        : folder_(std::move(folder)), options_(options) {}

    std::string bytes_of(const Picture& picture) const {
        return io::read_file(folder_ / picture.name, kMaxFileBytes);
    }
    std::string place_of(const Picture& picture) const {
        return "image " + (folder_ / picture.name).string();
    }

    io::ImageInfo info(const Picture& picture) const {
        const std::string bytes = bytes_of(picture);
        return io::image_info(place_of(picture), std::as_bytes(std::span(bytes)));
    }

    // The size of a sample made of a picture of this size.
    std::pair<std::int64_t, std::int64_t> size_of(const Picture& picture, std::int64_t width,
                                                  std::int64_t height) const {
        const auto [scaled_width, scaled_height] = scaled(width, height);
        const std::int64_t side = options_.crop != 0 ? options_.crop : options_.resize;
        if (side == 0) return {width, height};
        if (scaled_width < side || scaled_height < side) {
            fail(ErrorKind::kFile, "{}: {} x {} pixels are too few to cut {} x {} from",
                 place_of(picture), scaled_width, scaled_height, side, side);
        }
        return {side, side};
    }

    Image read(const Picture& picture, std::int64_t channels) const {
        const std::string bytes = bytes_of(picture);
        Image image =
            io::decode_image(place_of(picture), std::as_bytes(std::span(bytes)), channels);
        const auto [width, height] = size_of(picture, image.width, image.height);
        const auto [scaled_width, scaled_height] = scaled(image.width, image.height);
        image = resized(image, scaled_width, scaled_height);
        if (width == image.width && height == image.height) return image;
        return cropped(image, (image.width - width) / 2, (image.height - height) / 2, width,
                       height);
    }

private:
    std::pair<std::int64_t, std::int64_t> scaled(std::int64_t width, std::int64_t height) const {
        if (options_.resize == 0) return {width, height};
        const double factor =
            static_cast<double>(options_.resize) / static_cast<double>(std::min(width, height));
        const auto along = [&](std::int64_t side) {
            // A strip of paper would become larger than any memory.
            return std::clamp<std::int64_t>(std::llround(static_cast<double>(side) * factor), 1,
                                            std::max(kMaxSide, side));
        };
        return {along(width), along(height)};
    }

    fs::path folder_;
    ImageFolderOptions options_;
};

class FolderSource final : public Source {
public:
    FolderSource(SourceSpec spec, Reading reading, std::vector<Picture> pictures,
                 std::vector<std::byte> pixels)
        : Source(std::move(spec)),
          reading_(std::move(reading)),
          pictures_(std::move(pictures)),
          pixels_(std::move(pixels)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        if (!pixels_.empty()) return pixels_.data() + static_cast<std::size_t>(row) * room.size();
        const Picture& picture = pictures_[static_cast<std::size_t>(row)];
        const Shape& shape = spec().sample_shape;
        const Image image = reading_.read(picture, shape[0]);
        if (image.height != shape[1] || image.width != shape[2]) {
            fail(ErrorKind::kFile, "{}: it has become a picture of {} x {} pixels",
                 reading_.place_of(picture), image.width, image.height);
        }
        detail::put(row, image, u8, room.data());
        return room.data();
    }
    const std::byte* target(std::int64_t row, std::span<std::byte>) const override {
        return reinterpret_cast<const std::byte*>(&pictures_[static_cast<std::size_t>(row)].label);
    }
    std::string name(std::int64_t row) const override {
        return pictures_[static_cast<std::size_t>(row)].name;
    }

private:
    Reading reading_;
    std::vector<Picture> pictures_;
    std::vector<std::byte> pixels_;  // [N, C, H, W]; none when they are decoded on demand
};

std::vector<std::string> subfolders(const fs::path& folder) {
    std::error_code code;
    if (!fs::is_directory(folder, code)) {
        fail(ErrorKind::kFile, "image folder: {} is not a folder", folder.string());
    }
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_directory() && !name.starts_with('.')) names.push_back(name);
    }
    if (code) fail(ErrorKind::kFile, "image folder: {}: {}", folder.string(), code.message());
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Picture> find_pictures(const fs::path& folder, const std::vector<std::string>& names) {
    std::vector<Picture> pictures;
    for (std::size_t label = 0; label < names.size(); ++label) {
        std::error_code code;
        std::vector<std::string> files;
        for (auto entry = fs::recursive_directory_iterator(folder / names[label], code);
             !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
            if (entry->is_regular_file() && has_picture_name(entry->path())) {
                files.push_back(entry->path().lexically_relative(folder).generic_string());
            }
        }
        const fs::path place = folder / names[label];
        if (code) fail(ErrorKind::kFile, "image folder: {}: {}", place.string(), code.message());
        if (files.empty()) {
            fail(ErrorKind::kFile, "image folder: {} holds no PNG or JPEG file", place.string());
        }
        std::sort(files.begin(), files.end());
        for (std::string& file : files)
            pictures.push_back({std::move(file), static_cast<std::int32_t>(label)});
    }
    return pictures;
}

// Calls `look` for each picture and keeps those that it could read.
template <typename Look>
void keep_readable(std::vector<Picture>& pictures, bool skip, Look look) {
    std::vector<Picture> kept;
    std::vector<std::string> errors;
    for (Picture& picture : pictures) {
        try {
            look(picture);
            kept.push_back(std::move(picture));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kFile) throw;
            errors.emplace_back(error.what());
            if (skip) log(LogLevel::kWarning, "left out: {}", errors.back());
        }
    }
    if (!errors.empty() && !skip) {
        const std::size_t named = std::min(errors.size(), kMaxNamed);
        fail(ErrorKind::kFile,
             "image folder: {} of {} pictures cannot be read (skip_unreadable leaves them out): "
             "{}{}",
             errors.size(), errors.size() + kept.size(),
             fmt::join(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(named), "; "),
             named < errors.size() ? "; ..." : "");
    }
    if (kept.empty()) fail(ErrorKind::kFile, "image folder: none of its pictures can be read");
    pictures = std::move(kept);
}

}  // namespace

PictureSurvey survey_pictures(const fs::path& folder) {
    const std::vector<std::string> names = subfolders(folder);
    const Reading reading(folder, {});
    PictureSurvey survey;
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> sizes;
    for (const Picture& picture : find_pictures(folder, names)) {
        ++survey.files;
        try {
            const Image image = reading.read(picture, 0);
            ++(image.channels == 1 ? survey.grey : survey.colour);
            ++sizes[{image.width, image.height}];
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kFile) throw;
            std::string_view reason = error.what();
            if (const std::string place = reading.place_of(picture) + ": ";
                reason.starts_with(place)) {
                reason.remove_prefix(place.size());
            }
            survey.unreadable.push_back({picture.name, std::string(reason)});
        }
    }
    for (const auto& [size, count] : sizes)
        survey.sizes.push_back({size.first, size.second, count});
    std::ranges::stable_sort(survey.sizes, std::greater(), &PictureSize::count);
    return survey;
}

Dataset image_folder(const fs::path& folder, const ImageFolderOptions& options) {
    const auto is_side = [](std::int64_t side) { return side >= 0 && side <= kMaxSide; };
    if (!is_side(options.resize) || !is_side(options.crop) ||
        (options.resize != 0 && options.crop > options.resize) ||
        (options.channels != 0 && options.channels != 1 && options.channels != 3)) {
        fail(ErrorKind::kInvalidArgument,
             "image folder: resize {}, crop {} and {} channels; a crop is at most as large as the "
             "shorter side, {} at most, channels are 1 or 3",
             options.resize, options.crop, options.channels, kMaxSide);
    }
    const std::vector<std::string> names = subfolders(folder);
    if (names.empty()) {
        fail(ErrorKind::kFile, "image folder: {} holds no folder, one for each class",
             folder.string());
    }
    if (!options.class_names.empty()) {
        std::vector<std::string> wanted = options.class_names;
        std::sort(wanted.begin(), wanted.end());
        if (wanted != names) {
            fail(ErrorKind::kFile, "image folder: {} holds the folders {}, the classes are {}",
                 folder.string(), fmt::join(names, ", "), fmt::join(wanted, ", "));
        }
    }
    const std::vector<std::string>& classes =
        options.class_names.empty() ? names : options.class_names;
    std::vector<Picture> pictures = find_pictures(folder, classes);
    const Reading reading(folder, options);

    // Sizes and colours, by the headers alone.
    std::int64_t channels = options.channels;
    std::optional<std::pair<std::int64_t, std::int64_t>> size;
    std::string first_name;
    keep_readable(pictures, options.skip_unreadable, [&](const Picture& picture) {
        const io::ImageInfo info = reading.info(picture);
        if (options.stream && options.skip_unreadable) {
            static_cast<void>(reading.read(picture, options.channels));
        }
        const auto here = reading.size_of(picture, info.width, info.height);
        if (!size) size = here, first_name = picture.name;
        if (here != *size) {
            fail(ErrorKind::kInvalidArgument,
                 "image folder: {} has {} x {} pixels, {} {} x {}: resize or crop makes them equal",
                 picture.name, here.first, here.second, first_name, size->first, size->second);
        }
        if (options.channels == 0) channels = std::max(channels, info.channels);
    });

    const Shape shape{channels, size->second, size->first};
    std::vector<std::byte> pixels;
    if (!options.stream) {
        const auto sample_bytes = static_cast<std::size_t>(shape.count());
        pixels.reserve(pictures.size() * sample_bytes);
        keep_readable(pictures, options.skip_unreadable, [&](const Picture& picture) {
            const Image image = reading.read(picture, channels);
            pixels.resize(pixels.size() + sample_bytes);
            detail::put(0, image, u8, pixels.data() + pixels.size() - sample_bytes);
        });
    }
    SourceSpec spec{.size = static_cast<std::int64_t>(pictures.size()),
                    .sample_shape = shape,
                    .input_dtype = u8,
                    .class_count = static_cast<std::int64_t>(classes.size()),
                    .class_names = classes};
    const Dataset dataset(std::make_shared<FolderSource>(std::move(spec), reading,
                                                         std::move(pictures), std::move(pixels)));
    return prepared(dataset, {.flat = options.flat, .normalize = options.normalize});
}

}  // namespace ingot::data
