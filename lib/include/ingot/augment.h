// SPDX-License-Identifier: MIT
// Pictures changed at random on their way into a batch, so that a network sees each in many forms.
// A Transform is a small value: a name and a function over one float picture; a Mix blends the
// pictures and targets of a whole batch. Names, ranges, defaults and formulas are torchvision's
// (transforms.v2 on tensors) unless the function says otherwise. What is drawn is a pure function
// of (seed, epoch, sample), so equal seeds give equal pictures with any number of threads and from
// wherever a run resumes.
//
//     namespace augment = ingot::augment;
//     ingot::data::Batches batches{
//         train, 64, {.shuffle = true, .seed = 1, .threads = 2,
//                     .augment = augment::compose({
//                         augment::random_crop({.size = 32, .padding = 4}),
//                         augment::random_horizontal_flip(),
//                     })}};
#pragma once

#include <ingot/export.h>
#include <ingot/shape.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot {
class RandomStream;
}

namespace ingot::augment {

// [channels, height, width], row-major. Values lie in 0..1, before normalisation.
struct Picture {
    std::int64_t channels = 1;
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<float> values;

    Shape shape() const { return {channels, height, width}; }
    std::size_t index(std::int64_t channel, std::int64_t y, std::int64_t x) const {
        return static_cast<std::size_t>((channel * height + y) * width + x);
    }
    bool operator==(const Picture&) const = default;
};

// The numbers a transform draws: those of one sample in one epoch, one after the other.
class INGOT_API Random {
public:
    explicit Random(RandomStream& stream) : stream_(&stream) {}

    double uniform();                         // [0, 1)
    double uniform(double low, double high);  // [low, high), or low when they are equal
    std::int64_t below(std::int64_t bound);  // 0..bound - 1, each equally likely; 1 <= bound < 2^32
    double normal();                         // mean 0, deviation 1
    bool chance(double probability);         // true as often as that; draws nothing when it is 1

private:
    RandomStream* stream_;
};

struct Step;

// Its functions are called by several threads at once.
struct Transform {
    std::string name;
    // From a picture's shape to that of the result, before anything is drawn. Throws
    // kInvalidArgument when the transform cannot take such pictures. None: the same.
    std::function<Shape(const Shape&)> shape{};
    std::function<void(Picture&, Random&)> apply{};
    // Name and options, by which a checkpoint knows it again. Empty: the name alone.
    std::string description{};
    // For a device: of pictures of this shape, what is drawn and what that does, as data. Draws
    // what `apply` draws. None: only the host can.
    std::function<std::shared_ptr<const Step>(const Shape&)> plan{};

    explicit operator bool() const { return apply != nullptr; }
};
// "compose(resize(size 32x32), random_horizontal_flip() in 0.5)"
INGOT_API std::string to_string(const Transform& transform);

// What a Batches with this seed makes of a sample in an epoch. Throws kInvalidArgument when the
// transform cannot take the picture, or its values are not as many as its sizes say.
INGOT_API Picture applied(const Transform& transform, Picture picture, std::uint64_t seed = 0,
                          std::int64_t epoch = 0, std::int64_t sample = 0);
// The shape of what it makes of pictures [C, H, W]; throws as `applied`.
INGOT_API Shape shape_after(const Transform& transform, const Shape& shape);

// One after the other; an empty list changes nothing.
INGOT_API Transform compose(std::vector<Transform> transforms);
// One of them, each as often as its weight says; no weights: each equally often. (RandomChoice.)
// All must make the same shape of a picture.
INGOT_API Transform one_of(std::vector<Transform> transforms, std::vector<double> weights = {});
// Sometimes. (RandomApply.) The shape must stay, unless the probability is 1.
INGOT_API Transform random_apply(Transform transform, double probability = 0.5);

// Every `probability` below is that of the transform being applied at all, 0 to 1; where it is
// less than 1 the transform must keep the shape. Ranges are drawn from evenly.
struct Range {
    double low = 0;
    double high = 0;
};

// Pixels. One number is a square for crops and the shorter side for `resize`.
struct Size {
    Size() = default;
    Size(std::int64_t side) : height(side) {}  // NOLINT: {.size = 32} is what one writes
    Size(std::int64_t rows, std::int64_t columns) : height(rows), width(columns) {}

