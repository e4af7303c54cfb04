// SPDX-License-Identifier: MIT
#include "bench_cases.h"

#include "samples/networks/gpt.h"
#include "samples/networks/resnet.h"

#include <ingot/init.h>
#include <ingot/nn.h>
#include <ingot/ops.h>
#include <ingot/optim.h>

#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace ingot::cli {
namespace {

// Any values will do, as long as no two neighbours are equal and none is denormal.
std::vector<float> values(std::int64_t count) {
    std::vector<float> result(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = static_cast<float>(i * 7919 % 1000) / 500.0F - 0.999F;
    }
    return result;
}

// op(A) op(B) of size x size matrices that lie on the device. `n` or `t`: as stored, or transposed.
BenchCase matmul_case(std::int64_t size, char a_form, char b_form) {
    const Shape shape{size, size};
    const Parameter a(HostTensor::of<float>("a", shape, values(shape.count())));
    const Parameter b(HostTensor::of<float>("b", shape, values(shape.count())));
    const Tensor x = a_form == 't' ? transpose(a.tensor()) : a.tensor();
    const Tensor y = b_form == 't' ? transpose(b.tensor()) : b.tensor();
    BenchCase result;  // the output is copied out after the step's last timestamp
    result.graph.output(matmul(x, y));
    return result;
}

// A whole training step, cross-entropy and Adam, on one batch.
BenchCase step_case(const nn::Module& net, const Shape& image, std::int64_t batch = 64) {
    constexpr std::int32_t kClasses = 10;
    const Tensor x = input(image.inserted(0, batch), f32, "images");
    const Tensor labels = input({batch}, i32, "labels");
    net.initialize(1);
    BenchCase result;
    result.graph =
        optim::Adam{{.lr = 1e-3}}.minimize(cross_entropy(net.forward(x, nn::Mode::kTrain), labels));
    std::vector<std::int32_t> classes;
    for (std::int32_t i = 0; i < batch; ++i)
        classes.push_back(i % kClasses);
    result.floats = {{x, values(x.shape().count())}};
    result.ints = {{labels, classes}};
    return result;
}

// A whole training step of a language model, cross-entropy and AdamW, on `batch` full sequences.
BenchCase gpt_case(const networks::GptOptions& options, std::int64_t batch) {
    const nn::Module net = networks::make<networks::Gpt>(options);
    const Tensor tokens = input({batch, options.length}, i32, "tokens");
    const Tensor labels = input({batch * options.length}, i32, "labels");
    const Tensor logits = net(tokens, nn::Mode::kTrain);
    BenchCase result;
    result.graph = optim::AdamW{{.lr = 3e-4}}.minimize(
        cross_entropy(reshape(logits, {batch * options.length, options.vocabulary}), labels));
    std::vector<std::int32_t> words;
    for (std::int64_t i = 0; i < batch * options.length; ++i)
        words.push_back(static_cast<std::int32_t>(i * 7919 % options.vocabulary));
    result.ints = {{tokens, words}, {labels, words}};
    return result;
}

// softmax(q k^T / sqrt(E)) v of operators that store the scores: the yardstick of attention.
Tensor composed_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
    const float scale = 1 / std::sqrt(static_cast<float>(q.shape()[3]));
    return matmul(softmax(matmul(q, transpose(k)) * scale), v);
}

// Eight heads of 64 columns that lie on the device side by side, as a projection leaves them.
// Backward: the gradients alone are put out.
BenchCase attention_case(std::int64_t length, bool causal, bool backward, bool composed) {
    const Shape shape{1, length, 8, 64};
    std::array<Tensor, 4> x;  // q, k, v, d_o
    for (Tensor& tensor : x)
        tensor = Parameter(HostTensor::of<float>("x", shape, values(shape.count()))).tensor();
    const auto& [q_rows, k_rows, v_rows, d_o] = x;
    const Tensor q = transpose(q_rows, 1, 2), k = transpose(k_rows, 1, 2),
                 v = transpose(v_rows, 1, 2);
    const Tensor o =
        transpose(composed ? composed_attention(q, k, v)
                           : scaled_dot_product_attention(q, k, v, {.is_causal = causal}),
                  1, 2);
    BenchCase result;
    if (backward) {
        for (const Tensor& d : gradients(sum(o * d_o), std::array{q_rows, k_rows, v_rows}))
            result.graph.output(d);
    } else {
        result.graph.output(o);
    }
    return result;
}

