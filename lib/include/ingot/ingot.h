// SPDX-License-Identifier: MIT
// Everything that ingot shows its users.
#pragma once

#include <ingot/autocast.h>
#include <ingot/callbacks.h>
#include <ingot/cross_validation.h>
#include <ingot/custom.h>
#include <ingot/data.h>
#include <ingot/device.h>
#include <ingot/device_augment.h>
#include <ingot/doctor.h>
#include <ingot/error.h>
#include <ingot/event_file.h>
#include <ingot/explore.h>
#include <ingot/features.h>
#include <ingot/graph.h>
#include <ingot/history.h>
#include <ingot/init.h>
#include <ingot/io.h>
#include <ingot/log.h>
#include <ingot/loss_scaler.h>
#include <ingot/losses.h>
#include <ingot/model_graph.h>
#include <ingot/nn.h>
#include <ingot/ops.h>
#include <ingot/optim.h>
#include <ingot/parameter.h>
#include <ingot/plot.h>
#include <ingot/profile.h>
#include <ingot/run_folder.h>
#include <ingot/schedules.h>
#include <ingot/search.h>
#include <ingot/tensor.h>
#include <ingot/tensorboard.h>
#include <ingot/train.h>
