// SPDX-License-Identifier: MIT
#include "data.h"

#include "core/check.h"

#include <filesystem>
#include <string_view>

namespace ingot::cli {

NamedData load_data(const std::string& name) {
    if (name == "spirals") return {name, data::spirals()};
    if (name == "fashion-mnist") return {name, data::fashion_mnist()};
    if (name == "auto") {
        try {
            return {"fashion-mnist", data::fashion_mnist()};
        } catch (const Error& error) {
            // Not there is one thing, damaged another.
            const std::string_view what = error.what();
            if (!what.starts_with("fashion_mnist: the data was found in none")) throw;
            fmt::print("{}\ntraining on spirals instead\n", what);
        }
        return {"spirals", data::spirals()};
    }
    if (!std::filesystem::is_directory(name)) {
        fail(ErrorKind::kFile,
             "data: '{}' is neither auto, fashion-mnist, spirals nor a folder that is there", name);
    }
    return {name, data::idx_folder(name)};
}

}  // namespace ingot::cli
