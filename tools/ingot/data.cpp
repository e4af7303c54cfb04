// SPDX-License-Identifier: MIT
#include "data.h"

#include "core/check.h"

#include <string_view>

namespace ingot::cli {

NamedData load_data(const DataSettings& settings, double test) {
    const std::string& name = settings.data;
    if (name == "spirals") return {name, data::spirals()};
    if (name == "fashion-mnist") return {name, data::fashion_mnist()};
    if (name == "auto") {
        try {
            return {"fashion-mnist", data::fashion_mnist()};
        } catch (const Error& error) {
            // Not there is one thing, damaged another.
            const std::string_view what = error.what();
            if (!what.starts_with("fashion_mnist: the data was found in none")) throw;
            fmt::print("{}\ntraining on spirals instead\n", what);
        }
        return {"spirals", data::spirals()};
    }
    if (!std::filesystem::exists(name)) {
        fail(
            ErrorKind::kFile,
            "data: '{}' is neither auto, fashion-mnist, spirals nor a file or folder that is there",
            name);
    }
    NamedData data{name, data::open(name, {.target = settings.target,
                                           .labels = settings.labels,
                                           .resize = settings.resize,
                                           .skip_unreadable = settings.skip_unreadable,
                                           .test = test,
                                           .seed = settings.split_seed})};
    data.is_table = data::format_of(name) == data::Format::kCsv;
    return data;
}

std::optional<data::PreparationOptions> preparation_options(const NamedData& data,
                                                            const data::Dataset& training,
                                                            const DataSettings& settings) {
    const bool of_numbers = !training.has_labels();
    const bool is_number = training.input_dtype() == f32;
    if (!data.is_table && !settings.normalize && !of_numbers) return std::nullopt;
    return data::PreparationOptions{
        .missing = data.is_table ? data::Missing::kMedian : data::Missing::kError,
        .ignore_unknown = true,
        .normalize = is_number && (data.is_table || settings.normalize),
        .normalize_targets = of_numbers};
}

std::optional<data::Preparation> learn_preparation(const NamedData& data,
                                                   const data::Dataset& training,
                                                   const DataSettings& settings) {
    const auto options = preparation_options(data, training, settings);
    if (!options) return std::nullopt;
    return data::Preparation::learn(training, *options);
}

std::optional<data::Preparation> preparation_noted(const nn::Module& net) {
    const auto noted = net.notes().find("preparation");
    if (noted == net.notes().end()) return std::nullopt;
    return data::Preparation::from_json(noted->second);
}

data::Dataset as_the_net_takes(const nn::Module& net, const data::Dataset& data) {
    const auto noted = preparation_noted(net);
    return noted && !data.empty() ? data::prepared(data, *noted) : data;
}

data::Dataset inputs_as_the_net_takes(const nn::Module& net, const data::Dataset& data) {
    auto noted = preparation_noted(net);
    if (!noted) return data;
    noted->targets = {};
    noted->class_names.clear();
    return noted->apply(data);
}

}  // namespace ingot::cli
