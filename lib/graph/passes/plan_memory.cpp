// SPDX-License-Identifier: MIT
#include "graph/memory_plan.h"

#include "shaders/pointwise.h"

#include <algorithm>
#include <map>

namespace ingot::graph {
namespace {

constexpr std::size_t kNowhere = ~std::size_t{0};

// Values that share memory: one allocation of the arena, alive from group `first` to group `last`.
struct Block {
    std::uint64_t size_bytes = 0;
    std::size_t first = kNowhere;
    std::size_t last = 0;
    std::uint64_t offset_bytes = 0;
    std::string name;
};

class Planner {
public:
    Planner(const Body& body, std::vector<Group>& groups,
            const std::vector<std::vector<std::uint64_t>>& scratch_bytes, bool guarded)
        : body_(body), groups_(groups), scratch_bytes_(scratch_bytes), guarded_(guarded) {
        const std::size_t count = body.values.size();
        plan_.values.resize(count);
        block_of_.assign(count, kNowhere);
        offset_in_block_.assign(count, 0);
        born_.assign(count, kNowhere);
        dies_.assign(count, 0);
    }

    MemoryPlan run() {
        place_leaves();
        find_lifetimes();
        find_last_report();
        for (std::size_t g = 0; g < groups_.size(); ++g)
            place_parts(g);
        for (const BodyUpdate& update : body_.updates)
            place_update(update);
        make_blocks();
        add_scratch();
        if (guarded_) separate_blocks();
        assign_offsets();
        return std::move(plan_);
    }

private:
    std::uint64_t bytes(ValueId value) const { return size_bytes_of(body_.values[value].spec); }

    void place_leaves() {
        for (ValueId id = 0; id < body_.values.size(); ++id) {
            const Value& value = body_.values[id];
            Placement& place = plan_.values[id];
            place.size_bytes = bytes(id);
            switch (value.kind) {
                case ValueKind::kComputed: break;
                case ValueKind::kInput:
                case ValueKind::kScalar: append(place, Region::kInputs, plan_.inputs_bytes); break;
                case ValueKind::kConstant:
                    append(place, Region::kConstants, plan_.constants_bytes);
                    break;
                case ValueKind::kState:
                    place.region = Region::kState;
                    place.slab = slab_of(value.state);
                    place.offset_bytes = value.state->offset_bytes;
                    break;
            }
        }
    }

    static void append(Placement& place, Region region, std::uint64_t& total) {
        place.region = region;
        place.offset_bytes = total;
        total += align_up(place.size_bytes);
    }

    void find_lifetimes() {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            for (const ValueId value : groups_[g].writes(body_)) {
                born_[value] = g;
                dies_[value] = std::max(dies_[value], g);
            }
            for (const ValueId value : groups_[g].reads(body_)) {
                dies_[value] = std::max(dies_[value], g);
            }
        }
        for (const BodyOutput& output : body_.outputs)
            dies_[output.use.value] = groups_.size();
    }

    void find_last_report() {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            const Operation* anchor = groups_[g].anchor_in(body_);
            if (anchor != nullptr && anchor->def->reports) first_update_ = g + 1;
        }
    }

    bool is_free(ValueId value) const {
        return body_.values[value].kind == ValueKind::kComputed && born_[value] != kNowhere &&
               plan_.values[value].region == Region::kNone && block_of_[value] == kNowhere;
    }

    // A concatenation: its inputs are computed where the output lies.
    void place_parts(std::size_t g) {
        const Operation* op = groups_[g].anchor_in(body_);
        if (op == nullptr || op->def->layout == nullptr) return;
        const std::vector<std::uint64_t> offsets = op->def->layout(op->attributes);
        const ValueId whole = op->outputs[0];
        std::size_t block = kNowhere;
        if (op->def->holder != nullptr) {
            const auto state = op->def->holder(op->attributes);
            plan_.values[whole].region = Region::kState;
            plan_.values[whole].slab = slab_of(state);
            plan_.values[whole].offset_bytes = state->offset_bytes;
        } else {
            block = blocks_.size();
            blocks_.push_back(
                {align_up(bytes(whole)), born_[whole], dies_[whole], 0, body_.values[whole].name});
            block_of_[whole] = block;
        }
        for (std::size_t i = 0; i < op->inputs.size(); ++i) {
            const Use& part = op->inputs[i];
            Placement place = plan_.values[whole];
            place.offset_bytes += offsets[i];
            place.size_bytes = static_cast<std::uint64_t>(part.view.shape.count()) *
                               size_bytes_of(body_.values[part.value].spec.dtype);
            if (!is_whole(body_, part) || !is_free(part.value)) {
                plan_.copies.push_back({part, place, g, false});
                if (block != kNowhere) pending_.emplace_back(plan_.copies.size() - 1, whole);
            } else if (block == kNowhere) {
                plan_.values[part.value] = place;
            } else {
                block_of_[part.value] = block;
                offset_in_block_[part.value] = offsets[i];
                blocks_[block].first = std::min(blocks_[block].first, born_[part.value]);
                blocks_[block].last = std::max(blocks_[block].last, dies_[part.value]);
            }
        }
    }

