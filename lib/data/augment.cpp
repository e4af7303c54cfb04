// SPDX-License-Identifier: MIT
// Where the numbers come from, and transforms made of transforms.
#include "data/augment.h"

#include <algorithm>
#include <cmath>

namespace ingot::augment {
namespace {

constexpr std::uint32_t low(std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

// One generator a round: epoch and repeat choose the seed, so that a stream's name is left to the
// sample.
std::uint64_t seed_of(std::uint64_t seed, RandomPurpose purpose, std::int64_t epoch,
                      std::uint32_t repeat) {
    const auto at = static_cast<std::uint64_t>(epoch);
    const PhiloxCounter words =
        philox4x32_10({low(at), high(at), repeat, static_cast<std::uint32_t>(purpose) << 24},
                      {low(seed), high(seed)});
    return std::uint64_t{words[1]} << 32 | words[0];
}

}  // namespace

double Random::uniform() {
    return stream_->word() * 0x1p-32;
}

double Random::uniform(double low, double high) {
    return low + (high - low) * uniform();
}

std::int64_t Random::below(std::int64_t bound) {
    if (bound < 1 || bound >= std::int64_t{1} << 32) {
        fail(ErrorKind::kInvalidArgument, "augment: a number below {}, takes 1 to 2^32 - 1", bound);
    }
    return stream_->below(static_cast<std::uint32_t>(bound));
}

double Random::normal() {
    return stream_->normal();
}

bool Random::chance(double probability) {
    return probability >= 1 || uniform() < probability;
}

RandomStream stream_of_sample(std::uint64_t seed, std::int64_t epoch, std::uint32_t sample,
                              std::uint32_t repeat) {
    return RandomStream(seed_of(seed, RandomPurpose::kAugment, epoch, repeat),
                        stream_of(RandomPurpose::kAugment, sample));
}

RandomStream stream_of_batch(std::uint64_t seed, std::int64_t epoch, std::int64_t batch) {
    return RandomStream(seed_of(seed, RandomPurpose::kMix, epoch, 0),
                        stream_of(RandomPurpose::kMix, static_cast<std::uint64_t>(batch)));
}

void check_probability(const char* name, double probability) {
    if (!(probability >= 0 && probability <= 1)) {
        fail(ErrorKind::kInvalidArgument, "{}: probability {} is outside 0 to 1", name,
             probability);
    }
}

void check_range(const char* name, const char* what, const Range& range, double least,
                 double most) {
    if (!(range.low >= least && range.low <= range.high && range.high <= most) ||
        !std::isfinite(range.low) || !std::isfinite(range.high)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} from {} to {} is no range within {} to {}", name,
             what, range.low, range.high, least, most);
    }
}

Size checked_square(const char* name, const Size& size) {
    constexpr std::int64_t kMost = 1 << 20;
    if (size.height < 1 || size.width < 0 || size.height > kMost || size.width > kMost) {
        fail(ErrorKind::kInvalidArgument, "{}: size {} x {}, each side takes 1 to {}", name,
             size.height, size.width == 0 ? size.height : size.width, kMost);
    }
    return {size.height, size.width == 0 ? size.height : size.width};
}

std::vector<double> checked_sums(const char* name, std::size_t count,
                                 const std::vector<double>& weights) {
    if (count == 0) fail(ErrorKind::kInvalidArgument, "{}: of nothing", name);
    if (!weights.empty() && weights.size() != count) {
        fail(ErrorKind::kInvalidArgument, "{}: {} weights of {}", name, weights.size(), count);
    }
    std::vector<double> sums;
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        if (!(weight >= 0) || !std::isfinite(weight)) {
            fail(ErrorKind::kInvalidArgument, "{}: weight {} is {}, each takes 0 or more", name, i,
                 weight);
        }
        sums.push_back(sum += weight);
    }
    if (!(sum > 0) || !std::isfinite(sum)) {
        fail(ErrorKind::kInvalidArgument, "{}: the weights have the sum {}", name, sum);
    }
    return sums;
}

std::size_t drawn(const std::vector<double>& sums, Random& random) {
    // The first whose sum is beyond: one of weight 0 never is.
    const auto found = std::upper_bound(sums.begin(), sums.end(), random.uniform() * sums.back());
    return static_cast<std::size_t>(found - sums.begin());
}

std::string to_string(const Transform& transform) {
    return transform.description.empty() ? transform.name : transform.description;
}

std::string to_string(const Mix& mix) {
    return mix.description.empty() ? mix.name : mix.description;
}

std::string text_of(const Range& range) {
    return fmt::format("{}..{}", range.low, range.high);
}

