// SPDX-License-Identifier: MIT
// Fusion: pointwise operations join the group that makes one of their inputs, groups that meet in
// one join each other, and a reduction takes in the program that makes its input. A merge must keep
// the groups free of cycles, and inside a group every element may depend only on elements at its
// own index. Groups are then put in an order in which they can run.
#include "graph/cast.h"
#include "graph/group.h"
#include "graph/passes/program_builder.h"

#include "shaders/pointwise.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>

namespace ingot::graph {
namespace {

constexpr std::size_t kNowhere = ~std::size_t{0};

class Fuser {
public:
    Fuser(const Body& body, bool stores_narrow) : body_(body), stores_narrow_(stores_narrow) {
        producer_.assign(body.values.size(), kNowhere);
        spanned_.assign(body.operations.size(), 0);
        visited_.assign(body.operations.size(), 0);
        consumers_.resize(body.values.size());
        kept_.assign(body.values.size(), false);
        for (std::size_t i = 0; i < body.operations.size(); ++i) {
            section_begin_.emplace(body.operations[i].section, i);
            for (const Use& use : body.operations[i].inputs)
                consumers_[use.value].push_back(i);
            for (const ValueId value : body.operations[i].outputs)
                producer_[value] = i;
        }
        for (const BodyOutput& output : body.outputs)
            kept_[output.use.value] = true;
        read_back_ = kept_;
        for (const BodyUpdate& update : body.updates)
            kept_[update.value.value] = true;
    }

    std::vector<Group> run() {
        for (std::size_t i = 0; i < body_.operations.size(); ++i) {
            group_of_.push_back(i);
            groups_.push_back(single(i));
            if (is_pointwise(i)) join_producers(i);
        }
        for (std::size_t i = 0; i < body_.operations.size(); ++i) {
            if (body_.operations[i].def->fusion == Fusion::kPrologue) take_prologue(i);
        }
        join_small_groups();
        std::vector<Group> result;
        for (Group& group : groups_) {
            if (!group.operations.empty()) finish(std::move(group), result);
        }
        return in_order(std::move(result));
    }

private:
    bool is_pointwise(std::size_t operation) const {
        return body_.operations[operation].def->kind == OpKind::kPointwise;
    }

    // A copy in 32 bits beside the 16 that others read: it is left to run in front of the one
    // kernel that still reads it (read_narrow).
    bool widens(std::size_t operation) const {
        const Operation& op = body_.operations[operation];
        const ValueId from = op.inputs.empty() ? 0 : op.inputs[0].value;
        return op.def->name == "cast" && body_.values[op.outputs[0]].spec.dtype == f32 &&
               is_narrow_float(body_.values[from].spec.dtype) &&
               (kept_[from] || consumers_[from].size() > 1);
    }

    Group single(std::size_t operation) const {
        Group group;
        group.operations = {operation};
        const Operation& op = body_.operations[operation];
        if (!is_pointwise(operation)) group.anchor = operation;
        group.space = op.def->fusion == Fusion::kPrologue ? op.inputs[0].view.shape
                                                          : body_.values[op.outputs[0]].spec.shape;
        return group;
    }

    // Joins the groups that make the inputs of pointwise operation `consumer`, the latest first: it
    // is the likeliest to hold what would otherwise be stored and read again.
    void join_producers(std::size_t consumer) {
        if (stores_narrow_ && widens(consumer)) return;
        std::set<std::size_t, std::greater<>> makers;
        for (const Use& use : body_.operations[consumer].inputs) {
            const std::size_t maker = producer_[use.value];
            if (maker != kNowhere && is_whole(body_, use)) makers.insert(maker);
        }
        for (const std::size_t maker : makers) {
            const std::size_t from = group_of_[maker];
            const std::size_t to = group_of_[consumer];
            if (from != to) try_merge(from, to);
        }
    }

