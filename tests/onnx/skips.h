// SPDX-License-Identifier: MIT
// What is not run, and why: the lines of skips.txt.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ingot::onnx_tests {

class Skips {
public:
    explicit Skips(const std::string& file);  // throws, naming the line, when one is malformed

    // Why cases with this operator are not run. An operator that has an adapter by now is stale.
    std::optional<std::string> reason_for_operator(const std::string& operation);
    // Why this case does not pass.
    std::optional<std::string> reason_for_case(const std::string& name);

    std::vector<std::string> unused() const;  // lines that nothing asked for has met
    std::vector<std::string> stale_operators() const;

private:
    struct Line {
        std::string pattern;  // of a case: * stands for anything
        std::string reason;
        bool used = false;
    };
    std::vector<Line> operators_;
    std::vector<Line> cases_;
};

}  // namespace ingot::onnx_tests
