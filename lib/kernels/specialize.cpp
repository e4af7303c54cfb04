// SPDX-License-Identifier: MIT
#include "kernels/specialize.h"

#include "core/check.h"
#include "kernels/instance.h"
#include "kernels/spirv.h"

namespace ingot {

std::vector<std::uint32_t> specialize(const Kernel& kernel,
                                      std::span<const std::uint32_t> constants) {
    using namespace spirv;
    INGOT_CHECK(constants.size() == kernel.constants.size());
    std::unordered_map<std::uint32_t, std::uint32_t> given;
    for (std::size_t i = 0; i < constants.size(); ++i)
        given[kernel.constants[i].id] = constants[i];

    const std::span<const std::uint32_t> words = kernel.spirv;
    Constants globals(words[3], std::move(given));
    std::map<Id, Function> functions;
    Id entry_point = 0;
    for (std::size_t at = kHeaderWords; at < words.size();) {
        const Instruction next = instruction_at(words, at);
        if (next.op == kFunction) {
            Function function = read_function(words, at);
            const Id id = function.id;
            functions.emplace(id, std::move(function));
            continue;
        }
        if (next.op == kEntryPoint) entry_point = next.operands[1];
        globals.read(next);
        at += next.operands.size() + 1;
    }

    Instances instances(functions, globals);
    instances.write(instances.get(entry_point, {}));

    Words result(words.begin(), words.begin() + kHeaderWords);
    const Words declared = globals.written(instances.live());
    result[3] = globals.bound();
    result.insert(result.end(), declared.begin(), declared.end());
    result.insert(result.end(), instances.written().begin(), instances.written().end());
    return result;
}

}  // namespace ingot
