#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the models below with PyTorch and writes the first losses of each to NAME.json.

parity.cpp trains the same models, which must lose the same. Weights and batches are numbers that
both sides compute by one formula (`numbers`), from the names of the parameters among others, so no
file of weights is needed and names that differ from PyTorch's are found, too. To add a model, add a
row here and one in parity.cpp, and run this script (it needs PyTorch; the test does not).
"""
import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F
from torch import nn, optim

sys.path.append(str(pathlib.Path(__file__).parents[2] / "samples" / "networks"))
from gpt import Gpt  # noqa: E402

STEPS = 20
BATCHES = 4  # they come round again and again, so there is something to learn


def numbers(name, count):
    """`count` 32-bit words that depend on the name: FNV-1a, then MurmurHash3's finalizer."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with numpy.errstate(over="ignore"):
        word = numpy.uint32(seed) + numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B9)
        word = (word ^ (word >> 16)) * numpy.uint32(0x85EBCA6B)
        word = (word ^ (word >> 13)) * numpy.uint32(0xC2B2AE35)
    return word ^ (word >> 16)


def below(limit, name, count):
    return torch.from_numpy((numbers(name, count) % limit).astype("int64"))


def uniform(name, shape):
    """In [-1, 1), 24 bits: equal in float and in double."""
    words = numbers(name, int(numpy.prod(shape)))
    return torch.from_numpy(((words >> 8) * 2.0**-23 - 1.0).reshape(shape))


def start_value(name, shape):
    """Of a parameter or buffer: scaled by its fan-in, or around 1 for scales and variances."""
    u = uniform(name, shape)
    if len(shape) > 1:
        return u / float(numpy.sqrt(numpy.float32(numpy.prod(shape[1:]))))
    return u / 8 + (1 if name.endswith(("weight", "var")) else 0)


def mlp():
    return nn.Sequential(nn.Linear(20, 33), nn.ReLU(), nn.Linear(33, 17), nn.Tanh(), nn.Linear(17, 5))


def cnn():
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2), nn.BatchNorm2d(8), nn.GELU(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(32, 5),
    )


def gpt():
    return Gpt(vocabulary=29, length=19, layers=2, heads=4, width=32)


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = nn.Sequential()  # without children: x itself
        if stride > 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet(nn.Module):
    """With a stem for small pictures: stages of 8, 16 and 32 channels, and of 2, 1 and 1 blocks."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = nn.Sequential(BasicBlock(8, 8, 1), BasicBlock(8, 8, 1))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2))
        self.layer3 = nn.Sequential(BasicBlock(16, 32, 2))
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer3(self.layer2(self.layer1(y))).mean((2, 3)))


# name: model, optimizer of its parameters, shape of a batch of inputs, classes, and whether inputs
# are tokens of as many kinds as there are classes, with a label each
MODELS = {
    "mlp": (mlp, lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3), (16, 20), 5, False),
    "cnn": (cnn, lambda p: optim.Adam(p, lr=0.01), (8, 2, 16, 16), 5, False),
    "gpt": (gpt, lambda p: optim.AdamW(p, lr=0.01), (3, 17), 29, True),
    "resnet": (ResNet, lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-4), (8, 3, 16, 16), 5, False),
}


def losses_of(name):
    make, optimizer_of, shape, classes, tokens = MODELS[name]
    model = make().double()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            parameter.copy_(start_value(parameter_name, tuple(parameter.shape)))
    optimizer = optimizer_of(model.parameters())
    losses = []
    for step in range(STEPS):
        inputs, labels = f"input {step % BATCHES}", f"labels {step % BATCHES}"
        count = int(numpy.prod(shape)) if tokens else shape[0]
        x = below(classes, inputs, count).reshape(shape) if tokens else uniform(inputs, shape)
        y = below(classes, labels, count)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x).reshape(count, classes), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    for name in sys.argv[1:] or MODELS:
        record = {"made_with": f"PyTorch {torch.__version__}, float64", "losses": losses_of(name)}
        path = pathlib.Path(__file__).with_name(f"{name}.json")
        path.write_text(json.dumps(record, indent=1) + "\n")
        print(f"{path.name}: loss {record['losses'][0]:.4f}, then {record['losses'][-1]:.4f}")


if __name__ == "__main__":
    main()
