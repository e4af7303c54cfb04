// SPDX-License-Identifier: MIT
// Event files, which TensorBoard reads: numbers, pictures, histograms, text and a graph, each under
// a tag and a step. train::TensorBoard writes them for a trainer; a loop of one's own does it so:
//
//     io::EventWriter events{"runs/first"};
//     events.scalar("loss", step, loss);              // tensorboard --logdir runs
#pragma once

#include <ingot/export.h>
#include <ingot/image.h>
#include <ingot/shape.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ingot::io {

// How numbers lie: equal bins from the least to the largest of them. Of equal numbers, one bin.
struct Histogram {
    double min = 0;
    double max = 0;
    double sum = 0;
    double sum_of_squares = 0;
    std::vector<std::int64_t> counts{};  // a bin's numbers are from its left edge to below its
                                         // right one; the last bin holds the largest number, too
    std::int64_t not_finite = 0;         // left out of all the above

    std::int64_t count() const;
    double mean() const;       // of none: 0
    double deviation() const;  // of all numbers, not an estimate
    bool operator==(const Histogram&) const = default;
};

INGOT_API Histogram histogram(std::span<const float> values, std::int64_t bins = 40);

// An operation of a model. Names with slashes are drawn as boxes in boxes: "0/matmul".
struct GraphNode {
    std::string name;
    std::string operation;
    std::vector<std::string> inputs{};  // by name; ":1" behind it is the second output
    std::vector<Shape> outputs{};
    std::vector<std::pair<std::string, std::string>> attributes{};
};

// Appends to a file of its own, events.out.tfevents.<seconds>.<host>.<process>.<number>, whose name
// comes after those that are in the folder: TensorBoard reads them as one. A record is handed to
// the system whole, so a killed process leaves all before it readable. Where that fails (a full
// disk, say), what was written of the record is cut off again and Error kFile is thrown; the next
// record may succeed.
class INGOT_API EventWriter {
public:
    // Makes the folder.
    explicit EventWriter(const std::filesystem::path& folder);
    // Continues a run, or begins it anew: what files in the folder say of this step and of later
    // ones is passed over.
    EventWriter(const std::filesystem::path& folder, std::int64_t step);
    ~EventWriter();
    EventWriter(EventWriter&&) noexcept;
    EventWriter& operator=(EventWriter&&) noexcept;

    void scalar(std::string_view tag, std::int64_t step, double value);
    void image(std::string_view tag, std::int64_t step, const Image& image);
    // Several under one tag, numbered.
    void images(std::string_view tag, std::int64_t step, std::span<const Image> images);
    void histogram(std::string_view tag, std::int64_t step, const Histogram& histogram);
    void text(std::string_view tag, std::int64_t step, std::string_view markdown);
    void graph(std::span<const GraphNode> nodes);  // one a folder

    const std::filesystem::path& path() const;

private:
    struct File;
    std::unique_ptr<File> file_;
};

}  // namespace ingot::io
