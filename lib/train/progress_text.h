// SPDX-License-Identifier: MIT
// What a Progress writes, as text: lines that fit a terminal, and plain ones.
#pragma once

#include <ingot/callbacks.h>

#include <functional>
#include <string>
#include <vector>

namespace ingot::train {

// "epoch 2/5 [=====>   ]  45 %  loss 0.4123  accuracy 85.1 %  17,012 images/s  0:42 left", without
// what does not fit into `width` characters, and without a bar for width 0.
std::string progress_line(const FitState& fit, const std::string& samples, int width);

// "epoch 2/5  loss 0.3885  accuracy 86.1 %  validation loss 0.3734 ..."
std::string epoch_line(std::int64_t number, std::int64_t epochs, const EpochResult& epoch,
                       const std::string& samples);

// Epochs one below the other. The columns are those that the first epoch has numbers for, from the
// left as many as fit into `width` characters.
class EpochTable {
public:
    EpochTable(const EpochResult& first, std::int64_t epochs, const std::string& samples,
               int width);
    std::string header() const;
    std::string row(std::int64_t number, const EpochResult& epoch) const;

private:
    struct Column {
        std::string title;
        std::size_t width = 0;
        std::function<std::string(std::int64_t number, const EpochResult& epoch)> text;
    };
    void add(const std::string& title, std::size_t width,
             std::function<std::string(std::int64_t, const EpochResult&)> text);

    int width_;
    bool is_full_ = false;
    std::size_t used_ = 0;
    std::vector<Column> columns_;
};

}  // namespace ingot::train