    // Pointwise groups over few elements cost a dispatch each and nothing else, so those of one
    // size run as one, even where none makes what another reads (an optimizer's scalars, running
    // averages).
    void join_small_groups() {
        constexpr std::int64_t kSmall = 1024;
        constexpr std::size_t kNeighbours = 16;  // looked at by each, so that time stays linear
        std::vector<std::size_t> small;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const bool pointwise = !groups_[g].operations.empty() && !groups_[g].anchor;
            if (pointwise && groups_[g].space.count() <= kSmall) small.push_back(g);
        }
        for (std::size_t i = 1; i < small.size(); ++i) {
            for (std::size_t j = i - std::min(i, kNeighbours); j < i; ++j) {
                if (groups_[small[j]].operations.empty()) continue;
                try_merge(small[j], small[i]);
            }
        }
    }

    void take_prologue(std::size_t reduction) {
        const Use& input = body_.operations[reduction].inputs[0];
        const std::size_t maker = producer_[input.value];
        if (maker == kNowhere || !is_whole(body_, input) || kept_[input.value]) return;
        const std::size_t from = group_of_[maker];
        if (groups_[from].anchor || consumers_[input.value].size() != 1) return;
        for (const std::size_t operation : groups_[from].operations) {
            for (const ValueId value : body_.operations[operation].outputs) {
                if (value != input.value && leaves(value, groups_[from])) return;
            }
        }
        try_merge(from, group_of_[reduction]);
    }

    bool try_merge(std::size_t from, std::size_t to) {
        if (from == to) return false;
        const Group& a = groups_[from];
        const Group& b = groups_[to];
        const bool prologue =
            b.anchor && body_.operations[*b.anchor].def->fusion == Fusion::kPrologue;
        if (a.anchor && b.anchor) return false;
        for (const Group* group : {&a, &b}) {
            if (!group->anchor) continue;
            const Fusion fusion = body_.operations[*group->anchor].def->fusion;
            if (fusion == Fusion::kNone) return false;
            if (fusion == Fusion::kPrologue && !(prologue && group == &b)) return false;
        }
        if (a.space.count() != b.space.count()) return false;
        const std::size_t operations = a.operations.size() + b.operations.size();
        if (operations > shaders::kPointwiseInstructions + 1) return false;

        Group merged;
        merged.anchor = a.anchor ? a.anchor : b.anchor;
        merged.space = a.anchor ? a.space : b.space;
        std::merge(a.operations.begin(), a.operations.end(), b.operations.begin(),
                   b.operations.end(), std::back_inserter(merged.operations));
        if (!elementwise_inside(merged) || reaches_before_a_section(merged)) return false;
        const auto program = build_program(
            body_, merged,
            [&](ValueId value) { return kept_[value] || leaves_for_good(value, merged); },
            stores_narrow_);
        if (!program || program->outputs.size() > shaders::kPointwiseOutputs) return false;
        if (makes_cycle(from, to)) return false;
        for (const std::size_t operation : a.operations)
            group_of_[operation] = to;
        count_span(a, -1);
        count_span(b, -1);
        count_span(merged, 1);
        groups_[to] = std::move(merged);
        groups_[from] = Group{};
        return true;
    }

    // A value that a section computes again must not be computed, and kept, before the section.
    bool reaches_before_a_section(const Group& group) const {
        return std::any_of(group.operations.begin(), group.operations.end(), [&](std::size_t i) {
            const std::uint64_t section = body_.operations[i].section;
            return section != 0 && group.operations.front() < section_begin_.at(section);
        });
    }

    // Whether every use of a value made in the group is at the element's own index, and the anchor
    // reads none of them unless a program is its prologue.
    bool elementwise_inside(const Group& group) const {
        const std::set<std::size_t> members(group.operations.begin(), group.operations.end());
        for (const std::size_t operation : group.operations) {
            const Operation& op = body_.operations[operation];
            for (std::size_t i = 0; i < op.inputs.size(); ++i) {
                const std::size_t maker = producer_[op.inputs[i].value];
                if (maker == kNowhere || !members.contains(maker)) continue;
                if (!is_whole(body_, op.inputs[i])) return false;
                if (body_.operations[maker].outputs[0] != op.inputs[i].value) return false;
                const bool taken = op.def->fusion == Fusion::kPrologue && i == 0;
                if (operation == group.anchor && !taken) return false;
            }
        }
        return true;
    }

    // Whether a path leads from one of the groups to the other through a third.
    bool makes_cycle(std::size_t a, std::size_t b) { return reaches(a, b) || reaches(b, a); }

