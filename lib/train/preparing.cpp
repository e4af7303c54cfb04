// SPDX-License-Identifier: MIT
#include "train/preparing.h"

namespace ingot::train {
namespace {

constexpr const char* kNote = "preparation";

}  // namespace

std::optional<data::Preparation> noted_preparation(const nn::Module& net) {
    const auto found = net.notes().find(kNote);
    if (found == net.notes().end()) return std::nullopt;
    return data::Preparation::from_json(found->second);
}

data::Dataset prepared_for(const nn::Module& net, const data::Dataset& data) {
    const auto noted = noted_preparation(net);
    if (!noted || data.empty()) return data;
    return data::prepared(data, *noted);
}

data::Dataset prepared_to_train(const nn::Module& net, const data::Dataset& train) {
    const bool is_raw = train.preparation() == nullptr && train.normalization().mean.empty();
    return is_raw ? prepared_for(net, train) : train;
}

data::Dataset prepared_and_noted(const nn::Module& net, const data::Dataset& train) {
    const data::Dataset prepared = prepared_to_train(net, train);
    net.set_note(kNote, data::preparation_of(prepared).to_json());
    return prepared;
}

}  // namespace ingot::train
