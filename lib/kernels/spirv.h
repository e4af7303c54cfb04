// SPDX-License-Identifier: MIT
// The few numbers of the SPIR-V specification that reflection and specialization read, under the
// specification's names, so that no SPIR-V header need be installed.
#pragma once

#include <cstdint>

namespace ingot::spirv {

inline constexpr std::uint32_t kMagic = 0x07230203;
inline constexpr std::uint32_t kMagicOtherEndian = 0x03022307;
inline constexpr std::uint32_t kHeaderWords = 5;
inline constexpr std::uint32_t kMaxBound = 0x3fffff;  // universal limit on ids

enum Op : std::uint32_t {
    kUndef = 1,
    kName = 5,
    kMemberName = 6,
    kString = 7,
    kExtInstImport = 11,
    kExtInst = 12,
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
    kTypeFunction = 33,
    kConstantTrue = 41,
    kConstantFalse = 42,
    kConstant = 43,
    kConstantComposite = 44,
    kConstantNull = 46,
    kSpecConstantTrue = 48,
    kSpecConstantFalse = 49,
    kSpecConstant = 50,
    kSpecConstantComposite = 51,
    kSpecConstantOp = 52,
    kFunction = 54,
    kFunctionParameter = 55,
    kFunctionEnd = 56,
    kFunctionCall = 57,
    kVariable = 59,
    kLoad = 61,
    kStore = 62,
    kCopyMemory = 63,
    kAccessChain = 65,
    kInBoundsAccessChain = 66,
    kArrayLength = 68,
    kDecorate = 71,
    kMemberDecorate = 72,
    kGroupDecorate = 74,
    kGroupMemberDecorate = 75,
    kVectorExtractDynamic = 77,
    kVectorShuffle = 79,
    kCompositeConstruct = 80,
    kCompositeExtract = 81,
    kCompositeInsert = 82,
    kCopyObject = 83,
    kImageFetch = 95,
    kConvertFToU = 109,
    kUConvert = 113,
    kFConvert = 115,
    kBitcast = 124,
    kSNegate = 126,
    kIAdd = 128,
    kISub = 130,
    kIMul = 132,
    kUDiv = 134,
    kUMod = 137,
    kSMulExtended = 152,
    kAny = 154,
    kLogicalEqual = 164,
    kLogicalNotEqual = 165,
    kLogicalOr = 166,
    kLogicalAnd = 167,
    kLogicalNot = 168,
    kSelect = 169,
    kIEqual = 170,
    kINotEqual = 171,
    kUGreaterThan = 172,
    kSGreaterThan = 173,
    kUGreaterThanEqual = 174,
    kSGreaterThanEqual = 175,
    kULessThan = 176,
    kSLessThan = 177,
    kULessThanEqual = 178,
    kSLessThanEqual = 179,
    kFUnordGreaterThanEqual = 191,
    kShiftRightLogical = 194,
    kShiftRightArithmetic = 195,
    kShiftLeftLogical = 196,
    kBitwiseOr = 197,
    kBitwiseXor = 198,
    kBitwiseAnd = 199,
    kNot = 200,
    kBitCount = 205,
    kControlBarrier = 224,
    kMemoryBarrier = 225,
    kAtomicLoad = 227,
    kAtomicStore = 228,
    kAtomicXor = 242,
    kPhi = 245,
    kLoopMerge = 246,
    kSelectionMerge = 247,
    kLabel = 248,
    kBranch = 249,
    kBranchConditional = 250,
    kSwitch = 251,
    kKill = 252,
    kReturn = 253,
    kReturnValue = 254,
    kUnreachable = 255,
    kModuleProcessed = 330,
    kExecutionModeId = 331,
    kGroupNonUniformElect = 333,
    kGroupNonUniformBallotBitCount = 342,
    kGroupNonUniformShuffleDown = 348,
    kGroupNonUniformIAdd = 349,
    kGroupNonUniformLogicalXor = 364,
    kCopyLogical = 400,
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
    kWorkgroup = 4,
    kPrivate = 6,
    kFunctionStorage = 7,
    kPushConstant = 9,
    kStorageBuffer = 12,
    kPhysicalStorageBuffer = 5349,
};

inline constexpr std::uint32_t kExecutionModelGlCompute = 5;
inline constexpr std::uint32_t kExecutionModeLocalSize = 17;
inline constexpr std::uint32_t kExecutionModeLocalSizeId = 38;
inline constexpr std::uint32_t kBuiltInNumWorkgroups = 24;
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
