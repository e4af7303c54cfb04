// SPDX-License-Identifier: MIT
// Optimizer: its groups, learning rates and state. Parameters are laid out once, when they are
// first seen; every later graph updates the same slabs and the same state.
#include "optim/optimizer.h"

#include "core/check.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ingot::optim {
namespace {

Parameter counter(const std::string& name, double initial = 0) {
    const float value = static_cast<float>(initial);
    return Parameter(HostTensor::of(name, {1}, std::span(&value, 1)),
                     {.name = name, .trainable = false});
}

bool contains(const std::vector<Parameter>& parameters, const Parameter& parameter) {
    return std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
}

}  // namespace

void check_option(const char* optimizer, const char* option, double value) {
    if (!std::isfinite(value) || value < 0) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, below 0 or not finite", optimizer, option,
             value);
    }
}

void check_finite(const char* optimizer, const char* option, double value) {
    if (!std::isfinite(value)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not finite", optimizer, option, value);
    }
}

void check_share(const char* optimizer, const char* option, double value) {
    if (!(value >= 0 && value < 1)) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [0, 1)", optimizer, option, value);
    }
}

bool SlabWithState::holds(const Parameter& parameter) const {
    return contains(slab.parameters(), parameter);
}

bool Optimizer::Impl::holds(const Parameter& parameter) const {
    bool found = false;
    each_slab([&](const SlabWithState& entry) { found = found || entry.holds(parameter); });
    return found;
}

std::size_t Optimizer::Impl::group_of(const Parameter& parameter) const {
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (contains(groups[g].named, parameter)) return g;
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
        if (groups[g].named.empty() && groups[g].rule->takes(parameter)) return g;
    }
    fail(ErrorKind::kInvalidArgument, "{}: is not for parameter '{}' {}", name, parameter.name(),
         to_string(parameter.spec()));
}

const GroupOfSlabs& Optimizer::Impl::group(std::size_t index) const {
    if (index >= groups.size()) {
        fail(ErrorKind::kInvalidArgument, "{}: there is no group {}, only {} of them", name, index,
             groups.size());
    }
    return groups[index];
}

void Optimizer::Impl::add(std::vector<Parameter> parameters, Group group,
                          const GroupOptions& of_group) {
    const std::string rule_name = group.rule->name();
    check_option(rule_name.c_str(), "lr", group.lr);
    check_option(rule_name.c_str(), "l1", of_group.l1);
    check_option(rule_name.c_str(), "max_norm", of_group.max_norm);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const Parameter& parameter = parameters[i];
        if (!parameter) fail(ErrorKind::kInvalidArgument, "{}: an empty Parameter", rule_name);
        if (!group.rule->takes(parameter)) {
            fail(ErrorKind::kInvalidArgument, "{}: is not for parameter '{}' {}", rule_name,
                 parameter.name(), to_string(parameter.spec()));
        }
        const bool twice =
            std::find(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(i),
                      parameter) != parameters.begin() + static_cast<std::ptrdiff_t>(i);
        const bool elsewhere = std::any_of(groups.begin(), groups.end(), [&](const auto& other) {
            return contains(other.named, parameter);
        });
        if (twice || elsewhere) {
            fail(ErrorKind::kInvalidArgument, "{}: parameter '{}' is in a group already", rule_name,
                 parameter.name());
        }
        if (holds(parameter)) {
            fail(ErrorKind::kInvalidArgument,
                 "{}: parameter '{}' was laid out before; add groups before the first minimize()",
                 rule_name, parameter.name());
        }
    }
    const bool taken = std::any_of(groups.begin(), groups.end(),
                                   [&](const auto& other) { return other.prefix == rule_name; });
    GroupOfSlabs added{
        .rule = std::move(group.rule),
        .options = of_group,
        .prefix = taken ? fmt::format("{}.group{}", rule_name, groups.size()) : rule_name,
        .named = std::move(parameters),
        .learning_rate = Scalar(static_cast<float>(group.lr), "learning_rate"),
        .exact_learning_rate = group.lr,
        .initial_learning_rate = group.lr,
        .shared = {},
        .slabs = {}};
    for (const StateName& shared : added.rule->shared_names())
        added.shared.push_back(counter(added.prefix + "." + shared.name, shared.initial));
    groups.push_back(std::move(added));
}

void Optimizer::Impl::adopt(std::span<const Parameter> parameters) {
    std::vector<std::vector<Parameter>> fresh(groups.size());
    for (const Parameter& parameter : parameters) {
        if (!holds(parameter)) fresh[group_of(parameter)].push_back(parameter);
    }
    for (std::size_t g = 0; g < groups.size(); ++g) {
        GroupOfSlabs& group = groups[g];
        for (ParameterSlab& slab : ParameterSlab::gather(fresh[g])) {
            const auto named = [&](const std::string& state) {
                return fmt::format("{}.{}.{}", group.prefix, state, group.slabs.size());
            };
            SlabWithState entry{slab, group.rule->make_state(slab, named), {}, {}};
            if (options.accumulate > 1) entry.gradient_sum = slab.like(named("gradient_sum"));
            if (options.ema_decay > 0) {
                entry.average = slab.like(named("average"));
                entry.average.write(slab.parameter().read());
            }
            group.slabs.push_back(std::move(entry));
        }
    }
}

std::vector<Optimizer::Group> Optimizer::one(double lr, std::unique_ptr<Rule> rule) {
    std::vector<Group> groups;
    groups.push_back({lr, std::move(rule)});
    return groups;
}