    bool reaches(std::size_t from, std::size_t to) {
        const std::size_t begin = begin_of_what_may_read(from);
        std::vector<std::size_t> open;
        visited_[to] = ++round_;
        const auto visit_makers = [&](std::size_t group) {
            for (const std::size_t operation : groups_[group].operations) {
                for (const Use& use : body_.operations[operation].inputs) {
                    const std::size_t maker = producer_[use.value];
                    if (maker == kNowhere) continue;
                    const std::size_t next = group_of_[maker];
                    const bool direct = group == to && next == from;
                    if (direct || visited_[next] == round_) continue;
                    if (groups_[next].operations.back() < begin) continue;
                    visited_[next] = round_;
                    open.push_back(next);
                }
            }
        };
        visit_makers(to);
        while (!open.empty()) {
            const std::size_t group = open.back();
            open.pop_back();
            if (group == from) return true;
            visit_makers(group);
        }
        return false;
    }

    // The last place at or before the group's first operation that no group spans: what lies before
    // it cannot depend on the group, so that a search need not go there.
    std::size_t begin_of_what_may_read(std::size_t group) const {
        std::size_t begin = groups_[group].operations.front();
        while (begin > 0 && spanned_[begin - 1] > 0)
            --begin;
        return begin;
    }

    void count_span(const Group& group, int change) {
        for (std::size_t i = group.operations.front(); i < group.operations.back(); ++i)
            spanned_[i] += change;
    }

    bool leaves(ValueId value, const Group& group) const {
        if (kept_[value]) return true;
        return std::any_of(consumers_[value].begin(), consumers_[value].end(),
                           [&](std::size_t consumer) { return !holds(group, consumer); });
    }

    // A consumer that has not been looked at yet may still join.
    bool leaves_for_good(ValueId value, const Group& group) const {
        return std::any_of(consumers_[value].begin(), consumers_[value].end(),
                           [&](std::size_t consumer) {
                               return consumer < group_of_.size() && !holds(group, consumer);
                           });
    }

    static bool holds(const Group& group, std::size_t operation) {
        return std::binary_search(group.operations.begin(), group.operations.end(), operation);
    }

    // Writes the program, splitting a group that turned out to store too many values.
    void finish(Group group, std::vector<Group>& result) const {
        const Operation* anchor = group.anchor_in(body_);
        if (anchor != nullptr && anchor->def->fusion == Fusion::kNone) {
            result.push_back(std::move(group));
            return;
        }
        const auto program = build_program(
            body_, group, [&](ValueId value) { return leaves(value, group); }, stores_narrow_);
        if (program && program->outputs.size() <= shaders::kPointwiseOutputs) {
            group.program = *program;
            result.push_back(std::move(group));
            return;
        }
        if (group.operations.size() == 1) {
            const Operation& op = body_.operations[group.operations[0]];
            fail(ErrorKind::kUnsupported,
                 "{}: an operand of {} has more axes than a kernel follows", op.def->name,
                 to_string(group.space));
        }
        const auto half = static_cast<std::ptrdiff_t>(group.operations.size() / 2);
        const auto middle = group.operations.begin() + half;
        for (const auto& [begin, end] : {std::pair(group.operations.begin(), middle),
                                         std::pair(middle, group.operations.end())}) {
            Group part;
            part.operations.assign(begin, end);
            if (group.anchor && holds(part, *group.anchor)) part.anchor = group.anchor;
            part.space = part.anchor ? group.space : single(part.operations.back()).space;
            finish(std::move(part), result);
        }
    }

    // Whether nothing but updates comes of the group's program.
    bool only_updates(const Group& group) const {
        const auto& outputs = group.program.outputs;
        return !outputs.empty() &&
               std::all_of(outputs.begin(), outputs.end(), [&](const ProgramOutput& out) {
                   return consumers_[out.value].empty() && !read_back_[out.value];
               });
    }

    // The place in the order of writing: a kernel's own. What runs behind it may be written much
    // later, an update at the end of the step, and must not hold it up and keep alive what it
    // reads.
    std::size_t place_of(const Group& group) const {
        return group.anchor ? *group.anchor : group.operations.back();
    }

    bool reports(const Group& group) const {
        const Operation* anchor = group.anchor_in(body_);
        return anchor != nullptr && anchor->def->reports;
    }

