// SPDX-License-Identifier: MIT
// Samples that lie in host memory.
#pragma once

#include <ingot/source.h>

#include <memory>
#include <string>
#include <vector>

namespace ingot::data {

// Throws as Dataset's constructor says.
std::shared_ptr<const Source> memory_source(HostTensor inputs, HostTensor targets,
                                            std::vector<std::string> class_names,
                                            std::vector<Feature> features = {});

// Labels from 0 up to what `name_count` names allow, or up to any sane number of classes without
// names. Returns how many classes there are.
std::int64_t check_labels(std::span<const std::int32_t> labels, std::size_t name_count);

}  // namespace ingot::data
