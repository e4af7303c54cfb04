// SPDX-License-Identifier: MIT
// Tables: what RFC 4180 allows, columns and targets by choice, categories, missing values, and
// every way a file can be wrong.
#include "idx_bytes.h"

#include "support/shared_data.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <doctest/doctest.h>
#include <ingot/data.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;

namespace {

std::vector<float> row_of(const data::Dataset& set, std::uint32_t sample) {
    std::vector<float> values(static_cast<std::size_t>(set.sample_shape().count()));
    set.read_inputs({&sample, 1}, values);
    return values;
}

std::vector<float> target_of(const data::Dataset& set, std::uint32_t sample) {
    std::vector<float> values(static_cast<std::size_t>(set.target_shape().count()));
    set.read_targets({&sample, 1}, values);
    return values;
}

data::Dataset table(const std::string& text, const data::CsvOptions& options = {}) {
    const TemporaryFolder folder;
    return data::csv(folder.put("t.csv", text), options);
}

}  // namespace

TEST_CASE("csv: quotes, line ends, blank lines, a byte order mark") {
    const std::vector<std::string> same = {
        "a,\"b \"\"x\"\"\",c\n1,two,3\n4,\"fi,\nve\",6\n",
        "\xEF\xBB\xBF"
        "a,\"b \"\"x\"\"\",c\r\n1,two,3\r\n\r\n4,\"fi,\nve\",6",
        "\n\n\"a\",\"b \"\"x\"\"\",\"c\"\n\"1\",\"two\",\"3\"\n 4 , +fi,6\n",
    };
    for (std::size_t i = 0; i < same.size(); ++i) {
        CAPTURE(i);
        const data::Dataset set = table(same[i]);
        CHECK(set.size() == 2);
        REQUIRE(set.features().size() == 2);
        CHECK(set.features()[0] == data::Feature{"a"});
        CHECK(set.features()[1].name == "b \"x\"");
        CHECK(set.features()[1].categories ==
              std::vector<std::string>{i == 2 ? "+fi" : "fi,\nve", "two"});
        CHECK(row_of(set, 0) == std::vector<float>{1, 1});
        CHECK(row_of(set, 1) == std::vector<float>{4, 0});
        CHECK(target_of(set, 1) == std::vector<float>{6});
    }
    const TemporaryFolder folder;
    CHECK(data::csv(folder.put("t.csv.gz", gzipped(same[0]))).size() == 2);
}

TEST_CASE("csv: columns and targets by name and by number, classes by text and by number") {
    const std::string text = "x,y,kind,z\n1,2,dog,0\n3,4,cat,1\n5,6,dog,1\n";
    const data::Dataset kinds = table(text, {.columns = {"z", "x"}, .targets = {"kind"}});
    CHECK(kinds.class_names() == std::vector<std::string>{"cat", "dog"});
    CHECK(kinds.label(0) == 1);
    CHECK(kinds.label(1) == 0);
    CHECK(row_of(kinds, 2) == std::vector<float>{1, 5});
    const data::Dataset two = table(text, {.columns = {"x"}, .targets = {"y", "z"}});
    CHECK(two.target_shape() == Shape{2});
    CHECK(target_of(two, 1) == std::vector<float>{4, 1});
    const data::Dataset labels = table(text, {.labels = true, .class_names = {"no", "yes"}});
    CHECK(labels.class_name(labels.label(2)) == "yes");
    CHECK(labels.sample_shape() == Shape{3});
    const data::Dataset numbers =
        table("1;2;3\n4;5;6\n",
              {.delimiter = ';', .header = false, .columns = {"2", "0"}, .targets = {"1"}});
    CHECK(row_of(numbers, 1) == std::vector<float>{6, 4});
    CHECK(target_of(numbers, 0) == std::vector<float>{2});
    const data::Dataset codes =
        table("code,y\n30,1\n4,2\n30,3\n", {.kinds = {{"code", data::ColumnKind::kCategory}}});
    CHECK(codes.features()[0].categories == std::vector<std::string>{"30", "4"});
    CHECK(row_of(codes, 1) == std::vector<float>{1});
}

TEST_CASE("csv: missing values are an error, or NaN where they may be missing") {
    const std::string text = "a,b,y\n1,red,1\n,NA,2\n3, ,3\n";
    CHECK(thrown_message([&] { table(text); }).find("line 3: column 'a': the value is missing") !=
          std::string::npos);
    const data::Dataset set = table(text, {.missing = true});
    CHECK(std::isnan(row_of(set, 1)[0]));
    CHECK(std::isnan(row_of(set, 1)[1]));
    CHECK(row_of(set, 2)[0] == 3);
    CHECK(std::isnan(row_of(set, 2)[1]));
    CHECK(set.features()[1].categories == std::vector<std::string>{"red"});
    CHECK(table("a,y\nNA,1\n", {.missing_values = {}}).features()[0].categories[0] == "NA");
}