    // Whether nothing reads the old contents once group `g` writes the new ones: earlier groups
    // may, and `g` itself at each element's own index.
    bool may_overwrite(const State& target, std::size_t g) const {
        for (ValueId id = 0; id < body_.values.size(); ++id) {
            const Value& value = body_.values[id];
            if (value.kind != ValueKind::kState || !overlap(*value.state, target)) continue;
            if (dies_[id] > g) return false;
            for (const ProgramInput& input : groups_[g].program.inputs) {
                if (input.use.value != id) continue;
                const bool own_index = input.access == shaders::kAccessSame &&
                                       input.use.view.offset == 0 &&
                                       value.state->offset_bytes == target.offset_bytes;
                if (!own_index) return false;
            }
        }
        return true;
    }

    void place_update(const BodyUpdate& update) {
        const ValueId value = update.value.value;
        Placement place{Region::kState, slab_of(update.target), update.target->offset_bytes,
                        bytes(value)};
        const std::size_t g = born_[value];
        const bool taken =
            std::any_of(plan_.copies.begin(), plan_.copies.end(), [&](const auto& c) {
                return c.updates_state && c.to.slab == place.slab &&
                       c.to.offset_bytes == place.offset_bytes;
            });
        const bool in_time = g >= first_update_ && !groups_[g].anchor;
        if (in_time && !taken && is_free(value) && may_overwrite(*update.target, g)) {
            plan_.values[value] = place;
            groups_[g].updates_state = true;
        } else {
            dies_[value] = groups_.size();
            plan_.copies.push_back({update.value, place, groups_.size(), true});
        }
    }

