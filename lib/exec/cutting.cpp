// SPDX-License-Identifier: MIT
#include "exec/cutting.h"

#include <algorithm>
#include <cmath>

namespace ingot::exec {
namespace {

// Calls visit(piece, dispatch, share) for each part of a dispatch that lies in one piece.
template <typename Visit>
void for_each_part(std::span<const Work> work, std::span<const Cut> cuts, Visit visit) {
    std::size_t piece = 0;
    for (std::size_t i = 0; i < work.size(); ++i) {
        std::uint32_t first = 0;
        for (; piece < cuts.size() && cuts[piece].dispatch == i; ++piece) {
            if (cuts[piece].group == first) continue;
            visit(piece, i, static_cast<double>(cuts[piece].group - first) / work[i].groups);
            first = cuts[piece].group;
        }
        visit(piece, i, static_cast<double>(work[i].groups - first) / work[i].groups);
    }
}

}  // namespace

std::vector<Cut> cut(std::span<const Work> work, double budget_ns) {
    std::vector<Cut> cuts;
    double piece = 0;
    for (std::size_t i = 0; i < work.size(); ++i) {
        const double parts_wanted =
            budget_ns > 0 ? std::ceil(work[i].ns / budget_ns) : static_cast<double>(work[i].groups);
        const auto parts =
            static_cast<std::uint32_t>(std::clamp<double>(parts_wanted, 1, work[i].groups));
        const double part = work[i].ns / parts;
        if (piece > 0 && piece + part > budget_ns) {
            cuts.push_back({i, 0});
            piece = 0;
        }
        piece += part;
        for (std::uint32_t p = 1; p < parts; ++p) {
            cuts.push_back(
                {i, static_cast<std::uint32_t>(std::uint64_t{work[i].groups} * p / parts)});
            piece = part;
        }
    }
    return cuts;
}

std::vector<double> times_of_pieces(std::span<const Work> work, std::span<const Cut> cuts) {
    std::vector<double> times(cuts.size() + 1);
    for_each_part(work, cuts, [&](std::size_t piece, std::size_t dispatch, double share) {
        times[piece] += share * work[dispatch].ns;
    });
    return times;
}

std::vector<double> times_of_dispatches(std::span<const Work> work, std::span<const Cut> cuts,
                                        std::span<const double> piece_ns) {
    const std::vector<double> expected = times_of_pieces(work, cuts);
    std::vector<double> times(work.size());
    for_each_part(work, cuts, [&](std::size_t piece, std::size_t dispatch, double share) {
        if (expected[piece] <= 0) return;
        times[dispatch] += piece_ns[piece] * share * work[dispatch].ns / expected[piece];
    });
    return times;
}

std::size_t axis_to_cut(const std::array<std::uint32_t, 3>& groups) {
    return groups[2] > 1 ? 2 : groups[1] > 1 ? 1 : 0;
}

}  // namespace ingot::exec
