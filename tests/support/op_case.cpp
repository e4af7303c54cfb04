// SPDX-License-Identifier: MIT
#include "support/op_case.h"

#include "core/check.h"
#include "core/random.h"
#include "support/host_values.h"
#include "support/silent_listener.h"
#include "support/tolerance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <set>

namespace ingot::testing {
namespace {

std::unique_ptr<Device>& device_slot() {
    static std::unique_ptr<Device> device;
    return device;
}

GraphVisitor& visitor() {
    static GraphVisitor function;
    return function;
}

// Ends the device before main() counts the log's warnings.
struct DeviceKeeper : ingot::testing::SilentListener {
    using SilentListener::SilentListener;
    void test_run_end(const doctest::TestRunStats&) override { device_slot().reset(); }
};
DOCTEST_REGISTER_LISTENER("device_keeper", 2, DeviceKeeper);
// For tests that are visited.
DOCTEST_REGISTER_REPORTER("mute", 0, SilentListener);

bool every_candidate() {
    static const char* const value = std::getenv("INGOT_EVERY_CANDIDATE");
    return value != nullptr && std::string_view(value) == "1";
}

double weighted_sum(const Array& output, const std::vector<double>& weights) {
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += output.values[i] * weights[i];
    return sum;
}

// Elements spread over the tensor, its ends included.
std::vector<std::size_t> sample_places(std::size_t count, std::size_t samples) {
    std::vector<std::size_t> places;
    if (count <= samples) {
        for (std::size_t i = 0; i < count; ++i)
            places.push_back(i);
        return places;
    }
    for (std::size_t i = 0; i < samples; ++i)
        places.push_back(i * (count - 1) / (samples - 1));
    return places;
}

// A row's input when its f32 inputs are stored as `storage`.
OpInput stored(const OpCase& row, OpInput input, DType storage) {
    if (input.dtype != f32) return input;
    input.dtype = storage;
    if (is_floating(storage)) return input;
    const double most = storage == boolean ? 1 : storage == u8 ? 255 : row.integers;
    return {.shape = input.shape,
            .dtype = storage,
            .low = storage == i32 ? -row.integers : 0,
            .high = std::min(row.integers, most)};
}

class CaseRun {
public:
    // The row with its f32 inputs stored as `storage`.
    explicit CaseRun(const OpCase& row, DType storage = f32) : row_(row), storage_(storage) {
        for (std::size_t i = 0; i < row.inputs.size(); ++i) {
            const OpInput input = stored(row, row.inputs[i], storage);
            // The reference sees what the device sees.
            std::vector<double> values = values_for(input, i + 1);
            for (double& value : values)
                value = rounded(value, input.dtype);
            hosts_.emplace_back(input.dtype, values);
            arrays_.emplace_back(input.shape, std::move(values));
            tensors_.push_back(ingot::input(input.shape, input.dtype));
        }
    }

    // Whether the row runs with its f32 inputs stored as this at all.
    static bool is_wanted(const OpCase& row, DType storage) {
        const bool has_floats =
            std::any_of(row.inputs.begin(), row.inputs.end(),
                        [](const OpInput& input) { return input.dtype == f32; });
        if (storage == f32 || !has_floats) return storage == f32;
        return is_floating(storage) ? row.narrow : row.integers > 0;
    }
    // Whether 16-bit floats can hold what the row computes.
    bool can_be_narrow() const {
        const auto is_tame = [](const Array& array) {
            return array.count() <= 8192 &&
                   std::all_of(array.values.begin(), array.values.end(),
                               [](double value) { return std::abs(value) <= 256; });
        };
        for (std::size_t i = 0; i < arrays_.size(); ++i) {
            if (row_.inputs[i].distinct && !stays_distinct(arrays_[i])) return false;
        }
        return std::all_of(arrays_.begin(), arrays_.end(), is_tame) &&
               is_tame(row_.reference(arrays_));
    }
    // After rounding, so far that central differences swap no two.
    bool stays_distinct(const Array& array) const {
        std::vector<double> values = array.values;
        std::sort(values.begin(), values.end());
        for (std::size_t i = 1; i < values.size(); ++i) {
            const double h = row_.step * std::max(1.0, std::abs(values[i]));
            if (values[i] - values[i - 1] <= 4 * h) return false;
        }
        return true;
    }

    // Output and gradients.
    Graph graph() {
        Graph graph;
        graph.output(row_.build(tensors_));
        add_gradient(graph, graph.outputs[0]);
        return graph;
    }

