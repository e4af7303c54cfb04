// SPDX-License-Identifier: MIT
#include "train/kernel_records.h"

#include <algorithm>
#include <map>
#include <utility>

namespace ingot::train {
namespace {

void add(io::KernelRecord& to, const io::KernelRecord& one) {
    to.count += one.count;
    to.ms += one.ms;
    to.flops += one.flops;
    to.bytes += one.bytes;
}

}  // namespace

std::vector<io::KernelRecord> kernel_records(std::span<const KernelTime> times, std::size_t most) {
    std::map<std::pair<std::string, std::string>, io::KernelRecord> by_name;
    double total_ms = 0;
    for (const KernelTime& time : times) {
        io::KernelRecord& record = by_name[{time.name, time.label}];
        record.name = time.name;
        record.label = time.label;
        add(record, {.count = 1, .ms = time.ms, .flops = time.flops, .bytes = time.bytes});
        total_ms += time.ms;
    }
    if (!(total_ms > 0)) return {};
    std::vector<io::KernelRecord> records;
    for (auto& [name, record] : by_name)
        records.push_back(std::move(record));
    std::stable_sort(records.begin(), records.end(),
                     [](const auto& a, const auto& b) { return a.ms > b.ms; });
    if (records.size() > most) {
        io::KernelRecord others{.name = "others"};
        for (std::size_t i = most; i < records.size(); ++i)
            add(others, records[i]);
        records.resize(most);
        records.push_back(std::move(others));
    }
    return records;
}

}  // namespace ingot::train
