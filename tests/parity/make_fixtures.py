#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the models below with PyTorch and writes the first losses of each to NAME.json.

parity.cpp trains the same models, which must lose the same. Both sides start from NAME.safetensors,
which --weights writes afresh, under PyTorch's names; batches are numbers that both compute by one
formula (`numbers`). To add a model, add a row here and one in parity.cpp, and run this script with
--weights and its name (it needs PyTorch; the test does not).

    tests/parity/make_fixtures.py [--weights] [NAME ...]
"""
import argparse
import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F
from torch import nn, optim

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE.parents[1] / "samples" / "networks"), str(HERE.parent / "support")]
from gpt import Gpt  # noqa: E402
from pytorch_side import (  # noqa: E402
    BasicBlock, below, load_state, read_safetensors, start_value, uniform, without_counters, write_safetensors,
)

STEPS = 20
BATCHES = 4  # they come round again and again, so there is something to learn


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


def write_weights(name):
    state = without_counters(MODELS[name][0]().state_dict())
    for tensor_name, tensor in state.items():
        if not tensor_name.endswith(("running_mean", "running_var")):  # those begin at 0 and 1
            state[tensor_name] = start_value(tensor_name, tuple(tensor.shape))
    write_safetensors(HERE / f"{name}.safetensors", state)


def losses_of(name):
    make, optimizer_of, shape, classes, tokens = MODELS[name]
    model = make().double()
    load_state(model, read_safetensors(HERE / f"{name}.safetensors")[1])
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", action="store_true", help="write NAME.safetensors, too")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of models; none: all of them")
    arguments = parser.parse_args()
    for name in arguments.names or MODELS:
        if arguments.weights:
            write_weights(name)
        record = {"made_with": f"PyTorch {torch.__version__}, float64", "losses": losses_of(name)}
        path = HERE / f"{name}.json"
        path.write_text(json.dumps(record, indent=1) + "\n")
        print(f"{path.name}: loss {record['losses'][0]:.4f}, then {record['losses'][-1]:.4f}")


if __name__ == "__main__":
    main()
