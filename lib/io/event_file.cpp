// SPDX-License-Identifier: MIT
// Messages Event, Summary, HistogramProto, TensorProto and GraphDef of TensorFlow's event.proto,
// summary.proto, tensor.proto and graph.proto, by their field numbers, in TFRecord frames: length,
// its checksum, the message, its checksum.
#include "core/check.h"
#include "io/crc32c.h"
#include "io/process.h"
#include "io/protobuf.h"

#include <ingot/event_file.h>
#include <ingot/io.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace ingot::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "events.out.tfevents.";
constexpr std::int64_t kString = 7;  // DT_STRING

double seconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

std::string host_name() {
#ifdef _WIN32
    const char* name = std::getenv("COMPUTERNAME");
    return name != nullptr ? name : "host";
#else
    char name[256] = "";
    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "host";
    return name;
#endif
}

// Files are read in the order of their names, so a later file's number of seconds is larger, also
// when a run is continued within the second or the clock was put back.
std::int64_t next_second(const fs::path& folder) {
    auto second = static_cast<std::int64_t>(seconds_now());
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(kPrefix)) continue;
        const std::int64_t other =
            std::strtoll(name.c_str() + std::char_traits<char>::length(kPrefix), nullptr, 10);
        second = std::max(second, other + 1);
    }
    return second;
}

void add_word(std::string& text, std::uint64_t value, int bytes) {  // little-endian
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> 8 * i & 0xFF);
}

// A checksum of bytes that hold checksums is weak, so these are rotated and shifted.
void add_checksum(std::string& text, std::string_view bytes) {
    const std::uint32_t crc = crc32c(bytes);
    add_word(text, static_cast<std::uint32_t>((crc >> 15 | crc << 17) + 0xA282EAD8U), 4);
}

std::string record_of(const ProtobufMessage& event) {
    std::string record;
    add_word(record, event.text().size(), 8);
    add_checksum(record, std::string(record));
    record += event.text();
    add_checksum(record, event.text());
    return record;
}

ProtobufMessage new_event() {
    return ProtobufMessage{}.number(1, seconds_now());
}

ProtobufMessage shape_message(const Shape& shape) {
    ProtobufMessage message;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        message.message(2, ProtobufMessage{}.integer(1, shape[axis]));
    return message;
}

// An entry of a map<string, AttrValue>.
void add_attribute(ProtobufMessage& node, std::string_view name, const ProtobufMessage& value) {
    node.message(5, ProtobufMessage{}.bytes(1, name).message(2, value));
}

}  // namespace

struct EventWriter::File {
    fs::path path;
    std::FILE* file = nullptr;
    std::uint64_t size = 0;  // of the whole records

