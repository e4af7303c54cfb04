// SPDX-License-Identifier: MIT
// The few numbers of the SPIR-V specification that reflection reads, under the specification's
// names, so that no SPIR-V header need be installed.
#pragma once

#include <cstdint>

namespace ingot::spirv {

inline constexpr std::uint32_t kMagic = 0x07230203;
inline constexpr std::uint32_t kMagicOtherEndian = 0x03022307;
inline constexpr std::uint32_t kHeaderWords = 5;
inline constexpr std::uint32_t kMaxBound = 0x3fffff;  // universal limit on ids

enum Op : std::uint32_t {
    kName = 5,
    kMemberName = 6,
    kEntryPoint = 15,
    kExecutionMode = 16,
    kCapability = 17,
    kTypeVoid = 19,
    kTypeBool = 20,
    kTypeInt = 21,
    kTypeFloat = 22,
    kTypeVector = 23,
    kTypeMatrix = 24,
    kTypeImage = 25,
    kTypeSampledImage = 27,
    kTypeArray = 28,
    kTypeRuntimeArray = 29,
    kTypeStruct = 30,
    kTypePointer = 32,
    kConstantTrue = 41,
    kConstantFalse = 42,
    kConstant = 43,
    kConstantComposite = 44,
    kSpecConstantTrue = 48,
    kSpecConstantFalse = 49,
    kSpecConstant = 50,
    kSpecConstantComposite = 51,
    kFunction = 54,
    kFunctionEnd = 56,
    kFunctionCall = 57,
    kVariable = 59,
    kDecorate = 71,
    kMemberDecorate = 72,
    kGroupDecorate = 74,
    kGroupMemberDecorate = 75,
    kExecutionModeId = 331,
};

enum Decoration : std::uint32_t {
    kSpecId = 1,
    kBlock = 2,
    kBufferBlock = 3,
    kArrayStride = 6,
    kBuiltIn = 11,
    kNonWritable = 24,
    kNonReadable = 25,
    kBinding = 33,
    kDescriptorSet = 34,
    kOffset = 35,
};

enum StorageClass : std::uint32_t {
    kUniformConstant = 0,
    kUniform = 2,
    kPushConstant = 9,
    kStorageBuffer = 12,
    kPhysicalStorageBuffer = 5349,
};

inline constexpr std::uint32_t kExecutionModelGlCompute = 5;
inline constexpr std::uint32_t kExecutionModeLocalSize = 17;
inline constexpr std::uint32_t kExecutionModeLocalSizeId = 38;
inline constexpr std::uint32_t kBuiltInWorkgroupSize = 25;
inline constexpr std::uint32_t kDimBuffer = 5;

// Capabilities by which a shader reaches beyond its own invocation, within a subgroup.
constexpr bool is_subgroup_capability(std::uint32_t capability) {
    return (capability >= 61 && capability <= 68)  // GroupNonUniform...
           || capability == 4423                   // SubgroupBallotKHR
           || capability == 4431                   // SubgroupVoteKHR
           || capability == 5297                   // GroupNonUniformPartitionedNV
           || capability == 5357                   // CooperativeMatrixNV
           || capability == 6022                   // CooperativeMatrixKHR
           || capability == 6026;                  // GroupNonUniformRotateKHR
}

}  // namespace ingot::spirv