    void make_blocks() {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            for (const ValueId value : groups_[g].writes(body_)) {
                if (!is_free(value)) continue;
                if (const auto block = block_to_take_over(g, value)) {
                    block_of_[value] = *block;
                    blocks_[*block].last = std::max(blocks_[*block].last, dies_[value]);
                } else {
                    block_of_[value] = blocks_.size();
                    blocks_.push_back(
                        {align_up(bytes(value)), g, dies_[value], 0, body_.values[value].name});
                }
            }
        }
    }

    // Memory of an input that is read for the last time here, at each element's own index.
    std::optional<std::size_t> block_to_take_over(std::size_t g, ValueId output) const {
        const Group& group = groups_[g];
        const bool stored_by_program =
            std::any_of(group.program.outputs.begin(), group.program.outputs.end(),
                        [&](const ProgramOutput& out) { return out.value == output; });
        if (!stored_by_program) return std::nullopt;
        for (const ProgramInput& input : group.program.inputs) {
            const ValueId value = input.use.value;
            if (input.access != shaders::kAccessSame || !is_whole(body_, input.use)) continue;
            const std::size_t block = block_of_[value];
            if (block == kNowhere || offset_in_block_[value] != 0) continue;
            const Operation* anchor = group.anchor_in(body_);
            const bool read_by_anchor =
                anchor != nullptr &&
                std::any_of(anchor->inputs.begin(), anchor->inputs.end(),
                            [&](const Use& use) { return block_of_[use.value] == block; });
            const bool read_otherwise = std::any_of(
                group.program.inputs.begin(), group.program.inputs.end(), [&](const auto& other) {
                    return block_of_[other.use.value] == block &&
                           (other.access != shaders::kAccessSame || other.use.value != value ||
                            !is_whole(body_, other.use));
                });
            if (!read_by_anchor && !read_otherwise && blocks_[block].last == g &&
                bytes(value) == bytes(output) &&
                blocks_[block].size_bytes == align_up(bytes(output)) &&
                size_bytes_of(body_.values[value].spec.dtype) ==
                    size_bytes_of(body_.values[output].spec.dtype)) {
                return block;
            }
        }
        return std::nullopt;
    }

    void add_scratch() {
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            for (const std::uint64_t size : scratch_bytes_[g]) {
                scratch_.emplace_back(g, blocks_.size());
                blocks_.push_back({align_up(size), g, g, 0, fmt::format("scratch of group {}", g)});
            }
        }
    }

    void separate_blocks() {
        for (Block& block : blocks_) {
            block.first = 0;
            block.last = groups_.size();
            block.size_bytes += 2 * kAlignmentBytes;
        }
    }

    // Before and after each block, and between the end of a value and its aligned size.
    void add_guards() {
        for (const Block& block : blocks_) {
            const std::uint64_t end = block.offset_bytes + block.size_bytes;
            plan_.guards.push_back({block.offset_bytes, kAlignmentBytes, block.name});
            plan_.guards.push_back({end - kAlignmentBytes, kAlignmentBytes, block.name});
        }
        for (ValueId value = 0; value < body_.values.size(); ++value) {
            if (block_of_[value] == kNowhere) continue;
            const std::uint64_t used = align_up(bytes(value), 4);
            const std::uint64_t slack = align_up(used) - used;
            const std::uint64_t end = plan_.values[value].offset_bytes + used;
            if (slack > 0) plan_.guards.push_back({end, slack, body_.values[value].name});
        }
    }

    // The largest first, each at the lowest offset where no block alive at the same time lies.
    void assign_offsets() {
        std::vector<std::size_t> order(blocks_.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return blocks_[a].size_bytes > blocks_[b].size_bytes;
        });
        std::vector<std::size_t> placed;  // by offset
        for (const std::size_t index : order) {
            Block& block = blocks_[index];
            std::uint64_t offset = 0;
            for (const std::size_t other_index : placed) {
                const Block& other = blocks_[other_index];
                if (other.first > block.last || block.first > other.last) continue;
                if (offset + block.size_bytes <= other.offset_bytes) break;
                offset = std::max(offset, other.offset_bytes + other.size_bytes);
            }
            block.offset_bytes = offset;
            plan_.arena_bytes = std::max(plan_.arena_bytes, offset + block.size_bytes);
            placed.insert(std::upper_bound(placed.begin(), placed.end(), index,
                                           [&](std::size_t a, std::size_t b) {
                                               return blocks_[a].offset_bytes <
                                                      blocks_[b].offset_bytes;
                                           }),
                          index);
            plan_.holders.push_back({block.name, block.size_bytes});
        }
        const std::uint64_t guard = guarded_ ? kAlignmentBytes : 0;
        for (ValueId value = 0; value < body_.values.size(); ++value) {
            if (block_of_[value] == kNowhere) continue;
            plan_.values[value].region = Region::kArena;
            plan_.values[value].offset_bytes =
                blocks_[block_of_[value]].offset_bytes + guard + offset_in_block_[value];
        }
        for (const auto& [copy, whole] : pending_) {
            plan_.copies[copy].to.region = Region::kArena;
            plan_.copies[copy].to.offset_bytes += plan_.values[whole].offset_bytes;
        }
        plan_.scratch_offsets.resize(groups_.size());
        for (const auto& [g, block] : scratch_) {
            plan_.scratch_offsets[g].push_back(blocks_[block].offset_bytes + guard);
        }
        if (guarded_) add_guards();
    }

    const Body& body_;
    std::vector<Group>& groups_;
    const std::vector<std::vector<std::uint64_t>>& scratch_bytes_;
    const bool guarded_;
    MemoryPlan plan_;
    std::vector<Block> blocks_;
    std::vector<std::size_t> block_of_;           // by value
    std::vector<std::uint64_t> offset_in_block_;  // by value
    std::vector<std::size_t> born_, dies_;        // groups, by value
    std::size_t first_update_ = 0;                // the group from which on states may be written
    std::vector<std::pair<std::size_t, ValueId>> pending_;      // copies into a block of the arena
    std::vector<std::pair<std::size_t, std::size_t>> scratch_;  // group, block
};

}  // namespace

MemoryPlan plan_memory(const Body& body, std::vector<Group>& groups,
                       const std::vector<std::vector<std::uint64_t>>& scratch_bytes,
                       bool guard_bytes) {
    return Planner(body, groups, scratch_bytes, guard_bytes).run();
}

}  // namespace ingot::graph
