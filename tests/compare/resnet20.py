#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What PyTorch makes of trained ResNet-20 weights and pictures of CIFAR-10.

The network is that of samples/networks/resnet.h, written afresh; sample_07_pretrained takes the same
two files and must say the same. With --record the result goes to tests/networks/resnet20.json, which
the test of the same name compares with.

    tests/compare/resnet20.py resnet20.safetensors test.bin[.xz] [--record]
"""
import argparse
import json
import lzma
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from pytorch_side import BasicBlock, load_state, read_safetensors  # noqa: E402

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for stage, width in enumerate((16, 32, 64), 1):
            blocks = []
            for i in range(3):
                blocks.append(BasicBlock(channels, width, 2 if i == 0 and stage > 1 else 1, padded=True))
                channels = width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.layer3(self.layer2(self.layer1(y)))
        return self.linear(y.mean((2, 3)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("pictures", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()

    net = ResNet20()
    load_state(net, read_safetensors(arguments.weights)[1])
    net.eval().double()
    opened = lzma.open if arguments.pictures.suffix == ".xz" else open
    records = numpy.frombuffer(opened(arguments.pictures, "rb").read(), numpy.uint8).reshape(-1, 3073)
    labels = torch.from_numpy(records[:, 0].astype(numpy.int64))
    mean, deviation = (torch.tensor(v, dtype=torch.float64).reshape(3, 1, 1) for v in (MEAN, DEVIATION))
    logits = []
    with torch.no_grad():
        for begin in range(0, len(records), 250):
            pixels = torch.from_numpy(records[begin : begin + 250, 1:].reshape(-1, 3, 32, 32).copy())
            logits.append(net((pixels.double() / 255 - mean) / deviation))
    logits = torch.cat(logits)
    correct = int((logits.argmax(1) == labels).sum())
    loss = F.cross_entropy(logits, labels).item()
    print(f"{correct} of {len(labels)} right, accuracy {100 * correct / len(labels):.2f} %, loss {loss:.6f}")
    print("logits of picture 0:", *(f"{v:.4f}" for v in logits[0].tolist()))
    if arguments.record:
        hits = (logits.argmax(1) == labels).long()
        record = {
            "made_with": f"PyTorch {torch.__version__}, float64",
            "pictures": len(labels),
            "correct": correct,
            "loss": loss,
            "logits": [[round(v, 6) for v in row] for row in logits[:4].tolist()],
        }
        path = pathlib.Path(__file__).parents[1] / "networks" / "resnet20.json"
        path.write_text(json.dumps(record, indent=1) + "\n")
    return logits


if __name__ == "__main__":
    main()
