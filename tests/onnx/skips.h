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
    struct Case {
        std::string pattern;  // of the name: * stands for anything
        std::string symptom;  // part of what is wrong when it is run
        std::string reason;
        bool used = false;
    };
    const Case* find_case(const std::string& name);

    std::vector<std::string> unused() const;  // lines that nothing asked for has met
    std::vector<std::string> stale_operators() const;

private:
    std::vector<Case> operators_;  // by their names; without a symptom
    std::vector<Case> cases_;
};

}  // namespace ingot::onnx_tests
