// SPDX-License-Identifier: MIT
// Tables as datasets. The file is read twice: once to see what the columns hold, once for the
// values, so that no more is kept than what a dataset keeps.
#include "io/csv.h"

#include "data/memory_source.h"

#include <ingot/data.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string_view>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCategories = 10'000;  // of one column: more are no categories

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    const auto first = text.find_first_not_of(kBlank);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<double> number_in(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size()) return std::nullopt;
    if (code == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
    if (code != std::errc()) return std::nullopt;
    return value;
}

// How one column of the file is used, and what the first reading found in it.
struct Column {
    std::string name;
    std::size_t place = 0;  // in a record
    ColumnKind kind = ColumnKind::kAuto;
    std::set<std::string, std::less<>> values{};  // unless all are numbers
    std::uint64_t text_line = 0;                  // of the first value that is no number
    std::vector<std::string> categories{};        // of kCategory, sorted

    float index_of(std::string_view value) const {
        const auto found = std::lower_bound(categories.begin(), categories.end(), value);
        return static_cast<float>(found - categories.begin());
    }
};

class Table {
public:
    Table(const fs::path& path, const CsvOptions& options) : path_(path), options_(options) {
        read_columns();
        examine();
    }

    Dataset dataset() {
        const bool is_class =
            targets_.size() == 1 && (options_.labels || targets_[0].kind == ColumnKind::kCategory);
        const auto width = static_cast<std::int64_t>(features_.size());
        HostTensor inputs = HostTensor::zeros("features", {rows_, width});
        HostTensor targets = is_class ? HostTensor::zeros("labels", {rows_}, i32)
                             : options_.unlabelled
                                 ? HostTensor::zeros("targets", {rows_})
                                 : HostTensor::zeros("targets", {rows_, std::ssize(targets_)});
        std::vector<std::string> names = is_class && targets_[0].kind == ColumnKind::kCategory
                                             ? targets_[0].categories
                                             : options_.class_names;
        auto value = inputs.values<float>().begin();
        std::size_t row = 0;
        each_record([&](const io::CsvReader& reader, const std::vector<std::string>& record) {
            for (const Column& column : features_)
                *value++ = feature(reader, column, trimmed(record[column.place]));
            for (std::size_t i = 0; i < targets_.size(); ++i) {
                const std::string_view text = trimmed(record[targets_[i].place]);
                if (is_class) {
                    targets.values<std::int32_t>()[row] =
                        label(reader, targets_[i], text, names.size());
                } else {
                    targets.values<float>()[row * targets_.size() + i] =
                        number(reader, targets_[i], text);
                }
            }
            ++row;
        });
        std::vector<Feature> features;
        for (const Column& column : features_)
            features.push_back({column.name, column.categories});
        return Dataset(memory_source(std::move(inputs), std::move(targets), std::move(names),
                                     std::move(features)));
    }

private:
    // Calls `action` for each record below the header.
    template <typename Action>
    void each_record(Action action) {
        io::CsvReader reader(path_, options_.delimiter);
        std::vector<std::string> record;
        for (int i = 0; i < options_.skip_lines; ++i)
            reader.skip_line();
        if (options_.header) reader.next(record);
        while (reader.next(record)) {
            if (record.size() != names_.size()) {
                reader.error("{} fields, {} has {}", record.size(),
                             options_.header ? "the header" : "the first record", names_.size());
            }
            action(reader, record);
        }
    }

    void read_columns() {
        io::CsvReader reader(path_, options_.delimiter);
        for (int i = 0; i < options_.skip_lines; ++i)
            reader.skip_line();
        if (!reader.next(names_)) reader.error("the file ends before the first record");
        if (options_.header) {
            for (std::string& name : names_)
                name = std::string(trimmed(name));
        } else {
            for (std::size_t i = 0; i < names_.size(); ++i)
                names_[i] = std::to_string(i);
        }
        std::vector<std::string> targets = options_.targets;
        if (options_.unlabelled && !targets.empty()) {
            refuse("unlabelled, and '{}' is a target", targets[0]);
        }
        if (targets.empty() && !options_.unlabelled) targets = {names_.back()};
        std::vector<std::string> columns = options_.columns;
        if (columns.empty()) {
            for (const std::string& name : names_) {
                if (std::find(targets.begin(), targets.end(), name) == targets.end()) {
                    columns.push_back(name);
                }
            }
        }
        for (const std::string& name : columns)
            features_.push_back(column_named(name));
        for (const std::string& name : targets)
            targets_.push_back(column_named(name));
        for (const auto& [name, kind] : options_.kinds)
            static_cast<void>(column_named(name));
        if (features_.empty()) reader.error("no column is left for the features");
    }

