// SPDX-License-Identifier: MIT
// Expressions first, then a device: y = 2 x + 1 for eight numbers.
#include <ingot/ingot.h>

#include <cstdio>
#include <vector>

int main() try {
    const ingot::Tensor x = ingot::input({8});
    const ingot::Tensor y = 2 * x + 1;  // nothing has run yet

    auto device = ingot::Device::pick();
    auto program = device.compile(ingot::Graph{}.output(y));
    std::printf("running on %s\n%s", device.info().name.c_str(), program.to_text().c_str());

    program.run({{x, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}}});
    for (const float value : program.read_all<float>(y))
        std::printf("%g ", value);
    std::printf("\n");
    return program.read_all<float>(y).back() == 15 ? 0 : 1;
} catch (const ingot::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