Optimizer::Optimizer(std::vector<Group> defaults, const StepOptions& options)
    : impl_(std::make_shared<Impl>()) {
    impl_->options = options;
    impl_->name = defaults.front().rule->name();
    const char* name = impl_->name.c_str();
    check_option(name, "clip_value", options.clip_value);
    check_option(name, "clip_norm", options.clip_norm);
    check_share(name, "ema_decay", options.ema_decay);
    if (options.accumulate < 1 || options.accumulate > 1'000'000) {
        fail(ErrorKind::kInvalidArgument, "{}: accumulate is {}, not in 1..1000000", name,
             options.accumulate);
    }
    for (Group& group : defaults)
        impl_->add({}, std::move(group), options.others);
    if (options.accumulate > 1) impl_->micro_batch = counter(impl_->name + ".micro_batch");
    if (options.ema_decay > 0) impl_->averaged = counter(impl_->name + ".averaged");
}

void Optimizer::add(std::vector<Parameter> parameters, Group group, const GroupOptions& options) {
    if (parameters.empty()) {
        fail(ErrorKind::kInvalidArgument, "{}: a group without parameters", impl_->name);
    }
    impl_->add(std::move(parameters), std::move(group), options);
}

void Optimizer::adopt(std::span<const Parameter> parameters) {
    impl_->adopt(parameters);
}

std::size_t Optimizer::group_count() const {
    return impl_->groups.size();
}

void Optimizer::set_learning_rate(double rate, std::size_t group) {
    impl_->group(group);
    check_option(impl_->name.c_str(), "lr", rate);
    impl_->groups[group].exact_learning_rate = rate;
    impl_->groups[group].learning_rate.set(static_cast<float>(rate));
}

double Optimizer::learning_rate(std::size_t group) const {
    return impl_->group(group).exact_learning_rate;
}

double Optimizer::initial_learning_rate(std::size_t group) const {
    return impl_->group(group).initial_learning_rate;
}

std::int64_t Optimizer::accumulate() const {
    return impl_->options.accumulate;
}

void Optimizer::set_loss_scaler(std::optional<LossScaler> scaler) {
    impl_->options.loss_scaler = std::move(scaler);
}

const std::optional<LossScaler>& Optimizer::loss_scaler() const {
    return impl_->options.loss_scaler;
}

std::vector<Parameter> Optimizer::state() const {
    std::vector<Parameter> result;
    for (const GroupOfSlabs& group : impl_->groups)
        result.insert(result.end(), group.shared.begin(), group.shared.end());
    const auto add = [&](const Parameter& parameter) {
        if (parameter) result.push_back(parameter);
    };
    add(impl_->micro_batch);
    add(impl_->averaged);
    impl_->each_slab([&](const SlabWithState& entry) {
        result.insert(result.end(), entry.state.begin(), entry.state.end());
        add(entry.gradient_sum);
        add(entry.average);
    });
    if (impl_->options.loss_scaler) {
        for (const Parameter& parameter : impl_->options.loss_scaler->state())
            add(parameter);
    }
    return result;
}

void Optimizer::reset() {
    for (std::size_t g = 0; g < impl_->groups.size(); ++g) {
        GroupOfSlabs& group = impl_->groups[g];
        set_learning_rate(group.initial_learning_rate, g);
        const std::vector<StateName> names = group.rule->shared_names();
        for (std::size_t i = 0; i < names.size(); ++i)
            group.shared[i].write(counter(names[i].name, names[i].initial).read());
        for (SlabWithState& entry : group.slabs) {
            // Made once more, since nobody keeps what they began with.
            const auto fresh =
                group.rule->make_state(entry.slab, [](const std::string& name) { return name; });
            for (std::size_t i = 0; i < fresh.size(); ++i)
                entry.state[i].write(fresh[i].read());
            if (entry.gradient_sum) entry.gradient_sum.write(entry.slab.like("zeros").read());
            if (entry.average) entry.average.write(entry.slab.parameter().read());
        }
    }
    if (impl_->micro_batch) impl_->micro_batch.write(counter("zero").read());
    if (impl_->averaged) impl_->averaged.write(counter("zero").read());
    if (impl_->options.loss_scaler) impl_->options.loss_scaler->reset();
}

const std::string& Optimizer::name() const {
    return impl_->name;
}

std::vector<HostTensor> Optimizer::averages() const {
    if (!impl_->averaged) {
        fail(ErrorKind::kInvalidArgument, "{}: keeps no averages: ema_decay is 0", impl_->name);
    }
    std::vector<HostTensor> result;
    impl_->each_slab([&](const SlabWithState& entry) {
        const HostTensor flat = entry.average.read();
        const auto& parameters = entry.slab.parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            HostTensor part = HostTensor::zeros(parameters[i].name(), parameters[i].shape());
            const auto from = static_cast<std::size_t>(entry.slab.offset(i)) * sizeof(float);
            std::memcpy(part.data.data(), flat.data.data() + from, part.data.size());
            result.push_back(std::move(part));
        }
    });
    return result;
}

void Optimizer::swap_averages() {
    if (!impl_->averaged) {
        fail(ErrorKind::kInvalidArgument, "{}: keeps no averages: ema_decay is 0", impl_->name);
    }
    impl_->each_slab([](const SlabWithState& entry) {
        Parameter weights = entry.slab.parameter();
        Parameter average = entry.average;
        const HostTensor kept = weights.read();
        weights.write(average.read());
        average.write(kept);
    });
}

}  // namespace ingot::optim