std::string text_of(const Size& size) {
    return size.width == 0 ? fmt::format("{}", size.height)
                           : fmt::format("{}x{}", size.height, size.width);
}

std::string text_of(Interpolation interpolation) {
    return interpolation == Interpolation::kNearest ? "nearest" : "bilinear";
}

Shape shape_after(const Transform& transform, const Shape& shape) {
    if (!transform) {
        fail(ErrorKind::kInvalidArgument, "augment: '{}' is no transform", transform.name);
    }
    if (shape.rank() != 3 || shape.count() == 0) {
        fail(ErrorKind::kInvalidArgument, "{}: samples {} are no pictures [C, H, W]",
             transform.name, to_string(shape));
    }
    return transform.shape == nullptr ? shape : transform.shape(shape);
}

void apply_checked(const Transform& transform, Picture& picture, Random& random) {
    const Shape before = picture.shape();
    const Shape expected = shape_after(transform, before);
    transform.apply(picture, random);
    if (picture.shape() == expected && std::ssize(picture.values) == expected.count()) return;
    fail(ErrorKind::kInvalidArgument, "augment: '{}' made {}, {} values, of a picture {}, not {}",
         transform.name, to_string(picture.shape()), picture.values.size(), to_string(before),
         to_string(expected));
}

namespace {

// Of what has no plan, one that says so.
std::shared_ptr<const Step> planned(const Transform& transform, const Shape& shape) {
    if (transform.plan != nullptr) return transform.plan(shape);
    const Shape to = shape_after(transform, shape);
    return std::make_shared<const Step>(
        Step{.kind = StepKind::kHostOnly, .name = transform.name, .from = shape, .to = to});
}

void name_host_only(const Step& step, std::vector<std::string>& names) {
    if (step.kind == StepKind::kHostOnly &&
        std::find(names.begin(), names.end(), step.name) == names.end()) {
        names.push_back(step.name);
    }
    for (const auto& part : step.parts)
        name_host_only(*part, names);
}

// The numbers of what is not wanted are 0, and nothing is drawn for it.
void draw_part(const Step& part, Random& random, std::span<double> numbers, std::size_t& at,
               bool wanted) {
    const auto count = static_cast<std::size_t>(part.numbers);
    const std::span<double> own = numbers.subspan(at, count);
    if (wanted) {
        if (part.draw != nullptr) part.draw(random, own);
    } else {
        std::fill(own.begin(), own.end(), 0.0);
    }
    at += count;
}

}  // namespace

std::shared_ptr<const Step> plan_of(const Transform& transform, const Shape& shape) {
    static_cast<void>(shape_after(transform, shape));  // refuses bad ones by their own names
    auto plan = planned(transform, shape);
    std::vector<std::string> names;
    name_host_only(*plan, names);
    if (names.empty()) return plan;
    fail(ErrorKind::kUnsupported,
         "augment: {} cannot run on a device: a transform of one's own needs a plan, and those of "
         "the library that draw a number for each pixel have none; Place::kHost takes all",
         fmt::join(names, ", "));
}

Transform in_one_step(Transform transform, Step step, Draw draw, Pixels pixels) {
    step.name = transform.name;
    const std::int64_t numbers = step.numbers;
    const auto count_of = [numbers](const Shape& shape) {
        return numbers == kPerChannel ? shape[0] : numbers;
    };
    transform.plan = [step = std::move(step), shape_of = transform.shape, draw,
                      count_of](const Shape& shape) {
        Step made = step;
        made.from = shape;
        made.to = shape_of == nullptr ? shape : shape_of(shape);
        made.numbers = count_of(shape);
        made.draw = [draw, shape](Random& random, std::span<double> out) {
            draw(shape, random, out);
        };
        return std::make_shared<const Step>(std::move(made));
    };
    transform.apply = [draw = std::move(draw), pixels = std::move(pixels), count_of](
                          Picture& picture, Random& random) {
        const Shape shape = picture.shape();
        std::vector<double> drawn(static_cast<std::size_t>(count_of(shape)));
        draw(shape, random, drawn);
        pixels(picture, drawn);
    };
    return transform;
}