    void run() {
        expected_.emplace(row_.reference(arrays_));
        const Tensor output = row_.build(tensors_);
        REQUIRE_MESSAGE(
            output.shape() == expected_->shape,
            "shape " << to_string(output.shape()) << ", should be " << to_string(expected_->shape));
        Graph graph;
        graph.output(output);
        const std::vector<Tensor> d_inputs = add_gradient(graph, output);

        std::vector<Feed> feeds;
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            feeds.emplace_back(tensors_[i], hosts_[i].view());
        }
        if (weights_host_) feeds.emplace_back(weights_, weights_host_->view());
        const std::vector<std::string> candidates = run_kernels(graph, d_inputs, feeds, {});
        if (!every_candidate() || !row_.repeatable) return;
        for (const std::string& candidate : candidates) {
            INFO("candidate: ", candidate);
            run_kernels(graph, d_inputs, feeds, candidate);
        }
    }

private:
    // Returns the kernels that could have been chosen.
    std::vector<std::string> run_kernels(const Graph& graph, const Tensors& d_inputs,
                                         std::span<const Feed> feeds,
                                         const std::string& candidate) {
        Program program =
            test_device().compile(graph, {.guard_bytes = true, .candidate = candidate});
        program.run(feeds);
        std::vector<std::vector<double>> results;
        for (const Tensor& tensor : graph.outputs)
            results.push_back(read_doubles(program, tensor));
        program.check_guards();

        // An f32 tensor of the row's own (a table of positions, say) makes the result f32; integers
        // are counted, or compared.
        const DType result = graph.outputs[0].dtype();
        if (is_floating(storage_)) {
            CHECK((!is_floating(result) || result == storage_ || result == f32));
        } else {
            CHECK((result == storage_ || result == i32 || result == boolean));
        }
        check_close("y", results[0], expected_->values, widened(row_.forward, storage_));
        check_gradients(d_inputs, results);
        if (row_.repeatable) {
            program.run(feeds);
            for (std::size_t i = 0; i < results.size(); ++i) {
                const auto again = read_doubles(program, graph.outputs[i]);
                const bool same = std::memcmp(again.data(), results[i].data(),
                                              again.size() * sizeof(double)) == 0;
                CHECK_MESSAGE(same, "output " << i << " differs in a second run");
            }
        }
        return program.candidates();
    }

    bool wants_gradient(std::size_t input) const {
        return row_.has_gradient && is_floating(tensors_[input].dtype()) &&
               row_.inputs[input].differentiable;
    }

    std::vector<Tensor> add_gradient(Graph& graph, const Tensor& output) {
        std::vector<Tensor> wrt;
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            if (wants_gradient(i)) wrt.push_back(tensors_[i]);
        }
        if (wrt.empty()) return {};
        weight_values_ = values_for({.shape = output.shape(), .low = 0.5, .high = 1.5}, 99);
        for (std::size_t i = 1; i < weight_values_.size(); i += 2)
            weight_values_[i] *= -1;
        for (double& w : weight_values_)
            w = rounded(w, output.dtype());  // as d output is
        weights_ = ingot::input(output.shape(), f32, "weights");
        weights_host_.emplace(f32, weight_values_);
        const std::vector<Tensor> d_inputs = gradients(sum(output * weights_), wrt);
        for (const Tensor& d : d_inputs)
            graph.output(d);
        return d_inputs;
    }

    // The reference runs twice a place; in f32 all of them were looked at.
    std::size_t samples() const {
        return storage_ == f32 ? row_.samples : std::min<std::size_t>(row_.samples, 6);
    }

    // Central differences of the reference by an input, at the places that are looked at.
    std::vector<double> differences(std::size_t input) {
        std::vector<double> result;
        std::vector<double>& values = arrays_[input].values;
        for (const std::size_t at : sample_places(values.size(), samples())) {
            const double x = values[at];
            const double h = row_.step * std::max(1.0, std::abs(x));
            values[at] = x + h;
            const double above = weighted_sum(row_.reference(arrays_), weight_values_);
            values[at] = x - h;
            const double below = weighted_sum(row_.reference(arrays_), weight_values_);
            values[at] = x;
            result.push_back((above - below) / (2 * h));
        }
        return result;
    }

    void check_gradients(const std::vector<Tensor>& d_inputs,
                         const std::vector<std::vector<double>>& results) {
        std::size_t next = 0;
        differences_.resize(tensors_.size());
        for (std::size_t i = 0; i < tensors_.size(); ++i) {
            if (!wants_gradient(i)) continue;
            CHECK(d_inputs[next].shape() == row_.inputs[i].shape);
            const std::vector<double>& d_input = results[1 + next++];
            if (differences_[i].empty()) differences_[i] = differences(i);
            const auto places = sample_places(d_input.size(), samples());
            Worst worst;
            for (std::size_t k = 0; k < places.size(); ++k) {
                worst.look_at("d_input" + std::to_string(i), places[k], d_input[places[k]],
                              differences_[i][k], widened(row_.gradient, storage_));
            }
            CHECK_MESSAGE(worst.message.empty(), worst.message);
        }
    }

