// SPDX-License-Identifier: MIT
// Event files as a second reader finds them, which shares nothing with the first: frames, checksums
// and messages in Python, by the published field numbers (read_events.py).
#include "support/json_file.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/text.h"

#include <doctest/doctest.h>
#include <ingot/event_file.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace ingot;
using namespace ingot::testing;
using Json = nlohmann::json;

namespace {

bool has_python() {
    if (std::string(INGOT_PYTHON) != "") return true;
    skip_case("there is no Python 3");
    return false;
}

// Its exit status; what it prints goes to `events.json`, what it complains of to `said`.
int read_events(const TemporaryFolder& folder, const std::filesystem::path& file) {
    const std::string command = std::string("'" INGOT_PYTHON "' '" INGOT_READ_EVENTS "' '") +
                                file.string() + "' > '" + (folder / "events.json").string() +
                                "' 2> '" + (folder / "said").string() + "'";
    return std::system(command.c_str());
}

}  // namespace

TEST_SUITE_BEGIN("python");

TEST_CASE("events in Python: scalars, pictures, histograms, text, graph") {
    if (!has_python()) return;
    const TemporaryFolder folder;
    io::EventWriter writer(folder / "events", 12);
    writer.scalar("loss/train", 7, 0.5);
    writer.scalar("far", std::int64_t{1} << 40, -std::numeric_limits<double>::infinity());
    const Image picture{2, 1, 3, {1, 2, 3, 4, 5, 6}};
    writer.image("digit", 3, picture);
    writer.histogram("w", 4, io::histogram(std::vector<float>{-1, 0, 0.5F, 3}, 4));
    writer.text("note", 5, "**bold** ü");
    const std::vector<io::GraphNode> nodes{
        {.name = "x", .operation = "input", .outputs = {{2, 300}}},
        {.name = "0/matmul",
         .operation = "matmul",
         .inputs = {"x", "x:1"},
         .outputs = {{2, 10}},
         .attributes = {{"axis", "-1"}}}};
    writer.graph(nodes);
    const int status = read_events(folder, writer.path());
    CAPTURE(contents_of(folder / "said"));
    REQUIRE(status == 0);
    const Json events = json_in(folder / "events.json");
    REQUIRE(events.size() == 8);
    CHECK(events[0]["file_version"] == "brain.Event:2");
    CHECK(events[1]["session_log"]["status"] == 1);
    CHECK(events[1]["step"] == 12);
    for (const Json& event : events)
        CHECK(event["wall_time"] > 1.5e9);
    const auto value = [&](std::size_t i) { return events[i]["summary"]["value"][0]; };
    CHECK(value(2) == Json({{"tag", "loss/train"}, {"simple_value", 0.5}}));
    CHECK(events[2]["step"] == 7);
    CHECK(events[3]["step"] == std::int64_t{1} << 40);
    CHECK(value(3)["simple_value"] == "-inf");
    CHECK(value(4)["image"]["width"] == 2);
    CHECK(value(4)["image"]["height"] == 1);
    CHECK(value(4)["image"]["colorspace"] == 3);
    CHECK(value(4)["image"]["encoded_image_string"].get<std::string>().starts_with(
        "89504e470d0a1a0a"));
    CHECK(value(5)["histo"] == Json({{"min", -1},
                                     {"max", 3},
                                     {"num", 4},
                                     {"sum", 2.5},
                                     {"sum_squares", 10.25},
                                     {"bucket_limit", {0, 1, 2, 3}},
                                     {"bucket", {1, 2, 0, 1}}}));
    CHECK(value(6)["metadata"]["plugin_data"]["plugin_name"] == "text");
    CHECK(value(6)["tensor"]["string_val"] == Json({"**bold** ü"}));
    CHECK(value(6)["tensor"]["dtype"] == 7);  // DT_STRING
    const Json graph = events[7]["graph_def"];
    CHECK(graph["versions"]["producer"] == 22);
    CHECK(graph["node"][1]["name"] == "0/matmul");
    CHECK(graph["node"][1]["input"] == Json({"x", "x:1"}));
    bool has_shape = false, has_axis = false;
    for (const Json& entry : graph["node"][1]["attr"]) {
        if (entry["key"] == "_output_shapes") {
            has_shape = true;
            CHECK(entry["value"]["list"]["shape"][0]["dim"] ==
                  Json::array({{{"size", 2}}, {{"size", 10}}}));
        } else {
            has_axis = entry["key"] == "axis" && entry["value"]["s"] == "-1";
        }
    }
    CHECK(has_shape);
    CHECK(has_axis);
}

TEST_CASE("events in Python: the reader sees every changed byte") {
    if (!has_python()) return;
    const TemporaryFolder folder;
    io::EventWriter writer(folder / "events");
    writer.scalar("x", 1, 2);
    const std::string whole = contents_of(writer.path());
    for (const std::size_t at :
         {std::size_t{3}, std::size_t{9}, std::size_t{20}, whole.size() - 2}) {
        std::string bad = whole;
        bad[at] = static_cast<char>(bad[at] ^ 4);
        CHECK(read_events(folder, folder.put("bad", bad)) != 0);
        CHECK(holds(contents_of(folder / "said"), "checksum"));
    }
    CHECK(read_events(folder, folder.put("bad", whole.substr(0, whole.size() - 1))) != 0);
}

TEST_SUITE_END();