    // Kahn's order; of the groups that could run next, the one that was written first. Pointwise
    // groups that only update wait until the step can no longer find its data at fault, so that
    // they may write in place.
    std::vector<Group> in_order(std::vector<Group> groups) const {
        std::vector<std::size_t> owner(body_.operations.size());
        for (std::size_t g = 0; g < groups.size(); ++g) {
            for (const std::size_t operation : groups[g].operations)
                owner[operation] = g;
        }
        std::vector<std::set<std::size_t>> next(groups.size());
        std::vector<std::size_t> waits_for(groups.size(), 0);
        for (std::size_t g = 0; g < groups.size(); ++g) {
            for (const std::size_t operation : groups[g].operations) {
                for (const Use& use : body_.operations[operation].inputs) {
                    const std::size_t maker = producer_[use.value];
                    if (maker == kNowhere || owner[maker] == g) continue;
                    if (next[owner[maker]].insert(g).second) ++waits_for[g];
                }
            }
        }
        using Entry = std::pair<std::size_t, std::size_t>;  // place, group
        std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready;
        std::vector<std::size_t> held;
        auto reports_left = std::count_if(groups.begin(), groups.end(),
                                          [&](const Group& group) { return reports(group); });
        const auto may_run = [&](std::size_t g) {
            if (reports_left > 0 && !groups[g].anchor && only_updates(groups[g])) {
                held.push_back(g);
            } else {
                ready.emplace(place_of(groups[g]), g);
            }
        };
        for (std::size_t g = 0; g < groups.size(); ++g) {
            if (waits_for[g] == 0) may_run(g);
        }
        std::vector<Group> ordered;
        while (!ready.empty()) {
            const std::size_t g = ready.top().second;
            ready.pop();
            if (reports(groups[g]) && --reports_left == 0) {
                for (const std::size_t waiting : std::exchange(held, {}))
                    may_run(waiting);
            }
            for (const std::size_t n : next[g]) {
                if (--waits_for[n] == 0) may_run(n);
            }
            ordered.push_back(std::move(groups[g]));
        }
        INGOT_CHECK(ordered.size() == groups.size());
        return ordered;
    }

    const Body& body_;
    const bool stores_narrow_;
    std::vector<std::size_t> producer_;                   // value -> operation
    std::vector<std::vector<std::size_t>> consumers_;     // value -> operations
    std::vector<bool> read_back_;                         // values that are outputs of the step
    std::vector<bool> kept_;                              // ... or new contents of a state
    std::map<std::uint64_t, std::size_t> section_begin_;  // section -> first operation
    std::vector<std::size_t> group_of_;                   // operation -> group
    std::vector<Group> groups_;                           // by one of their operations
    std::vector<int> spanned_;          // groups with operations both up to this one and behind it
    std::vector<std::size_t> visited_;  // by group: the last search that came by
    std::size_t round_ = 0;
};

template <typename Range>
void add_new(std::vector<ValueId>& values, const Range& range) {
    for (const ValueId value : range) {
        if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
    }
}

}  // namespace

std::vector<ValueId> Group::reads(const Body& body) const {
    std::vector<ValueId> values;
    if (const Operation* op = anchor_in(body)) {
        for (std::size_t i = 0; i < op->inputs.size(); ++i) {
            if (op->def->fusion == Fusion::kPrologue && i == 0) continue;
            add_new(values, std::array{op->inputs[i].value});
        }
    }
    for (const ProgramInput& input : program.inputs) {
        if (input.access != shaders::kAccessValue) add_new(values, std::array{input.use.value});
    }
    return values;
}

std::vector<ValueId> Group::writes(const Body& body) const {
    std::vector<ValueId> values;
    if (const Operation* op = anchor_in(body)) {
        for (std::size_t i = 0; i < op->outputs.size(); ++i) {
            if (op->def->fusion == Fusion::kEpilogue && i == 0) continue;
            add_new(values, std::array{op->outputs[i]});
        }
    }
    for (const ProgramOutput& output : program.outputs)
        add_new(values, std::array{output.value});
    return values;
}

std::vector<Group> fuse(const Body& body, bool stores_narrow) {
    return Fuser(body, stores_narrow).run();
}

}  // namespace ingot::graph
