// SPDX-License-Identifier: MIT
// Every reader of a file, under a name, with files that it likes. A reader may deliver what the
// bytes say or throw an Error of kind kFile; nothing else may happen, whatever the bytes. Used by
// the mutation test of tests/data and by tools/fuzz.
#pragma once

#include "data/idx.h"
#include "tests/data/idx_bytes.h"
#include "tests/data/image_bytes.h"
#include "tests/data/npy_bytes.h"

#include <ingot/data.h>
#include <ingot/history.h>
#include <ingot/io.h>
#include <ingot/nn.h>

#include "train/search.h"

#include <filesystem>
#include <string>
#include <vector>

namespace ingot::testing {

struct Reader {
    const char* name;
    void (*read)(const std::filesystem::path& path);
    std::vector<std::string> (*seeds)();
};

// The bytes, and pairs of those that are letters; with one special token.
inline std::string small_vocabulary() {
    std::string json = "{";
    std::uint32_t next = 0x100, number = 0;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        const bool visible = (byte >= 33 && byte < 127) || (byte >= 161 && byte != 173);
        char text[32];
        std::snprintf(text, sizeof text, "\"\\u%04x\": %u, ", visible ? byte : next++, number++);
        json += text;
    }
    return json + "\"ab\": 256, \"abc\": 257, \"<|end|>\": 258}";
}

// With one trial that went well and one that did not.
inline train::SearchResult small_search() {
    train::SearchResult search{
        .options = {{.name = "lr", .low = 1e-4, .high = 0.1, .log = true},
                    {.name = "act", .values = {std::string("relu"), std::string("tanh")}}},
        .trials = {}};
    for (int i = 0; i < 2; ++i) {
        train::Trial trial{.number = i, .time_s = 1};
        trial.settings.values.emplace("lr", 0.01);
        trial.settings.values.emplace("act", std::string("relu"));
        if (i == 0) trial.value = 0.5;
        if (i == 1) trial.error = "not finite";
        search.trials.push_back(trial);
    }
    return search;
}

// Reads all that a dataset delivers.
inline void read_all(const data::Dataset& set) {
    if (set.empty()) return;
    std::vector<std::uint32_t> all;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(set.size(), 1000); ++i)
        all.push_back(static_cast<std::uint32_t>(i));
    const auto count = all.size() * static_cast<std::size_t>(set.sample_shape().count());
    if (set.input_dtype() == i32) {
        std::vector<std::int32_t> tokens(count);
        set.read_tokens(all, tokens);
    } else {
        std::vector<float> inputs(count);
        set.read_inputs(all, inputs);
    }
}

