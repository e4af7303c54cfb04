// SPDX-License-Identifier: MIT
// What a search has tried so far, as a file.
#pragma once

#include <ingot/search.h>

#include <filesystem>
#include <vector>

namespace ingot::train {

void save_trials(const SearchResult& result, const SearchOptions& how);
// Of the same search. Throws kInvalidArgument for another's, kFile for what is none.
std::vector<Trial> load_trials(const SearchResult& result, const SearchOptions& how);

}  // namespace ingot::train
