// SPDX-License-Identifier: MIT
// Pictures augmented by the device against those of the host, with the same draws; training with
// them; what is refused.
#include "small_run.h"
#include "support/temporary_folder.h"
#include "support/thrown_message.h"

#include <ingot/device_augment.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::testing;
using namespace ingot::augment;

namespace {

// Pictures in no order, values of 0..1, with some that are grey and some whose channels tie.
data::Dataset pictures(std::int64_t count, const Shape& shape, std::int32_t classes = 2) {
    std::vector<float> values;
    std::vector<std::int32_t> labels;
    std::uint32_t state = 4711;
    for (std::int64_t i = 0; i < count; ++i) {
        labels.push_back(static_cast<std::int32_t>(i) % classes);
        for (std::int64_t j = 0; j < shape.count(); ++j) {
            state = state * 1664525U + 1013904223U;
            const std::int64_t plane = shape[1] * shape[2];
            const bool repeats = j >= plane && (j + i) % 5 == 0;
            values.push_back(repeats ? values[values.size() - static_cast<std::size_t>(plane)]
                                     : static_cast<float>(state >> 24) / 255.0F);
        }
    }
    return {HostTensor::of("x", shape.inserted(0, count), values),
            HostTensor::of("y", {count}, labels)};
}

struct Compared {
    std::vector<float> host, device;

    double largest() const {
        double most = 0;
        for (std::size_t i = 0; i < host.size(); ++i) {
            const double away = std::abs(double{host[i]} - double{device[i]});
            most = std::isfinite(away) ? std::max(most, away) : HUGE_VAL;
        }
        return most;
    }
    std::size_t beyond(double tolerance) const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < host.size(); ++i)
            count += !(std::abs(double{host[i]} - double{device[i]}) <= tolerance);
        return count;
    }
};

// A batch of the second epoch, read from two loaders that differ in the place alone.
Compared compared(const Transform& transform, const data::Dataset& samples) {
    data::BatchOptions options{.shuffle = true, .seed = 7, .threads = 1, .augment = transform};
    data::Batches host{samples, samples.size(), options};
    options.augment_on = Place::kDevice;
    data::Batches device{samples, samples.size(), options};
    host.start({1, 0});
    device.start({1, 0});
    const data::Batch& expected = *host.next();
    const data::Batch& given = *device.next();
    const Step& plan = *device.plan();
    CHECK(plan.to == host.sample_shape());
    CHECK(device.sample_shape() == samples.sample_shape());

    const Tensor x = input(samples.sample_shape().inserted(0, samples.size()));
    const Tensor draws = plan.numbers > 0 ? input({samples.size(), plan.numbers}) : Tensor();
    const Tensor y = on_device(plan, x, draws, samples.normalization());
    Program program = test_device().compile(Graph{}.output(y));
    if (draws) {
        program.run({{x, given.inputs}, {draws, given.draws}});
    } else {
        program.run({{x, given.inputs}});
    }
    return {{expected.inputs.begin(), expected.inputs.end()}, program.read_all<float>(y)};
}

// What only moves pixels moves them exactly.
constexpr double kExact = 0;
// A few operations on numbers up to 1, the host's being in double: 16 roundings of 2^-24.
constexpr double kRounded = 1e-6;
// Places within pictures of 32 pixels, rounded six times: 32 * 6 * 2^-24 = 1.2e-5 of a pixel along
// each axis, between neighbours that differ by up to 1.
constexpr double kPlaced = 2.4e-5;

// Likewise along each axis of a picture that is resized: a place is a product of two rounded
// numbers.
constexpr double kResampled = 2 * 32 * 2 * 0x1p-24;

struct Case {
    std::string name;
    Transform transform;
    double tolerance;
    std::int64_t least_side = 1;
};