    std::int64_t height = 0;
    std::int64_t width = 0;  // 0: only one number was given
};

enum class Padding {
    kConstant,  // a value
    kEdge,      // the nearest pixel: aa|abc|cc
    kReflect,   // without the edge: cb|abc|ba
    kSymmetric  // with the edge: ba|abc|cb
};
enum class Interpolation { kNearest, kBilinear };

struct RandomCropOptions {
    Size size{};               // must be given
    std::int64_t padding = 0;  // pixels added on all four sides before the crop
    Padding mode = Padding::kConstant;
    float fill = 0;  // of kConstant
    double probability = 1;
};
// A part at a random place. (RandomCrop.) Refuses a size beyond the padded picture.
INGOT_API Transform random_crop(const RandomCropOptions& options);

struct RandomResizedCropOptions {
    Size size{};                    // must be given
    Range scale{0.08, 1};           // of the part's area in the picture's, above 0, at most 1
    Range ratio{3. / 4., 4. / 3.};  // of the part's width to its height, drawn by its logarithm
    double probability = 1;
};
// A random part, resized as `resize` does. (RandomResizedCrop: the middle of the picture, of the
// nearest ratio that is allowed, when ten draws do not fit in.)
INGOT_API Transform random_resized_crop(const RandomResizedCropOptions& options);

struct ResizeOptions {
    Size size{};  // must be given; one number: of the shorter side, the other in proportion
    double probability = 1;
};
// Bilinear, with antialiasing where a side becomes shorter. (Resize.)
INGOT_API Transform resize(const ResizeOptions& options);

struct CenterCropOptions {
    Size size{};  // must be given
    double probability = 1;
};
// The middle. (CenterCrop, but a size beyond the picture is refused rather than padded with 0.)
INGOT_API Transform center_crop(const CenterCropOptions& options);

struct FlipOptions {
    double probability = 0.5;
};
INGOT_API Transform random_horizontal_flip(const FlipOptions& options = {});  // left and right
INGOT_API Transform random_vertical_flip(const FlipOptions& options = {});    // top and bottom

struct RandomRotationOptions {
    Range degrees{};  // counter-clockwise
    Interpolation interpolation = Interpolation::kNearest;
    float fill = 0;  // of pixels from outside the picture
    double probability = 1;
};
// Around the middle, in pictures of the same size. (RandomRotation.) With kBilinear a pixel at the
// border is mixed with `fill` as with a neighbour.
INGOT_API Transform random_rotation(const RandomRotationOptions& options);

struct RandomAffineOptions {
    Range degrees{};         // clockwise, as RandomAffine's, which is not as RandomRotation's
    double translate_x = 0;  // at most this share of the width, either way, in whole pixels; 0 to 1
    double translate_y = 0;  // of the height
    Range scale{1, 1};       // above 0
    Range shear_x{};         // degrees, within -90..90
    Range shear_y{};
    Interpolation interpolation = Interpolation::kNearest;
    float fill = 0;
    double probability = 1;
};
// (RandomAffine.)
INGOT_API Transform random_affine(const RandomAffineOptions& options);

// The four of ColorJitter, one by one. Each blends the picture with another, which is black
// (brightness), the mean of its grey (contrast) or its grey (saturation), and clamps to 0..1:
// factor * picture + (1 - factor) * other. 1 changes nothing. Grey is
// 0.2989 red + 0.587 green + 0.114 blue; saturation and hue leave pictures of one channel alone.
struct FactorOptions {
    Range factor{1, 1};  // 0 or more
    double probability = 1;
};
INGOT_API Transform brightness(const FactorOptions& options);  // any number of channels
INGOT_API Transform contrast(const FactorOptions& options);    // 1 or 3 channels, as those below
INGOT_API Transform saturation(const FactorOptions& options);

struct HueOptions {
    Range shift{};  // of the hue, in turns around the circle of colours, within -0.5..0.5
    double probability = 1;
};
INGOT_API Transform hue(const HueOptions& options);

struct ColorJitterOptions {
    Range brightness{1, 1};  // factors; ColorJitter's one number b is {max(0, 1 - b), 1 + b}
    Range contrast{1, 1};
    Range saturation{1, 1};
    Range hue{0, 0};  // a shift, as of `hue`
    double probability = 1;
};
// The four above, in an order that is drawn for each picture. (ColorJitter.)
INGOT_API Transform color_jitter(const ColorJitterOptions& options);

struct RgbShiftOptions {
    Range shift{-20. / 255., 20. / 255.};  // drawn for each channel
    double probability = 0.5;
};
// Adds a number to each channel and clamps to 0..1: RGBShift of Buslaev and others,
// "Albumentations: fast and flexible image augmentations", 2020, with its defaults.
INGOT_API Transform rgb_shift(const RgbShiftOptions& options = {});

struct RandomGrayscaleOptions {
    double probability = 0.1;
};
// All channels become the grey. (RandomGrayscale.)
INGOT_API Transform random_grayscale(const RandomGrayscaleOptions& options = {});

struct GaussianBlurOptions {
    std::int64_t kernel_size = 0;  // pixels of the side, odd; must be given
    Range sigma{0.1, 2};           // deviation in pixels, above 0
    double probability = 1;
};
// (GaussianBlur.) The border is mirrored, kReflect, as often as it takes for small pictures.
INGOT_API Transform gaussian_blur(const GaussianBlurOptions& options);

struct GaussianNoiseOptions {
    double mean = 0;
    double sigma = 0.1;  // deviation, 0 or more
    bool clip = true;    // to 0..1
    double probability = 1;
};
INGOT_API Transform gaussian_noise(const GaussianNoiseOptions& options = {});

struct RandomErasingOptions {
    Range scale{0.02, 0.33};  // of the erased area in the picture's, above 0, at most 1
    Range ratio{0.3, 3.3};    // of its height to its width, drawn by its logarithm
    float value = 0;
    // Each pixel evenly from 0..1 in place of `value`, as in Zhong and others, "Random erasing data
    // augmentation", 2020; torchvision's are normal.
    bool random_values = false;
    double probability = 0.5;
};
// Cuts a rectangle out. (RandomErasing: none when ten draws do not fit in.) It comes before
// normalisation here, so 0 is black; the mean is that of Dataset::measure().
INGOT_API Transform random_erasing(const RandomErasingOptions& options = {});

// ---- On a device ----

// Where pixels are changed. What is drawn is drawn on the host, and the pictures are the same but
// for rounding: the host computes in double, a device in f32.
enum class Place {
    kHost,   // by the threads that prepare batches
    kDevice  // in the graph of the step, to which a few numbers a sample travel
};

enum class StepKind {
    kSequence,   // the parts, one after the other
    kChoice,     // one of the parts: which; -1: none, and the picture stays as it is
    kCrop,       // the window of the size of `to` whose upper left pixel is: y, x
    kResample,   // a window, resized as `resize` does: y, x, height, width
    kMirrorX,    // left and right exchanged
    kMirrorY,    // top and bottom
    kWarp,       // (x, y), counted from the middle, comes from (a x + b y + c, d x + e y + f):
                 // a, b, c, d, e, f
    kBlend,      // factor * picture + (1 - factor) * (m * mean of its grey + g * grey), clamped
                 // to 0..1 unless the factor is 1: factor, m, g
    kHue,        // turned by: turns
    kShift,      // of each channel, clamped to 0..1: as many numbers as channels
    kGrayscale,  // all channels become the grey
    kBlur,       // along both axes, borders mirrored: the weights, an odd number
    kErase,      // a window becomes `fill`: y, x, height, width
    kHostOnly    // no device can: numbers are drawn pixel by pixel, say
};

// What becomes of the pixels of pictures [C, H, W], steered by numbers drawn for each of them:
// those of a step, as its kind lists them, then those of its parts.
struct Step {
    StepKind kind = StepKind::kSequence;
    std::string name{};  // of the transform
    Shape from{}, to{};
    std::int64_t numbers = 0;                               // with those of the parts
    Padding padding = Padding::kConstant;                   // of kCrop
    Interpolation interpolation = Interpolation::kNearest;  // of kWarp
    float fill = 0;                         // of kCrop, kWarp and kErase: from outside the picture
    bool of_mean = false, of_grey = false;  // of kBlend: whether m and g can differ from 0
    std::vector<std::shared_ptr<const Step>> parts{};
    // Fills in all the numbers. Called by several threads at once.
    std::function<void(Random&, std::span<double>)> draw{};
};

// The plan of pictures of this shape. Throws kUnsupported, naming all the transforms in it that no
// device can carry out, and as `shape_after`.
INGOT_API std::shared_ptr<const Step> plan_of(const Transform& transform, const Shape& shape);

// ---- Over a batch ----

// Targets are of full length: labels have become probabilities, one for each class.
struct MixedBatch {
    std::int64_t count = 0;  // samples, 2 or more
    Shape sample_shape{};
    std::span<float> inputs;   // [count, sample...]
    std::span<float> targets;  // [count, ...]
};

// Its functions are called by several threads at once, as those of a Transform.
struct Mix {
    std::string name;
    std::function<void(const Shape&)> check{};  // throws when it cannot take such samples
    std::function<void(const MixedBatch&, Random&)> apply{};
    std::string description{};  // as of a Transform

    explicit operator bool() const { return apply != nullptr; }
};
INGOT_API std::string to_string(const Mix& mix);

struct MixOptions {
    double alpha = 1;  // a share lambda is drawn for each batch from Beta(alpha, alpha); above 0
    double probability = 1;
};
// Sample i becomes lambda of itself and 1 - lambda of sample i - 1, the first of the last; so do
// targets. (MixUp; Zhang and others, "mixup: beyond empirical risk minimization", 2018.) Any f32
// samples.
INGOT_API Mix mixup(const MixOptions& options = {});
// A rectangle of about 1 - lambda of the area comes from sample i - 1; targets are mixed by the
// area itself. (CutMix; Yun and others, "CutMix: regularization strategy to train strong
// classifiers with localizable features", 2019.)
INGOT_API Mix cutmix(const MixOptions& options = {});
INGOT_API Mix one_of(std::vector<Mix> mixes, std::vector<double> weights = {});

}  // namespace ingot::augment
