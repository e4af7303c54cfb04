// SPDX-License-Identifier: MIT
#include "model.h"

#include "core/check.h"

#include <ingot/io.h>

#include <filesystem>

namespace ingot::cli {
namespace {

using namespace nn;

constexpr std::size_t kMaxModelFile = std::size_t{16} << 20;

Module mlp(const data::Dataset& data) {
    return Sequential{Flatten{}, Linear{data.sample_shape().count(), 256}, ReLU{},
                      Linear{256, data.class_count()}};
}

Module cnn(const data::Dataset& data) {
    const Shape& shape = data.sample_shape();
    if (shape.rank() != 3 || shape[1] < 4 || shape[2] < 4) {
        fail(ErrorKind::kInvalidArgument,
             "model cnn: takes pictures [C, H, W] of at least 4 x 4, the samples are {}",
             to_string(shape));
    }
    return Sequential{Conv2d{shape[0], 32, {.kernel = 3, .padding = 1}},
                      ReLU{},
                      MaxPool2d{2},
                      Conv2d{32, 64, {.kernel = 3, .padding = 1}},
                      ReLU{},
                      MaxPool2d{2},
                      Flatten{},
                      Linear{64 * (shape[1] / 4) * (shape[2] / 4), 128},
                      ReLU{},
                      Linear{128, data.class_count()}};
}

}  // namespace

Module make_model(const std::string& name, const data::Dataset& data) {
    if (name == "mlp") return mlp(data);
    if (name == "cnn") return cnn(data);
    if (!std::filesystem::is_regular_file(name)) {
        fail(ErrorKind::kFile, "model: '{}' is neither mlp, cnn nor a file that is there", name);
    }
    try {
        return from_json(io::read_file(name, kMaxModelFile));
    } catch (const Error& error) {
        const std::string what = error.what();
        if (what.find(name) != std::string::npos) throw;
        fail(error.kind(), "{}: {}", name, what);
    }
}

void check_model(const Module& model, const std::string& name, const data::Dataset& data) {
    Tensor output;
    try {
        output = model(input(data.sample_shape().inserted(0, 2)));
    } catch (const Error& error) {
        fail(error.kind(), "model {}: does not take samples {}: {}", name,
             to_string(data.sample_shape()), error.what());
    }
    const Shape expected{2, data.class_count()};
    if (output.shape() != expected) {
        fail(ErrorKind::kInvalidArgument,
             "model {}: gives {} for two samples, which takes {} for {} classes", name,
             to_string(output.shape()), to_string(expected), data.class_count());
    }
}

}  // namespace ingot::cli