std::vector<Case> cases() {
    std::vector<Case> all{
        {"flips", compose({random_horizontal_flip(), random_vertical_flip()}), kExact},
        {"always flipped", random_horizontal_flip({.probability = 1}), kExact},
        {"crop", random_crop({.size = 5, .padding = 2, .fill = 0.25F}), kExact, 2},
        {"crop of another shape", random_crop({.size = Size(4, 3)}), kExact, 9},
        {"centre", center_crop({.size = Size(4, 6)}), kExact, 9},
        {"resized crop", random_resized_crop({.size = Size(7, 9)}), kResampled},
        {"resized crop of narrow parts",
         random_resized_crop({.size = 6, .scale = {0.01, 0.02}, .ratio = {3, 4}}), kResampled},
        {"smaller", resize({.size = Size(3, 2)}), kResampled, 3},
        {"larger", resize({.size = Size(40, 33)}), kResampled},
        {"shorter side", resize({.size = 5}), kResampled, 5},
        {"turned",
         random_rotation(
             {.degrees = {-40, 40}, .interpolation = Interpolation::kBilinear, .fill = 0.5F}),
         kPlaced},
        {"quarter turns",
         one_of({random_rotation({.degrees = {90, 90}}), random_rotation({.degrees = {180, 180}}),
                 random_rotation({.degrees = {-90, -90}})}),
         kExact},
        {"affine",
         random_affine({.degrees = {-30, 30},
                        .translate_x = 0.2,
                        .translate_y = 0.3,
                        .scale = {0.8, 1.5},
                        .shear_x = {-10, 10},
                        .shear_y = {-5, 15},
                        .interpolation = Interpolation::kBilinear}),
         kPlaced * 2},  // the smaller scale and the shear lengthen the ways
        {"brightness", brightness({.factor = {0.3, 1.7}}), kRounded},
        {"contrast", contrast({.factor = {0, 2}}), kRounded},
        {"saturation", saturation({.factor = {0.3, 1.7}}), kRounded},
        {"hue", hue({.shift = {-0.5, 0.5}}), kRounded * 2},  // of six sixths
        {"jitter",
         color_jitter({.brightness = {0.5, 1.5},
                       .contrast = {0.5, 1.5},
                       .saturation = {0.5, 1.5},
                       .hue = {-0.2, 0.2}}),
         kRounded * 8},  // four of these, each up to 1.5 times the one before
        {"jitter without hue", color_jitter({.contrast = {0.5, 1.5}, .probability = 0.7}),
         kRounded * 2},
        {"shift", rgb_shift({.shift = {-0.4, 0.4}, .probability = 0.8}), kRounded},
        {"grey", random_grayscale({.probability = 0.5}), kRounded},
        {"blur", gaussian_blur({.kernel_size = 5, .sigma = {0.3, 2}}), kRounded},
        {"blurred beyond the border", gaussian_blur({.kernel_size = 9, .probability = 0.5}),
         kRounded},
        {"erased", random_erasing({.value = 0.4F, .probability = 0.8}), kExact},
        {"nothing", compose({}), kExact},
        {"one of",
         one_of(
             {random_grayscale({.probability = 1}), compose({}), rgb_shift({.probability = 0.5})},
             {0.2, 0.3, 0.5}),
         kRounded},
        {"one of two crops", one_of({random_crop({.size = 6}), center_crop({.size = 6})}), kExact,
         9},
        {"sometimes a sequence",
         random_apply(compose({random_horizontal_flip(), brightness({.factor = {0.5, 1.5}}),
                               random_erasing()}),
                      0.5),
         kRounded},
        {"all that a course uses",
         compose({random_crop({.size = 6}), resize({.size = Size(9, 9)}), random_horizontal_flip(),
                  one_of({random_grayscale({.probability = 1}), rgb_shift({.probability = 1}),
                          compose({})})}),
         kResampled, 9}};
    for (const Padding mode : {Padding::kEdge, Padding::kReflect, Padding::kSymmetric}) {
        all.push_back(
            {"crop with padding", random_crop({.size = 7, .padding = 6, .mode = mode}), kExact});
    }
    return all;
}