    const OpCase& row_;
    DType storage_;
    std::vector<HostValues> hosts_;
    Arrays arrays_;
    Tensors tensors_;
    std::optional<Array> expected_;
    Tensor weights_;
    std::vector<double> weight_values_;
    std::optional<HostValues> weights_host_;
    std::vector<std::vector<double>> differences_;  // by input; the same for every candidate
};

std::vector<std::string>& families() {
    static std::vector<std::string> names;
    return names;
}

}  // namespace

Array::Array(Shape of, double value)
    : shape(of), values(static_cast<std::size_t>(of.count()), value) {}

Array::Array(Shape of, std::vector<double> contents) : shape(of), values(std::move(contents)) {
    REQUIRE(static_cast<std::size_t>(shape.count()) == values.size());
}

std::vector<double> values_for(const OpInput& input, std::uint64_t seed) {
    if (!input.values.empty()) return input.values;
    RandomStream random(seed, 7);
    const auto count = static_cast<std::size_t>(input.shape.count());
    std::vector<double> values(count);
    if (input.distinct) {
        std::vector<std::uint32_t> order(count);
        std::iota(order.begin(), order.end(), 0u);
        shuffle(order, random);
        const double gap = (input.high - input.low) / static_cast<double>(count);
        for (std::size_t i = 0; i < count; ++i)
            values[i] = input.low + (order[i] + 0.5) * gap;
        return values;
    }
    for (double& value : values) {
        const double u = random.word() * 0x1p-32;
        if (!is_floating(input.dtype)) {
            value = std::floor(input.low + u * (input.high - input.low + 1));
            continue;
        }
        value = input.low + u * (input.high - input.low);
        for (const double kink : input.away_from) {
            if (std::abs(value - kink) < input.distance) {
                value = kink + (value < kink ? -input.distance : input.distance);
            }
        }
    }
    return values;
}

Device& test_device() {
    std::unique_ptr<Device>& slot = device_slot();
    if (visitor()) fail(ErrorKind::kNoDevice, "tests: graphs are visited, nothing runs");
    if (!slot) {
        const char* validation = std::getenv("INGOT_VALIDATION");
        const bool validated = validation != nullptr && std::string_view(validation) == "1";
        slot = std::make_unique<Device>(Device::pick({.validation = validated}));
    }
    return *slot;
}

// Messages of the validation layer are counted against the case that provoked them.
void check_validation() {
    static std::uint64_t seen = 0;
    const std::uint64_t messages = test_device().validation_messages();
    CHECK_MESSAGE(messages == seen, (messages - seen) << " messages of the validation layer");
    seen = messages;
}

void run_op_cases(const std::vector<OpCase>& cases) {
    const char* only = std::getenv("INGOT_CASE");
    const char* sampled = std::getenv("INGOT_ONE_ROW");
    const bool one_row = sampled != nullptr && std::string_view(sampled) == "1" && !visitor();
    std::set<DType> seen;
    for (const OpCase& row : cases) {
        if (one_row && &row != &cases[cases.size() / 2]) continue;
        if (only != nullptr && row.name.find(only) == std::string::npos) continue;
        for (const DType storage : {f32, f16, bf16, i32, u8, boolean}) {
            const bool narrow = storage == f16 || storage == bf16;
            const bool once = visitor() && storage != f32;
            if (!CaseRun::is_wanted(row, storage) || (once && seen.contains(storage))) continue;
            INFO("row: ", row.name, ", stored as ", std::string(to_string(storage)));
            try {
                CaseRun run(row, storage);
                if (narrow && !run.can_be_narrow()) continue;
                if (visitor()) {
                    visitor()(row.name, run.graph());
                } else {
                    run.run();
                }
                seen.insert(storage);
            } catch (const Error& error) {
                const std::string message =
                    std::string(to_string(error.kind())) + ": " + error.what();
                FAIL_CHECK(message);
            }
            if (!visitor()) check_validation();
        }
    }
}

std::vector<std::vector<float>> compute(const Tensors& outputs, std::span<const Feed> feeds) {
    std::vector<std::vector<float>> results;
    if (visitor()) {
        visitor()(kComputed, {.outputs = outputs});
        for (const Tensor& output : outputs)
            results.emplace_back(static_cast<std::size_t>(output.shape().count()));
        return results;
    }
    Program program = test_device().compile({.outputs = outputs}, {.guard_bytes = true});
    program.run(feeds);
    for (const Tensor& output : outputs)
        results.push_back(program.read_all<float>(output));
    program.check_guards();
    check_validation();
    return results;
}

void visit_tables(GraphVisitor function) {
    visitor() = std::move(function);
    doctest::Context context;
    context.setOption("reporters", "mute");
    context.run();
}

FamilyRegistration::FamilyRegistration(std::string_view family) {
    families().emplace_back(family);
}

const std::vector<std::string>& registered_families() {
    return families();
}

}  // namespace ingot::testing
