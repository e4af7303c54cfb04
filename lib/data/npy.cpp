// SPDX-License-Identifier: MIT
// NumPy's arrays as datasets.
#include "io/npy.h"

#include "core/check.h"
#include "data/memory_source.h"
#include "data/room.h"
#include "io/random_access_file.h"

#include <ingot/data.h>

namespace ingot::data {
namespace {

namespace fs = std::filesystem;

DType input_dtype(const io::NpyHeader& header, const NpyOptions& options) {
    if (options.tokens) return i32;
    return header.kind == 'u' && header.item_bytes == 1 ? u8 : f32;
}

DType target_dtype(const io::NpyHeader& header) {
    return header.kind == 'f' ? f32 : i32;
}

io::NpyValues input_values(const NpyOptions& options) {
    return options.missing ? io::NpyValues::kOrNaN : io::NpyValues::kFinite;
}

void check_samples(const std::string& place, const Shape& inputs, const Shape& targets) {
    if (inputs.rank() == 0 || targets.rank() == 0 || inputs[0] != targets[0] || inputs[0] == 0) {
        fail(ErrorKind::kFile, "{}: arrays {} and {} have no common first axis, the samples", place,
             to_string(inputs), to_string(targets));
    }
}

// Rows of a file, converted when they are read.
class NpySource final : public Source {
public:
    NpySource(SourceSpec spec, const fs::path& path, io::NpyHeader header, io::NpyValues values,
              HostTensor targets)
        : Source(std::move(spec)),
          file_(path, "npy"),
          place_("npy " + path.string()),
          header_(header),
          values_(values),
          targets_(std::move(targets)) {}

    const std::byte* input(std::int64_t row, std::span<std::byte> room) const override {
        const auto count = static_cast<std::uint64_t>(spec().sample_shape.count());
        const std::uint64_t first = static_cast<std::uint64_t>(row) * count;
        const Room elements(static_cast<std::size_t>(count) * header_.item_bytes);
        file_.read_at(header_.data_offset + first * header_.item_bytes, elements.bytes());
        io::convert_npy(place_, header_, elements.bytes(), spec().input_dtype, room, values_,
                        first);
        return room.data();
    }
    const std::byte* target(std::int64_t row, std::span<std::byte> room) const override {
        return targets_.data.data() + static_cast<std::size_t>(row) * room.size();
    }

private:
    io::RandomAccessFile file_;
    std::string place_;
    io::NpyHeader header_;
    io::NpyValues values_;
    HostTensor targets_;
};

}  // namespace

Dataset npy(const fs::path& inputs, const fs::path& targets, const NpyOptions& options) {
    const io::NpyHeader in = io::npy_file_header(inputs), out = io::npy_file_header(targets);
    check_samples("npy " + inputs.string() + " and " + targets.string(), in.shape, out.shape);
    HostTensor answers = io::npy_file(targets, target_dtype(out), io::NpyValues::kFinite);
    const DType dtype = input_dtype(in, options);
    if (!options.stream) {
        return Dataset(io::npy_file(inputs, dtype, input_values(options)), std::move(answers),
                       options.class_names);
    }
    if (in.fortran && in.shape.rank() > 1) {
        fail(ErrorKind::kFile,
             "npy {}: its first axis is contiguous (fortran_order), so it cannot "
             "be read sample by sample",
             inputs.string());
    }
    SourceSpec spec{.size = in.shape[0],
                    .sample_shape = in.shape.without(0),
                    .input_dtype = dtype,
                    .target_shape = out.shape.without(0),
                    .target_dtype = answers.dtype,
                    .class_names = options.class_names};
    if (answers.dtype == i32) {
        spec.class_count =
            check_labels(std::as_const(answers).values<std::int32_t>(), options.class_names.size());
    }
    return Dataset(std::make_shared<NpySource>(std::move(spec), inputs, in, input_values(options),
                                               std::move(answers)));
}

Dataset npz(const fs::path& file, const std::string& inputs, const std::string& targets,
            const NpyOptions& options) {
    if (options.stream) {
        fail(ErrorKind::kInvalidArgument, "npz {}: its arrays are packed and cannot be streamed",
             file.string());
    }
    const std::string wanted[] = {inputs + ".npy", targets + ".npy"};
    std::vector<io::ZipMember> members = io::read_zip(file, "npz", wanted);
    const auto array = [&](const std::string& name, auto dtype_of, io::NpyValues values) {
        for (const io::ZipMember& member : members) {
            if (member.name != name + ".npy") continue;
            const std::string place = fmt::format("npz {}: '{}'", file.string(), name);
            const std::span<const std::byte> bytes = member.bytes;
            const io::NpyHeader header = io::npy_header(
                place, bytes.first(std::min(bytes.size(), io::kMaxNpyHeader)), bytes.size());
            return io::npy_tensor(place, bytes, dtype_of(header), values);
        }
        fail(ErrorKind::kFile, "npz {}: it has no array '{}'", file.string(), name);
    };
    HostTensor in = array(
        inputs, [&](const io::NpyHeader& header) { return input_dtype(header, options); },
        input_values(options));
    HostTensor out = array(targets, target_dtype, io::NpyValues::kFinite);
    check_samples("npz " + file.string(), in.shape, out.shape);
    return Dataset(std::move(in), std::move(out), options.class_names);
}

}  // namespace ingot::data