train::FitOptions augmented(Place place) {
    return {.epochs = 3,
            .batch_size = 16,
            .seed = 3,
            .augment = compose({random_crop({.size = 8, .padding = 1}), random_horizontal_flip(),
                                brightness({.factor = {0.8, 1.2}}), resize({.size = Size(6, 6)})}),
            .augment_on = place};
}

Outcome run(const train::FitOptions& options) {
    const auto samples = pictures(70, {3, 8, 8});
    const nn::Sequential net{nn::Flatten{}, nn::Linear{3 * 6 * 6, 16}, nn::ReLU{}, nn::Dropout{0.1},
                             nn::Linear{16, 2}};
    net.initialize(1);
    train::Trainer trainer{test_device(), net, losses::cross_entropy(), optim::AdamW{{.lr = 1e-3}}};
    train::History history = trainer.fit(samples.normalized(samples.measure()), options);
    return {net.state_dict(), std::move(history)};
}

}  // namespace

TEST_CASE("augmentation: a device makes the pictures of the host") {
    for (const Shape& shape :
         {Shape{1, 1, 1}, Shape{3, 2, 7}, Shape{1, 31, 17}, Shape{3, 9, 9}, Shape{3, 32, 32}}) {
        const auto samples = pictures(13, shape);
        for (const Case& one : cases()) {
            if (std::min(shape[1], shape[2]) < one.least_side) continue;
            CAPTURE(one.name);
            CAPTURE(to_string(shape));
            const Compared both = compared(one.transform, samples);
            REQUIRE(both.host.size() == both.device.size());
            CHECK(both.largest() <= one.tolerance);
        }
    }
    const Compared sometimes = compared(random_crop({.size = 9, .padding = 3, .probability = 0.5}),
                                        pictures(13, {3, 9, 9}));
    CHECK(sometimes.largest() <= kExact);
    check_validation();
}

TEST_CASE("augmentation on a device: of the nearest pixel, which may be another at a tie") {
    for (const Transform& transform :
         {random_rotation({.degrees = {-60, 60}, .fill = 0.1F}),
          random_affine({.degrees = {-20, 20}, .translate_x = 0.1, .scale = {0.7, 1.3}})}) {
        const Compared both = compared(transform, pictures(13, {3, 32, 32}));
        // Places are off by 1e-5 of a pixel, and so many of them lie as close to half of one.
        CHECK(both.beyond(0) <= both.host.size() / 1000);
    }
    check_validation();
}

TEST_CASE("augmentation on a device: normalised behind it, by one number or by channels") {
    const auto samples = pictures(9, {3, 6, 6});
    const Transform transform =
        compose({random_crop({.size = 4, .padding = 1}), random_horizontal_flip()});
    // A quotient of Vulkan may be off by 2.5 units in the last place, of values up to 10.
    constexpr double kDivided = 10 * 3 * 0x1p-23;
    CHECK(compared(transform, samples.normalized({{0.3F}, {0.1F}})).largest() <= kDivided);
    CHECK(compared(transform, samples.normalized({{0.3F, 0.5F, 0.9F}, {0.1F, 0.2F, 0.3F}}))
              .largest() <= kDivided);
    check_validation();
}

TEST_CASE("augmentation on a device: what is drawn does not depend on who reads it") {
    const auto samples = pictures(22, {3, 6, 6});
    const Transform transform = color_jitter({.brightness = {0.5, 1.5}, .hue = {-0.1, 0.1}});
    const auto draws = [&](int threads, data::LastBatch last = data::LastBatch::kShorter) {
        data::Batches batches{samples,
                              8,
                              {.shuffle = true,
                               .seed = 5,
                               .last = last,
                               .threads = threads,
                               .weights = std::vector<double>(22, 1),
                               .augment = transform,
                               .augment_on = Place::kDevice}};
        std::vector<float> all;
        for (const data::Batch& batch : batches)
            all.insert(all.end(), batch.draws.begin(), batch.draws.end());
        return all;
    };
    const std::vector<float> alone = draws(0);
    const std::size_t numbers = 4 * 4;
    REQUIRE(alone.size() == 22 * numbers);
    CHECK(draws(3) == alone);
    // Padded, the last six are followed by the first two of them.
    std::vector<float> padded = alone;
    padded.insert(padded.end(), alone.begin() + 16 * numbers, alone.begin() + 18 * numbers);
    CHECK(draws(2, data::LastBatch::kPad) == padded);
}