TEST_CASE("csv: bad files are refused with line and column") {
    struct Bad {
        std::string text;
        std::string message;
        data::CsvOptions options{};
    };
    const std::vector<Bad> all = {
        {"", "it is empty"},
        {"\n\n", "line 3: the file ends before the first record"},
        {"a,b\n", "holds no record below the header"},
        {"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, the header has 2"},
        {"1,2\n3\n", "line 2: 1 fields, the first record has 2", {.header = false}},
        {"a,b\n\"1,2\n3,4\n", "line 2: a quoted field is never closed"},
        {"a,b\n\"1\"x,2\n", "line 2: field 1: text follows the closing quote"},
        {"a,b\n1,2\"\n", "line 2: field 2: a quote inside a field that is not quoted"},
        {std::string("a,b\n1,\0\n", 8), "line 2: holds a zero byte: the file is no text in UTF-8"},
        {"a\n1\n", "line 1: no column is left for the features"},
        {"a,b\n1,2\n", "there is no column 'c' among a, b", {.columns = {"c"}}},
        {"a,a,b\n1,2,3\n", "two columns are named 'a'"},
        {"a,b\n1,inf\n", "line 2: column 'b': inf is not finite in 32 bits"},
        {"a,b\n1,2\n1e39,2\n", "line 3: column 'a': 1e39 is not finite in 32 bits"},
        {"a,b\n1,\n", "line 2: column 'b': the target is missing", {.missing = true}},
        {"a,b\n1,-1\n",
         "line 2: column 'b': '-1' is no label, a whole number from 0 to 16777215",
         {.labels = true}},
        {"a,b\n1,1\n2,1.5\n",
         "line 3: column 'b': '1.5' is no label, a whole number from 0 to 1",
         {.labels = true, .class_names = {"p", "q"}}},
        {"a,b\nx,2\n",
         "line 2: column 'a': 'x' is no number",
         {.kinds = {{"a", data::ColumnKind::kNumber}}}},
        {"a,b,c\n1,x,2\n",
         "line 2, column 'b': text cannot be one of several targets",
         {.targets = {"b", "c"}}},
    };
    const TemporaryFolder folder;
    for (const Bad& bad : all) {
        CAPTURE(bad.text);
        const auto path = folder.put("t.csv", bad.text);
        CHECK(thrown_message([&] { data::csv(path, bad.options); }) ==
              "file: csv " + path.string() + ": " + bad.message);
    }
    std::string many = "a,b\n";
    for (int i = 0; i < 10'001; ++i)
        many += "name " + std::to_string(i) + ",1\n";
    CHECK(thrown_message([&] { table(many); }).find("more than 10000 different values") !=
          std::string::npos);
    const std::string open_quote = "a,b\n\"" + std::string(2 << 20, 'x');
    CHECK(thrown_message([&] { table(open_quote); }).find("is it never closed?") !=
          std::string::npos);
    CHECK(thrown_message([&] { data::csv(folder / "none"); }).find("no such file") !=
          std::string::npos);
    CHECK_THROWS_AS(table("a,b\n1,2\n", {.delimiter = '"'}), Error);
}

TEST_CASE("csv: the tables one learns on" * doctest::test_suite("shared_data")) {
    const auto folder = shared_data("small-classics");
    if (!folder) return;
    const data::Dataset iris =
        data::csv(*folder / "iris.csv", {.skip_lines = 1, .header = false, .labels = true});
    CHECK(iris.class_sizes() == std::vector<std::int64_t>{50, 50, 50});
    CHECK(row_of(iris, 0) == std::vector<float>{5.1F, 3.5F, 1.4F, 0.2F});
    const data::Dataset wine =
        data::csv(*folder / "wine_data.csv", {.skip_lines = 1, .header = false, .labels = true});
    CHECK(wine.class_sizes() == std::vector<std::int64_t>{59, 71, 48});
    const data::Dataset cancer = data::csv(*folder / "breast_cancer.csv",
                                           {.skip_lines = 1, .header = false, .labels = true});
    CHECK(cancer.class_sizes() == std::vector<std::int64_t>{212, 357});
    const data::Dataset digits =
        data::csv(*folder / "digits.csv.gz", {.header = false, .labels = true});
    CHECK(digits.size() == 1797);
    CHECK(digits.reshaped({1, 8, 8}).picture(0).height == 8);
    const data::Dataset diabetes =
        data::csv(*folder / "diabetes_data_raw.csv.gz", {.delimiter = ' ', .header = false});
    CHECK(diabetes.size() == 442);
}

TEST_CASE("csv: California housing, with its gaps and its text" *
          doctest::test_suite("shared_data")) {
    const auto folder = shared_data("california-housing");
    if (!folder) return;
    const data::Dataset houses =
        data::csv(*folder / "housing.csv.gz", {.targets = {"median_house_value"}, .missing = true});
    CHECK(houses.size() == 20640);
    REQUIRE(houses.features().size() == 9);
    CHECK(houses.features()[8].name == "ocean_proximity");
    CHECK(houses.features()[8].categories ==
          std::vector<std::string>{"<1H OCEAN", "INLAND", "ISLAND", "NEAR BAY", "NEAR OCEAN"});
    int missing = 0, islands = 0;
    for (std::uint32_t i = 0; i < 20640; ++i) {
        const std::vector<float> row = row_of(houses, i);
        missing += std::isnan(row[4]);
        islands += row[8] == 2;
    }
    CHECK(missing == 207);
    CHECK(islands == 5);
    CHECK(target_of(houses, 0) == std::vector<float>{452600});
}