    explicit File(const fs::path& folder) {
        std::error_code code;
        fs::create_directories(folder, code);
        if (code || !fs::is_directory(folder)) {
            fail(ErrorKind::kFile, "event file: the folder {} cannot be made: {}", folder.string(),
                 code ? code.message() : "a file of that name is there");
        }
        static std::atomic<unsigned> number{0};
        path = folder / fmt::format("{}{:010}.{}.{}.{}", kPrefix, next_second(folder), host_name(),
                                    process_id(), number++);
        file = std::fopen(path.string().c_str(), "wbx");
        if (file == nullptr) {
            fail(ErrorKind::kFile, "event file: {} cannot be made: {}", path.string(),
                 std::generic_category().message(errno));
        }
        std::setvbuf(file, nullptr, _IONBF, 0);
    }
    ~File() { std::fclose(file); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    void write(const ProtobufMessage& event) {
        const std::string record = record_of(event);
        if (std::fwrite(record.data(), 1, record.size(), file) == record.size()) {
            size += record.size();
            return;
        }
        const int error = errno;
        std::clearerr(file);
        std::error_code code;
        fs::resize_file(path, size, code);  // readers end at a record that is not whole
        std::fseek(file, 0, SEEK_END);
        fail(ErrorKind::kFile, "event file {}: a record of {} bytes was not written: {}",
             path.string(), record.size(), std::generic_category().message(error));
    }

    // A value of a summary, without its tag.
    void add(std::string_view tag, std::int64_t step, ProtobufMessage value) {
        value.bytes(1, tag);
        write(new_event().integer(2, step).message(5, ProtobufMessage{}.message(1, value)));
    }
};

EventWriter::EventWriter(const fs::path& folder) : file_(std::make_unique<File>(folder)) {
    file_->write(new_event().bytes(3, "brain.Event:2"));
}
EventWriter::EventWriter(const fs::path& folder, std::int64_t step) : EventWriter(folder) {
    constexpr std::int64_t kStart = 1;
    file_->write(new_event().integer(2, step).message(7, ProtobufMessage{}.integer(1, kStart)));
}
EventWriter::~EventWriter() = default;
EventWriter::EventWriter(EventWriter&&) noexcept = default;
EventWriter& EventWriter::operator=(EventWriter&&) noexcept = default;

void EventWriter::scalar(std::string_view tag, std::int64_t step, double value) {
    file_->add(tag, step, ProtobufMessage{}.number(2, static_cast<float>(value)));
}

void EventWriter::image(std::string_view tag, std::int64_t step, const Image& image) {
    const std::vector<std::byte> png = encode_png(image);
    ProtobufMessage message;
    message.integer(1, image.height).integer(2, image.width).integer(3, image.channels);
    message.bytes(4, {reinterpret_cast<const char*>(png.data()), png.size()});
    file_->add(tag, step, ProtobufMessage{}.message(4, message));
}

void EventWriter::images(std::string_view tag, std::int64_t step, std::span<const Image> images) {
    for (std::size_t i = 0; i < images.size(); ++i)
        image(fmt::format("{}/{:03}", tag, i), step, images[i]);
}

void EventWriter::histogram(std::string_view tag, std::int64_t step, const Histogram& histogram) {
    const std::size_t bins = histogram.counts.size();
    std::vector<double> limits, counts;
    for (std::size_t i = 0; i < bins; ++i) {
        const double share = static_cast<double>(i + 1) / static_cast<double>(bins);
        limits.push_back(i + 1 == bins ? histogram.max
                                       : histogram.min + share * (histogram.max - histogram.min));
        counts.push_back(static_cast<double>(histogram.counts[i]));
    }
    ProtobufMessage message;
    message.number(1, histogram.min).number(2, histogram.max);
    message.number(3, static_cast<double>(histogram.count()));
    message.number(4, histogram.sum).number(5, histogram.sum_of_squares);
    message.numbers(6, limits).numbers(7, counts);
    file_->add(tag, step, ProtobufMessage{}.message(5, message));
}

void EventWriter::text(std::string_view tag, std::int64_t step, std::string_view markdown) {
    const ProtobufMessage tensor =
        ProtobufMessage{}.integer(1, kString).message(2, shape_message({1})).bytes(8, markdown);
    const ProtobufMessage plugin = ProtobufMessage{}.message(1, ProtobufMessage{}.bytes(1, "text"));
    file_->add(tag, step, ProtobufMessage{}.message(8, tensor).message(9, plugin));
}

void EventWriter::graph(std::span<const GraphNode> nodes) {
    ProtobufMessage graph;
    for (const GraphNode& from : nodes) {
        ProtobufMessage node;
        node.bytes(1, from.name).bytes(2, from.operation);
        for (const std::string& name : from.inputs)
            node.bytes(3, name);
        ProtobufMessage shapes;
        for (const Shape& shape : from.outputs)
            shapes.message(7, shape_message(shape));
        add_attribute(node, "_output_shapes", ProtobufMessage{}.message(1, shapes));
        for (const auto& [name, value] : from.attributes)
            add_attribute(node, name, ProtobufMessage{}.bytes(2, value));
        graph.message(1, node);
    }
    constexpr std::int64_t kProducer = 22;  // of GraphDef's versions, one that all readers know
    graph.message(4, ProtobufMessage{}.integer(1, kProducer));
    file_->write(new_event().bytes(4, graph.text()));
}

const fs::path& EventWriter::path() const {
    return file_->path;
}

}  // namespace ingot::io
