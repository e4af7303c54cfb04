// SPDX-License-Identifier: MIT
// How summary() learns what a model does: while a Recorder is installed, on this thread, it is told
// of each layer that is applied and of those whose weights are read. Module::forward() and the
// other ways to apply a layer go through recorded().
#pragma once

#include <ingot/nn/layer.h>

#include <initializer_list>

namespace ingot::nn {

class Recorder {
public:
    virtual ~Recorder() = default;
    virtual void enter(const Layer& layer, std::initializer_list<Tensor> inputs) = 0;
    virtual void gave(const Tensor& output) = 0;  // the layer entered last
    virtual void leave() = 0;                     // after gave(), or because it threw
    virtual void reads(const Layer& layer) = 0;   // a weight of its own, whoever asked for it

    static Recorder* current();
};

// Installs a recorder for as long as it lives.
class RecorderScope {
public:
    explicit RecorderScope(Recorder& recorder);
    ~RecorderScope();
    RecorderScope(const RecorderScope&) = delete;
    RecorderScope& operator=(const RecorderScope&) = delete;

private:
    Recorder* before_;
};

inline const Tensor& output_of(const Tensor& result) {
    return result;
}
template <typename Result>
const Tensor& output_of(const Result& result) {
    return result.output;
}

template <typename Apply>
auto recorded(const Layer& layer, std::initializer_list<Tensor> inputs, Apply&& apply) {
    struct Call {
        Recorder* recorder;
        ~Call() {
            if (recorder != nullptr) recorder->leave();
        }
    };
    const Call call{Recorder::current()};
    if (call.recorder != nullptr) call.recorder->enter(layer, inputs);
    auto result = apply();
    if (call.recorder != nullptr) call.recorder->gave(output_of(result));
    return result;
}

}  // namespace ingot::nn
