// SPDX-License-Identifier: MIT
// `ingot predict`: what a trained model says of pictures or of data, as lines of CSV: the sample,
// its class and the class's probability, or the numbers in the unit of the training targets.
#include "commands.h"
#include "data.h"
#include "model.h"
#include "run_folder.h"

#include "core/check.h"

#include <ingot/io.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ingot::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

bool is_picture(const std::string& path) {
    std::string ending = fs::path(path).extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

struct Model {
    nn::Module net;
    data::Preparation learnt;
    DataSettings settings;
    std::int64_t channels = 0;  // of its first layer, if it is a convolution; 0: not known
};

Model load_model(const PredictSettings& settings) {
    DataSettings data;
    std::string weights = settings.weights;
    if (!settings.run.empty()) {
        data = read_options(settings.run);
        weights = (fs::path(settings.run) / kWeightsFile).string();
    }
    if (settings.resize > 0) data.resize = settings.resize;
    Model model{io::load_module(weights), {}, data};
    if (auto noted = preparation_noted(model.net)) model.learnt = std::move(*noted);
    for (const nn::NamedParameter& named : model.net.parameters()) {
        if (named.parameter.shape().rank() == 4) model.channels = named.parameter.shape()[1];
        break;
    }
    return model;
}

// Pictures of one size, as the files have them or resized and cropped.
struct Pictures {
    std::vector<std::string> files;
    std::vector<HostTensor> samples;

    std::size_t size() const { return files.size(); }
    std::pair<const HostTensor&, std::int32_t> operator[](std::size_t i) const {
        return {samples[i], 0};
    }
};

data::Dataset open_pictures(const std::vector<std::string>& files, std::int64_t side,
                            std::int64_t channels) {
    Pictures pictures{files, {}};
    for (const std::string& file : files) {
        const Image image = io::read_image(file, channels);
        augment::Picture picture{image.channels, image.height, image.width, {}};
        picture.values.resize(image.pixels.size());
        const auto planes = static_cast<std::size_t>(image.channels);
        const std::size_t pixels = image.pixels.size() / planes;
        for (std::size_t i = 0; i < image.pixels.size(); ++i)
            picture.values[i % planes * pixels + i / planes] =
                static_cast<float>(image.pixels[i]) / 255.0F;
        if (side > 0) {
            picture = augment::applied(augment::compose({augment::resize({.size = side}),
                                                         augment::center_crop({.size = side})}),
                                       std::move(picture));
        }
        pictures.samples.push_back(HostTensor::of(file, picture.shape(), picture.values));
        if (pictures.samples.back().shape != pictures.samples.front().shape) {
            fail(ErrorKind::kInvalidArgument, "{} is {}, {} is {}: --resize makes them equal", file,
                 to_string(picture.shape()), files[0], to_string(pictures.samples.front().shape));
        }
    }
    return data::dataset_of(std::move(pictures), {"unknown"});
}

data::Dataset open_input(const PredictSettings& settings, const Model& model) {
    const std::string& first = settings.inputs.front();
    if (std::ranges::all_of(settings.inputs, is_picture)) {
        return open_pictures(settings.inputs, model.settings.resize, model.channels);
    }
    if (settings.inputs.size() > 1) {
        fail(ErrorKind::kInvalidArgument, "predict: {} inputs, and '{}' is no picture",
             settings.inputs.size(), *std::ranges::find_if_not(settings.inputs, is_picture));
    }
    const bool is_path = fs::exists(first);
    if (is_path && data::format_of(first) == data::Format::kCsv && !model.learnt.features.empty()) {
        data::CsvOptions options{.unlabelled = true, .missing = true};
        if (first.find(".tsv") != std::string::npos) options.delimiter = '\t';
        for (const data::PreparedFeature& feature : model.learnt.features) {
            options.columns.push_back(feature.name);
            options.kinds[feature.name] = feature.categories.empty() ? data::ColumnKind::kNumber
                                                                     : data::ColumnKind::kCategory;
        }
        return data::csv(first, options);
    }
    DataSettings data = model.settings;
    data.data = first;
    return load_data(data, 1).samples.test;
}

Json prediction_of(std::span<const float> row, const data::Preparation& learnt, bool of_labels) {
    if (!of_labels) return {{"values", std::vector<float>(row.begin(), row.end())}};
    const auto best = std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float logit : row)
        sum += std::exp(static_cast<double>(logit) - *best);
    const auto label = static_cast<std::size_t>(best - row.begin());
    return {{"class",
             label < learnt.class_names.size() ? learnt.class_names[label] : std::to_string(label)},
            {"probability", 1 / sum}};
}

// A field of CSV.
std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text)
        result += c == '"' ? "\"\"" : std::string(1, c);
    return result + "\"";
}

}  // namespace

int predict(const PredictSettings& settings) {
    const Model model = load_model(settings);
    const data::Dataset samples = open_input(settings, model);
    auto device = Device::pick({.name = settings.device});
    train::Trainer trainer{device, model.net, losses::cross_entropy(), optim::Sgd{}};
    const bool of_labels = model.learnt.targets.mean.empty();
    const data::Dataset prepared = inputs_as_the_net_takes(model.net, samples);
    HostTensor outputs = trainer.predict(prepared, {.prepare = false});
    if (!of_labels) model.learnt.restore_targets(outputs.values<float>());

    const auto values = std::as_const(outputs).values<float>();
    const auto width = values.size() / static_cast<std::size_t>(prepared.size());
    const bool are_files = is_picture(settings.inputs.front());
    Json all = Json::array();
    std::string lines = of_labels ? "sample,class,probability\n" : "sample,value\n";
    for (std::int64_t i = 0; i < prepared.size(); ++i) {
        const auto row = values.subspan(static_cast<std::size_t>(i) * width, width);
        const std::string name =
            are_files ? settings.inputs[static_cast<std::size_t>(i)] : prepared.name(i);
        Json json{{"sample", name}};
        json.update(prediction_of(row, model.learnt, of_labels));
        lines += quoted(name);
        if (of_labels) {
            lines += fmt::format(",{},{:.4f}", quoted(json["class"].get<std::string>()),
                                 json["probability"].get<double>());
        } else {
            for (const float value : row)
                lines += fmt::format(",{:.7g}", value);
        }
        lines += '\n';
        all.push_back(std::move(json));
    }
    const std::string text = settings.json ? all.dump(2) + "\n" : lines;
    if (settings.out.empty()) {
        fmt::print("{}", text);
    } else {
        io::write_file(settings.out, text);
    }
    return 0;
}

}  // namespace ingot::cli
