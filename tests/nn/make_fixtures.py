#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records what PyTorch's layers are called inside and what they compute, in pytorch.json.

pytorch.cpp builds the same layers, which must have the same state_dict and give the same numbers.
Weights and inputs are the numbers of tests/support, by name. To add a layer, add a
row here and one in pytorch.cpp, and run this script (it needs PyTorch; the test does not).
"""
import json
import math
import pathlib
import sys

import torch
from torch import nn

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from pytorch_side import below, start_value, uniform, without_counters  # noqa: E402


class RMSNorm(nn.Module):
    """PyTorch has it from 2.4 on; this is its definition."""

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        eps = torch.finfo(torch.float32).eps
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * self.weight


class LayerNormNoBias(nn.Module):
    """LayerNorm(5, bias=False), from 2.1 on."""

    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return nn.functional.layer_norm(x, self.weight.shape, self.weight)


def plain(layer, *shape):
    return layer, [shape], lambda m, x: m(x)


def causal(length):
    return torch.full((length, length), float("-inf"), dtype=torch.double).triu(1)


def recurrent(layer, *shapes):
    """With states given: h alone, or h and c."""
    if len(shapes) == 2:
        return layer, list(shapes), lambda m, x, h: m(x, h)
    return layer, list(shapes), lambda m, x, h, c: (lambda y, s: (y, *s))(*m(x, (h, c)))


def attention(layer, *shapes, **how):
    return layer, list(shapes), lambda m, q, k, v: m(q, k, v, need_weights=False, **how)[0]


def self_attention(layer, *shape, **how):
    return layer, [shape], lambda m, x: m(x, x, x, need_weights=False, **how)[0]


class Residual(nn.Module):
    def __init__(self, body, shortcut=None):
        super().__init__()
        self.body = body
        if shortcut is not None:
            self.shortcut = shortcut

    def forward(self, x):
        return self.body(x) + (self.shortcut(x) if hasattr(self, "shortcut") else x)


class Ensemble(nn.ModuleList):
    def __init__(self, combine, *members):
        super().__init__(members)
        self.combine = combine

    def forward(self, x):
        outputs = torch.stack([member(x) for member in self])
        classes = outputs.shape[2]
        if self.combine == "outputs":
            return outputs.mean(0)
        if self.combine == "probabilities":
            return outputs.softmax(2).mean(0).log()
        votes = nn.functional.one_hot(outputs.argmax(2), classes).movedim(-1, 2).sum(0)
        return ((votes + 1).double() / (len(self) + classes)).log()


def transformer_layer(kind, **how):
    return kind(6, 2, 8, batch_first=True, **how)


# name: the layer, the shapes of its inputs, how it is called. A shape that begins with i32 is one of
# indices below 7. Names that begin with "training" run as in training.
CASES = {
    "Linear": plain(nn.Linear(5, 3), 2, 3, 5),
    "Conv1d": plain(nn.Conv1d(4, 6, 3, stride=2, padding=1, groups=2), 2, 4, 7),
    "Conv1d reflect": plain(nn.Conv1d(2, 3, 3, padding=2, padding_mode="reflect"), 2, 2, 5),
    "Conv2d": plain(nn.Conv2d(2, 4, (3, 2), stride=(1, 2), dilation=(1, 2), bias=False), 2, 2, 5, 6),
    "Conv2d same circular": plain(nn.Conv2d(1, 2, (2, 3), padding="same", padding_mode="circular"), 1, 1, 4, 4),
    "Conv2d same": plain(nn.Conv2d(1, 2, 4, padding="same"), 1, 1, 4, 5),
    "Conv3d": plain(nn.Conv3d(2, 3, (2, 3, 2), padding=(1, 0, 1)), 1, 2, 3, 4, 3),
    "ConvTranspose1d": plain(nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), 2, 4, 5),
    "ConvTranspose2d": plain(nn.ConvTranspose2d(2, 3, (3, 2), stride=2, padding=(1, 0), dilation=(2, 1)), 1, 2, 3, 4),
    "ConvTranspose3d": plain(nn.ConvTranspose3d(2, 2, 2, stride=(2, 1, 2), output_padding=(1, 0, 0), bias=False), 1, 2, 2, 3, 2),
    "MaxPool1d": plain(nn.MaxPool1d(3, stride=2, padding=1, dilation=2, ceil_mode=True), 2, 2, 9),
    "MaxPool2d": plain(nn.MaxPool2d((2, 3), padding=(1, 0)), 2, 2, 5, 6),
    "MaxPool3d": plain(nn.MaxPool3d(2, stride=1), 1, 2, 3, 3, 3),
    "AvgPool1d": plain(nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False), 2, 2, 8),
    "AvgPool2d": plain(nn.AvgPool2d((2, 3), stride=1, padding=1), 1, 2, 4, 5),
    "AvgPool3d": plain(nn.AvgPool3d(2), 1, 2, 4, 4, 5),
    "AdaptiveAvgPool1d": plain(nn.AdaptiveAvgPool1d(3), 2, 2, 7),
    "AdaptiveAvgPool2d": plain(nn.AdaptiveAvgPool2d((2, 3)), 1, 2, 5, 7),
    "AdaptiveAvgPool3d": plain(nn.AdaptiveAvgPool3d(1), 2, 3, 2, 3, 4),
    "AdaptiveMaxPool1d": plain(nn.AdaptiveMaxPool1d(3), 2, 2, 7),
    "AdaptiveMaxPool2d": plain(nn.AdaptiveMaxPool2d((2, 3)), 1, 2, 5, 7),
    "AdaptiveMaxPool3d": plain(nn.AdaptiveMaxPool3d(2), 1, 2, 3, 4, 5),
    "BatchNorm1d": plain(nn.BatchNorm1d(3), 4, 3),
    "training BatchNorm1d": plain(nn.BatchNorm1d(3, momentum=0.3), 4, 3, 2),
    "BatchNorm2d": plain(nn.BatchNorm2d(2, eps=1e-3, affine=False), 2, 2, 3, 3),
    "training BatchNorm2d": plain(nn.BatchNorm2d(2, affine=False), 2, 2, 3, 3),
    "training BatchNorm3d": plain(nn.BatchNorm3d(2), 2, 2, 2, 2, 3),
    "InstanceNorm1d": plain(nn.InstanceNorm1d(3), 2, 3, 5),
    "InstanceNorm2d": plain(nn.InstanceNorm2d(2, affine=True, track_running_stats=True), 2, 2, 3, 3),
    "training InstanceNorm2d": plain(nn.InstanceNorm2d(2, affine=True, track_running_stats=True), 2, 2, 3, 3),
    "InstanceNorm3d": plain(nn.InstanceNorm3d(2, affine=True, eps=1e-2), 1, 2, 2, 3, 2),
    "GroupNorm": plain(nn.GroupNorm(2, 6), 2, 6, 3),
    "GroupNorm plain": plain(nn.GroupNorm(3, 6, affine=False, eps=1e-2), 2, 6),
    "LayerNorm": plain(nn.LayerNorm(5), 2, 3, 5),
    "LayerNorm two axes": plain(nn.LayerNorm((3, 5), eps=1e-2), 2, 3, 5),
    "LayerNorm plain": plain(nn.LayerNorm(5, elementwise_affine=False), 2, 5),
    "LayerNorm no bias": plain(LayerNormNoBias(5), 2, 5),
    "RMSNorm": plain(RMSNorm(5), 2, 3, 5),
    "ReLU": plain(nn.ReLU(), 2, 5),
    "ReLU6": plain(nn.ReLU6(), 2, 5),
    "LeakyReLU": plain(nn.LeakyReLU(0.2), 2, 5),
    "LeakyReLU default": plain(nn.LeakyReLU(), 2, 5),
    "PReLU": plain(nn.PReLU(), 2, 5),
    "PReLU channels": plain(nn.PReLU(3), 2, 3, 2, 2),
    "ELU": plain(nn.ELU(0.7), 2, 5),
    "SELU": plain(nn.SELU(), 2, 5),
    "CELU": plain(nn.CELU(0.7), 2, 5),
    "GELU": plain(nn.GELU(), 2, 5),
    "GELU tanh": plain(nn.GELU(approximate="tanh"), 2, 5),
    "SiLU": plain(nn.SiLU(), 2, 5),
    "Mish": plain(nn.Mish(), 2, 5),
    "Tanh": plain(nn.Tanh(), 2, 5),
    "Sigmoid": plain(nn.Sigmoid(), 2, 5),
    "LogSigmoid": plain(nn.LogSigmoid(), 2, 5),
    "Softplus": plain(nn.Softplus(beta=2), 2, 5),
    "Softsign": plain(nn.Softsign(), 2, 5),
    "Hardtanh": plain(nn.Hardtanh(-0.3, 0.6), 2, 5),
    "Hardsigmoid": plain(nn.Hardsigmoid(), 2, 5),
    "Hardswish": plain(nn.Hardswish(), 2, 5),
    "Threshold": plain(nn.Threshold(0.1, 5.0), 2, 5),
    "GLU": plain(nn.GLU(1), 2, 4, 3),
    "Softmax": plain(nn.Softmax(1), 2, 4, 3),
    "LogSoftmax": plain(nn.LogSoftmax(-1), 2, 5),
    "Identity": plain(nn.Identity(), 2, 5),
    "Flatten": plain(nn.Flatten(), 2, 2, 3),
    "Unflatten": plain(nn.Unflatten(1, (2, -1)), 2, 6, 2),
    "Upsample": plain(nn.Upsample(scale_factor=2), 1, 2, 3),
    "Upsample linear": plain(nn.Upsample(size=(4, 5), mode="bilinear", align_corners=True), 1, 1, 3, 3),
    "PixelShuffle": plain(nn.PixelShuffle(2), 1, 8, 2, 3),
    "PixelUnshuffle": plain(nn.PixelUnshuffle(2), 1, 2, 4, 6),
    "Dropout": plain(nn.Dropout(), 2, 5),
    "Dropout1d": plain(nn.Dropout1d(), 2, 5, 2),
    "Dropout2d": plain(nn.Dropout2d(), 2, 5, 2, 1),
    "Dropout3d": plain(nn.Dropout3d(), 2, 5, 2, 1, 1),
    "Embedding": plain(nn.Embedding(7, 3), "i32", 2, 4),
    "Embedding padding": plain(nn.Embedding(7, 3, padding_idx=-2), "i32", 9),
    "Sequential": plain(nn.Sequential(nn.Linear(5, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))), 3, 5),
    "LSTM": (nn.LSTM(3, 2), [(4, 2, 3)], lambda m, x: m(x)[0]),
    "LSTM deep": recurrent(nn.LSTM(3, 2, num_layers=2, batch_first=True, bidirectional=True),
                           (2, 4, 3), (4, 2, 2), (4, 2, 2)),
    "GRU": (nn.GRU(3, 2, bias=False), [(4, 2, 3)], lambda m, x: m(x)[0]),
    "GRU deep": recurrent(nn.GRU(3, 2, num_layers=2, bidirectional=True), (4, 2, 3), (4, 2, 2)),
    "RNN": (nn.RNN(3, 2, batch_first=True), [(2, 4, 3)], lambda m, x: m(x)[0]),
    "RNN relu": recurrent(nn.RNN(3, 2, num_layers=3, nonlinearity="relu"), (4, 2, 3), (3, 2, 2)),
    "MultiheadAttention": self_attention(nn.MultiheadAttention(6, 2, batch_first=True), 2, 4, 6),
    "MultiheadAttention causal": self_attention(
        nn.MultiheadAttention(6, 3, bias=False, batch_first=True), 2, 4, 6, attn_mask=causal(4)),
    "MultiheadAttention cross": attention(
        nn.MultiheadAttention(6, 2, batch_first=True), (2, 3, 6), (2, 4, 6), (2, 4, 6)),
    "MultiheadAttention kdim": attention(
        nn.MultiheadAttention(6, 2, kdim=5, vdim=3, batch_first=True), (2, 3, 6), (2, 4, 5), (2, 4, 3)),
    "MultiheadAttention padding": self_attention(
        nn.MultiheadAttention(6, 2, batch_first=True), 2, 4, 6,
        key_padding_mask=torch.tensor([[False, False, False, True], [False, True, True, False]])),
    "TransformerEncoderLayer": plain(transformer_layer(nn.TransformerEncoderLayer), 2, 4, 6),
    "TransformerEncoderLayer causal": (
        transformer_layer(nn.TransformerEncoderLayer, norm_first=True, activation="gelu"),
        [(2, 4, 6)], lambda m, x: m(x, causal(4))),
    "TransformerEncoder": plain(
        nn.TransformerEncoder(transformer_layer(nn.TransformerEncoderLayer), 2, nn.LayerNorm(6)), 2, 4, 6),
    "TransformerEncoder causal": (
        nn.TransformerEncoder(transformer_layer(nn.TransformerEncoderLayer, layer_norm_eps=1e-2), 2),
        [(2, 4, 6)], lambda m, x: m(x, causal(4))),
    "TransformerDecoderLayer": (
        transformer_layer(nn.TransformerDecoderLayer), [(2, 3, 6), (2, 4, 6)], lambda m, x, y: m(x, y)),
    "TransformerDecoderLayer causal": (
        transformer_layer(nn.TransformerDecoderLayer, norm_first=True), [(2, 3, 6), (2, 4, 6)],
        lambda m, x, y: m(x, y, tgt_mask=causal(3))),
    "Residual": plain(Residual(nn.Sequential(nn.Linear(5, 5), nn.Tanh())), 2, 5),
    "Residual shortcut": plain(Residual(nn.Linear(5, 3), nn.Linear(5, 3, bias=False)), 2, 5),
    "Ensemble": plain(Ensemble("probabilities", *(nn.Linear(5, 3) for _ in range(3))), 2, 5),
    "Ensemble votes": plain(Ensemble("votes", *(nn.Linear(5, 3) for _ in range(4))), 7, 5),
    "Ensemble positions": plain(Ensemble("votes", *(nn.Conv1d(2, 3, 1) for _ in range(3))), 2, 2, 4),
    "Ensemble outputs": plain(Ensemble("outputs", *(nn.Linear(5, 3) for _ in range(2))), 2, 5),
}


def value(name, shape):
    if shape and shape[0] == "i32":
        return below(7, name, math.prod(shape[1:])).reshape(shape[1:])
    return uniform(name, shape)


def state_of(module):
    return without_counters(module.state_dict())


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.flatten().tolist()]


def record(name):
    module, shapes, call = CASES[name]
    module = module.double().train(name.startswith("training"))
    with torch.no_grad():
        for tensor_name, tensor in state_of(module).items():
            tensor.copy_(start_value(tensor_name, tuple(tensor.shape)))
        state = [[tensor_name, list(tensor.shape)] for tensor_name, tensor in state_of(module).items()]
        outputs = call(module, *(value(f"input {i}", shape) for i, shape in enumerate(shapes)))
    if not isinstance(outputs, tuple):
        outputs = (outputs,)
    if name.startswith("training"):  # the statistics as they are now
        outputs += tuple(module.state_dict()[n].double() for n in ("running_mean", "running_var"))
    return {
        "state": state,
        "inputs": [list(shape) for shape in shapes],
        "outputs": [{"shape": list(y.shape), "values": rounded(y)} for y in outputs],
    }


def main():
    torch.set_num_threads(1)
    rows = [f" {json.dumps(name)}: {json.dumps(record(name))}" for name in CASES]
    made = json.dumps(f"PyTorch {torch.__version__}, float64")
    path = pathlib.Path(__file__).with_name("pytorch.json")
    path.write_text("{\n \"made_with\": " + made + ",\n" + ",\n".join(rows) + "\n}\n")
    print(f"{path.name}: {len(rows)} layers, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
