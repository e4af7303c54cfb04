// SPDX-License-Identifier: MIT
// Whatever is wrong is one sentence on the error output, beginning with `ingot: `, and an exit code
// that is not 0.
#include "command.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace ingot::testing;

namespace {

struct Mistake {
    const char* arguments;
    int code;
    const char* sentence;  // a part of it
    const char* environment = "";
};

void check(const TemporaryFolder& folder, const Mistake& mistake) {
    const Ended ended = run_ingot(folder, mistake.arguments, mistake.environment);
    CAPTURE(mistake.arguments);
    CAPTURE(ended.error);
    CHECK(ended.code == mistake.code);
    CHECK(ended.error.starts_with("ingot: "));
    CHECK(std::count(ended.error.begin(), ended.error.end(), '\n') == 1);
    CHECK(holds(ended.error, mistake.sentence));
}

// The four files of an IDX folder, pictures of 2 x 2.
void write_idx(const TemporaryFolder& folder) {
    using namespace std::string_literals;
    const std::string images = "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02"s + "12345678";
    const std::string labels = "\0\0\x08\x01\0\0\0\x02\0\x01"s;
    folder.put("train-images-idx3-ubyte", images);
    folder.put("train-labels-idx1-ubyte", labels);
    folder.put("t10k-images-idx3-ubyte", images);
    folder.put("t10k-labels-idx1-ubyte", labels);
}

}  // namespace

TEST_CASE("a wrong command") {
    const TemporaryFolder folder;
    const Mistake mistakes[] = {
        {"", 2, "A subcommand is required"},
        {"frobnicate", 2, "see ingot --help"},
        {"train --frob", 2, "--frob (see ingot train --help)"},
        {"train --epochs 0", 2, "--epochs: 0 is below 1"},
        {"train --epochs many", 2, "--epochs: 'many' is no number"},
        {"train --batch-size -3", 2, "--batch-size: -3 is below 1"},
        {"train --lr fast", 2, "--lr: 'fast' is no number"},
        {"train --optimizer magic", 2, "--optimizer: magic not in {sgd,adam,adamw}"},
        {"train --resume", 2, "--run-dir is required"},
        {"eval", 2, "--run or --weights is required"},
        {"eval --run a --weights b", 2, "excludes"},
    };
    for (const Mistake& mistake : mistakes)
        check(folder, mistake);
}

TEST_CASE("files that are missing or wrong") {
    const TemporaryFolder folder;
    folder.put("model.json", R"({"type": "Sequential", "layers": [{"type": "Linaer"}]})");
    folder.put("wide.json", R"({"type": "Linear", "in_features": 3, "out_features": 3})");
    folder.put("four.json", R"({"type": "Linear", "in_features": 2, "out_features": 4})");
    folder.put("weights.safetensors", "nonsense");
    folder.put("file", "");
    folder.put("table.csv", "a,b\n1,2\n");
    const Mistake mistakes[] = {
        {"train --data nowhere", 1,
         "data: 'nowhere' is neither auto, fashion-mnist, spirals nor a file or folder that is "
         "there"},
        {"train --data four.json", 1, "data: four.json is neither a folder nor a file .csv, "},
        {"train --data table.csv --target c", 1, "there is no column 'c' among a, b"},
        {"predict file", 2, "--run or --weights is required"},
        {"predict --run nowhere x.png", 1, "nowhere is not the folder of a run"},
        {"predict --weights nowhere.safetensors x.png", 1, "nowhere.safetensors"},
        {"summary mlp --shape 3,x", 1, "shape: '3,x' is no list of sizes such as 3,32,32"},
        {"summary nowhere.json --shape 2", 1, "'nowhere.json' is neither mlp, cnn nor a file"},
        {"train --data .", 1, "train-images-idx3-ubyte"},
        {"train --data spirals --model transformer", 1,
         "model: 'transformer' is neither mlp, cnn nor a file that is there"},
        {"train --data spirals --model model.json", 1,
         "model.json: model file: model.layers[0], Linaer: unknown type; known are "
         "AdaptiveAvgPool1d, "},
        {"train --data spirals --model wide.json", 1,
         "model wide.json: does not take samples [2]: "},
        {"train --data spirals --model four.json", 1,
         "model four.json: gives [2, 4] for two samples, which takes [2, 3] for 3 classes"},
        {"train --data spirals --model cnn", 1, "model cnn: takes pictures [C, H, W]"},
        {"train --data spirals --run-dir file", 1, "run folder file: cannot be made"},
        {"train --resume --run-dir nowhere", 1, "nowhere is not the folder of a run"},
        {"eval --run nowhere", 1, "nowhere is not the folder of a run: it has no options.json"},
        {"eval --weights nowhere.safetensors --data spirals", 1, "nowhere.safetensors"},
        {"eval --weights weights.safetensors --data spirals", 1, "weights.safetensors"},
    };
    for (const Mistake& mistake : mistakes)
        check(folder, mistake);
}