    Column column_named(const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) {
            refuse("there is no column '{}' among {}", name, fmt::join(names_, ", "));
        }
        if (std::find(found + 1, names_.end(), name) != names_.end()) {
            refuse("two columns are named '{}'", name);
        }
        const auto kind = options_.kinds.find(name);
        return {.name = name,
                .place = static_cast<std::size_t>(found - names_.begin()),
                .kind = kind == options_.kinds.end() ? ColumnKind::kAuto : kind->second};
    }

    void examine() {
        each_record([&](const io::CsvReader& reader, const std::vector<std::string>& record) {
            ++rows_;
            for (std::vector<Column>* columns : {&features_, &targets_}) {
                for (Column& column : *columns)
                    examine(reader, column, trimmed(record[column.place]));
            }
        });
        if (rows_ == 0) refuse("holds no record{}", options_.header ? " below the header" : "");
        for (std::vector<Column>* columns : {&features_, &targets_}) {
            for (Column& column : *columns)
                decide(column);
        }
        if (targets_.size() > 1) {
            for (const Column& column : targets_) {
                if (column.kind == ColumnKind::kCategory) {
                    refuse("line {}, column '{}': text cannot be one of several targets",
                           column.text_line, column.name);
                }
            }
        }
    }

    void examine(const io::CsvReader& reader, Column& column, std::string_view text) {
        if (column.kind == ColumnKind::kNumber || is_missing(text)) return;
        if (column.text_line == 0 &&
            (column.kind == ColumnKind::kCategory || !number_in(text).has_value())) {
            column.text_line = reader.line();
        }
        // Kept for numbers, too, as long as the column may turn out to be text.
        if (column.values.size() > kMaxCategories) return;
        if (!column.values.contains(text)) column.values.emplace(text);
    }

    void decide(Column& column) {
        if (column.kind == ColumnKind::kAuto) {
            column.kind = column.text_line == 0 ? ColumnKind::kNumber : ColumnKind::kCategory;
        }
        if (column.kind == ColumnKind::kCategory) {
            if (column.values.size() > kMaxCategories) {
                refuse(
                    "line {}, column '{}': text, and there are more than {} different values: "
                    "neither numbers nor categories",
                    column.text_line, column.name, kMaxCategories);
            }
            column.categories.assign(column.values.begin(), column.values.end());
        }
        column.values.clear();
    }

    bool is_missing(std::string_view text) const {
        const auto& values = options_.missing_values;
        return text.empty() || std::find(values.begin(), values.end(), text) != values.end();
    }

    float feature(const io::CsvReader& reader, const Column& column, std::string_view text) const {
        if (is_missing(text)) {
            if (options_.missing) return std::numeric_limits<float>::quiet_NaN();
            reader.error("column '{}': the value is missing; CsvOptions::missing allows that",
                         column.name);
        }
        return column.kind == ColumnKind::kCategory ? column.index_of(text)
                                                    : number(reader, column, text);
    }

    float number(const io::CsvReader& reader, const Column& column, std::string_view text) const {
        if (is_missing(text)) reader.error("column '{}': the target is missing", column.name);
        const std::optional<double> value = number_in(text);
        if (!value) reader.error("column '{}': '{}' is no number", column.name, text.substr(0, 40));
        if (!std::isfinite(static_cast<float>(*value))) {
            reader.error("column '{}': {} is not finite in 32 bits", column.name,
                         text.substr(0, 40));
        }
        return static_cast<float>(*value);
    }

    std::int32_t label(const io::CsvReader& reader, const Column& column, std::string_view text,
                       std::size_t name_count) const {
        if (is_missing(text)) reader.error("column '{}': the label is missing", column.name);
        if (column.kind == ColumnKind::kCategory) {
            return static_cast<std::int32_t>(column.index_of(text));
        }
        const std::optional<double> value = number_in(text);
        const double limit = name_count == 0 ? 0x1p24 : static_cast<double>(name_count);
        if (!value || !(*value >= 0) || !(*value < limit) || *value != std::floor(*value)) {
            reader.error("column '{}': '{}' is no label, a whole number from 0 to {}", column.name,
                         text.substr(0, 40), limit - 1);
        }
        return static_cast<std::int32_t>(*value);
    }

    template <typename... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::kFile, "csv {}: {}", path_.string(),
             fmt::format(format, std::forward<Args>(args)...));
    }

    fs::path path_;
    const CsvOptions& options_;
    std::vector<std::string> names_;  // of all columns of the file
    std::vector<Column> features_;
    std::vector<Column> targets_;
    std::int64_t rows_ = 0;
};

}  // namespace

Dataset csv(const fs::path& file, const CsvOptions& options) {
    if (options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r' ||
        options.skip_lines < 0) {
        fail(ErrorKind::kInvalidArgument, "csv: delimiter 0x{:02x}, {} lines to skip",
             static_cast<unsigned char>(options.delimiter), options.skip_lines);
    }
    return Table(file, options).dataset();
}

}  // namespace ingot::data