std::function<std::shared_ptr<const Step>(const Shape&)> planned_choice(
    std::string name, std::vector<Transform> transforms, std::function<int(Random&)> choose) {
    return [name = std::move(name), transforms = std::move(transforms),
            choose = std::move(choose)](const Shape& shape) {
        Step step{.kind = StepKind::kChoice, .name = name, .from = shape, .numbers = 1};
        for (const Transform& transform : transforms) {
            step.parts.push_back(planned(transform, shape));
            step.numbers += step.parts.back()->numbers;
        }
        step.to = step.parts.front()->to;
        step.draw = [parts = step.parts, choose](Random& random, std::span<double> numbers) {
            const int chosen = choose(random);
            numbers[0] = chosen;
            std::size_t at = 1;
            for (int i = 0; i < static_cast<int>(parts.size()); ++i)
                draw_part(*parts[static_cast<std::size_t>(i)], random, numbers, at, i == chosen);
        };
        return std::make_shared<const Step>(std::move(step));
    };
}

Transform with_probability(double probability, Transform transform) {
    check_probability(transform.name.c_str(), probability);
    if (probability >= 1) return transform;
    Transform result{transform.name};
    result.description = fmt::format("{} in {}", to_string(transform), probability);
    result.shape = [transform, probability](const Shape& shape) {
        const Shape after = shape_after(transform, shape);
        if (after != shape) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: with probability {}, pictures would have the shape {} or {}", transform.name,
                 probability, to_string(after), to_string(shape));
        }
        return after;
    };
    result.plan = planned_choice(transform.name, {transform}, [probability](Random& random) {
        return random.chance(probability) ? 0 : -1;
    });
    result.apply = [transform = std::move(transform), probability](Picture& picture,
                                                                   Random& random) {
        if (random.chance(probability)) transform.apply(picture, random);
    };
    return result;
}

Picture applied(const Transform& transform, Picture picture, std::uint64_t seed, std::int64_t epoch,
                std::int64_t sample) {
    if (picture.channels < 0 || picture.height < 0 || picture.width < 0 ||
        std::ssize(picture.values) != picture.shape().count()) {
        fail(ErrorKind::kInvalidArgument, "augment: {} values of a picture [{}, {}, {}]",
             picture.values.size(), picture.channels, picture.height, picture.width);
    }
    if (epoch < 0 || sample < 0 || sample >= std::int64_t{1} << 32) {
        fail(ErrorKind::kInvalidArgument, "augment: sample {} in epoch {}", sample, epoch);
    }
    RandomStream stream = stream_of_sample(seed, epoch, static_cast<std::uint32_t>(sample));
    Random random(stream);
    apply_checked(transform, picture, random);
    return picture;
}

Transform compose(std::vector<Transform> transforms) {
    Transform result{"compose"};
    result.description = text_of("compose", transforms);
    result.shape = [transforms](Shape shape) {
        for (const Transform& transform : transforms)
            shape = shape_after(transform, shape);
        return shape;
    };
    result.plan = [transforms](const Shape& shape) {
        Step step{.kind = StepKind::kSequence, .name = "compose", .from = shape, .to = shape};
        for (const Transform& transform : transforms) {
            step.parts.push_back(planned(transform, step.to));
            step.to = step.parts.back()->to;
            step.numbers += step.parts.back()->numbers;
        }
        step.draw = [parts = step.parts](Random& random, std::span<double> numbers) {
            std::size_t at = 0;
            for (const auto& part : parts)
                draw_part(*part, random, numbers, at, true);
        };
        return std::make_shared<const Step>(std::move(step));
    };
    result.apply = [transforms = std::move(transforms)](Picture& picture, Random& random) {
        for (const Transform& transform : transforms)
            apply_checked(transform, picture, random);
    };
    return result;
}

Transform one_of(std::vector<Transform> transforms, std::vector<double> weights) {
    const std::vector<double> sums = checked_sums("one_of", transforms.size(), weights);
    Transform result{"one_of"};
    result.description = text_of("one_of", transforms, weights);
    result.shape = [transforms](const Shape& shape) {
        const Shape first = shape_after(transforms.front(), shape);
        for (const Transform& transform : transforms) {
            if (const Shape other = shape_after(transform, shape); other != first) {
                fail(ErrorKind::kInvalidArgument,
                     "one_of: of pictures {}, {} makes {} and {} makes {}", to_string(shape),
                     transforms.front().name, to_string(first), transform.name, to_string(other));
            }
        }
        return first;
    };
    result.plan = planned_choice("one_of", transforms, [sums](Random& random) {
        return static_cast<int>(drawn(sums, random));
    });
    result.apply = [transforms = std::move(transforms), sums](Picture& picture, Random& random) {
        transforms[drawn(sums, random)].apply(picture, random);
    };
    return result;
}

Transform random_apply(Transform transform, double probability) {
    check_probability("random_apply", probability);
    if (!transform) fail(ErrorKind::kInvalidArgument, "random_apply: of no transform");
    return with_probability(probability, std::move(transform));
}

}  // namespace ingot::augment
