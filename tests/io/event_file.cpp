// SPDX-License-Identifier: MIT
// Event files as somebody else's reader finds them.
#include "io/crc32c.h"
#include "support/event_reader.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/event_file.h>
#include <ingot/io.h>

#include <csignal>
#include <filesystem>
#include <limits>
#include <vector>

#ifndef _WIN32
#include <sys/resource.h>
#endif

using namespace ingot;
using ingot::testing::contents_of;
using ingot::testing::events_in;
using ingot::testing::TemporaryFolder;
using ingot::testing::thrown_message;

namespace {

const events::Summary::Value& value_of(const events::Event& event) {
    REQUIRE(event.summary().value_size() == 1);
    return event.summary().value(0);
}

#ifndef _WIN32
// No file of this process may grow beyond it: a full disk for one file.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};
#endif

}  // namespace

TEST_CASE("crc32c: the known answers of RFC 3720") {
    CHECK(io::crc32c(std::string(32, '\0')) == 0x8A9136AAU);
    CHECK(io::crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
    std::string rising, falling;
    for (int i = 0; i < 32; ++i) {
        rising += static_cast<char>(i);
        falling += static_cast<char>(31 - i);
    }
    CHECK(io::crc32c(rising) == 0x46DD794EU);
    CHECK(io::crc32c(falling) == 0x113FDB5CU);
    CHECK(io::crc32c("123456789") == 0xE3069283U);
}

TEST_CASE("events: each kind is what was written") {
    const TemporaryFolder folder;
    io::EventWriter writer(folder / "a/b");
    const std::string name = writer.path().filename().string();
    CHECK(name.starts_with("events.out.tfevents.1"));
    writer.scalar("loss", 7, 0.1);
    writer.scalar("", std::int64_t{1} << 40, -std::numeric_limits<double>::infinity());
    writer.image("digit", 3, {2, 1, 3, {1, 2, 3, 4, 5, 6}});
    writer.histogram("w", 4, io::histogram(std::vector<float>{-1, 0, 0.5F, 3}, 4));
    writer.text("note", 5, "**bold** ü");
    const std::vector<io::GraphNode> nodes{
        {.name = "x", .operation = "input", .outputs = {{2, 300}}},
        {.name = "0/matmul",
         .operation = "matmul",
         .inputs = {"x", "x:1"},
         .outputs = {{2, 10}, {}},
         .attributes = {{"axis", "-1"}}}};
    writer.graph(nodes);

    const auto events = events_in(contents_of(writer.path()));
    REQUIRE(events.size() == 7);
    CHECK(events[0].file_version() == "brain.Event:2");
    for (const auto& event : events)
        CHECK(event.wall_time() > 1.5e9);
    CHECK(events[1].step() == 7);
    CHECK(value_of(events[1]).tag() == "loss");
    CHECK(value_of(events[1]).simple_value() == 0.1F);
    CHECK(events[2].step() == std::int64_t{1} << 40);
    CHECK(value_of(events[2]).simple_value() == -std::numeric_limits<float>::infinity());

    const auto& image = value_of(events[3]).image();
    CHECK(image.width() == 2);
    CHECK(image.height() == 1);
    CHECK(image.colorspace() == 3);
    const auto path = folder.put("digit.png", image.encoded_image_string());
    CHECK(io::read_image(path) == Image{2, 1, 3, {1, 2, 3, 4, 5, 6}});

    const auto& histogram = value_of(events[4]).histo();
    CHECK(histogram.min() == -1);
    CHECK(histogram.max() == 3);
    CHECK(histogram.num() == 4);
    CHECK(histogram.sum() == 2.5);
    CHECK(histogram.sum_squares() == 10.25);
    const std::vector<double> limits(histogram.bucket_limit().begin(),
                                     histogram.bucket_limit().end());
    const std::vector<double> counts(histogram.bucket().begin(), histogram.bucket().end());
    CHECK(limits == std::vector<double>{0, 1, 2, 3});
    CHECK(counts == std::vector<double>{1, 2, 0, 1});

    CHECK(value_of(events[5]).metadata().plugin_data().plugin_name() == "text");
    const auto& tensor = value_of(events[5]).tensor();
    CHECK(tensor.dtype() == 7);
    REQUIRE(tensor.string_val_size() == 1);
    CHECK(tensor.string_val(0) == "**bold** ü");
    CHECK(tensor.tensor_shape().dim(0).size() == 1);

    events::GraphDef graph;
    REQUIRE(graph.ParseFromString(events[6].graph_def()));
    REQUIRE(graph.node_size() == 2);
    CHECK(graph.versions().producer() == 22);
    const auto& node = graph.node(1);
    CHECK(node.name() == "0/matmul");
    CHECK(node.op() == "matmul");
    CHECK(node.input(1) == "x:1");
    CHECK(node.attr().at("axis").s() == "-1");
    REQUIRE(node.attr().at("_output_shapes").list().shape_size() == 2);
    CHECK(node.attr().at("_output_shapes").list().shape(0).dim(1).size() == 10);
    CHECK(graph.node(0).attr().at("_output_shapes").list().shape(0).dim(1).size() == 300);
}

TEST_CASE("events: each record is in the file when its call returns, and a cut costs one") {
    const TemporaryFolder folder;
    io::EventWriter writer(folder.path());
    for (int step = 0; step < 4; ++step) {
        writer.scalar("x", step, step);
        CHECK(events_in(contents_of(writer.path())).size() == static_cast<std::size_t>(step + 2));
    }
    const std::string bytes = contents_of(writer.path());
    for (std::size_t cut = 1; cut < 30; ++cut) {
        const auto left = events_in(bytes.substr(0, bytes.size() - cut));
        CHECK(left.size() == 4);
    }
}

TEST_CASE("events: a continued run has a later file, which says what it replaces") {
    const TemporaryFolder folder;
    std::vector<std::string> names;
    for (int i = 0; i < 4; ++i)  // within a second
        names.push_back(io::EventWriter(folder.path(), 20 + i).path().filename().string());
    for (std::size_t i = 1; i < names.size(); ++i)
        CHECK(names[i - 1] < names[i]);
    const auto events = events_in(contents_of(folder / names[2]));
    REQUIRE(events.size() == 2);
    CHECK(events[1].step() == 22);
    CHECK(events[1].session_log().status() == 1);
}

TEST_CASE("events: what is wrong is said") {
    const TemporaryFolder folder;
    folder.put("file", "x");
    CHECK(thrown_message([&] {
              io::EventWriter(folder / "file");
          }).starts_with("file: event file: the folder "));
    io::EventWriter writer(folder.path());
    CHECK(thrown_message([&] {
              writer.image("x", 0, {2, 2, 1, {1}});
          }).find("pixels") != std::string::npos);
}

#ifndef _WIN32
TEST_CASE("events: a record that the disk does not take is cut off, and the next may be taken") {
    const TemporaryFolder folder;
    io::EventWriter writer(folder.path());
    writer.scalar("x", 0, 1);
    const auto whole = std::filesystem::file_size(writer.path());
    {
        const FileSizeLimit limit(whole + 10);
        CHECK(thrown_message([&] { writer.scalar("x", 1, 2); }).find(" bytes was not written: ") !=
              std::string::npos);
    }
    CHECK(std::filesystem::file_size(writer.path()) == whole);
    writer.scalar("x", 2, 3);
    const auto events = events_in(contents_of(writer.path()));
    REQUIRE(events.size() == 3);
    CHECK(events[2].step() == 2);
}
#endif