TEST_CASE("augmentation that is not there") {
    const TemporaryFolder folder;
    write_idx(folder);
    const Mistake mistakes[] = {
        {"train --data . --validation 0 --augment flop", 1,
         "--augment 'flop' is none of crop, resized-crop, "},
        {"train --data . --validation 0 --augment flip:p", 1,
         "--augment 'flip': 'p' is no option such as p=0.5"},
        {"train --data . --validation 0 --augment flip:q=1", 1,
         "--augment 'flip': there is no option 'q' among p"},
        {"train --data . --validation 0 --augment flip:p=1:p=1", 1,
         "--augment 'flip': 'p' is given twice"},
        {"train --data . --validation 0 --augment flip:p=often", 1,
         "--augment 'flip': p=often is not a number"},
        {"train --data . --validation 0 --augment flip:p=2", 1, "probability 2 is outside 0 to 1"},
        {"train --data . --validation 0 --augment crop:padding=1.5", 1,
         "padding=1.5 is not a whole number"},
        {"train --data . --validation 0 --augment crop:size=2x", 1,
         "size=2x is not a size such as 32 or 24x32, height first"},
        {"train --data . --validation 0 --augment crop:mode=mirror", 1,
         "mode=mirror is not constant, edge, reflect, symmetric"},
        {"train --data . --validation 0 --augment rotate:degrees=5..", 1,
         "degrees=5.. is not a number or a range such as 0.8..1.2"},
        {"train --data . --validation 0 --augment mixup,flip", 1,
         "--augment 'mixup': mixes whole batches, so it comes last and once"},
        {"train --data . --validation 0 --augment crop:size=1", 1,
         "--augment: makes [1, 1, 1] of pictures [1, 2, 2], "},
        {"train --data spirals --augment flip", 1,
         "--augment: takes pictures [C, H, W], the samples are [2]"},
        {"train --data . --validation 0 --augment-on moon --augment flip", 2,
         "moon not in {host,device}"},
        {"train --data . --validation 0 --augment noise --augment-on device", 1,
         "augment: gaussian_noise cannot run on a device"},
    };
    for (const Mistake& mistake : mistakes)
        check(folder, mistake);
}

TEST_CASE("IDX files that are cut short") {
    const TemporaryFolder folder;
    write_idx(folder);
    const std::string whole = contents_of(folder / "t10k-images-idx3-ubyte");
    folder.put("t10k-images-idx3-ubyte", whole.substr(0, whole.size() - 3));
    check(folder, {"train --data .", 1, "t10k-images-idx3-ubyte"});
    folder.put("t10k-images-idx3-ubyte", whole.substr(0, 5));
    check(folder, {"train --data .", 1, "t10k-images-idx3-ubyte"});
}

TEST_CASE("devices that are not there") {
    const TemporaryFolder folder;
    const Mistake mistakes[] = {
        {"train --data spirals --device Voodoo", 1, "no Vulkan device has \"Voodoo\" in its name"},
        {"train --data spirals", 1, "no Vulkan loader on this machine",
         "INGOT_VULKAN_LIBRARY=/nowhere/libvulkan.so"},
        {"info", 1, "no Vulkan loader on this machine",
         "INGOT_VULKAN_LIBRARY=/nowhere/libvulkan.so"},
        {"info --json", 1, "no Vulkan loader on this machine",
         "INGOT_VULKAN_LIBRARY=/nowhere/libvulkan.so"},
        {"eval --weights w.safetensors --data nowhere", 1, "data: 'nowhere'"},
    };
    for (const Mistake& mistake : mistakes)
        check(folder, mistake);
}
