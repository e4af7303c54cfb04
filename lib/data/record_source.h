// SPDX-License-Identifier: MIT
// Samples that stay in their files: records of a fixed size, read when they are asked for. Targets,
// which are small, are in memory.
#pragma once

#include "io/random_access_file.h"

#include <ingot/source.h>

#include <memory>
#include <vector>

namespace ingot::data {

struct RecordFile {
    std::shared_ptr<const io::RandomAccessFile> file;
    std::uint64_t first_byte = 0;    // where the first sample's values begin
    std::uint64_t stride_bytes = 0;  // from one sample to the next
    std::int64_t samples = 0;
};

// The samples of these files, one file after the other, stored as the spec says. targets: [N, ...].
std::shared_ptr<const Source> record_source(SourceSpec spec, std::vector<RecordFile> files,
                                            HostTensor targets);

}  // namespace ingot::data