TEST_CASE("training with augmentation on the device: the losses of the host, to rounding") {
    const Outcome host = run(augmented(Place::kHost));
    const Outcome device = run(augmented(Place::kDevice));
    REQUIRE(host.history.step_losses.size() == device.history.step_losses.size());
    for (std::size_t i = 0; i < host.history.step_losses.size(); ++i) {
        // Inputs differ by some 1e-6; AdamW's first updates amplify it where a gradient is near 0.
        CHECK(device.history.step_losses[i] ==
              doctest::Approx(host.history.step_losses[i]).epsilon(1e-3));
    }
    for (const int threads : {0, 2}) {
        auto options = augmented(Place::kDevice);
        options.threads = threads;
        CHECK(same(run(options), device));
    }
    auto padded = augmented(Place::kDevice);
    padded.last_batch = data::LastBatch::kPad;
    CHECK(run(padded).history.epochs[0].train_loss ==
          doctest::Approx(device.history.epochs[0].train_loss).epsilon(1e-2));
    check_validation();
}

TEST_CASE("training with augmentation on the device: a resumed run has the same bits") {
    auto options = augmented(Place::kDevice);
    const Outcome whole = run(options);
    const TemporaryFolder folder;
    options.checkpoint.path = folder / "c.safetensors";
    options.callbacks = {StopAfter(1, 2)};
    CHECK(run(options).history.step_losses.size() < whole.history.step_losses.size());
    options.callbacks.clear();
    options.resume = true;
    auto elsewhere = options;
    elsewhere.augment_on = Place::kHost;
    CHECK(thrown_message([&] { run(elsewhere); }).find(" on the device\", now it is \"") !=
          std::string::npos);
    CHECK(same(run(options), whole));
    check_validation();
}

TEST_CASE("augmentation on a device: what cannot run there is named before training") {
    const Transform own{"own", {}, [](Picture&, Random&) {}};
    auto options = augmented(Place::kDevice);
    options.augment =
        compose({random_horizontal_flip(), gaussian_noise(), own,
                 one_of({random_erasing({.random_values = true}), gaussian_noise()})});
    CHECK(thrown_message([&] { run(options); }) ==
          "unsupported: augment: gaussian_noise, own, random_erasing cannot run on a device: a "
          "transform of one's own needs a plan, and those of the library that draw a number for "
          "each pixel have none; Place::kHost takes all");
    options = augmented(Place::kDevice);
    options.mix = mixup();
    CHECK(thrown_message([&] { run(options); }) ==
          "unsupported: batches: mixup mixes samples on the host, where 'compose' is to be, too, "
          "not on a device");

    const auto plan = plan_of(random_crop({.size = 4}), {3, 6, 6});
    CHECK(thrown_message([&] {
              on_device(*plan, input({2, 3, 6, 7}), input({2, 2}));
          }) ==
          "invalid argument: augment: a plan for pictures [3, 6, 6], of pictures f32[2, 3, 6, 7]");
    CHECK(thrown_message([&] {
              on_device(*plan, input({2, 3, 6, 6}), input({2, 3}));
          }) ==
          "invalid argument: augment: a plan of 2 numbers for each of 2 pictures, draws are "
          "f32[2, 3]");
    CHECK(thrown_message([&] {
              on_device(*plan, input({2, 3, 6, 6}), {});
          }) ==
          "invalid argument: augment: a plan of 2 numbers for each of 2 pictures needs draws");
    CHECK(thrown_message([&] {
              on_device(*plan, input({2, 3, 6, 6}), input({2, 2}), {{0, 0}, {1, 1}});
          }) ==
          "invalid argument: augment: pictures [3, 4, 4] are normalised by 2 means and 2 "
          "deviations");
}
