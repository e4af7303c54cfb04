// SPDX-License-Identifier: MIT
#include "data/record_source.h"

namespace ingot::data {
namespace {

class RecordSource final : public Source {
public:
    RecordSource(SourceSpec spec, std::vector<RecordFile> files, HostTensor targets)
        : Source(std::move(spec)), files_(std::move(files)), targets_(std::move(targets)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        auto file = files_.begin();
        for (; row >= file->samples; ++file)
            row -= file->samples;
        file->file->read_at(file->first_byte + static_cast<std::uint64_t>(row) * file->stride_bytes,
                            room);
        return room.data();
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        return targets_.data.data() + static_cast<std::size_t>(row) * room.size();
    }

private:
    std::vector<RecordFile> files_;
    HostTensor targets_;
};

}  // namespace

std::shared_ptr<const Source> record_source(SourceSpec spec, std::vector<RecordFile> files,
                                            HostTensor targets) {
    return std::make_shared<RecordSource>(std::move(spec), std::move(files), std::move(targets));
}

}  // namespace ingot::data
