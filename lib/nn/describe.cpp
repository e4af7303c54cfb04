// SPDX-License-Identifier: MIT
// The sentences with which layers say no.
#include "nn/describe.h"

#include <cmath>

namespace ingot::nn {

void check_at_least(const char* layer, const char* option, std::int64_t value, std::int64_t least) {
    if (value < least) {
        fail(ErrorKind::kInvalidArgument, "{}: {} is {}, below {}", layer, option, value, least);
    }
}

void check_probability(const char* layer, const char* option, double value) {
    if (value >= 0 && value < 1) return;
    fail(ErrorKind::kInvalidArgument, "{}: {} is {}, not in [0, 1)", layer, option, value);
}

void check_epsilon(const char* layer, double value) {
    if (value >= 0 && std::isfinite(value)) return;
    fail(ErrorKind::kInvalidArgument, "{}: eps is {}, not a number from 0 on", layer, value);
}

void check_rank(const char* layer, const Tensor& x, std::size_t rank, const char* layout) {
    if (x.shape().rank() == rank) return;
    fail(ErrorKind::kInvalidArgument, "{}: takes {}, not {}", layer, layout, to_string(x.shape()));
}

void check_axis(const char* layer, const Tensor& x, std::size_t axis, std::int64_t size,
                const char* what) {
    if (x.shape()[axis] == size) return;
    fail(ErrorKind::kInvalidArgument, "{}: made for {} = {}, x {} has {}", layer, what, size,
         to_string(x.shape()), x.shape()[axis]);
}

}  // namespace ingot::nn