// The gradients of a norm over pictures [16, 64, 32, 32], those of weight and bias among them.
BenchCase norm_case(const std::string& name) {
    const Shape shape{16, 64, 32, 32};
    const auto held = [](const char* of, const Shape& s) {
        return Parameter(HostTensor::of<float>(of, s, values(s.count())));
    };
    const Tensor x = held("x", shape), d_y = held("d_y", shape);
    const bool by_element = name == "layer_norm";
    const Shape affine = by_element ? Shape{64, 32, 32} : Shape{64};
    const Tensor weight = held("weight", affine), bias = held("bias", affine);
    const Tensor y = by_element             ? layer_norm(x, affine, weight, bias)
                     : name == "group_norm" ? group_norm(x, 8, weight, bias)
                     : name == "instance_norm"
                         ? instance_norm(x, weight, bias)
                         : batch_norm(x, weight, bias, held("m", affine), held("v", affine));
    BenchCase result;
    for (const Tensor& d : gradients(sum(y * d_y), std::array{x, weight, bias}))
        result.graph.output(d);
    return result;
}

}  // namespace

std::vector<Feed> BenchCase::feeds() const {
    std::vector<Feed> result;
    for (const auto& [tensor, data] : floats)
        result.emplace_back(tensor, data);
    for (const auto& [tensor, data] : ints)
        result.emplace_back(tensor, data);
    return result;
}

std::vector<NamedBenchCase> bench_cases() {
    std::vector<NamedBenchCase> cases;
    const auto add = [&](std::string name, std::function<BenchCase()> make) {
        cases.push_back({std::move(name), std::move(make)});
    };
    for (const char* form : {"nn", "nt", "tn"}) {
        for (const std::int64_t size : {256, 512, 1024}) {
            add(fmt::format("matmul_{}_{}", form, size),
                [=] { return matmul_case(size, form[0], form[1]); });
        }
    }
    for (const std::int64_t length : {128, 512, 1024, 4096}) {
        for (const char* form : {"", "_causal", "_composed"}) {
            const std::string_view kind = form;
            const bool for_cards = length > 1024;
            if (for_cards && kind == "_composed") continue;  // half a gigabyte of scores
            for (const bool backward : {false, true}) {
                add(fmt::format("attention_{}{}{}", length, kind, backward ? "_backward" : ""),
                    [=] {
                        return attention_case(length, kind == "_causal", backward,
                                              kind == "_composed");
                    });
                cases.back().for_cards = for_cards;
            }
        }
    }
    for (const std::string name : {"layer_norm", "group_norm", "instance_norm", "batch_norm"}) {
        add(name + "_backward", [=] { return norm_case(name); });
    }
    add("mlp_784_256_10", [] {
        return step_case(nn::Sequential{nn::Linear{784, 256}, nn::ReLU{}, nn::Linear{256, 10}},
                         Shape{784});
    });
    add("cnn_28", [] {
        return step_case(
            nn::Sequential{nn::Conv2d{1, 32, {.kernel = 3, .padding = 1}}, nn::ReLU{},
                           nn::MaxPool2d{2}, nn::Conv2d{32, 64, {.kernel = 3, .padding = 1}},
                           nn::ReLU{}, nn::MaxPool2d{2}, nn::Flatten{}, nn::Linear{3136, 128},
                           nn::ReLU{}, nn::Linear{128, 10}},
            Shape{1, 28, 28});
    });
    add("mlp_3072_100_100_10_batch_norm", [] {
        return step_case(nn::Sequential{nn::Linear{3072, 100}, nn::ReLU{}, nn::BatchNorm1d{100},
                                        nn::Linear{100, 100}, nn::ReLU{}, nn::BatchNorm1d{100},
                                        nn::Linear{100, 10}},
                         Shape{3072});
    });
    add("resnet20_cifar", [] { return step_case(networks::resnet20(), Shape{3, 32, 32}, 32); });
    add("resnet18_imagenet", [] {
        return step_case(networks::resnet18(), Shape{3, 224, 224}, 32);
    });
    cases.back().for_cards = true;
    add("gpt_4x128", [] {
        return gpt_case(
            {.vocabulary = 65, .length = 64, .layers = 4, .heads = 4, .width = 128, .dropout = 0},
            16);
    });
    add("gpt2_124m", [] { return gpt_case({.dropout = 0}, 8); });
    cases.back().for_cards = true;
    return cases;
}

}  // namespace ingot::cli
