// SPDX-License-Identifier: MIT
#include "core/log.h"

#include <ingot/callbacks.h>
#include <ingot/io.h>

namespace ingot::train {

CsvLog::CsvLog(std::filesystem::path path) : path_(std::move(path)) {}

void CsvLog::on_epoch(FitState& fit) {
    try {
        io::write_file(path_, to_csv(fit.history));
    } catch (const Error& error) {
        log(LogLevel::kWarning, "CsvLog: {}", error.what());
    }
}

}  // namespace ingot::train
