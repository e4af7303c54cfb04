// SPDX-License-Identifier: MIT
// Layers and the models made of them; module.h says what they are, layer.h how to write one.
#pragma once

#include <ingot/nn/activation.h>
#include <ingot/nn/attention.h>
#include <ingot/nn/container.h>
#include <ingot/nn/conv.h>
#include <ingot/nn/dropout.h>
#include <ingot/nn/embedding.h>
#include <ingot/nn/layer.h>
#include <ingot/nn/layout.h>
#include <ingot/nn/linear.h>
#include <ingot/nn/module.h>
#include <ingot/nn/norm.h>
#include <ingot/nn/pool.h>
#include <ingot/nn/recurrent.h>
#include <ingot/nn/summary.h>
#include <ingot/nn/trace.h>
#include <ingot/nn/transfer.h>
#include <ingot/nn/transformer.h>
