// SPDX-License-Identifier: MIT
// What an action says when it fails: "<kind>: <message>", or "nothing was thrown".
#pragma once

#include <ingot/error.h>

#include <string>

namespace ingot::testing {

template <typename Action>
std::string thrown_message(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(to_string(error.kind())) + ": " + error.what();
    }
    return "nothing was thrown";
}

}  // namespace ingot::testing