inline const std::vector<Reader>& readers() {
    using std::filesystem::path;
    static const std::string kTwoValues =
        npy_bytes(npy_header_of("<f4", "(2, 1)"), raw<float>({1, 2}));
    static const std::vector<Reader> kAll = {
        {"idx_images", [](const path& file) { static_cast<void>(data::read_idx(file, 3)); },
         [] {
             return std::vector{small_images(), gzipped(small_images())};
         }},
        {"idx_labels", [](const path& file) { static_cast<void>(data::read_idx(file, 1)); },
         [] {
             return std::vector{small_labels(), gzipped(small_labels())};
         }},
        {"idx_streamed", [](const path& file) { static_cast<void>(data::open_idx(file)); },
         [] { return std::vector{small_images()}; }},
        {"cifar", [](const path& file) { read_all(data::cifar(file, data::CifarLabels::kTen)); },
         [] {
             return std::vector{std::string(3073, '\1'), std::string(6146, '\7')};
         }},
        {"csv", [](const path& file) { read_all(data::csv(file, {.missing = true})); },
         [] {
             const std::string text = "a,\"b \"\"x\"\"\",c\r\n1,two,3\n,\"fi,\nve\",6\n";
             return std::vector{text, gzipped(text)};
         }},
        {"npy", [](const path& file) { static_cast<void>(io::read_npy(file)); },
         [] {
             return std::vector{kTwoValues,
                                npy_bytes(npy_header_of(">i2", "(2, 2)", true), "12345678", 2),
                                npy_bytes(npy_header_of("|b1", "(2,)"), "\1\1", 3)};
         }},
        {"npz", [](const path& file) { static_cast<void>(io::read_npz(file)); },
         [] {
             return std::vector{zip_bytes({{"x.npy", kTwoValues}, {"y.npy", kTwoValues, false}})};
         }},
        {"png", [](const path& file) { static_cast<void>(io::read_image(file)); },
         [] {
             return std::vector{png_bytes(two_halves(6, 5, 3)), png_bytes(two_halves(3, 9, 1))};
         }},
        {"jpeg", [](const path& file) { static_cast<void>(io::read_image(file, 3)); },
         [] {
             return std::vector{jpeg_bytes(two_halves(9, 5, 3)),
                                jpeg_bytes(two_halves(17, 9, 1), 50, true)};
         }},
        {"vocabulary",
         [](const path& file) {
             const path pairs = file.string() + ".pairs";
             if (!std::filesystem::exists(pairs)) io::write_file(pairs, "a b\n");
             static_cast<void>(data::Tokenizer::gpt2(file, pairs));
         },
         [] { return std::vector{small_vocabulary()}; }},
        {"merges",
         [](const path& file) {
             const path vocabulary = file.string() + ".json";
             if (!std::filesystem::exists(vocabulary)) {
                 io::write_file(vocabulary, small_vocabulary());
             }
             static_cast<void>(data::Tokenizer::gpt2(vocabulary, file).encode("abc ab"));
         },
         [] { return std::vector<std::string>{"#version: 0.2\na b\nab c\n"}; }},
        {"preparation",
         [](const path& file) {
             static_cast<void>(data::Preparation::from_json(io::read_file(file)));
         },
         [] {
             return std::vector<std::string>{
                 R"({"version":1,"one_hot":true,"ignore_unknown":false,"features":[{"name":"a",)"
                 R"("missing":"mean","fill":1.5,"categories":[]},{"name":"b","missing":"error",)"
                 R"("fill":0.0,"categories":["x","y"]}],"inputs":{"mean":[1.0],"deviation":[2.0]},)"
                 R"("targets":{"mean":[],"deviation":[]},"classes":["cat","dog"]})"};
         }},
        {"history", [](const path& file) { static_cast<void>(train::read_history(file)); },
         [] {
             return std::vector<std::string>{
                 R"({"time_s": 1.5, "steps": 2, "stopped": "enough", "epochs": [{"epoch": 1,)"
                 R"("train_loss": 0.5, "validation_f1": 0.25}], "step_losses": [1.0, null]})"};
         }},
        {"history_table",
         [](const path& file) {
             const path table = file.string() + ".csv";
             std::filesystem::copy_file(file, table,
                                        std::filesystem::copy_options::overwrite_existing);
             static_cast<void>(train::read_history(table));
         },
         [] {
             return std::vector<std::string>{
                 "epoch,train_loss,validation_loss,train_f1\n1,0.5,,0.25\r\n2,0.25,1e3,0.5\n"};
         }},
        {"search",
         [](const path& file) {
             try {
                 static_cast<void>(train::load_trials(small_search(), {.file = file}));
             } catch (const Error& error) {
                 // A whole file, but of another search.
                 if (error.kind() != ErrorKind::kInvalidArgument) throw;
                 throw Error(ErrorKind::kFile, error.what());
             }
         },
         [] {
             const TemporaryFolder folder;
             train::save_trials(small_search(), {.file = folder / "search.json"});
             return std::vector{contents_of(folder / "search.json")};
         }},
        {"model", [](const path& file) { static_cast<void>(nn::from_json(io::read_file(file))); },
         [] {
             return std::vector<std::string>{
                 R"({"type": "Sequential", "layers": [{"type": "Conv2d", "in_channels": 1,)"
                 R"("out_channels": 2, "kernel": [3, 3]}, {"type": "ReLU"}, {"type": "Flatten"},)"
                 R"({"type": "Linear", "in_features": 8, "out_features": 3}]})"};
         }},
        {"safetensors", [](const path& file) { static_cast<void>(io::read_safetensors(file)); },
         [] {
             const std::string header = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
             return std::vector{little_endian(header.size(), 8) + header + "12345678"};
         }},
    };
    return kAll;
}

}  // namespace ingot::testing
