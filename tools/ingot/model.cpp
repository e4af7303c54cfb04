// SPDX-License-Identifier: MIT
#include "model.h"

#include "core/check.h"

#include <ingot/io.h>
#include <ingot/ops.h>

#include <filesystem>

namespace ingot::cli {
namespace {

using namespace nn;

constexpr std::size_t kMaxModelFile = std::size_t{16} << 20;

std::int64_t outputs_for(const data::Dataset& data) {
    return data.has_labels() ? data.class_count() : data.target_shape().count();
}

Module mlp(const data::Dataset& data) {
    const std::int64_t inputs = data.sample_shape().count();
    if (data.input_dtype() == f32) {
        return Sequential{Flatten{}, Linear{inputs, 256}, ReLU{}, Linear{256, outputs_for(data)}};
    }
    constexpr std::int64_t kWidth = 32;
    return Sequential{Embedding{data.class_count(), kWidth}, Flatten{},
                      Linear{inputs * kWidth, 256}, ReLU{}, Linear{256, outputs_for(data)}};
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
                      Linear{128, outputs_for(data)}};
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

losses::Loss loss_of(const data::Dataset& data) {
    if (data.has_labels()) return losses::cross_entropy();
    losses::Loss loss = losses::mse();
    loss.value = [](const Tensor& output, const Tensor& target) {
        return mse_loss(reshape(output, target.shape()), target);  // [B, 1] of one number
    };
    loss.each = nullptr;
    return loss;
}

std::vector<metrics::Metric> metrics_of(const data::Dataset& data) {
    if (data.has_labels()) return {};
    return {metrics::r2()};
}

void check_model(const Module& model, const std::string& name, const data::Dataset& data) {
    Tensor output;
    try {
        output = model(input(data.sample_shape().inserted(0, 2), data.input_dtype()));
    } catch (const Error& error) {
        fail(error.kind(), "model {}: does not take samples {}: {}", name,
             to_string(data.sample_shape()), error.what());
    }
    const Shape expected{2, outputs_for(data)};
    if (output.shape() != expected) {
        fail(ErrorKind::kInvalidArgument,
             "model {}: gives {} for two samples, which takes {} for {} {}", name,
             to_string(output.shape()), to_string(expected), outputs_for(data),
             data.has_labels() ? "classes" : "targets");
    }
}

optim::Optimizer make_optimizer(TrainSettings& s) {
    if (!s.lr) s.lr = s.optimizer == "sgd" ? 0.1 : 1e-3;
    if (!s.weight_decay) s.weight_decay = s.optimizer == "adamw" ? 1e-2 : 0;
    if (s.optimizer == "sgd") {
        return optim::Sgd{{.lr = *s.lr, .momentum = s.momentum, .weight_decay = *s.weight_decay}};
    }
    if (s.optimizer == "adam") return optim::Adam{{.lr = *s.lr, .weight_decay = *s.weight_decay}};
    if (s.optimizer == "adamw") return optim::AdamW{{.lr = *s.lr, .weight_decay = *s.weight_decay}};
    fail(ErrorKind::kInvalidArgument, "optimizer: '{}' is none of sgd, adam, adamw", s.optimizer);
}

}  // namespace ingot::cli
