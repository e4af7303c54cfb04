// SPDX-License-Identifier: MIT
// `ingot summary`: a model as a table.
#include "commands.h"
#include "data.h"
#include "model.h"

#include "core/check.h"

#include <ingot/io.h>

#include <charconv>
#include <string_view>

namespace ingot::cli {
namespace {

Shape shape_of(std::string_view text) {
    std::vector<std::int64_t> sizes;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::int64_t size = 0;
        const auto [end, code] = std::from_chars(rest.data(), rest.data() + comma, size);
        if (code != std::errc() || end != rest.data() + comma || size < 1) {
            fail(ErrorKind::kInvalidArgument, "shape: '{}' is no list of sizes such as 3,32,32",
                 text);
        }
        sizes.push_back(size);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return Shape(sizes);
}

}  // namespace

int summary(const SummarySettings& settings) {
    const bool is_described = settings.model.ends_with(".safetensors");
    data::Dataset samples;
    if (settings.shape.empty()) {
        samples = load_data(settings.data).any();
    } else {  // one sample as the net gets it, of ten classes
        const Shape shape = shape_of(settings.shape);
        samples = data::Dataset(HostTensor::zeros("x", shape.inserted(0, 1)),
                                HostTensor::zeros("y", {1}, i32), std::vector<std::string>(10));
    }
    const nn::Module net =
        is_described ? io::load_module(settings.model) : make_model(settings.model, samples);
    if (settings.shape.empty()) samples = inputs_as_the_net_takes(net, samples);
    const Tensor x = input(samples.sample_shape().inserted(0, 1), samples.input_dtype());
    fmt::print("{}\n", to_string(nn::summary(net, x)));
    return 0;
}

}  // namespace ingot::cli
