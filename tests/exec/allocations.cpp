// SPDX-License-Identifier: MIT
// A replayed run takes nothing from the heap. Counted by replacing operator new in this test
// program: what the calling thread takes, but for what the driver takes inside Vulkan's functions,
// which are wrapped for the purpose.
#include "counting_new.h"
#include "exec_tools.h"

#include "exec/context.h"

#include <utility>

using namespace ingot;
using namespace ingot::testing;

namespace {

vk::DeviceFunctions driver;

// Whatever happens in here is the driver's, or a layer's.
template <typename Call>
VkResult outside(Call call) {
    const bool was = std::exchange(counting_new, false);
    const VkResult result = call();
    counting_new = was;
    return result;
}

VKAPI_ATTR VkResult VKAPI_CALL submit(VkQueue queue, std::uint32_t count, const VkSubmitInfo* infos,
                                      VkFence fence) {
    return outside([&] { return driver.vkQueueSubmit(queue, count, infos, fence); });
}
VKAPI_ATTR VkResult VKAPI_CALL wait_semaphores(VkDevice device, const VkSemaphoreWaitInfo* info,
                                               std::uint64_t timeout) {
    return outside([&] { return driver.vkWaitSemaphores(device, info, timeout); });
}
VKAPI_ATTR VkResult VKAPI_CALL counter_value(VkDevice device, VkSemaphore semaphore,
                                             std::uint64_t* value) {
    return outside([&] { return driver.vkGetSemaphoreCounterValue(device, semaphore, value); });
}

// Puts the wrappers in the place of the device's own functions.
class Wrapped {
public:
    Wrapped()
        : functions_(const_cast<vk::DeviceFunctions&>(test_device().context()->device().fn())) {
        driver = functions_;
        functions_.vkQueueSubmit = submit;
        functions_.vkWaitSemaphores = wait_semaphores;
        functions_.vkGetSemaphoreCounterValue = counter_value;
    }
    ~Wrapped() { functions_ = driver; }

private:
    vk::DeviceFunctions& functions_;
};

}  // namespace

TEST_CASE("allocations: a replayed run makes none, nor does reading its loss") {
    const Wrapped wrapped;
    const Tensor x = input({16, 8}), labels = input({16}, i32);
    const Parameter w = filled("w", {8, 4}, 0.1F);
    const Scalar rate(0.1F);
    Generator generator(1);
    const Tensor loss = cross_entropy(matmul(dropout(x, generator), w.tensor()), labels);
    Graph graph;
    graph.output(loss);
    graph.update(w, w - rate.tensor() * gradients(loss, std::vector<Tensor>{w.tensor()})[0]);
    for (const double budget_ms : {250.0, 1e-9}) {  // in one submission, and in many
        INFO("budget " << budget_ms);
        Program program = test_device().compile(graph, {.submission_budget_ms = budget_ms});
        const auto values = random_values(1, 128);
        const std::vector<std::int32_t> classes(16, 2);
        const std::vector<Feed> feeds{{x, values}, {labels, classes}};
        for (int run = 0; run < 5; ++run)
            program.run(feeds);  // slots filled, cuts moved
        const std::uint32_t recordings = program.stats().recordings;
        counting_new = true;
        for (int run = 0; run < 50; ++run)
            program.run(feeds);
        program.run({{x, values}, {labels, classes}});
        const float last = program.read<float>(loss);
        counting_new = false;
        CHECK(counted_new == 0);
        CHECK(last > 0);
        CHECK(program.stats().recordings == recordings);
        counted_new = 0;
    }
    // The counter counts.
    counting_new = true;
    auto* number = new std::vector<int>(100);
    counting_new = false;
    CHECK(counted_new == 2);
    delete number;
    counted_new = 0;
}
