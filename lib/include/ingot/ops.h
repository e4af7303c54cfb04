// SPDX-License-Identifier: MIT
// Operators: free functions from tensors to a tensor. Shapes and dtypes are checked here, when the
// expression is written, and an Error quotes the sizes. Unless said otherwise operands are f32 and
// the result is f32; f16 and bf16 are taken wherever f32 is, computed in f32 and given back in
// their own type. Axes count from the back when negative.
#pragma once

#include <ingot/ops/activation.h>
#include <ingot/ops/attention.h>
#include <ingot/ops/comparison.h>
#include <ingot/ops/conv.h>
#include <ingot/ops/gather.h>
#include <ingot/ops/layout.h>
#include <ingot/ops/losses.h>
#include <ingot/ops/matmul.h>
#include <ingot/ops/norm.h>
#include <ingot/ops/pointwise.h>
#include <ingot/ops/pool.h>
#include <ingot/ops/random.h>
#include <ingot/ops/recurrent.h>
#include <ingot/ops/reduce.h>
#include <ingot/ops/resize.h>
#include <ingot/ops/scan.h>
#include <ingot/ops/softmax.h>
#include <ingot/ops/sort.h>
