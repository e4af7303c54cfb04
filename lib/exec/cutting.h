// SPDX-License-Identifier: MIT
// Where a long step is cut into submissions, so that none holds the device longer than the budget.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ingot::exec {

// What a dispatch takes. It may be cut between any two of its `groups`; 1: nowhere.
struct Work {
    double ns = 0;
    std::uint32_t groups = 1;
};

// A piece ends before this group of this dispatch, and the next begins with it.
struct Cut {
    std::size_t dispatch = 0;
    std::uint32_t group = 0;

    bool operator==(const Cut&) const = default;
};

// The cuts in ascending order: {} when one piece is enough. A dispatch that is longer than the
// budget is cut into equal parts, as far as it can be; others are not.
std::vector<Cut> cut(std::span<const Work> work, double budget_ns);

// What each of the pieces takes if the groups of a dispatch take equally long.
std::vector<double> times_of_pieces(std::span<const Work> work, std::span<const Cut> cuts);

// The other way round: what each dispatch takes, by what the pieces took. Dispatches share the time
// of their piece as `work` says.
std::vector<double> times_of_dispatches(std::span<const Work> work, std::span<const Cut> cuts,
                                        std::span<const double> piece_ns);

// The axis along which a dispatch is cut: the last with more than one group, since kernels that
// fold many groups into two axes count those of the first.
std::size_t axis_to_cut(const std::array<std::uint32_t, 3>& groups);

}  // namespace ingot::exec
